"""Jewellery: earrings hang from the ear post at the origin, the necklace lies round the neck's base, a finger
or a wrist runs along +Y through the origin."""

from collections.abc import Sequence
from math import cos, pi, sin

import bpy
import numpy as np

from ..paint import Paint, clouds, tint
from ..shapes import Points, ball, bend, circle, grid, lathe, move, spline, sweep, turn
from ..shapes import ring as hoop

GOLD = "#f0c47a"
# A claw of the ring's setting: half widths of the oval it stands on, and height, from its foot to over the stone.
CLAW = ((2.9, 3.75, 12.6), (2.95, 3.8, 13.9), (2.2, 2.9, 14.35))


def earrings() -> dict[str, Sequence[Paint]]:
    """One earring on its French hook: a lacquered lantern drop with a silk tassel, 52 mm long."""
    gold = Paint("metal_gold", GOLD, rough=0.18, metal=1)
    lacquer = Paint("lacquer", "#a3120f", rough=0.12, coat=1, ior=1.6)
    silk = Paint("silk", "#b5201a", rough=0.62, sheen="#ffb09a")

    hook = spline(
        [(0, -9.5, 0.8), (0, -4, 1.6), (0, 0.6, 0), (0, 1.2, -3.5), (0, -3, -7), (0, -12, -8.2), (0, -17, -7)], 26
    )
    thickness = np.interp(np.arange(26), [0, 22, 25], [1, 1, 0.7])
    metal = [sweep("hook", hook, circle(0.42, 6), scale=thickness)]
    metal.append(move(hoop("loop", 1.6, circle(0.38, 5), steps=12, axis="x"), (0, -11, 0.8)))
    metal.append(ball("stud", 1.5, (0, -7.2, 1.2), 10))

    body = lathe("lantern", lantern_profile(), 40, ribs=lambda a: 1 - 0.1 * abs(cos(5 * a)) ** 2)
    lacquer.on(move(body, (0, -22, 0.8)))
    for y, flip in ((-13.4, 1), (-30.6, -1)):
        cup = lathe("cup", [(0, 1.4), (2.2, 1.4), (3.5, 0.4), (4.2, -1.0), (3.6, -1.2), (0, -1.2)][::-1], 18)
        metal.append(bend(cup, lambda at, flip=flip, y=y: at * (1, flip, 1) + (0, y, 0.8)))
        if flip < 0:
            metal[-1].data.flip_normals()
    metal.append(move(hoop("belt", 8.75, circle(0.42, 5), steps=24), (0, -22, 0.8)))
    metal.append(ball("bead", 2.0, (0, -33.4, 0.8), 12))
    gold.on(*metal)
    strands = []
    for angle, radius in [(a, 1.5) for a in np.arange(0, 2 * pi, pi / 5)] + [(0.3, 0.4)]:
        x, z = radius * cos(angle), radius * sin(angle)
        path = [
            (x * 0.5, -34.2, z * 0.5 + 0.8),
            (x, -38, z + 0.8),
            (x * 1.35, -44, z * 1.35 + 0.8),
            (x * 1.5, -51 - (angle % 1), z * 1.5 + 0.8),
        ]
        strands.append(sweep("strand", path, circle(0.62, 5), scale=[0.8, 1, 1, 0.75]))
    silk.on(*strands)
    jade = [
        Paint("lacquer:jade", "#2f7a5f", rough=0.14, coat=1, ior=1.6),
        Paint("silk:jade", "#1f5f4c", rough=0.62, sheen="#bfe8d4"),
    ]
    pearl = [
        Paint("lacquer:pearl", "#f2e8dc", rough=0.2, coat=1, ior=1.6, sheen="#ffd9e0"),
        Paint("silk:pearl", "#e9dcc8", rough=0.62, sheen="#ffffff"),
    ]
    return {"lacquer": [], "jade": jade, "pearl": pearl}


def lantern_profile() -> Points:
    """Half outline of a drum lantern, 17 mm wide."""
    angle = np.linspace(-1.18, 1.18, 13)
    return np.stack([8.6 * np.cos(angle) ** 0.6, 8.3 * np.sin(angle) / sin(1.18)], 1)


