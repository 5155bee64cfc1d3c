"""Learns the shape of a face from where its landmarks are seen, within what heads have in common.

The first picture gives a guess, each one that shows the head from another side makes it surer. Of a picture stays only
what it says of the likeness: its normal equations, with the pose solved out of them. Pure.
"""

from __future__ import annotations

import numpy as np

from nightcast.tryon.heads import HeadModel
from nightcast.tryon.pnp import Intrinsics, Pose, jacobian, residuals_px, solve_pose
from nightcast.tryon.product import F64

__all__ = ["OwnShape"]

_APART_DEG = 4.0  #: pictures are learnt from that differ so much from all that were
_MOST = 24  #: pictures learnt from
_FIRST_ROUNDS, _ROUNDS = 6, 2
#: How exactly a tracker sees, on a face 200 pixels wide, as if each landmark erred alone; they err together, so this is
#: more than is seen of one. Of 8 to 15 the best in one picture of 56 made people whom the modes were not made from, of
#: three skins, one of which lent the modes nothing (docs/tryon.md).
_SEEN_PX = 12.0
#: No more than so many pictures' worth is believed: what the modes cannot tell of a face is the same in all of them.
_BELIEVED = 4.0
_MOST_LIKENESS = 3.0


class OwnShape:
    """`likeness` (K,) and `points_mm` (478, 3) are the mean head's until a picture was seen."""

    def __init__(self, head: HeadModel, camera: Intrinsics) -> None:
        self._head = head
        self._camera = camera
        self.likeness: F64 = np.zeros(len(head.modes_mm))
        self.points_mm = head.points_mm
        self._told_by_all = np.zeros((len(self.likeness), len(self.likeness) + 1))
        self._sides: list[F64] = []

    def see(self, seen_px: F64, pose: Pose) -> Pose:
        """Take in a picture's landmarks (n, 2) and the pose they gave; returns the pose by what is known now."""
        if len(self._sides) >= _MOST or any(_apart_deg(pose.rotation, side) < _APART_DEG for side in self._sides):
            return pose
        one = np.eye(len(self.likeness))  # heads differ by one standard deviation
        share = min(1.0, _BELIEVED / (len(self._sides) + 1))
        count = len(seen_px)
        told = self._told_by_all
        for _ in range(_ROUNDS if self._sides else _FIRST_ROUNDS):
            told = self._told_by_all + self._told(seen_px, pose)
            found = np.linalg.solve(one + share * told[:, :-1], share * told[:, -1])
            self.likeness = np.clip(found, -_MOST_LIKENESS, _MOST_LIKENESS)
            self.points_mm = self._head.points_of(self.likeness)
            weights = self._head.weights[:count]
            pose = solve_pose(self.points_mm[:count], seen_px, weights, self._camera, pose) or pose
        self._told_by_all = told
        self._sides.append(pose.rotation)
        return pose

    def _told(self, seen_px: F64, pose: Pose) -> F64:
        """(K, K + 1) what one picture says of the likeness, whatever its pose: normal equations, both sides."""
        count, modes = len(seen_px), len(self.likeness)
        off, trust = residuals_px(self.points_mm[:count], seen_px, self._head.weights[:count], pose, self._camera)
        size_px = float(np.ptp(seen_px[:, 0]))
        by_pose = jacobian(self.points_mm[:count], pose, self._camera)
        by_place = by_pose[:, 3:].reshape(count, 2, 3) @ pose.rotation
        by_mode = np.einsum("nij,knj->nik", by_place, self._head.modes_mm[:, :count]).reshape(-1, modes)
        weight = np.repeat(trust, 2)[:, None] / (_SEEN_PX * size_px / 200) ** 2
        weighted = by_mode * weight
        across = by_pose.T @ weighted
        free = np.linalg.solve(
            by_pose.T @ (by_pose * weight), np.column_stack([across, by_pose.T @ (off[:, None] * weight)])
        )
        sure: F64 = weighted.T @ by_mode - across.T @ free[:, :-1]
        return np.column_stack([sure, weighted.T @ off - across.T @ free[:, -1] + sure @ self.likeness])


def _apart_deg(a: F64, b: F64) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))
