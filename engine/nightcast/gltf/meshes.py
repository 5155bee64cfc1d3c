"""Meshes of a glTF document into records: triangles with every attribute checked, split and completed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.accessors import Accessors
from nightcast.gltf.geometry import smooth_normals, tangents, triangles, unit
from nightcast.gltf.place import Place
from nightcast.gltf.records import F32, U16, U32, Material, Mesh, MorphTarget, Node, Primitive, f32

DRACO = "KHR_draco_mesh_compression"
DRACO_REMEDY = f"is compressed by Draco ({DRACO}), which we do not read. Export it without, or with meshopt."


class MeshReader:
    def __init__(
        self, accessors: Accessors, materials: tuple[Material, ...], variants: int, warnings: list[str]
    ) -> None:
        self._accessors = accessors
        self._materials = materials
        self._variants = variants
        self._warnings = warnings
        self._read: dict[str, Primitive] = {}  # by what the file says of the vertices

    def mesh(self, place: Place) -> Mesh:
        found = [self._primitive(item, _target_names(place)) for item in place.items("primitives")]
        primitives = tuple(primitive for primitive in found if primitive is not None)
        counts = {len(primitive.targets) for primitive in primitives}
        if len(counts) > 1:
            raise place.error("has primitives with different numbers of morph targets")
        count = counts.pop() if counts else 0
        weights = np.zeros(count, np.float32)
        given = [item.as_number() for item in place.items("weights")][:count]
        weights[: len(given)] = given
        names = _target_names(place)[:count]
        names += tuple(f"target {i}" for i in range(len(names), count))
        return Mesh(place.text("name"), primitives, weights, names)

    def _primitive(self, place: Place, names: tuple[str, ...]) -> Primitive | None:
        mode = place.integer("mode", 4, high=6)
        attributes = place.at("attributes")
        if mode < 4 or not attributes.has("POSITION"):
            what = "points or lines" if mode < 4 else "no positions"
            self._warnings.append(f"{place.path} has {what} and is left out")
            return None
        if place.extension(DRACO) is not None:
            raise place.error(DRACO_REMEDY)
        same = json.dumps([names, *(place.value.get(key) for key in ("attributes", "targets", "material"))])
        if (known := self._read.get(same)) is not None:  # levels of detail draw other triangles of the same vertices
            indices = self._indices(place, mode, known.vertex_count)
            return replace(known, indices=indices, variants=self._variant_materials(place))
        positions = self._accessors.floats(attributes.at("POSITION"), 3)
        count = len(positions)
        if count and float(np.abs(positions).max()) > 1e9:
            raise attributes.error("POSITION lies more than a million kilometres away")
        joints, weights = self._skinning(attributes, count)
        primitive = Primitive(
            positions=positions,
            normals=self._normals(attributes, count),
            indices=self._indices(place, mode, count),
            tangents=self._optional(attributes, "TANGENT", count, 4),
            uv0=self._optional(attributes, "TEXCOORD_0", count, 2),
            uv1=self._optional(attributes, "TEXCOORD_1", count, 2),
            colors=_opaque(self._optional(attributes, "COLOR_0", count, (3, 4))),
            joints=joints,
            weights=weights,
            material=place.index("material", len(self._materials), "material"),
            targets=tuple(
                self._target(item, names[i] if i < len(names) else f"target {i}", count)
                for i, item in enumerate(place.items("targets"))
            ),
            variants=self._variant_materials(place),
        )
        completed = complete(primitive, self._materials)
        if len(primitive.normals):  # else vertices were split along these triangles
            self._read[same] = completed
        return completed

    def _optional(self, parent: Place, key: str, count: int, width: int | tuple[int, ...]) -> F32 | None:
        ref = parent.maybe(key)
        if ref is None:
            return None
        values = self._accessors.floats(ref, width)
        if len(values) != count:
            raise ref.error(f"has {len(values)} elements, but POSITION has {count}")
        return values

    def _normals(self, attributes: Place, count: int) -> F32:
        """The file's normals, or none (0, 3): `complete` then makes them."""
        normals = self._optional(attributes, "NORMAL", count, 3)
        return np.zeros((0, 3), np.float32) if normals is None else unit(normals)

    def _indices(self, place: Place, mode: int, count: int) -> U32:
        ref = place.maybe("indices")
        if ref is None:
            indices = np.arange(count, dtype=np.uint32)
        else:
            indices = self._accessors.integers(ref, 1)[:, 0]
            if len(indices) and int(indices.max()) >= count:
                raise ref.error(f"names vertex {int(indices.max())}, but there are {count}")
        return triangles(indices, mode)

    def _skinning(self, attributes: Place, count: int) -> tuple[U16 | None, F32 | None]:
        """The four strongest joints of each vertex, their weights summing to 1."""
        joints: list[U32] = []
        weights: list[F32] = []
        while (ref := attributes.maybe(f"JOINTS_{len(joints)}")) is not None:
            found = self._accessors.integers(ref, 4)
            if len(found) != count:
                raise ref.error(f"has {len(found)} elements, but POSITION has {count}")
            given = self._optional(attributes, f"WEIGHTS_{len(joints)}", count, 4)
            if given is None:
                raise attributes.error(f"has JOINTS_{len(joints)} without WEIGHTS_{len(joints)}")
            joints.append(np.where(given > 0, found, 0))  # without a weight it may be anything
            weights.append(np.maximum(given, 0))
        if not joints:
            return None, None
        joint, weight = np.concatenate(joints, axis=1), np.concatenate(weights, axis=1)
        if len(joints) > 1:
            best = np.argsort(-weight, axis=1, kind="stable")[:, :4]
            joint, weight = np.take_along_axis(joint, best, axis=1), np.take_along_axis(weight, best, axis=1)
        if count and int(joint.max()) > np.iinfo(np.uint16).max:
            raise attributes.error("JOINTS_0 names a joint beyond 65535")
        total = weight.sum(axis=1, keepdims=True)
        weight = np.where(total > 1e-8, weight / np.maximum(total, 1e-8), f32([1, 0, 0, 0]))
        return joint.astype(np.uint16), weight.astype(np.float32)

    def _target(self, place: Place, name: str, count: int) -> MorphTarget:
        positions = self._optional(place, "POSITION", count, 3)
        normals = self._optional(place, "NORMAL", count, 3)
        zeros = np.zeros((count, 3), np.float32)
        return sparse_target(name, zeros if positions is None else positions, zeros if normals is None else normals)

    def _variant_materials(self, place: Place) -> dict[int, int]:
        extension = place.extension("KHR_materials_variants")
        if extension is None:
            return {}
        return {
            variant: mapping.at("material").as_index(len(self._materials), "material")
            for mapping in extension.items("mappings")
            for variant in mapping.indices("variants", self._variants, "variant")
        }


