"""What can go wrong with fonts. A missing glyph is a warning; only the absence of any font is an error."""

from __future__ import annotations

from pathlib import Path


class TextError(Exception):
    """Base of this package's errors."""


class NoFontError(TextError):
    """No usable font file was found anywhere."""

    def __init__(self, searched: list[Path]) -> None:
        super().__init__(searched)
        self.searched = searched

    def __str__(self) -> str:
        places = ", ".join(str(path) for path in self.searched)
        return (
            f"no font was found in {places}. Put a .ttf or .otf into the show's assets/fonts, or install "
            "fonts-noto-cjk and fonts-noto-color-emoji"
        )
