"""Text as pictures: shaping, breaking and drawing of Chinese, Latin and emoji, cached by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from nightcast.stage.layers import Bitmap
from nightcast.stage.text.errors import NoFontError, TextError
from nightcast.stage.text.fonts import FontBook, font_book
from nightcast.stage.text.layout import Layout, Span, TextStyle, lay_out
from nightcast.stage.text.raster import draw, padding_px, parse_colour

__all__ = ["Layout", "NoFontError", "SetText", "Span", "TextError", "TextStyle", "Typesetter", "parse_colour"]

_CACHE_BYTES = 48 << 20
_CACHE_TEXTS = 1024  # of small pictures; a layout takes several KiB as well


@dataclass(frozen=True)
class SetText:
    """A drawn text. The layout's box begins `padding_px` inside of the bitmap on every side."""

    bitmap: Bitmap
    layout: Layout
    padding_px: int


class Typesetter:
    """Draws texts and remembers them: the same text in the same style is drawn once. One thread."""

    def __init__(self, book: FontBook) -> None:
        self._book = book
        self._lay_out = lru_cache(maxsize=_CACHE_TEXTS)(partial(lay_out, book=book))
        self._cache: OrderedDict[tuple[object, ...], SetText] = OrderedDict()
        self._bytes = 0

    @classmethod
    def find_fonts(cls, show_fonts: Path | None, warn: Callable[[str], None]) -> Typesetter:
        """A typesetter with the show's fonts before the system's.

        Raises:
            NoFontError: not one font was found.
        """
        return cls(font_book(show_fonts, warn))

    def measure(self, text: str | Sequence[Span], style: TextStyle, width_px: float | None = None) -> Layout:
        """Where the glyphs of `text` go, without drawing them."""
        layout = self._lay_out(_frozen(text), style, width_px=width_px)
        self._book.tell_missing()
        return layout

    def set(self, text: str | Sequence[Span], style: TextStyle, width_px: float | None = None) -> SetText:
        """`text` in lines no wider than `width_px`; None breaks only at newlines."""
        key = (_frozen(text), style, width_px)
        found = self._cache.get(key)
        if found is None:
            layout = self.measure(text, style, width_px)
            found = SetText(Bitmap(draw(layout)), layout, padding_px(layout))
            self._remember(key, found)
        self._cache.move_to_end(key)
        return found

    def _remember(self, key: tuple[object, ...], drawn: SetText) -> None:
        self._cache[key] = drawn
        self._bytes += drawn.bitmap.pixels.nbytes
        while len(self._cache) > _CACHE_TEXTS or (self._bytes > _CACHE_BYTES and len(self._cache) > 1):
            _, oldest = self._cache.popitem(last=False)
            self._bytes -= oldest.bitmap.pixels.nbytes


def _frozen(text: str | Sequence[Span]) -> str | tuple[Span, ...]:
    return text if isinstance(text, str) else tuple(text)
