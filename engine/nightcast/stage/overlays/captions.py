"""Captions in time with the voice: a phrase at a time, the words already spoken in full light.

The phrase comes from the line's own text, so that it is spelled as the catalog spells it; word marks only say when.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite, text_sprite
from nightcast.stage.overlays.kit import Drawing, Kit, Part
from nightcast.stage.state import Caption
from nightcast.stage.text import TextStyle
from nightcast.stage.text.breaking import break_opportunities

__all__ = ["Phrase", "captions", "phrases", "timed_words"]

_LINGER_S = 0.5  # a caption stays this long after its last word
_AHEAD_ALPHA = "a6"  # words not yet spoken
_ENDS = frozenset("。！？!?")
_PAUSES = frozenset("，。！？；：、,.!?;:—…")


@dataclass(frozen=True)
class Phrase:
    """A stretch of the line that is shown at once: code points `start` to `end`, seconds from the line's begin."""

    start: int
    end: int
    from_s: float
    until_s: float


def timed_words(caption: Caption) -> list[tuple[int, int, float, float]]:
    """(start, end, from_s, until_s) of each word in the caption's text, in order.

    Marks whose word is not found in the text are left out; without any mark time runs evenly over the text.
    """
    found = []
    position = 0
    lowered = caption.text.lower()
    for from_s, until_s, word in caption.words:
        at = lowered.find(word.strip().lower(), position) if word.strip() else -1
        if at >= 0:
            position = at + len(word.strip())
            found.append((at, position, from_s, until_s))
    if not found and caption.text:
        found.append((0, len(caption.text), 0.0, caption.duration_s))
    return found


@lru_cache(maxsize=64)
def phrases(caption: Caption, most: int) -> tuple[Phrase, ...]:
    """Cuts a line into phrases of at most `most` columns (a Chinese character counts two), at pauses if possible."""
    text = caption.text
    stops = [*break_opportunities(text), len(text)]
    cuts: list[int] = []
    start, best, best_pause = 0, 0, 0
    for stop in stops:
        if _columns(text[start:stop].strip()) > most and best > start:
            cut = best_pause if _columns(text[start:best_pause]) > most * 0.4 else best
            cuts.append(cut)
            start, best_pause = cut, cut
        best = stop
        before = text[:stop].rstrip()
        if before[-1:] in _PAUSES:
            best_pause = stop
        if before[-1:] in _ENDS or (before[-1:] == "." and before != text[:stop]):
            cuts.append(stop)
            start = stop
    if not cuts or cuts[-1] != len(text):
        cuts.append(len(text))
    words = timed_words(caption)
    bounds = [0, *cuts]
    begins = [_time_at(words, cut, caption.duration_s) for cut in bounds[:-1]] + [caption.duration_s]
    begins[0] = 0.0
    return tuple(
        Phrase(a, b, begins[i], begins[i + 1])
        for i, (a, b) in enumerate(itertools.pairwise(bounds))
        if text[a:b].strip()
    )


def _columns(text: str) -> int:
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in text)


def _time_at(words: Sequence[tuple[int, int, float, float]], index: int, end_s: float) -> float:
    """When the code point at `index` is spoken, by interpolation in its word."""
    for start, end, from_s, until_s in words:
        if index <= start:
            return from_s
        if index < end:
            return from_s + (until_s - from_s) * (index - start) / (end - start)
    return end_s


def captions(kit: Kit, spec: Overlay, caption: Caption | None, now_s: float) -> Drawing | None:
    """The phrase of this moment; None between lines."""
    if caption is None or not caption.text.strip():
        return None
    age_s = now_s - caption.at_s
    last_s = caption.duration_s if caption.until_s is None else caption.until_s - caption.at_s
    if not 0 <= age_s < last_s + (_LINGER_S if caption.until_s is None else 0.0):
        return None
    style = kit.style("small", scale=spec.size * (1.0 if kit.page.portrait else 1.08), bold=True)
    room_px = kit.page.captions.width_px - 2 * kit.px(14)
    phrase = _phrase_at(phrases(caption, int(room_px / style.size_px * 1.75)), age_s)
    return _draw(kit, caption, phrase, style, room_px, age_s) if phrase else None


def _phrase_at(found: Sequence[Phrase], age_s: float) -> Phrase | None:
    running = [phrase for phrase in found if phrase.from_s <= age_s]
    return running[-1] if running else None


def _draw(kit: Kit, caption: Caption, phrase: Phrase, style: TextStyle, room_px: float, age_s: float) -> Drawing:
    written = caption.text[phrase.start : phrase.end]
    lead = len(written) - len(written.lstrip())
    text = written.strip()
    style, width_px = _fitted(kit, text, style, room_px)
    bright = kit.type.set(text, style, width_px)
    dim = kit.type.set(text, replace(style, colour=style.colour + _AHEAD_ALPHA), width_px)
    pad_x_px, pad_y_px = kit.px(14), kit.px(4)
    box = Rect(0, 0, bright.layout.width_px + 2 * pad_x_px, bright.layout.height_px + 2 * pad_y_px)

    def draw_band() -> Sprite:
        canvas = Canvas(box.width_px, box.height_px)
        canvas.rounded(box, kit.px(10), kit.palette.surface, 0.78)
        return canvas.sprite()

    band = kit.cached(("caption band", box, kit.palette.surface), draw_band)
    parts = [Part(band), Part(text_sprite(dim), pad_x_px, pad_y_px)]
    heard = _heard(caption, phrase, age_s) - phrase.start - lead
    for number, left_px, right_px in bright.layout.extents(0, heard):
        source = Rect(round(left_px) - 1, number * style.line_px, round(right_px - left_px) + 2, style.line_px)
        parts.append(Part(text_sprite(bright), pad_x_px, pad_y_px, 1.0, source))
    return Drawing(band.width_px, band.height_px, tuple(parts))


def _fitted(kit: Kit, text: str, style: TextStyle, room_px: float) -> tuple[TextStyle, float]:
    """The style, made smaller where the phrase needs more than one line, and the width that its lines need."""
    smallest_px = round(style.size_px * 0.75)
    while len(kit.type.measure(text, style, room_px).lines) > 1 and style.size_px > smallest_px:
        style = replace(style, size_px=style.size_px - 1)
    return style, math.ceil(max(line.width_px for line in kit.type.measure(text, style, room_px).lines))


def _heard(caption: Caption, phrase: Phrase, age_s: float) -> int:
    """The code point up to which the line has been heard; the word being spoken counts whole."""
    heard = phrase.start
    for start, end, from_s, until_s in timed_words(caption):
        if from_s <= age_s:
            long = end - start > 12  # a mark over a whole sentence: go through it evenly
            share = min((age_s - from_s) / max(until_s - from_s, 1e-6), 1.0) if long else 1.0
            heard = max(heard, start + round((end - start) * share))
    while heard < phrase.end and caption.text[heard] in _PAUSES:
        heard += 1
    return min(heard, phrase.end)
