"""A path-traced picture of a GLB, to judge it by eye."""

from collections.abc import Sequence
from math import pi
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .shapes import clear


def camera(at: Sequence[float], target: Sequence[float], fov_deg: float) -> bpy.types.Object:
    """The scene's camera, upright along +Y; `fov_deg` is vertical."""
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit, lens.angle = "VERTICAL", fov_deg * pi / 180
    back = (Vector(at) - Vector(target)).normalized()
    right = Vector((0, 1, 0)).cross(back).normalized()
    turn = Matrix((right, back.cross(right), back)).transposed().to_4x4()
    made = bpy.data.objects.new("camera", lens)
    made.matrix_world = Matrix.Translation(at) @ turn
    bpy.context.scene.collection.objects.link(made)
    bpy.context.scene.camera = made
    return made


def panel(at: Sequence[float], size_m: float, watts: float, colour: Sequence[float] = (1, 1, 1)) -> bpy.types.Object:
    """A square lamp that faces the origin."""
    lamp = bpy.data.lights.new("panel", "AREA")
    lamp.size, lamp.energy, lamp.color = size_m, watts, colour
    made = bpy.data.objects.new("panel", lamp)
    made.matrix_world = Matrix.Translation(at) @ Vector(at).to_track_quat("Z", "Y").to_matrix().to_4x4()
    bpy.context.scene.collection.objects.link(made)
    return made


def trace(path: Path, size_px: tuple[int, int], samples: int) -> None:
    """Path-trace the scene to a PNG on two threads."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = samples, True
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    scene.render.resolution_x, scene.render.resolution_y = size_px
    scene.render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Khronos PBR Neutral"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def backdrop(colour: Sequence[float], strength: float) -> None:
    """Even light from all around."""
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (*colour, 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = strength
    bpy.context.scene.world = world


def hide_backs(material: bpy.types.Material) -> None:
    """Let the path tracer see what a real-time engine sees: nothing, from behind a one-sided face."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    mix, clear, side = (nodes.new(f"ShaderNode{kind}") for kind in ("MixShader", "BsdfTransparent", "NewGeometry"))
    links.new(side.outputs["Backfacing"], mix.inputs[0])
    links.new(output.inputs["Surface"].links[0].from_socket, mix.inputs[1])
    links.new(clear.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], output.inputs["Surface"])


def product(source: Path, out: Path, *, samples: int = 24, yaw_deg: float = 28, pitch_deg: float = 18) -> None:
    """Photograph one product on grey, filling the picture, lit by three soft panels."""
    clear()
    bpy.ops.import_scene.gltf(filepath=str(source))
    # The importer turns glTF upright for Blender; turn it back, so that one frame holds everywhere.
    upright = Matrix.Rotation(-pi / 2, 4, "X")
    corners = []
    for shape in [shape for shape in bpy.context.scene.objects if shape.parent is None]:
        shape.matrix_world = upright @ shape.matrix_world
    bpy.context.view_layer.update()
    for shape in bpy.context.scene.objects:
        corners += [shape.matrix_world @ Vector(corner) for corner in shape.bound_box]
    box = np.array(corners)
    middle, reach = (box.max(0) + box.min(0)) / 2, float(np.linalg.norm(box.max(0) - box.min(0)))
    for shape in bpy.context.scene.objects:
        if shape.parent is None:
            shape.matrix_world = Matrix.Scale(1 / reach, 4) @ Matrix.Translation(-Vector(middle)) @ shape.matrix_world
    for material in bpy.data.materials:
        if material.use_backface_culling:
            hide_backs(material)
    yaw, pitch = yaw_deg * pi / 180, pitch_deg * pi / 180
    eye = 2.35 * np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    camera(eye, (0, 0, 0), 21)
    backdrop((0.45, 0.46, 0.48), 0.7)
    panel((1.4, 1.8, 1.2), 1.2, 60, (1, 0.95, 0.88))
    panel((-2.0, 0.6, 1.0), 1.5, 22, (0.85, 0.92, 1))
    panel((0.2, 1.2, -2.0), 0.8, 45)
    trace(out, (560, 420), samples)
