"""The vertices of a model on the device, in one set of buffers with one index buffer.

Vertices that move (skinned or morphed) lie first and are written anew for each picture, in world space; the rest
stay as the file has them, in their node's space, and are placed by one matrix for each part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import moderngl
import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from nightcast.gltf.hierarchy import rest_world
from nightcast.gltf.records import F32, U32, Material, Mesh, Model, Primitive
from nightcast.host.frame import HostFrame
from nightcast.stage.errors import AssetError
from nightcast.stage.frame import Shape
from nightcast.stage.gpu import Scope
from nightcast.stage.levels import CoarseMesh
from nightcast.stage.openings import lids
from nightcast.stage.posing import Poser, moves
from nightcast.stage.programs import Shader
from nightcast.stage.topology import Topology

#: More would not be drawn in time by any profile. The sample avatar has 13 000.
MAX_TRIANGLES = 2_000_000

#: Indices of a part whose triangles are sorted as it is loaded, which takes 0.1 s at most.
MAX_SORTED = 300_000

#: Attribute in the shaders: field of `Primitive`, and what stands in where a primitive has none.
ATTRIBUTES: dict[str, tuple[str, tuple[float, ...]]] = {
    "in_position": ("positions", (0, 0, 0)),
    "in_normal": ("normals", (0, 1, 0)),
    "in_tangent": ("tangents", (1, 0, 0, 1)),
    "in_uv0": ("uv0", (0, 0)),
    "in_uv1": ("uv1", (0, 0)),
    "in_color": ("colors", (1, 1, 1, 1)),
}


@dataclass(frozen=True, eq=False)
class Part:
    """Triangles with one material, on one node."""

    node: int
    primitive: Primitive
    first: int  #: in the index buffer
    count: int  #: of indices
    moving: bool
    center: F32  #: (3,) in the node's space
    radius_m: float  #: about the centre, in the node's space
    edge_m: float  #: mean length of a triangle's side, in the node's space
    base: int  #: number of its first vertex
    order: int  #: among the parts of its model
    closed: bool  #: a shell without openings
    lids: tuple[int, int] | None  #: first and count of the indices that close its openings; None where it has none


class Geometry:
    """Buffers of one model. Raises AssetError for a model that cannot be drawn."""

    def __init__(
        self, model: Model, scope: Scope, instead: Mapping[int, CoarseMesh | None] = MappingProxyType({})
    ) -> None:
        """`instead` is what nodes draw instead of their own meshes, for a coarser level of detail."""
        self._instead = instead
        drawn = [(i, mesh) for i in range(len(model.nodes)) if (mesh := _drawn(model, i, instead)) is not None]
        _check(model, [mesh for _, mesh in drawn])
        self._model = model
        self._scope = scope
        self.rest_world = rest_world(model)
        found = [
            (moves(model, i, mesh), i, mesh, primitive)
            for i, mesh in drawn
            for primitive in mesh.primitives
            if len(primitive.indices)
        ]
        found.sort(key=lambda entry: not entry[0])
        primitives = [primitive for *_, primitive in found]
        moving = [(node, mesh, primitive) for moved, node, mesh, primitive in found if moved]
        self.poser = Poser(model, moving) if moving else None
        self.indices, closing, self.parts = _parts(model, found)
        #: (n, 3) of all vertices; the first `poser.count` of them are the poser's, in world space.
        self.positions = _joined(primitives, "positions", (0, 0, 0))
        self._topology: Topology | None = None
        self._shape: Shape | None = None
        self._index_buffer = scope.buffer(np.concatenate([self.indices, closing]))
        self._buffers = {
            attribute: scope.buffer(_joined(primitives, field, blank))
            for attribute, (field, blank) in ATTRIBUTES.items()
            if any(getattr(primitive, field) is not None for primitive in primitives)
        }
        self._arrays: dict[Shader, moderngl.VertexArray] = {}

    def pose(self, pose: HostFrame | None, world: F32, shape: Shape | None = None) -> F32:
        """Bring the moving vertices to a pose and a place; returns node matrices (nodes, 4, 4) in world space.

        `shape` gives a moving model another shape at rest; what it does not name has the file's.
        """
        node_world = self.rest_world if pose is None else pose.node_world
        poser = self.poser
        if poser is not None:
            if shape is not self._shape:
                self._shape = shape
                poser.reshape(None if shape is None else self._shift(poser, shape))
            poser.pose(node_world, world, {} if pose is None else pose.morph_weights)
            self.positions[: poser.count] = poser.positions
            self._buffers["in_position"].write(poser.positions)
            self._buffers["in_normal"].write(poser.normals)
            if poser.tangents is not None:
                self._buffers["in_tangent"].write(poser.tangents)
        return np.asarray(world @ node_world, np.float32)

    def _shift(self, poser: Poser, shape: Shape) -> F32:
        """(poser.count, 3) of a shape."""
        shift = np.zeros((poser.count, 3), np.float32)
        for part in self.parts[: len(poser.low)]:
            mesh = _drawn(self._model, part.node, self._instead)
            primitives = () if mesh is None else mesh.primitives
            number = next(k for k, primitive in enumerate(primitives) if primitive is part.primitive)
            if (part.node, number) in shape:
                coarse = self._instead.get(part.node)
                moved = shape[part.node, number]
                kept = None if coarse is None else coarse.origins[number]
                shift[part.base : part.base + part.primitive.vertex_count] = moved if kept is None else moved[kept]
        return shift

    def bounds(self, part: Part, place: F32, grown: float) -> tuple[F32, float]:
        """Centre (3,) and radius in metres of a part in world space, posed.

        `place` (4, 4) is its node's matrix, `grown` by how much that lengthens at most.
        """
        if part.moving and self.poser is not None:
            low, high = self.poser.low[part.order], self.poser.high[part.order]
            return (low + high) / 2, float(np.linalg.norm(high - low)) / 2
        return place[:3, :3] @ part.center + place[:3, 3], part.radius_m * grown

    @property
    def topology(self) -> Topology:
        """Edges of all parts, worked out when first asked for."""
        if self._topology is None:
            self._topology = Topology(self.positions, self.indices)
        return self._topology

    def vertex_array(self, shader: Shader) -> moderngl.VertexArray:
        """All vertices, fed to this shader."""
        if shader not in self._arrays:
            content = [
                (buffer, f"{len(ATTRIBUTES[name][1])}f", name)
                for name, buffer in self._buffers.items()
                if name in shader
            ]
            self._arrays[shader] = self._scope.vertex_array(shader.program, content, self._index_buffer)
        return self._arrays[shader]


_Found = tuple[bool, int, Mesh, Primitive]


def _drawn(model: Model, node: int, instead: Mapping[int, CoarseMesh | None]) -> Mesh | None:
    """What a node draws."""
    if node in instead:
        coarse = instead[node]
        return None if coarse is None else coarse.mesh
    number = model.nodes[node].mesh
    return None if number is None else model.meshes[number]


def _parts(model: Model, found: Sequence[_Found]) -> tuple[U32, U32, tuple[Part, ...]]:
    """The triangles of all primitives, those of lids, which lie after them, and where each primitive's are.

    Solid primitives have theirs in another order.
    """
    indices, closing, parts = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)], list[Part]()
    first = base = 0
    first_lid = sum(len(primitive.indices) for *_, primitive in found)
    for moving, node, _, primitive in found:
        low, high = primitive.positions.min(axis=0), primitive.positions.max(axis=0)
        radius_m = float(np.linalg.norm(high - low) / 2)
        count = len(primitive.indices)
        materials = _materials(model, primitive)
        solid = all(material.alpha_mode == "OPAQUE" and material.transmission is None for material in materials)
        two_sided = any(material.double_sided for material in materials)
        over = lids(primitive.positions, primitive.indices) if solid and two_sided else None
        parts.append(
            Part(
                node=node,
                primitive=primitive,
                first=first,
                count=count,
                moving=moving,
                center=(low + high) / 2,
                radius_m=radius_m,
                edge_m=_mean_edge_m(primitive),
                base=base,
                order=len(parts),
                closed=over is not None and not len(over),
                lids=(first_lid, len(over)) if over is not None and len(over) else None,
            )
        )
        triangles = side_by_side(primitive.indices, primitive.vertex_count) if solid else primitive.indices
        indices.append(triangles + np.uint32(base))
        if over is not None:
            closing.append(over + np.uint32(base))
            first_lid += len(over)
        first += count
        base += primitive.vertex_count
    return np.concatenate(indices).astype(np.uint32), np.concatenate(closing).astype(np.uint32), tuple(parts)


def _materials(model: Model, primitive: Primitive) -> list[Material]:
    """Those that a primitive has under any variant."""
    numbers = {primitive.material, *primitive.variants.values()}
    return [model.materials[number] for number in numbers if number is not None]


def side_by_side(indices: U32, count: int) -> U32:
    """Triangles (3·t,) of `count` vertices, sorted so that neighbours follow each other.

    llvmpipe remembers 256 vertices while it draws and works out the others again: in the order of most files, half of a
    mesh's vertices twice or three times.
    """
    if len(indices) > MAX_SORTED:
        return indices
    faces = indices.reshape(-1, 3)
    sides = (faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1))
    near = scipy.sparse.csr_matrix((np.ones(len(indices), np.int8), sides), (count, count))
    places = np.empty(count, np.intp)
    places[reverse_cuthill_mckee((near + near.T).tocsr(), symmetric_mode=True)] = np.arange(count)
    corners = np.sort(places[faces], axis=1)
    return faces[np.lexsort(corners.T[::-1])].reshape(-1)


def _mean_edge_m(primitive: Primitive) -> float:
    corners = primitive.positions[primitive.indices.reshape(-1, 3)[:5000]]
    return float(np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1).mean())


def _joined(primitives: Sequence[Primitive], field: str, blank: tuple[float, ...]) -> F32:
    values = [getattr(primitive, field) for primitive in primitives]
    filled = [
        np.broadcast_to(np.array(blank, np.float32), (primitive.vertex_count, len(blank))) if value is None else value
        for primitive, value in zip(primitives, values, strict=True)
    ]
    return np.concatenate([np.zeros((0, len(blank)), np.float32), *filled]).astype(np.float32)


def _check(model: Model, meshes: Sequence[Mesh]) -> None:
    triangles = sum(len(primitive.indices) // 3 for mesh in meshes for primitive in mesh.primitives)
    if triangles > MAX_TRIANGLES:
        raise AssetError(
            model.path,
            f"has {triangles:,} triangles",
            f"Decimate it to less than {MAX_TRIANGLES:,}; 50,000 is plenty for a product.",
        )
    for mesh in meshes:
        for primitive in mesh.primitives:
            if not np.isfinite(primitive.positions).all():
                raise AssetError(
                    model.path,
                    f"mesh {mesh.name!r} has positions that are no numbers",
                    "Export the model again.",
                )
