"""Gestures in motion: the state of hands, head and chest at any moment of a gesture that a show's files describe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from nightcast.host.hands import SHAPES
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease
from nightcast.show.fields import Vec3
from nightcast.show.gesture import Gesture, GestureKey, HandKey
from nightcast.show.load import load_yaml

__all__ = ["Gesture", "HandState", "State", "load_gesture", "load_gestures", "state_at"]


def load_gesture(path: Path) -> Gesture:
    """Read one gesture file. Raises ShowError, which names every problem with its line."""
    return load_yaml(path, Gesture, path.parent)


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
    aside: float  #: beside the target, on the hand's own side, in lengths of the arm


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


def _between(before: GestureKey | None, after: GestureKey | None, share: float, part: str) -> F64:
    a = np.zeros(3) if before is None else np.array(getattr(before, part))
    b = np.zeros(3) if after is None else np.array(getattr(after, part))
    return a + (b - a) * share


def _hand_between(before: GestureKey | None, after: GestureKey | None, side: str, share: float) -> HandState | None:
    a = None if before is None else before.hand(side)
    b = None if after is None else after.hand(side)
    if a is None and b is None:
        return None
    first, second = a or b, b or a
    assert first is not None
    assert second is not None
    return _hand_state(first, second, share, _mix(0.0 if a is None else 1.0, 0.0 if b is None else 1.0, share))


def held_still(hand: HandKey) -> HandState:
    """A hand that stays where one key has it."""
    return _hand_state(hand, hand, 0.0, 1.0)


def _hand_state(first: HandKey, second: HandKey, share: float, weight: float) -> HandState:
    return HandState(
        weight=weight,
        at=_blend(first.at, second.at, share),
        middle=_mix(float(first.origin == "middle"), float(second.origin == "middle"), share),
        palm=_blend_if_both(first.palm, second.palm, share),
        fingers=_blend_if_both(first.fingers, second.fingers, share),
        elbow=_blend(first.elbow, second.elbow, share),
        shape=_blend(SHAPES[first.shape], SHAPES[second.shape], share),
        target=_mix(first.target, second.target, share),
        aside=_mix(first.aside, second.aside, share),
    )


def _blend_if_both(a: Vec3 | None, b: Vec3 | None, share: float) -> F64 | None:
    return None if a is None or b is None else _blend(a, b, share)


@lru_cache(maxsize=1024)
def _array(values: tuple[float, ...]) -> F64:
    return np.array(values, float)


def _blend(a: tuple[float, ...], b: tuple[float, ...], share: float) -> F64:
    return _array(a) + (_array(b) - _array(a)) * share
