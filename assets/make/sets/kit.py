"""What sets are built of: stuffs with grain, lamps of a colour temperature, cloth, lanterns, shelves and goods.

Stuffs are Blender shaders, more than glTF can say, because sets are baked before they are exported.
"""

from collections.abc import Sequence
from math import cos, pi, sin

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..brand import lettering
from ..paint import Picture, image, linear, srgb, tint
from ..shapes import ball, block, circle, grid, lathe, move, spline, sweep

TABLE_M, FRONT_M, MARK_Z_M = 0.92, 0.35, -0.35
EYE = (0.0, 1.45, 3.2)


def kelvin(temperature: float, white: float = 4600) -> tuple[float, float, float]:
    """Linear RGB of a black body seen by a camera balanced for `white`, brightest channel 1.

    Planckian locus by Kim et al. 2002 (cubic fit of x and y), then XYZ to linear sRGB.
    """

    def body(t: float) -> np.ndarray:
        k = 1e3 / t
        if t < 4000:
            x = -0.2661239 * k**3 - 0.2343589 * k**2 + 0.8776956 * k + 0.179910
        else:
            x = -3.0258469 * k**3 + 2.1070379 * k**2 + 0.2226347 * k + 0.240390
        if t < 2222:
            y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
        elif t < 4000:
            y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
        else:
            y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
        xyz = np.array([x / y, 1, (1 - x - y) / y])
        matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
        return np.clip(matrix @ xyz, 0.01, None)

    rgb = body(temperature) / body(white)
    red, green, blue = rgb / rgb.max()
    return float(red), float(green), float(blue)


def stuff(
    name: str,
    colours: Sequence[str],
    *,
    grain: Sequence[float] = (6, 6, 6),
    rough: float = 0.7,
    metal: float = 0.0,
    bump: float = 0.0,
    dirt: float = 0.45,
) -> bpy.types.Material:
    """A surface mottled between `colours` by noise of `grain` periods a metre in x, y, z, darker in its corners."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = rough
    surface.inputs["Metallic"].default_value = metal
    place, scale, cloud = (
        nodes.new("ShaderNodeTexCoord"),
        nodes.new("ShaderNodeMapping"),
        nodes.new("ShaderNodeTexNoise"),
    )
    scale.inputs["Scale"].default_value = tuple(grain)
    cloud.inputs["Scale"].default_value, cloud.inputs["Detail"].default_value = 1.0, 6.0
    ramp = nodes.new("ShaderNodeValToRGB")
    stops = ramp.color_ramp.elements
    for number, colour in enumerate(colours):
        at = 0.3 + 0.4 * number / max(len(colours) - 1, 1)
        stop = stops[number] if number < 2 else stops.new(at)
        stop.position, stop.color = at, (*linear(colour), 1)
    if len(colours) == 1:
        stops[1].color = stops[0].color
    links.new(place.outputs["Object"], scale.inputs["Vector"])
    links.new(scale.outputs["Vector"], cloud.inputs["Vector"])
    links.new(cloud.outputs["Fac"], ramp.inputs["Fac"])
    corner, mix = nodes.new("ShaderNodeAmbientOcclusion"), nodes.new("ShaderNodeMix")
    corner.inputs["Distance"].default_value, corner.samples = 0.12, 1
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    mix.inputs[0].default_value = dirt
    links.new(ramp.outputs["Color"], mix.inputs[6])
    links.new(corner.outputs["AO"], mix.inputs[7])
    links.new(mix.outputs[2], surface.inputs["Base Color"])
    if bump:
        relief = nodes.new("ShaderNodeBump")
        relief.inputs["Distance"].default_value = bump
        links.new(cloud.outputs["Fac"], relief.inputs["Height"])
        links.new(relief.outputs["Normal"], surface.inputs["Normal"])
    return made


def timber(name: str, colours: Sequence[str], along: str, rough: float = 0.5) -> bpy.types.Material:
    """Wood whose grain runs along an axis."""
    grain = [70.0, 70.0, 70.0]
    grain["xyz".index(along)] = 2.2
    return stuff(name, colours, grain=grain, rough=rough, bump=0.002)


def shining(name: str, picture: Picture, strength: float) -> bpy.types.Material:
    """A surface that only glows, as its picture says."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    glow, texture = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeTexImage")
    texture.image = image(name, picture)
    glow.inputs["Strength"].default_value = strength
    links.new(texture.outputs["Color"], glow.inputs["Color"])
    links.new(glow.outputs[0], nodes["Material Output"].inputs["Surface"])
    return made


