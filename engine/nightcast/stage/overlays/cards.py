"""The plain cards: lower third, countdown, QR code, logo, image, text.

Each function takes the cue's data and the seconds since the overlay appeared, and returns a drawing or None where
there is nothing to show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import segno

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite, cover, text_sprite
from nightcast.stage.overlays.kit import Drawing, Kit, Part

__all__ = ["countdown", "logo", "lower_third", "picture", "qr_code", "words"]


def lower_third(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """A name with an accent bar, and a line under it. Data: `title`, `subtitle`."""
    title, subtitle = kit.words(data.get("title"), spec.text), kit.words(data.get("subtitle"))
    if not (title or subtitle):
        return None
    key = ("lower_third", title, subtitle, spec, round(room_px))
    return Drawing.of(kit.cached(key, lambda: _draw_lower_third(kit, spec, title, subtitle, room_px)))


def _draw_lower_third(kit: Kit, spec: Overlay, title: str, subtitle: str, room_px: float) -> Sprite:
    pad_px, bar_px = kit.px(16 * spec.size), kit.px(5)
    most_px = min(room_px, kit.px(560 * spec.size)) - 3 * pad_px - bar_px
    # Between the two sizes of type: a title is larger than a line of text, and smaller than a price.
    upper = kit.type.set(title, kit.style("small", scale=spec.size * 1.25, bold=True, max_lines=2), most_px)
    lower_style = kit.style("small", scale=spec.size * 0.92, colour=kit.palette.muted, max_lines=2)
    lower = kit.type.set(subtitle, lower_style, most_px) if subtitle else None
    texts = [text for text in (upper, lower) if text is not None]
    width_px = max(line.width_px for text in texts for line in text.layout.lines)
    height_px = sum(text.layout.height_px for text in texts)
    canvas = kit.card(width_px + 3 * pad_px + bar_px, height_px + pad_px * 1.4)
    y_px = pad_px * 0.7
    canvas.rounded(Rect(pad_px, y_px, bar_px, height_px), bar_px / 2, spec.accent or kit.palette.accent)
    for text in texts:
        canvas.text(text, 2 * pad_px + bar_px, y_px)
        y_px += text.layout.height_px
    return canvas.sprite()


def countdown(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """Time that is left, running from `seconds` when the overlay appeared. Data: `seconds`, `title`."""
    try:
        seconds = float(data.get("seconds", 0))
    except (TypeError, ValueError):
        return None
    if not 0 < seconds < 1e6:
        return None
    left_s = max(0, math.ceil(seconds - age_s - 1e-6))
    hours, minutes = divmod(left_s // 60, 60)
    clock = f"{hours}:{minutes:02}:{left_s % 60:02}" if seconds >= 3600 else f"{minutes:02}:{left_s % 60:02}"
    title = kit.words(data.get("title"), spec.text)
    hurry = left_s <= 10
    colour = (spec.accent or kit.palette.accent) if hurry else kit.palette.text
    digits_style = kit.style("large", scale=spec.size, bold=True, colour=colour, tabular=True, line_height=1.1)
    digits = text_sprite(kit.type.set(clock, digits_style))
    pad_px = kit.px(16 * spec.size)
    label = kit.type.set(title, kit.style("small", scale=spec.size * 0.92, colour=kit.palette.muted)) if title else None
    label_px = label.layout.height_px if label else 0
    width_px = max(digits.width_px, label.layout.width_px if label else 0) + 2 * pad_px
    height_px = digits.height_px + label_px + pad_px

    def draw_card() -> Sprite:
        canvas = kit.card(width_px, height_px)
        if label:
            canvas.text(label, (width_px - label.layout.width_px) / 2, pad_px / 2)
        return canvas.sprite()

    card = kit.cached(("countdown", title, spec, width_px, height_px), draw_card)
    x_px = round((width_px - digits.width_px) / 2)
    parts = (Part(card), Part(digits, x_px, round(pad_px / 2 + label_px)))
    return Drawing(card.width_px, card.height_px, parts)


def qr_code(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """A QR code on white, with words under it. Data: `url`, `text`."""
    url, text = str(data.get("url") or spec.url or ""), kit.words(data.get("text"), spec.text)
    if not url:
        return None
    return Drawing.of(kit.cached(("qr_code", url, text, spec), lambda: _draw_qr(kit, spec, url, text)))


def _draw_qr(kit: Kit, spec: Overlay, url: str, text: str) -> Sprite:
    try:
        code = segno.make(url, error="m", micro=False)
    except segno.DataOverflowError:
        kit.warn(f"qr_code: an address of {len(url)} characters is too long for a QR code; shorten it")
        return Canvas(0, 0).sprite()
    dots = np.array([list(row) for row in code.matrix], np.uint8)
    quiet, pad_px = 3, kit.px(8)
    # Whole pixels for each module, so that a phone reads it after video compression.
    module_px = max(2, round(kit.px(150 * spec.size) / (len(dots) + 2 * quiet)))
    side_px = module_px * (len(dots) + 2 * quiet)
    ink_style = kit.style("small", scale=spec.size * 0.84, bold=True, colour="#16130f", align="center", max_lines=2)
    label = kit.type.set(text, ink_style, side_px) if text else None
    canvas = Canvas(side_px, side_px + (label.layout.height_px + pad_px if label else 0), kit.px(22))
    box = Rect(0, 0, canvas.width_px, canvas.height_px)
    canvas.shadow(box, kit.px(14), kit.px(20), 0.34, kit.px(5))
    canvas.rounded(box, kit.px(14), "#ffffff")
    large = np.kron(dots, np.ones((module_px, module_px), np.uint8))
    ink = np.zeros((*large.shape, 4), np.uint8)
    ink[large > 0] = (0x16, 0x13, 0x0F, 0xFF)
    canvas.paste(ink, quiet * module_px, quiet * module_px)
    if label:
        canvas.text(label, 0, side_px - module_px)
    return canvas.sprite()


def logo(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """The brand's picture, or its name in type where the scene names no file, on a ground that keeps it legible."""
    if spec.file:
        return _on_ground(kit, picture(kit, spec, min(room_px, kit.px(170 * spec.size)), data, age_s))
    brand = spec.text or (kit.catalog.brand if kit.catalog else None)
    if brand is None:
        return None
    style = kit.style("small", scale=spec.size * 1.1, bold=True, tracking_em=0.02)
    return _on_ground(kit, Drawing.of(text_sprite(kit.type.set(brand.in_language(kit.language), style))))


