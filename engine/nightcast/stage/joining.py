"""Roughness, metal and occlusion in what base colour and normal map leave free: two textures are read for three.

A processor pays for each fetch. Alpha of a colour that is not seen through, blue and alpha of a normal map, whose z
follows from x and y, hold what glTF keeps in a third picture.
"""

from __future__ import annotations

import numpy as np

from nightcast.gltf.records import U8

# glTF's metallic-roughness texture, which may hold occlusion too.
_OCCLUSION, _ROUGHNESS, _METAL = range(3)


def with_roughness(color: U8, surface: U8) -> U8:
    """A base colour (h, w, 4) with a surface map's (i, j, 4) roughness in its alpha, as large as the larger one."""
    color, surface = _as_large(color, surface)
    return np.dstack([color, surface[..., _ROUGHNESS]])


def with_metal(normal: U8, surface: U8) -> U8:
    """A normal map (h, w, 4) with a surface map's (i, j, 4) metal and occlusion in blue and alpha, likewise."""
    normal, surface = _as_large(normal, surface)
    return np.dstack([normal[..., :2], surface[..., _METAL], surface[..., _OCCLUSION]])


def _as_large(one: U8, other: U8) -> tuple[U8, U8]:
    """Both without their alpha, (h, w, 3)."""
    height, width = np.maximum(one.shape, other.shape)[:2]
    return _enlarged(one[..., :3], height, width), _enlarged(other[..., :3], height, width)


def _enlarged(pixels: U8, height: int, width: int) -> U8:
    """(height, width, 3), as a sampler would show it that repeats."""
    if pixels.shape[:2] == (height, width):
        return pixels
    from PIL import Image as Pictures

    rows, columns = pixels.shape[:2]
    around = Pictures.fromarray(np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="wrap"))
    box = (1, 1, 1 + columns, 1 + rows)
    return np.asarray(around.resize((width, height), Pictures.Resampling.BILINEAR, box=box))
