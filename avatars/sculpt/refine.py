"""More triangles where a face is looked at: edges are split, and the new vertices lie on the curved surface.

The middle of an edge is that of a cubic whose ends are tangent to the surface (Vlachos et al., "Curved PN triangles",
2001), so old vertices stay where they are and every morph bends the new ones along with them.
"""

from __future__ import annotations

import numpy as np

from .part import Part


def refined(part: Part, where: np.ndarray) -> Part:
    """The part with every triangle in four whose vertices all are `where` (n,); neighbours join without a gap."""
    chosen = where[part.triangles].all(1)
    number: dict[tuple[int, int], int] = {}
    split: set[tuple[int, int]] = set()
    for triangle in part.triangles[chosen]:
        split.update(_edges(part.weld[triangle]))
    pairs: list[tuple[int, int]] = []

    def middle(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in number:
            number[key] = len(part.positions) + len(pairs)
            pairs.append(key)
        return number[key]

    triangles: list[tuple[int, int, int]] = []
    for triangle in part.triangles.tolist():
        marked = [edge in split for edge in _edges(part.weld[triangle])]
        triangles += _parts(triangle, marked, middle)
    return _grown(part, np.array(pairs).reshape(-1, 2), np.array(triangles))


def _edges(corners: np.ndarray) -> list[tuple[int, int]]:
    a, b, c = (int(v) for v in corners)
    return [(min(p, q), max(p, q)) for p, q in ((a, b), (b, c), (c, a))]


def _parts(triangle: list[int], marked: list[bool], middle) -> list[tuple[int, int, int]]:
    """A triangle cut along the middles of its marked edges (0-1, 1-2, 2-0)."""
    a, b, c = triangle
    if all(marked):
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        return [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    if not any(marked):
        return [(a, b, c)]
    turn = marked.index(True) if sum(marked) == 1 else (marked.index(False) + 1) % 3
    a, b, c = triangle[turn:] + triangle[:turn]  # the first edge is marked, and the second if two are
    ab = middle(a, b)
    if sum(marked) == 1:
        return [(a, ab, c), (ab, b, c)]
    bc = middle(b, c)
    return [(ab, b, bc), (a, ab, c), (ab, bc, c)]


def _grown(part: Part, pairs: np.ndarray, triangles: np.ndarray) -> Part:
    a, b = pairs.T
    assert part.normals is not None

    def mean(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, (values[a] + values[b]) / 2])

    welded = np.sort(part.weld[pairs], axis=1)
    _, weld = np.unique(welded, axis=0, return_inverse=True)
    rest = curved(part.positions, part.normals, a, b)
    morphs = {}
    for name, offset in part.morphs.items():
        bent = part.normals + part.turns.get(name, 0.0)
        moved = curved(part.positions + offset, bent, a, b)
        still = (np.abs(offset[a]) + np.abs(offset[b])).sum(1) < 1e-7
        morphs[name] = np.concatenate([offset, np.where(still[:, None], 0.0, moved - rest)])
    normals = mean(part.normals)
    return Part(
        part.name,
        part.material,
        np.concatenate([part.positions, rest]),
        triangles,
        mean(part.uvs),
        mean(part.weights),
        np.concatenate([part.weld, part.weld.max() + 1 + weld.ravel()]),
        morphs,
        {name: mean(turn) for name, turn in part.turns.items()},
        normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9),
        None if part.base_uvs is None else mean(part.base_uvs),
        None if part.light is None else mean(part.light),
        part.casts,
    )


def curved(points: np.ndarray, normals: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k, 3) middles of the edges from `a` to `b` (k,) on the surface that `normals` describe."""
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    along = points[b] - points[a]
    leave = along - normals[a] * (along * normals[a]).sum(1, keepdims=True)
    arrive = along - normals[b] * (along * normals[b]).sum(1, keepdims=True)
    return (points[a] + points[b]) / 2 + (leave - arrive) / 8
