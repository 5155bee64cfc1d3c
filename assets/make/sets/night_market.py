"""The night market: a lacquered stall under a striped awning, paper lanterns, the lit street behind."""

import tempfile
from math import pi, sin
from pathlib import Path

import bpy
import numpy as np

from ..bake import develop, pixels, unlit
from ..brand import lettering, mark, stamp
from ..paint import Picture, noise, srgb, weave
from ..palette import BRASS, INK, LACQUER
from ..shapes import block, circle, grid, lathe, modify, move, sheet, sweep, turn
from . import near
from .kit import (
    FRONT_M,
    TABLE_M,
    aim,
    bulb,
    drape,
    folded,
    garland,
    glowing,
    jar,
    lantern,
    lantern_paper,
    printed,
    shining,
    sky,
    stuff,
    timber,
    wear,
)  # fmt: skip
from .street import CARD_HIGH_M, CARD_WIDE_M, CARD_Z_M

HALF_WIDE_M = 1.46  # posts' middle
BACK_Z_M = -1.30
EXPOSURE = {"night": 1.3, "dusk": 1.15}
STREET = Path(tempfile.gettempdir()) / "lantern_street.exr"
STREET_EXPOSURE = 0.75


def build(hour: str) -> None:
    """Everything but the street."""
    dark = {axis: timber(f"oak_{axis}", ("#2a160c", "#4a2814", "#6b3d1e"), axis) for axis in "xyz"}
    honey = {axis: timber(f"honey_{axis}", ("#6a3b1a", "#94592a", "#b97a3f"), axis, 0.38) for axis in "xyz"}
    wire = stuff("wire", ["#14110f"])
    brass = stuff("brass", ["#8a6428", BRASS], rough=0.3, metal=0.6)
    ground()
    counter(dark, honey, brass)
    frame(dark)
    awning()
    shelves(dark, honey)
    lanterns(wire, brass)
    lights(hour)


def cards(hour: str) -> list[near.Card]:
    """What is painted, not baked: the street behind, a lantern out of focus in front; each with its paint to be."""
    if not STREET.exists():
        raise SystemExit("photograph the street first: python -m assets.make street")
    half, high = CARD_WIDE_M / 2, CARD_HIGH_M
    corners = [[(x, y, CARD_Z_M) for y in (-0.02, high - 0.02)] for x in (-half, half)]
    card = grid("street", np.array(corners))
    picture = pixels(bpy.data.images.load(str(STREET)))[..., :3]
    if hour == "dusk":
        rise = np.linspace(1, 0, len(picture))[:, None, None]
        picture = picture * 0.8 + np.array([0.10, 0.12, 0.22]) + rise**1.5 * np.array([0.05, 0.09, 0.20])
    card.data.materials.append(glowing(picture, STREET_EXPOSURE))
    return [
        (card, lambda: unlit("street", develop(picture, STREET_EXPOSURE), 82)),
        near.card((-1.06, 1.44), (-0.46, 2.04), 1.9, near.lantern),
    ]


def ground() -> None:
    """Wet paving up to the backdrop."""
    stone = stuff("paving", ["#39404c", "#525b69", "#3f4754"], grain=(3, 3, 3), rough=0.45, bump=0.004)
    slabs = []
    for row in range(12):
        for column in range(9):
            x = (column - 4) * 0.9 + (0.45 if row % 2 else 0)
            slabs.append(
                block("slab", (0.885, 0.02, 0.585), (x, -0.01 - 0.002 * ((row * 5 + column * 3) % 4), 1.9 - 0.6 * row))
            )
    wear(stone, *slabs, texels=0.22)
    wear(
        stuff("gap", ["#12151b"]),
        grid("gap", np.array([[(x, -0.03, z) for x in (-4.4, 4.4)] for z in (-5.2, 2.3)])),
        texels=0.15,
    )


