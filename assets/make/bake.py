"""Baking a set's light into one picture, so that the engine draws the set as it is, without a lamp.

What the wide camera's neighbourhood cannot see is cut away. The rest is unwrapped at an even density (times an
object's own `texels`), path-traced with all bounces, denoised, developed and exported as KHR_materials_unlit.
"""

from collections.abc import Sequence
from math import pi
from pathlib import Path

import bmesh
import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

from . import glb
from .look import camera
from .paint import Picture, image
from .shapes import join, outward

# The engine halves larger pictures where it draws on a CPU, so that several small atlases show more than one great.
ATLAS_PX, PARTS = 768, 5
#: Light is traced at this many times the atlas's size, so that what lies along an island's rim is an average too: a
#: ray for each traced pixel is enough for the denoiser then.
FINE = 2
#: Between islands, and how far their rims are carried into it: what a mip level or two sees beyond a rim is its own.
GAP_PX = 8
FAR_PX = 48  # the rest is filled as well, since an edge to black costs bytes in a JPEG
SPOTS = [Vector((x, y, z)) for x in (-1.7, -0.6, 0.6, 1.7) for y in (0.9, 1.45, 2.1) for z in (0.95, 3.3)]


def develop(light: NDArray[np.float64], exposure: float = 1.0) -> Picture:
    """Linear light [h, w, 3] to sRGB 0..1 by Khronos' PBR Neutral curve, as the engine shows products."""
    colour = np.clip(light * exposure, 0, None)
    low = colour.min(-1, keepdims=True)
    colour = colour - np.where(low < 0.08, low - 6.25 * low**2, 0.04)
    peak = colour.max(-1, keepdims=True)
    pressed = 1 - 0.24**2 / (np.maximum(peak, 0.76) + 0.24 - 0.76)
    white = 1 - 1 / (0.15 * (peak - pressed) + 1)
    bright = colour * pressed / np.maximum(peak, 1e-6) * (1 - white) + pressed * white
    colour = np.clip(np.where(peak < 0.76, colour, bright), 0, 1)
    return np.where(colour <= 0.0031308, colour * 12.92, 1.055 * colour ** (1 / 2.4) - 0.055)


def unlit(name: str, picture: Picture, quality: int = 82, blend: bool = False) -> bpy.types.Material:
    """A material that shows its picture whatever the light."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image(name, picture, quality)
    result = texture.outputs["Color"]
    if blend:
        clear, mix = nodes.new("ShaderNodeBsdfTransparent"), nodes.new("ShaderNodeMixShader")
        links.new(texture.outputs["Alpha"], mix.inputs[0])
        links.new(clear.outputs[0], mix.inputs[1])
        links.new(result, mix.inputs[2])
        result = mix.outputs[0]
    links.new(result, nodes["Material Output"].inputs["Surface"])
    made.use_backface_culling = True
    return made


def pixels(source: bpy.types.Image) -> NDArray[np.float64]:
    """An image's RGBA rows from top to bottom."""
    flat = np.empty(source.size[0] * source.size[1] * 4, np.float32)
    source.pixels.foreach_get(flat)
    return flat.reshape(source.size[1], source.size[0], 4)[::-1].astype(float)


def cut_unseen(shapes: Sequence[bpy.types.Object]) -> None:
    """Remove faces that cannot be seen from any place where a camera may stand."""
    whole = bmesh.new()
    for shape in shapes:
        whole.from_mesh(shape.data)
    solid = BVHTree.FromBMesh(whole)
    whole.free()

    def seen(face: bmesh.types.BMFace) -> bool:
        middle = face.calc_center_median()
        samples = [middle, *(middle.lerp(corner.co, 0.9) for corner in face.verts)]
        for spot in SPOTS:
            if face.normal.dot(spot - middle) <= 0:
                continue
            for sample in samples:
                start = sample + face.normal * 0.002
                if solid.ray_cast(start, (spot - start).normalized(), (spot - start).length)[0] is None:
                    return True
        return False

    for shape in shapes:
        work = bmesh.new()
        work.from_mesh(shape.data)
        bmesh.ops.delete(work, geom=[face for face in work.faces if not seen(face)], context="FACES")
        work.to_mesh(shape.data)
        work.free()


def select(shape: bpy.types.Object) -> None:
    """Make an object the one that Blender's operators work on."""
    bpy.context.view_layer.update()
    for other in bpy.context.scene.objects:
        other.select_set(other == shape)
    bpy.context.view_layer.objects.active = shape


