"""What products stand on for show, each in the coordinates of the product it is for, in millimetres.

A bust for the necklace, an arch that the earring hangs from, a cushion through the watch's strap.
"""

from collections.abc import Callable
from math import cos, pi
from pathlib import Path

import bpy
import numpy as np
from avatars.sculpt.levels import add_levels

from . import glb, shapes
from .paint import Paint, clouds, tint
from .shapes import block, circle, grid, spline, sweep

NAVY, BRASS = "#1b2644", "#b98d4e"

#: Half width, front, back and height of the bust's sections, from the base up; the chain of 48 cm lies on it.
BUST = (
    (88, 66, -34, -150),
    (94, 71, -38, -146),
    (103, 78, -46, -128),
    (107, 81, -54, -100),
    (106, 78.5, -59, -74),
    (100, 73.5, -62, -60),
    (84, 64.5, -63, -38),
    (66, 53.5, -62, -16),
    (57.5, 50, -61.5, -3),
    (51, 46, -59.5, 14),
    (46, 42, -55, 40),
    (45, 41, -52, 62),
    (43, 39, -50, 68),
    (34, 30, -41, 70),
)


def velvet() -> Paint:
    """A close pile in the stall's blue."""
    pile = tint(np.clip(0.5 + 0.25 * clouds(128, 5, 16, 4), 0, 1), "#121a33", NAVY, "#232f55")
    return Paint("velvet", rough=0.95, sheen="#141b33", texture=pile, specular=0.15)


def bust() -> None:
    """Neck and shoulders, covered in velvet, on a plinth."""
    steps = 48
    smooth = np.stack([spline([(row[i], row[3], 0) for row in BUST], 40)[:, :2] for i in range(3)])
    angles = np.linspace(0, 2 * pi, steps, endpoint=False)
    rings = []
    for half, front, back in zip(*smooth, strict=True):
        middle, deep = (front[0] + back[0]) / 2, (front[0] - back[0]) / 2
        # Below the neck the chest is fuller in front than an ellipse about the middle would be.
        across = np.sin(angles) * half[0]
        along = np.where(np.cos(angles) > 0, np.cos(angles) * front[0], np.cos(angles) * -back[0])
        blend = np.clip((half[0] - 50) / 20, 0, 1)
        along = blend * along + (1 - blend) * (middle + np.cos(angles) * deep)
        rings.append(np.stack([across, np.full(steps, half[1]), along], 1))
    body = grid("bust", np.array(rings), close_v=True, uv_size=(3, 3))
    shapes.weld(body)
    shapes.close_holes(body)
    velvet().on(body)
    walnut = Paint("walnut", "#4a2a17", rough=0.35, coat=0.4)
    walnut.on(block("plinth", (196, 12, 120), (0, -156, 16), edge=3, segments=2))


def arch() -> None:
    """A brass arch over a walnut foot; its top is where the ear lobe would be."""
    top, foot = -1.7, -66
    side = [(26, foot, -3), (26, -30, -3), (24, -7, -3), (17, top, -3)]
    path = spline([*((-x, y, z) for x, y, z in side), (0, top, -3), *reversed(side)], 64)
    Paint("brass", BRASS, rough=0.28, metal=1).on(sweep("arch", path, circle(1.7, 10)))
    Paint("walnut", "#4a2a17", rough=0.35, coat=0.4).on(
        block("foot", (74, 10, 40), (0, foot - 4, -3), edge=2.6, segments=2)
    )


def cushion() -> None:
    """A small pillow that fills the strap; the forearm, and so the pillow, lies along Y."""
    half_x, half_z, long, rows, steps = 26.5, 23.5, 36, 25, 40
    rings = []
    for row in range(rows):
        at = -1 + 2 * row / (rows - 1)
        full = (1 - abs(at) ** 5) ** 0.5 * 0.98 + 0.02
        pinch = 1 - 0.06 * cos(at * pi * 0.5)  # the strap holds it in
        angles = np.linspace(0, 2 * pi, steps, endpoint=False)
        x = np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.85 * half_x * full * pinch
        z = np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** 0.85 * half_z * full * pinch
        rings.append(np.stack([x, np.full(steps, at * long), z], 1))
    pillow = grid("cushion", np.array(rings), close_v=True, uv_size=(2, 2))
    shapes.outward(pillow)
    velvet().on(pillow)


MAKERS: dict[str, Callable[[], None]] = {"bust": bust, "arch": arch, "cushion": cushion}


def build(display: str, models: Path) -> Path:
    """Model a display, write it, and say how heavy it is."""
    shapes.clear()
    MAKERS[display]()
    things = list(bpy.context.scene.objects)
    for thing in things:
        shapes.outward(thing)
    shapes.join(display, things)
    models.mkdir(parents=True, exist_ok=True)
    path = models / f"{display}.glb"
    glb.export(path, scale=0.001)
    print(f"{display}: {glb.triangles(path)} triangles, {path.stat().st_size // 1024} KB")
    add_levels(path)
    return path
