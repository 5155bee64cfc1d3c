"""Hands before a camera: where wrists and fingers are in space, so that watches and rings go round them. Pure.

Camera space as in `pnp`, millimetres. A wrist's and a finger's frame is that of the host's anchors: +X towards the
fingertips, +Y out of the back of the hand. A hand's size is a grown-up's: one camera cannot tell a large hand from a
near one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.tryon.one_euro import OneEuro
from nightcast.tryon.pnp import Intrinsics, Pose, solve_pose
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body, Hand

__all__ = ["FINGERS", "HandPose", "Hands"]

#: First landmark of each finger.
FINGERS = {"thumb": 1, "index": 5, "middle": 9, "ring": 13, "little": 17}
_ELBOWS, _WRISTS = {"left": 13, "right": 14}, {"left": 15, "right": 16}
_SURE = 0.6
_HOLD_S = 0.2
#: A watch sits this far behind the wrist's landmark, towards the elbow.
_WATCH_BEHIND_MM = 22.0
_WRIST_MM, _FINGER_MM = (54.0, 40.0), 17.0  #: wide and thick


@dataclass(frozen=True, eq=False)
class HandPose:
    """A hand in space."""

    side: str
    points_mm: F64  #: (21, 3) camera space
    elbow_way: F64  #: (3,) from wrist to elbow
    back: F64  #: (3,) out of the back of the hand
    seen_px: F64  #: (21, 2)

    def wrist(self) -> F64:
        """(4, 4) from a wrist's frame, in metres, to camera space, in metres."""
        place = self.points_mm[0] + self.elbow_way * _WATCH_BEHIND_MM
        return _frame(place, -self.elbow_way, self.back)

    def finger(self, name: str) -> F64:
        """(4, 4) of a finger's first segment, as `wrist`."""
        first = FINGERS[name]
        start, end = self.points_mm[first], self.points_mm[first + 1]
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
        return _frame(start + 0.55 * (end - start), along, self.back)

    def grip(self) -> F64:
        """(3,) metres, where a handle lies in the fingers; camera space."""
        palm: F64 = (self.points_mm[[6, 10, 14]].mean(axis=0) - 8 * self.back) / 1000
        return palm

    def limbs(self) -> list[F64]:
        """(4, 4) each from a cylinder of radius and length 1 about X to what hides: the forearm and the fingers."""
        forearm = self.wrist()
        forearm[:3, :3] = forearm[:3, :3] * [0.12, _WRIST_MM[1] / 2000, _WRIST_MM[0] / 2000]
        forearm[:3, 3] += self.elbow_way * 0.03
        cylinders = [forearm]
        for first in FINGERS.values():
            for a in range(first, first + 3):
                start, end = self.points_mm[a] / 1000, self.points_mm[a + 1] / 1000
                length = max(float(np.linalg.norm(end - start)), 1e-6)
                thick = _FINGER_MM / 2000 * (1.0 if a < first + 2 else 0.85)
                bone = _frame(1000 * (start + end) / 2, (end - start) / length, self.back)
                bone[:3, :3] = bone[:3, :3] * [length, thick, thick]
                cylinders.append(bone)
        return cylinders


@dataclass
class _Track:
    side: str
    seen_s: float
    points: OneEuro = field(default_factory=lambda: OneEuro(1.5, 0.004))
    turn: OneEuro = field(default_factory=lambda: OneEuro(1.5, 1.0))
    last_turn: F64 | None = None
    last: HandPose | None = None


class Hands:
    """Follows the hands of a stream; a hand that is lost for a moment is held."""

    def __init__(self, camera: Intrinsics) -> None:
        self._camera = camera
        self._tracks: dict[str, _Track] = {}

    def update(
        self, hands: Sequence[Hand], body: Body | None, time_s: float, *, smooth: bool = True, scale: float = 1.0
    ) -> list[HandPose]:
        """Hands at `time_s`; `scale` is the size of this person against a grown-up's."""
        found = []
        for hand in hands:
            pose = solve_pose(hand.shape_mm * scale, hand.seen_px, np.ones(len(hand.shape_mm)), self._camera)
            if pose is None:
                continue
            if not smooth:
                found.append(_posed(hand, pose, body, scale))
                continue
            track = self._tracks.get(hand.side)
            if track is None or time_s - track.seen_s > _HOLD_S:
                track = self._tracks[hand.side] = _Track(hand.side, time_s)
            track.seen_s = time_s
            steady = _steady(track, _posed(hand, pose, body, scale), time_s)
            track.last = steady
            found.append(steady)
        sides = {hand.side for hand in hands}
        held = [t.last for t in self._tracks.values() if t.side not in sides and time_s - t.seen_s <= _HOLD_S]
        return found + [pose for pose in held if pose is not None]


def _posed(hand: Hand, pose: Pose, body: Body | None, scale: float) -> HandPose:
    points = hand.shape_mm * scale @ pose.rotation.T + pose.place_mm
    along = points[9] - points[0]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    across = points[5] - points[17]
    back = np.cross(across, along) if hand.side == "left" else np.cross(along, across)
    back = back / max(float(np.linalg.norm(back)), 1e-6)
    seen = _elbow_way(hand, body)
    # A body's depth is the least sure of all, the hand's own way is off by the wrist's bend: between them is best.
    way = -along if seen is None else seen - along
    return HandPose(hand.side, points, way / max(float(np.linalg.norm(way)), 1e-6), back, hand.seen_px)


def _elbow_way(hand: Hand, body: Body | None) -> F64 | None:
    """(3,) from wrist to elbow, where the body's own landmarks show the forearm; None where they do not."""
    if body is None:
        return None
    elbow, wrist = _ELBOWS[hand.side], _WRISTS[hand.side]
    size_px = float(np.linalg.norm(hand.seen_px[0] - hand.seen_px[9]))
    if min(body.sure[[elbow, wrist]]) < _SURE or np.linalg.norm(body.seen_px[wrist] - hand.seen_px[0]) > size_px:
        return None
    way = body.shape_mm[elbow] - body.shape_mm[wrist]
    unit: F64 = way / max(float(np.linalg.norm(way)), 1e-6)
    return unit


def _steady(track: _Track, hand: HandPose, time_s: float) -> HandPose:
    points = track.points(hand.points_mm.reshape(-1), time_s).reshape(-1, 3)
    frame = np.column_stack([-hand.elbow_way, hand.back, np.cross(-hand.elbow_way, hand.back)])
    left, _, right = np.linalg.svd(frame)
    turn = quat.from_matrix(left @ right)
    if track.last_turn is not None and float(track.last_turn @ turn) < 0:
        turn = -turn
    turn = quat.normalised(track.turn(turn, time_s))
    track.last_turn = turn
    axes = quat.to_matrix(turn)
    return HandPose(hand.side, points, -axes[:, 0], axes[:, 1], hand.seen_px)


def _frame(place_mm: F64, along: F64, back: F64) -> F64:
    """(4, 4) in metres: +X along, +Y out of the back as nearly as may be."""
    up = back - along * float(back @ along)
    up = up / max(float(np.linalg.norm(up)), 1e-6)
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([along, up, np.cross(along, up)])
    matrix[:3, 3] = place_mm / 1000
    return matrix
