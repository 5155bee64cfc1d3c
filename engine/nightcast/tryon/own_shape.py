"""Learns the shape of a face from how its landmarks move as it turns: bundle adjustment held near the reference head.

Poses and points are solved in turns, one kept picture with each new one, so that no picture waits for it. A face that
never turns shows nothing of its depth, and stays the reference head. Millimetres of the reference head's size. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.tryon.pnp import Intrinsics, Pose, solve_pose
from nightcast.tryon.product import F64

__all__ = ["OwnShape"]

_APART_DEG = 4.0  #: pictures are kept that differ so much from all that are
_LEAST, _MOST = 6, 24  #: pictures kept
_SPREAD_DEG = 12.0  #: over which they must reach before anything is learnt
_ROUNDS = 4
_PRIOR_MM, _SEEN_PX = 3.0, 3.0  #: how far faces differ from the reference, and how exactly a tracker sees
_EVERY = 3  #: landmarks used for a pose


@dataclass(frozen=True, eq=False)
class _Kept:
    seen_px: F64
    rotation: F64


class OwnShape:
    """`points_mm` (n, 3) are the reference head's until enough is known, then this face's own."""

    def __init__(self, reference_mm: F64, weights: F64, camera: Intrinsics) -> None:
        self.points_mm = reference_mm
        self._reference = reference_mm
        self._weights = weights
        self._camera = camera
        self._kept: list[_Kept] = []
        self._round: list[tuple[Pose, F64]] = []
        self._rounds_left = 0

    def see(self, seen_px: F64, pose: Pose) -> None:
        """Take in a picture's landmarks (n, 2) and the pose they gave."""
        if len(self._kept) < _MOST and all(_apart_deg(pose.rotation, k.rotation) > _APART_DEG for k in self._kept):
            self._kept.append(_Kept(seen_px, pose.rotation))
            self._rounds_left, self._round = _ROUNDS, []
        if self._rounds_left and self._spread_enough():
            self._work()

    def _spread_enough(self) -> bool:
        if len(self._kept) < _LEAST:
            return False
        return max(_apart_deg(self._kept[0].rotation, k.rotation) for k in self._kept) > _SPREAD_DEG

    def _work(self) -> None:
        """One pose; after the last one, all points."""
        kept = self._kept[len(self._round)]
        some = slice(None, None, _EVERY)
        pose = solve_pose(self.points_mm[some], kept.seen_px[some], self._weights[some], self._camera)
        if pose is None:
            self._rounds_left = 0
            return
        self._round.append((pose, kept.seen_px))
        if len(self._round) == len(self._kept):
            self.points_mm = self._points()
            self._round, self._rounds_left = [], self._rounds_left - 1

    def _points(self) -> F64:
        """Every point from its rays (linear), and the reference's place as one observation more."""
        count = len(self._reference)
        normal: F64 = np.tile(np.eye(3) / _PRIOR_MM**2, (count, 1, 1))
        right: F64 = self._reference / _PRIOR_MM**2
        for pose, seen_px in self._round:
            rays: F64 = (seen_px - self._camera.middle_px) * [1, -1] / self._camera.focal_px
            depth: F64 = -(self.points_mm @ pose.rotation.T + pose.place_mm)[:, 2]
            trust: F64 = (self._camera.focal_px / depth / _SEEN_PX) ** 2
            for axis in (0, 1):
                row: F64 = pose.rotation[axis] + rays[:, axis : axis + 1] * pose.rotation[2]
                value: F64 = -(pose.place_mm[axis] + rays[:, axis] * pose.place_mm[2])
                normal = normal + np.einsum("n,ni,nj->nij", trust, row, row)
                right = right + np.einsum("n,ni->ni", trust * value, row)
        return np.asarray(np.linalg.solve(normal, right[..., None])[..., 0], np.float64)


def _apart_deg(a: F64, b: F64) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))
