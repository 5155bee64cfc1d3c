"""Feet before a camera: where a body's landmarks say that soles are, so that shoes go on them. Pure.

Camera space as in `pnp`, millimetres. A foot's frame is that of the host's anchors: its origin on the sole, +Y up the
leg, +Z to the toes. Landmarks of feet are coarse: they say where a foot is and points, not how it is bent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nightcast.tryon.one_euro import OneEuro
from nightcast.tryon.pnp import Intrinsics
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body

__all__ = ["Feet", "FootPose"]

#: Knee, ankle, heel and toes of each foot.
_LANDMARKS = {"left": (25, 27, 29, 31), "right": (26, 28, 30, 32)}
_HIPS = (23, 24)
_SURE = 0.5
_HOLD_S = 0.3
#: From heel's to toes' landmark, and from these down to the ground, as shares of a shoe's length.
_BETWEEN, _HEEL_UP, _TOES_UP = 0.72, 0.13, 0.07
_ANKLE_MM = 36.0  #: half as thick


@dataclass(frozen=True, eq=False)
class FootPose:
    """A foot in space."""

    side: str
    points_mm: F64  #: (4, 3) knee, ankle, heel, toes

    @property
    def length_mm(self) -> float:
        return float(np.linalg.norm(self.points_mm[3] - self.points_mm[2])) / _BETWEEN

    def sole(self) -> F64:
        """(4, 4) from the foot's frame, in metres, to camera space, in metres."""
        _, ankle, heel, toes = self.points_mm
        up = _across(ankle - heel, toes - heel)
        heel, toes = heel - up * _HEEL_UP * self.length_mm, toes - up * _TOES_UP * self.length_mm
        ahead = (toes - heel) / max(float(np.linalg.norm(toes - heel)), 1e-6)
        up = _across(up, ahead)
        matrix = np.eye(4)
        matrix[:3, :3] = np.column_stack([np.cross(up, ahead), up, ahead])
        matrix[:3, 3] = (heel + toes) / 2000
        return matrix

    def leg(self) -> F64:
        """(4, 4) from a cylinder of radius and length 1 about X to what hides: the shank, down into the shoe."""
        knee, ankle, *_ = self.points_mm
        along = (knee - ankle) / max(float(np.linalg.norm(knee - ankle)), 1e-6)
        side = np.cross(along, [0.0, 0.0, 1.0])
        side = side / max(float(np.linalg.norm(side)), 1e-6)
        thick, start = _ANKLE_MM / 1000, ankle - along * _ANKLE_MM
        matrix = np.eye(4)
        matrix[:3, :3] = np.column_stack([along, side, np.cross(along, side)])
        matrix[:3, :3] *= [float(np.linalg.norm(knee - start)) / 1000, thick, thick]
        matrix[:3, 3] = (start + knee) / 2000
        return matrix


def _across(way: F64, along: F64) -> F64:
    """(3,) of length 1: the part of a way that is square to another."""
    square = way - along * float(way @ along) / max(float(along @ along), 1e-9)
    unit: F64 = square / max(float(np.linalg.norm(square)), 1e-6)
    return unit


@dataclass
class _Track:
    seen_s: float
    points: OneEuro = field(default_factory=lambda: OneEuro(1.2, 0.004))
    last: FootPose | None = None


class Feet:
    """Follows the feet of one person in a stream; a foot that is lost for a moment is held."""

    def __init__(self, camera: Intrinsics) -> None:
        self._camera = camera
        self._tracks: dict[str, _Track] = {}

    def update(self, body: Body | None, time_s: float, *, smooth: bool = True, scale: float = 1.0) -> list[FootPose]:
        """Feet at `time_s`; `scale` is the size of this person against a grown-up's."""
        found = []
        for side, rows in _LANDMARKS.items():
            pose = None if body is None else _posed(side, rows, body, self._camera, scale)
            if pose is not None and smooth:
                track = self._tracks.get(side)
                if track is None or time_s - track.seen_s > _HOLD_S:
                    track = self._tracks[side] = _Track(time_s)
                steady = track.points(pose.points_mm.reshape(-1), time_s).reshape(-1, 3)
                track.seen_s, track.last = time_s, FootPose(side, steady)
                pose = track.last
            elif pose is None and side in self._tracks and time_s - self._tracks[side].seen_s <= _HOLD_S:
                pose = self._tracks[side].last
            if pose is not None:
                found.append(pose)
        return found


def _posed(side: str, rows: tuple[int, ...], body: Body, camera: Intrinsics, scale: float) -> FootPose | None:
    if min(body.sure[list(rows[1:])]) < _SURE:
        return None
    shape = body.shape_mm * scale
    leg = list(rows)
    place = _placed(shape[[*_HIPS, *leg]], body.seen_px[[*_HIPS, *leg]], camera)
    if place is None:
        return None
    points = shape[leg] + place
    # The body's shape is a guess, the picture is not: each point goes to where it is seen, at its own depth.
    seen = (body.seen_px[leg] - camera.middle_px) * [1, -1] / camera.focal_px
    points[:, :2] = seen * -points[:, 2:]
    return FootPose(side, points)


def _placed(shape: F64, seen_px: F64, camera: Intrinsics) -> F64 | None:
    """(3,) where a shape (n, 3) that is turned as it is seen must be moved to: linear least squares."""
    ray = (seen_px - camera.middle_px) * [1, -1] / camera.focal_px
    rows, wanted = [], []
    for axis in (0, 1):
        row = np.zeros((len(shape), 3))
        row[:, axis], row[:, 2] = 1.0, ray[:, axis]
        rows.append(row)
        wanted.append(-shape[:, axis] - ray[:, axis] * shape[:, 2])
    place, *_ = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)
    found: F64 = place
    return found if found[2] + shape[:, 2].max() < -100.0 else None
