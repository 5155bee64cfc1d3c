"""Colour for what is laid into a camera's picture: sRGB to light and back, and Oklab (Ottosson 2020). Arrays, no GL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["from_light", "from_oklab", "rgb_of", "to_light", "to_oklab"]

F32 = NDArray[np.float32]

_encoded = np.arange(256) / 255
_LIGHT: F32 = np.where(_encoded <= 0.04045, _encoded / 12.92, ((_encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)
#: The way back, looked up: as fine as bytes are, and ten times as fast as powers.
_FINE = 16383
_light = np.arange(_FINE + 1) / _FINE
_BYTES = (255 * np.where(_light <= 0.0031308, 12.92 * _light, 1.055 * _light ** (1 / 2.4) - 0.055) + 0.5).astype(
    np.uint8
)

# From https://bottosson.github.io/posts/oklab/ (public domain).
_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929],
     [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468],
     [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32)  # fmt: skip
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_CONES = np.linalg.inv(_TO_CONES)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as three bytes."""
    value = colour.lstrip("#")
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def to_light(pixels: NDArray[np.uint8]) -> F32:
    """Linear light 0…1 of sRGB bytes."""
    light: F32 = _LIGHT[pixels]
    return light


def from_light(light: F32) -> NDArray[np.uint8]:
    """sRGB bytes of linear light."""
    pixels: NDArray[np.uint8] = _BYTES[(np.clip(light, 0, 1) * _FINE + 0.5).astype(np.uint16)]
    return pixels


def to_oklab(pixels: NDArray[np.uint8]) -> F32:
    """(n, 3) lightness and two opponents, of sRGB bytes (n, 3)."""
    lab: F32 = np.cbrt(to_light(pixels) @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def from_oklab(lab: F32) -> NDArray[np.uint8]:
    """sRGB bytes (n, 3)."""
    return from_light((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T)
