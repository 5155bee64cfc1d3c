"""Fewer triangles by half-edge collapse: a vertex slides onto a neighbour, so what remains is a subset of the mesh.

Every attribute (UV, weights, morph targets) survives by indexing. The cost of a collapse is the quadric error
(Garland and Heckbert, "Surface simplification using quadric error metrics", 1997, and for points with attributes
"Simplifying surfaces with color and texture", 1998) times the vertex's importance.
"""

from __future__ import annotations

import heapq

import numpy as np
from scipy import sparse

from .part import Part


class Surface:
    """Triangles between points, of which one after the other slides onto a neighbour."""

    def __init__(self, points: np.ndarray, triangles: np.ndarray) -> None:
        self._points = points
        self.triangles = {i: tuple(t) for i, t in enumerate(triangles.tolist())}
        self.around: list[set[int]] = [set() for _ in range(len(points))]
        for i, triangle in self.triangles.items():
            for v in triangle:
                self.around[v].add(i)

    def neighbours(self, v: int) -> set[int]:
        return {w for t in self.around[v] for w in self.triangles[t]} - {v}

    def between(self, v: int, n: int) -> list[int]:
        """The triangles on both sides of an edge."""
        return [t for t in self.around[v] if n in self.triangles[t]]

    def allows(self, v: int, n: int) -> bool:
        """Whether sliding `v` onto `n` keeps the surface a surface and flips no triangle."""
        edge = self.between(v, n)
        if not edge or len(self.neighbours(v) & self.neighbours(n)) != len(edge):
            return False
        points = self._points
        for t in self.around[v].difference(edge):
            old = [points[w] for w in self.triangles[t]]
            new = [points[n] if w == v else points[w] for w in self.triangles[t]]
            before = np.cross(old[1] - old[0], old[2] - old[0])
            after = np.cross(new[1] - new[0], new[2] - new[0])
            if before @ after < 0.3 * np.linalg.norm(before) * np.linalg.norm(after) or np.linalg.norm(after) < 1e-10:
                return False
        return True

    def slide(self, v: int, n: int) -> None:
        for t in list(self.around[v]):
            if n in self.triangles[t]:
                for w in self.triangles[t]:
                    self.around[w].discard(t)
                del self.triangles[t]
            else:
                self.triangles[t] = tuple(n if w == v else w for w in self.triangles[t])
                self.around[n].add(t)
        self.around[v].clear()


def reduced(part: Part, target: int, importance: np.ndarray | None = None, locked: np.ndarray | None = None) -> Part:
    """The part with about `target` vertices. Open borders and UV seams stay; `locked` (n,) adds to them."""
    count = len(part.positions)
    points = part.positions
    weight = np.ones(count) if importance is None else importance
    fixed = np.zeros(count, bool) if locked is None else locked.copy()
    fixed |= np.bincount(part.weld)[part.weld] > 1
    fixed[border(part.triangles).ravel()] = True

    surface = Surface(points, part.triangles)
    error, _ = quadrics(points, part.triangles)
    alive = np.ones(count, bool)
    stamp = [0] * count
    heap: list[tuple[float, int, int, int]] = []

    def push(v: int) -> None:
        if fixed[v] or not alive[v]:
            return
        stamp[v] += 1
        for n in surface.neighbours(v):
            h = np.append(points[n], 1.0)
            distance = np.linalg.norm(points[n] - points[v])
            cost = (max(h @ (error[v] + error[n]) @ h, 0.0) + 1e-4 * distance**4) * weight[v]
            heapq.heappush(heap, (cost, stamp[v], v, n))

    for v in range(count):
        push(v)
    remaining = count
    while remaining > target and heap:
        _, seen, v, n = heapq.heappop(heap)
        if not alive[v] or not alive[n] or seen != stamp[v] or not surface.allows(v, n):
            continue
        alive[v] = False
        remaining -= 1
        error[n] += error[v]
        surface.slide(v, n)
        for w in {n, *surface.neighbours(n)}:
            push(w)
    keep = np.flatnonzero(alive)
    number = np.full(count, -1)
    number[keep] = np.arange(len(keep))
    return part.subset(keep, number[np.array(list(surface.triangles.values()))])


def border(triangles: np.ndarray) -> np.ndarray:
    """(k, 2) the edges that have a single triangle."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    return unique[uses == 1]


def quadrics(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What tells how far from its surroundings a vertex would slide, in a space of any number of dimensions.

    `points` (n, d), `corners` (m, 3) of triangles or (m, 2) of lines. Returns (n, d + 1, d + 1) matrices Q, such that
    h·Q·h of h = (point, 1) is the summed squared distance from the planes or lines about a vertex, each as often as it
    is large (twice a triangle's area, a line's length squared); and (n,) how large they are together.
    """
    origin = points[corners[:, 0]]
    along = np.empty((len(corners), 0, points.shape[1]))
    size = np.ones(len(corners))
    for k in range(1, corners.shape[1]):
        edge = points[corners[:, k]] - origin
        edge = edge - np.einsum("mkd,mke,me->md", along, along, edge)
        length = np.linalg.norm(edge, axis=1)
        size *= length
        along = np.concatenate([along, (edge / np.maximum(length, 1e-12)[:, None])[:, None]], axis=1)
    if corners.shape[1] == 2:
        size = size**2
    across = np.eye(points.shape[1]) - np.einsum("mkd,mke->mde", along, along)
    moment = -np.einsum("mde,me->md", across, origin)
    full = np.concatenate([across, moment[:, None]], axis=1)
    last = np.append(moment, -np.einsum("md,md->m", moment, origin)[:, None], axis=1)
    full = np.concatenate([full, last[:, :, None]], axis=2) * size[:, None, None]
    rows = np.repeat(np.arange(len(corners)), corners.shape[1])
    meets = sparse.csr_matrix((np.ones(len(rows)), (corners.ravel(), rows)), (len(points), len(corners)))
    return np.asarray(meets @ full.reshape(len(corners), -1)).reshape(len(points), *full.shape[1:]), meets @ size
