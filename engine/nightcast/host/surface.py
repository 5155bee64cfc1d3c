"""What is drawn of a model as triangles that rays can be cast on. Host space, metres."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.records import F32, Mesh, Model, Primitive
from nightcast.host import quaternion as quat
from nightcast.host.quaternion import F64

#: Names of what is worn or grows on a head and is not its shape.
_NOT_SKIN = re.compile(r"hair|hat\b|cap\b|glass|lash|brow|accessor|earring|ribbon|bow\b|horn|hood", re.IGNORECASE)
_TOUCH_M = 1e-5  #: so far beside a triangle's edge a ray may still meet it


@dataclass(frozen=True, eq=False)
class Surface:
    """Vertices (n, 3), triangles (t, 3), and for each vertex the node that moves it most (n,)."""

    points: F64
    triangles: NDArray[np.intp]
    owners: NDArray[np.intp]

    def of(self, nodes: set[int]) -> Surface:
        """The triangles all of whose corners are moved by these nodes."""
        inside = np.isin(self.owners, sorted(nodes))
        return Surface(self.points, self.triangles[inside[self.triangles].all(axis=1)], self.owners)

    def alone(self) -> Surface:
        """The same without the vertices that no triangle uses."""
        used, corners = np.unique(self.triangles, return_inverse=True)
        return Surface(self.points[used], corners.reshape(-1, 3), self.owners[used])

    @property
    def corners(self) -> F64:
        """(k, 3) the vertices that its triangles use."""
        chosen: F64 = self.points[np.unique(self.triangles)]
        return chosen

    def hits(self, origin: F64, direction: F64) -> F64:
        """(k, 3) points where a ray meets triangles, nearest first."""
        near = np.sort(self.distances(origin[None], direction)[0])
        points: F64 = origin + near[np.isfinite(near), None] * direction
        return points

    def distances(self, origins: F64, direction: F64) -> F64:
        """(n, t) how far along parallel rays from origins (n, 3) each triangle is met; infinite where it is not.

        After Möller and Trumbore (1997); in lengths of `direction` (3,).
        """
        found = np.full((len(origins), len(self.triangles)), np.inf)
        near = self._beside(origins, direction)
        a, b, c = (self.points[self.triangles[near, i]] for i in range(3))
        edge1, edge2 = b - a, c - a
        across = np.cross(direction, edge2)
        det = np.einsum("ij,ij->i", edge1, across)
        usable = np.abs(det) > 1e-15
        scale = 1 / np.where(usable, det, 1)
        offset = origins[:, None] - a
        u = np.einsum("nij,ij->ni", offset, across) * scale
        q = np.cross(offset, edge1)
        v = (q @ direction) * scale
        distance = np.einsum("nij,ij->ni", q, edge2) * scale
        met = usable & (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6) & (distance > 0)
        found[:, near] = np.where(met, distance, np.inf)
        return found

    def _beside(self, origins: F64, direction: F64) -> NDArray[np.intp]:
        """Numbers of the triangles that lie, seen along `direction`, where the rays are; few of a body's do."""
        axes = np.column_stack([*np.linalg.svd(direction[None])[2][1:]])
        corners = (self.points @ axes)[self.triangles]
        rays = origins @ axes
        meets = (corners.max(axis=1) >= rays.min(axis=0) - _TOUCH_M) & (
            corners.min(axis=1) <= rays.max(axis=0) + _TOUCH_M
        )
        return np.flatnonzero(meets.all(axis=1))

    def first(self, origin: F64, direction: F64, instead: F64) -> F64:
        """The nearest hit, or `instead`."""
        found = self.hits(origin, direction)
        return found[0] if len(found) else instead

    def cut(self, place: F64, axis: F64) -> F64:
        """(k, 3) points where its edges cross the plane through `place` (3,) across `axis` (3,)."""
        height = (self.points - place) @ axis
        edges = np.concatenate([self.triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))])
        i, j = edges[height[edges[:, 0]] * height[edges[:, 1]] < 0].T
        share = (height[i] / (height[i] - height[j]))[:, None]
        points: F64 = self.points[i] + (self.points[j] - self.points[i]) * share
        return points


def across(points: F64, axis: F64) -> F64:
    """(n, 2) of points (n, 3): where they are in a plane across `axis` (3,)."""
    side = quat.cross(axis, np.eye(3)[2] if abs(axis[2]) < 0.9 else np.eye(3)[1])
    side = side / quat.length(side)
    flat: F64 = points @ np.column_stack([side, quat.cross(axis, side)])
    return flat


def hull_length(points: F64) -> float:
    """Length round the convex hull of points (n, 2), after Andrew's monotone chain."""
    ordered = sorted(map(tuple, points.tolist()))
    if len(ordered) < 3:
        return 0.0

    def half(row: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        chain: list[tuple[float, ...]] = []
        for x, y in row:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2], chain[-1]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    hull = np.array(half(ordered) + half(ordered[::-1]))
    return float(np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum())


def gather(model: Model, world: F32, with_hair: bool = True, level: int = 0) -> Surface:
    """All drawn triangles with the nodes standing as `world` (nodes, 4, 4); hair and the like only if wanted.

    At a `level` of detail above 0, what has levels is as coarse as that, or as its coarsest.
    """
    coarse: dict[int, Mesh | None] = {}
    for levels in model.levels if level else ():
        coarse |= levels.coarser[min(level, len(levels.coarser)) - 1].meshes
    points, owners = [np.zeros((0, 3))], [np.zeros(0, np.intp)]
    triangles = [np.zeros((0, 3), np.intp)]
    count = 0
    for i, node in enumerate(model.nodes):
        if node.mesh is None:
            continue
        mesh = coarse.get(i, model.meshes[node.mesh])
        for primitive in mesh.primitives if mesh is not None else ():
            material = "" if primitive.material is None else model.materials[primitive.material].name
            if not with_hair and _NOT_SKIN.search(f"{node.name} {model.meshes[node.mesh].name} {material}"):
                continue
            points.append(posed_positions(model, world, i, primitive).astype(np.float64))
            triangles.append(primitive.indices.reshape(-1, 3).astype(np.intp) + count)
            owners.append(strongest_nodes(model, i, primitive))
            count += primitive.vertex_count
    return Surface(np.concatenate(points), np.concatenate(triangles), np.concatenate(owners))


def strongest_nodes(model: Model, node: int, primitive: Primitive) -> NDArray[np.intp]:
    """For each vertex (n,) the node that moves it most."""
    skin = model.nodes[node].skin
    if skin is None or primitive.joints is None or primitive.weights is None:
        return np.full(primitive.vertex_count, node)
    strongest = primitive.weights.argmax(axis=1)[:, None]
    joint = np.take_along_axis(primitive.joints, strongest, axis=1)[:, 0]
    return np.array(model.skins[skin].joints, np.intp)[joint]
