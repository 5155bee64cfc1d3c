"""Arms that put a hand somewhere, and legs that keep the feet where they stand, by two-bone IK.

Host space, metres; poses are (55, 4) normalised rotations.
"""

from __future__ import annotations

import math

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.body import Body, reach
from nightcast.host.bones import INDEX
from nightcast.host.counter import Counter
from nightcast.host.hands import SHAPES, finger_rotations, straightening_deg
from nightcast.host.quaternion import F64

#: How much of the forearm's length the turn of the hand is spread over, and how far a wrist may bend.
_PRONATION_SHARE = 0.6
_PRONATION_LIMIT_RAD = math.radians(150.0)
_WRIST_LIMIT_DEG = 68.0
_WRIST_LIMIT_COSINE = math.cos(math.radians(_WRIST_LIMIT_DEG))

#: Least distance of wrist and elbow from the torso's surface.
_WRIST_MARGIN_M, _ELBOW_MARGIN_M = 0.045, 0.03

#: Wrist, knuckles and finger tips, in lengths from the wrist to the knuckles.
_ALONG_HAND = np.array([0.0, 1.0, 1.8])

#: Where the elbow of an arm that makes way for a counter goes, for each metre that the hand is moved.
_ELBOW_DOWN = np.array([0.0, -12.0, -4.0])


class Limb:
    """The T-pose of one arm or leg, and how to pose it."""

    def __init__(self, body: Body, upper: str, lower: str, end: str, bends: F64) -> None:
        self.upper, self.lower, self.end = INDEX[upper], INDEX[lower], INDEX[end]
        places = body.places
        thigh, shank = places[self.lower] - places[self.upper], places[self.end] - places[self.lower]
        self.upper_m, self.lower_m = max(quat.length(thigh), 1e-4), max(quat.length(shank), 1e-4)
        self.to_lower, self.to_end = thigh, shank
        self.lower_axis = _direction(shank)
        self._hinge = _direction(quat.cross(_direction(thigh), bends))
        self._from_upper = _frame(_direction(thigh), self._hinge).T
        self._from_lower = _frame(self.lower_axis, self._hinge).T

    def solve(self, root: F64, end: F64, pole: F64) -> tuple[F64, F64, F64, F64]:
        """World rotations (3, 3) of upper and lower bone, and where the joint and the end come to lie."""
        joint, end = reach(root, end, pole, self.upper_m, self.lower_m)
        first, second = (joint - root) / self.upper_m, (end - joint) / self.lower_m
        hinge = quat.cross(first, second)
        length = quat.length(hinge)
        if length > 1e-9:
            hinge = hinge / length
            frames = _axes(first, hinge), _axes(second, hinge)
        else:
            frames = _frame(first, self._hinge), _frame(second, self._hinge)
        return frames[0] @ self._from_upper, frames[1] @ self._from_lower, joint, end


def _direction(v: F64) -> F64:
    """Unit vector along v; sideways for a bone without length."""
    length = quat.length(v)
    return v / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])


def _frame(along: F64, hinge: F64) -> F64:
    """Orthonormal axes (3, 3) with the first along a bone and the second as near to the hinge as can be."""
    second = hinge - along * float(along @ hinge)
    length = quat.length(second)
    if length < 1e-9:
        second = quat.cross(along, np.array([0.3, 0.5, 0.8]))
        length = quat.length(second)
    return _axes(along, second / length)


def _axes(first: F64, second: F64) -> F64:
    """Orthonormal axes (3, 3), the third across the two given."""
    return np.array([first, second, quat.cross(first, second)]).T


def _turned(before: F64, after: F64) -> F64:
    """Matrix (3, 3) of the shortest turn between two directions that are not opposite."""
    a, b = _direction(before), _direction(after)
    half = a + b
    turn: F64 = np.eye(3) + 2 * np.outer(b, a) - np.outer(half, half) * (2 / max(float(half @ half), 1e-9))
    return turn


class Legs:
    """Keeps both feet where the T-pose has them while the hips move."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._limbs = []
        for side in ("left", "right"):
            names = (f"{side}UpperLeg", f"{side}LowerLeg", f"{side}Foot")
            if all(name in body.rig.bones for name in names):
                self._limbs.append(Limb(body, *names, bends=np.array([0.0, 0.0, -1.0])))

    def plant(self, pose: F64, places: F64, turns: F64) -> None:
        """Write the legs' rotations into `pose` for hips that stand as `places` and `turns` say."""
        hips = turns[INDEX["hips"]]
        for limb in self._limbs:
            goal = self._body.places[limb.end]
            upper, lower, _, _ = limb.solve(places[limb.upper], goal, np.array([0.0, 0.0, 1.0]))
            local = np.array([hips.T @ upper, upper.T @ lower, lower.T])
            pose[[limb.upper, limb.lower, limb.end]] = quat.from_matrix(local)


