"""Pictures of a host by Cycles: the sculptor's mirror.

python -m sculpt.preview lan/host.vrm OUT.png front three_quarter profile
python -m sculpt.preview lan/host.vrm OUT.png --expressions neutral happy viseme_PP aa blink lookLeft
"""

from __future__ import annotations

import argparse
import io
import math
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image

from .reading import Glb

VIEWS = {
    # name: (height of the target above or below the eyes in metres, distance, azimuth in degrees, lens in mm, aspect)
    "front": (-0.01, 1.15, 0, 85, 0.8),
    "three_quarter": (-0.01, 1.15, 38, 85, 0.8),
    "profile": (-0.01, 1.15, 90, 85, 0.8),
    "back": (-0.06, 1.1, 180, 85, 0.8),
    "eyes": (0.0, 0.55, 0, 105, 1.6),
    "mouth": (-0.07, 0.5, 0, 105, 1.4),
    "bust": (-0.16, 1.6, 20, 70, 0.8),
    "half": (-0.35, 2.6, 0, 60, 0.75),
    "full": (-0.72, 4.6, 0, 60, 0.5),
    "full_side": (-0.72, 4.6, 60, 60, 0.5),
    "full_back": (-0.72, 4.6, 180, 60, 0.5),
}


def turn(axis: str, degrees: float) -> np.ndarray:
    """Rotation matrix (3, 3) about a glTF axis."""
    a = math.radians(degrees)
    c, s = math.cos(a), math.sin(a)
    return np.array(
        {
            "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
            "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis]
    )


POSES = {
    "t": {},
    "down": {
        "leftUpperArm": turn("z", -72),
        "rightUpperArm": turn("z", 72),
        "leftLowerArm": turn("y", -12),
        "rightLowerArm": turn("y", 12),
    },
    "present": {
        "leftUpperArm": turn("y", -35) @ turn("z", -62),
        "rightUpperArm": turn("z", 70),
        "leftLowerArm": turn("y", -75),
        "rightLowerArm": turn("y", 15),
        "head": turn("y", 8) @ turn("x", 4),
    },
    "raise": {"leftUpperArm": turn("z", 45), "rightUpperArm": turn("y", 60), "rightLowerArm": turn("y", 70)},
}


def studio(samples: int, threads: int) -> bpy.types.Scene:
    """An empty scene with a warm key, a cool fill and a rim light."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.render.threads_mode = "FIXED"
    scene.render.threads = threads
    scene.render.use_persistent_data = True
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    background = scene.world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (0.30, 0.33, 0.40, 1)
    background.inputs[1].default_value = 0.75
    return scene


def light_up(scene: bpy.types.Scene, eye_y: float) -> None:
    for place, energy, size, color in (
        ((-1.1, -1.7, eye_y + 1.0), 42, 0.8, (1.0, 0.93, 0.85)),
        ((1.7, -1.5, eye_y + 0.1), 13, 1.5, (0.86, 0.92, 1.0)),
        ((1.0, 1.5, eye_y + 0.8), 40, 0.6, (1.0, 0.8, 0.62)),
    ):
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy, lamp.size, lamp.color = energy, size, color
        thing = bpy.data.objects.new("lamp", lamp)
        thing.location = place
        thing.rotation_euler = (Vector((0, 0, eye_y - 0.1)) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
        scene.collection.objects.link(thing)


def blender_material(glb: Glb, index: int, folder: Path) -> bpy.types.Material:
    """A Principled BSDF with the glTF material's textures."""
    entry = glb.document["materials"][index]
    material = bpy.data.materials.new(entry["name"])
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    pbr = entry["pbrMetallicRoughness"]
    shader.inputs["Base Color"].default_value = pbr.get("baseColorFactor", (1, 1, 1, 1))
    shader.inputs["Roughness"].default_value = pbr.get("roughnessFactor", 1)
    shader.inputs["Metallic"].default_value = pbr.get("metallicFactor", 0)

    def picture(texture: int, color: bool) -> bpy.types.Node:
        image = glb.document["images"][glb.document["textures"][texture]["source"]]
        path = folder / f"{texture}.{image['mimeType'][6:]}"
        path.write_bytes(glb.view(image["bufferView"]))
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = bpy.data.images.load(str(path))
        node.image.colorspace_settings.name = "sRGB" if color else "Non-Color"
        return node

    if "baseColorTexture" in pbr:
        node = picture(pbr["baseColorTexture"]["index"], True)
        tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
        if entry.get("alphaMode", "OPAQUE") != "OPAQUE":
            tree.links.new(node.outputs["Alpha"], shader.inputs["Alpha"])
    if "metallicRoughnessTexture" in pbr:
        split = tree.nodes.new("ShaderNodeSeparateColor")
        tree.links.new(picture(pbr["metallicRoughnessTexture"]["index"], False).outputs["Color"], split.inputs[0])
        tree.links.new(split.outputs["Green"], shader.inputs["Roughness"])
        tree.links.new(split.outputs["Blue"], shader.inputs["Metallic"])
    material.use_backface_culling = not entry.get("doubleSided", False)
    return material


def show(
    scene: bpy.types.Scene, glb: Glb, materials: list[bpy.types.Material], pose: dict, morphs: dict[int, float]
) -> None:
    """Replace what stands in the scene by the host in this pose."""
    for thing in [o for o in scene.collection.objects if o.type == "MESH"]:
        bpy.data.meshes.remove(thing.data)
    for surface in glb.surfaces(pose, morphs):
        mesh = bpy.data.meshes.new("surface")
        turned = surface.positions[:, [0, 2, 1]] * (1, -1, 1)
        mesh.from_pydata(turned.tolist(), [], surface.triangles.tolist())
        layer = mesh.uv_layers.new()
        corner = surface.uvs[surface.triangles.ravel()] * (1, -1) + (0, 1)
        layer.data.foreach_set("uv", corner.astype("f4").ravel())
        mesh.materials.append(materials[surface.material])
        mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
        normals = surface.normals[:, [0, 2, 1]] * (1, -1, 1)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        mesh.normals_split_custom_set_from_vertices(normals.tolist())
        scene.collection.objects.link(bpy.data.objects.new("surface", mesh))


def shoot(scene: bpy.types.Scene, eye_y: float, view: str, height_px: int, folder: Path) -> Image.Image:
    """One picture from a named view."""
    rise, distance, azimuth, lens, aspect = VIEWS[view]
    camera = scene.camera or bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    if scene.camera is None:
        scene.collection.objects.link(camera)
        scene.camera = camera
    a = math.radians(azimuth)
    away = Vector((math.sin(a), -math.cos(a), 0.0)) * distance
    camera.data.lens = lens
    camera.location = Vector((0, -0.03, eye_y + rise)) + away
    camera.rotation_euler = (-away).to_track_quat("-Z", "Y").to_euler()
    scene.render.resolution_y, scene.render.resolution_x = height_px, int(height_px * aspect)
    camera.data.sensor_fit = "VERTICAL"
    scene.render.filepath = str(folder / "shot.png")
    bpy.ops.render.render(write_still=True)
    return Image.open(io.BytesIO((folder / "shot.png").read_bytes())).convert("RGB")


def beside(pictures: list[Image.Image], columns: int) -> Image.Image:
    """A contact sheet."""
    w, h = pictures[0].size
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (max(sum(p.width for p in pictures[:columns]), w * columns), h * rows))
    x = y = 0
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (x, y))
        x += picture.width
        if (i + 1) % columns == 0:
            x, y = 0, y + h
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("views", nargs="*", default=[], help=", ".join(VIEWS))
    parser.add_argument("--expressions", nargs="*", default=["neutral"])
    parser.add_argument("--pose", default="down", choices=POSES)
    parser.add_argument("--height", type=int, default=560)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--columns", type=int, default=4)
    args = parser.parse_args()
    glb = Glb(args.file)
    eye_y = float(glb.world({})[glb.by_name["leftEye"]][1, 3])
    scene = studio(args.samples, threads=2)
    light_up(scene, eye_y)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        materials = [blender_material(glb, i, folder) for i in range(len(glb.document["materials"]))]
        pictures = []
        for expression in args.expressions:
            pose = dict(POSES[args.pose])
            if expression.startswith("look"):
                eyes = {
                    "lookLeft": turn("y", 22),
                    "lookRight": turn("y", -22),
                    "lookUp": turn("x", -14),
                    "lookDown": turn("x", 16),
                }
                pose |= {"leftEye": eyes[expression], "rightEye": eyes[expression]}
            show(scene, glb, materials, pose, glb.expression(expression))
            pictures += [shoot(scene, eye_y, view, args.height, folder) for view in args.views or ["front"]]
        beside(pictures, min(args.columns, len(pictures))).save(args.out)


if __name__ == "__main__":
    main()
