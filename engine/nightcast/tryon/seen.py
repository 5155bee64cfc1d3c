"""What a tracker sees in a picture: faces, hands, a body, and where persons are. Pixels: origin top left, y down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.product import F64

__all__ = ["ALL", "Body", "Hand", "Seen", "Tracker", "Want"]

Want = Literal["face", "hands", "body", "mask"]
ALL: frozenset[Want] = frozenset(("face", "hands", "body", "mask"))


@dataclass(frozen=True, eq=False)
class Hand:
    """A hand with the landmarks of MediaPipe: 0 the wrist, then four of each finger, from the thumb on.

    `shape_mm` is about the hand's middle, in a camera's axes as in `pnp`; its size is a grown-up's, not this hand's.
    """

    side: Literal["left", "right"]  #: the wearer's own
    seen_px: F64  #: (21, 2)
    shape_mm: F64  #: (21, 3)


@dataclass(frozen=True, eq=False)
class Body:
    """A body with the 33 landmarks of MediaPipe's pose. `shape_mm` as a hand's, about the middle of the hips."""

    seen_px: F64  #: (33, 2)
    shape_mm: F64  #: (33, 3)
    sure: F64  #: (33,) 0 to 1 that it is in the picture and not hidden


@dataclass(frozen=True, eq=False)
class Seen:
    """One picture's findings. What was not looked for is empty."""

    faces: tuple[F64, ...] = ()  #: (478, 2) pixels each, in MediaPipe's order
    hands: tuple[Hand, ...] = ()
    body: Body | None = None
    mask: NDArray[np.uint8] | None = None  #: smaller than the picture; 255 where a person is


class Tracker(Protocol):
    """Anything that finds people in a picture."""

    def see(
        self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(("face",)), *, still: bool = False
    ) -> Seen:
        """What is wanted of a picture (h, w, 3) RGB. `still`: not one of a stream."""
        ...

    def forget(self) -> None:
        """The next picture is of another stream: what was followed before tells nothing of it."""
        ...

    def close(self) -> None: ...
