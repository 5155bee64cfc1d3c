"""Sunglasses: origin at the bridge, temples towards −Z, frame 142 mm wide."""

from collections.abc import Sequence
from math import pi

import bpy
import numpy as np

from ..paint import Paint, clouds, tint
from ..shapes import Points, bend, block, circle, grid, mirror, slab, spline, sweep

LENS_AT = (35.5, -8.0)
WRAP_MM = 230.0
TORTOISE = ("#150a05", "#2b1409", "#7a3f14", "#c98a35")


def wrap(at: Points) -> Points:
    """Bend the flat front round the face: a cylinder, and 6° of forward tilt at the brow."""
    x, y, z = at.T
    return np.stack([x, y, z - x**2 / (2 * WRAP_MM) + 0.06 * (y - 4)], 1)


def lens_outline(grow: float, steps: int = 40) -> Points:
    """The lens's edge [steps, 2], right half's (+X), grown outwards by `grow`: a soft square, higher outside."""
    angle = np.linspace(0, 2 * pi, steps, endpoint=False)
    power = 2 / 2.9
    c, s = np.cos(angle), np.sin(angle)
    x = (25.5 + grow) * np.sign(c) * np.abs(c) ** power
    y = (20.5 + grow) * np.sign(s) * np.abs(s) ** power
    y += np.where(y > 0, 0.07 * x, 0.02 * x)
    x = x * (1 + 0.055 * y / 20) + 0.4
    return np.stack([x + LENS_AT[0], y + LENS_AT[1]], 1)


def front_outline() -> Points:
    """The frame's outer edge [n, 2], anticlockwise: brow line, end pieces, rims and bridge."""
    right = [
        (0, 8.2), (8, 9.4), (16, 14.2), (30, 17.2), (48, 18.4), (62, 18.6), (70.2, 16.0), (71, 9.5), (66.6, 2.0),
        (65.2, -10), (62.4, -23), (54, -31.6), (38, -33.6), (22, -32.0), (12.4, -24), (8.8, -11), (6.2, -2.4), (0, 0.9),
    ]  # fmt: skip
    left = [(-x, y) for x, y in reversed(right[1:-1])]
    return spline(right + left, 92, closed=True)[::-1]


def temple_path() -> Points:
    """The arm on the wearer's left, hinge to tip."""
    return spline(
        [(69.4, 10.5, -11.5), (70.6, 10, -30), (71.4, 8, -62), (71, 4.5, -94), (70, -6, -114), (68.2, -26, -134)], 18
    )


def lens() -> Points:
    """A domed lens as rings [rings, steps, 3] from its centre out."""
    edge = lens_outline(0.8, 30)
    middle = edge.mean(0)
    rings = []
    for share in (0.001, 0.45, 0.8, 1.0):
        flat = middle + (edge - middle) * share
        rings.append(np.column_stack([flat, np.full(len(flat), 1.2 * (1 - share**2) - 0.4)]))
    return np.array(rings)


def sunglasses() -> dict[str, Sequence[Paint]]:
    """Acetate frame, brass pins, tinted lenses."""
    tortoise = tint(np.clip(clouds(256, 7, 40, 4) * 1.5 - 0.28, 0, 1), *TORTOISE)
    acetate = Paint("frame_acetate", rough=0.16, coat=0.6, texture=tortoise)
    arms = Paint("temple_acetate", rough=0.18, coat=0.6, texture=tortoise)
    glass = Paint("lens_tint", "#4f3425", rough=0.03, clear=0.8, ior=1.5)
    brass = Paint("frame_pins", "#d9ab58", rough=0.25, metal=1)

    front = slab("front", front_outline(), 4.4, holes=[lens_outline(0), mirrored(lens_outline(0))], edge=1.1, steps=1)
    scale_uv(front, 1 / 46)
    acetate.on(bend(front, wrap))

    glasses = [bend(grid("lens", lens(), close_v=True), wrap)]
    glasses.append(mirror(glasses[0]))
    glass.on(*glasses)

    path = temple_path()
    height = np.interp(np.linspace(0, 1, len(path)), [0, 0.12, 0.6, 0.8, 0.93, 1], [1.35, 1.05, 0.78, 0.95, 1.1, 0.55])
    section = circle(1.0, 10) * (2.0, 5.6)
    arm = sweep("temple", path, section, scale=height, uv_size=(3.2, 0.4))
    arms.on(arm, mirror(arm))

    pins = [block("pin", (2.6, 1.2, 0.8), (64.8, y, -8.3), 0.3) for y in (9.2, 13.4)]
    hinge = block("hinge", (2.2, 5.4, 5.0), (66.6, 11, -13.5), 0.5)
    parts = [*pins, hinge]
    brass.on(*parts, *[mirror(part) for part in parts])

    pad = bend(sweep("pad", nose_pad(), circle(1.7, 8), scale=[0.4, 1, 1.1, 1, 0.4]), wrap)
    acetate_pads = Paint("frame_pads", rough=0.2, coat=0.6, texture=tortoise)
    acetate_pads.on(pad, mirror(pad))

    black = [
        Paint("frame_acetate:ink", "#0b0c10", rough=0.14, coat=0.7),
        Paint("temple_acetate:ink", "#0b0c10", rough=0.16, coat=0.7),
        Paint("frame_pads:ink", "#0b0c10", rough=0.2, coat=0.7),
        Paint("lens_tint:ink", "#2e3238", rough=0.03, clear=0.8),
    ]
    jade = [
        Paint("frame_acetate:jade", "#17453a", rough=0.16, coat=0.7),
        Paint("temple_acetate:jade", "#17453a", rough=0.18, coat=0.7),
        Paint("frame_pads:jade", "#17453a", rough=0.2, coat=0.7),
        Paint("lens_tint:jade", "#3c5340", rough=0.03, clear=0.8),
    ]
    return {"tortoise": [], "ink": black, "jade": jade}


def nose_pad() -> Points:
    """The moulded pad's line beside the wearer's left of the nose."""
    return np.array([(7.2, -2.5, -2.5), (8.2, -7, -4.4), (9.4, -12, -5.0), (10.8, -17, -4.4), (12.2, -21, -2.5)])


def mirrored(outline: Points) -> Points:
    """The outline on the other side of x = 0, turning the same way."""
    return outline[::-1] * (-1, 1)


def scale_uv(shape: bpy.types.Object, scale: float) -> None:
    """Fit a shape's UVs, which are lengths, to a texture of `1 / scale` units."""
    for corner in shape.data.uv_layers.active.data:
        corner.uv *= scale
