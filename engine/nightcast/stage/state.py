"""What the stage shows at one moment, as the world hands it to camera, overlays and renderer.

Times are programme seconds (sample / 48 000). All records are immutable, so a frame may be drawn while the
next one is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Appearance", "Caption", "Comment", "CutTo", "StandState", "Worn"]


@dataclass(frozen=True)
class Appearance:
    """One showing of an overlay, from when until when. New data ends one appearance and begins another."""

    overlay: str
    data: Mapping[str, Any]
    from_s: float
    until_s: float | None = None

    def ended(self, now_s: float, leave_s: float) -> bool:
        return self.until_s is not None and now_s >= self.until_s + leave_s


@dataclass(frozen=True)
class Caption:
    """What is being spoken. `words` are (start, end, text), seconds after `at_s`."""

    text: str
    at_s: float
    duration_s: float
    words: tuple[tuple[float, float, str], ...] = ()
    until_s: float | None = None  #: cut short here


@dataclass(frozen=True)
class Comment:
    """A viewer's words, as untrusted as they come."""

    user: str
    text: str
    at_s: float


@dataclass(frozen=True)
class StandState:
    """What a stand shows. `turned_deg` is where the turntable has got to."""

    product: str | None = None
    variant: str | None = None
    turned_deg: float = 0.0


@dataclass(frozen=True)
class Worn:
    product: str
    variant: str | None = None


@dataclass(frozen=True)
class CutTo:
    """A shot of a scene, on air since `since_s`."""

    scene: str
    shot: str
    since_s: float
    stands: Mapping[str, StandState] = field(default_factory=dict)
