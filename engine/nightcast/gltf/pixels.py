"""Pillow's pictures as RGBA with eight bits, whatever they were."""

from __future__ import annotations

import numpy as np
from PIL import Image

__all__ = ["rgba"]


def rgba(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits keeps its upper eight: Pillow's own conversion makes white of all that is not black."""
    if picture.mode.startswith("I"):
        deep = np.clip(np.asarray(picture), 0, 65_535)
        picture = Image.fromarray((deep >> 8).astype(np.uint8))
    return picture.convert("RGBA")
