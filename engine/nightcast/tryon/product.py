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
from nightcast.gltf.meshes import gathered
from nightcast.gltf.records import U32, Model, Primitive
from nightcast.show.wear import Wear

__all__ = [
    "F64",
    "WornShape",
    "as_worn",
    "bent",
    "finer",
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


def as_worn(wear: Wear, model: Model) -> tuple[Model, WornShape]:
    """What of a model is worn, and how it lies."""
    shape = worn_shape(wear, model)
    if wear.holds == "one":
        return model, shape
    one = _one_of_pair(model, shape.matrix)
    return one, worn_shape(wear, one)


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


def finer(model: Model, matrix: F64, most_m: float) -> Model:
    """The model with no edge longer than `most_m` along Z of the frame that `matrix` (4, 4) leads to, to be bowed.

    No edge is halved more than five times: one of a file in another unit would take all memory. Every triangle of a
    long edge is cut at its middle, so no seam opens. Skinned and morphing parts stay as they are, and so does a model
    without long edges. It has one level of detail: others are not cut.
    """
    world = rest_world(model)
    nodes, meshes, cut_any = list(model.nodes), list(model.meshes), False
    for i, node in enumerate(model.nodes):
        if node.mesh is None:
            continue
        along = (matrix @ world[i].astype(np.float64))[2, :3]
        primitives = [_cut(primitive, along, most_m) for primitive in model.meshes[node.mesh].primitives]
        if any(a is not b for a, b in zip(primitives, model.meshes[node.mesh].primitives, strict=True)):
            nodes[i] = replace(node, mesh=len(meshes))
            meshes.append(replace(model.meshes[node.mesh], primitives=tuple(primitives)))
            cut_any = True
    return replace(model, nodes=tuple(nodes), meshes=tuple(meshes), levels=()) if cut_any else model


_MOST_HALVINGS = 5

#: A triangle with its corners and the middles of its edges (0–1, 1–2, 2–0) as 0 to 5, by which edges are cut.
_CUTS: dict[tuple[bool, bool, bool], tuple[tuple[int, int, int], ...]] = {
    (True, False, False): ((0, 3, 2), (3, 1, 2)),
    (False, True, False): ((0, 1, 4), (0, 4, 2)),
    (False, False, True): ((0, 1, 5), (5, 1, 2)),
    (True, True, False): ((3, 1, 4), (0, 3, 4), (0, 4, 2)),
    (False, True, True): ((4, 2, 5), (0, 1, 4), (0, 4, 5)),
    (True, False, True): ((0, 3, 5), (3, 1, 5), (5, 1, 2)),
    (True, True, True): ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
}


def _cut(primitive: Primitive, along: F64, most_m: float) -> Primitive:
    """Until no edge is longer than `most_m` along the vector `along` (3,), or was halved `_MOST_HALVINGS` times."""
    if primitive.joints is not None or primitive.targets:
        return primitive
    for _ in range(_MOST_HALVINGS):
        triangles = primitive.indices.reshape(-1, 3).astype(np.intp)
        edges = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
        long = np.abs((primitive.positions[edges[:, 1]] - primitive.positions[edges[:, 0]]) @ along) > most_m
        if not long.any():
            break
        ends, number = np.unique(edges[long], axis=0, return_inverse=True)
        middles = np.full(len(edges), -1, np.intp)
        middles[long] = primitive.vertex_count + number.reshape(-1)
        corners = np.concatenate([triangles, middles.reshape(-1, 3)], axis=1)
        cut = long.reshape(-1, 3)
        left = [triangles[~cut.any(axis=1)]]
        for edges_cut, parts in _CUTS.items():
            chosen = corners[(cut == edges_cut).all(axis=1)]
            left += [chosen[:, list(part)] for part in parts]
        primitive = replace(_with_middles(primitive, ends), indices=np.concatenate(left).reshape(-1).astype(np.uint32))
    return primitive


def _with_middles(primitive: Primitive, ends: NDArray[np.intp]) -> Primitive:
    """The primitive with a vertex more in the middle of each pair (n, 2) of its vertices."""
    longer: dict[str, NDArray[np.float32]] = {}
    for name in ("positions", "normals", "tangents", "uv0", "uv1", "colors"):
        values = getattr(primitive, name)
        if values is not None:
            between = values[ends].mean(axis=1)
            if name in ("normals", "tangents"):
                between[:, :3] /= np.maximum(np.linalg.norm(between[:, :3], axis=1, keepdims=True), 1e-9)
            longer[name] = np.concatenate([values, between]).astype(np.float32)
    return replace(primitive, **longer)  # type: ignore[arg-type]


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
    pieces = _Pieces.of(model, matrix)
    low, high = max(pieces.boxes.values(), key=lambda box: float(box[1][1]))
    return pieces.without({key for key, (a, b) in pieces.boxes.items() if ((b < low) | (a > high))[[0, 2]].any()})


def _one_of_pair(model: Model, matrix: F64) -> Model:
    """Of two things side by side the one at the origin of the frame that `matrix` (4, 4) leads to."""
    pieces = _Pieces.of(model, matrix)
    middle = (
        np.min([low for low, _ in pieces.boxes.values()], axis=0)
        + np.max([high for _, high in pieces.boxes.values()], axis=0)
    ) / 2
    return pieces.without({key for key, (a, b) in pieces.boxes.items() if ((a + b) / 2 - middle) @ middle > 0})


@dataclass(frozen=True, eq=False)
class _Pieces:
    """What of a model hangs together: for each primitive the piece (n,) of its vertices, and each piece's corners."""

    model: Model
    parts: list[tuple[Primitive, NDArray[np.intp]]]
    boxes: dict[tuple[int, int], tuple[F64, F64]]  #: by number of the primitive, and of the piece in it

    @classmethod
    def of(cls, model: Model, matrix: F64) -> _Pieces:
        parts, boxes = [], {}
        for number, (_, primitive, points) in enumerate(_clouds(model, matrix)):
            pieces = pieces_of(points, primitive.indices)
            parts.append((primitive, pieces))
            for piece in np.unique(pieces).tolist():
                mine = points[pieces == piece]
                boxes[number, piece] = mine.min(axis=0), mine.max(axis=0)
        return cls(model, parts, boxes)

    def without(self, some: set[tuple[int, int]]) -> Model:
        """The model without these pieces. It has one level of detail: others are not cut."""
        left: dict[int, Primitive] = {}
        for number, (primitive, pieces) in enumerate(self.parts):
            gone = [piece for at, piece in some if at == number]
            triangles = primitive.indices.reshape(-1, 3)
            used, corners = np.unique(triangles[~np.isin(pieces[triangles[:, 0]], gone)], return_inverse=True)
            kept = gathered(primitive, used.astype(np.intp))
            left[id(primitive)] = replace(kept, indices=corners.reshape(-1).astype(np.uint32))
        meshes = tuple(
            replace(mesh, primitives=tuple(p for p in (left.get(id(p), p) for p in mesh.primitives) if len(p.indices)))
            for mesh in self.model.meshes
        )
        return replace(self.model, meshes=meshes, levels=())


def _clouds(model: Model, matrix: F64) -> list[tuple[int, Primitive, F64]]:
    world = rest_world(model)
    return [
        (i, primitive, posed_positions(model, world, i, primitive) @ matrix[:3, :3].T + matrix[:3, 3])
        for i, node in enumerate(model.nodes)
        if node.mesh is not None
        for primitive in model.meshes[node.mesh].primitives
    ]
