"""A gesture as a designer writes it: what hands, head and chest do, key by key, in units of the body that does it.

A wrist's place is (out, up, forward) from its shoulder, or from the middle between both shoulders, in lengths of the
arm, so that one file fits every body; `out` is away from the body on the hand's own side. Head and chest turn by
(pitch down, yaw left, roll left).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from nightcast.show.fields import Part, Vec3, setting

__all__ = ["Gesture", "GestureKey", "HandKey", "HandShape"]

#: Shapes of a hand that the host knows.
HandShape = Literal[
    "relaxed", "open", "flat", "offer", "fist", "point", "pinch", "hold", "heart", "think",
    "one", "two", "three", "four", "five",
]  # fmt: skip

#: Wrists farther from the shoulder than this, in lengths of the arm, cannot be meant.
_REACH = 1.1


class HandKey(Part):
    """Where one hand is at a key."""

    at: Vec3 = Field(
        description="wrist from its origin, or fingertips that hold something: out, up, forward, in lengths of the arm"
    )
    origin: Literal["shoulder", "middle"] = setting(
        "shoulder", "the hand's own shoulder, or the middle between both: for hands that meet"
    )
    palm: Vec3 | None = setting(None, "where the palm looks: out, up, forward")
    fingers: Vec3 | None = setting(None, "where the fingers point; else on from the arm")
    elbow: Vec3 = setting((0.55, -0.8, -0.35), "to where the elbow bends: out, up, forward")
    shape: HandShape = setting("relaxed", "of the fingers")
    target: float = setting(0.0, "share by which the hand goes to the gesture's target", ge=0, le=1)
    aside: float = setting(
        0.0, "how far beside the target, on the hand's own side, in lengths of the arm: for what two hands hold",
        ge=-0.5, le=0.5,
    )  # fmt: skip

    @model_validator(mode="after")
    def _possible(self) -> HandKey:
        if math.hypot(*self.at) > _REACH:
            raise ValueError(f"a wrist within {_REACH} lengths of the arm")
        if self.fingers is not None and self.palm is None:
            raise ValueError("a palm beside the fingers")
        return self


class GestureKey(Part):
    """The body at one moment of a gesture. What is not given is at rest."""

    at: float = Field(ge=0.1, le=30, description="after the gesture's begin", json_schema_extra={"unit": "s"})
    left: HandKey | None = None
    right: HandKey | None = None
    both: HandKey | None = setting(None, "both hands, mirrored")
    head: Vec3 = setting((0.0, 0.0, 0.0), "pitch down, yaw left, roll left", unit="deg")
    chest: Vec3 = setting((0.0, 0.0, 0.0), "pitch down, yaw left, roll left", unit="deg")

    def hand(self, side: str) -> HandKey | None:
        """The key of the left or the right hand; None where it rests."""
        own: HandKey | None = self.left if side == "left" else self.right
        return own or self.both


class Gesture(Part):
    """From rest through the keys back to rest. Between keys everything moves by minimum jerk."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="as cues and lines call it")
    about: str = setting("", "what it looks like, for people")
    stroke_s: float = Field(ge=0, description="the moment that meets the word", json_schema_extra={"unit": "s"})
    retract_s: float = setting(0.7, "from the last key back to rest", unit="s", gt=0.1, le=5)
    expression: str | None = setting(None, "shown while the gesture lasts")
    follows_target: bool = setting(False, "change hands for a target on the other side; written for the right hand")
    keys: tuple[GestureKey, ...] = Field(description="the body at moments of the gesture; one at least")

    @model_validator(mode="after")
    def _ordered(self) -> Gesture:
        if not self.keys:
            raise ValueError("one key at least")
        times = [key.at for key in self.keys]
        if any(later - earlier < 0.05 for earlier, later in pairwise(times)):
            raise ValueError("keys at least 0.05 s after one another")
        if self.stroke_s > times[-1]:
            raise ValueError(f"a stroke_s before the last key at {times[-1]} s")
        return self

    @property
    def duration_s(self) -> float:
        """From rest to rest."""
        return self.keys[-1].at + self.retract_s

    def mirrored(self) -> Gesture:
        """The same gesture of the other hand."""
        keys = tuple(
            key.model_copy(
                update={
                    "left": key.right,
                    "right": key.left,
                    "head": (key.head[0], -key.head[1], -key.head[2]),
                    "chest": (key.chest[0], -key.chest[1], -key.chest[2]),
                }
            )
            for key in self.keys
        )
        return self.model_copy(update={"keys": keys})
