"""What the world asks of the host, and a host that does nothing, for scenes without one.

Points are in host space (feet on the origin, facing +Z, metres), times are programme seconds. A name that the avatar
does not have is answered with False and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from nightcast.host.frame import HostFrame

__all__ = ["Absent", "Performer", "Point"]

Point = tuple[float, float, float]


class Performer(Protocol):
    """The part of `host.Host` that the stage uses."""

    def speak(self, at_s: float, visemes: Sequence[tuple[float, str, float]], duration_s: float) -> None:
        """Move the mouth from `at_s` on. `visemes` are (seconds after `at_s`, OVR viseme, weight)."""

    def hush(self, at_s: float, fade_s: float) -> None: ...

    def express(self, name: str, weight: float, at_s: float, fade_s: float, hold_s: float | None) -> bool: ...

    def gesture(self, name: str, at_s: float, target: Point | None) -> bool: ...

    def look_at(self, at_s: float, target: Point | None) -> None:
        """Where to look from now on; None lets the gaze wander."""

    def point(self, name: str) -> Point | None:
        """Where `head`, `chest`, `hand_l` or `hand_r` was at the last update."""

    def update(self, time_s: float) -> HostFrame: ...


class Absent:
    """Nobody on stage: keeps time and stands still, so that a scene can be built without an avatar."""

    def speak(self, at_s: float, visemes: Sequence[tuple[float, str, float]], duration_s: float) -> None:
        """There is no mouth."""

    def hush(self, at_s: float, fade_s: float) -> None:
        """There is no mouth."""

    def express(self, name: str, weight: float, at_s: float, fade_s: float, hold_s: float | None) -> bool:
        return True

    def gesture(self, name: str, at_s: float, target: Point | None) -> bool:
        return True

    def look_at(self, at_s: float, target: Point | None) -> None:
        """There are no eyes."""

    def point(self, name: str) -> Point | None:
        return {"head": (0.0, 1.55, 0.05), "chest": (0.0, 1.25, 0.05)}.get(name, (0.0, 1.0, 0.3))

    def update(self, time_s: float) -> HostFrame:
        return HostFrame(time_s, np.zeros((0, 4, 4), np.float32))
