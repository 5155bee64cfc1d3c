"""Glyphs to pixels: coverage from FreeType, colour emoji, outlines and shadows.

Makes premultiplied sRGB RGBA arrays, row 0 on top. Glyphs sit on quarter pixels across and on whole
pixels down, hinted only vertically, which keeps small text crisp without spoiling its spacing.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

import freetype
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nightcast.stage.layers import Pixels
from nightcast.stage.text.fonts import Font
from nightcast.stage.text.layout import Glyph, Layout

__all__ = ["draw", "padding_px", "parse_colour"]

_SUBPIXELS = 4
_Mask = NDArray[np.uint8]


def parse_colour(colour: str) -> tuple[float, float, float, float]:
    """`#rrggbb` or `#rrggbbaa` to sRGB red, green, blue, alpha in 0..1.

    Raises:
        ValueError: not such a colour.
    """
    digits = colour.removeprefix("#")
    if len(digits) not in (6, 8):
        raise ValueError(f"{colour!r} is not a colour; write #rrggbb or #rrggbbaa")
    parts = [int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2)]
    return (parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else 1.0)


def padding_px(layout: Layout) -> int:
    """How far ink may reach over the layout's box on each side: overhangs, outline and shadow."""
    style = layout.style
    return math.ceil(style.size_px * 0.2 + style.outline_px + style.shadow_px * 2)


def draw(layout: Layout) -> Pixels:
    """The layout as (height + 2·padding, width + 2·padding, 4) premultiplied RGBA."""
    pad = padding_px(layout)
    height, width = layout.height_px + 2 * pad, layout.width_px + 2 * pad
    style = layout.style
    glyphs = [glyph for line in layout.lines for glyph in line.glyphs]
    colours = {glyph.colour: np.zeros((height, width), np.uint8) for glyph in glyphs if not glyph.font.colour}
    outline = np.zeros((height, width), np.uint8) if style.outline_px else None
    emoji = np.zeros((height, width, 4), np.uint8)
    for glyph in glyphs:
        if glyph.font.colour:
            _paste_emoji(emoji, glyph, style.size_px, pad)
            continue
        _add(colours[glyph.colour], *_place(glyph, style.size_px, 0.0, pad))
        if outline is not None:
            _add(outline, *_place(glyph, style.size_px, style.outline_px, pad))
    if style.strike:
        for line in layout.lines:
            _strike(colours, line.glyphs, line.baseline_px + pad, style.size_px, pad)
    canvas = np.zeros((height, width, 4), np.float32)
    ink = [*colours.values(), emoji[..., 3], *([outline] if outline is not None else [])]
    if style.shadow_px:
        _shade(canvas, np.maximum.reduce(ink), style.shadow_px, style.shadow_colour)
    if outline is not None:
        _over(canvas, outline, style.outline_colour)
    for colour, mask in colours.items():
        _over(canvas, mask, colour)
    painted = emoji.astype(np.float32) / 255
    canvas *= 1 - painted[..., 3:]
    canvas += painted
    return np.ascontiguousarray((canvas * 255 + 0.5).astype(np.uint8))


def _over(canvas: NDArray[np.float32], mask: _Mask, colour: str) -> None:
    red, green, blue, alpha = parse_colour(colour)
    cover = mask.astype(np.float32)[..., None] * (alpha / 255)
    canvas *= 1 - cover
    canvas += cover * np.array([red, green, blue, 1.0], np.float32)


def _shade(canvas: NDArray[np.float32], ink: _Mask, blur_px: float, colour: str) -> None:
    dropped = np.roll(ink, round(blur_px * 0.4), axis=0)
    soft = Image.fromarray(dropped).filter(ImageFilter.GaussianBlur(blur_px / 2))
    _over(canvas, np.asarray(soft), colour)


def _strike(colours: dict[str, _Mask], glyphs: tuple[Glyph, ...], baseline_px: int, size_px: float, pad: int) -> None:
    """A line through the middle of the digits, a hair wider than the text, so that it reads as struck."""
    if not glyphs or glyphs[0].colour not in colours:
        return
    thick = max(1, round(size_px / 14))
    top = round(baseline_px - size_px * 0.36 - thick / 2)
    left = math.floor(glyphs[0].x_px - size_px * 0.08) + pad
    right = math.ceil(glyphs[-1].x_px + glyphs[-1].advance_px + size_px * 0.08) + pad
    colours[glyphs[0].colour][top : top + thick, max(left, 0) : right] = 255


