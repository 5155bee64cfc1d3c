"""What is finer than the mesh: folds of the settled cloth and painted heights, as a tangent-space normal map."""

from __future__ import annotations

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy import ndimage

from .draping import Folds
from .paint import Canvas, rasterise
from .part import Part, barycentric, vertex_normals

SEARCH_M = 0.03  # how far from the mesh its fine surface is looked for
CAVITY_M = 0.0035  # a fold this deep below its surroundings is as dark as folds get


class Relief:
    """The fine surface as seen from each texel of a map of `size`."""

    def __init__(self, parts: list[Part], folds: dict[str, Folds], size: int) -> None:
        layers = np.zeros((size, size, 9))
        hand = np.zeros((size, size, 1))
        owner, spare = np.full((size, size), -1), np.full((size, size), -1)
        for number, part in enumerate(parts):
            normals = part.normals
            if normals is None:
                normals = vertex_normals(part.positions, part.triangles, part.weld)
            along, sense = tangents(part, normals)
            rasterise(part.uvs, part.triangles, np.hstack([part.positions, normals, along]), layers, owner, number)
            rasterise(part.uvs, part.triangles, sense[:, None], hand, spare, number)
        nearest = ndimage.distance_transform_edt(owner < 0, return_distances=False, return_indices=True)
        layers, self.owner = layers[nearest[0], nearest[1]], owner[nearest[0], nearest[1]]
        self.points = layers[..., :3]
        normal = unit(layers[..., 3:6])
        along = layers[..., 6:9]
        along = unit(along - normal * (normal * along).sum(-1, keepdims=True))
        self.frame = np.stack([along, np.cross(normal, along) * np.sign(hand[nearest[0], nearest[1]]), normal], -2)
        self.slopes = np.zeros((size, size, 2))
        self.depth_m = np.full((size, size), np.nan)
        for number, part in enumerate(parts):
            if part.name in folds:
                self._look(owner == number, folds[part.name])

    def _look(self, texels: np.ndarray, folds: Folds) -> None:
        """Read the fine surface's slopes and depth where it lies below or above the `texels`."""
        tree = BVHTree.FromPolygons(folds.positions.tolist(), folds.triangles.tolist())
        normals = vertex_normals(folds.positions, folds.triangles, np.arange(len(folds.positions)))
        rows, columns = np.nonzero(texels)
        for row, column in zip(rows, columns, strict=True):
            point, normal = Vector(self.points[row, column]), Vector(self.frame[row, column, 2])
            place, _, triangle, away = tree.ray_cast(point + normal * SEARCH_M, -normal, 2 * SEARCH_M)
            if place is None:
                continue
            corners = folds.triangles[triangle]
            share = barycentric(np.array(place), folds.positions[corners])
            bent = self.frame[row, column] @ (share @ normals[corners])
            if bent[2] > 0.25:
                self.slopes[row, column] = bent[:2] / bent[2]
                self.depth_m[row, column] = away - SEARCH_M

    def cavity(self) -> np.ndarray:
        """(size, size) 0 in the open, 1 deep in a fold."""
        seen = np.isfinite(self.depth_m).astype(float)
        depth = np.where(seen > 0, self.depth_m, 0)
        around = ndimage.gaussian_filter(depth, 9) / np.maximum(ndimage.gaussian_filter(seen, 9), 1e-6)
        deep = ndimage.gaussian_filter(seen * (depth - around), 1)
        return np.clip(deep / CAVITY_M, 0, 1)

    def image(self, c: Canvas, strength: float = 1.3) -> np.ndarray:
        """(size, size, 3) normal map, +Y up the picture, with the canvas's painted heights on the folds."""
        height = ndimage.zoom(ndimage.gaussian_filter(c.height, 0.7), len(self.owner) / len(c.height), order=1)
        raised = np.stack([self._slope(height, axis) for axis in (1, 0)], -1)
        tilt = (self.slopes * strength - raised) * (1, -1)  # V goes down the picture
        flat = np.concatenate([tilt, np.ones((*self.owner.shape, 1))], -1)
        return 0.5 + 0.5 * unit(flat)

    def _slope(self, height: np.ndarray, axis: int) -> np.ndarray:
        """Rise per metre along a texel axis; none across the borders of charts."""
        run = np.linalg.norm(np.gradient(self.points, axis=axis), axis=-1)
        there = (run > 2e-5) & (run < 0.008)
        return np.clip(np.where(there, np.gradient(height, axis=axis) / np.maximum(run, 2e-5), 0), -1.5, 1.5)


def tangents(part: Part, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) directions along U and (n,) senses of V about the normals, summed over triangles (Lengyel)."""
    corner = part.triangles
    e = part.positions[corner[:, 1:]] - part.positions[corner[:, :1]]
    s = part.uvs[corner[:, 1:]] - part.uvs[corner[:, :1]]
    area = s[:, 0, 0] * s[:, 1, 1] - s[:, 1, 0] * s[:, 0, 1]
    sign = np.sign(area)[:, None]
    u = unit((e[:, 0] * s[:, 1, 1:2] - e[:, 1] * s[:, 0, 1:2]) * sign)
    v = unit((e[:, 1] * s[:, 0, 0:1] - e[:, 0] * s[:, 1, 0:1]) * sign)
    sums = np.zeros((2, *part.positions.shape))
    for k in range(3):
        np.add.at(sums[0], corner[:, k], u)
        np.add.at(sums[1], corner[:, k], v)
    along = unit(sums[0] - normals * (normals * sums[0]).sum(1, keepdims=True))
    return along, np.where((np.cross(normals, along) * sums[1]).sum(1) < 0, -1.0, 1.0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
