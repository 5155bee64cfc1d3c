"""The air process: `python -m nightcast.air RUN.json`. One thread paces, mixes and encodes; outputs have threads of
their own.

For each frame that is due: mix its samples, take its picture from the frame ring (or repeat the newest older
one), encode both, hand them to the outputs, write the clock page. Neither stage nor director need be there:
without the stage the last picture stays, without the director what was scheduled plays on.
"""

from __future__ import annotations

import logging
import select
import signal
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from nightcast.air import sound
from nightcast.air.clock import ProgrammeClock, StageLead
from nightcast.air.encoder import Encoder, EncoderSettings
from nightcast.air.errors import SoundError
from nightcast.air.messages import (
    TO_AIR,
    AddOutput,
    AirEnded,
    AirState,
    AirStats,
    ClipEnded,
    ClipFailed,
    ClipStarted,
    ClipTorn,
    ClockReanchored,
    PlayClip,
    SetBed,
    StopClip,
    ToAir,
)
from nightcast.air.mixer import Mixer, Started
from nightcast.air.outputs.programme import Outputs
from nightcast.air.sound import Samples, Sound
from nightcast.process.channel import Client
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage, FrameRing
from nightcast.show.fields import Text

if TYPE_CHECKING:
    from av import VideoFrame

log = logging.getLogger(__name__)

_CLOSE_S = 8.0
_REMEMBERED_CLIPS = 64
_MOST_LEAD_FRAMES = 5  # the director sends cues a quarter of a second ahead


@dataclass(frozen=True)
class _Loading:
    message: PlayClip | SetBed
    sound: Future[Sound]


class Air:
    """Everything of the process but its loop: takes messages, makes frames."""

    def __init__(
        self,
        page: ClockPage,
        ring: FrameRing,
        settings: EncoderSettings,
        metadata: Mapping[str, str],
        send: Callable[[BaseModel], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._page = page
        self._ring = ring
        self._send = send
        self._monotonic = monotonic
        start = page.read()
        self._lead = StageLead(start.stage_lead_frames, most=min(_MOST_LEAD_FRAMES, ring.slots - 1))
        now_s = monotonic()
        fresh = start.last_frame < 0
        self.clock = ProgrammeClock(start.fps, now_s) if fresh else ProgrammeClock.resumed(start, now_s)
        self._encoder = Encoder(settings, self.clock.next_frame)
        self._mixer = Mixer(self.clock.sample_of(self.clock.next_frame))
        self._outputs = Outputs(self._encoder, ring.name, metadata, Random())
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._loading: list[_Loading] = []
        self._torn: set[Path] = set()  # files that were told to be so
        self._ended: deque[ClipEnded] = deque(maxlen=_REMEMBERED_CLIPS)
        self.finished = False  #: no further frame is wanted
        self._picture = _Picture(self._encoder, self._ring)
        self._stats = _Stats()

    def state(self) -> AirState:
        return AirState(sample=self._mixer.position, playing=self._mixer.playing, ended=tuple(self._ended))

    def handle(self, message: ToAir) -> None:
        match message:
            case PlayClip() | SetBed(path=Path()):
                assert message.path is not None
                self._loading.append(_Loading(message, self._decoder.submit(sound.load, message.path)))
            case SetBed():
                self._mixer.set_bed(None, fade_s=message.fade_s)
            case StopClip():
                self._loading = [item for item in self._loading if not _stops(message, item.message)]
                self._mixer.stop(message.id, message.fade_s)
            case AddOutput():
                self._outputs.add(message.output)

    def make_frame(self) -> None:
        """Mix, picture, encode, hand out: one frame."""
        if reanchored := self.clock.settle(self._monotonic()):
            log.warning("the programme stood still for %.1f s", reanchored.lost_s)
            self._send(ClockReanchored(at=reanchored.at_sample, lost_s=reanchored.lost_s))
        self._start_loaded()
        began_s = self._monotonic()
        frame = self.clock.advance()
        samples, events = self._mixer.read(self.clock.samples_per_frame)
        repeated = self._picture.update(frame)
        lag_frames = frame - self._picture.index
        self._outputs.packets(self._encoder.encode(self._picture.converted, samples))
        self._outputs.frame(frame, self._picture.pixels, samples)
        self._page.write(self.clock.reading(self._lead.frames))
        self._stats.frame(samples, self._monotonic() - began_s, lag_frames, repeated=repeated)
        for event in events:
            if isinstance(event, Started):
                self._send(ClipStarted(id=event.id, at=event.at))
            else:
                ended = ClipEnded(id=event.id, at=event.at, cut=event.cut)
                self._ended.append(ended)
                self._send(ended)
        if self.clock.next_frame % self.clock.fps == 0:
            stats = self._stats.take(self._mixer.position, self._encoder.codec, self._outputs)
            self._lead.judge(stats.lag_frames)
            self._send(stats)

    def end(self) -> None:
        """Make no further frame."""
        self.finished = True

    def close(self) -> None:
        """Finish the encoder and close every output."""
        self._outputs.packets(self._encoder.finish())
        self._outputs.close(_CLOSE_S)
        self._decoder.shutdown(wait=False, cancel_futures=True)
        self._send(AirEnded(sample=self._mixer.position))

    def _start_loaded(self) -> None:
        """Schedule what has been decoded, in the order in which it was asked for."""
        while self._loading and self._loading[0].sound.done():
            message, loaded = self._loading[0].message, self._loading[0].sound
            del self._loading[0]
            try:
                self._start(message, loaded.result())
            except SoundError as error:
                log.warning("%s", error)
                name = message.id if isinstance(message, PlayClip) else "music"
                self._send(ClipFailed(id=name, reason=error.told))

    def _start(self, message: PlayClip | SetBed, loaded: Sound) -> None:
        if loaded.cut_off and message.path is not None and message.path not in self._torn:
            self._torn.add(message.path)
            log.warning("%s ends before its sound does", message.path)
            self._send(ClipTorn(path=message.path))
        if isinstance(message, SetBed):
            self._mixer.set_bed(loaded.samples, gain_db=message.gain_db, duck_db=message.duck_db, fade_s=message.fade_s)
            return
        begin = self._mixer.play(
            message.id,
            loaded.samples,
            message.at,
            gain_db=message.gain_db,
            bus=message.bus,
            join=message.late == "join",
        )
        if begin is None:
            self._send(ClipFailed(id=message.id, reason=Text(en="its time has passed", zh="已经过了播放时间")))


def _stops(stop: StopClip, message: PlayClip | SetBed) -> bool:
    return isinstance(message, PlayClip) and (message.id == stop.id if stop.id is not None else message.bus == "speech")


class _Picture:
    """The picture on air: from the ring, or the last one while none is newer; black before the first."""

    def __init__(self, encoder: Encoder, ring: FrameRing) -> None:
        self._encoder = encoder
        self._ring = ring
        self.index = -1
        self.pixels = np.zeros((ring.height, ring.width, 4), np.uint8)
        self.pixels[..., 3] = 255
        self.converted: VideoFrame = encoder.convert(self.pixels)

    def update(self, index: int) -> bool:
        """Go to frame `index`, or the newest before it; True when that is the picture shown already."""
        before = self.index
        while (found := self._ring.at(index)) is not None and found.index != self.index:
            converted = self._encoder.convert(found.pixels)
            if found.intact():
                self.index, self.pixels, self.converted = found.index, found.pixels, converted
                break
        return self.index == before


class _Stats:
    """Gathers a second's figures."""

    def __init__(self) -> None:
        self._frames = 0
        self._repeated = 0
        self._square = 0.0
        self._peak = 0.0
        self._took_s: list[float] = []
        self._lags: list[int] = []

    def frame(self, samples: Samples, took_s: float, lag_frames: int, *, repeated: bool) -> None:
        self._frames += 1
        self._lags.append(lag_frames)
        self._repeated += repeated
        self._square += float(np.mean(np.square(samples, dtype=np.float64)))
        self._peak = max(self._peak, float(np.abs(samples).max()))
        self._took_s.append(took_s)

    def take(self, sample: int, encoder: str, outputs: Outputs) -> AirStats:
        stats = AirStats(
            sample=sample,
            frames=self._frames,
            repeated=self._repeated,
            lag_frames=statistics.median(self._lags),
            rms_db=_decibels((self._square / len(self._took_s)) ** 0.5),
            peak_db=_decibels(self._peak),
            encode_ms=1000 * statistics.median(self._took_s),
            encoder=encoder,
            outputs=outputs.health(),
        )
        self._square = self._peak = 0.0
        self._took_s.clear()
        self._lags.clear()
        return stats


def _decibels(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1e-6)))


