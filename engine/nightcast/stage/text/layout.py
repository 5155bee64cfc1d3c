"""From text to glyphs in lines: font fallback, shaping, line breaking, alignment, ellipsis.

Frame: pixels, origin at the top left of the text's box, y down; baselines are whole pixels. Pure but
for the fonts it reads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import uharfbuzz as hb

from nightcast.stage.text.breaking import break_opportunities, graphemes
from nightcast.stage.text.fonts import Font, FontBook

__all__ = ["Glyph", "Layout", "Line", "Span", "TextStyle", "lay_out"]

ELLIPSIS = "…"
#: Contextual half-width punctuation for Chinese, and the kerning and ligatures that are on by default.
_FEATURES = {"kern": True, "liga": True, "chws": True}


@dataclass(frozen=True)
class TextStyle:
    """How a text looks. Lengths are pixels, colours `#rrggbb` or `#rrggbbaa`."""

    size_px: float
    colour: str = "#ffffff"
    weight: int = 400
    align: Literal["left", "center", "right"] = "left"
    line_height: float = 1.32  #: times `size_px`
    max_lines: int | None = None  #: what is more ends in an ellipsis
    tracking_em: float = 0.0
    tabular: bool = False  #: digits of equal width, for counters
    strike: bool = False
    outline_px: float = 0.0
    outline_colour: str = "#000000"
    shadow_px: float = 0.0  #: blur radius; 0 draws none
    shadow_colour: str = "#000000a0"

    @property
    def line_px(self) -> int:
        return round(self.size_px * self.line_height)


@dataclass(frozen=True)
class Span:
    """A stretch of text that differs from the style around it."""

    text: str
    colour: str | None = None
    weight: int | None = None


@dataclass(frozen=True)
class Glyph:
    """A glyph at its pen position. `index` is where its cluster begins in the text; None for the ellipsis."""

    font: Font
    id: int
    x_px: float
    y_px: float
    advance_px: float
    colour: str
    index: int | None


@dataclass(frozen=True)
class Line:
    """Glyphs of one line; `x_px` of each already includes the alignment."""

    glyphs: tuple[Glyph, ...]
    x_px: float
    width_px: float
    baseline_px: int
    start: int  #: index of the first code point
    end: int  #: one after the last


@dataclass(frozen=True)
class Layout:
    """A text set in a box `width_px` wide (its widest line, where no width was asked for)."""

    lines: tuple[Line, ...]
    width_px: int
    height_px: int
    style: TextStyle
    truncated: bool = False

    def extents(self, start: int, end: int) -> list[tuple[int, float, float]]:
        """(line number, left, right) in pixels of the code points `start` to `end`, one entry per line."""
        found = []
        for number, line in enumerate(self.lines):
            inside = [g for g in line.glyphs if g.index is not None and start <= g.index < end]
            if inside:
                found.append((number, inside[0].x_px, inside[-1].x_px + inside[-1].advance_px))
        return found


def lay_out(text: str | Sequence[Span], style: TextStyle, *, book: FontBook, width_px: float | None) -> Layout:
    """Sets `text` in lines no wider than `width_px`; None breaks only at newlines."""
    spans = [Span(text)] if isinstance(text, str) else list(text)
    whole = "".join(span.text for span in spans)
    glyphs = _shape(spans, style, book)
    lines: list[tuple[int, int]] = []
    offset = 0
    for paragraph in whole.split("\n"):
        lines += [(offset + a, offset + b) for a, b in _break(paragraph, offset, glyphs, width_px)]
        offset += len(paragraph) + 1
    truncated = style.max_lines is not None and len(lines) > style.max_lines
    rows = [_glyphs_between(glyphs, whole, a, b) for a, b in lines[: style.max_lines]]
    if truncated:
        rows[-1] = _with_ellipsis(rows[-1], style, book, width_px)
    widths = [_width(row) for row in rows]
    box_px = math.ceil(max(widths, default=0.0)) if width_px is None else math.ceil(width_px)
    top_px, leading_px = _ascent(style, book), style.line_px
    placed = []
    for number, (row, row_width_px) in enumerate(zip(rows, widths, strict=True)):
        slack_px = box_px - row_width_px
        x_px = {"left": 0.0, "center": slack_px / 2, "right": slack_px}[style.align]
        baseline_px = top_px + number * leading_px
        shift_px = x_px - (row[0].x_px if row else 0.0)
        moved = tuple(replace(g, x_px=g.x_px + shift_px, y_px=g.y_px + baseline_px) for g in row)
        placed.append(Line(moved, x_px, row_width_px, baseline_px, *lines[number]))
    return Layout(tuple(placed), box_px, leading_px * len(placed), style, truncated)


def _ascent(style: TextStyle, book: FontBook) -> int:
    """Distance from the box's top to the first baseline: capitals stand in the middle of their line."""
    face = book.primary(style.weight).face
    capital = style.size_px * 0.73
    os2 = getattr(face, "units_per_EM", 0)
    if os2 and face.get_char_index("H"):
        face.load_char("H", _LOAD_NO_SCALE)
        capital = style.size_px * face.glyph.metrics.height / os2
    return round((style.line_px + capital) / 2)


