// Plays the night's HLS (fragmented MP4) through Media Source Extensions, close to the live edge.
// Chromium and Firefox have no HLS of their own; Safari has, and is handed the playlist.

const POLL_MS = 300;
const KEEP_BEHIND_S = 30; // media kept for nothing but the browser's own seeking
const TARGET_S = 2.5; // a segment is 2 s long: less would run dry between two of them
const FAR_S = 6; // beyond this it jumps instead of hurrying
const STALE_S = 20; // a playlist whose newest segment is older is what a past night has left

/** Follows `playlistUrl` on `video`. `onState` hears "waiting", "playing" and "muted". */
export class LivePlayer {
  constructor(video, playlistUrl, onState) {
    this.video = video;
    this.url = new URL(playlistUrl, location.href);
    this.onState = onState;
    this.newestAt = null; // wall clock at the end of the newest segment that is here
    this.clockOffset_ms = 0; // the server's clock minus this device's
    if (window.ManagedMediaSource === undefined && window.MediaSource === undefined) {
      video.src = this.url;
      this.play();
    } else {
      this.run();
    }
    video.addEventListener("playing", () => this.onState(video.muted ? "muted" : "playing"));
  }

  /** Seconds of media that are here and not shown yet. */
  get ahead() {
    const ranges = this.video.buffered;
    return ranges.length ? ranges.end(ranges.length - 1) - this.video.currentTime : 0;
  }

  /** Seconds between the programme and what is shown, by the playlist's wall clock; null where it has none. */
  get delay() {
    return this.newestAt ? Math.max(0, (this.now() - this.newestAt) / 1000 + this.ahead) : null;
  }

  async unmute() {
    this.video.muted = false;
    await this.play();
  }

  /** Starts with sound where the browser allows it, else without. */
  async play() {
    try {
      await this.video.play();
    } catch (error) {
      if (error.name !== "NotAllowedError") return;
      this.video.muted = true;
      await this.video.play().catch(() => {});
      this.onState("muted");
    }
  }

  async run() {
    for (;;) {
      try {
        await this.watch();
      } catch (error) {
        console.warn("player:", error.message);
      }
      this.onState("waiting");
      await sleep(1000);
    }
  }

  /** One media source, until it fails or the stream is over. */
  async watch() {
    this.newestAt = null;
    const first = await this.playlist();
    if (first.ended || this.now() - first.segments.at(-1)?.endsAt > STALE_S * 1000) throw new Error("nothing is live");
    const init = await fetchBytes(this.resolve(first.map));
    const source = new (window.ManagedMediaSource ?? window.MediaSource)();
    this.video.disableRemotePlayback = true;
    this.video.src = URL.createObjectURL(source);
    await event(source, "sourceopen");
    URL.revokeObjectURL(this.video.src);
    const buffer = source.addSourceBuffer(`video/mp4; codecs="${codecs(init)}"`);
    buffer.mode = "sequence"; // after a restart of air its time begins anew; here it goes on
    await append(buffer, init);

    let next = first.first + Math.max(0, first.segments.length - 2); // two segments hold the delay we aim at
    let started = false;
    let idle = 0;
    for (;;) {
      const list = await this.playlist();
      if (next > list.first + list.segments.length) throw new Error("the stream has begun anew");
      if (next < list.first) next = list.first + list.segments.length - 1; // we were away
      let appended = false;
      for (; next < list.first + list.segments.length; next++) {
        const segment = list.segments[next - list.first];
        if (segment.discontinuity) await append(buffer, await fetchBytes(this.resolve(list.map)));
        await append(buffer, await fetchBytes(this.resolve(segment.uri)));
        this.newestAt = segment.endsAt;
        appended = true;
      }
      if (this.video.error) throw new Error(this.video.error.message);
      if (appended && !started) {
        const ranges = this.video.buffered;
        this.video.currentTime = Math.max(ranges.start(ranges.length - 1), ranges.end(ranges.length - 1) - TARGET_S);
        started = true;
        await this.play();
      }
      if (appended) await this.trim(buffer);
      if (started) this.steer();
      idle = appended ? 0 : idle + POLL_MS;
      // An ended playlist may go on when air starts again, so the source is left open for a while.
      if (idle > 12000) throw new Error("no new segment for 12 s");
      await sleep(POLL_MS);
    }
  }