def counter(dark: dict, honey: dict, brass) -> None:
    """The table: honey top, lacquer front with brass rails, a printed cloth, a riser, and a few things."""
    top = block("top", (2.62, 0.046, 0.62), (0, TABLE_M - 0.023, FRONT_M - 0.31), 0.006)
    wear(honey["x"], top, texels=1.5)
    wear(dark["x"], block("apron", (2.5, 0.09, 0.5), (0, TABLE_M - 0.092, FRONT_M - 0.31), 0.004), texels=1.0)
    lacquer = stuff("lacquer", ["#7c1712", "#9c2018", "#8a1a14"], grain=(5, 40, 5), rough=0.35)
    front_z = FRONT_M - 0.07
    planks = [block("plank", (0.2, 0.72, 0.025), (-1.1 + 0.2045 * n - 0.0225, 0.46, front_z), 0.005) for n in range(12)]
    wear(lacquer, *planks, texels=1.1)
    wear(dark["x"], block("foot", (2.5, 0.1, 0.5), (0, 0.05, FRONT_M - 0.3), 0.006), texels=0.7)
    for side in (-1, 1):
        wear(dark["y"], block("cheek", (0.05, 0.84, 0.5), (side * 1.235, 0.46, FRONT_M - 0.31), 0.005), texels=0.7)
    wear(brass, block("rail", (2.46, 0.018, 0.012), (0, 0.79, front_z + 0.018), 0.004), texels=0.8)

    cloth = drape(
        (-0.62, TABLE_M - 0.05, FRONT_M + 0.004), (0.62, TABLE_M - 0.05, FRONT_M + 0.004), 0.56, 3, 0.012, (30, 5)
    )
    wear(printed("banner", banner()), cloth, texels=1.7)
    wear(
        dark["x"],
        sweep("rod", [(x, TABLE_M - 0.052, FRONT_M + 0.006) for x in (-0.66, 0.66)], circle(0.009, 6)),
        texels=0.8,
    )

    riser = lathe("riser", [(0, 0), (0.148, 0), (0.152, 0.004), (0.152, 0.022), (0.146, 0.028), (0, 0.028)], 40)
    linen = stuff("riser", ["#8f7d64", "#a39076"], grain=(90, 90, 90), rough=0.6, dirt=0.6)
    wear(linen, move(riser, (0.45, TABLE_M, 0.10)), texels=2.6)
    tray = block("tray", (0.42, 0.014, 0.26), (-0.66, TABLE_M + 0.007, 0.12), 0.005)
    wear(dark["x"], tray, texels=1.6)
    celadon = stuff("celadon", ["#5d8f7c", "#86b3a0"], rough=0.2)
    cream = stuff("cream_glaze", ["#d9c7a4", "#efe2c6"], rough=0.25)
    jar((-0.76, TABLE_M + 0.014, 0.12), 0.058, 0.10, celadon, 0)
    for x, z in ((-0.60, 0.09), (-0.55, 0.17)):
        cup = lathe(
            "cup", [(0, 0), (0.018, 0), (0.028, 0.02), (0.032, 0.042), (0.029, 0.042), (0.02, 0.012), (0, 0.01)], 14
        )
        wear(cream, move(cup, (x, TABLE_M + 0.014, z)), texels=1.3)
    folded(
        (1.02, TABLE_M, 0.06),
        (0.30, 0.10, 0.22),
        [stuff(f"silk{n}", [c]) for n, c in enumerate((INK, LACQUER, "#c9a25e", "#4a6659"))],
    )
    box = block("box", (0.2, 0.11, 0.16), (-1.10, TABLE_M + 0.055, 0.04), 0.005)
    wear(stuff("ink_box", [INK, "#1f2a3d"], rough=0.4), box, texels=1.2)
    wear(brass, block("clasp", (0.03, 0.022, 0.006), (-1.10, TABLE_M + 0.075, 0.122), 0.002), texels=0.8)
    table_lamp(dark)


