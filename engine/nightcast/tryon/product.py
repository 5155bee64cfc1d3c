"""A product's mesh in the frame in which it is worn: metres, turned, its origin where it meets the body.

`Wear` in the catalog says how the file's numbers become that frame. It is right-handed, +X the wearer's left, +Y up, +Z
out of the face (wrist and finger: +Y towards the fingertips, +Z out of the back of the hand; shoe: +Z the toe).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.records import Model
from nightcast.show.wear import Wear

__all__ = ["F64", "WornShape", "rotation_xyz", "worn_shape"]

F64 = NDArray[np.float64]
_MM = 1e-3


@dataclass(frozen=True, eq=False)
class WornShape:
    """`matrix` (4, 4) takes the model's own space to the worn frame; `low`, `high` (3,) bound it there, metres."""

    matrix: F64
    low: F64
    high: F64

    @property
    def size(self) -> F64:
        return self.high - self.low

    def scaled(self, factor: float) -> WornShape:
        """Larger or smaller about its origin."""
        return WornShape(np.diag([factor, factor, factor, 1.0]) @ self.matrix, self.low * factor, self.high * factor)


def worn_shape(wear: Wear, model: Model) -> WornShape:
    """How the product lies before a body is known: scaled, turned, its origin at zero."""
    low, high = (corner.astype(np.float64) for corner in rest_bounds(model))
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_xyz(wear.turn) * wear.scale
    matrix[:3, 3] = -np.array(wear.origin) * _MM
    placed = corners @ matrix[:3, :3].T + matrix[:3, 3]
    return WornShape(matrix, placed.min(axis=0), placed.max(axis=0))


def rotation_xyz(turn_deg: tuple[float, float, float]) -> F64:
    """(3, 3): about X, then Y, then Z."""
    x, y, z = np.radians(turn_deg)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    turned: F64 = about_z @ about_y @ about_x
    return turned
