"""The slate: a still with the brand's name, shown when the picture must not be trusted. The AI label stays on it."""

from __future__ import annotations

from nightcast.stage.layers import Layer, Rect
from nightcast.stage.overlays.ai_label import AiLabel, ai_label
from nightcast.stage.overlays.canvas import Canvas, Sprite
from nightcast.stage.overlays.kit import Kit

__all__ = ["slate"]

_WORDS = {"en": "Back in a moment", "zh": "马上回来"}


def slate(kit: Kit, brand: str, label: AiLabel) -> list[Layer]:
    page = kit.page
    still = kit.cached(("slate", brand), lambda: _draw(kit, brand))
    sign = ai_label(kit, label)
    margin_px = kit.px(24)
    x_px = page.width_px - margin_px - sign.width_px
    return [still.at(0, 0), sign.parts[0].sprite.at(x_px, page.safe.y_px + margin_px)]


def _draw(kit: Kit, brand: str) -> Sprite:
    width_px, height_px = kit.page.width_px, kit.page.height_px
    canvas = Canvas(width_px, height_px)
    canvas.rounded(Rect(0, 0, width_px, height_px), 0, kit.palette.surface)
    name = kit.type.set(brand, kit.style("large", scale=1.5, bold=True, align="center", max_lines=2), width_px * 0.8)
    words = kit.type.set(_WORDS[kit.language], kit.style("small", colour=kit.palette.muted))
    bar_px = kit.px(6)
    top_px = (height_px - name.layout.height_px - words.layout.height_px - 4 * bar_px) / 2
    canvas.text(name, width_px * 0.1, top_px)
    top_px += name.layout.height_px + bar_px
    bar_width_px = kit.px(64)
    canvas.rounded(Rect((width_px - bar_width_px) / 2, top_px, bar_width_px, bar_px), bar_px / 2, kit.palette.accent)
    canvas.text(words, (width_px - words.layout.width_px) / 2, top_px + 3 * bar_px)
    return canvas.sprite()
