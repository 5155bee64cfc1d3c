"""Labelled pictures under headings, on one dark sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nightcast.stage.environment import gradient_environment
from nightcast.stage.frame import Background, Lamp, Lighting
from nightcast.stage.layers import Pixels, Rect
from nightcast.stage.overlays.canvas import Canvas
from nightcast.stage.text import TextStyle, Typesetter

__all__ = ["GAP_PX", "PAPER", "SHEET_PX", "Thumb", "lay_out", "room_light"]

GAP_PX = 16
SHEET_PX = 1840
#: What a person or a product is drawn before.
PAPER = Background(top=(0.80, 0.80, 0.79), bottom=(0.66, 0.66, 0.65))
_NIGHT, _CHALK, _GREY = "#15131a", "#ffffff", "#a7a2b5"


@cache
def room_light() -> Lighting:
    """A bright room, so that skin, hair and metal have something to mirror, and a window from the right."""
    return Lighting(
        key=Lamp((0.7, 0.9, 1.2), 1.7, 5600, shadow="soft"),
        fill=Lamp((-1.2, 0.2, 1.2), 0.8, 6500),
        rim=Lamp((-0.6, 1.2, -1.5), 1.4, 7000),
        environment=gradient_environment((0.55, 0.6, 0.7), (0.5, 0.48, 0.46), (0.22, 0.2, 0.18)),
        environment_intensity=0.8,
    )


@dataclass(frozen=True)
class Thumb:
    """A picture, premultiplied RGBA, and the words under it."""

    name: str
    pixels: Pixels


def lay_out(title: str, rows: Sequence[tuple[str, Sequence[Thumb]]], typesetter: Typesetter) -> NDArray[np.uint8]:
    """Headings and thumbnails from left to right, wrapping at the sheet's width."""
    placed: list[tuple[float, float, Thumb]] = []
    headings: list[tuple[float, str]] = []
    y_px = 72.0
    for heading, thumbs in rows:
        headings.append((y_px, heading))
        x_px, y_px, tallest_px = float(GAP_PX), y_px + 44, 0
        for thumb in thumbs:
            height, width = thumb.pixels.shape[:2]
            if x_px + width + GAP_PX > SHEET_PX:
                x_px, y_px, tallest_px = float(GAP_PX), y_px + tallest_px + 44, 0
            placed.append((x_px, y_px, thumb))
            x_px += width + GAP_PX
            tallest_px = max(tallest_px, height)
        y_px += tallest_px + 52
    canvas = Canvas(SHEET_PX, y_px)
    canvas.rounded(Rect(0, 0, canvas.width_px, canvas.height_px), 0, _NIGHT)
    canvas.text(typesetter.set(title, TextStyle(30, _CHALK, 700)), GAP_PX, 18)
    for top_px, heading in headings:
        canvas.text(typesetter.set(heading, TextStyle(20, _CHALK)), GAP_PX, top_px + 6)
    for x_px, top_px, thumb in placed:
        canvas.paste(thumb.pixels, x_px, top_px, 6)
        label = typesetter.set(thumb.name, TextStyle(16, _GREY, max_lines=1), thumb.pixels.shape[1])
        canvas.text(label, x_px, top_px + thumb.pixels.shape[0] + 6)
    return canvas.sprite().bitmap.pixels