def neckline(steps: int) -> Points:
    """Where the chain lies [steps, 3]: round the nape, over the collarbones, down to the pendant."""
    half = [
        (0, 14, -62),
        (26, 12, -56),
        (50, 5, -34),
        (62, -3, 0),
        (55, -16, 34),
        (36, -38, 60),
        (15, -60, 74),
        (0, -74, 80),
    ]
    return spline(half + [(-x, y, z) for x, y, z in half[-2:0:-1]], steps, closed=True)


def necklace() -> dict[str, Sequence[Paint]]:
    """A rope chain with a jade ring, 48 cm round."""
    gold = Paint("metal_gold", GOLD, rough=0.2, metal=1)
    veins = tint(np.clip(clouds(256, 11, 48, 5), 0, 1), "#2c6b52", "#5fa585", "#a9d8bd")
    jade = Paint("jade", rough=0.12, coat=0.8, ior=1.62, texture=veins)

    chain = sweep("chain", neckline(260), circle(1.25, 4) * (1, 0.75), closed=True, twist_deg=360 * 26 * 260 / 259)
    bail = lathe("bail", [(1.3, -3.2), (2.1, -2.6), (2.3, 0), (2.1, 2.6), (1.3, 3.2)], 14)
    bail = move(turn(bail, 90, "z"), (0, -74.6, 80.4))
    link = move(hoop("link", 3.0, circle(0.55, 6), steps=16, axis="x"), (0, -78, 81))
    clasp = lathe("clasp", [(0, -4), (1.3, -3.4), (1.6, 0), (1.3, 3.4), (0, 4)], 10)
    clasp = move(turn(clasp, 90, "z"), (0, 14, -62))
    gold.on(chain, bail, link, clasp)

    angle = np.linspace(0, 2 * pi, 14, endpoint=False)
    section = np.stack([3.6 * np.cos(angle), 2.1 * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.8], 1)
    donut = hoop("jade", 7.4, section[:, ::-1], steps=36, axis="z")
    jade.on(move(turn(donut, -18, "x"), (0, -88.5, 85)))
    rose = [
        Paint("metal_gold:garnet", "#e0a58c", rough=0.2, metal=1),
        Paint("jade:garnet", "#7a1222", rough=0.08, coat=1, ior=1.75),
    ]
    onyx = [
        Paint("metal_gold:onyx", "#d9dadd", rough=0.18, metal=1),
        Paint("jade:onyx", "#0c0d11", rough=0.1, coat=1),
    ]
    return {"jade": [], "garnet": rose, "onyx": onyx}


