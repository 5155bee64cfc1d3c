"""The label that says that an AI speaks: always on, drawn last, as tall as the policy asks.

China's labelling standard (GB 45438-2025, 5.3) wants text of at least 5 % of the picture's shortest side; the
height that counts here is that of the drawn ink, not of the font's em. What is tall need not be broad: a label that
would take much of the picture's width stands in two lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nightcast.show.scene import Anchor
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite
from nightcast.stage.overlays.kit import Drawing, Kit
from nightcast.stage.text import TextStyle

__all__ = ["AiLabel", "ai_label"]

_WEIGHT = 400
_BROADEST = 0.30  # of the picture's width; then the words are broken
_DEFAULT_WORDS = {"en": "AI-generated host", "zh": "AI生成 数字人主播"}


@dataclass(frozen=True)
class AiLabel:
    """What the policy asks for. `height` is a share of the picture's shorter side; the scene may choose another
    `place`."""

    text: str
    height: float = 0.05
    place: Anchor = "top-right"

    @classmethod
    def by_default(cls, language: str) -> AiLabel:
        return cls(_DEFAULT_WORDS[language])


def ai_label(kit: Kit, label: AiLabel) -> Drawing:
    return Drawing.of(kit.cached(("ai_label", label), lambda: _draw(kit, label)))


def _draw(kit: Kit, label: AiLabel) -> Sprite:
    size_px = _size_px(kit, label)
    style = TextStyle(size_px, "#ffffff", _WEIGHT, line_height=1.1, align="center", shadow_px=kit.px(3), max_lines=3)
    pad_x_px, pad_y_px = kit.px(12), kit.px(4)
    words = _broken(kit, label.text, style, _BROADEST * kit.page.width_px - 2 * pad_x_px)
    most_px = kit.page.width_px - 4 * kit.px(24)
    width_px = math.ceil(max(line.width_px for line in kit.type.measure(words, style, most_px).lines))
    text = kit.type.set(words, style, width_px)
    canvas = Canvas(width_px + 2 * pad_x_px, text.layout.height_px + 2 * pad_y_px)
    canvas.rounded(Rect(0, 0, canvas.width_px, canvas.height_px), kit.px(12), "#000000", 0.5)
    canvas.text(text, pad_x_px, pad_y_px)
    return canvas.sprite()


def _broken(kit: Kit, text: str, style: TextStyle, room_px: float) -> str:
    """The words in as few lines as fit, broken between words only, and those as even as they can be."""

    def width_px(line: str) -> int:
        return kit.type.measure(line, style).width_px

    def filled(room_px: float) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and width_px(longer) <= room_px:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    lines = filled(room_px)
    while lines:
        widest_px = max(map(width_px, lines))
        narrower = filled(widest_px - 1)
        if len(narrower) > len(lines) or max(map(width_px, narrower)) >= widest_px:
            break
        lines = narrower
    return "\n".join(lines)


def _size_px(kit: Kit, label: AiLabel) -> int:
    """The smallest type whose ink is as tall as asked: fonts fill their em differently."""
    wanted_px = math.ceil(label.height * kit.page.short_px)
    size_px = wanted_px
    while _ink_px(kit, label.text, size_px) < wanted_px and size_px < 3 * wanted_px:
        size_px += 1
    return size_px


def _ink_px(kit: Kit, text: str, size_px: int) -> int:
    """Height of the drawn letters of one line."""
    alpha = kit.type.set(text.replace("\n", " "), TextStyle(size_px, weight=_WEIGHT)).bitmap.pixels[..., 3]
    rows = np.flatnonzero((alpha > 210).any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0