def printed(name: str, picture: Picture, rough: float = 0.85, through: float = 0.0) -> bpy.types.Material:
    """Cloth or paper with a picture; `through` lets light from behind come through."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = rough
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image(name, picture)
    links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    if through:
        thin, mix = nodes.new("ShaderNodeBsdfTranslucent"), nodes.new("ShaderNodeMixShader")
        mix.inputs[0].default_value = through
        links.new(texture.outputs["Color"], thin.inputs["Color"])
        links.new(surface.outputs[0], mix.inputs[1])
        links.new(thin.outputs[0], mix.inputs[2])
        links.new(mix.outputs[0], nodes["Material Output"].inputs["Surface"])
    return made


def wear(material: bpy.types.Material, *shapes: bpy.types.Object, texels: float = 1.0) -> None:
    """Give shapes a material, and their share of the atlas: `texels` multiplies the density along an edge."""
    for shape in shapes:
        shape.data.materials.clear()
        shape.data.materials.append(material)
        shape["texels"] = texels


def bulb(at: Sequence[float], watts: float, temperature: float = 2700, radius: float = 0.06) -> bpy.types.Object:
    """A lamp that shines all round."""
    lamp = bpy.data.lights.new("bulb", "POINT")
    lamp.energy, lamp.shadow_soft_size, lamp.color = watts, radius, kelvin(temperature)
    made = bpy.data.objects.new("bulb", lamp)
    made.location = at
    bpy.context.scene.collection.objects.link(made)
    return made


def aim(
    at: Sequence[float], target: Sequence[float], size_m: float, watts: float, temperature: float
) -> bpy.types.Object:
    """A square soft box that shines from a place to another."""
    lamp = bpy.data.lights.new("soft", "AREA")
    lamp.size, lamp.energy, lamp.color = size_m, watts, kelvin(temperature)
    made = bpy.data.objects.new("soft", lamp)
    facing = (Vector(at) - Vector(target)).to_track_quat("Z", "Y").to_matrix().to_4x4()
    made.matrix_world = Matrix.Translation(at) @ facing
    bpy.context.scene.collection.objects.link(made)
    return made


def sun(along: Sequence[float], strength: float, temperature: float, width_rad: float = 0.02) -> bpy.types.Object:
    """Parallel light `along` a direction."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle, lamp.color = strength, width_rad, kelvin(temperature)
    made = bpy.data.objects.new("sun", lamp)
    made.matrix_world = (-Vector(along)).to_track_quat("Z", "Y").to_matrix().to_4x4()
    bpy.context.scene.collection.objects.link(made)
    return made


def leaf(material: bpy.types.Material, root: Sequence[float], turn: float, long: float, rise: float = 0.45) -> None:
    """One leaf that grows from `root` along the angle `turn`, bending down; to be seen from both sides."""
    ahead = np.array([cos(turn), rise, sin(turn)]) * long
    side = np.cross(ahead, (0.3 * cos(turn * 3), 0.4, 1.0))
    side *= 0.25 * long / np.linalg.norm(side)
    run = np.linspace(0, 1, 6)
    middle = np.asarray(root, float) + np.outer(run, ahead) - np.outer(run**2, [0, 0.45 * long, 0])
    half = np.outer(np.sin(pi * np.clip(run, 0.02, 0.98) ** 0.8), side)
    sides = (
        grid("leaf", np.stack([a, b], 1)) for a, b in ((middle - half, middle + half), (middle + half, middle - half))
    )
    wear(material, *sides, texels=0.7)