def table_lamp(dark: dict) -> None:
    """A square paper lamp on the ink box."""
    x, y, z = -1.10, TABLE_M + 0.11, 0.04
    glow = lantern_paper("#d98a3a", "#ffe2a6", ribs=3)
    shade = block("shade", (0.13, 0.2, 0.13), (x, y + 0.115, z))
    layer = shade.data.uv_layers.active
    for loop, corner in zip(shade.data.loops, layer.data, strict=True):
        point = shade.data.vertices[loop.vertex_index].co
        corner.uv = (0.25, 0.15 + 0.7 * (point.y - y - 0.015) / 0.2)
    shade.visible_shadow = False
    wear(shining("lamp_paper", glow, 1.9), shade, texels=1.0)
    for dx in (-0.066, 0.066):
        for dz in (-0.066, 0.066):
            wear(dark["y"], block("stile", (0.012, 0.235, 0.012), (x + dx, y + 0.117, z + dz)), texels=1.4)
    for height in (0.01, 0.222):
        wear(dark["x"], block("lid", (0.155, 0.014, 0.155), (x, y + height, z)), texels=1.4)
    bulb((x, y + 0.12, z), 1.6, radius=0.05)


def frame(dark: dict) -> None:
    """Posts, beams and brackets."""
    for side in (-1, 1):
        x = side * HALF_WIDE_M
        for z, high in ((0.42, 2.42), (BACK_Z_M, 2.75)):
            wear(dark["y"], block("post", (0.085, high, 0.085), (x, high / 2, z), 0.008), texels=0.9)
            wear(stuff("shoe", ["#23262c"]), block("shoe", (0.115, 0.08, 0.115), (x, 0.04, z), 0.006), texels=0.5)
        wear(dark["z"], block("side_beam", (0.07, 0.1, 1.9), (x, 2.30, -0.43)), texels=0.5)
        brace = turn(block("brace", (0.04, 0.46, 0.05), (0, 0, 0), 0.005), side * 45, "z")
        wear(dark["y"], move(brace, (x - side * 0.16, 2.10, 0.42)), texels=0.7)
    wear(dark["x"], block("front_beam", (3.1, 0.11, 0.09), (0, 2.32, 0.42), 0.007), texels=0.9)
    wear(dark["x"], block("back_beam", (3.1, 0.11, 0.08), (0, 2.32, BACK_Z_M)), texels=0.7)
    wear(dark["x"], block("middle_beam", (2.9, 0.08, 0.06), (0, 2.36, -0.45)), texels=0.6)
    sign = np.ones((160, 800, 3)) * srgb("#1c0f0a") * (0.8 + 0.4 * noise(512, 4, 3, (0.4, 12))[:160, :1].mean())
    for text, high, y in (("灯笼街", 112, 2), ("LANTERN  STREET", 36, 114)):
        glyphs = lettering(text, high, 0.3)
        stamp(sign, glyphs, ((800 - glyphs.shape[1]) // 2, y), srgb("#e6b85c"))
    board = [[(x, y, 0.475 - 0.08 * (y - 2.42)) for y in (2.42, 2.70)] for x in (-0.7, 0.7)]
    wear(printed("sign", sign, 0.4), grid("sign", np.array(board)), texels=1.2)
    wear(
        dark["x"],
        block("sign_top", (1.48, 0.03, 0.05), (0, 2.715, 0.45), 0.005),
        block("sign_low", (1.48, 0.03, 0.05), (0, 2.405, 0.47), 0.005),
        texels=0.7,
    )


def stripes() -> Picture:
    """Awning cloth: lacquer and paper stripes, a little worn."""
    wide = np.arange(512)
    band = np.where((wide // 32) % 2 == 0, 1.0, 0.0)[None, :, None] * np.ones((256, 1, 1))
    cloth = srgb("#96201a") * band + srgb("#e2cfa9") * (1 - band)
    return cloth * (0.82 + 0.25 * noise(512, 12, 5)[:256, :, None]) * (0.94 + 0.08 * weave(512, 128, 2)[:256, :, None])


def awning() -> None:
    """The striped roof and its scalloped edge."""
    cloth = printed("awning", stripes(), through=0.35)

    def roof(u: float, v: float) -> tuple[float, float, float]:
        sag = 0.05 * sin(pi * v) * (1 + 0.4 * sin(6 * pi * u))
        return (2 * u - 1) * 1.66, 2.86 - 0.52 * v - sag, BACK_Z_M - 0.1 + v * 2.3

    top = sheet("awning", roof, (0, 1, 20), (0, 1, 6), uv_size=(1, 1))
    wear(cloth, modify(top, "SOLIDIFY", thickness=0.006), texels=0.4)
    net = []
    for u in np.linspace(0, 1, 97):
        x, y, z = roof(u, 1)
        scallop = 0.085 + 0.05 * abs(sin(pi * u * 16)) ** 0.7
        net.append([(x, y - scallop * (1 - v), z + 0.012 * sin(u * 40) * (1 - v)) for v in (0, 0.5, 1)])
    valance = grid("valance", np.array(net))
    wear(cloth, valance, texels=1.1)


def shelves(dark: dict, honey: dict) -> None:
    """Two racks at the back, left and right of the host, full of wares, each with a lattice of lit paper behind."""
    silks = [
        stuff(f"cloth{n}", [c, c2])
        for n, (c, c2) in enumerate(
            (
                ("#7d1d17", LACQUER),
                ("#1b2740", "#2a3c60"),
                ("#b08a45", "#d9b870"),
                ("#41594e", "#5a7466"),
                ("#cdb893", "#e8d9ba"),
            )
        )
    ]
    glazes = [
        stuff(f"glaze{n}", c, rough=0.22)
        for n, c in enumerate(
            (
                ("#54877a", "#8db8a8"),
                ("#d8c8a8", "#f0e6cf"),
                ("#28406b", "#5775a8"),
                ("#8a2a1c", "#b44a2c"),
                ("#3a2a22", "#5c4434"),
            )
        )
    ]
    paper = shining("shoji", shoji(), 0.62)
    for side in (-1, 1):
        middle = side * 1.05
        for y in (0.45, 0.86, 1.24, 1.60, 1.95):
            wear(honey["x"], block("shelf", (0.78, 0.026, 0.27), (middle, y, BACK_Z_M + 0.06)), texels=0.9)
        for dx in (-0.38, 0.38):
            wear(dark["y"], block("stile", (0.036, 2.0, 0.29), (middle + dx, 1.0, BACK_Z_M + 0.06)), texels=0.6)
        panel = grid("shoji", np.array([[(middle + x, y, BACK_Z_M - 0.08) for y in (0.3, 2.0)] for x in (-0.37, 0.37)]))
        wear(paper, panel, texels=0.7)
        for n, x in enumerate((-0.28, -0.12, 0.05, 0.22)):
            jar(
                (middle + x, 1.613, BACK_Z_M + 0.07),
                0.052 + 0.012 * ((n + side) % 3),
                0.13 + 0.06 * ((n * 2 + side) % 3),
                glazes[(n + side + 1) % 5],
                (n + side + 1) % 3,
            )
        folded((middle - 0.19, 1.253, BACK_Z_M + 0.07), (0.26, 0.22, 0.2), [silks[(n + side) % 5] for n in range(5)])
        folded(
            (middle + 0.14, 1.253, BACK_Z_M + 0.07), (0.24, 0.13, 0.2), [silks[(n + 3 - side) % 5] for n in range(3)]
        )
        for n, x in enumerate((-0.26, -0.02, 0.22)):
            if (n + side) % 2:
                folded((middle + x, 0.873, BACK_Z_M + 0.07), (0.2, 0.17, 0.2), [silks[(n + k) % 5] for k in range(4)])
            else:
                jar((middle + x, 0.873, BACK_Z_M + 0.07), 0.085, 0.24, glazes[(n + 2 * side) % 5], (n + 1) % 3)
        for x in (-0.2, 0.17):
            wear(honey["x"], block("crate", (0.3, 0.24, 0.22), (middle + x, 0.583, BACK_Z_M + 0.07)), texels=0.5)
        for x in (-0.2, 0.12):
            jar((middle + x, 1.963, BACK_Z_M + 0.07), 0.07, 0.14, glazes[(3 + side) % 5], 1)


def shoji() -> Picture:
    """Paper lit from behind through a lattice, [512, 256, 3]."""
    down, across = np.meshgrid(np.linspace(0, 1, 512), np.linspace(0, 1, 256), indexing="ij")
    glow = np.exp(-(((down - 0.55) / 0.5) ** 2) - ((across - 0.5) / 0.7) ** 2)
    picture = srgb("#ffb765") * (0.35 + 0.65 * glow)[..., None] * (0.9 + 0.2 * noise(512, 5, 8)[:, :256, None])
    bars = (np.abs((across * 5) % 1 - 0.5) > 0.46) | (np.abs((down * 11) % 1 - 0.5) > 0.46)
    picture[bars] = srgb("#2a160c")
    return picture


def banner() -> Picture:
    """The cloth on the counter's front, [460, 1000, 3]."""
    cloth = np.ones((460, 1000, 3)) * srgb("#1b2740") * (0.88 + 0.16 * weave(1024, 220, 4)[:460, :1000, None])
    stamp(cloth, mark(300), (350, 40), srgb("#e9d9b4"))
    for x in (70, 710):
        glyph = lettering("灯笼" if x < 500 else "夜市", 130, 0.04)
        stamp(cloth, glyph * 0.9, (x, 140), srgb("#d3a24a"))
    cloth[14:22] = cloth[-34:-26] = srgb("#c9973f") * 0.9
    return cloth


def lanterns(wire, brass) -> None:
    """Red silk in front, cream paper with the name's letters, round ones at the back; strings of small lamps."""
    red = shining("lantern_red", lantern_paper("#b3120a", "#ff7a30", ribs=1, staves=12), 1.5)
    cream = [
        shining(f"lantern_{n}", lantern_paper("#c9772a", "#ffd489", letter), 1.15) for n, letter in enumerate("灯笼街")
    ]
    silk = stuff("tassel", ["#b3271e"])
    for side in (-1, 1):
        lantern((side * 1.06, 1.86, 0.16), 0.165, red, brass, watts=9, lobes=12, tassel=silk, wire_m=0.3)
        lantern((side * 0.70, 2.16, -0.42), 0.115, red, brass, watts=5, lobes=12, tassel=silk, wire_m=0.13)
        lantern((side * 1.30, 1.98, -0.80), 0.12, cream[1], brass, watts=5, wire_m=0.22)
    for x, letter in ((-0.40, 0), (0.0, 1), (0.40, 2)):
        lantern((x, 2.03 if x else 2.06, -0.85), 0.108, cream[letter], brass, watts=4, wire_m=0.26)
    small = shining("small", np.ones((4, 4, 3)) * srgb("#ffc878"), 3.0)
    garland(((-1.46, 2.24, 0.40), (0, 2.27, 0.40)), 0.16, 9, wire, small)
    garland(((0, 2.27, 0.40), (1.46, 2.24, 0.40)), 0.16, 9, wire, small)
    garland(((-1.42, 2.25, BACK_Z_M + 0.04), (1.42, 2.25, BACK_Z_M + 0.04)), 0.10, 14, wire, small)


def lights(hour: str) -> None:
    """Dusk all around, a soft cool light from the street's sky, a neutral light on the table."""
    if hour == "dusk":
        sky(8500, 0.75)
        aim((0.6, 3.4, 3.0), (0, 1.0, -0.4), 2.4, 150, 6500)
    else:
        sky(7200, 0.2)
    for at, size, watts, temperature in (((0.9, 2.6, 2.6), 1.2, 62, 4700), ((-2.4, 2.8, 2.4), 1.6, 26, 7500)):
        aim(at, (0, 0.95, 0), size, watts, temperature)
    for side in (-1, 1):
        bulb((side * 1.05, 1.78, BACK_Z_M + 0.16), 1.6, radius=0.1)
