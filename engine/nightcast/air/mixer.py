"""The audio mixer: clips at exact samples, a looping bed that ducks under speech, levels, and the limiter.
Pure numpy.

Sound is (n, 2) float32 at 48 kHz. `read` returns the next samples of the programme, so `position` is the
programme clock. The mix itself runs `limiter.REACH` samples (5 ms) ahead of what was read, so that the
limiter sees peaks before they come: a command takes effect at `head`. The result does not depend on the sizes
of the blocks that are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from nightcast.air.limiter import REACH, Limiter
from nightcast.air.sound import Samples
from nightcast.process.shared import SAMPLE_RATE_HZ

Bus = Literal["speech", "sting"]

# In samples. The bed is down when a word begins, stays down through pauses between sentences, and comes back
# slowly.
_DUCK_ATTACK = round(0.15 * SAMPLE_RATE_HZ)
_DUCK_HOLD = round(0.4 * SAMPLE_RATE_HZ)
_DUCK_RELEASE = round(0.8 * SAMPLE_RATE_HZ)


def gain_of(level_db: float) -> float:
    return float(10 ** (level_db / 20))


@dataclass(frozen=True)
class Started:
    """The first sample of a clip was read at `at` of the programme."""

    id: str
    at: int


@dataclass(frozen=True)
class Ended:
    """The sample after a clip's last is `at`. `cut`: it was stopped before its end."""

    id: str
    at: int
    cut: bool


@dataclass
class _Playing:
    id: str
    bus: Bus
    samples: Samples
    start: int  # programme sample of samples[0]
    gain: float
    begin: int  # first programme sample that is heard; later than `start` when it was joined late
    end: int  # sample after the last
    fade: int = 0  # samples of fade before `end`
    cut: bool = False

    def add_to(self, mix: Samples, at: int) -> None:
        """Add what falls into `mix`, whose first sample is programme sample `at`."""
        first, last = max(self.begin, at), min(self.end, at + len(mix))
        if first >= last:
            return
        part = self.samples[first - self.start : last - self.start] * self.gain
        if last > self.end - self.fade:
            remaining = self.end - np.arange(first, last)
            part = part * np.clip(remaining / self.fade, 0, 1)[:, None]
        mix[first - at : last - at] += part


@dataclass
class _Bed:
    samples: Samples
    gain: float
    duck_db: float
    start: int
    fade: int  # samples of fade-in, and of fade-out once `end` is set
    end: int | None = None


