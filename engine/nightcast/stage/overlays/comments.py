"""The room's comments, newest at the bottom, rising as others come in.

A pure function of the comments and the time: nothing here remembers where a line was.
"""

from __future__ import annotations

from collections.abc import Sequence

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite
from nightcast.stage.overlays.kit import Drawing, Kit, Part, legible
from nightcast.stage.overlays.motion import ease_out
from nightcast.stage.state import Comment
from nightcast.stage.text import Span

__all__ = ["comments"]

_RISE_S = 0.3
_MOST_NAME, _MOST_TEXT = 16, 140  # characters; a viewer's text may be of any length


def comments(
    kit: Kit, spec: Overlay, said: Sequence[Comment], now_s: float, width_px: int, height_px: float
) -> Drawing | None:
    """As many of the last comments as stand in the box; one that no longer does leaves as the newest comes."""
    parts: list[Part] = []
    top_px = room_px = height_px  # now, and once all have come
    coming, pushed_px = 1.0, 0.0
    for comment in reversed([c for c in said if c.at_s <= now_s]):
        pill = _pill(kit, spec, comment, width_px)
        share = ease_out((now_s - comment.at_s) / _RISE_S)
        step_px = pill.height_px + kit.px(6)
        top_px -= step_px * share
        room_px -= step_px
        if not parts:
            coming, pushed_px = share, step_px
        elif room_px < 0:
            if coming >= 1 or room_px + pushed_px < 0:
                break
            share *= 1 - coming
        parts.append(Part(pill, 0.0, top_px, share))
    return Drawing(width_px, round(height_px), tuple(parts)) if parts else None


def _pill(kit: Kit, spec: Overlay, comment: Comment, width_px: int) -> Sprite:
    name = " ".join(comment.user.split())[:_MOST_NAME] or "?"
    text = " ".join(comment.text.split())[:_MOST_TEXT]
    accent = legible(spec.accent or kit.palette.accent, kit.palette.surface)

    def draw() -> Sprite:
        pad_x_px, pad_y_px = kit.px(12), kit.px(5)
        style = kit.style("small", scale=spec.size * 0.92, max_lines=3, line_height=1.26)
        spans = (Span(name, accent, 700), Span("  " + text))
        drawn = kit.type.set(spans, style, width_px - 2 * pad_x_px)
        text_px = max(line.width_px for line in drawn.layout.lines)
        canvas = Canvas(text_px + 2 * pad_x_px, drawn.layout.height_px + 2 * pad_y_px)
        box = Rect(0, 0, canvas.width_px, canvas.height_px)
        canvas.rounded(box, kit.px(15), kit.palette.surface, 0.8)
        canvas.text(drawn, pad_x_px, pad_y_px)
        return canvas.sprite()

    return kit.cached(("comment", name, text, accent, spec.size, width_px), draw)
