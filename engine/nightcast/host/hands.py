"""Shapes of a hand, as curls of its fingers. Normalised space; written for the left hand, mirrored for the right."""

from __future__ import annotations

import math

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
    "heart": (0.0, 0.36, 0.36, 0.36, 0.36, 0.0),
    "think": (0.3, 0.25, 0.75, 0.85, 0.9, 0.0),
    "one": (0.75, 0.0, 0.95, 1.0, 1.0, 0.0),
    "two": (0.75, 0.0, 0.0, 1.0, 1.0, 0.6),
    "three": (0.75, 0.0, 0.0, 0.0, 1.0, 0.5),
    "four": (0.85, 0.0, 0.0, 0.0, 0.0, 0.5),
    "five": (0.0, 0.0, 0.0, 0.0, 0.0, 0.7),
}

#: How far the three joints of a finger bend at a curl of 1, pitch, yaw and roll of each.
_BENDS_DEG = np.array(
    [[[10.0, 26.0, -12.0], [0.0, 38.0, -6.0], [0.0, 55.0, 0.0]]]
    + [[[0.0, 0.0, -78.0], [0.0, 0.0, -95.0], [0.0, 0.0, -68.0]]] * 4
)
#: How far a full spread turns the first joint of each finger sideways.
_SPREADS_DEG = np.zeros((5, 3, 3))
_SPREADS_DEG[:, 0, 1] = [-14.0, -11.0, -1.5, 8.0, 17.0]
_JOINTS = [("Metacarpal", "Proximal", "Distal")] + [("Proximal", "Intermediate", "Distal")] * 4

#: Rows of the pose of the fifteen finger joints of each hand.
ROWS: dict[str, list[int]] = {
    side: [
        INDEX[f"{side}{finger.capitalize()}{joint}"]
        for finger, joints in zip(FINGERS, _JOINTS, strict=True)
        for joint in joints
    ]
    for side in ("left", "right")
}
_MIRROR = {"left": np.ones(3), "right": np.array([1.0, -1.0, -1.0])}


def finger_rotations(shape: F64, side: str, straight_deg: F64) -> F64:
    """(15, 4) rotations of the finger joints of one hand, in the order of `ROWS`; `shape` is (6,)."""
    angles = _BENDS_DEG * shape[:5, None, None] + _SPREADS_DEG * shape[5] + straight_deg
    return quat.from_euler_deg(angles.reshape(15, 3) * _MIRROR[side])


def straightening_deg(places: F64, side: str) -> F64:
    """(5, 3, 3) angles that lay the fingers of a T-pose straight and together; rigs are made with them splayed.

    `places` (55, 3) are the bones' in the T-pose. The thumb is left as it is.
    """
    straight = np.zeros((5, 3, 3))
    for finger in range(1, 5):
        first, second, third = (places[row] for row in ROWS[side][3 * finger : 3 * finger + 3])
        root, middle = _angles_deg(second - first, side), _angles_deg(third - second, side)
        straight[finger, 0] = [0.0, root[0], -root[1]]
        straight[finger, 1] = [0.0, middle[0] - root[0], root[1] - middle[1]]
    return straight


def _angles_deg(along: F64, side: str) -> tuple[float, float]:
    """How far a finger of the T-pose points towards +Z and upwards; none for a finger without length."""
    x, y, z = (along * _MIRROR[side][[1, 0, 0]]).tolist()
    if math.hypot(x, y, z) < 1e-6:
        return 0.0, 0.0
    return math.degrees(math.atan2(z, x)), math.degrees(math.atan2(y, math.hypot(x, z)))