def with_own_weights(
    document: Place, nodes: tuple[Node, ...], meshes: tuple[Mesh, ...]
) -> tuple[tuple[Node, ...], tuple[Mesh, ...]]:
    """With the morph weights that nodes give their meshes; of a mesh that others show too a node gets its own."""
    placed, made = list(nodes), list(meshes)
    for i, place in enumerate(document.items("nodes")):
        number, given = nodes[i].mesh, [item.as_number() for item in place.items("weights")]
        if number is None or not given:
            continue
        weights = meshes[number].weights.copy()
        weights[: len(given)] = given[: len(weights)]
        own = replace(meshes[number], weights=weights)
        if sum(node.mesh == number for node in nodes) == 1:
            made[number] = own
        else:
            placed[i] = replace(nodes[i], mesh=len(made))
            made.append(own)
    return tuple(placed), tuple(made)


def _target_names(mesh: Place) -> tuple[str, ...]:
    """Names of morph targets: of the mesh (the usual place), else of its first primitive (UniVRM)."""
    for place in (mesh, *mesh.items("primitives")[:1]):
        extras = place.maybe("extras")
        if extras is None or not isinstance(extras.value, dict):
            continue
        names = extras.value.get("targetNames")
        if isinstance(names, list):
            return tuple(str(name) for name in names)
    return ()


def _opaque(colors: F32 | None) -> F32 | None:
    if colors is None or colors.shape[1] == 4:
        return colors
    return np.column_stack([colors, np.ones(len(colors), np.float32)])


def sparse_target(name: str, positions: F32, normals: F32) -> MorphTarget:
    """Keep the vertices that a target moves, from offsets (n, 3) of all."""
    moved = np.flatnonzero((positions != 0).any(axis=1) | (normals != 0).any(axis=1)).astype(np.uint32)
    return MorphTarget(name, moved, positions[moved], normals[moved])


def complete(primitive: Primitive, materials: tuple[Material, ...]) -> Primitive:
    """Make normals where there are none, and tangents where a normal map wants them."""
    if not len(primitive.normals):
        normals, indices, origin = smooth_normals(primitive.positions, primitive.indices)
        primitive = replace(gathered(primitive, origin), normals=normals, indices=indices, tangents=None)
    material = None if primitive.material is None else materials[primitive.material]
    if material is None or material.normal_texture is None:
        return replace(primitive, tangents=None)
    uv = primitive.uv1 if material.normal_texture.uv_set == 1 else primitive.uv0
    if primitive.tangents is not None or uv is None:
        return primitive
    made = tangents(primitive.positions, primitive.normals, uv, primitive.indices)
    return replace(primitive, tangents=made)


def gathered(primitive: Primitive, origin: NDArray[np.intp]) -> Primitive:
    """The primitive with vertices picked by `origin` (m,); its indices stay as they are."""
    targets = []
    for target in primitive.targets:
        dense = np.zeros((2, primitive.vertex_count, 3), np.float32)
        dense[0, target.vertices], dense[1, target.vertices] = target.positions, target.normals
        targets.append(sparse_target(target.name, dense[0, origin], dense[1, origin]))
    per_vertex = ("positions", "normals", "tangents", "uv0", "uv1", "colors", "joints", "weights")
    picked = {
        name: values[origin]
        for name in per_vertex
        if (values := getattr(primitive, name)) is not None and len(values) == primitive.vertex_count
    }
    return replace(primitive, targets=tuple(targets), **picked)
