// A Nightcast plugin in JavaScript. It speaks the protocol of docs/protocol.md with Node's own WebSocket:
// copy `Session` for plugins of your own, and change what stands below it.

class Session {
  constructor(info, onEvent) {
    this.info = info; // {id, scopes, subs}
    this.onEvent = onEvent;
    this.token = process.env.NIGHTCAST_TOKEN ?? "";
    this.session = process.env.NIGHTCAST_SESSION ?? null;
    this.epoch = null;
    this.seq = null; // the last frame seen
    this.off = null;
    this.acked = 0;
    this.busy = new Set(); // seqs whose handlers are at work
    this.pauseMs = 100;
    this.actions = 0;
    this.run = Math.random().toString(36).slice(2, 8);
  }

  connect() {
    this.socket = new WebSocket(process.env.NIGHTCAST_HUB, ["nightcast.v1.json"]);
    this.socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    this.socket.onclose = (closed) => this.closed(closed.code);
    this.socket.onerror = () => {}; // `close` follows
  }

  closed(code) {
    clearInterval(this.ticker);
    if ([4001, 4002, 4003, 4004, 4005, 4006, 4011].includes(code)) process.exit(code === 4004 ? 3 : 0);
    if (code === 4007) this.session = null; // not known any more: identify
    setTimeout(() => this.connect(), this.pauseMs * (0.5 + Math.random() / 2));
    this.pauseMs = Math.min(10_000, this.pauseMs * 3);
  }

  send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  receive(frame) {
    switch (frame.op) {
      case "hello":
        return this.hello(frame);
      case "ready":
        this.session = frame.session;
        return this.open(frame, frame.seq);
      case "resumed":
        return this.open(frame, this.seq);
      case "resync":
        return this.open(frame, frame.seq);
      case "batch":
        return frame.frames.forEach((one) => this.receive(one));
      case "flow": // frames that will not come, and why
        this.seq = Math.max(this.seq ?? 0, frame.to);
        return;
      case "event":
        return this.event(frame);
      case "ping":
        return this.send({ op: "pong", t: frame.t });
    } // what is unknown is of a later version: not for us
  }

  hello(frame) {
    const known = this.session !== null && (this.epoch === null || this.epoch === frame.epoch);
    this.epoch = frame.epoch;
    if (known) {
      const { session, epoch, token, seq, off } = this;
      this.send({ op: "resume", proto: 1, session, epoch, token, seq, off });
    } else {
      const { id, scopes, subs } = this.info;
      this.send({ op: "identify", proto: 1, plugin: { id, sdk: "plain-js" }, token: this.token, scopes, subs });
    }
  }

  open(frame, seq) {
    this.token = frame.token ?? this.token;
    this.seq = seq;
    if (frame.op !== "resumed") {
      this.acked = seq ?? 0;
      this.busy.clear();
    }
    this.pauseMs = 100;
    this.ticker = setInterval(() => this.acknowledge(), 500);
  }

  async event(frame) {
    if (this.seq !== null && frame.seq <= this.seq) return; // a repeat
    if (this.seq !== null && frame.seq > this.seq + 1) return this.socket.close(); // lost without a word: resume
    this.seq = frame.seq;
    this.off = frame.off;
    this.busy.add(frame.seq);
    try {
      await this.onEvent(frame, this);
    } catch (error) {
      console.error(`${frame.type}: ${error}`);
    }
    this.busy.delete(frame.seq);
    if (this.seq - this.acked >= 64) this.acknowledge();
  }

  acknowledge() {
    const upto = this.busy.size ? Math.min(...this.busy) - 1 : this.seq ?? 0;
    if (upto > this.acked) this.send({ op: "ack", seq: (this.acked = upto) });
  }

  act(type, d, idem) {
    const id = `${this.run}-${++this.actions}`;
    this.send({ op: "action", id, type, d, idem: idem ?? id, ttl_ms: 15_000 });
  }
}

const info = {
  id: "hello_js",
  scopes: ["room.comment:read", "speech:write"],
  subs: [{ type: "comment.new", where: { text: { contains: "hello" } } }],
};

let last = 0;
new Session(info, async (event, session) => {
  if (event.type !== "comment.new" || event.ts - last < 30_000) return;
  last = event.ts;
  session.act("speech.say", { text: `Hello ${event.d.user.nickname}!` }, `hello-${event.id}`);
}).connect();
