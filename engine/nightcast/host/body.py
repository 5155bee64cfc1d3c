"""Measures and kinematics of a body in normalised space: where each bone is in a pose, limbs that reach, a
torso that hands stay out of. Host space, metres; poses are (55, 4) quaternions in the order of `BONES`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, INDEX, PARENT
from nightcast.host.quaternion import F64
from nightcast.host.rig import Rig

SIDES = ("left", "right")

_NARROWS_M = 0.1


@dataclass(frozen=True)
class Measures:
    """A body's sizes in metres."""

    height: float
    arm: float  #: shoulder joint to wrist
    upper_arm: float
    hand: float  #: wrist to middle knuckle
    shoulder_half: float  #: middle to shoulder joint
    torso_half_width: float  #: at the waist and chest, arms apart
    torso_half_depth: float
    hip_half_width: float  #: where the hanging hands are


class Body:
    """Forward kinematics of the normalised skeleton, and its limits."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.places = rig.places
        parents = np.array([INDEX.get(PARENT[bone], -1) for bone in BONES])
        self._offsets = self.places - np.where(parents[:, None] >= 0, self.places[parents], 0)
        depth = np.zeros(len(BONES), int)
        for i, parent in enumerate(parents):
            depth[i] = depth[parent] + 1 if parent >= 0 else 0
        self._levels = [
            (rows, parents[rows]) for rows in (np.flatnonzero(depth == d) for d in range(1, int(depth.max()) + 1))
        ]
        self.measures = _measure(rig)

    def forward(self, pose: F64, hips_shift: F64) -> tuple[F64, F64]:
        """Places (55, 3) and world rotation matrices (55, 3, 3) of the bones in a pose."""
        world = np.zeros((len(BONES), 4, 4))
        world[:, :3, :3] = quat.to_matrix(pose)
        world[:, :3, 3] = self._offsets
        world[:, 3, 3] = 1
        world[0, :3, 3] += hips_shift
        for rows, parents in self._levels:
            world[rows] = world[parents] @ world[rows]
        return world[:, :3, 3], world[:, :3, :3]

    def outside_torso(self, point: F64, middle: F64, margin: float, top_m: float | None = None) -> F64:
        """The point, pushed out of the upright elliptic cylinder round `middle` (a place on the body's axis).

        Above the height `top_m` it narrows to nothing within a hand's breadth; None: it is as wide all the way up.
        """
        (x, y, z), (middle_x, _, middle_z) = point.tolist(), middle.tolist()
        aside, ahead = x - middle_x, z - middle_z
        width, depth = self.measures.torso_half_width + margin, self.measures.torso_half_depth + margin
        if top_m is not None:
            left = max(1 - max(y - top_m, 0.0) / _NARROWS_M, 1e-3)
            width, depth = width * left, depth * left
        inside = (aside / width) ** 2 + (ahead / depth) ** 2
        if inside >= 1:
            return point
        if inside < 1e-6:
            aside, ahead, inside = 0.0, 1e-3 * depth, 1e-6
        out = 1 / math.sqrt(inside)
        return np.array([middle_x + aside * out, y, middle_z + ahead * out])


def _measure(rig: Rig) -> Measures:
    places = {bone: rig.places[INDEX[bone]] for bone in BONES}
    upper = float(np.linalg.norm(places["leftLowerArm"] - places["leftUpperArm"]))
    lower = float(np.linalg.norm(places["leftHand"] - places["leftLowerArm"]))
    hand = float(np.linalg.norm(places["leftMiddleProximal"] - places["leftHand"])) or (upper + lower) * 0.17
    shoulder = float(abs(places["leftUpperArm"][0] - places["rightUpperArm"][0])) / 2
    surface = rig.surface()
    arms = rig.below(*(side + bone for side in SIDES for bone in ("Shoulder", "UpperArm")))
    points = surface.points
    height = float(points[:, 1].max()) if len(points) else float(places["head"][1] * 1.12)
    trunk = points[~np.isin(surface.owners, sorted(arms))]
    shoulder_y, hips_y = places["leftUpperArm"][1], places["hips"][1]
    chest = trunk[(trunk[:, 1] > hips_y) & (trunk[:, 1] < hips_y + 0.85 * (shoulder_y - hips_y))]
    hanging = shoulder_y - upper - lower
    beside = trunk[(trunk[:, 1] > hanging - 0.12) & (trunk[:, 1] < hanging + 0.15)]
    middle = places["spine"]
    return Measures(
        height=height,
        arm=max(upper + lower, 1e-3),
        upper_arm=upper,
        hand=hand,
        shoulder_half=shoulder,
        torso_half_width=_spread(chest[:, 0] - middle[0], shoulder * 0.95),
        torso_half_depth=_spread(chest[:, 2] - middle[2], shoulder * 0.65),
        hip_half_width=_spread(beside[:, 0] - middle[0], shoulder * 1.05),
    )


def _spread(values: F64, instead: float) -> float:
    """Nearly the greatest distance from zero, kept within what a body can be."""
    if len(values) < 8:
        return instead
    return float(np.clip(np.quantile(np.abs(values), 0.97), 0.6 * instead, 1.8 * instead))


def reach(
    shoulder: F64, wrist: F64, pole: F64, upper: float, lower: float, least_bend_deg: float = 4.0
) -> tuple[F64, F64]:
    """Two-bone inverse kinematics: where elbow and wrist come to lie (3,), (3,).

    The elbow bends towards `pole`, a direction. A wrist out of reach is brought within it, short of a
    straight elbow by `least_bend_deg`; a wrist too near is pushed away.
    """
    bend = math.radians(180 - least_bend_deg)
    longest = math.sqrt(upper**2 + lower**2 - 2 * upper * lower * math.cos(bend))
    shortest = max(abs(upper - lower) * 1.05, 0.25 * (upper + lower))
    line = wrist - shoulder
    distance = quat.length(line)
    along = line / distance if distance > 1e-9 else np.array([0.0, -1.0, 0.0])
    distance = min(max(distance, shortest), longest)
    side = pole - along * float(pole @ along)
    length = quat.length(side)
    if length < 1e-6:
        side = quat.cross(along, np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.9 else np.array([0.0, 0.0, 1.0]))
        length = quat.length(side)
    cosine = min(max((upper**2 + distance**2 - lower**2) / (2 * upper * distance), -1.0), 1.0)
    elbow = shoulder + along * (upper * cosine) + side * (upper * math.sqrt(1 - cosine**2) / length)
    return elbow, shoulder + along * distance
