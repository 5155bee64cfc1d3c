"""What of a shadow map's frame is taken up by what casts: a coarse grid, so that little else is looked at for shadow.

A map is fitted about a whole host, most of whose frame is air; of a set's pixels inside that frame one in ten is
behind something that casts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Run

#: Cells along a side of the map.
CELLS = 64

#: Cells about each triangle that count as taken, for the blur of the shadow's edge.
BLUR = 1


_SIDE = CELLS + 1


class Footprint:
    """The cells of a map that boxes `low`…`high` (3, n), in map coordinates 0…1, take up.

    Coordinates lie one after the other, here and in `reaches`: numpy is slow at many rows of three.
    """

    def __init__(self, low: F32, high: F32) -> None:
        (left, top), (right, bottom) = cells(low, -BLUR), cells(high, BLUR) + 1
        # +1 and −1 at a box's corners: summed along both axes they count the boxes over each cell.
        begun = np.bincount(np.concatenate([_at(top, left), _at(bottom, right)]), minlength=_SIDE * _SIDE)
        ended = np.bincount(np.concatenate([_at(top, right), _at(bottom, left)]), minlength=_SIDE * _SIDE)
        boxes = (begun - ended).reshape(_SIDE, _SIDE).cumsum(axis=0).cumsum(axis=1)[:CELLS, :CELLS]
        self.taken: NDArray[np.bool_] = boxes > 0  #: (CELLS, CELLS), rows along y
        self.nearest = float(low[2].min()) if low.size else 1.0  #: depth of what is nearest to the light
        self._before = np.zeros((_SIDE, _SIDE), np.int32)
        self._before[1:, 1:] = self.taken.cumsum(axis=0).cumsum(axis=1)

    @classmethod
    def of(cls, casters: Sequence[Run], shadow: F32) -> Footprint:
        """Of the triangles of posed parts; `shadow` is (4, 4) world to map coordinates."""
        low, high = [np.zeros((3, 0), np.float32)], [np.zeros((3, 0), np.float32)]
        for run in casters:
            to_map = shadow @ run.matrix
            at = to_map[:3, :3] @ run.geometry.positions[run.base : run.end].T + to_map[:3, 3:]
            faces = slice(run.first // 3, (run.first + run.count) // 3)
            corners = run.geometry.topology.corners[:, faces] - run.base
            of_triangles = at.take(corners, axis=1)  # (3 axes, 3 corners, n)
            low.append(of_triangles.min(axis=1))
            high.append(of_triangles.max(axis=1))
        return cls(np.concatenate(low, axis=1), np.concatenate(high, axis=1))

    def reaches(self, low: F32, high: F32) -> NDArray[np.bool_]:
        """(k,) whether boxes `low`…`high` (3, k), in map coordinates, may lie in shadow."""
        (left, top), (right, bottom) = cells(low, 0), cells(high, 0) + 1
        sums = self._before.reshape(-1)
        count = (
            sums.take(_at(bottom, right))
            - sums.take(_at(top, right))
            - sums.take(_at(bottom, left))
            + sums.take(_at(top, left))
        )
        over = (high[0] >= 0) & (high[1] >= 0) & (low[0] <= 1) & (low[1] <= 1)
        return np.asarray((count > 0) & over & (high[2] > self.nearest))


def cells(at: F32, beyond: int) -> NDArray[np.intp]:
    """(2, n) the cells of points (2 or 3, n), `beyond` further along both axes, within the grid."""
    # Cut to the grid before the fraction is cut off, so that both cut alike below 0.
    found: NDArray[np.intp] = np.clip(at[:2] * np.float32(CELLS) + np.float32(beyond), 0, CELLS - 1).astype(np.intp)
    return found


def _at(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """(n,) places in sums over the grid, which begin one row and one column before it."""
    return rows * _SIDE + columns