  /** Keep to the live edge: hurry a little, jump when far behind, step over holes. */
  steer() {
    const { video, ahead } = this;
    const ranges = video.buffered;
    for (let n = 0; n < ranges.length; n++) {
      if (video.currentTime < ranges.start(n) - 0.05 && (n === 0 || video.currentTime >= ranges.end(n - 1) - 0.1)) {
        video.currentTime = ranges.start(n) + 0.01;
      }
    }
    if (ahead > FAR_S) video.currentTime += ahead - TARGET_S;
    video.playbackRate = ahead > TARGET_S + 1 ? 1.06 : 1;
    if (video.paused && !document.hidden) this.play();
  }

  async trim(buffer) {
    const until = this.video.currentTime - KEEP_BEHIND_S;
    if (buffer.buffered.length && buffer.buffered.start(0) < until - 10) {
      buffer.remove(0, until);
      await event(buffer, "updateend");
    }
  }

  async playlist() {
    const response = await fetch(this.url, { cache: "no-store" });
    if (!response.ok) throw new Error("there is no stream yet");
    // The header has whole seconds: a smaller difference is its rounding, not a wrong clock.
    const offset_ms = Date.parse(response.headers.get("Date")) - Date.now();
    this.clockOffset_ms = Math.abs(offset_ms) > 2000 ? offset_ms : 0;
    return parsePlaylist(await response.text());
  }

  now() {
    return Date.now() + this.clockOffset_ms;
  }

  resolve(uri) {
    return new URL(uri, this.url);
  }
}

/** The parts of a media playlist (RFC 8216) that we use. */
export function parsePlaylist(text) {
  const list = { first: 0, map: null, segments: [], ended: false };
  let discontinuity = false;
  let duration = 0;
  let startsAt = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) list.first = Number(line.slice(22));
    else if (line.startsWith("#EXT-X-MAP:")) list.map = /URI="([^"]+)"/.exec(line)[1];
    else if (line === "#EXT-X-ENDLIST") list.ended = true;
    else if (line === "#EXT-X-DISCONTINUITY") discontinuity = list.segments.length > 0 || discontinuity;
    else if (line.startsWith("#EXTINF:")) duration = parseFloat(line.slice(8));
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) startsAt = Date.parse(line.slice(25));
    else if (line && !line.startsWith("#")) {
      const endsAt = startsAt === null ? null : startsAt + duration * 1000;
      list.segments.push({ uri: line, discontinuity, endsAt });
      discontinuity = false;
      startsAt = null;
    }
  }
  if (!list.map) throw new Error("the playlist names no initialisation segment");
  return list;
}

/** RFC 6381 names of what the initialisation segment announces: H.264 by its avcC box, with AAC-LC. */
function codecs(init) {
  const bytes = new Uint8Array(init);
  for (let n = 4; n < bytes.length - 8; n++) {
    if (bytes[n] === 0x61 && bytes[n + 1] === 0x76 && bytes[n + 2] === 0x63 && bytes[n + 3] === 0x43) {
      const profile = [...bytes.slice(n + 5, n + 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return `avc1.${profile}, mp4a.40.2`;
    }
  }
  throw new Error("the initialisation segment holds no H.264");
}

async function append(buffer, bytes) {
  buffer.appendBuffer(bytes);
  await event(buffer, "updateend");
}

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: ${response.status}`);
  return response.arrayBuffer();
}

function event(target, name) {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    target.addEventListener("error", () => reject(new Error(`${name} did not come`)), { once: true });
  });
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
