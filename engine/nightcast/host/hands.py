"""Shapes of a hand, as curls of its fingers. Normalised space; written for the left hand, mirrored for the
right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.bones import INDEX
from nightcast.host.quaternion import F64

FINGERS = ("thumb", "index", "middle", "ring", "little")

#: Curl of each finger: 0 straight, 1 in the palm; negative bends back. The last number spreads the fingers.
SHAPES: dict[str, tuple[float, float, float, float, float, float]] = {
    "relaxed": (0.25, 0.22, 0.28, 0.33, 0.38, 0.1),
    "open": (0.0, 0.02, 0.04, 0.06, 0.08, 0.55),
    "flat": (0.1, 0.05, 0.06, 0.08, 0.10, 0.0),
    "offer": (0.0, 0.02, 0.10, 0.16, 0.22, 0.3),
    "fist": (0.85, 1.0, 1.0, 1.0, 1.0, 0.0),
    "point": (0.55, 0.0, 0.85, 0.95, 1.0, 0.0),
    "pinch": (0.5, 0.55, 0.45, 0.45, 0.5, 0.1),
    "hold": (0.35, 0.45, 0.5, 0.55, 0.6, 0.1),
    "heart": (0.5, 0.62, 0.62, 0.62, 0.62, 0.0),
    "think": (0.3, 0.25, 0.75, 0.85, 0.9, 0.0),
    "one": (0.75, 0.0, 0.95, 1.0, 1.0, 0.0),
    "two": (0.75, 0.0, 0.0, 1.0, 1.0, 0.6),
    "three": (0.75, 0.0, 0.0, 0.0, 1.0, 0.5),
    "four": (0.85, 0.0, 0.0, 0.0, 0.0, 0.5),
    "five": (0.0, 0.0, 0.0, 0.0, 0.0, 0.7),
}

#: How far the three joints of a finger bend at a curl of 1.
_BEND_DEG = np.array([78.0, 95.0, 68.0])
_THUMB_DEG = np.array([[10.0, 26.0, -12.0], [0.0, 38.0, -6.0], [0.0, 55.0, 0.0]])
_THUMB_OUT_DEG = np.array([0.0, -14.0, 0.0])
_SPREAD_DEG = {"index": 11.0, "middle": 1.5, "ring": -8.0, "little": -17.0}


def finger_rotations(shape: tuple[float, ...], side: str) -> Mapping[int, F64]:
    """Rows of the pose and their rotations (4,) for the fifteen finger joints of one hand."""
    sign = 1.0 if side == "left" else -1.0
    spread = shape[5]
    mirror = np.array([1.0, sign, sign])
    rotations: dict[int, F64] = {}
    for curl, finger in zip(shape, FINGERS, strict=False):
        if finger == "thumb":
            for joint, angles in zip(("Metacarpal", "Proximal", "Distal"), _THUMB_DEG, strict=True):
                turned = angles * curl + (_THUMB_OUT_DEG * spread if joint == "Metacarpal" else 0)
                rotations[INDEX[f"{side}Thumb{joint}"]] = quat.from_euler_deg(turned * mirror)
            continue
        for joint, bend in zip(("Proximal", "Intermediate", "Distal"), _BEND_DEG, strict=True):
            sideways = -_SPREAD_DEG[finger] * spread if joint == "Proximal" else 0.0
            turned = np.array([0.0, sideways, -bend * curl])
            rotations[INDEX[f"{side}{finger.capitalize()}{joint}"]] = quat.from_euler_deg(turned * mirror)
    return rotations
