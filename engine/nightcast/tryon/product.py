"""A product's mesh in the frame in which it is worn: metres, turned, its origin where it meets the body.

`Wear` in the catalog says how the file's numbers become that frame. It is right-handed, +X the wearer's left, +Y up, +Z
out of the face (wrist and finger: +Y towards the fingertips, +Z out of the back of the hand; shoe: +Z the toe).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from nightcast.gltf.hierarchy import posed_positions, rest_bounds, rest_world
from nightcast.gltf.records import U32, Model, Primitive
from nightcast.show.wear import Wear

__all__ = [
    "F64",
    "WornShape",
    "bent",
    "pieces_of",
    "points_of",
    "rotation_xyz",
    "standing_part",
    "surface_samples",
    "worn_shape",
]

F64 = NDArray[np.float64]
_MM = 1e-3


@dataclass(frozen=True, eq=False)
class WornShape:
    """`matrix` (4, 4) takes the model's own space to the worn frame; `low`, `high` (3,) bound it there, metres."""

    matrix: F64
    low: F64
    high: F64

    @property
    def size(self) -> F64:
        return self.high - self.low

    def scaled(self, factor: float) -> WornShape:
        """Larger or smaller about its origin."""
        return WornShape(np.diag([factor, factor, factor, 1.0]) @ self.matrix, self.low * factor, self.high * factor)


def worn_shape(wear: Wear, model: Model) -> WornShape:
    """How the product lies before a body is known: scaled, turned, its origin at zero."""
    low, high = (corner.astype(np.float64) for corner in rest_bounds(model))
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_xyz(wear.turn) * wear.scale
    matrix[:3, 3] = -np.array(wear.origin) * _MM
    placed = corners @ matrix[:3, :3].T + matrix[:3, 3]
    return WornShape(matrix, placed.min(axis=0), placed.max(axis=0))


def rotation_xyz(turn_deg: tuple[float, float, float]) -> F64:
    """(3, 3): about X, then Y, then Z."""
    x, y, z = np.radians(turn_deg)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    turned: F64 = about_z @ about_y @ about_x
    return turned


def points_of(model: Model, matrix: F64) -> F64:
    """(n, 3) all vertices at rest, brought through `matrix` (4, 4), in the order of `bent`."""
    clouds = [points for _, _, points in _clouds(model, matrix)]
    return np.concatenate([np.zeros((0, 3)), *clouds])


def surface_samples(model: Model, matrix: F64, count: int = 30_000) -> F64:
    """(count, 3) points spread evenly over the surface, brought through `matrix` (4, 4). Always the same ones."""
    corners = [points[primitive.indices.reshape(-1, 3)] for _, primitive, points in _clouds(model, matrix)]
    triangles = np.concatenate([np.zeros((0, 3, 3)), *corners])
    if not len(triangles):
        return np.zeros((0, 3))
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    area = np.linalg.norm(np.cross(ab, ac), axis=1)
    chance = np.random.default_rng(0)
    chosen = chance.choice(len(area), count, p=area / area.sum()) if area.sum() > 0 else np.zeros(count, np.intp)
    u, v = chance.random((2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    sampled: F64 = a[chosen] + u * ab[chosen] + v * ac[chosen]
    return sampled


def bent(model: Model, matrix: F64, shift: F64) -> Model:
    """The model with its vertices moved by `shift` (n, 3), which is in the frame that `matrix` (4, 4) leads to.

    It has one level of detail: others are not bent.
    """
    world = rest_world(model)
    nodes, meshes, start = list(model.nodes), list(model.meshes), 0
    for i, node in enumerate(model.nodes):
        if node.mesh is None:
            continue
        back = np.linalg.inv((matrix @ world[i].astype(np.float64))[:3, :3])
        primitives = []
        for primitive in model.meshes[node.mesh].primitives:
            moved = shift[start : start + primitive.vertex_count] @ back.T
            primitives.append(replace(primitive, positions=(primitive.positions + moved).astype(np.float32)))
            start += primitive.vertex_count
        nodes[i] = replace(node, mesh=len(meshes))
        meshes.append(replace(model.meshes[node.mesh], primitives=tuple(primitives)))
    return replace(model, nodes=tuple(nodes), meshes=tuple(meshes), levels=())


def pieces_of(points: F64, indices: U32) -> NDArray[np.intp]:
    """(n,) numbers of the pieces that vertices (n, 3) belong to, as triangles join them; seams are closed first."""
    _, welded = np.unique(np.round(points, 5), axis=0, return_inverse=True)
    corners = welded.reshape(-1)[indices.reshape(-1, 3)]
    count = int(welded.max()) + 1
    ends = corners[:, :2].T.reshape(-1), corners[:, 1:].T.reshape(-1)
    joined = coo_matrix((np.ones(len(ends[0])), ends), shape=(count, count))
    pieces: NDArray[np.intp] = connected_components(joined, directed=False)[1][welded.reshape(-1)].astype(np.intp)
    return pieces


def standing_part(model: Model, matrix: F64) -> Model:
    """What stands where a model is highest, brought through `matrix` (4, 4): a lipstick without the cap beside it."""
    parts = [
        (points, primitive, pieces_of(points, primitive.indices)) for _, primitive, points in _clouds(model, matrix)
    ]
    boxes = {
        (number, piece): (points[pieces == piece].min(axis=0), points[pieces == piece].max(axis=0))
        for number, (points, _, pieces) in enumerate(parts)
        for piece in np.unique(pieces).tolist()
    }
    low, high = max(boxes.values(), key=lambda box: float(box[1][1]))
    beside = {key for key, (a, b) in boxes.items() if ((b < low) | (a > high))[[0, 2]].any()}
    left: dict[int, Primitive] = {}
    for number, (_, primitive, pieces) in enumerate(parts):
        gone = [piece for at, piece in beside if at == number]
        triangles = primitive.indices.reshape(-1, 3)
        left[id(primitive)] = replace(primitive, indices=triangles[~np.isin(pieces[triangles[:, 0]], gone)].reshape(-1))
    meshes = tuple(
        replace(mesh, primitives=tuple(left.get(id(primitive), primitive) for primitive in mesh.primitives))
        for mesh in model.meshes
    )
    return replace(model, meshes=meshes, levels=())


def _clouds(model: Model, matrix: F64) -> list[tuple[int, Primitive, F64]]:
    world = rest_world(model)
    return [
        (i, primitive, posed_positions(model, world, i, primitive) @ matrix[:3, :3].T + matrix[:3, 3])
        for i, node in enumerate(model.nodes)
        if node.mesh is not None
        for primitive in model.meshes[node.mesh].primitives
    ]
