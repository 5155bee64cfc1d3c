"""What must be drawn for a picture, in order: parts with their matrices, sorted for the depth test.

Pure: no GL is called here. Camera space looks along −Z.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nightcast.gltf.records import F32
from nightcast.host.frame import MaterialOverride
from nightcast.stage.frame import Instance, Makeup
from nightcast.stage.geometry import Geometry, Part
from nightcast.stage.model import ModelHandle, Surface

IDENTITY = np.eye(4, dtype=np.float32)
IDENTITY_3 = np.eye(3, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class _Place:
    """How the vertices of a node come to world space."""

    matrix: F32  # (4, 4)
    normal_matrix: F32  # (3, 3)
    mirrored: bool
    grown: float  # at most, of a length

    @classmethod
    def of(cls, matrix: F32) -> _Place:
        grown = float(np.sqrt((matrix[:3, :3] ** 2).sum(axis=0).max()))
        return cls(matrix, normal_matrix(matrix), bool(np.linalg.det(matrix[:3, :3]) < 0), grown)


_WORLD = _Place(IDENTITY, IDENTITY_3, mirrored=False, grown=1.0)


@dataclass(frozen=True, eq=False)
class Item:
    """One draw call."""

    instance: Instance
    geometry: Geometry  #: the model's, at the level of detail that the picture needs
    part: Part
    surface: Surface
    matrix: F32  #: (4, 4) vertices to world; the identity for moving parts
    normal_matrix: F32  #: (3, 3) normals to world
    mirrored: bool  #: the matrix turns left hands into right ones
    center: F32  #: (3,) of the part, world space
    radius_m: float  #: about it
    edge_m: float  #: mean length of a triangle's side, world space
    depth_m: float  #: of the part's centre, along the view
    override: MaterialOverride | None
    makeup: Makeup | None

    @property
    def model(self) -> ModelHandle:
        return self.instance.model


def collect(instance: Instance, geometry: Geometry, node_world: F32, view: F32) -> list[Item]:
    """The parts of an instance that are shown; `node_world` is (nodes, 4, 4) in world space."""
    pose = instance.pose
    hidden = instance.hidden_nodes if pose is None else instance.hidden_nodes | pose.hidden_nodes
    overrides = {} if pose is None else pose.material_overrides
    worn = {makeup.material: makeup for makeup in instance.makeup}
    places: dict[int, _Place] = {}  # worked out once for all parts of a node
    items = []
    for part in geometry.parts:
        if part.node in hidden:
            continue
        if part.moving:
            place = _WORLD
        elif (known := places.get(part.node)) is not None:
            place = known
        else:
            place = places[part.node] = _Place.of(node_world[part.node])
        center, radius_m = geometry.bounds(part, place.matrix, place.grown)
        surface = instance.model.surface(part, instance.variant)
        material = instance.model.material_index(part, instance.variant)
        items.append(
            Item(
                instance=instance,
                geometry=geometry,
                part=part,
                surface=surface,
                matrix=place.matrix,
                normal_matrix=place.normal_matrix,
                mirrored=place.mirrored,
                center=center,
                radius_m=radius_m,
                edge_m=part.edge_m * (radius_m / part.radius_m if part.radius_m > 0 else 1.0),
                depth_m=-float(view[2, :3] @ center + view[2, 3]),
                override=None if material is None else overrides.get(material),
                makeup=None if material is None else worn.get(material),
            )
        )
    return items


def at_rest(items: Iterable[Item]) -> dict[Hashable, Item]:
    """The solid parts of products that look the same in two pictures of one camera if their keys are in both."""
    return {
        (item.part, item.surface, item.matrix.tobytes(), item.makeup): item
        for item in items
        if item.instance.kind == "product" and not item.part.moving and item.override is None and _rests(item.surface)
    }


def _rests(surface: Surface) -> bool:
    look = surface.look
    return not (look.blended or look.masked or look.outlined or "UV_ANIMATION" in look.defines)


@dataclass(frozen=True, eq=False)
class Run:
    """Parts of an instance that lie one after another in its geometry, under one matrix."""

    geometry: Geometry
    matrix: F32  #: (4, 4) vertices to world
    first: int  #: in the index buffer
    count: int  #: of indices
    base: int  #: number of the first vertex
    end: int  #: and of the one after the last


def merged(items: Sequence[Item]) -> list[Run]:
    """The items, in as few runs as their order allows: for passes that care for places alone."""
    runs: list[Run] = []
    last: Item | None = None
    for item in items:
        part = item.part
        run = Run(
            item.geometry, item.matrix, part.first, part.count, part.base, part.base + part.primitive.vertex_count
        )
        if last is not None and last.instance is item.instance and last.matrix is item.matrix:
            before = runs[-1]
            if before.first + before.count == run.first:
                run = replace(before, count=before.count + run.count, end=run.end)
                runs.pop()
        runs.append(run)
        last = item
    return runs


def in_sight(items: Sequence[Item], planes: F32) -> list[Item]:
    """Those that may be seen; `planes` is (p, 4), their normals inward."""
    if not items:
        return []
    centers = np.stack([item.center for item in items])
    radii_m = np.array([item.radius_m for item in items], np.float32)
    beyond = np.any(centers @ planes[:, :3].T + planes[:, 3] < -radii_m[:, None], axis=1)
    return [item for item, out in zip(items, beyond, strict=True) if not out]


def normal_matrix(place: F32) -> F32:
    """(3, 3) that takes normals where `place` (4, 4) takes points: its cofactors, for they exist for any matrix.

    A mirror turns cofactors inside out; the sign of the determinant turns them back. Written out, since numpy's
    products of three numbers take longer than a draw call.
    """
    (a, b, c), (d, e, f), (g, h, i) = place[:3, :3].tolist()
    first = e * i - f * h, f * g - d * i, d * h - e * g
    sign = -1.0 if a * first[0] + b * first[1] + c * first[2] < 0 else 1.0
    cofactors = first, (c * h - b * i, a * i - c * g, b * g - a * h), (b * f - c * e, c * d - a * f, a * e - b * d)
    return np.array(cofactors, np.float32) * np.float32(sign)


def front_to_back(items: Iterable[Item]) -> list[Item]:
    """Opaque parts nearest first (what they hide is not shaded), then masked ones."""
    solid = [item for item in items if not item.surface.look.blended]
    return sorted(solid, key=lambda item: (item.surface.look.masked, item.depth_m))


def back_to_front(items: Iterable[Item]) -> list[Item]:
    """See-through parts, farthest first; MToon's render queue offset goes before distance."""
    clear = [item for item in items if item.surface.look.blended]
    return sorted(clear, key=lambda item: (_queue(item), -item.depth_m))


def frustum_planes(view_projection: F32) -> F32:
    """(6, 4) planes of a clip space's box in world space, normals inward and of unit length."""
    m = view_projection
    planes = np.stack([m[3] + m[0], m[3] - m[0], m[3] + m[1], m[3] - m[1], m[3] + m[2], m[3] - m[2]])
    return np.asarray(planes / np.linalg.norm(planes[:, :3], axis=1, keepdims=True), np.float32)


def world_bounds(items: Sequence[Item]) -> tuple[F32, F32] | None:
    """Least and greatest corner (3,), (3,) of the vertices of some parts; None where there are none."""
    if not items:
        return None
    centers = np.stack([item.center for item in items])
    radii_m = np.array([item.radius_m for item in items], np.float32)[:, None]
    return (centers - radii_m).min(axis=0), (centers + radii_m).max(axis=0)


def _queue(item: Item) -> tuple[bool, int]:
    toon = item.surface.record.mtoon
    return (False, 0) if toon is None else (not toon.transparent_with_z_write, toon.render_queue_offset)
