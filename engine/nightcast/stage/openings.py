"""Where a surface can be looked into: the openings of a triangle mesh, and lids that close them.

A shell's inside is seen through its openings alone: where a line of sight ends at a back face, it came from outside of
the shell and so has passed a front face or a lid. Lids, which are few, tell whether back faces, which are many, need
to be drawn. Pure numpy.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from nightcast.gltf.records import F32, U32

#: A piece whose lids have more than this share of its own area is a sheet, not a shell: both its sides are outside.
SHEET = 0.5

#: Larger meshes take too long to look through as they are loaded.
MAX_TRIANGLES = 100_000

Index = NDArray[np.intp]


def lids(positions: F32, indices: U32) -> U32 | None:
    """(3·k,) corners of the triangles that close all openings of a mesh; none where it has no opening.

    `positions` (n, 3) at rest, `indices` (3·t,) with front faces counter-clockwise; vertices at one place count as one.
    None where they tell nothing, since a piece of the mesh is a sheet or turned inside out.
    """
    if len(indices) > 3 * MAX_TRIANGLES:
        return None
    _, vertex, welded = np.unique(np.round(positions, 6), axis=0, return_index=True, return_inverse=True)
    faces = welded.reshape(-1)[indices.reshape(-1, 3)]
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    points = positions[vertex].astype(np.float64)
    closing = _fans(_border(faces))
    return vertex[closing].reshape(-1).astype(np.uint32) if _are_shells(points, faces, closing) else None


def _border(faces: Index) -> Index:
    """(b, 2) sides of faces (t, 3) along which no other face lies, in the direction that the faces have them."""
    sides = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    low, high = sides.min(axis=1), sides.max(axis=1)
    _, first, group = np.unique(low * (faces.max(initial=0) + 1) + high, return_index=True, return_inverse=True)
    surplus = np.zeros(len(first), np.intp)  # of sides that rise in number over those that fall
    np.add.at(surplus, group.reshape(-1), np.where(sides[:, 0] == low, 1, -1))
    ends = np.stack([low[first], high[first]], axis=1)
    directed = np.where((surplus > 0)[:, None], ends, ends[:, ::-1])
    return np.repeat(directed, np.abs(surplus), axis=0)


def _fans(border: Index) -> Index:
    """(k, 3) triangles that close the rings of a border (b, 2), facing as the border's faces do."""
    onward: dict[int, list[int]] = defaultdict(list)
    for start, end in border.tolist():
        onward[start].append(end)
    found: list[tuple[int, int, int]] = []
    for start, ways in onward.items():
        while ways:  # as many sides come to a vertex as leave it, so each walk ends where it began
            at, ring = ways.pop(), [start]
            while at != start:
                ring.append(at)
                at = onward[at].pop()
            found += [(start, after, before) for before, after in pairwise(ring[1:])]
    return np.array(found, np.intp).reshape(-1, 3)


def _are_shells(points: NDArray[np.float64], faces: Index, closing: Index) -> bool:
    """Whether each connected piece of `faces` (t, 3), closed by `closing` (k, 3), is a shell with its front outside."""
    if not len(faces):
        return True
    sides = (faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1))
    links = coo_array((np.ones(len(sides[0]), np.int8), sides), (len(points), len(points)))
    count, piece = connected_components(links, directed=False)
    area, lid_area, volume = (np.zeros(count) for _ in range(3))
    for triangles, areas in ((faces, area), (closing, lid_area)):
        a, b, c = (points[triangles[:, i]] for i in range(3))
        normals = np.cross(b - a, c - a)
        owner = piece[triangles[:, 0]]
        np.add.at(areas, owner, np.linalg.norm(normals, axis=1) / 2)
        np.add.at(volume, owner, (a * normals).sum(axis=1) / 6)
    rounding = 1e-4 * area**1.5  # two layers back to back hold nothing
    return bool(np.all((volume >= -rounding) & (lid_area <= SHEET * area)))
