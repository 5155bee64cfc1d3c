"""A wrist watch: origin at the wrist's centre, +Y towards the fingers, +Z out of the back of the hand.

On a left wrist twelve o'clock is then towards −X, and the crown points to the fingers.
"""

from collections.abc import Sequence
from math import cos, pi, sin

import bpy
import numpy as np
from PIL import Image, ImageDraw

from ..brand import lettering, mark, stamp
from ..paint import Paint, Picture, clouds, normals, srgb
from ..palette import BRASS, INK, LACQUER, PAPER
from ..shapes import Points, bend, block, circle, grid, lathe, modify, move, sheet, spline, sweep, turn

HALF_WIDE_MM, HALF_THICK_MM = 29.5, 23.0  # half axes of the wrist
CASE_MM = 27.4  # the case's middle above the wrist's centre
LUG_MM = 20.0


def on_wrist(at: Points) -> Points:
    """From the watchmaker's frame (twelve along +y, dial up along +z) to the wearer's left wrist."""
    x, y, z = at.T
    return np.stack([-y, x, z + CASE_MM], 1)


def upright(at: Points) -> Points:
    """Lay a turned part, made about +Y, with its axis along +z."""
    x, y, z = at.T
    return np.stack([x, -z, y], 1)


def watch() -> dict[str, Sequence[Paint]]:
    """Steel case of 39 mm, ink dial, leather strap closed by a pin buckle."""
    steel = Paint("case_steel", "#c9cacd", rough=0.2, metal=1)
    grain = normals(clouds(256, 21, 10, 3), 3.5)
    leather = Paint("strap_leather", "#6b3a1e", rough=0.5, normal=grain, normal_depth=0.7)
    face = Paint("dial", rough=0.35, coat=1, texture=dial(INK, PAPER, BRASS))
    brass = Paint("hands", "#f1dfba", rough=0.25, metal=1)

    case = lathe("case", [(0, -4.6), (15, -4.6), (18.2, -3.2), (19.4, -0.6), (19.4, 1.6), (18.9, 2.4)], 44)
    bezel = lathe("bezel", [(18.9, 2.4), (19.0, 3.0), (18.2, 4.2), (17.0, 4.6), (16.4, 4.3), (16.2, 2.2)], 44)
    crown = lathe(
        "crown",
        [(0, 0), (2.6, 0), (3.0, 0.6), (3.0, 3.0), (2.6, 3.6), (0, 3.7)],
        24,
        ribs=lambda a: 1 + 0.04 * cos(12 * a),
    )
    metal = [bend(case, upright), bend(bezel, upright)]
    metal.append(bend(crown, lambda at: np.stack([at[:, 1] + 19.0, at[:, 0], -at[:, 2]], 1)))
    for x in (-1, 1):
        for y in (-1, 1):
            lug = turn(block("lug", (3.2, 11, 4.2), edge=0.9, segments=2), -y * 24, "x")
            metal.append(move(lug, (x * (LUG_MM / 2 + 1.8), y * 18.4, -2.2)))
    steel.on(*metal)

    radius = np.array([0.001, 16.3])
    angle = np.linspace(0, 2 * pi, 33)
    disc = grid("dial", [[(r * sin(a), r * cos(a), 2.2) for r in radius] for a in angle])
    for loop, corner in zip(disc.data.loops, disc.data.uv_layers.active.data, strict=True):
        x, y, _ = disc.data.vertices[loop.vertex_index].co
        corner.uv = (0.5 + x / 33, 0.5 + y / 33)
    face.on(disc)
    hub = bend(lathe("hub", [(1.5, 0), (1.5, 1.2), (0, 1.5)], 12), upright)
    needles = [hand(-52, 9.6, 1.7, 2.8), hand(60, 14.0, 1.3, 3.2), move(hub, (0, 0, 2.6))]
    brass.on(*needles)
    for part in [*metal, disc, *needles]:
        bend(part, on_wrist)

    strap(leather, Paint("buckle_steel", "#c9cacd", rough=0.25, metal=1))
    gold = [
        Paint("case_steel:gold", "#e2b569", rough=0.2, metal=1),
        Paint("buckle_steel:gold", "#e2b569", rough=0.25, metal=1),
        Paint("strap_leather:gold", "#17181c", rough=0.5, normal=grain, normal_depth=0.7),
        Paint("dial:gold", rough=0.35, coat=1, texture=dial("#f2e9d8", "#2a2117", LACQUER)),
        Paint("hands:gold", "#2a2117", rough=0.3, metal=0.6),
    ]
    jade = [
        Paint("strap_leather:jade", "#24443a", rough=0.5, normal=grain, normal_depth=0.7),
        Paint("dial:jade", rough=0.35, coat=1, texture=dial("#1d4a3c", PAPER, BRASS)),
    ]
    return {"ink": [], "gold": gold, "jade": jade}


