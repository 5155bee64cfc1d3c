"""A canvas tote: origin at the top of its handles, mark towards +Z."""

from collections.abc import Sequence
from math import pi

import bpy
import numpy as np

from ..brand import lettering, mark, stamp
from ..paint import Paint, Picture, noise, normals, srgb, weave
from ..palette import BRASS, INK, LACQUER, PAPER
from ..shapes import Points, circle, close_holes, grid, modify, move, spline, sweep

WIDE_MM, HIGH_MM, DEEP_MM, DROP_MM = 360.0, 330.0, 110.0, 235.0


def body_ring(up: float, steps: int) -> Points:
    """The bag's outline at `up` (0 base, 1 mouth) as [steps, 3], starting behind the wearer's left."""
    angle = np.linspace(0, 2 * pi, steps, endpoint=False) + pi / steps
    deep = DEEP_MM / 2 * (1 - 0.62 * up**1.6)
    wide = WIDE_MM / 2 * (0.93 + 0.07 * up)
    power = 0.36 + 0.22 * up
    c, s = np.cos(angle), np.sin(angle)
    x = wide * np.sign(c) * np.abs(c) ** power
    z = deep * np.sign(s) * np.abs(s) ** power
    # Soft cloth: the gusset tucks in, the face sags and creases.
    tuck = 20 * up * (1 - up) * 4 * np.exp(-((z / 22) ** 2)) * np.sign(x)
    crease = 3.2 * np.sin(0.035 * x + 9 * up) * np.sin(pi * up) + 2.0 * np.sin(0.07 * x - 14 * up) * (1 - up)
    dip = -7 * up**4 * (1 - (x / wide) ** 2)
    return np.stack([x - tuck * 0.5, up * HIGH_MM + dip - DROP_MM - HIGH_MM, z + crease * np.sign(z) * 0.8], 1)


def tote_bag() -> dict[str, Sequence[Paint]]:
    """Heavy canvas, printed front, leather handles and base corners."""
    cloth = weave(256, 48, 9)
    grain = normals(cloth, 4)
    natural, dark = "#e4d6ba", "#20262f"
    canvas = Paint("canvas", natural, rough=0.9, sheen="#fff4de", normal=grain, double=True)
    leather = Paint("leather", "#8a4a26", rough=0.45)
    printed = Paint("print", rough=0.9, sheen="#fff4de", texture=artwork(natural, LACQUER, INK))
    brass = Paint("rivets", BRASS, rough=0.25, metal=1)

    rows = [0, 0.012, 0.04, 0.1, 0.2, 0.32, 0.44, 0.56, 0.68, 0.8, 0.9, 0.96, 0.985, 1.0]
    rings = np.array([body_ring(up, 36) for up in rows])
    rings[0] = rings[0] * (0.985, 1, 0.95)
    shell = grid("body", rings, close_v=True, uv_size=(8, 22))
    modify(shell, "SOLIDIFY", thickness=2.2, offset=-1)
    floor = grid("floor", np.stack([rings[0] * (0.001, 1, 0.001), rings[0]]), close_v=True, uv_size=(1, 22))
    canvas.on(shell, floor)
    hem = sweep("hem", (rings[-2] + (0, -10, 0)) * (1.007, 1, 1.09), circle(1.0, 3), closed=True)
    Paint("stitching", LACQUER, rough=0.8).on(
        hem, sweep("hem2", (rings[-2] + (0, -15, 0)) * (1.007, 1, 1.09), circle(1.0, 3), closed=True)
    )

    front = decal(rings, rows)
    printed.on(front)

    straps, rivets = [], []
    for side in (1, -1):
        z = side * DEEP_MM / 2 * 0.40
        lean = side * 14
        face = z + side * 3
        half = [(78, -DROP_MM - 62, face), (78, -DROP_MM, face), (72, -DROP_MM + 120, z * 0.8), (44, -34, lean)]
        straps.append(strap(spline([*[(-x, y, w) for x, y, w in half], (0, -3, lean), *half[::-1]], 30)))
        for x in (-78, 78):
            for y in (-18, -52):
                stud = circle(3.6, 10)
                rings_of = [
                    np.column_stack([stud * k, np.full(10, side * (8.2 - 1.6 * k * k))]) for k in (0.01, 0.6, 1)
                ]
                dome = move(grid("rivet", np.array(rings_of), close_v=True), (x, -DROP_MM + y, z))
                if side < 0:
                    dome.data.flip_normals()
                rivets.append(dome)
    leather.on(*straps)
    brass.on(*rivets)
    night = [
        Paint("canvas:night", dark, rough=0.9, sheen="#6d7686", normal=grain, double=True),
        Paint("print:night", rough=0.88, sheen="#6d7686", texture=artwork(dark, BRASS, PAPER)),
        Paint("stitching:night", BRASS, rough=0.8),
    ]
    return {"natural": [], "night": night}


def strap(path: Points) -> bpy.types.Object:
    """A flat leather handle along `path`, its face kept towards ±Z."""
    ahead = np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    across = np.cross(ahead, [0, 0, 1])
    rings = [
        p + np.outer([-11, -9.6, 9.6, 11, 9.6, -9.6], a) + np.outer([0, 2.0, 2.0, 0, -2.0, -2.0], [0, 0, 1])
        for p, a in zip(path, across, strict=True)
    ]
    return close_holes(grid("handle", np.array(rings), close_v=True, uv_size=(8, 1)))


def decal(rings: Points, rows: Sequence[float]) -> bpy.types.Object:
    """The printed panel, laid on the front face."""
    us = np.linspace(-118, 118, 13)
    net = []
    for x in us:
        column = []
        for ring, up in zip(rings, rows, strict=True):
            if not 0.1 <= up <= 0.91:
                continue
            face = ring[ring[:, 2] > 0]
            order = np.argsort(face[:, 0])
            column.append([np.interp(x, face[order, 0], face[order, axis]) for axis in range(3)])
        net.append(column)
    return move(grid("print", np.array(net)), (0, 0, 1.2))


def artwork(ground: str, ink: str, second: str) -> Picture:
    """The front's print on its canvas, 512 px square."""
    size = 512
    cloth = weave(size, 64, 9)
    picture = np.ones((size, size, 3)) * srgb(ground)
    worn = 0.9 + 0.2 * (noise(size, 2, 31) - 0.5)
    stamp(picture, mark(300) * worn[:300, :300], (106, 40), srgb(ink))
    chinese, english = lettering("灯笼街", 92, 0.2), lettering("OPEN ALL NIGHT", 40, 0.14)
    stamp(picture, chinese * worn[:92, : chinese.shape[1]], ((size - chinese.shape[1]) // 2, 352), srgb(second))
    stamp(picture, english * worn[:40, : english.shape[1]], ((size - english.shape[1]) // 2, 448), srgb(second))
    return np.clip(picture * (0.93 + 0.05 * cloth[..., None]), 0, 1)
