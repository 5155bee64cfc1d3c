"""The boutique: clay plaster, lit niches, a fitting room's curtain, a fig; evening lamps, or morning sun."""

from math import cos, pi, sin

import bpy
import numpy as np
from numpy.random import default_rng

from ..brand import lettering, mark, stamp
from ..paint import Picture, noise, srgb, weave
from ..palette import BRASS
from ..shapes import block, circle, grid, lathe, move, ring, slab, spline, sweep
from . import near
from .kit import FRONT_M, TABLE_M, aim, bulb, drape, folded, jar, leaf, printed, shining, sky, stuff, sun, timber, wear

EXPOSURE = {"day": 1.12, "night": 1.08}
WALL_Z_M = -2.0


def build(hour: str) -> None:
    """Everything in the shop."""
    walnut = {axis: timber(f"walnut_{axis}", ("#4a2c19", "#6d4427", "#85573a"), axis, 0.4) for axis in "xyz"}
    clay = stuff("clay", ["#bf9478", "#cda488", "#c59c80"], grain=(3, 3, 3), rough=0.95, bump=0.004, dirt=0.3)
    brass = stuff("brass", ["#9c7434", BRASS], rough=0.3, metal=0.5)
    room(clay, walnut)
    counter(walnut, brass)
    niches(clay, walnut)
    fitting_room(brass)
    rail(brass)
    lamp(brass)
    pendant(brass)
    plant()
    lights(hour)


def cards(_hour: str) -> list[near.Card]:
    """The fig's nearest leaves, at the left edge."""
    return [near.card((-0.86, 0.88), (-0.26, 1.48), 1.9, lambda: near.leaves("#1a2a1c", "#6b7d48", 9))]


def room(clay: bpy.types.Material, walnut: dict[str, bpy.types.Material]) -> None:
    """Floor, wall, skirting."""
    boards = [block("board", (0.19, 0.02, 5.2), ((n - 17) * 0.195, -0.01, -0.1)) for n in range(35)]
    wear(timber("floor", ("#7c5638", "#946a47", "#a87c56"), "z", 0.5), *boards, texels=0.22)
    wear(clay, grid("left", np.array([[(-2.9, y, z) for y in (0, 4.0)] for z in (2.4, WALL_Z_M)])), texels=0.4)
    laid = [[(x, 0.012, z) for x in (-1.05, 1.05)] for z in (-1.15, 0.25)]
    wear(printed("rug", kilim(), 0.95), grid("rug", np.array(laid)), texels=1.0)
    wear(walnut["x"], block("skirting", (6.4, 0.11, 0.02), (0, 0.055, WALL_Z_M + 0.012)), texels=0.4)


