"""What every overlay draws with: page, palette, type, the show's facts and pictures, and a store of finished sprites.

Lengths in pixels of the output. One thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from nightcast.show.catalog import Catalog, Product
from nightcast.show.fields import Text
from nightcast.show.load import resolve
from nightcast.show.scene import Palette
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.canvas import Canvas, Sprite
from nightcast.stage.overlays.page import Page
from nightcast.stage.pictures import read_picture
from nightcast.stage.text import TextStyle, Typesetter, parse_colour

__all__ = ["Drawing", "Kit", "Part", "ink_on", "legible"]

_LARGE, _SMALL = 42, 24  # the two sizes of type, px at 720
_KEPT = 96


@dataclass(frozen=True)
class Part:
    """A sprite at its place in a drawing's box. `source` crops the sprite's box."""

    sprite: Sprite
    x_px: float = 0.0
    y_px: float = 0.0
    opacity: float = 1.0
    source: Rect | None = None


@dataclass(frozen=True)
class Drawing:
    """An overlay at one moment: a box, and the sprites in it from back to front."""

    width_px: int
    height_px: int
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, sprite: Sprite) -> Drawing:
        return cls(sprite.width_px, sprite.height_px, (Part(sprite),))


@dataclass
class Kit:
    """The tools of one scene at one picture size. `locate` turns an asset path of the scene or catalog into a file."""

    page: Page
    type: Typesetter
    palette: Palette
    language: str
    warn: Callable[[str], None]
    catalog: Catalog | None = None
    scene_file: Path | None = None
    catalog_file: Path | None = None
    portraits: Mapping[str, Image.Image] = field(default_factory=dict)  #: pictures of products that have none
    _sprites: OrderedDict[Hashable, Sprite] = field(default_factory=OrderedDict)
    _pictures: dict[tuple[Path, str], Image.Image | None] = field(default_factory=dict)

    def px(self, at_720: float) -> int:
        return self.page.px(at_720)

    def speaking(self, language: object) -> Kit:
        """The same kit in the language that a cue's data asks for, if it is one of ours."""
        known = language in ("en", "zh") and language != self.language
        return replace(self, language=str(language)) if known else self

    def style(
        self,
        size: Literal["large", "small"],
        *,
        scale: float = 1.0,
        bold: bool = False,
        colour: str | None = None,
        **more: Any,
    ) -> TextStyle:
        """One of the palette's two sizes and two weights."""
        px = (_LARGE if size == "large" else _SMALL) * scale
        return TextStyle(self.page.px(px), colour or self.palette.text, 700 if bold else 400, **more)

    def cached(self, key: Hashable, make: Callable[[], Sprite]) -> Sprite:
        """The sprite of this content, drawn when first asked for."""
        found = self._sprites.get(key)
        if found is None:
            found = self._sprites[key] = make()
            if len(self._sprites) > _KEPT:
                self._sprites.popitem(last=False)
        self._sprites.move_to_end(key)
        return found

    def words(self, value: object, otherwise: Text | None = None) -> str:
        """Text from a cue's data: plain, or by language as {en: …, zh: …}; else the scene's own."""
        if isinstance(value, Mapping):
            value = value.get(self.language) or next(iter(value.values()), None)
        if value is None:
            return otherwise.in_language(self.language) if otherwise else ""
        return str(value).strip()

    def picture(self, owner: Path | None, asset: object) -> Image.Image | None:
        """An image named in the file `owner`; None, with one warning, where it cannot be read."""
        if owner is None or not isinstance(asset, str) or not asset:
            return None
        if (owner, asset) not in self._pictures:
            self._pictures[owner, asset] = read_picture(resolve(owner, asset), self.warn)
        return self._pictures[owner, asset]

    def product_picture(self, product: Product) -> Image.Image | None:
        """The product's photograph, or else its portrait once that was taken."""
        if product.picture is not None:
            return self.picture(self.catalog_file, product.picture)
        return self.portraits.get(product.id)

    def card(self, width_px: float, height_px: float, opacity: float = 0.9) -> Canvas:
        """A rounded card of the palette's surface, with a soft shadow around it."""
        canvas = Canvas(width_px, height_px, self.px(22))
        box = Rect(0, 0, canvas.width_px, canvas.height_px)
        radius_px = self.px(16)
        canvas.shadow(box, radius_px, self.px(20), 0.34, self.px(5))
        canvas.rounded(box, radius_px, self.palette.surface, opacity)
        canvas.border(box, radius_px, max(1, self.px(1)), self.palette.text, 0.10)
        return canvas

    def pill(self, words: str, colour: str, scale: float = 1.0) -> Sprite:
        """A few words on a rounded band of colour."""
        text = self.type.set(words, self.style("small", scale=scale * 0.86, bold=True, colour=ink_on(colour)))
        pad_px = self.px(11 * scale)
        height_px = text.layout.height_px + self.px(4 * scale)
        canvas = Canvas(text.layout.width_px + 2 * pad_px, height_px)
        canvas.rounded(Rect(0, 0, canvas.width_px, height_px), height_px / 2, colour)
        canvas.text(text, pad_px, self.px(2 * scale))
        return canvas.sprite()


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour`."""
    return "#16130f" if _luminance(colour) > 0.22 else "#ffffff"


@lru_cache(maxsize=256)
def legible(colour: str, surface: str) -> str:
    """`colour`, drawn towards white or black until it reads well on `surface` (WCAG contrast of 4.5)."""
    ground = _luminance(surface)
    goal = 255 if ground < 0.2 else 0
    parts = [round(255 * part) for part in parse_colour(colour)[:3]]
    for step in range(11):
        mixed = "#" + "".join(f"{round(part + (goal - part) * step / 10):02x}" for part in parts)
        lighter, darker = sorted((_luminance(mixed), ground), reverse=True)
        if (lighter + 0.05) / (darker + 0.05) >= 4.5:
            return mixed
    return mixed


def _luminance(colour: str) -> float:
    """WCAG relative luminance, 0..1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parse_colour(colour)[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
