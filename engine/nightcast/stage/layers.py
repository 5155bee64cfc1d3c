"""What is laid over the rendered picture: bitmaps and where they go.

Frame: output pixels, origin top left, x right, y down. Pixels are sRGB-encoded and premultiplied by
alpha *in that encoding*: the renderer blends them after tone mapping with `one, one_minus_src_alpha`.
No GL; any thread.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: (height, width, 4) uint8, premultiplied RGBA, row 0 on top, C-contiguous.
Pixels = NDArray[np.uint8]

_keys = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Bitmap:
    """An immutable picture. Equal `key` means equal pixels: keep its texture while the key is seen."""

    pixels: Pixels
    key: int = field(default_factory=lambda: next(_keys))

    @property
    def width_px(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels: left, top, width, height."""

    x_px: float
    y_px: float
    width_px: float
    height_px: float

    @property
    def right_px(self) -> float:
        return self.x_px + self.width_px

    @property
    def bottom_px(self) -> float:
        return self.y_px + self.height_px


@dataclass(frozen=True)
class Layer:
    """One bitmap drawn into `rect`, turned about the rectangle's centre, in list order (the last is on top).

    `source` crops the bitmap, in its own pixels; None draws all of it. Where `rect` has the source's size and
    whole coordinates, and `rotation_deg` is 0, the renderer copies pixels one to one (text stays crisp).
    """

    bitmap: Bitmap
    rect: Rect
    opacity: float = 1.0
    rotation_deg: float = 0.0  #: clockwise, as seen
    source: Rect | None = None