class AirRun(BaseModel):
    """What the process must know; other fields of the file are for others."""

    clock: str  #: name of the clock page
    ring: str  #: name of the frame ring
    socket: Path  #: the director's
    codec: Literal["auto", "libx264", "h264_nvenc"] = "auto"
    preset: str = EncoderSettings.preset
    video_bps: int = 0
    first_picture_s: float = 20.0  #: how long a new programme waits for the stage's first picture
    metadata: dict[str, str] = {}  #: written into every container, for instance an AI label


def _await_picture(air: Air, ring: FrameRing, client: Client[ToAir], heartbeat: Heartbeat, patience_s: float) -> None:
    """A programme begins with a picture: wait for the stage's first one, but not for ever; then the clock starts."""
    deadline_s = time.monotonic() + patience_s
    while ring.newest < 0 and not air.finished and time.monotonic() < deadline_s:
        fd = client.fileno()
        select.select([] if fd is None else [fd], [], [], 0.02)
        for message in client.poll():
            air.handle(message)
        heartbeat.beat()
    air.clock.begin(time.monotonic())


def run(plan: AirRun) -> None:
    """The process's life, until SIGTERM. The size is the ring's, the rate the clock's."""
    heartbeat = Heartbeat.inherited()
    page, ring = ClockPage.attach(plan.clock), FrameRing.attach(plan.ring)
    settings = EncoderSettings(
        width=ring.width,
        height=ring.height,
        fps=page.read().fps,
        codec=plan.codec,
        preset=plan.preset,
        video_bps=plan.video_bps,
    )
    client: Client[ToAir] = Client(plan.socket, "air", TO_AIR, greeting=lambda: [air.state()])
    air = Air(page, ring, settings, plan.metadata, client.send)
    signal.signal(signal.SIGTERM, lambda *_: air.end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the director's to act on
    if page.read().last_frame < 0:
        _await_picture(air, ring, client, heartbeat, plan.first_picture_s)
    while not air.finished:
        wait_s = air.clock.wait_s(time.monotonic())
        if wait_s > 0:
            fd = client.fileno()
            select.select([] if fd is None else [fd], [], [], wait_s)
        for message in client.poll():
            air.handle(message)
        if air.clock.wait_s(time.monotonic()) == 0:
            air.make_frame()
            heartbeat.beat()
    air.close()
    client.close()
    page.close()
    ring.close()
