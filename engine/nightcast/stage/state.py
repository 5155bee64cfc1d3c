"""What the stage shows at one moment, as the world hands it to overlays and renderer.

Times are programme seconds (sample / 48 000). All records are immutable, so a frame may be drawn while the
next one is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from nightcast.host.frame import HostFrame
    from nightcast.stage.shots import View

__all__ = [
    "Appearance",
    "Caption",
    "Comment",
    "Compared",
    "Handling",
    "StandState",
    "TransitionState",
    "WorldState",
    "Worn",
]


#: In which a product goes from the hands to the body, about the moment of contact.
HANDED_OVER_S = 0.25


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
    """A viewer's words: the gate let them pass, but they may be of any length and in any script."""

    user: str
    text: str
    at_s: float
    comment_id: str = ""


@dataclass(frozen=True)
class StandState:
    """What a stand shows since when, and where its turntable has got to."""

    product: str
    variant: str | None
    since_s: float
    turned_deg: float = 0.0


@dataclass(frozen=True)
class Worn:
    product: str
    variant: str | None = None


@dataclass(frozen=True)
class Handling:
    """A product between hands and body. It is in the hands from `from_s` to `contact_s`, or from then on to the end."""

    puts_on: bool
    from_s: float
    contact_s: float
    until_s: float

    def in_hands(self, now_s: float) -> float | None:
        """1 where the hands have it, 0 where the body has it; None where it is not seen."""
        if not self.from_s <= now_s:
            return None if self.puts_on else 0.0
        passed = min(max((now_s - self.contact_s) / HANDED_OVER_S + 0.5, 0.0), 1.0)
        eased = passed * passed * (3 - 2 * passed)
        return 1 - eased if self.puts_on else eased


@dataclass(frozen=True)
class Compared:
    """Left of `at`, a share of the picture's width, the host does not wear `without`; None: nothing at all."""

    at: float
    without: str | None = None

    def before(self, worn: tuple[Worn, ...]) -> tuple[Worn, ...]:
        """What of `worn` is left on in the part before."""
        return () if self.without is None else tuple(item for item in worn if item.product != self.without)


@dataclass(frozen=True)
class TransitionState:
    """A change of picture that is under way. `number` counts transitions, so that a new one can be told."""

    kind: Literal["dissolve", "dip", "wipe", "zoom"]
    progress: float  #: 0: the old picture, 1: the new one; already eased
    number: int
    toward: tuple[float, float] = (0.5, 0.5)  #: where a zoom goes, in shares of the old picture from its left and top


@dataclass(frozen=True, eq=False)
class WorldState:
    """Everything that one frame shows."""

    time_s: float
    scene: str
    shot: str
    view: View
    host: HostFrame | None
    stands: Mapping[str, StandState]
    worn: tuple[Worn, ...]
    handled: Mapping[str, Handling]  #: products that are being put on or taken off, by id
    appearances: tuple[Appearance, ...]
    caption: Caption | None
    comments: tuple[Comment, ...]
    compared: Compared | None
    transition: TransitionState | None
    slate: bool