def _on_ground(kit: Kit, drawing: Drawing | None) -> Drawing | None:
    """A drawing on a band of the palette's surface."""
    if drawing is None:
        return None
    pad_px = kit.px(8)
    box = Rect(0, 0, drawing.width_px + 2 * pad_px, drawing.height_px + 2 * pad_px)

    def draw_band() -> Sprite:
        canvas = Canvas(box.width_px, box.height_px)
        canvas.rounded(box, kit.px(12), kit.palette.surface, 0.62)
        return canvas.sprite()

    band = kit.cached(("ground", box, kit.palette.surface), draw_band)
    moved = tuple(replace(part, x_px=part.x_px + pad_px, y_px=part.y_px + pad_px) for part in drawing.parts)
    return Drawing(band.width_px, band.height_px, (Part(band), *moved))


def picture(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """An image file of the scene, as wide as there is room, or as the scene says. Data: `file`."""
    asset = data.get("file") or spec.file
    image = kit.picture(kit.scene_file, asset)
    if image is None:
        return None
    width_px = round(min(room_px, image.width if spec.width is None and spec.kind == "image" else room_px))
    height_px = max(1, round(width_px * image.height / image.width))

    def draw() -> Sprite:
        canvas = Canvas(width_px, height_px)
        canvas.paste(cover(image, width_px, height_px), 0, 0)
        return canvas.sprite()

    return Drawing.of(kit.cached(("picture", str(asset), width_px, height_px), draw))


def words(kit: Kit, spec: Overlay, room_px: float, data: Mapping[str, Any], age_s: float) -> Drawing | None:
    """Free words with a soft shadow. Data: `text`."""
    text = kit.words(data.get("text"), spec.text)
    if not text:
        return None
    style = kit.style(
        "small", scale=spec.size, bold=True, colour=spec.accent, shadow_px=kit.px(6), max_lines=4, align=_align(spec)
    )
    width_px = min(room_px, kit.type.measure(text, style).width_px)
    return Drawing.of(text_sprite(kit.type.set(text, style, width_px)))


def _align(spec: Overlay) -> str:
    return "left" if "left" in spec.anchor else "right" if "right" in spec.anchor else "center"
