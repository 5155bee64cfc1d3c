"""What of a shadow map's frame is taken up by what casts: a coarse grid, so that little else is looked at for shadow.

A map is fitted about a whole host, most of whose frame is air; of a set's pixels inside that frame one in ten is
behind something that casts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Item

#: Cells along a side of the map.
CELLS = 64

#: Cells about each triangle that count as taken, for the blur of the shadow's edge.
BLUR = 1


class Footprint:
    """The cells of a map that boxes `low`…`high` (n, 3), in map coordinates 0…1, take up."""

    def __init__(self, low: F32, high: F32) -> None:
        first, last = cells(low, -BLUR), cells(high, BLUR) + 1
        # +1 and −1 at a box's corners: summed along both axes they count the boxes over each cell.
        side = CELLS + 1
        rows = np.concatenate([first[:, 1], last[:, 1], first[:, 1], last[:, 1]])
        columns = np.concatenate([first[:, 0], last[:, 0], last[:, 0], first[:, 0]])
        signs = np.repeat([1, 1, -1, -1], len(low))
        steps = np.bincount(rows * side + columns, signs, side * side).reshape(side, side)
        boxes = steps.cumsum(axis=0).cumsum(axis=1)[:CELLS, :CELLS]
        self.taken: NDArray[np.bool_] = boxes > 0.5  #: (CELLS, CELLS), rows along y
        self.nearest = float(low[:, 2].min()) if len(low) else 1.0  #: depth of what is nearest to the light
        self._before = np.zeros((side, side), np.int32)
        self._before[1:, 1:] = self.taken.cumsum(axis=0).cumsum(axis=1)

    @classmethod
    def of(cls, casters: Sequence[Item], shadow: F32) -> Footprint:
        """Of the triangles of posed parts; `shadow` is (4, 4) world to map coordinates."""
        low, high = [np.zeros((0, 3), np.float32)], [np.zeros((0, 3), np.float32)]
        for item in casters:
            geometry, part = item.model.geometry, item.part
            to_map = shadow @ item.matrix
            vertices = geometry.positions[part.base : part.base + part.primitive.vertex_count]
            at = vertices @ to_map[:3, :3].T + to_map[:3, 3]
            corners = geometry.indices[part.first : part.first + part.count].reshape(-1, 3) - np.uint32(part.base)
            a, b, c = at[corners[:, 0]], at[corners[:, 1]], at[corners[:, 2]]
            low.append(np.minimum(np.minimum(a, b), c))
            high.append(np.maximum(np.maximum(a, b), c))
        return cls(np.concatenate(low), np.concatenate(high))

    def reaches(self, low: F32, high: F32) -> NDArray[np.bool_]:
        """(k,) whether boxes `low`…`high` (k, 3), in map coordinates, may lie in shadow."""
        first, last = cells(low, 0), cells(high, 0) + 1
        sums = self._before
        count = (
            sums[last[:, 1], last[:, 0]]
            - sums[first[:, 1], last[:, 0]]
            - sums[last[:, 1], first[:, 0]]
            + sums[first[:, 1], first[:, 0]]
        )
        beside = (high[:, :2] < 0).any(axis=1) | (low[:, :2] > 1).any(axis=1)
        return np.asarray((count > 0) & ~beside & (high[:, 2] > self.nearest))


def cells(at: F32, beyond: int) -> NDArray[np.int64]:
    """(n, 2) the cells of points (n, 2 or 3), `beyond` further along both axes, within the grid."""
    return np.clip(np.floor(at[:, :2] * CELLS).astype(np.int64) + beyond, 0, CELLS - 1)
