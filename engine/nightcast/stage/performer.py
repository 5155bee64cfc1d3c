"""What the world asks of the host (`host.Host` does all of it), and a host that does nothing, for scenes without one.

Points are in host space (feet on the origin, facing +Z, metres), times are programme seconds and only rise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from nightcast.host.counter import Counter
from nightcast.host.fingertips import Touch
from nightcast.host.frame import HostFrame

__all__ = ["Absent", "Landmark", "Performer", "Point", "standing"]

Point = tuple[float, float, float]

#: Where `head`, `chest`, `hand_l`, `hand_r` or `feet` is in a frame; None for what this host has not got.
Landmark = Callable[[HostFrame, str], Point | None]


_STANDING: dict[str, Point] = {
    "head": (0.0, 1.55, 0.05),
    "chest": (0.0, 1.25, 0.05),
    "hand_l": (0.25, 0.85, 0.1),
    "hand_r": (-0.25, 0.85, 0.1),
    "feet": (0.0, 0.08, 0.0),
}


class Performer(Protocol):
    """The part of `host.Host` that the stage uses. Names it does not know are told once in `warnings`."""

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def speak(
        self,
        start_s: float,
        visemes: Sequence[tuple[float, str, float]],
        words: Sequence[tuple[float, float, str]],
        duration_s: float,
    ) -> None: ...

    def hush(self, at_s: float, fade_s: float = 0.08) -> None: ...

    def express(
        self, name: str, at_s: float, weight: float = 1.0, fade_s: float = 0.35, hold_s: float | None = None
    ) -> None: ...

    def gesture(
        self,
        name: str,
        at_s: float,
        target: Sequence[float] | None = None,
        touches: Mapping[str, Touch] | None = None,
        *,
        mirrored: bool = False,
    ) -> None: ...

    def can(self, name: str) -> bool: ...

    def look_at(self, point: Sequence[float] | None, at_s: float) -> None: ...

    def stand_behind(self, counter: Counter | None) -> None: ...

    def carry(self, where: Mapping[str, str], at_s: float) -> None: ...

    def update(self, time_s: float) -> HostFrame: ...


def standing(_frame: HostFrame, name: str) -> Point | None:
    """Where the parts of a grown person are who stands at ease."""
    return _STANDING.get(name)


class Absent:
    """Nobody on stage: nothing is asked in vain, and nothing moves."""

    warnings: tuple[str, ...] = ()

    def speak(
        self,
        start_s: float,
        visemes: Sequence[tuple[float, str, float]],
        words: Sequence[tuple[float, float, str]],
        duration_s: float,
    ) -> None:
        """There is no mouth."""

    def hush(self, at_s: float, fade_s: float = 0.08) -> None:
        """There is no mouth."""

    def express(
        self, name: str, at_s: float, weight: float = 1.0, fade_s: float = 0.35, hold_s: float | None = None
    ) -> None:
        """There is no face."""

    def gesture(
        self,
        name: str,
        at_s: float,
        target: Sequence[float] | None = None,
        touches: Mapping[str, Touch] | None = None,
        *,
        mirrored: bool = False,
    ) -> None:
        """There are no hands."""

    def can(self, name: str) -> bool:
        """There are no hands."""
        return False

    def look_at(self, point: Sequence[float] | None, at_s: float) -> None:
        """There are no eyes."""

    def stand_behind(self, counter: Counter | None) -> None:
        """There are no hands."""

    def carry(self, where: Mapping[str, str], at_s: float) -> None:
        """There are no hands."""

    def update(self, time_s: float) -> HostFrame:
        return HostFrame(time_s, np.zeros((0, 4, 4), np.float32))
