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
    for corners in triangles:
        a, b, c = places[corners] * side_px - 0.5
        low = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        high = np.minimum(np.ceil(np.maximum(np.maximum(a, b), c)).astype(int) + 1, side_px)
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-9 or (high <= low).any() or (high - low).max() > side_px // 3:
            continue
        x, y = np.arange(low[0], high[0])[None, :], np.arange(low[1], high[1])[:, None]
        v = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area
        w = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area
        inside = (v >= -0.02) & (w >= -0.02) & (v + w <= 1.02)
        rows, columns = np.nonzero(inside)
        share = np.stack([1 - v[inside] - w[inside], v[inside], w[inside]], axis=1)
        out[rows + low[1], columns + low[0]] = share @ values[corners]
        known[rows + low[1], columns + low[0]] = True
    return out, known