class Arm:
    """One arm. Directions are (out, up, forward): out is away from the body on the arm's own side."""

    def __init__(self, body: Body, side: str) -> None:
        self.side = side
        self._body = body
        self._sign = 1.0 if side == "left" else -1.0
        self.shoulder = INDEX[f"{side}Shoulder"]
        self.limb = Limb(body, f"{side}UpperArm", f"{side}LowerArm", f"{side}Hand", bends=np.array([0.0, 0.0, 1.0]))
        self.rows = [self.limb.upper, self.limb.lower, self.limb.end]
        self._straight_deg = straightening_deg(body.places, side)
        self._held: dict[str, F64] = {}
        # In the T-pose the fingers point outwards and the palm looks down.
        self._from_hand = _frame(np.array([self._sign, 0, 0]), np.array([0, -1.0, 0])).T

    def in_host_space(self, direction: F64) -> F64:
        turned: F64 = direction * np.array([self._sign, 1.0, 1.0])
        return turned

    def pose(
        self,
        places: F64,
        turns: F64,
        wrist: F64,
        elbow: F64,
        palm: F64 | None,
        fingers: F64 | None,
        top_m: float | None = None,
    ) -> tuple[F64, F64]:
        """Rotations (3, 4) of upper arm, lower arm and hand that bring the wrist to `wrist`, and its place.

        `wrist` and the directions are in host space. Wrist and elbow are kept out of the torso, which `top_m`
        ends for hands that go to the head. Where palm or fingers are None the hand goes on in line with the forearm.
        """
        middle = places[INDEX["chest"]]
        wrist = self._body.outside_torso(wrist, middle, _WRIST_MARGIN_M, top_m)
        root = places[self.limb.upper]
        upper, lower, joint, end = self.limb.solve(root, wrist, elbow)
        pushed = self._body.outside_torso(joint, middle, _ELBOW_MARGIN_M)
        if pushed is not joint:
            upper, lower, joint, end = self.limb.solve(root, wrist, elbow + 4 * (pushed - joint) / self.limb.upper_m)
        hand = lower if palm is None or fingers is None else self._hand(palm, fingers)
        lower, hand = self._pronated(lower, hand)
        above = turns[self.shoulder]
        return quat.from_matrix(np.array([above.T @ upper, upper.T @ lower, lower.T @ hand])), end

    def _hand(self, palm: F64, fingers: F64) -> F64:
        along = fingers / max(quat.length(fingers), 1e-9)
        return _frame(along, palm) @ self._from_hand

    def _pronated(self, lower: F64, hand: F64) -> tuple[F64, F64]:
        """Let the forearm take its share of the hand's turn, and keep the wrist within its limit."""
        axis = self.limb.lower_axis
        x, y, z, w = quat.from_matrix((lower.T @ hand)[None])[0]
        turn_rad = 2 * math.atan(float(axis @ (x, y, z)) / w) if abs(w) > 1e-9 else math.pi
        turn_rad = min(max(turn_rad, -_PRONATION_LIMIT_RAD), _PRONATION_LIMIT_RAD)
        lower = lower @ quat.to_matrix(quat.from_axis_angle(axis, _PRONATION_SHARE * turn_rad))
        if float(axis @ lower.T @ hand @ axis) >= _WRIST_LIMIT_COSINE:
            return lower, hand
        rest = quat.from_matrix(lower.T @ hand)
        twist = quat.twist(rest, axis)
        swing = quat.clamp_angle(quat.multiply(rest, quat.inverse(twist)), _WRIST_LIMIT_DEG)
        return lower, lower @ quat.to_matrix(quat.multiply(swing, twist))

    def keep_off(self, counter: Counter, pose: F64, places: F64, turns: F64) -> None:
        """Turn this arm in `pose` (55, 4) so that its hand, which stays as it is turned, is outside of the counter.

        Each bone turns by the shortest way, so that an arm that just touches hardly moves.
        """
        local = quat.to_matrix(pose[self.rows])
        above = turns[self.shoulder]
        upper = above @ local[0]
        lower = upper @ local[1]
        hand = lower @ local[2]
        root = places[self.limb.upper]
        joint = root + upper @ self.limb.to_lower
        wrist = joint + lower @ self.limb.to_end
        fingers = hand @ np.array([self._sign * self._body.measures.hand, 0.0, 0.0])
        shift = counter.way_out(wrist + np.outer(_ALONG_HAND, fingers))
        if shift is None:
            return
        pole = _direction(joint - (root + wrist) / 2) + _ELBOW_DOWN * quat.length(shift)
        goal_joint, goal = reach(root, wrist + shift, pole, self.limb.upper_m, self.limb.lower_m)
        upper = _turned(joint - root, goal_joint - root) @ upper
        lower = _turned(wrist - joint, goal - goal_joint) @ lower
        pose[self.rows] = quat.from_matrix(np.array([above.T @ upper, upper.T @ lower, lower.T @ hand]))

    def held(self, shape: str) -> F64:
        """As `fingers`, of a shape by name, which is worked out once: a hand at rest keeps it for many frames."""
        if shape not in self._held:
            self._held[shape] = self.fingers(np.array(SHAPES[shape]))
        return self._held[shape]

    def fingers(self, shape: F64) -> F64:
        """(15, 4) rotations of the hand's finger joints, in the order of `hands.ROWS`."""
        return finger_rotations(shape, self.side, self._straight_deg)

    def shoulder_raise_deg(self, up: float) -> F64:
        """Turn (3,) by which the shoulder lifts for a wrist `up` arm's lengths above it; 12° at most."""
        return np.array([0.0, 0.0, self._sign * min(max(14 * (up + 0.25), 0.0), 12.0)])
