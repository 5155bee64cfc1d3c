"""Blends layers on the CPU, as the renderer must on the GPU; for tests that look at overlays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.stage.layers import Layer


def flatten(background: NDArray[np.uint8], layers: Sequence[Layer]) -> NDArray[np.uint8]:
    """(height, width, 3) RGB with the layers over it."""
    picture = background.astype(np.float32)
    for layer in layers:
        pixels = layer.bitmap.pixels
        if layer.source is not None:
            s = layer.source
            pixels = pixels[round(s.y_px) : round(s.bottom_px), round(s.x_px) : round(s.right_px)]
        image = Image.fromarray(np.ascontiguousarray(pixels), "RGBa")
        size = (round(layer.rect.width_px), round(layer.rect.height_px))
        if 0 in (*size, *image.size):
            continue
        if size != image.size:
            image = image.resize(size, Image.Resampling.BILINEAR)
        x, y = round(layer.rect.x_px), round(layer.rect.y_px)
        if layer.rotation_deg:
            turned = image.rotate(-layer.rotation_deg, Image.Resampling.BILINEAR, expand=True)
            x, y = x + (image.width - turned.width) // 2, y + (image.height - turned.height) // 2
            image = turned
        part = np.asarray(image).astype(np.float32) * layer.opacity
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + part.shape[1], picture.shape[1]), min(y + part.shape[0], picture.shape[0])
        if x0 < x1 and y0 < y1:
            part = part[y0 - y : y1 - y, x0 - x : x1 - x]
            window = picture[y0:y1, x0:x1]
            window *= 1 - part[..., 3:] / 255
            window += part[..., :3]
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)
