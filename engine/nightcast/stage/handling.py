"""How hands put each kind of product on and take it off: the gesture, and when the product is where. Pure.

Moments are seconds after the cue, as the gestures in `avatars/gestures` are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nightcast.show.wear import Wear
from nightcast.stage.state import Handling

__all__ = ["WAYS", "Move", "Way", "carrying"]


@dataclass(frozen=True)
class Move:
    """A gesture; from when it is seen in the hands, when it meets the body, and when the hands are free again."""

    gesture: str
    from_s: float
    contact_s: float
    until_s: float

    def from_cue(self, puts_on: bool, at_s: float) -> Handling:
        return Handling(puts_on, at_s + self.from_s, at_s + self.contact_s, at_s + self.until_s)


@dataclass(frozen=True)
class Way:
    """`touches`: the hands must know what they touch; a bag is taken by its handle, wherever that is."""

    on: Move
    off: Move
    touches: bool = True


def _way(place: str) -> Way:
    return Way(Move(f"put_on{place}", 0.5, 1.1, 1.6), Move(f"take_off{place}", 0.0, 0.6, 1.2))


WAYS: Mapping[str, Way] = {
    "glasses": _way(""),
    "hat": _way(""),
    "headband": _way(""),
    "earring": _way("_ears"),
    "necklace": _way("_neck"),
    "watch": _way("_wrist"),
    "bracelet": _way("_wrist"),
    "ring": _way("_wrist"),
    "makeup": Way(Move("make_up", 0.5, 1.2, 2.4), Move("wipe_off", 0.0, 0.9, 1.6)),
    "bag": Way(Move("take_up_bag", 0.4, 4.4, 4.9), Move("put_down_bag", 0.0, 0.9, 1.1), touches=False),
}


def carrying(worn: Iterable[Wear]) -> dict[str, str]:
    """On which arm a bag hangs, and where: the hand, the forearm or the shoulder."""
    return {"right" if wear.side == "right" else "left": wear.carried for wear in worn if wear.kind == "bag"}
