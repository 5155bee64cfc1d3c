"""Fonts: where they are, which of them has a character, and how heavy it is.

A `FontBook` is an ordered chain of families; each character takes the first that has it: the show's own
`assets/fonts`, then the system's Chinese, Latin and symbol fonts, then colour emoji. Sizes are pixels per em.
One thread at a time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import freetype
import regex
import uharfbuzz as hb

from nightcast.stage.text.errors import NoFontError

__all__ = ["Font", "FontBook", "font_book"]

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}

#: File name stems of system fonts, best first. Chinese comes first: its Latin sits well beside Han.
_TEXT_FONTS = (
    "NotoSansCJK", "NotoSansSC", "SourceHanSans", "PingFang", "HiraginoSansGB", "msyh", "Deng",
    "wqy-microhei", "wqy-zenhei", "DroidSansFallback", "NotoSans-", "DejaVuSans", "LiberationSans", "Arial",
    "segoeui", "seguisym",
)  # fmt: skip
_SKIPPED = ("Mono", "Condensed", "Oblique", "Italic", "ExtraLight", "MathTeX")
_EMOJI_FONTS = ("NotoColorEmoji", "Apple Color Emoji", "seguiemj", "TwemojiMozilla")

_WEIGHTS = {
    "thin": 100, "extralight": 200, "light": 300, "demilight": 350, "regular": 400, "book": 400,
    "normal": 400, "medium": 500, "demibold": 600, "semibold": 600, "extrabold": 800, "bold": 700,
    "black": 900, "heavy": 900,
}  # fmt: skip

_SHOWN_MISSING = 5  # characters without a glyph that a warning names

_EMOJI_CLUSTER = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}️|[0-9#*]️?⃣|\p{RI}")


def _system_directories() -> list[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    return [
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
    ]


def _font_files(directories: Iterable[Path]) -> list[Path]:
    found = []
    for directory in directories:
        for root, folders, names in os.walk(directory):
            folders.sort()
            found += [Path(root, name) for name in sorted(names) if Path(name).suffix.lower() in _SUFFIXES]
    return found


@dataclass(eq=False)
class Font:
    """One face of one file, for FreeType (outlines, colour bitmaps) and HarfBuzz (shaping)."""

    path: Path
    index: int = 0
    weight: int = 400
    colour: bool = False
    face: freetype.Face = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.face = freetype.Face(str(self.path), self.index)

    @property
    def name(self) -> str:
        family = self.face.family_name or b"?"
        return f"{family.decode(errors='replace')} ({self.path.name})"

    @cached_property
    def shaper(self) -> hb.Font:
        """A HarfBuzz font scaled to the face's own units per em."""
        face = hb.Face(hb.Blob.from_file_path(str(self.path)), self.index)
        return hb.Font(face)

    @cached_property
    def units_per_em(self) -> int:
        return int(self.shaper.face.upem)

    def has(self, char: str) -> bool:
        return bool(self.face.get_char_index(char))


def _weight_of(style: str) -> int:
    compact = style.lower().replace(" ", "").replace("-", "")
    for word in sorted(_WEIGHTS, key=len, reverse=True):
        if word in compact:
            return _WEIGHTS[word]
    return 400


def _open(path: Path, colour: bool = False) -> Font | None:
    """The best face of a file; None where FreeType cannot read it."""
    try:
        first = Font(path, 0, colour=colour)
        index = _simplified_chinese_index(path, first.face.num_faces)
        font = first if index == 0 else Font(path, index, colour=colour)
    except freetype.FT_Exception:
        return None
    font.weight = _weight_of((font.face.style_name or b"").decode(errors="replace"))
    return font


def _simplified_chinese_index(path: Path, faces: int) -> int:
    """Collections of Noto and Source Han begin with Japanese forms; we want the SC face if there is one."""
    for index in range(faces):
        family = (freetype.Face(str(path), index).family_name or b"").decode(errors="replace")
        if family.endswith(" SC"):
            return index
    return 0


class FontBook:
    """Chooses a font for each grapheme cluster, and tells about the characters that no font has."""

    def __init__(self, families: Sequence[Sequence[Font]], emoji: Font | None, warn: Callable[[str], None]) -> None:
        self._families = families
        self._emoji = emoji
        self._warn = warn
        self._missing: dict[str, None] = {}  # in the order in which they came
        self._told = 0  # how many of them
        self._chosen: dict[tuple[str, int], Font] = {}

    def choose(self, cluster: str, weight: int) -> Font:
        """The font to draw `cluster` (one user-perceived character) with, nearest in weight."""
        key = (cluster, weight)
        if key not in self._chosen:
            self._chosen[key] = self._find(cluster, weight)
        return self._chosen[key]

    def primary(self, weight: int) -> Font:
        """The font that sets the line's height."""
        return _nearest(self._families[0], weight)

    def _find(self, cluster: str, weight: int) -> Font:
        head = cluster[0]
        if self._emoji and _EMOJI_CLUSTER.match(cluster) and self._emoji.has(head):
            return self._emoji
        for family in self._families:
            font = _nearest(family, weight)
            if font.has(head):
                return font
        if self._emoji and head.isprintable() and self._emoji.has(head):
            return self._emoji
        if head.isprintable() and not head.isspace():
            self._missing[head] = None
        return self.primary(weight)

    def tell_missing(self) -> None:
        """Warn of the characters without a glyph, in one sentence; again when they are twice as many.

        For after each text: where a whole script has no font, every text brings some.
        """
        count = len(self._missing)
        if count == 0 or count < 2 * self._told:
            return
        shown = ", ".join(f"{char} U+{ord(char):04X}" for char in islice(self._missing, _SHOWN_MISSING))
        shown += ", …" if count > _SHOWN_MISSING else ""
        characters = "1 character" if count == 1 else f"{count} characters"
        self._told = count
        self._warn(
            f"no glyph for {characters} in {self.primary(400).name} nor in any other font found: {shown}; "
            "boxes are drawn. Add a font that has them to assets/fonts"
        )


def _nearest(family: Sequence[Font], weight: int) -> Font:
    return min(family, key=lambda font: (abs(font.weight - weight), -font.weight))


def font_book(show_fonts: Path | None, warn: Callable[[str], None]) -> FontBook:
    """Finds fonts in the show's `assets/fonts` and on the system.

    Raises:
        NoFontError: not one font was found.
    """
    own = _font_files([show_fonts]) if show_fonts else []
    system = _system_directories()
    files = _font_files(system)
    families: list[list[Font]] = []
    by_name: dict[str, list[Font]] = {}
    for path in own:
        font = _open(path)
        if font is None:
            warn(f"{path.name}: not a font that FreeType can read; it is left out")
            continue
        family = (font.face.family_name or b"").decode(errors="replace")
        if family not in by_name:
            by_name[family] = []
            families.append(by_name[family])
        by_name[family].append(font)
    for stem in _TEXT_FONTS:
        matches = [p for p in files if p.name.startswith(stem) and not any(word in p.name for word in _SKIPPED)]
        fonts = [font for font in map(_open, matches) if font]
        if fonts:
            families.append(fonts)
    emoji_files = [path for stem in _EMOJI_FONTS for path in files if path.stem == stem]
    emoji = _open(emoji_files[0], colour=True) if emoji_files else None
    if not families:
        raise NoFontError([*([show_fonts] if show_fonts else []), *system])
    return FontBook(families, emoji, warn)
