"""What stands far inside the camera's focus, at the frame's edge: painted soft, on a card with alpha."""

from collections.abc import Callable, Sequence

import bpy
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..bake import unlit
from ..paint import Picture, srgb, tint
from ..shapes import grid

Card = tuple[bpy.types.Object, Callable[[], bpy.types.Material]]


def card(low: Sequence[float], high: Sequence[float], z: float, picture: Callable[[], Picture]) -> Card:
    """A card between two corners (x, y); it takes no part in the set's light."""
    corners = [[(x, y, z) for y in (low[1], high[1])] for x in (low[0], high[0])]
    made = grid("near", np.array(corners))
    made.hide_render = True
    return made, lambda: unlit("near", picture(), blend=True)


def lantern() -> Picture:
    """A red paper lantern, [160, 160, 4]."""
    size = 160
    down, across = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
    away = np.sqrt((across / 0.66) ** 2 + ((down + 0.05) / 0.56) ** 2)
    body = 1 / (1 + np.exp((away - 1) * 9))
    core = np.exp(-((across / 0.42) ** 2) - ((down - 0.05) / 0.3) ** 2)
    colour = tint(np.clip(core, 0, 1), "#8f120b", "#e0391a", "#ff9448")
    edge = np.clip((1 - np.maximum(np.abs(across), np.abs(down))) / 0.12, 0, 1)
    return np.concatenate([colour, (body * 0.94 * edge)[..., None]], 2)


def leaves(dark: str, light: str, seed: int) -> Picture:
    """Leaves that reach in from the lower left, [192, 192, 4]."""
    rng = np.random.default_rng(seed)
    size = 192
    shade, alpha = Image.new("L", (size, size), 90), Image.new("L", (size, size), 0)
    for _ in range(13):
        turn = rng.uniform(0.15, 1.45)
        reach, wide = rng.uniform(70, 135), rng.uniform(9, 17)
        ahead = np.array([np.cos(turn), -np.sin(turn)])
        across = np.array([-ahead[1], ahead[0]])
        run = np.linspace(0, 1, 14)
        base = np.array([rng.uniform(-10, 30), size + rng.uniform(-30, 10)])
        line = base + np.outer(run * reach, ahead) + np.outer((run**2) * rng.uniform(-25, 25), across)
        half = np.outer(wide * np.sin(np.pi * run**0.8), across)
        outline = [tuple(point) for point in np.concatenate([line + half, (line - half)[::-1]])]
        ImageDraw.Draw(alpha).polygon(outline, fill=255)
        ImageDraw.Draw(shade).polygon(outline, fill=int(rng.uniform(40, 230)))
    soft = ImageFilter.GaussianBlur(5)
    field = np.asarray(shade.filter(soft), float) / 255
    clear = np.asarray(alpha.filter(soft), float)[..., None] / 255
    down, across = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    fade = np.clip(np.minimum(down, size - 1 - across) / 24, 0, 1)[..., None]
    return np.concatenate([srgb(dark) + (srgb(light) - srgb(dark)) * field[..., None], clear * fade * 0.96], 2)
