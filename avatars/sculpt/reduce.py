"""Fewer triangles by half-edge collapse: a vertex slides onto a neighbour, so what remains is a subset of the mesh.

Every attribute (UV, weights, morph targets) survives by indexing. The cost of a collapse is the quadric error
(Garland and Heckbert, "Surface simplification using quadric error metrics", 1997) times the vertex's importance.
"""

from __future__ import annotations

import heapq

import numpy as np

from .part import Part


def reduced(part: Part, target: int, importance: np.ndarray | None = None, locked: np.ndarray | None = None) -> Part:
    """The part with about `target` vertices. Open borders and UV seams stay; `locked` (n,) adds to them."""
    count = len(part.positions)
    points = part.positions
    weight = np.ones(count) if importance is None else importance
    fixed = np.zeros(count, bool) if locked is None else locked.copy()
    fixed |= np.bincount(part.weld)[part.weld] > 1
    fixed |= border(part.triangles, count)

    triangles = {i: tuple(t) for i, t in enumerate(part.triangles.tolist())}
    around: list[set[int]] = [set() for _ in range(count)]
    for i, triangle in triangles.items():
        for v in triangle:
            around[v].add(i)
    quadrics = _quadrics(points, part.triangles)
    alive = np.ones(count, bool)
    stamp = [0] * count
    heap: list[tuple[float, int, int, int]] = []

    def push(v: int) -> None:
        if fixed[v] or not alive[v]:
            return
        stamp[v] += 1
        for n in {w for t in around[v] for w in triangles[t]} - {v}:
            h = np.append(points[n], 1.0)
            distance = np.linalg.norm(points[n] - points[v])
            cost = (max(h @ (quadrics[v] + quadrics[n]) @ h, 0.0) + 1e-4 * distance**4) * weight[v]
            heapq.heappush(heap, (cost, stamp[v], v, n))

    for v in range(count):
        push(v)
    remaining = count
    while remaining > target and heap:
        _, seen, v, n = heapq.heappop(heap)
        if not alive[v] or not alive[n] or seen != stamp[v] or not _allowed(points, triangles, around, v, n):
            continue
        alive[v] = False
        remaining -= 1
        quadrics[n] += quadrics[v]
        for t in list(around[v]):
            if n in triangles[t]:
                for w in triangles[t]:
                    around[w].discard(t)
                del triangles[t]
            else:
                triangles[t] = tuple(n if w == v else w for w in triangles[t])
                around[n].add(t)
        around[v].clear()
        for w in {w for t in around[n] for w in triangles[t]}:
            push(w)
    keep = np.flatnonzero(alive)
    number = np.full(count, -1)
    number[keep] = np.arange(len(keep))
    return part.subset(keep, number[np.array(list(triangles.values()))])


def border(triangles: np.ndarray, count: int) -> np.ndarray:
    """(count,) True where a vertex lies on an edge with a single triangle."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    flags = np.zeros(count, bool)
    flags[unique[uses == 1].ravel()] = True
    return flags


def _quadrics(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = normal / np.maximum(area, 1e-12)
    plane = np.concatenate([normal, -(normal * a).sum(1, keepdims=True)], axis=1)
    outer = plane[:, :, None] * plane[:, None, :] * area[:, :, None]
    quadrics = np.zeros((len(points), 4, 4))
    for k in range(3):
        np.add.at(quadrics, triangles[:, k], outer)
    return quadrics


def _allowed(points: np.ndarray, triangles: dict, around: list[set[int]], v: int, n: int) -> bool:
    """Whether sliding `v` onto `n` keeps the surface a surface and flips no triangle."""
    shared = {w for t in around[v] for w in triangles[t]} & {w for t in around[n] for w in triangles[t]} - {v, n}
    edge = [t for t in around[v] if n in triangles[t]]
    if not edge or len(shared) != len(edge):
        return False
    for t in around[v]:
        if n in triangles[t]:
            continue
        old = [points[w] for w in triangles[t]]
        new = [points[n] if w == v else points[w] for w in triangles[t]]
        before = np.cross(old[1] - old[0], old[2] - old[0])
        after = np.cross(new[1] - new[0], new[2] - new[0])
        if before @ after < 0.3 * np.linalg.norm(before) * np.linalg.norm(after) or np.linalg.norm(after) < 1e-10:
            return False
    return True
