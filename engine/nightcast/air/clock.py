"""The programme clock: audio samples at 48 kHz, video frames and wall time, and when each frame is due.

Pure: monotonic time is passed in. Frame k begins at sample k·48000/fps. The clock only goes forward. After a
short stall the frames that are overdue are made at once, so no sample is lost and outputs catch up; after a
long one (the machine slept) the clock is anchored anew at the present and says so, rather than rushing for
minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

from nightcast.process.shared import SAMPLE_RATE_HZ, ClockReading

#: A stall longer than this is not caught up. Platforms buffer some seconds; beyond that viewers have left.
MAX_CATCH_UP_S = 2.0


@dataclass(frozen=True)
class Reanchored:
    """The programme stood still for `lost_s` seconds; it goes on at the sample where it stopped."""

    at_sample: int
    lost_s: float


class ProgrammeClock:
    """Says which frame is next and when it is due."""

    def __init__(self, fps: int, now_s: float, next_frame: int = 0) -> None:
        if fps <= 0 or SAMPLE_RATE_HZ % fps:
            raise ValueError(f"fps must divide {SAMPLE_RATE_HZ}, and {fps} does not")
        self.fps = fps
        self.samples_per_frame = SAMPLE_RATE_HZ // fps
        self.next_frame = next_frame
        self.epoch_s = now_s - next_frame / fps  #: monotonic time of sample 0

    @classmethod
    def resumed(cls, page: ClockReading, now_s: float) -> ProgrammeClock:
        """A dead air's clock, going on: at the frame due now if it died just now, else where it stopped."""
        clock = cls(page.fps, now_s, page.last_frame + 1)
        gap_frames = int((now_s - page.epoch_s) * page.fps) - clock.next_frame
        if 0 < gap_frames <= MAX_CATCH_UP_S * page.fps:
            # The missed frames cannot be made good, for the outputs' headers are new anyway: skip to the
            # present.
            clock.next_frame += gap_frames
            clock.epoch_s = page.epoch_s
        return clock

    def begin(self, now_s: float) -> None:
        """The next frame is due now."""
        self.epoch_s = now_s - self.next_frame / self.fps

    def sample_of(self, frame: int) -> int:
        return frame * self.samples_per_frame

    def frame_of(self, sample: int) -> int:
        """The frame on show at this sample."""
        return sample // self.samples_per_frame

    def due_s(self, frame: int) -> float:
        return self.epoch_s + frame / self.fps

    def wait_s(self, now_s: float) -> float:
        """How long until the next frame is due; 0 when it is due or overdue."""
        return max(0.0, self.due_s(self.next_frame) - now_s)

    def behind_s(self, now_s: float) -> float:
        return max(0.0, now_s - self.due_s(self.next_frame))

    def settle(self, now_s: float) -> Reanchored | None:
        """To be asked before each frame: anchors the clock anew after a stall too long to catch up."""
        lost_s = self.behind_s(now_s)
        if lost_s <= MAX_CATCH_UP_S:
            return None
        self.epoch_s += lost_s
        return Reanchored(self.sample_of(self.next_frame), lost_s)

    def advance(self) -> int:
        """The next frame is made; returns its index."""
        frame = self.next_frame
        self.next_frame += 1
        return frame

    def reading(self, stage_lead_frames: int) -> ClockReading:
        """For the clock page."""
        return ClockReading(
            self.sample_of(self.next_frame), self.fps, self.epoch_s, stage_lead_frames, self.next_frame - 1
        )


class StageLead:
    """How many frames ahead of the air the stage draws.

    A stage that needs longer for a frame than its lead gives is late with every picture, and so are the lips. Then it
    is sent further ahead, at most `most` frames: beyond that the ring has no slot and the director's cues no time.
    """

    _CALM_S = 60  # seconds without lateness after which it may come nearer again

    def __init__(self, frames: int, most: int) -> None:
        self._least = frames
        self._most = max(frames, most)
        self._calm_s = 0
        self.frames = frames

    def judge(self, lag_frames: float) -> None:
        """To be told once a second how late the pictures were, in frames."""
        self._calm_s = 0 if lag_frames > 0 else self._calm_s + 1
        if lag_frames > 0:
            self.frames = min(self.frames + 1, self._most)
        elif self._calm_s >= self._CALM_S:
            self.frames = max(self.frames - 1, self._least)
            self._calm_s = 0