def unwrap(shape: bpy.types.Object) -> None:
    """Unwrap one object into its UV layer `atlas`, at a density of its `texels` a metre.

    An object's `sheet`, "open" or "turned", says that its rows and columns make one island (see `laid_flat`).
    """
    mesh = shape.data
    mesh.uv_layers.active = mesh.uv_layers.new(name="atlas")
    if "sheet" in shape:
        uv = laid_flat(mesh, turned=shape["sheet"] == "turned")
    else:
        select(shape)
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(angle_limit=66 * pi / 180, island_margin=0.0, correct_aspect=False)
        bpy.ops.uv.average_islands_scale()
        bpy.ops.object.mode_set(mode="OBJECT")
        uv = coordinates(mesh, "atlas")
    area = sum(face.area for face in mesh.polygons)
    covered = 0.0
    for face in mesh.polygons:
        x, y = uv[face.loop_start : face.loop_start + face.loop_total].T
        covered += abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    scaled = uv * np.sqrt(area / max(covered, 1e-9)) * shape["texels"]
    mesh.uv_layers["atlas"].data.foreach_set("uv", scaled.astype(np.float32).ravel())


def coordinates(mesh: bpy.types.Mesh, layer: str) -> NDArray[np.float64]:
    """A UV layer's coordinates [corners, 2]."""
    flat = np.empty(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers[layer].data.foreach_get("uv", flat)
    return flat.reshape(-1, 2).astype(float)


def laid_flat(mesh: bpy.types.Mesh, *, turned: bool) -> NDArray[np.float64]:
    """A sheet's own rows and columns as one island [corners, 2], spaced as far apart as they are in metres.

    A projection would cut a jar in pieces, and each cut shows. What was `turned` has its one seam at its back.
    """
    uv = np.round(coordinates(mesh, "UVMap"), 5)
    ahead = np.empty(len(mesh.loops), int)
    for face in mesh.polygons:
        corners = np.arange(face.loop_start, face.loop_start + face.loop_total)
        ahead[corners] = np.roll(corners, -1)
        if turned:
            uv[corners, 0] += 0.5 if uv[corners, 0].mean() < 0.5 else -0.5
    at = np.array([mesh.vertices[loop.vertex_index].co for loop in mesh.loops])
    length = np.linalg.norm(at[ahead] - at, axis=1)
    flat = np.empty_like(uv)
    for axis in (0, 1):
        lines, line = np.unique(np.round(uv[:, axis], 5), return_inverse=True)
        step = abs(line[ahead] - line) == 1
        gap = np.minimum(line, line[ahead])[step]
        number = np.bincount(gap, minlength=len(lines))
        mean = np.bincount(gap, length[step], minlength=len(lines)) / np.maximum(number, 1)
        flat[:, axis] = np.concatenate([[0], np.cumsum(mean[:-1])])[line]
    return flat


def shared(things: Sequence[bpy.types.Object], parts: int) -> list[list[bpy.types.Object]]:
    """Neighbours in order of making, in groups that need about the same space in an atlas."""
    needs = np.cumsum([sum(face.area for face in thing.data.polygons) * thing["texels"] ** 2 for thing in things])
    place = np.minimum((needs / needs[-1] * parts).astype(int), parts - 1)
    return [[thing for thing, part in zip(things, place, strict=True) if part == number] for number in range(parts)]


def pack(shape: bpy.types.Object, margin: float) -> None:
    """Lay all islands of a shape out in one square."""
    select(shape)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.uv.select_all(action="SELECT")
    bpy.ops.uv.pack_islands(
        rotate=True, rotate_method="CARDINAL", scale=True, margin_method="FRACTION", margin=margin, shape_method="AABB"
    )
    bpy.ops.object.mode_set(mode="OBJECT")


def bake(size_px: int, samples: int, eye: Sequence[float]) -> list[tuple[bpy.types.Object, NDArray[np.float64]]]:
    """Bake the scene's objects into `PARTS` atlases of linear light [size, size, 3], and paper that glows into one.

    `samples` are rays a traced pixel, of which there are `FINE`² to a pixel of the atlas.
    """
    scene = bpy.context.scene
    things = [thing for thing in scene.objects if thing.type == "MESH" and "texels" in thing]
    cut_unseen([outward(thing) for thing in things])
    for thing in [thing for thing in things if not thing.data.polygons]:
        things.remove(thing)
        bpy.data.objects.remove(thing)
    for thing in things:
        unwrap(thing)
    solid = shared([thing for thing in things if thing.visible_shadow], PARTS)
    groups = [*solid, [thing for thing in things if not thing.visible_shadow]]
    whole = [join(f"part_{number}", group) for number, group in enumerate(groups) if group]
    camera(eye, (0, 1.15, 0), 32)
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_adaptive_sampling = samples, True
    scene.cycles.sample_clamp_indirect, scene.cycles.max_bounces = 4.0, 4
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    scene.render.bake.margin = 0
    scene.render.bake.view_from = "ACTIVE_CAMERA"
    baked = []
    for shape in whole:
        pack(shape, GAP_PX / size_px)
        atlas = bpy.data.images.new(shape.name, FINE * size_px, FINE * size_px, alpha=True, float_buffer=True)
        atlas.colorspace_settings.name, atlas.generated_color = "Non-Color", (0, 0, 0, 0)
        for material in shape.data.materials:
            node = material.node_tree.nodes.new("ShaderNodeTexImage")
            node.image = atlas
            material.node_tree.nodes.active = node
        select(shape)
        bpy.ops.object.bake(type="COMBINED")
        baked.append((shape, cleaned(pixels(atlas))))
        bpy.data.images.remove(atlas)
    return baked


def cleaned(traced: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light [h, w, 3] without its noise, at the atlas's size, from what was traced [h · FINE, w · FINE, 4].

    The denoiser knows nothing of islands: rims are carried outwards before it, so that it finds no edge there, and
    anew behind it.
    """
    known = traced[..., 3] > 0.5
    light = denoise(spread(traced[..., :3], known, FINE * GAP_PX // 2))
    height, width = known.shape
    blocks = (height // FINE, FINE, width // FINE, FINE)
    share = known.reshape(blocks).mean((1, 3))
    total = (light * known[..., None]).reshape(*blocks, 3).mean((1, 3))
    return spread(total / np.maximum(share, 1e-6)[..., None], share > 0, FAR_PX)


def spread(light: NDArray[np.float64], known: NDArray[np.bool_], steps: int) -> NDArray[np.float64]:
    """Carry what is known into what is not, a pixel a step."""
    light, known = light * known[..., None], known.copy()
    sides = ((0, 1), (0, -1), (1, 1), (1, -1))
    for _ in range(steps):
        fresh = np.any([np.roll(known, by, axis) for axis, by in sides], axis=0) & ~known
        rows, columns = np.nonzero(fresh)
        total, number = np.zeros((len(rows), 3)), np.zeros((len(rows), 1))
        for axis, by in sides:
            near = np.roll(known, by, axis)[rows, columns][:, None]
            place = ((rows - by) % len(known), columns) if axis == 0 else (rows, (columns - by) % known.shape[1])
            total += light[place] * near
            number += near
        light[rows, columns] = total / number
        known |= fresh
    return light


def denoise(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intel's denoiser, through Blender's compositor."""
    height, width, _ = light.shape
    scene = bpy.data.scenes.new("denoise")
    noisy = bpy.data.images.new("noisy", width, height, float_buffer=True)
    noisy.colorspace_settings.name = "Non-Color"
    noisy.pixels.foreach_set(np.concatenate([light[::-1], np.ones((height, width, 1))], 2).astype(np.float32).ravel())
    scene.use_nodes = True
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.view_settings.view_transform = "Raw"
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    source, clean, end = (nodes.new(f"CompositorNode{kind}") for kind in ("Image", "Denoise", "Composite"))
    source.image = noisy
    links.new(source.outputs["Image"], clean.inputs["Image"])
    links.new(clean.outputs["Image"], end.inputs["Image"])
    scene.camera = bpy.data.objects.new("none", bpy.data.cameras.new("none"))
    scene.render.image_settings.file_format = "OPEN_EXR"
    path = Path(bpy.app.tempdir) / "denoised.exr"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    result = pixels(bpy.data.images.load(str(path)))[..., :3]
    bpy.data.scenes.remove(scene)
    return result


def export(path: Path, baked: Sequence[tuple[bpy.types.Object, Picture]], cards: Sequence[bpy.types.Object]) -> None:
    """Write the baked set, each part with its developed atlas, and the cards, painted as unlit already; no more."""
    for shape, atlas in baked:
        shape.data.uv_layers.remove(shape.data.uv_layers["UVMap"])
        shape.data.materials.clear()
        shape.data.materials.append(unlit(shape.name, atlas))
    for thing in list(bpy.context.scene.objects):
        if thing not in cards and all(thing != part for part, _ in baked):
            bpy.data.objects.remove(thing)
    glb.export(path)
    print(f"{path.stem}: {glb.triangles(path)} triangles, {path.stat().st_size // 1024} KB")
