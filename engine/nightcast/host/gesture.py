"""Gestures as data: what hands, head and body do, key by key, in units of the body that does it.

A gesture file is YAML in `avatars/gestures/`. Its times run from the gesture's begin; `stroke_s` is the moment that
meets the word. A wrist's place is (out, up, forward) from its shoulder, or from the middle between both shoulders, in
lengths of the arm, so that one file fits every body; `out` is away from the body on the hand's own side. Head and
chest turn by (pitch down, yaw left, roll left) in degrees.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightcast.host.errors import GestureError
from nightcast.host.hands import SHAPES
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease

Triple = Annotated[tuple[float, float, float], Field(description="three numbers")]
_REACH = 1.1


class HandKey(BaseModel):
    """Where one hand is at a key."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: Triple = Field(description="wrist from its origin: out, up, forward, in lengths of the arm")
    origin: Literal["shoulder", "middle"] = Field(
        "shoulder", description="the hand's own shoulder, or the middle between both: for hands that meet"
    )
    palm: Triple | None = Field(None, description="where the palm looks: out, up, forward")
    fingers: Triple | None = Field(None, description="where the fingers point; else on from the arm")
    elbow: Triple = Field((0.55, -0.8, -0.35), description="to where the elbow bends: out, up, forward")
    shape: str = Field("relaxed", description="shape of the hand: " + ", ".join(SHAPES))
    target: float = Field(0.0, ge=0, le=1, description="share by which the hand goes to the gesture's target")

    @model_validator(mode="after")
    def _possible(self) -> HandKey:
        if self.shape not in SHAPES:
            raise ValueError(f"shape {self.shape!r} is none of {', '.join(SHAPES)}")
        if np.linalg.norm(self.at) > _REACH:
            raise ValueError(f"at {list(self.at)} is out of the arm's reach of {_REACH}")
        if self.fingers is not None and self.palm is None:
            raise ValueError("fingers are given without palm")
        return self


class Key(BaseModel):
    """The body at one moment of a gesture. What is not given is at rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: float = Field(ge=0, le=30, description="seconds from the gesture's begin")
    left: HandKey | None = None
    right: HandKey | None = None
    both: HandKey | None = Field(None, description="both hands, mirrored")
    head: Triple = Field((0, 0, 0), description="pitch down, yaw left, roll left, degrees")
    chest: Triple = Field((0, 0, 0), description="pitch down, yaw left, roll left, degrees")

    def hand(self, side: str) -> HandKey | None:
        own: HandKey | None = self.left if side == "left" else self.right
        return own or self.both


class Gesture(BaseModel):
    """A gesture: rest, keys, rest. Between keys everything moves by minimum jerk."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    about: str = ""
    stroke_s: float = Field(ge=0, description="the moment that meets the word")
    retract_s: float = Field(0.7, gt=0.1, le=5, description="from the last key back to rest")
    expression: str | None = Field(None, description="shown while the gesture lasts")
    follows_target: bool = Field(False, description="change hands for a target on the other side")
    keys: tuple[Key, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Gesture:
        times = [key.at for key in self.keys]
        if times[0] < 0.1 or any(later - earlier < 0.05 for earlier, later in itertools.pairwise(times)):
            raise ValueError("keys must rise by 0.05 s at least, the first at 0.1 s or later")
        if self.stroke_s > times[-1]:
            raise ValueError(f"stroke_s {self.stroke_s} lies after the last key at {times[-1]}")
        return self

    @property
    def duration_s(self) -> float:
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


def load_gesture(path: Path) -> Gesture:
    """Read one gesture file. Raises GestureError, which names the file and what is wrong."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return Gesture.model_validate(data)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise GestureError(path, f"cannot be read: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'gesture'}: {e['msg']}" for e in error.errors())
        raise GestureError(path, problems) from error


def load_gestures(folder: Path) -> dict[str, Gesture]:
    """All gestures of a folder by name."""
    gestures = (load_gesture(path) for path in sorted(folder.glob("*.yaml")))
    return {gesture.name: gesture for gesture in gestures}


@dataclass(frozen=True)
class HandState:
    """One hand at one moment; directions are (out, up, forward)."""

    weight: float  #: 0 at rest .. 1 where the gesture wants it
    at: F64
    middle: float  #: 0 measured from the shoulder .. 1 from the middle between both
    palm: F64 | None
    fingers: F64 | None
    elbow: F64
    shape: F64  #: (6,) as in `hands.SHAPES`
    target: float


@dataclass(frozen=True)
class State:
    """A gesture at one moment."""

    weight: float
    left: HandState | None
    right: HandState | None
    head_deg: F64
    chest_deg: F64


def state_at(gesture: Gesture, since_s: float) -> State | None:
    """What the gesture wants `since_s` after its begin; None before and after it."""
    if not 0 < since_s < gesture.duration_s:
        return None
    times = [key.at for key in gesture.keys]
    k = int(np.searchsorted(times, since_s, side="right"))
    before = gesture.keys[k - 1] if k > 0 else None
    after = gesture.keys[k] if k < len(times) else None
    start = before.at if before else 0.0
    end = after.at if after else gesture.duration_s
    share = ease((since_s - start) / (end - start))
    return State(
        weight=_mix(1.0 if before else 0.0, 1.0 if after else 0.0, share),
        left=_hand_between(before, after, "left", share),
        right=_hand_between(before, after, "right", share),
        head_deg=_between(before, after, share, "head"),
        chest_deg=_between(before, after, share, "chest"),
    )


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _between(before: Key | None, after: Key | None, share: float, part: str) -> F64:
    a = np.zeros(3) if before is None else np.array(getattr(before, part))
    b = np.zeros(3) if after is None else np.array(getattr(after, part))
    return a + (b - a) * share


def _hand_between(before: Key | None, after: Key | None, side: str, share: float) -> HandState | None:
    a = None if before is None else before.hand(side)
    b = None if after is None else after.hand(side)
    if a is None and b is None:
        return None
    first, second = a or b, b or a
    assert first is not None
    assert second is not None
    weight = _mix(0.0 if a is None else 1.0, 0.0 if b is None else 1.0, share)
    return HandState(
        weight=weight,
        at=_blend(first.at, second.at, share),
        middle=_mix(float(first.origin == "middle"), float(second.origin == "middle"), share),
        palm=_blend_if_both(first.palm, second.palm, share),
        fingers=_blend_if_both(first.fingers, second.fingers, share),
        elbow=_blend(first.elbow, second.elbow, share),
        shape=_blend(SHAPES[first.shape], SHAPES[second.shape], share),
        target=_mix(first.target, second.target, share),
    )


def _blend_if_both(a: Triple | None, b: Triple | None, share: float) -> F64 | None:
    return None if a is None or b is None else _blend(a, b, share)


@lru_cache(maxsize=1024)
def _array(values: tuple[float, ...]) -> F64:
    return np.array(values, float)


def _blend(a: tuple[float, ...], b: tuple[float, ...], share: float) -> F64:
    return _array(a) + (_array(b) - _array(a)) * share