def kilim() -> Picture:
    """A flat-woven rug, [512, 768, 3]: rows of stepped lozenges between banded borders."""
    high, wide, step = 512, 768, 8
    row, column = np.meshgrid(np.arange(high) // step, np.arange(wide) // step, indexing="ij")
    field = (abs(row % 16 - 8) + abs(column % 16 - 8)) // 2
    colours = np.array([srgb(c) for c in ("#cfae82", "#2c3a45", "#7d382c", "#7d382c", "#8a4234", "#b3835a", "#2c3a45")])
    picture = colours[np.minimum(field, len(colours) - 1)]
    rim = np.minimum(np.minimum(row, high // step - 1 - row), np.minimum(column, wide // step - 1 - column))
    for band, colour in enumerate(("#e3cfa8", "#22374a", "#c98d54", "#8f3a2a", "#22374a", "#e3cfa8")):
        picture[rim == band] = srgb(colour)
    picture[(rim == 3) & ((row + column) % 4 < 2)] = srgb("#e3cfa8")
    return picture * (0.9 + 0.12 * weave(wide, 190, 3)[:high, :, None])


def upright(name: str, x: tuple[float, float], y: tuple[float, float], z: float) -> bpy.types.Object:
    """A wall that faces the viewer, in 12 by 12 pieces."""
    return grid(name, np.array([[(a, b, z) for b in np.linspace(*y, 13)] for a in np.linspace(*x, 13)]))


def arch(middle: float, half: float, foot: float, spring: float) -> np.ndarray:
    """Outline [n, 2] of a round-headed opening, anticlockwise."""
    angle = np.linspace(0, pi, 40)
    head = np.stack([middle + half * np.cos(angle), spring + half * np.sin(angle)], 1)
    return np.concatenate([head, [(middle - half, foot), (middle + half, foot)]])


def niches(clay: bpy.types.Material, walnut: dict[str, bpy.types.Material]) -> None:
    """The back wall with three round-headed niches, shelves and wares in the outer two."""
    openings = [arch(-1.18, 0.42, 0.5, 1.62), arch(0.0, 0.56, 0.0, 1.62), arch(1.18, 0.42, 0.5, 1.62)]
    outline = np.array([(-2.9, 0), (2.9, 0), (2.9, 3.1), (-2.9, 3.1)], float)
    wall = slab("wall", outline, 0.3, holes=openings, edge=0.012)
    wear(clay, move(wall, (0, 0, WALL_Z_M - 0.15)), texels=0.55)
    inner = stuff("inner", ["#b08464", "#bf9474"], grain=(3, 3, 3), rough=0.95)
    # In small pieces, so that what the wall hides is cut away and what its openings show is not.
    for left, right in ((-2.1, -0.6), (0.6, 2.1)):
        wear(inner, upright("back", (left, right), (0.4, 2.2), WALL_Z_M - 0.30), texels=0.45)
    silks = [
        stuff(f"wool{n}", [c, d])
        for n, (c, d) in enumerate(
            (
                ("#c9b08a", "#ddc8a4"),
                ("#7b2c22", "#93392c"),
                ("#2c3a4f", "#3d4d66"),
                ("#5f6f55", "#76876a"),
                ("#b87d4f", "#cc9565"),
            )
        )
    ]
    glazes = [
        stuff(f"pot{n}", c, rough=0.35)
        for n, c in enumerate(
            (("#e3d8c4", "#f0e7d6"), ("#6f8f80", "#8aa99a"), ("#8c3a28", "#a54b36"), ("#33302c", "#4a4640"))
        )
    ]
    glow = shining("strip", np.ones((4, 4, 3)) * srgb("#ffd9a0"), 2.2)
    for side in (-1, 1):
        middle = side * 1.18
        for number, y in enumerate((0.52, 0.92, 1.30, 1.66)):
            wear(walnut["x"], block("shelf", (0.84, 0.028, 0.28), (middle, y, WALL_Z_M - 0.15)), texels=0.9)
            if number:
                strip = block("strip", (0.76, 0.008, 0.012), (middle, y - 0.019, WALL_Z_M - 0.26))
                strip.visible_shadow = False
                wear(glow, strip, texels=0.6)
                aim((middle, y - 0.03, WALL_Z_M - 0.2), (middle, y - 1, WALL_Z_M - 0.2), 0.3, 1.5, 2900)
        for n, (x, kind) in enumerate(((-0.24, 0), (0.0, 2), (0.22, 1))):
            jar((middle + x, 1.674, WALL_Z_M - 0.15), 0.07, 0.2 + 0.05 * ((n + side) % 2), glazes[(n + side) % 4], kind)
        folded((middle - 0.2, 1.314, WALL_Z_M - 0.15), (0.28, 0.2, 0.22), [silks[(n + side) % 5] for n in range(4)])
        handbag((middle + 0.17, 1.314, WALL_Z_M - 0.14), glazes[2 if side > 0 else 3], walnut)
        folded(
            (middle + 0.2, 0.934, WALL_Z_M - 0.15),
            (0.28, 0.24, 0.22),
            [silks[(2 * n + side + 2) % 5] for n in range(5)],
        )
        for n, x in enumerate((-0.27, -0.1)):
            jar((middle + x, 0.934, WALL_Z_M - 0.15), 0.065, 0.17 + 0.05 * n, glazes[(n + 1 - side) % 4], n)
        for x in (-0.21, 0.21):
            wear(
                stuff(f"hatbox{x}{side}", ["#d8c3a0" if x < 0 else "#6a3a2c"]),
                move(
                    lathe("box", [(0.15, 0), (0.15, 0.15), (0.156, 0.15), (0.156, 0.2), (0, 0.2)], 24),
                    (middle + x * 0.9, 0.534, WALL_Z_M - 0.15),
                ),
                texels=0.7,
            )


def fitting_room(brass: bpy.types.Material) -> None:
    """The middle opening: a curtain of wine-red velvet on a brass rail, washed by a lamp above it."""
    z, rail_m = WALL_Z_M - 0.20, 1.99
    velvet = stuff("velvet", ["#4c1a24", "#61252f"], grain=(40, 3, 40), rough=0.85, dirt=0.6)
    cloth = drape((-0.66, rail_m, z), (0.66, rail_m, z), rail_m - 0.02, 9, 0.042, steps=(108, 3))
    wear(velvet, cloth, texels=0.8)
    wear(brass, sweep("rail", [(-0.66, rail_m + 0.03, z), (0.66, rail_m + 0.03, z)], circle(0.013, 8)), texels=0.9)
    hoops = [
        move(ring("hoop", 0.024, circle(0.004, 4), steps=12, axis="x"), (x, rail_m + 0.016, z))
        for x in np.linspace(-0.56, 0.56, 15)
    ]
    wear(brass, *hoops, texels=0.7)
    plain = stuff("behind", ["#a67c5e"], rough=0.95)
    wear(plain, upright("behind", (-0.7, 0.7), (1.9, 2.3), WALL_Z_M - 0.34), texels=0.4)
    aim((0.0, 2.16, WALL_Z_M + 0.05), (0.0, 1.2, z), 0.5, 9, 2900)


def pendant(brass: bpy.types.Material) -> None:
    """A brass dome on a long cord before the pillar, right of the host."""
    x, y, z = 0.70, 1.50, -1.45
    dome = [(0.115, 0), (0.112, 0.035), (0.094, 0.072), (0.06, 0.098), (0.022, 0.112), (0.02, 0.14), (0.006, 0.15)]
    wear(brass, move(lathe("dome", spline(dome, 14), 28), (x, y, z)), texels=1.3)
    wear(stuff("cord", ["#2a1d14"]), sweep("cord", [(x, y + 0.14, z), (x, 3.6, z)], circle(0.004, 5)), texels=0.4)
    inside = lathe("inside", [(0, 0.07), (0.09, 0.05), (0.112, 0.003)], 24)
    inside.visible_shadow = False
    wear(shining("inside", np.ones((4, 4, 3)) * srgb("#ffd9a0"), 2.0), move(inside, (x, y, z)), texels=0.8)
    bulb((x, y + 0.01, z), 9, 2800, 0.05)


def handbag(at: tuple[float, float, float], body: bpy.types.Material, walnut: dict[str, bpy.types.Material]) -> None:
    """A small stiff bag with a round handle."""
    x, y, z = at
    case = block("bag", (0.22, 0.16, 0.09), (x, y + 0.08, z), 0.02, 2)
    wear(body, case, texels=0.9)
    path = spline(
        [(x - 0.07, y + 0.15, z), (x - 0.05, y + 0.25, z), (x + 0.05, y + 0.25, z), (x + 0.07, y + 0.15, z)], 12
    )
    wear(walnut["y"], sweep("handle", path, circle(0.008, 6)), texels=0.7)


def counter(walnut: dict[str, bpy.types.Material], brass: bpy.types.Material) -> None:
    """Fluted walnut under a travertine top with a brass edge."""
    stone = stuff("travertine", ["#cdb89a", "#e2d2b8", "#d6c3a6"], grain=(3, 60, 14), rough=0.35, dirt=0.35)
    wear(stone, block("top", (2.1, 0.05, 0.62), (0, TABLE_M - 0.025, FRONT_M - 0.31), 0.008), texels=1.6)
    wear(brass, block("edge", (2.02, 0.014, 0.54), (0, TABLE_M - 0.058, FRONT_M - 0.31)), texels=0.8)
    line = np.linspace(-0.98, 0.98, 57)
    net = [
        [(x, y, FRONT_M - 0.075 + 0.014 * abs(cos(n * pi / 2 + 0.4))) for y in (0.09, TABLE_M - 0.065)]
        for n, x in enumerate(np.repeat(line, 1))
    ]
    front = grid("flutes", np.array(net))
    wear(walnut["y"], front, texels=1.2)
    for side in (-1, 1):
        wear(walnut["y"], block("cheek", (0.03, 0.8, 0.5), (side * 0.985, 0.46, FRONT_M - 0.32)), texels=0.6)
    wear(brass, block("kick", (1.94, 0.09, 0.44), (0, 0.045, FRONT_M - 0.32)), texels=0.5)
    plate = np.ones((128, 512, 3)) * srgb("#c8a050") * (0.97 + 0.06 * noise(512, 6, 2)[:128, :, None])
    stamp(plate, mark(112), (20, 8), srgb("#3a2110"))
    stamp(plate, lettering("LANTERN STREET", 44, 0.04), (138, 42), srgb("#3a2110"))
    place = [[(x, y, FRONT_M - 0.052) for y in (0.62, 0.72)] for x in (-0.2, 0.2)]
    wear(printed("plate", plate, 0.4), grid("plate", np.array(place)), texels=3.0)
    riser = block("riser", (0.3, 0.028, 0.26), (0.45, TABLE_M + 0.014, 0.10), 0.006)
    wear(walnut["x"], riser, texels=1.8)
    tray = lathe("tray", [(0, 0.004), (0.13, 0.004), (0.14, 0.02), (0.147, 0.02), (0.142, 0), (0, 0)][::-1], 36)
    wear(brass, move(tray, (-0.60, TABLE_M, 0.08)), texels=1.3)
    jar((-0.64, TABLE_M + 0.006, 0.05), 0.045, 0.13, stuff("smoke", ["#3c4a44"], rough=0.2), 0)
    wear(
        stuff("candle", ["#efe3cd"]),
        move(lathe("candle", [(0.028, 0), (0.028, 0.06), (0, 0.062)], 16), (-0.55, TABLE_M + 0.006, 0.11)),
        texels=1.0,
    )


def rail(brass: bpy.types.Material) -> None:
    """Clothes on a rail at the left."""
    x0, x1, z, high = -2.55, -1.72, -1.05, 1.62
    path = spline(
        [
            (x0, 0.0, z),
            (x0, high - 0.1, z),
            (x0 + 0.08, high, z),
            (x1 - 0.08, high, z),
            (x1, high - 0.1, z),
            (x1, 0.0, z),
        ],
        30,
    )
    wear(brass, sweep("rail", path, circle(0.014, 6)), texels=0.6)
    colours = ("#7b2c22", "#c9b08a", "#2c3a4f", "#8f6a46", "#5f6f55", "#d9cbb2", "#3a2f2a")
    for n, colour in enumerate(colours):
        x = x0 + 0.12 + n * 0.1
        cloth = stuff(f"garment{n}", [colour], dirt=0.3)
        wear(cloth, garment(x, high - 0.06, z, 0.62 + 0.22 * (n % 3 == 1)), texels=0.6)


def garment(x: float, top: float, z: float, long: float) -> bpy.types.Object:
    """A coat seen from the side, on its hanger."""
    rows = ((0.0, 0.03, 0.02), (0.03, 0.15, 0.035), (0.08, 0.21, 0.045), (0.4, 0.2, 0.05), (1.0, 0.24, 0.06))
    angle = np.linspace(0, 2 * pi, 15)
    net = []
    for a in angle:
        net.append(
            [
                (x + thick * sin(a) * (1 + 0.2 * sin(3 * a + 8 * x)), top - long * down, z + wide * cos(a))
                for down, wide, thick in reversed(rows)
            ]
        )
    return grid("garment", np.array(net))


def lamp(brass: bpy.types.Material) -> None:
    """A standing lamp with a linen shade at the right."""
    x, z = 1.95, -1.25
    wear(
        brass,
        move(
            lathe("foot", [(0.15, 0), (0.15, 0.012), (0.02, 0.03), (0.012, 0.05), (0.012, 1.5), (0, 1.5)], 20),
            (x, 0, z),
        ),
        texels=0.6,
    )
    linen = np.clip(np.linspace(1.0, 0.55, 64)[::-1, None, None] * np.ones((1, 64, 1)) * srgb("#ffc27a"), 0, 1)
    linen *= 0.92 + 0.12 * weave(64, 16, 1)[..., None]
    shade = move(lathe("shade", [(0.23, 0), (0.15, 0.32)], 28), (x, 1.46, z))
    shade.visible_shadow = False
    wear(shining("linen", linen, 1.35), shade, texels=1.0)
    bulb((x, 1.60, z), 16, 2700, 0.09)


def plant() -> None:
    """A fig tree in a basket at the right, before the wall."""
    x, z = 1.62, -0.72
    weaved = stuff("basket", ["#8a6238", "#b58a55"], grain=(60, 90, 60), rough=0.9)
    wear(
        weaved,
        move(
            lathe("basket", [(0.15, 0), (0.2, 0.12), (0.19, 0.3), (0.17, 0.31), (0.16, 0.26), (0, 0.26)], 20), (x, 0, z)
        ),
        texels=0.6,
    )
    bark, green = stuff("bark", ["#4c3826", "#66503a"]), stuff("fig", ["#2f4a2c", "#54733f"], rough=0.4, dirt=0.3)
    rng = default_rng(3)
    for n in range(4):
        lean = rng.normal(size=2) * 0.14
        path = spline(
            [(x, 0.26, z), (x + 0.4 * lean[0], 0.8, z + 0.4 * lean[1]), (x + lean[0], 1.25 + 0.22 * n, z + lean[1])], 10
        )
        wear(bark, sweep("stem", path, circle(0.009, 5)), texels=0.5)
        for t in range(3, 10):
            for _ in range(2):
                leaf(green, path[t], rng.uniform(0, 2 * pi), 0.17 + 0.05 * rng.random(), 0.6)


def lights(hour: str) -> None:
    """At night late light from the street on the left and warm lamps; by day sun through the shop window.

    A neutral light is on the counter at any hour.
    """
    if hour == "day":
        sky(6000, 0.55)
        sun((0.22, -0.42, -0.88), 4.2, 4300)
        window()
        aim((-2.7, 2.4, 1.8), (0.3, 1.0, -1.2), 1.8, 70, 5600)
        aim((1.3, 2.7, 2.4), (0.1, 0.9, 0.0), 1.0, 46, 4700)
        aim((0.0, 3.2, 0.2), (0.0, 0.9, -1.6), 1.6, 34, 4000)
        return
    sky(5600, 0.16)
    aim((-2.7, 2.3, 1.6), (0.4, 0.9, -0.9), 1.2, 62, 6000)
    aim((1.3, 2.7, 2.4), (0.1, 0.9, 0.0), 1.0, 60, 4600)
    aim((0.0, 3.2, 0.2), (0.0, 0.9, -1.6), 1.4, 38, 3200)
    aim((0.0, 3.0, -0.6), (0.0, 0.0, -0.5), 1.2, 22, 4200)


def window() -> None:
    """The shop's front with its panes, behind the viewer; it only casts shadows."""
    z = 2.9
    walls = [((7.0, 9.0), (3.1, 4.5)), ((9.0, 9.0), (-7.7, 4.5)), ((3.0, 3.0), (-1.8, 1.5)), ((3.0, 3.0), (-1.8, 7.1))]
    bars = [((3.0, 0.05), (-1.8, y)) for y in (3.0, 3.65, 4.3, 4.95, 5.6)]
    bars += [((0.05, 3.0), (x, 4.3)) for x in (-3.2, -2.6, -2.0, -1.4, -0.8)]
    for (wide, high), (x, y) in walls + bars:
        part = block("front", (wide, high, 0.03), (x, y, z))
        part.data.materials.append(bpy.data.materials.get("front") or stuff("front", ["#808080"]))
        part.visible_camera = False