def glowing(light: NDArray[np.float64], strength: float) -> bpy.types.Material:
    """A surface that glows with linear light [h, w, 3], unclipped."""
    made = shining("glowing", np.zeros((2, 2, 3)), strength)
    texture = next(node for node in made.node_tree.nodes if node.type == "TEX_IMAGE")
    height, width, _ = light.shape
    texture.image = bpy.data.images.new("light", width, height, float_buffer=True)
    texture.image.colorspace_settings.name = "Non-Color"
    rows = np.concatenate([light[::-1], np.ones((height, width, 1))], 2)
    texture.image.pixels.foreach_set(rows.astype(np.float32).ravel())
    return made


def sky(temperature: float, strength: float) -> None:
    """Even ambient light."""
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (*kelvin(temperature), 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = strength
    bpy.context.scene.world = world


def lantern_paper(
    deep: str, bright: str, letter: str = "", ink: str = "#5a0d08", ribs: int = 11, staves: int = 0
) -> Picture:
    """The glow of lantern paper, [256, 512, 3], lit from inside: bright at the belly, dark at ribs and ends."""
    high, wide = 256, 512
    v = np.linspace(1, 0, high)[:, None]
    glow = np.exp(-(((v - 0.45) / 0.34) ** 2)) * np.ones((1, wide))
    hoops = 1 - 0.35 * np.exp(-((((v * ribs) % 1) - 0.5) ** 2) / 0.012)
    picture = tint(np.clip(glow, 0, 1), "#1d0502", deep, bright) * hoops[..., None]
    if staves:
        u = (np.arange(wide) / wide * staves) % 1
        picture *= (1 - 0.45 * np.exp(-(((u - 0.5) / 0.07) ** 2)) - 0.12 * np.cos(2 * pi * u))[None, :, None]
    if letter:
        glyph = lettering(letter, 150)
        for centre in (0, wide // 2):
            x = (np.arange(glyph.shape[1]) + centre - glyph.shape[1] // 2) % wide
            patch = picture[52 : 52 + 150][:, x]
            picture[52 : 52 + 150, x] = patch + (srgb(ink) - patch) * glyph[..., None] * 0.85
    return picture


def lantern(
    at: Sequence[float], radius: float, paper: bpy.types.Material, trim: bpy.types.Material, *, watts: float,
    squash: float = 0.86, lobes: int = 0, tassel: bpy.types.Material | None = None, wire_m: float = 0.25,
) -> None:  # fmt: skip
    """A paper lantern hanging with its middle `at`, a lamp inside it."""
    angle = np.linspace(-1.22, 1.22, 13)
    profile = np.stack([radius * np.cos(angle) ** 0.8, radius * squash * np.sin(angle) / sin(1.22)], 1)
    ribs = (lambda a: 1 - 0.07 * abs(cos(lobes / 2 * a)) ** 3) if lobes else None
    body = move(lathe("lantern", profile, 32 if lobes else 24, ribs=ribs), at)
    body.visible_shadow = False
    wear(paper, body, texels=1.5)
    parts = []
    for side in (-1, 1):
        cap = lathe("cap", [(radius * 0.30, -0.014), (radius * 0.34, 0), (radius * 0.30, 0.014)], 16)
        parts.append(move(cap, (at[0], at[1] + side * radius * squash, at[2])))
        parts[-1].visible_shadow = False
    top = at[1] + radius * squash
    parts.append(sweep("wire", [(at[0], top, at[2]), (at[0], top + wire_m, at[2])], circle(0.003, 4)))
    wear(trim, *parts, texels=0.6)
    if tassel:
        low = at[1] - radius * squash
        knot = lathe("tassel", [(0.004, -0.20), (0.017, -0.19), (0.013, -0.05), (0.018, -0.035), (0.006, 0)], 8)
        wear(tassel, move(knot, (at[0], low, at[2])), texels=0.6)
    bulb(at, watts, radius=radius * 0.7)


def garland(
    ends: tuple[Sequence[float], Sequence[float]], sag: float, lamps: int, wire: bpy.types.Material,
    glow: bpy.types.Material, bulb_m: float = 0.014,
) -> None:  # fmt: skip
    """A wire that hangs between two points, with small lamps along it."""
    start, stop = (np.asarray(end, float) for end in ends)

    def at(t: float) -> np.ndarray:
        return start + (stop - start) * t - np.array([0, sag * 4 * t * (1 - t), 0])

    wear(wire, sweep("cord", [at(t) for t in np.linspace(0, 1, 14)], circle(0.004, 3), caps=False), texels=0.4)
    for t in (np.arange(lamps) + 0.5) / lamps:
        lamp = ball("lamp", bulb_m, at(t) - (0, bulb_m * 1.5, 0), segments=6)
        lamp.visible_shadow = False
        wear(glow, lamp, texels=2.0)


def drape(
    left: Sequence[float],
    right: Sequence[float],
    drop: float,
    folds: int,
    depth: float,
    steps: tuple[int, int] = (24, 6),
) -> bpy.types.Object:
    """A cloth that hangs from a line, in soft folds that open towards its hem; its picture's UVs are 0..1."""
    a, b = np.asarray(left, float), np.asarray(right, float)
    along = (b - a) / np.linalg.norm(b - a)
    out = np.cross(along, [0, 1, 0])
    net = []
    for u in np.linspace(0, 1, steps[0] + 1):
        wave = sin(2 * pi * folds * u + 0.6) + 0.35 * sin(2 * pi * folds * 2.3 * u)
        net.append(
            [
                a + (b - a) * u - np.array([0, drop * (1 - v), 0]) + out * depth * wave * (0.25 + 0.75 * (1 - v))
                for v in np.linspace(0, 1, steps[1] + 1)
            ]
        )
    cloth = grid("cloth", np.array(net))
    cloth["sheet"] = "open"
    return cloth


def jar(at: Sequence[float], radius: float, high: float, material: bpy.types.Material, shape: int = 0) -> None:
    """A ceramic vessel of one of three shapes, standing `at`."""
    profiles = (
        [(0, 0), (0.62, 0), (0.9, 0.2), (1, 0.5), (0.86, 0.78), (0.5, 0.9), (0.55, 1), (0.42, 1), (0.4, 0.9)],
        [
            (0, 0),
            (0.8, 0),
            (0.95, 0.05),
            (0.95, 0.8),
            (1, 0.84),
            (1, 0.9),
            (0.5, 0.95),
            (0.14, 0.96),
            (0.14, 1),
            (0, 1),
        ],
        [(0, 0), (0.45, 0), (0.7, 0.12), (0.95, 0.34), (0.8, 0.6), (0.35, 0.78), (0.3, 0.9), (0.42, 1), (0.3, 1)],
    )
    line = np.array(profiles[shape]) * (radius, high)
    if shape != 1:  # thrown, without an edge from foot to lip
        line = np.concatenate([line[:1], spline(line[1:], 15)])
    body = move(lathe("jar", line, 24), at)
    body["sheet"] = "turned"
    wear(material, body, texels=0.9)


def folded(at: Sequence[float], size: Sequence[float], materials: Sequence[bpy.types.Material]) -> None:
    """A pile of folded cloth standing `at`, one piece a material."""
    high = size[1] / len(materials)
    for number, material in enumerate(materials):
        shift = 0.006 * ((number * 7) % 3 - 1)
        middle = (at[0] + shift, at[1] + high * (number + 0.5), at[2])
        wear(material, block("fold", (size[0] - abs(shift), high * 0.94, size[2]), middle, high * 0.36, 2), texels=0.9)
