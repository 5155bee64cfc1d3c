"""Picture files of a show, for backdrops and overlays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nightcast.gltf.pixels import rgba

__all__ = ["read_picture"]

_MOST_PX = 4096


def read_picture(file: Path, warn: Callable[[str], None]) -> Image.Image | None:
    """A picture in RGBA, shrunk to 4096 pixels a side; None, with one warning by its name, where it cannot be read."""
    try:
        with Image.open(file) as picture:
            picture.draft("RGB", (_MOST_PX, _MOST_PX))
            shown = rgba(picture)
            shown.thumbnail((_MOST_PX, _MOST_PX))
            return shown
    except Image.DecompressionBombError:
        warn(f"{file.name}: has too many pixels; shrink it to {_MOST_PX} a side. It is left out")
    except UnidentifiedImageError:
        warn(f"{file.name}: is no picture of a kind that can be read, such as PNG or JPEG. It is left out")
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # Pillow calls a broken chunk a SyntaxError
        warn(f"{file.name}: cannot be read as a picture ({error}). It is left out")
    return None