def _place(glyph: Glyph, size_px: float, outline_px: float, pad: int) -> tuple[_Mask, int, int]:
    steps = round((glyph.x_px + pad) * _SUBPIXELS)
    mask, left, top = _coverage(glyph.font, glyph.id, size_px, steps % _SUBPIXELS, outline_px)
    return mask, steps // _SUBPIXELS + left, round(glyph.y_px) + pad - top


def _add(target: _Mask, mask: _Mask, x: int, y: int) -> None:
    """Adds coverage, clipped to the target and to 255."""
    height, width = target.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + mask.shape[1], width), min(y + mask.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    part = mask[y0 - y : y1 - y, x0 - x : x1 - x]
    window = target[y0:y1, x0:x1]
    window += np.minimum(255 - window, part)


@lru_cache(maxsize=4096)
def _coverage(font: Font, glyph_id: int, size_px: float, subpixel: int, outline_px: float) -> tuple[_Mask, int, int]:
    """A glyph's coverage, and where its bitmap's left and top are from the pen (top counts upwards)."""
    face = font.face
    face.set_char_size(round(size_px * 64))
    face.load_glyph(glyph_id, freetype.FT_LOAD_NO_BITMAP | freetype.FT_LOAD_TARGET_LIGHT)
    glyph = face.glyph.get_glyph()
    if outline_px:
        stroker = freetype.Stroker()
        stroker.set(round(outline_px * 64), freetype.FT_STROKER_LINECAP_ROUND, freetype.FT_STROKER_LINEJOIN_ROUND, 0)
        glyph.stroke(stroker, True)
    shift = freetype.Vector(subpixel * 64 // _SUBPIXELS, 0)
    bitmap_glyph = glyph.to_bitmap(freetype.FT_RENDER_MODE_NORMAL, shift, True)
    bitmap = bitmap_glyph.bitmap
    rows = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)
    return rows[:, : bitmap.width].copy(), bitmap_glyph.left, bitmap_glyph.top


def _paste_emoji(target: Pixels, glyph: Glyph, size_px: float, pad: int) -> None:
    picture, left, top = _emoji(glyph.font, glyph.id, size_px)
    x, y = round(glyph.x_px) + pad + left, round(glyph.y_px) + pad - top
    height, width = target.shape[:2]
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + picture.shape[1], width), min(y + picture.shape[0], height)
    if x0 < x1 and y0 < y1:
        part = picture[y0 - y : y1 - y, x0 - x : x1 - x]
        np.maximum(target[y0:y1, x0:x1], part, out=target[y0:y1, x0:x1])


@lru_cache(maxsize=512)
def _emoji(font: Font, glyph_id: int, size_px: float) -> tuple[Pixels, int, int]:
    """A colour glyph of `size_px`, premultiplied, and where its left and top are from the pen."""
    png = font.shaper.get_glyph_color_png(glyph_id)
    if png is None or not len(png.data):
        return _layered_glyph(font, glyph_id, size_px)
    scale = size_px / font.units_per_em
    extents = font.shaper.get_glyph_extents(glyph_id)
    size = (max(1, round(extents.width * scale)), max(1, round(-extents.height * scale)))
    # FreeType's wheel is built without libpng, so Pillow decodes the strike.
    picture = Image.open(io.BytesIO(png.data)).convert("RGBA").convert("RGBa")
    small = picture.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small).copy(), round(extents.x_bearing * scale), round(extents.y_bearing * scale)


def _layered_glyph(font: Font, glyph_id: int, size_px: float) -> tuple[Pixels, int, int]:
    """A glyph of a COLR font, which FreeType paints in premultiplied BGRA; empty where it cannot."""
    face = font.face
    if not face.is_scalable:
        return np.zeros((0, 0, 4), np.uint8), 0, 0
    face.set_char_size(round(size_px * 64))
    face.load_glyph(glyph_id, freetype.FT_LOAD_COLOR | freetype.FT_LOAD_RENDER)
    bitmap = face.glyph.bitmap
    if bitmap.pixel_mode != freetype.FT_PIXEL_MODE_BGRA or not bitmap.rows:
        return np.zeros((0, 0, 4), np.uint8), 0, 0
    bgra = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch // 4, 4)[:, : bitmap.width]
    return np.ascontiguousarray(bgra[..., [2, 1, 0, 3]]), face.glyph.bitmap_left, face.glyph.bitmap_top
