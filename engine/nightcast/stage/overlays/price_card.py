"""The price card: picture, name, price, struck list price, a badge and a note.

Data: `product` (catalog id), `variant`, and what overrides the catalog's facts: `name`, `price` and `list_price`
(minor units, or finished words), `badge`, `note`; without a note, `stock` (pieces left) and `ends` (ISO time of
the offer's end) make one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image

from nightcast.show.scene import Overlay
from nightcast.stage.overlays.canvas import Canvas, Sprite, cover, text_sprite
from nightcast.stage.overlays.kit import Drawing, Kit
from nightcast.stage.text import TextStyle

__all__ = ["price_card"]

_FEW = 200  # pieces; a larger stock says nothing to a buyer


@dataclass(frozen=True)
class _Facts:
    name: str
    price: str
    list_price: str
    badge: str
    note: str


def price_card(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """With the product's picture where there is room for it. None without a name or a price."""
    facts = _facts(kit, spec, data)
    if not (facts.name or facts.price):
        return None
    product = kit.catalog.product(str(data.get("product"))) if kit.catalog else None
    wide = room_px >= kit.px(300 * spec.size)
    picture = kit.product_picture(product) if product and wide else None
    key = ("price_card", facts, product and product.id, picture is not None, spec, round(room_px))
    return Drawing.of(kit.cached(key, lambda: _draw(kit, spec, facts, picture, room_px)))


def _facts(kit: Kit, spec: Overlay, data: Mapping[str, Any]) -> _Facts:
    name, price, list_price = kit.words(data.get("name"), spec.text), data.get("price"), data.get("list_price")
    product = kit.catalog.product(str(data.get("product"))) if kit.catalog else None
    if product:
        variant = product.variant(str(data.get("variant")))
        name = name or product.name.in_language(kit.language)
        if variant:
            name += f" · {variant.name.in_language(kit.language)}"
        if price is None:
            price = product.price if variant is None or variant.price is None else variant.price
            list_price = product.list_price if list_price is None else list_price
    note = kit.words(data.get("note")) or _note(kit, data)
    return _Facts(name, _money(kit, price), _money(kit, list_price), kit.words(data.get("badge")), note)


def _note(kit: Kit, data: Mapping[str, Any]) -> str:
    """When the offer ends, or else how many pieces are left where they are few."""
    try:
        ends = datetime.fromisoformat(str(data["ends"]))
        return f"{ends:%H:%M} 结束" if kit.language == "zh" else f"until {ends:%H:%M}"
    except (KeyError, ValueError):
        stock = data.get("stock")
    if not isinstance(stock, int) or not 0 < stock <= _FEW:
        return ""
    return f"仅剩{stock}件" if kit.language == "zh" else f"{stock} left"


def _money(kit: Kit, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and kit.catalog:
        return kit.catalog.money(value)
    return "" if value is None else str(value).strip()


def _draw(kit: Kit, spec: Overlay, facts: _Facts, picture: Image.Image | None, room_px: float) -> Sprite:
    pad_px, gap_px = kit.px(14 * spec.size), kit.px(5 * spec.size)
    picture_px = kit.px(112 * spec.size) if picture else 0
    left_px = pad_px + (picture_px + kit.px(12) if picture else 0)
    rows = _rows(kit, spec, facts, min(room_px, kit.px(360 * spec.size)) - left_px - pad_px)
    text_px = max(row.width_px for row in rows)
    height_px = sum(row.height_px for row in rows) + gap_px * (len(rows) - 1)
    inner_px = max(height_px, picture_px)
    canvas = kit.card(left_px + text_px + pad_px, inner_px + 2 * pad_px)
    if picture:
        top_px = pad_px + (inner_px - picture_px) / 2
        canvas.paste(cover(picture, picture_px, picture_px), pad_px, top_px, kit.px(10))
    y_px = pad_px + (inner_px - height_px) / 2
    for row in rows:
        canvas.paste(row.bitmap.pixels, left_px - row.bleed_px, y_px - row.bleed_px)
        y_px += row.height_px + gap_px
    return canvas.sprite()


def _rows(kit: Kit, spec: Overlay, facts: _Facts, width_px: float) -> list[Sprite]:
    """Name, prices, badge and note, from top to bottom; what does not fit beside goes below."""
    name_style = kit.style("small", scale=spec.size, bold=True, max_lines=3, line_height=1.2)
    price_style = kit.style("large", scale=spec.size * 1.2, bold=True, colour=kit.palette.price, line_height=1.0)
    struck_style = kit.style("small", scale=spec.size * 0.92, colour=kit.palette.muted, strike=True)
    note_style = kit.style("small", scale=spec.size * 0.84, colour=kit.palette.muted, max_lines=2)
    rows = [_text(kit, facts.name, name_style, width_px)]
    prices = [_text(kit, facts.price, price_style), _text(kit, facts.list_price, struck_style)]
    rows += _beside([sprite for sprite in prices if sprite.width_px], kit.px(14), width_px)
    badge = [kit.pill(facts.badge, spec.accent or kit.palette.accent, spec.size)] if facts.badge else []
    note = [_text(kit, facts.note, note_style, width_px)] if facts.note else []
    rows += _beside(badge + note, kit.px(8), width_px)
    return [row for row in rows if row.width_px]


def _text(kit: Kit, words: str, style: TextStyle, width_px: float | None = None) -> Sprite:
    """Words as a sprite no wider than its widest line."""
    lines = kit.type.measure(words, style, width_px).lines
    return text_sprite(kit.type.set(words, style, math.ceil(max(line.width_px for line in lines))))


def _beside(sprites: list[Sprite], gap_px: int, width_px: float) -> list[Sprite]:
    """The sprites as one row with a common foot, if they fit; else each as a row."""
    total_px = sum(sprite.width_px for sprite in sprites) + gap_px * (len(sprites) - 1)
    if len(sprites) < 2 or total_px > width_px:
        return sprites
    height_px, bleed_px = max(sprite.height_px for sprite in sprites), max(sprite.bleed_px for sprite in sprites)
    row = Canvas(total_px, height_px, bleed_px)
    x_px = 0
    for sprite in sprites:
        drop_px = round((height_px - sprite.height_px) * 0.62)  # optical middle: digits have no descenders
        row.paste(sprite.bitmap.pixels, x_px - sprite.bleed_px, drop_px - sprite.bleed_px)
        x_px += sprite.width_px + gap_px
    return [row.sprite()]
