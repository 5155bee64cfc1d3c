"""The body at rest: arms down whatever the rig, and never still. Breath, weight shifts, sways. Pure function of time.

Poses are (55, 3) angles of normalised rotations in the order of `BONES`, in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.host.body import Body
from nightcast.host.bones import BONES, INDEX
from nightcast.host.chance import Drift
from nightcast.host.quaternion import F64

_BREATH_S = 4.3

#: Periods of the wanderings in seconds; no two are alike, so they never line up again.
_PERIODS_S = [19.0, 27.0, 15.0, 12.5, 8.3, 7.1, 10.7, 16.3, 14.9, 9.7, 9.1, 11.3, 6.7, 5.9, 61.0]

#: How upper arm, forearm and hand turn back from rest behind a counter, so that nothing reaches over its edge.
_CONFINED_DEG = (7.0, 15.0, 4.0)

_FINGER_ENDS = ("Proximal", "Intermediate", "Distal")


@dataclass(frozen=True)
class Stance:
    """A moment of standing."""

    angles_deg: F64  #: (55, 3) pitch, yaw, roll of each bone
    hips_shift: F64  #: (3,) metres


class Idle:
    """Resting pose and its motion for one body. `energy` 0..1.5 scales how much the host moves."""

    def __init__(self, body: Body, seed: int, energy: float = 1.0) -> None:
        self._drift = Drift(seed, _PERIODS_S)
        self._energy = energy
        self._rest_deg = np.zeros((len(BONES), 3))
        self._arm_down_deg = _arm_angle(body)
        self._set_rest()
        self._height = body.measures.height

    def _set_rest(self) -> None:
        rest = self._rest_deg
        for side, sign in (("left", 1.0), ("right", -1.0)):
            rest[INDEX[f"{side}Shoulder"]] = [0, 0, -3 * sign]
            rest[INDEX[f"{side}UpperArm"]] = [-5, -4 * sign, -self._arm_down_deg * sign]
            rest[INDEX[f"{side}LowerArm"]] = [0, -20 * sign, 0]
            rest[INDEX[f"{side}Hand"]] = [0, 0, -4 * sign]
            for k, finger in enumerate(("Index", "Middle", "Ring", "Little")):
                for joint, curl in zip(_FINGER_ENDS, (16, 22, 14), strict=True):
                    rest[INDEX[f"{side}{finger}{joint}"]] = [0, 0, -(curl + 4 * k) * sign]
            rest[INDEX[f"{side}ThumbMetacarpal"]] = [4, 24 * sign, -8 * sign]
            rest[INDEX[f"{side}ThumbProximal"]] = [0, 14 * sign, -4 * sign]
            rest[INDEX[f"{side}ThumbDistal"]] = [0, 12 * sign, 0]

    def at(self, time_s: float, liveliness: float, *, confined: bool = False) -> Stance:
        """Stance at a moment; `liveliness` 0..1 is how much the host is speaking.

        `confined`: there is no room before the body, and the arms hang straight.
        """
        d = self._drift.at(time_s) * self._energy
        breath = 0.5 - 0.5 * np.cos(2 * np.pi * (time_s / _BREATH_S + 0.35 * d[14]))
        shift = float(np.tanh(2.4 * d[0]))
        lively = 1 + 0.7 * liveliness
        angles = self._rest_deg.copy()
        angles[INDEX["hips"]] += [0.4 * d[2], 2.6 * d[1], -1.6 * shift]
        angles[INDEX["spine"]] += [0.8 * d[2] - 0.5 * breath, 1.0 * d[3], 1.5 * shift]
        angles[INDEX["chest"]] += [-0.7 * breath + 0.5 * d[2], 1.2 * d[3] * lively, 0.8 * shift + 0.6 * d[6]]
        angles[INDEX["upperChest"]] += [-0.6 * breath, -1.4 * d[1], 0.3 * d[6]]
        angles[INDEX["neck"]] += [
            0.5 * breath + 0.6 * d[5] * lively,
            0.8 * d[4] * lively,
            0.8 * d[6] * lively,
        ]
        angles[INDEX["head"]] += [
            0.5 * breath + 1.2 * d[5] * lively,
            1.6 * d[4] * lively,
            1.5 * d[6] * lively,
        ]
        for side, sign, swing, bend, wrist in (("left", 1.0, 7, 9, 11), ("right", -1.0, 8, 10, 12)):
            angles[INDEX[f"{side}Shoulder"]] += [0, 0, (0.9 * breath + 0.6 * d[swing]) * sign]
            angles[INDEX[f"{side}UpperArm"]] += [0.6 * d[bend], 1.6 * d[swing] * sign, 0.8 * d[wrist] * sign]
            angles[INDEX[f"{side}LowerArm"]] += [0, -(2.5 * d[bend] + 4.0 * liveliness) * sign, 0]
            angles[INDEX[f"{side}Hand"]] += [0, 2.0 * d[13] * sign, 2.5 * d[wrist] * sign]
            if confined:
                angles[INDEX[f"{side}UpperArm"], 0] += _CONFINED_DEG[0]
                angles[INDEX[f"{side}LowerArm"], 1] += _CONFINED_DEG[1] * sign
                angles[INDEX[f"{side}Hand"], 1] += _CONFINED_DEG[2] * sign
        sway = np.array([0.0105 * shift, -0.0035, 0.003 * d[3]]) * self._height
        return Stance(angles, sway)


def _arm_angle(body: Body) -> float:
    """How far the upper arm is lowered from the T-pose so that the hand hangs just beside the hip."""
    measures = body.measures
    room = measures.hip_half_width + 0.6 * measures.hand + 0.01
    outwards = (room - measures.shoulder_half) / (0.97 * measures.arm)
    return float(np.degrees(np.arccos(np.clip(outwards, 0.10, 0.45))))