@dataclass
class Mixer:
    """Mixes the programme. `position`: the next sample that `read` returns."""

    position: int = 0
    _playing: list[_Playing] = field(default_factory=list)
    _beds: list[_Bed] = field(default_factory=list)
    _duck: float = 0.0  # 0: the bed is up, 1: it is down; a position on a ramp that is linear in decibels
    _down_until: int = 0  # the bed stays down until this sample, for speech that has ended
    _limiter: Limiter = field(default_factory=Limiter)
    _ahead: Samples = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    _pending: list[Started | Ended] = field(default_factory=list)

    @property
    def head(self) -> int:
        """The first sample not mixed yet: commands take effect here at the earliest."""
        return self.position + len(self._ahead)

    @property
    def playing(self) -> tuple[str, ...]:
        return tuple(clip.id for clip in self._playing)

    def play(
        self,
        clip_id: str,
        samples: Samples,
        at: int,
        *,
        gain_db: float = 0.0,
        bus: Bus = "speech",
        join: bool = False,
    ) -> int | None:
        """Start a clip at programme sample `at`; returns where it will be heard from.

        When `at` has passed the clip starts whole at `head`; with `join` it is heard from where it should be
        by now instead, and None is returned if that is beyond its end.
        """
        start = at if join else max(at, self.head)
        begin = max(start, self.head)
        end = start + len(samples)
        if begin >= end:
            return None
        self._playing.append(_Playing(clip_id, bus, samples, start, gain_of(gain_db), begin, end))
        self._pending.append(Started(clip_id, begin))
        return begin

    def stop(self, clip_id: str | None = None, fade_s: float = 0.02) -> None:
        """Fade a clip out now, or all speech. A clip that has not begun is taken back without a word."""
        fade = max(1, round(fade_s * SAMPLE_RATE_HZ))
        for clip in list(self._playing):
            if clip.cut or (clip.id != clip_id if clip_id is not None else clip.bus != "speech"):
                continue
            if clip.begin >= self.head:
                self._playing.remove(clip)
                self._pending.remove(Started(clip.id, clip.begin))
            elif clip.end > self.head + fade:
                clip.end, clip.fade, clip.cut = self.head + fade, fade, True

    def set_bed(
        self, samples: Samples | None, *, gain_db: float = -18.0, duck_db: float = -10.0, fade_s: float = 1.0
    ) -> None:
        """Change the music: it loops without a gap; None ends it. Old and new cross-fade over `fade_s`."""
        fade = max(1, round(fade_s * SAMPLE_RATE_HZ))
        for bed in self._beds:
            bed.end = min(bed.end or self.head + fade, self.head + fade)
        if samples is not None:
            self._beds.append(_Bed(samples, gain_of(gain_db), duck_db, self.head, fade))

    def read(self, count: int) -> tuple[Samples, list[Started | Ended]]:
        """The next `count` samples, and which clips began or ended within them."""
        mixed = self._mix(self.head, count + REACH - len(self._ahead))
        samples = np.concatenate([self._ahead, mixed])
        out = self._limiter.process(samples)
        self._ahead = samples[count:]
        self.position += count
        # A clip that starts exactly at the next sample has not been heard yet; one that ends there has ended.
        due = [e for e in self._pending if e.at < self.position + isinstance(e, Ended)]
        self._pending = [e for e in self._pending if e not in due]
        return out, sorted(due, key=lambda event: event.at)

    def _mix(self, at: int, count: int) -> Samples:
        mix = np.zeros((count, 2), np.float32)
        duck = self._duck_curve(at, count)
        for clip in self._playing:
            clip.add_to(mix, at)
            if clip.end <= at + count:
                self._pending.append(Ended(clip.id, clip.end, clip.cut))
                if clip.bus == "speech":
                    self._down_until = clip.end + _DUCK_HOLD
        self._playing = [clip for clip in self._playing if clip.end > at + count]
        for bed in self._beds:
            mix += _bed_part(bed, at, count, duck)
        self._beds = [bed for bed in self._beds if bed.end is None or bed.end > at + count]
        return mix

    def _duck_curve(self, at: int, count: int) -> Samples:
        """How far the bed is down, 0..1 per sample. It goes down in time for speech that is scheduled."""
        down = np.zeros(count, bool)
        down[: max(0, self._down_until - at)] = True
        for clip in self._playing:
            if clip.bus == "speech":
                first, last = clip.begin - _DUCK_ATTACK, clip.end + _DUCK_HOLD
                down[max(0, first - at) : max(0, last - at)] = True
        curve = np.empty(count, np.float32)
        edges = [0, *(np.flatnonzero(np.diff(down)) + 1).tolist(), count]
        for begin, end in pairwise(edges):
            step = 1 / _DUCK_ATTACK if down[begin] else -1 / _DUCK_RELEASE
            curve[begin:end] = np.clip(self._duck + step * np.arange(1, end - begin + 1), 0, 1)
            self._duck = float(np.clip(self._duck + step * (end - begin), 0, 1))
        return curve


def _bed_part(bed: _Bed, at: int, count: int, duck: Samples) -> Samples:
    n = np.arange(at, at + count)
    level = bed.gain * 10 ** (duck * np.float32(bed.duck_db / 20))
    level = level * np.clip((n - bed.start) / bed.fade, 0, 1)
    if bed.end is not None:
        level = level * np.clip((bed.end - n) / bed.fade, 0, 1)
    part = bed.samples[(n - bed.start) % len(bed.samples)]
    return (part * level[:, None]).astype(np.float32)
