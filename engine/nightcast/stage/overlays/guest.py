"""A viewer's picture in the picture: framed, with their name and what they try on.

Data: `picture` (a file of the night's own folder), `name`, `product` (catalog id). The picture stays in memory until
the night ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Sprite, cover
from nightcast.stage.overlays.kit import Drawing, Kit

__all__ = ["guest"]

_WIDTH = 0.26  #: share of the picture's width, where the scene does not say


def guest(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """None without a picture that can be read."""
    file = data.get("picture")
    picture = kit.picture(kit.scene_file, file)
    if picture is None:
        return None
    width_px = round(min(room_px, (spec.width or _WIDTH) * kit.page.width_px))
    product = kit.catalog.product(str(data.get("product"))) if kit.catalog else None
    name = kit.words(data.get("name"))
    wears = product.name.in_language(kit.language) if product else ""
    words = " · ".join(part for part in (name, wears) if part)
    key = ("guest", file, words, spec, width_px)
    return Drawing.of(kit.cached(key, lambda: _draw(kit, picture, words, width_px)))


def _draw(kit: Kit, picture: Image.Image, words: str, width_px: int) -> Sprite:
    pad_px = kit.px(10)
    inner_px = width_px - 2 * pad_px
    height_px = round(inner_px * min(max(picture.height / picture.width, 0.6), 1.3))
    text = kit.type.set(words, kit.style("small", scale=0.9, bold=True, max_lines=1), inner_px) if words else None
    below_px = text.layout.height_px + kit.px(6) if text else 0
    canvas = kit.card(width_px, height_px + 2 * pad_px + below_px)
    canvas.paste(cover(picture, inner_px, height_px), pad_px, pad_px)
    canvas.border(Rect(pad_px, pad_px, inner_px, height_px), kit.px(6), max(1, kit.px(2)), kit.palette.accent, 1.0)
    if text is not None:
        canvas.text(text, pad_px, height_px + pad_px + kit.px(6))
    return canvas.sprite()