def hand(deg: float, length: float, width: float, height: float) -> bpy.types.Object:
    """A tapered hand at `deg` clockwise from twelve."""
    needle = block("hand", (width, length + 2.4, 0.5), (0, length / 2 - 1.2, height))
    taper = bend(
        needle, lambda at: at * np.stack([np.where(at[:, 1] > 3, 0.35, 1.0), np.ones(len(at)), np.ones(len(at))], 1)
    )
    return turn(taper, -deg, "z")


def strap(leather: Paint, steel: Paint) -> None:
    """The leather loop from lug to lug round the wrist, its overlap, keeper and buckle."""

    half = [(18.6, 24.2), (23.4, 20.6), (HALF_WIDE_MM, 9), (HALF_WIDE_MM + 0.6, -3), (25, -15.5), (13, -22.4)]
    line = spline([*half, (0, -HALF_THICK_MM - 1), *[(-x, z) for x, z in half[::-1]]], 201)
    ahead = np.gradient(line, axis=0)
    away = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.linalg.norm(ahead, axis=1, keepdims=True)

    def loop(run: float, across: float, out: float) -> tuple[float, float, float]:
        """From the lug on +X (0) under the wrist to the other (1)."""
        x, z = (
            np.interp(run, np.linspace(0, 1, 201), (line + away * (out - 0.5 * abs(across) ** 6))[:, i]) for i in (0, 1)
        )
        return float(x), across * LUG_MM / 2 * (0.8 + 0.2 * abs(2 * run - 1) ** 1.5), float(z)

    band = sheet("strap", lambda a, v: loop(a, v, 1.3), (0, 1, 40), (-1, 1, 4), uv_size=(5.4, 0.8))
    modify(band, "SOLIDIFY", thickness=2.4, offset=0)
    tail = sheet("tail", lambda a, v: loop(a, v, 3.6), (0.46, 0.74, 14), (-1, 1, 4), uv_size=(1.6, 0.8))
    modify(tail, "SOLIDIFY", thickness=2.0, offset=0)
    keeper = sheet("keeper", lambda a, v: loop(a, v * 1.1, 5.2), (0.64, 0.69, 2), (-1, 1, 4), uv_size=(0.4, 0.8))
    modify(keeper, "SOLIDIFY", thickness=1.2, offset=0)
    leather.on(band, tail, keeper)

    stitch = Paint("stitching", "#e2cfa8", rough=0.8)
    rows = []
    for side in (-0.82, 0.82):
        rows += [
            sweep("stitch", [loop(a, side, 2.62) for a in np.linspace(*span, 18)], circle(0.28, 4), caps=False)
            for span in ((0.02, 0.44), (0.76, 0.98))
        ]
    stitch.on(*rows)

    corner = circle(1.0, 24)
    square = np.sign(corner) * np.abs(corner) ** 0.35 * (5.0, 11.0)
    frame = sweep("buckle", np.column_stack([square, np.zeros(24)]), circle(1.1, 6), closed=True)
    x, _, z = loop(0.47, 0, 4.6)
    steel.on(move(frame, (x, 0, z)), block("tongue", (10, 1.4, 1.0), (x, 0, z - 0.6), 0.3))


def dial(ground: str, ink: str, accent: str) -> Picture:
    """The dial, 512 px square: sunburst ground, applied bars, minute track, mark and name."""
    size = 512
    down, across = np.meshgrid(np.arange(size) - size / 2, np.arange(size) - size / 2, indexing="ij")
    angle = np.arctan2(down, across)
    burst = 1 + 0.16 * np.cos(2 * angle + 0.8) + 0.05 * np.cos(62 * angle) * np.cos(23 * angle)
    picture = np.ones((size, size, 3)) * srgb(ground) * burst[..., None]
    sheet_ = Image.new("L", (size * 2, size * 2), 0)
    pen = ImageDraw.Draw(sheet_)
    for minute in range(60):
        bar, far = (96, 470) if minute % 5 == 0 else (16, 484)
        wide = (20 if minute % 15 == 0 else 14) if minute % 5 == 0 else 4
        c, s = sin(minute * pi / 30), -cos(minute * pi / 30)
        pen.line([size + (far - bar) * c, size + (far - bar) * s, size + far * c, size + far * s], fill=255, width=wide)
    bars = np.asarray(sheet_.resize((size, size)), float) / 255
    stamp(picture, bars, (0, 0), srgb(ink))
    stamp(picture, mark(76), (size // 2 - 38, 120), srgb(accent))
    name = lettering("LANTERN STREET", 26, 0.1)
    stamp(picture, name, ((size - name.shape[1]) // 2, 340), srgb(ink))
    return np.clip(picture, 0, 1)