def ring() -> dict[str, Sequence[Paint]]:
    """A band of 17.2 mm inside, with an oval stone between two small ones; the stone faces +Z."""
    gold = Paint("metal_gold", GOLD, rough=0.16, metal=1)
    garnet = Paint("stone", "#8d0f24", rough=0.03, coat=1, ior=1.78, specular=1.0)
    diamond = Paint("stone_small", "#e9eef6", rough=0.03, coat=1, ior=2.4, specular=1.0)

    steps = 56
    angle = np.linspace(0, 2 * pi, steps, endpoint=False)
    rings = []
    for a in angle:
        top = max(cos(a), 0.0) ** 3
        wide, thick = 1.15 + 0.75 * top, 0.85 + 0.35 * top
        section = circle(1.0, 12) * (thick, wide)
        radius = 8.6 + thick + section[:, 0]
        rings.append(np.stack([radius * sin(a), section[:, 1], radius * cos(a)], 1))
    metal = [grid("band", np.array(rings), close_u=True, close_v=True)]

    collet = lathe("collet", [(1.5, -2.2), (2.4, -0.6), (3.1, 1.2), (3.25, 1.7), (2.95, 1.8), (2.8, 1.1)], 24)
    metal.append(bend(collet, lambda at: at[:, [0, 2, 1]] * (1, 1.28, 1) + (0, 0, 12.0)))
    metal[-1].data.flip_normals()
    for n in range(4):
        a = pi / 4 + n * pi / 2
        line = [(across * cos(a), long * sin(a), z) for across, long, z in CLAW]
        metal.append(sweep("claw", line, circle(0.42, 6), scale=[1, 1, 0.7]))
    gem = facets(lathe("stone", [(0.01, -2.2), (2.95, 0.9), (2.95, 1.25), (2.35, 2.1), (1.6, 2.45), (0.01, 2.45)], 12))
    garnet.on(bend(gem, lambda at: at[:, [0, 2, 1]] * (1, 1.28, 1) + (0, 0, 12.0)))
    gem.data.flip_normals()
    small = []
    for side in (-1, 1):
        stone = facets(lathe("small", [(0.01, -0.9), (1.2, 0.2), (0.95, 0.62), (0.45, 0.86), (0.01, 0.86)], 8))
        stone = turn(bend(stone, lambda at: at[:, [0, 2, 1]] + (0, 0, 10.75)), side * 25, "y")
        stone.data.flip_normals()
        small.append(stone)
        seat = lathe("seat", [(0.7, -1.2), (1.3, 0.05), (1.35, 0.3), (1.1, 0.32)], 12)
        seat = turn(bend(seat, lambda at: at[:, [0, 2, 1]] + (0, 0, 10.7)), side * 25, "y")
        seat.data.flip_normals()
        metal.append(seat)
    diamond.on(*small)
    gold.on(*metal)
    jade = [Paint("stone:jade", "#2f8363", rough=0.1, coat=1, ior=1.62)]
    sapphire = [
        Paint("stone:sapphire", "#10256e", rough=0.03, coat=1, ior=1.77, specular=1.0),
        Paint("metal_gold:sapphire", "#dcdde0", rough=0.14, metal=1),
    ]
    return {"garnet": [], "jade": jade, "sapphire": sapphire}


BEADS, BEAD_MM, WRIST_MM = 19, 5.2, 27.5


def bracelet() -> dict[str, Sequence[Paint]]:
    """Agate beads on elastic, 55 mm inside; a gold lantern among them faces +Z, with a spacer on either side."""
    gold = Paint("metal_gold", GOLD, rough=0.2, metal=1)
    veins = tint(np.clip(clouds(128, 23, 40, 4), 0, 1), "#5d0a0c", "#a3201a", "#d0603f")
    agate = Paint("agate", rough=0.1, coat=1, ior=1.6, texture=veins)

    step = 2 * pi / BEADS
    middle = WRIST_MM + BEAD_MM
    beads = [
        move(turn(ball("bead", BEAD_MM, segments=12), 37 * n, "x"), (middle * sin(n * step), 0, middle * cos(n * step)))
        for n in range(1, BEADS)
    ]
    agate.on(*beads)

    body = lathe("lantern", lantern_profile() * (0.64, 0.6), 30, ribs=lambda a: 1 - 0.13 * abs(cos(5 * a)) ** 2)
    metal = [move(turn(body, 90, "z"), (0, 0, middle))]
    for side in (-1, 1):
        for at in (0.5, 1.5):
            disc = lathe("spacer", [(0.6, -0.7), (3.3, -0.6), (3.7, 0), (3.3, 0.6), (0.6, 0.7)], 12)
            metal.append(turn(move(turn(disc, 90, "z"), (0, 0, middle)), side * at * step * 180 / pi, "y"))
    gold.on(*metal)
    jade = tint(np.clip(clouds(128, 29, 40, 4), 0, 1), "#2c6b52", "#5fa585", "#b9dfc8")
    night = tint(np.clip(clouds(128, 31, 40, 4), 0, 1), "#0b0c10", "#191b22", "#3a3d49")
    return {
        "agate": [],
        "jade": [Paint("agate:jade", rough=0.12, coat=0.8, ior=1.62, texture=jade)],
        "onyx": [
            Paint("agate:onyx", rough=0.1, coat=1, texture=night),
            Paint("metal_gold:onyx", "#d9dadd", rough=0.18, metal=1),
        ],
    }


def facets(stone: bpy.types.Object) -> bpy.types.Object:
    """Shade flat, as cut stones are."""
    stone.data.polygons.foreach_set("use_smooth", [False] * len(stone.data.polygons))
    stone.data.set_sharp_from_angle(angle=0.02)
    return stone
