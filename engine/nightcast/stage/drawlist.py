"""What must be drawn for a picture, in order: parts with their matrices, sorted for the depth test.

Pure: no GL is called here. Camera space looks along −Z.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import F32
from nightcast.host.frame import MaterialOverride
from nightcast.stage.frame import Instance, Makeup
from nightcast.stage.geometry import Part
from nightcast.stage.model import ModelHandle, Surface

IDENTITY = np.eye(4, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Item:
    """One draw call."""

    instance: Instance
    part: Part
    surface: Surface
    matrix: F32  #: (4, 4) vertices to world; the identity for moving parts
    depth_m: float  #: of the part's centre, along the view
    override: MaterialOverride | None
    makeup: Makeup | None

    @property
    def model(self) -> ModelHandle:
        return self.instance.model


def collect(instance: Instance, node_world: F32, view: F32, planes: F32) -> list[Item]:
    """The parts of an instance that may be in sight.

    `node_world` is (nodes, 4, 4) in world space, `planes` (p, 4) with their normals inward.
    """
    pose = instance.pose
    hidden = instance.hidden_nodes if pose is None else instance.hidden_nodes | pose.hidden_nodes
    overrides = {} if pose is None else pose.material_overrides
    worn = {makeup.material: makeup for makeup in instance.makeup}
    items = []
    for part in instance.model.geometry.parts:
        if part.node in hidden:
            continue
        place = node_world[part.node]
        center = place[:3, :3] @ part.center + place[:3, 3]
        if not part.moving:
            radius_m = part.radius_m * float(np.sqrt((place[:3, :3] ** 2).sum(axis=0).max()))
            if (planes[:, :3] @ center + planes[:, 3] < -radius_m).any():
                continue
        surface = instance.model.surface(part, instance.variant)
        material = instance.model.material_index(part, instance.variant)
        items.append(
            Item(
                instance=instance,
                part=part,
                surface=surface,
                matrix=IDENTITY if part.moving else place,
                depth_m=-float(view[2, :3] @ center + view[2, 3]),
                override=None if material is None else overrides.get(material),
                makeup=None if material is None else worn.get(material),
            )
        )
    return items


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
    low, high = [], []
    for item in items:
        geometry = item.model.geometry
        if item.part.moving and geometry.poser is not None:
            low.append(geometry.poser.low)
            high.append(geometry.poser.high)
        elif not item.part.moving:
            center = item.matrix[:3, :3] @ item.part.center + item.matrix[:3, 3]
            radius_m = item.part.radius_m * float(np.sqrt((item.matrix[:3, :3] ** 2).sum(axis=0).max()))
            low.append(center - radius_m)
            high.append(center + radius_m)
    if not low:
        return None
    return np.min(low, axis=0), np.max(high, axis=0)


def _queue(item: Item) -> tuple[bool, int]:
    toon = item.surface.record.mtoon
    return (False, 0) if toon is None else (not toon.transparent_with_z_write, toon.render_queue_offset)
