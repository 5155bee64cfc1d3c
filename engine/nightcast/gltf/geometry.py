"""What a mesh needs and a file may lack: triangles from strips, normals, tangents. Plain numpy, no state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, U32, f32

#: Faces that meet at less than this are shaded as one surface.
SMOOTH_ANGLE_DEG = 40.0

#: Corner pairs compared at most; beyond it (a fan of thousands of faces) all of a point is smoothed.
_MAX_PAIRS = 20_000_000

#: Of a larger mesh no edge is looked for: it would take minutes to find that it is too large to draw, too.
_EDGES_UP_TO = 1_000_000


def triangles(indices: U32, mode: int) -> U32:
    """Indices (3·t,) of a triangle list (mode 4), strip (5) or fan (6); incomplete triangles are dropped."""
    if mode == 4:
        return indices[: len(indices) // 3 * 3]
    count = len(indices) - 2
    if count < 1:
        return indices[:0]
    i = np.arange(count)
    if mode == 5:
        corners = np.stack([indices[i], indices[i + 1 + i % 2], indices[i + 2 - i % 2]], axis=1)
    else:
        corners = np.stack([indices[i + 1], indices[i + 2], np.broadcast_to(indices[0], count)], axis=1)
    return corners.reshape(-1).astype(np.uint32)


def unit(vectors: F32, instead: tuple[float, float, float] = (0.0, 1.0, 0.0)) -> F32:
    """Rows (n, 3) at length 1; rows without length become `instead`."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-20, vectors / np.maximum(lengths, 1e-20), f32(instead)).astype(np.float32)


def smooth_normals(positions: F32, indices: U32) -> tuple[F32, U32, NDArray[np.intp]]:
    """Normals that are smooth across shallow edges and sharp across steep ones.

    A vertex on a sharp edge is split; a mesh of millions is smooth all over. Returns the normals (m, 3) of the new
    vertices, the new indices (3·t,), and for each new vertex the old one it was made from (m,).
    """
    if not len(indices):
        return np.zeros((0, 3), np.float32), indices, np.zeros(0, np.intp)
    corners = positions[indices].reshape(-1, 3, 3).astype(np.float64)
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    if len(weighted) > _EDGES_UP_TO:
        each = np.repeat(weighted, 3, axis=0)
        summed = np.stack([np.bincount(indices, each[:, axis], len(positions)) for axis in range(3)], axis=1)
        return unit(summed.astype(np.float32)), indices, np.arange(len(positions))
    faces = unit(weighted.astype(np.float32)).astype(np.float64)
    _, place = np.unique(positions[indices], axis=0, return_inverse=True)
    place = place.reshape(-1)
    sums = _sum_over_shallow(place, np.repeat(faces, 3, axis=0), np.repeat(weighted, 3, axis=0))
    normals = unit(sums.astype(np.float32))
    empty = np.linalg.norm(sums, axis=1) < 1e-30
    normals[empty] = np.repeat(faces, 3, axis=0)[empty]
    key = np.column_stack([indices.astype(np.int64), np.round(normals * 1024).astype(np.int64)])
    _, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return normals[first], inverse.reshape(-1).astype(np.uint32), indices[first].astype(np.intp)


def _sum_over_shallow(
    place: NDArray[np.intp], faces: NDArray[np.float64], weighted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each corner the summed normals of the corners at the same place that face about the same way."""
    order = np.argsort(place, kind="stable")
    sizes = np.bincount(place)
    if int((sizes.astype(np.int64) ** 2).sum()) > _MAX_PAIRS:
        total = np.zeros((len(sizes), 3))
        np.add.at(total, place, weighted)
        return total[place]
    per_corner = sizes[place[order]]
    starts = (np.cumsum(sizes) - sizes)[place[order]]
    left = np.repeat(np.arange(len(order)), per_corner)
    within = np.arange(len(left)) - np.repeat(np.cumsum(per_corner) - per_corner, per_corner)
    a, b = order[left], order[starts[left] + within]
    near = np.einsum("ij,ij->i", faces[a], faces[b]) > np.cos(np.radians(SMOOTH_ANGLE_DEG))
    sums = np.zeros_like(weighted)
    np.add.at(sums, a[near], weighted[b[near]])
    return sums


def tangents(positions: F32, normals: F32, uv: F32, indices: U32) -> F32:
    """Per-vertex tangents (n, 4) along +U, w the handedness, after Lengyel's method.

    A normal map's +Y goes up its picture, glTF's V goes down: the bitangent, cross(normal, tangent) · w, follows −V.
    """
    corner = indices.reshape(-1, 3)
    edges = positions[corner[:, 1:]] - positions[corner[:, :1]]
    shifts = uv[corner[:, 1:]] - uv[corner[:, :1]]
    area = shifts[:, 0, 0] * shifts[:, 1, 1] - shifts[:, 1, 0] * shifts[:, 0, 1]
    scale = np.where(np.abs(area) > 1e-20, 1 / np.where(area == 0, 1, area), 0)[:, None]
    along_u = (edges[:, 0] * shifts[:, 1, 1:2] - edges[:, 1] * shifts[:, 0, 1:2]) * scale
    along_v = (edges[:, 1] * shifts[:, 0, 0:1] - edges[:, 0] * shifts[:, 1, 0:1]) * scale
    u_sum, v_sum = np.zeros_like(positions), np.zeros_like(positions)
    for k in range(3):
        np.add.at(u_sum, corner[:, k], unit(along_u.astype(np.float32), (0, 0, 0)))
        np.add.at(v_sum, corner[:, k], unit(along_v.astype(np.float32), (0, 0, 0)))
    flat = u_sum - normals * np.einsum("ij,ij->i", normals, u_sum)[:, None]
    lost = np.linalg.norm(flat, axis=1) < 1e-6
    helper = np.where(np.abs(normals[:, :1]) < 0.9, f32([1, 0, 0]), f32([0, 0, 1]))
    flat[lost] = np.cross(normals, helper)[lost]
    along = unit(flat.astype(np.float32), (1.0, 0.0, 0.0))
    hand = np.where(np.einsum("ij,ij->i", np.cross(normals, along), v_sum) > 0, -1, 1)
    return np.column_stack([along, hand]).astype(np.float32)
