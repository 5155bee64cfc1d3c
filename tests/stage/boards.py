"""What small pictures are made of, for tests: coloured boards, where they hang, and the size they are drawn at."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from nightcast.gltf.records import Image, Material, Model

Pixels = NDArray[np.uint8]
Quad = Callable[..., Model]

SIZE = 64
EYE4 = np.eye(4, dtype=np.float32)
RED = Material("red", base_color=(1, 0, 0, 1), unlit=True)
GREEN = Material("green", base_color=(0, 1, 0, 1), unlit=True)


def place(x: float, y: float, z: float) -> dict[str, object]:
    return {"at": (x, y, z)}


def picture(array: Pixels) -> Image:
    out = io.BytesIO()
    PIL.Image.fromarray(array).save(out, "png")
    return Image("picture", out.getvalue(), "image/png")
