"""The stage's process: takes cues from the director, draws the frames that the clock wants into the frame ring.

It draws `stage_lead_frames` ahead of the air. Fallen behind, it leaves frames out, never time: a frame always shows
its own sample. Without the director what is on stage lives on; without the air it waits. One thread.
"""

from __future__ import annotations

import logging
import select
import signal
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from nightcast.process.channel import Client
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage, FrameRing
from nightcast.show.errors import ShowError
from nightcast.stage.cues import AnyCue
from nightcast.stage.governor import Governor, Quality
from nightcast.stage.messages import SceneChanged, SceneRefused, StageMetrics, StageWarning
from nightcast.stage.studio import Studio

__all__ = ["Pace", "StageProcess"]

log = logging.getLogger(__name__)

_TURN_S = 0.004  # how often the clock is looked at while nothing is due
_METRICS_S = 5.0
_RELOAD_S = 0.4
_ABOUT = 1.05  # frames that come one after the other, each as soon as it may, take a frame's time and no less


@dataclass
class Pace:
    """Which frame to draw next, and how it goes. Pure: what the clock says is passed in."""

    slack: int  #: frames that may be made up for after a hitch; more are left out
    frame_s: float = 1 / 30
    last: int = -1
    skipped: int = 0
    stride: int = 1  #: of so many frames one is drawn
    _draws_s: deque[float] = field(default_factory=lambda: deque(maxlen=300))

    def next(self, wanted: int) -> int | None:
        """The frame to begin now, or None when `wanted` and all before are begun.

        One frame after the other while that keeps up; else straight to the one that is wanted. A stage that is too
        slow for its frames must not try to make up for any: each would come too late, and so would all after it.
        """
        if wanted <= self.last:
            # The clock began anew: what was drawn ahead of it is of no use.
            if wanted < self.last - 2 * self.slack - 2:
                self.last = wanted - 1
            return None
        behind = wanted - self.last - 1
        if behind < self.stride - 1 and self.last >= 0:
            return None
        slack = self.slack if self._keeps_up else 0
        frame = self.last + self.stride if self.last >= 0 and behind <= slack + self.stride - 1 else wanted
        if self.last >= 0:
            self.skipped += frame - self.last - self.stride
        self.last = frame
        return frame

    @property
    def _keeps_up(self) -> bool:
        recent = list(self._draws_s)[-15:]
        return not recent or statistics.median(recent) <= _ABOUT * self.frame_s * self.stride

    def took(self, seconds: float) -> None:
        """A frame was drawn in this time."""
        self._draws_s.append(seconds)

    def percentiles_ms(self) -> tuple[float, float]:
        """(median, 95th percentile) of the last draws, in milliseconds."""
        if not self._draws_s:
            return 0.0, 0.0
        ordered = sorted(self._draws_s)
        return statistics.median(ordered) * 1e3, ordered[int(0.95 * (len(ordered) - 1))] * 1e3


class StageProcess:
    """The loop between channel, clock, studio and ring."""

    def __init__(
        self,
        studio: Studio,
        channel: Client[AnyCue],
        clock: ClockPage,
        ring: FrameRing,
        heartbeat: Heartbeat,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._studio, self._channel, self._clock, self._ring = studio, channel, clock, ring
        self._heartbeat = heartbeat
        self._monotonic = monotonic
        reading = clock.read()
        # A frame takes up to two frames of the lead until it is there; what is left can be made up for.
        self._pace = Pace(slack=max(reading.stage_lead_frames - 2, 0), frame_s=1 / reading.fps)
        self._governor = Governor(reading.fps)
        self._layout = studio.renderer.air_layout
        self._begun: deque[tuple[int, float]] = deque()  # frame, and when it was begun
        self._finished_s = 0.0  # when the last one was
        self._stopping = False
        self._metrics_due_s = self._reload_due_s = 0.0
        self._metrics_frame, self._metrics_since_s = 0, monotonic()

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            if not self.turn():
                self._wait()
        self._channel.close()

    def turn(self) -> bool:
        """Take what came, then begin a frame that is due, or finish one. False when there was nothing to do.

        A frame is begun when it is due, also while the device still draws the one before: on a processor this
        thread's work and the driver's overlap.
        """
        self._studio.apply(self._channel.poll())
        self._heartbeat.beat()
        frame = self._pace.next(self._clock.read().frame_to_draw)
        if frame is not None:
            self._begun.append((frame, self._monotonic()))
            self._studio.begin(frame, self._layout)
        if not self._begun:
            return self._use_spare_time()
        if len(self._begun) < self._studio.most_in_flight and not self._studio.wait(_TURN_S):
            return True
        number, begun_s = self._begun.popleft()
        with self._ring.writing(number, self._layout) as slot:
            self._studio.finish(into=slot.reshape(-1).data)
        # What the device was kept busy with before is the other frame's.
        since_s, self._finished_s = max(begun_s, self._finished_s), self._monotonic()
        took_s = self._finished_s - since_s
        self._pace.took(took_s)
        quality = self._governor.observe(took_s)
        if quality is not None:
            self._draw_at(quality)
        self._report()
        return True

    def _draw_at(self, quality: Quality) -> None:
        """Change the quality. Frames in flight are given up; air shows the one before them a moment longer."""
        light = "plain" if quality.plain else "full"
        log.info(
            "drawing at %.0f %% of the size, %s light, one frame in %d", 100 * quality.scale, light, quality.stride
        )
        self._begun.clear()
        self._studio.renderer.rescale(quality.scale, plain=quality.plain)
        self._pace.stride = quality.stride

    def _use_spare_time(self) -> bool:
        """Between frames: look for edits, or load a scene that was not shown yet. True if that took time."""
        now_s = self._monotonic()
        if now_s >= self._reload_due_s:
            self._reload_due_s = now_s + _RELOAD_S
            self._reload()
            return True
        return self._pace.last >= 0 and self._studio.prepare_next()

    def _reload(self) -> None:
        try:
            if self._studio.reload() and self._studio.state is not None:
                self._channel.send(SceneChanged(scene=self._studio.state.scene))
        except ShowError as error:
            self._channel.send(SceneRefused(problems=tuple(str(problem) for problem in error.problems)))

    def _report(self) -> None:
        for warning in self._studio.take_warnings():
            log.warning("%s", warning)
            self._channel.send(StageWarning(text=warning))
        now_s = self._monotonic()
        if now_s < self._metrics_due_s:
            return
        self._metrics_due_s = now_s + _METRICS_S
        p50, p95 = self._pace.percentiles_ms()
        passed_s = max(now_s - self._metrics_since_s, 1e-3)
        self._channel.send(
            StageMetrics(
                frame=self._pace.last,
                fps=round((self._pace.last - self._metrics_frame) / passed_s, 2),
                draw_ms_p50=round(p50, 2),
                draw_ms_p95=round(p95, 2),
                skipped=self._pace.skipped,
                quality=self._governor.quality.scale,
                stride=self._governor.quality.stride,
                draw_calls=self._studio.renderer.figures.draw_calls,
                live_objects=self._studio.live_objects,
            )
        )
        self._metrics_frame, self._metrics_since_s = self._pace.last, now_s

    def _wait(self) -> None:
        """Until the director says something or the clock should be looked at again."""
        descriptor = self._channel.fileno()
        select.select([] if descriptor is None else [descriptor], [], [], _TURN_S)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