_LOAD_NO_SCALE = 1  # FT_LOAD_NO_SCALE


def _shape(spans: Sequence[Span], style: TextStyle, book: FontBook) -> list[Glyph]:
    """All glyphs of the text on one endless line; newlines leave none."""
    glyphs: list[Glyph] = []
    pen_px, index = 0.0, 0
    for span in spans:
        colour, weight = span.colour or style.colour, span.weight or style.weight
        for font, run in _runs(span.text, weight, book):
            shaped, pen_px = _shape_run(run, font, style, colour, pen_px, index)
            glyphs += shaped
            index += len(run)
    return glyphs


def _runs(text: str, weight: int, book: FontBook) -> list[tuple[Font, str]]:
    """Splits where the font changes; spaces and joiners stay with what is before them."""
    runs: list[tuple[Font, str]] = []
    for cluster in graphemes(text):
        keep = runs and cluster.isspace() and not runs[-1][0].colour
        font = runs[-1][0] if keep else book.choose(cluster, weight)
        if runs and runs[-1][0] is font:
            runs[-1] = (font, runs[-1][1] + cluster)
        else:
            runs.append((font, cluster))
    return runs


def _shape_run(
    run: str, font: Font, style: TextStyle, colour: str, pen_px: float, index: int
) -> tuple[list[Glyph], float]:
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    hb.shape(font.shaper, buffer, {**_FEATURES, "tnum": style.tabular})
    scale = style.size_px / font.units_per_em
    glyphs = []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if run[info.cluster] == "\n":
            continue
        advance_px = position.x_advance * scale + style.tracking_em * style.size_px
        x_px, y_px = pen_px + position.x_offset * scale, -position.y_offset * scale
        glyphs.append(Glyph(font, info.codepoint, x_px, y_px, advance_px, colour, index + info.cluster))
        pen_px += advance_px
    return glyphs, pen_px


def _break(paragraph: str, offset: int, glyphs: Sequence[Glyph], width_px: float | None) -> list[tuple[int, int]]:
    """Greedy lines of one paragraph as (start, end) within it; a too long word breaks between graphemes."""
    if width_px is None:
        return [(0, len(paragraph))]
    advance = [0.0] * len(paragraph)
    for glyph in glyphs:
        if glyph.index is not None and offset <= glyph.index < offset + len(paragraph):
            advance[glyph.index - offset] += glyph.advance_px
    lines = []
    start = 0
    opportunities = [*break_opportunities(paragraph), len(paragraph)]
    best: int | None = None
    for stop in opportunities:
        if _measure(paragraph, advance, start, stop) <= width_px:
            best = stop
            continue
        if best is not None:
            lines.append((start, best))
            start, best = best, None
        while _measure(paragraph, advance, start, stop) > width_px:
            cut = _longest_fit(paragraph, advance, start, stop, width_px)
            if cut >= stop:
                break
            lines.append((start, cut))
            start = cut
        best = stop
    lines.append((start, len(paragraph)))
    return lines


def _measure(paragraph: str, advance: Sequence[float], start: int, stop: int) -> float:
    """Width of a piece; spaces at its end hang over the edge."""
    visible = start + len(paragraph[start:stop].rstrip())
    return sum(advance[start:visible])


def _longest_fit(paragraph: str, advance: Sequence[float], start: int, stop: int, width_px: float) -> int:
    position = start
    used_px = 0.0
    for cluster in graphemes(paragraph[start:stop]):
        used_px += sum(advance[position : position + len(cluster)])
        if used_px > width_px and position > start:
            return position
        position += len(cluster)
    return position


def _glyphs_between(glyphs: Sequence[Glyph], text: str, start: int, end: int) -> list[Glyph]:
    visible = start + len(text[start:end].rstrip())
    return [g for g in glyphs if g.index is not None and start <= g.index < visible]


def _width(row: Sequence[Glyph]) -> float:
    return row[-1].x_px + row[-1].advance_px - row[0].x_px if row else 0.0


def _with_ellipsis(row: list[Glyph], style: TextStyle, book: FontBook, width_px: float | None) -> list[Glyph]:
    # Chinese fonts centre their ellipsis in the em; after Latin it belongs on the baseline.
    dots_text = ELLIPSIS if row and row[-1].advance_px > 0.9 * style.size_px else "..."
    font = book.choose(dots_text, style.weight)
    dots, _ = _shape_run(dots_text, font, style, row[-1].colour if row else style.colour, 0.0, 0)
    room_px = math.inf if width_px is None else width_px - _width(dots)
    kept = list(row)
    while kept and _width(kept) > room_px:
        kept.pop()
    end_px = kept[-1].x_px + kept[-1].advance_px if kept else 0.0
    return kept + [replace(dot, x_px=end_px + dot.x_px, index=None) for dot in dots]
