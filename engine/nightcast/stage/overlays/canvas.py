"""Drawing of cards: rounded rectangles, soft shadows, pictures and texts into one bitmap.

Frame: pixels of the sprite's box, origin at its top left; ink such as shadows may reach `bleed_px` over it.
Everything is premultiplied sRGB in float32 until `sprite()` makes bytes of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nightcast.stage.layers import Bitmap, Layer, Pixels, Rect
from nightcast.stage.text import SetText, parse_colour

__all__ = ["Canvas", "Sprite", "cover", "text_sprite"]

_F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Sprite:
    """A bitmap with the box that counts in layout; the bitmap reaches `bleed_px` over it on every side."""

    bitmap: Bitmap
    width_px: int
    height_px: int
    bleed_px: int = 0

    def at(self, x_px: float, y_px: float, opacity: float = 1.0) -> Layer:
        """The layer that draws the box with its top left at this point."""
        rect = Rect(x_px - self.bleed_px, y_px - self.bleed_px, self.bitmap.width_px, self.bitmap.height_px)
        return Layer(self.bitmap, rect, opacity)


def text_sprite(text: SetText) -> Sprite:
    return Sprite(text.bitmap, text.layout.width_px, text.layout.height_px, text.padding_px)


class Canvas:
    """A box to draw a card in."""

    def __init__(self, width_px: float, height_px: float, bleed_px: int = 0) -> None:
        self.width_px, self.height_px, self.bleed_px = math.ceil(width_px), math.ceil(height_px), bleed_px
        shape = (self.height_px + 2 * bleed_px, self.width_px + 2 * bleed_px)
        self._pixels: _F32 = np.zeros((*shape, 4), np.float32)

    def sprite(self) -> Sprite:
        data = (np.clip(self._pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
        return Sprite(Bitmap(np.ascontiguousarray(data)), self.width_px, self.height_px, self.bleed_px)

    def rounded(self, rect: Rect, radius_px: float, colour: str, opacity: float = 1.0) -> None:
        """A filled rectangle with round corners."""
        self._fill(self._rounded_mask(rect, radius_px), colour, opacity)

    def border(self, rect: Rect, radius_px: float, thick_px: float, colour: str, opacity: float = 1.0) -> None:
        """A line along the inside of a rounded rectangle."""
        inner = Rect(
            rect.x_px + thick_px, rect.y_px + thick_px, rect.width_px - 2 * thick_px, rect.height_px - 2 * thick_px
        )
        ring = self._rounded_mask(rect, radius_px) - self._rounded_mask(inner, max(radius_px - thick_px, 0))
        self._fill(np.clip(ring, 0, 1), colour, opacity)

    def shadow(self, rect: Rect, radius_px: float, blur_px: float, opacity: float, drop_px: float = 0.0) -> None:
        """A soft dark shadow of a rounded rectangle; the canvas's bleed must have room for it."""
        dropped = Rect(rect.x_px, rect.y_px + drop_px, rect.width_px, rect.height_px)
        mask = (self._rounded_mask(dropped, radius_px) * 255).astype(np.uint8)
        soft = Image.fromarray(mask).filter(ImageFilter.GaussianBlur(blur_px / 2))
        shade: _F32 = np.asarray(soft).astype(np.float32)
        self._fill(shade, "#000000", opacity / 255)

    def text(self, text: SetText, x_px: float, y_px: float) -> None:
        """A set text with the top left of its box at this point."""
        self.paste(text.bitmap.pixels, x_px - text.padding_px, y_px - text.padding_px)

    def paste(self, pixels: Pixels, x_px: float, y_px: float, radius_px: float = 0.0) -> None:
        """Premultiplied pixels one to one, clipped to the canvas, with round corners if asked."""
        x, y = round(x_px) + self.bleed_px, round(y_px) + self.bleed_px
        height, width = self._pixels.shape[:2]
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + pixels.shape[1], width), min(y + pixels.shape[0], height)
        if x0 >= x1 or y0 >= y1:
            return
        part = pixels[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32) / 255
        if radius_px:
            rect = Rect(round(x_px), round(y_px), pixels.shape[1], pixels.shape[0])
            part = part * self._rounded_mask(rect, radius_px)[y0:y1, x0:x1, None]
        window = self._pixels[y0:y1, x0:x1]
        window *= 1 - part[..., 3:]
        window += part

    def _fill(self, mask: _F32, colour: str, opacity: float) -> None:
        red, green, blue, alpha = parse_colour(colour)
        cover = mask[..., None] * (alpha * opacity)
        self._pixels *= 1 - cover
        self._pixels += cover * np.array([red, green, blue, 1.0], np.float32)

    def _rounded_mask(self, rect: Rect, radius_px: float) -> _F32:
        """Coverage by signed distance: exact along edges, smooth over one pixel at corners."""
        height, width = self._pixels.shape[:2]
        half_x, half_y = rect.width_px / 2, rect.height_px / 2
        radius_px = min(radius_px, half_x, half_y)
        x = np.abs(np.arange(width) + 0.5 - self.bleed_px - rect.x_px - half_x) - (half_x - radius_px)
        y = np.abs(np.arange(height) + 0.5 - self.bleed_px - rect.y_px - half_y) - (half_y - radius_px)
        outside = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
        inside = np.minimum(np.maximum(x[None, :], y[:, None]), 0)
        mask: _F32 = np.clip(0.5 + radius_px - outside - inside, 0, 1).astype(np.float32)
        return mask


def cover(picture: Image.Image, width_px: int, height_px: int) -> Pixels:
    """A picture scaled to fill a box, cut at its longer sides. Premultiplied RGBA."""
    scale = max(width_px / picture.width, height_px / picture.height)
    # Rounding must not carry the cut over the picture's edge.
    crop_width, crop_height = min(width_px / scale, picture.width), min(height_px / scale, picture.height)
    left, top = (picture.width - crop_width) / 2, (picture.height - crop_height) / 2
    box = (left, top, left + crop_width, top + crop_height)
    # RGBa is premultiplied: filtering straight alpha would draw dark seams.
    scaled = picture.convert("RGBA").convert("RGBa").resize((width_px, height_px), Image.Resampling.LANCZOS, box=box)
    return np.ascontiguousarray(np.asarray(scaled))
