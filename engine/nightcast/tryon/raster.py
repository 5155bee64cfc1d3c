"""Values of a mesh's vertices, interpolated over its triangles into a square picture. Arrays, no GL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.product import F64

__all__ = ["rasterised"]


def rasterised(places: F64, triangles: NDArray[np.intp], values: F64, side_px: int) -> tuple[F64, NDArray[np.bool_]]:
    """Values (n, k) of vertices that lie at `places` (n, 2) of a unit square: (side, side, k), and where there are any.

    A later triangle covers an earlier one. One of more than a third of the square is left out: it is a seam's.
    """
    out = np.zeros((side_px, side_px, values.shape[1]))
    known = np.zeros((side_px, side_px), bool)
    corners = places[triangles] * side_px - 0.5
    low = np.maximum(np.floor(corners.min(axis=1)).astype(np.intp), 0)
    size = np.minimum(np.ceil(corners.max(axis=1)).astype(np.intp) + 1, side_px) - low
    edges = corners[:, 1:] - corners[:, :1]
    area = edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 1, 0] * edges[:, 0, 1]
    usable = np.flatnonzero((np.abs(area) > 1e-9) & (size > 0).all(axis=1) & (size.max(axis=1) <= side_px // 3))
    ends = np.cumsum(size[usable].prod(axis=1))
    for part in np.split(usable, np.searchsorted(ends, np.arange(_AT_ONCE, ends[-1], _AT_ONCE)) if len(ends) else []):
        count = size[part].prod(axis=1)
        owner = np.repeat(part, count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        column, row = low[owner, 0] + place % size[owner, 0], low[owner, 1] + place // size[owner, 0]
        x, y = column - corners[owner, 0, 0], row - corners[owner, 0, 1]
        v = (x * edges[owner, 1, 1] - edges[owner, 1, 0] * y) / area[owner]
        w = (edges[owner, 0, 0] * y - x * edges[owner, 0, 1]) / area[owner]
        inside = np.flatnonzero((v >= -0.02) & (w >= -0.02) & (v + w <= 1.02))
        share = np.stack([1 - v[inside] - w[inside], v[inside], w[inside]], axis=1)
        row, column = row[inside], column[inside]
        out[row, column] = np.einsum("ij,ijk->ik", share, values[triangles[owner[inside]]])
        known[row, column] = True
    return out, known


#: Pixels looked at together: some 100 MB of what is worked out for each.
_AT_ONCE = 500_000
