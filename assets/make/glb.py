"""Writing GLB files: one product or set a file, with the colours it is sold in as KHR_materials_variants."""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import bpy

from .shapes import bend


def export(path: Path, *, scale: float = 1.0) -> None:
    """Write every object of the file; `scale` turns the modelling unit into metres. Axes stay as they are."""
    for shape in bpy.context.scene.objects:
        if shape.type == "MESH" and scale != 1.0:
            bend(shape, lambda at: at * scale)
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.export_scene.gltf(
        filepath=str(path),
        export_format="GLB",
        export_yup=False,
        export_image_format="AUTO",
        export_animations=False,
        export_cameras=False,
        export_lights=False,
        export_tangents=False,
        export_attributes=False,
        export_extras=False,
    )


def offer_variants(
    shapes: Sequence[bpy.types.Object], variants: Mapping[str, Mapping[str, bpy.types.Material]]
) -> None:
    """Declare variants: name, then material name to the material that replaces it. The first is the default look."""
    bpy.context.preferences.addons["io_scene_gltf2"].preferences.KHR_materials_variants_ui = True
    declared = bpy.context.scene.gltf2_KHR_materials_variants_variants
    for number, name in enumerate(variants):
        entry = declared.add()
        entry.variant_idx, entry.name = number, name
    for shape in shapes:
        for slot, material in enumerate(shape.data.materials):
            for number, replaced in enumerate(variants.values()):
                mapping = shape.data.gltf2_variant_mesh_data.add()
                mapping.material_slot_index = slot
                mapping.material = replaced.get(material.name, material)
                mapping.variants.add().variant.variant_idx = number


def read(path: Path) -> tuple[dict[str, Any], bytes]:
    """A GLB's JSON and binary chunk."""
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def triangles(path: Path) -> int:
    """How many triangles a GLB's meshes hold."""
    tree, _ = read(path)
    return sum(
        tree["accessors"][primitive["indices"]]["count"] // 3
        for mesh in tree["meshes"]
        for primitive in mesh["primitives"]
    )
