"""A posture as a designer writes it: how the host stands while nothing else moves it, in units of the body."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from nightcast.show.fields import Part, Vec3, setting
from nightcast.show.gesture import HandKey

__all__ = ["Posture"]


class Posture(Part):
    """How the host stands between gestures. It changes between the postures of its place by itself, unhurried."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what it is called")
    about: str = setting("", "what it looks like, for people")
    place: Literal["free", "counter", "hand", "forearm", "shoulder"] = setting(
        "free",
        "`counter`: behind one, where `at` of a hand is measured from the counter's near edge before the host's "
        "middle (out, above the top, beyond the edge); left out where the counter is out of reach. `hand`, `forearm`, "
        "`shoulder`: of the arm that a bag hangs from there",
    )
    left: HandKey | None = None
    right: HandKey | None = None
    both: HandKey | None = setting(None, "both hands, mirrored")
    head: Vec3 = setting((0.0, 0.0, 0.0), "pitch down, yaw left, roll left", unit="deg")
    chest: Vec3 = setting((0.0, 0.0, 0.0), "pitch down, yaw left, roll left", unit="deg")

    @model_validator(mode="after")
    def _at_rest(self) -> Posture:
        if any(hand is not None and hand.target for hand in (self.left, self.right, self.both)):
            raise ValueError("hands without a target: only a gesture has one")
        return self

    def hand(self, side: str) -> HandKey | None:
        """The left or the right hand; None where it hangs."""
        own: HandKey | None = self.left if side == "left" else self.right
        return own or self.both
