"""A piece of the figure: triangles with UVs, skin weights and morph targets, all in the sculpted pose."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Part:
    """One piece that draws with one material.

    `positions` (n, 3) metres, `triangles` (m, 3), `uvs` (n, 2) with V downwards as in glTF, `weights` (n, J),
    `morphs` name to (n, 3) offsets. Vertices with the same `weld` number share a normal across UV seams.
    """

    name: str
    material: str
    positions: np.ndarray
    triangles: np.ndarray
    uvs: np.ndarray
    weights: np.ndarray
    weld: np.ndarray
    morphs: dict[str, np.ndarray] = field(default_factory=dict)
    turns: dict[str, np.ndarray] = field(default_factory=dict)  # how each morph changes the normals (n, 3)
    normals: np.ndarray | None = None
    base_uvs: np.ndarray | None = None  # UVs of the base mesh, for its painted masks
    light: np.ndarray | None = None  # (n,) how much light reaches a vertex, where no texture is painted with it
    casts: bool = True  # whether its shade is painted on what lies below; not where it swings or slides

    def subset(self, keep: np.ndarray, triangles: np.ndarray) -> Part:
        """The part made of the vertices `keep`, with `triangles` already numbered within them."""
        return Part(
            self.name,
            self.material,
            self.positions[keep],
            triangles,
            self.uvs[keep],
            self.weights[keep],
            self.weld[keep],
            {name: offsets[keep] for name, offsets in self.morphs.items()},
            {name: turns[keep] for name, turns in self.turns.items()},
            None if self.normals is None else self.normals[keep],
            None if self.base_uvs is None else self.base_uvs[keep],
            None if self.light is None else self.light[keep],
            self.casts,
        )


def vertex_normals(positions: np.ndarray, triangles: np.ndarray, weld: np.ndarray) -> np.ndarray:
    """(n, 3) unit normals, weighted by area, shared among welded vertices."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((weld.max() + 1, 3))
    for k in range(3):
        np.add.at(total, weld[triangles[:, k]], face)
    normals = total[weld]
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-14, normals / np.maximum(length, 1e-14), (0.0, 0.0, 1.0))


def barycentric(point: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(3,) shares of a triangle's corners (3, 3) in a point on it."""
    a, b = corners[1] - corners[0], corners[2] - corners[0]
    p = point - corners[0]
    aa, ab, bb, pa, pb = a @ a, a @ b, b @ b, p @ a, p @ b
    whole = max(aa * bb - ab * ab, 1e-18)
    second, third = (bb * pa - ab * pb) / whole, (aa * pb - ab * pa) / whole
    return np.clip([1 - second - third, second, third], 0, 1)


def fan(quads: np.ndarray) -> np.ndarray:
    """(2m, 3) triangles of (m, 4) quads."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def grid_triangles(rows: int, columns: int, closed: bool = False) -> np.ndarray:
    """Triangles of a `rows` x `columns` vertex grid, row-major; `closed` joins the last column to the first."""
    quads = []
    for r in range(rows - 1):
        for c in range(columns if closed else columns - 1):
            d = (c + 1) % columns
            quads.append((r * columns + c, r * columns + d, (r + 1) * columns + d, (r + 1) * columns + c))
    return fan(np.array(quads))
