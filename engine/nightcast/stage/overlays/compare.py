"""The line between before and after, and a word on either side of it. Under all other overlays."""

from __future__ import annotations

from nightcast.stage.layers import Layer, Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite
from nightcast.stage.overlays.kit import Kit

__all__ = ["compare"]

_WORDS = {"en": ("Before", "After"), "zh": ("试戴前", "试戴后")}
_LINE_PX, _SHADE_PX, _GAP_PX = 3, 2, 14
_BELOW_PX = 96  #: the words, clear of a logo at the top


def compare(kit: Kit, at: float) -> list[Layer]:
    """Layers of a line that stands at `at`, a share of the picture's width."""
    line = kit.cached(("compare", kit.page.height_px), lambda: _line(kit))
    before, after = (_word(kit, word) for word in _WORDS[kit.language])
    x_px, y_px, gap_px = round(at * kit.page.width_px), kit.page.safe.y_px + kit.px(_BELOW_PX), kit.px(_GAP_PX)
    return [
        line.at(x_px - line.width_px // 2, 0),
        before.at(x_px - gap_px - before.width_px, y_px),
        after.at(x_px + gap_px, y_px),
    ]


def _line(kit: Kit) -> Sprite:
    thick_px, shade_px = kit.px(_LINE_PX), kit.px(_SHADE_PX)
    canvas = Canvas(thick_px + 2 * shade_px, kit.page.height_px)
    canvas.rounded(Rect(0, 0, canvas.width_px, canvas.height_px), 0, "#000000", 0.22)
    canvas.rounded(Rect(shade_px, 0, thick_px, canvas.height_px), 0, "#ffffff", 0.95)
    return canvas.sprite()


def _word(kit: Kit, word: str) -> Sprite:
    return kit.cached(("compare", word), lambda: kit.pill(word, kit.palette.surface))
