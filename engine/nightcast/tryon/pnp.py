"""Where a head is, from where its landmarks are seen: perspective pose by Gauss-Newton, with the camera's intrinsics.

Camera space: the camera at the origin, looking along −Z, +X right, +Y up, millimetres (OpenGL's axes, glTF's). Pixels:
origin top left, y down. A weak-perspective fit begins, so that no first guess is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nightcast.tryon.product import F64

__all__ = ["Intrinsics", "Pose", "jacobian", "project", "residuals_px", "solve_pose"]

_STEPS = 12
_HUBER_PX = 3.0  #: landmarks farther off than this, in pixels on a face 200 px wide, count less


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera: focal length and middle, in pixels."""

    width_px: int
    height_px: int
    focal_px: float
    middle_px: tuple[float, float]

    @classmethod
    def of_fov(cls, width_px: int, height_px: int, fov_deg: float) -> Intrinsics:
        """From the vertical field of view."""
        focal = height_px / 2 / math.tan(math.radians(fov_deg) / 2)
        return cls(width_px, height_px, focal, (width_px / 2, height_px / 2))

    def projection(self, near_m: float = 0.05, far_m: float = 20.0) -> F64:
        """(4, 4) to OpenGL's clip space, z in −1…1."""
        matrix = np.zeros((4, 4))
        matrix[0, 0] = 2 * self.focal_px / self.width_px
        matrix[1, 1] = 2 * self.focal_px / self.height_px
        matrix[0, 2] = 1 - 2 * self.middle_px[0] / self.width_px
        matrix[1, 2] = 2 * self.middle_px[1] / self.height_px - 1
        matrix[2, 2] = (far_m + near_m) / (near_m - far_m)
        matrix[2, 3] = 2 * far_m * near_m / (near_m - far_m)
        matrix[3, 2] = -1
        return matrix


@dataclass(frozen=True, eq=False)
class Pose:
    """A head in camera space, and how far off its landmarks are seen, in pixels (root mean square, weighted)."""

    rotation: F64  #: (3, 3)
    place_mm: F64  #: (3,)
    error_px: float


def project(points_mm: F64, pose: Pose, camera: Intrinsics) -> F64:
    """(n, 2) pixels of points (n, 3) of a head."""
    seen = points_mm @ pose.rotation.T + pose.place_mm
    depth = -seen[:, 2:]
    middle = np.array(camera.middle_px)
    pixels: F64 = middle + camera.focal_px * seen[:, :2] * [1, -1] / depth
    return pixels


def solve_pose(model_mm: F64, seen_px: F64, weights: F64, camera: Intrinsics, start: Pose | None = None) -> Pose | None:
    """The pose of a head whose points (n, 3) are seen at `seen_px` (n, 2); None where they fit no head.

    Distance is found by perspective; `weights` (n,) say how far each point may be trusted.
    """
    rotation, place = _weak_perspective(model_mm, seen_px, weights, camera) if start is None else (
        start.rotation, start.place_mm)  # fmt: skip
    damping = 1e-6
    for _ in range(_STEPS):
        pose = Pose(rotation, place, 0.0)
        if ((model_mm @ rotation.T + place)[:, 2] > -1).any():
            return None
        off, trust = residuals_px(model_mm, seen_px, weights, pose, camera)
        slopes = jacobian(model_mm, pose, camera)
        weighted = slopes * np.repeat(trust, 2)[:, None]
        normal = weighted.T @ slopes
        solved = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), weighted.T @ off)
        step = np.asarray(solved, np.float64)
        rotation = _exponential(step[:3]) @ rotation
        place = place + step[3:]
        if np.linalg.norm(step[:3]) < 2e-6 and np.linalg.norm(step[3:]) < 2e-3:
            break
    pose = Pose(rotation, place, 0.0)
    off = seen_px - project(model_mm, pose, camera)
    error_px = float(np.sqrt((weights * (off**2).sum(axis=1)).sum() / weights.sum()))
    return Pose(rotation, place, error_px) if np.isfinite(error_px) and place[2] < 0 else None


def residuals_px(model_mm: F64, seen_px: F64, weights: F64, pose: Pose, camera: Intrinsics) -> tuple[F64, F64]:
    """How far off each point is seen, (2n,), and how far it is trusted, (n,): less where it is an outlier (Huber)."""
    size_px = float(np.ptp(seen_px[:, 0]))
    huber_px = _HUBER_PX * max(size_px / 200, 0.5)
    off = seen_px - project(model_mm, pose, camera)
    length = np.linalg.norm(off, axis=1)
    return off.reshape(-1), weights * np.minimum(1.0, huber_px / np.maximum(length, 1e-9))


def jacobian(model_mm: F64, pose: Pose, camera: Intrinsics) -> F64:
    """(2n, 6) how pixels move with a turn (about the head's origin, camera axes) and a shift in millimetres."""
    turned = model_mm @ pose.rotation.T
    seen = turned + pose.place_mm
    x, y, depth = seen[:, 0], seen[:, 1], -seen[:, 2]
    focal_px = camera.focal_px
    by_place = np.zeros((len(seen), 2, 3))
    by_place[:, 0, 0] = focal_px / depth
    by_place[:, 0, 2] = focal_px * x / depth**2
    by_place[:, 1, 1] = -focal_px / depth
    by_place[:, 1, 2] = -focal_px * y / depth**2
    zero = np.zeros(len(turned))
    a, b, c = turned.T
    by_turn = np.stack(
        [np.stack([zero, c, -b], axis=1), np.stack([-c, zero, a], axis=1), np.stack([b, -a, zero], axis=1)], axis=1
    )
    slopes: F64 = np.concatenate([by_place @ by_turn, by_place], axis=2).reshape(-1, 6)
    return slopes


def _weak_perspective(model_mm: F64, seen_px: F64, weights: F64, camera: Intrinsics) -> tuple[F64, F64]:
    """A first rotation and place: as if all of the head were equally far away."""
    root = np.sqrt(weights)[:, None]
    system = np.column_stack([model_mm, np.ones(len(model_mm))]) * root
    flat = (seen_px - np.array(camera.middle_px)) * [1, -1]
    solved, *_ = np.linalg.lstsq(system, flat * root, rcond=None)
    across, up = solved[:3, 0], solved[:3, 1]
    scale = float(np.linalg.norm(across) + np.linalg.norm(up)) / 2
    rows = np.stack([across, up, np.cross(across, up) / max(scale, 1e-9)]) / max(scale, 1e-9)
    left, _, right = np.linalg.svd(rows)
    rotation = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
    depth = camera.focal_px / max(scale, 1e-9)
    return rotation, np.array([solved[3, 0] / scale, solved[3, 1] / scale, -depth])


def _exponential(turn: F64) -> F64:
    """(3, 3) rotation by a vector, radians (Rodrigues)."""
    angle = float(np.linalg.norm(turn))
    x, y, z = turn
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    if angle < 1e-9:
        near: F64 = np.eye(3) + skew
        return near
    rotation: F64 = np.eye(3) + np.sin(angle) / angle * skew + (1 - np.cos(angle)) / angle**2 * skew @ skew
    return rotation
