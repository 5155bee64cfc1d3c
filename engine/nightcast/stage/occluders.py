"""Shapes that only hide what is behind them: a person's head, and limbs as cylinders. Metres. No GL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import Mesh, Model, Node, Primitive, f32
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["cylinder", "hat_band", "head_of"]

_AROUND = 20
_GIVES_WAY, _SOFT_M = 0.12, 0.02  #: of a skull under a hat, over so much of the forehead
_LEVEL_M = 0.012


def head_of(wearer: Wearer, *, under_a_hat: bool = False) -> Model:
    """Skin, eyes and neck of the reference head, standing still in host space; its hair is not the person's.

    With `under_a_hat` the skull is smaller from the forehead up, so that no forehead hides the hat that is on it.
    """
    points = wearer.outline.points
    if under_a_hat:
        middle = hat_band(wearer)[0]
        share = _GIVES_WAY * np.clip((points[:, 1] - middle[1]) / _SOFT_M + 1, 0, 1)[:, None]
        points = points + share * (middle - points)
    return _solid("head", wearer.rig.model.path, points, wearer.outline.triangles)


def hat_band(wearer: Wearer) -> F64:
    """(4, 3) middle, front and back of where a hat's band lies, and a place 10 cm above its middle; host space."""
    front = wearer.anchors["forehead"].rest[:3, 3]
    points = wearer.outline.points
    level = points[np.abs(points[:, 1] - front[1]) < _LEVEL_M, 2]
    middle = np.array([front[0], front[1], (level.min() + level.max()) / 2 if len(level) else front[2]])
    return np.array([middle, front, 2 * middle - front, middle + np.array([0.0, 0.1, 0.0])])


def cylinder(path: Path) -> Model:
    """About X from −½ to ½, of radius 1, with closed ends. `path` is said where it fails."""
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    rims = [np.column_stack([np.full(_AROUND, x), ring]) for x in (-0.5, 0.5)]
    points = np.vstack([*rims, [[-0.5, 0, 0], [0.5, 0, 0]]])
    low, high = np.arange(_AROUND), np.arange(_AROUND) + _AROUND
    triangles = np.concatenate(
        [
            np.column_stack([low, np.roll(low, -1), high]),
            np.column_stack([np.roll(low, -1), np.roll(high, -1), high]),
            np.column_stack([np.roll(low, -1), low, np.full(_AROUND, 2 * _AROUND)]),
            np.column_stack([high, np.roll(high, -1), np.full(_AROUND, 2 * _AROUND + 1)]),
        ]
    )
    return _solid("limb", path, points, triangles)


def _solid(name: str, path: Path, points: F64, triangles: NDArray[np.intp]) -> Model:
    normals = np.broadcast_to(f32([0, 0, 1]), points.shape)
    skin = Primitive(f32(points), f32(normals), triangles.reshape(-1).astype(np.uint32))
    mesh = Mesh(name, (skin,), np.zeros(0, np.float32))
    still = Node(name, None, (), f32([0, 0, 0]), f32([0, 0, 0, 1]), f32([1, 1, 1]), mesh=0)
    return Model(path=path, nodes=(still,), roots=(0,), meshes=(mesh,))
