"""Maps that hold one value everywhere, as exporters and bakers often write them, become that value.

A processor pays for reading a texture, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import U8, Material, TextureRef

#: Code values that a channel may vary by and still count as flat: what JPEG does to a plain colour.
NOISE = 3

#: Pixels of a map's side that lie between two that are looked at first.
STRIDE = 61

#: No bump, no occlusion, in code values.
_STRAIGHT, _OPEN = np.array([127.5, 127.5]), 255.0


def simplified(material: Material, pixels_of: Callable[[TextureRef], U8]) -> Material:
    """The material without flat normal, roughness, metal and occlusion maps, looking the same.

    `pixels_of` gives a texture's picture, (h, w, 4), and may raise ModelError. A material without a base colour map
    keeps its others: makeup is laid on under their coordinates.
    """
    if material.mtoon is not None or material.base_color_texture is None:
        return material
    normal, surface, occlusion = (
        None if ref is None else flat_value(pixels_of(ref))
        for ref in (material.normal_texture, material.metallic_roughness_texture, material.occlusion_texture)
    )
    if normal is not None and np.abs(normal[:2] - _STRAIGHT).max() < NOISE:
        material = replace(material, normal_texture=None)
    if occlusion is not None and _OPEN - occlusion[0] < NOISE:
        material = replace(material, occlusion_texture=None)
    shares_picture = material.occlusion_texture == material.metallic_roughness_texture
    if surface is not None and not shares_picture:
        surface[surface <= NOISE] = 0
        _, roughness, metallic, _ = (surface / 255).tolist()
        material = replace(
            material,
            metallic_roughness_texture=None,
            roughness=material.roughness * roughness,
            metallic=material.metallic * metallic,
        )
    return material


def flat_value(pixels: U8) -> NDArray[np.float64] | None:
    """(4,) the mean of a picture (h, w, 4) that is the same all over; None for any other."""
    for looked_at in (pixels[::STRIDE, ::STRIDE], pixels):
        if (np.ptp(looked_at.reshape(-1, 4), axis=0) > NOISE).any():
            return None
    return np.asarray(pixels.reshape(-1, 4).mean(axis=0))
