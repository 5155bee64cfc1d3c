"""Fingertips, and points of the body that they touch: hands that hold something meet it with thumb and forefinger.

Host space, metres; a hand's own axes are the host's in the T-pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.body import Body
from nightcast.host.bones import INDEX
from nightcast.host.frame import HostFrame
from nightcast.host.hands import ROWS, finger_rotations, straightening_deg
from nightcast.host.quaternion import F64
from nightcast.host.rig import Rig

__all__ = ["Fingertips", "Touch", "between_fingertips"]

_HOLDING = ("Thumb", "Index")
#: From a finger's last joint to its pad, in lengths of the bone before it.
_PAD = 0.7
#: A hand without fingers reaches this far, in lengths from the wrist to the knuckles.
_REACH = 1.3


@dataclass(frozen=True, eq=False)
class Touch:
    """A point fixed to a bone, `away` (3,) from the bone's place in the T-pose."""

    bone: str
    away: F64

    def at(self, places: F64, turns: F64) -> F64:
        """(3,) where it is in a pose, from all bones' places (55, 3) and turns (55, 3, 3)."""
        row = INDEX[self.bone]
        place: F64 = places[row] + turns[row] @ self.away
        return place


class Fingertips:
    """Where one hand's fingertips are for any shape of the hand."""

    def __init__(self, body: Body, side: str) -> None:
        self._places = body.places
        self._side = side
        self._straight_deg = straightening_deg(body.places, side)
        sign = 1.0 if side == "left" else -1.0
        self._instead = np.array([sign * _REACH * body.measures.hand, 0.0, 0.0])

    def away(self, shape: F64) -> F64:
        """(3,) from the wrist to between thumb and forefinger, in the hand's own axes; `shape` as in `hands.SHAPES`."""
        turns = quat.to_matrix(finger_rotations(shape, self._side, self._straight_deg))
        wrist = self._places[INDEX[f"{self._side}Hand"]]
        pads = [self._pad(3 * finger, turns) for finger in range(len(_HOLDING))]
        middle: F64 = np.mean(pads, axis=0) - wrist
        return middle if quat.length(middle) > 0.3 * quat.length(self._instead) else self._instead

    def _pad(self, first: int, turns: F64) -> F64:
        joints = self._places[ROWS[self._side][first : first + 3]]
        place, turn = joints[0], turns[first]
        for k, bone in enumerate((joints[1] - joints[0], joints[2] - joints[1]), 1):
            place, turn = place + turn @ bone, turn @ turns[first + k]
        pad: F64 = place + turn @ (_PAD * (joints[2] - joints[1]))
        return pad


def between_fingertips(rig: Rig, frame: HostFrame, side: str) -> F64:
    """(3,) between the pads of thumb and forefinger in a frame; the hand itself where it has none."""
    pads = []
    for finger in _HOLDING:
        middle, last = (f"{side}{finger}{joint}" for joint in (_BEFORE_LAST[finger], "Distal"))
        if middle in rig.bones and last in rig.bones:
            place, before = rig.places[INDEX[last]], rig.places[INDEX[middle]]
            node = rig.bones[last]
            pad = np.linalg.inv(rig.rest_world[node]) @ np.append(place + _PAD * (place - before), 1.0)
            pads.append((frame.node_world[node] @ pad)[:3])
    if not pads:
        hand: F64 = frame.node_world[rig.bones[f"{side}Hand"], :3, 3].astype(np.float64)
        return hand
    tips: F64 = np.mean(pads, axis=0).astype(np.float64)
    return tips


_BEFORE_LAST = {"Thumb": "Proximal", "Index": "Intermediate"}
