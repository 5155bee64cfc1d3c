"""The gestures and clips that are being played, and how one gives way to the next. Times in programme seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nightcast.gltf import ModelError
from nightcast.host.clip import Clip, load_clip
from nightcast.host.errors import GestureError
from nightcast.host.fingertips import Touch
from nightcast.host.gesture import Gesture, State, load_gesture, state_at
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease
from nightcast.show.errors import ShowError

#: A gesture that is interrupted goes back to rest in this time, while the next one begins.
_RELEASE_S = 0.4


@dataclass(frozen=True)
class Play:
    """A gesture or clip on the programme clock."""

    what: Gesture | Clip
    start_s: float
    target: F64 | None = None  #: (3,) host space
    #: By hand, what its fingertips go to instead of the target.
    touches: Mapping[str, Touch] = field(default_factory=dict)
    strength: float = 1.0
    released_s: float | None = None

    @property
    def end_s(self) -> float:
        end = self.start_s + self.what.duration_s
        return end if self.released_s is None else min(end, self.released_s + _RELEASE_S)

    def share(self, time_s: float) -> float:
        """Strength that is left after an interruption."""
        if self.released_s is None:
            return self.strength
        return self.strength * (1 - ease((time_s - self.released_s) / _RELEASE_S))


def load_motions(folder: Path, left_out: Callable[[Exception], None] | None = None) -> dict[str, Gesture | Clip]:
    """All gestures (.yaml) and VRM animations (.vrma) of a folder, by name.

    A file that is wrong is told to `left_out`; without it, ShowError, ModelError or GestureError is raised.
    """
    motions: dict[str, Gesture | Clip] = {}
    for path in [*sorted(folder.glob("*.vrma")), *sorted(folder.glob("*.yaml"))]:
        try:
            if path.suffix == ".vrma":
                motions[path.stem] = load_clip(path)
            else:
                gesture = load_gesture(path)
                motions[gesture.name] = gesture
        except (ShowError, ModelError, GestureError) as error:
            if left_out is None:
                raise
            left_out(error)
    return motions


class Performance:
    """What is being played."""

    def __init__(self) -> None:
        self._plays: list[Play] = []

    def begin(self, play: Play) -> None:
        """Start a play; those that still run then are released."""
        self._plays = [
            replace(other, released_s=play.start_s)
            if other.released_s is None and other.start_s <= play.start_s < other.end_s
            else other
            for other in self._plays
            if other.end_s > play.start_s - 1 and other.start_s < play.start_s
        ]
        self._plays.append(play)

    def drop_after(self, at_s: float) -> None:
        """Forget what has not begun by `at_s`: its words will not be spoken."""
        self._plays = [play for play in self._plays if play.start_s <= at_s]

    def is_busy(self, start_s: float, end_s: float) -> bool:
        return any(play.start_s < end_s and start_s < play.end_s for play in self._plays)

    def gestures(self, time_s: float) -> Iterator[tuple[Play, State, float]]:
        """Gestures that show, in the order in which they began, with their state and remaining strength."""
        for play in self._plays:
            if isinstance(play.what, Gesture) and play.start_s <= time_s < play.end_s:
                state = state_at(play.what, time_s - play.start_s)
                if state is not None:
                    yield play, state, play.share(time_s)

    def clips(self, time_s: float) -> Iterator[tuple[Clip, float, float]]:
        """Clips that show, with the time in the clip and their strength."""
        for play in self._plays:
            if isinstance(play.what, Clip) and play.start_s <= time_s < play.end_s:
                since_s = time_s - play.start_s
                yield play.what, since_s, play.share(time_s) * play.what.envelope(since_s)
