"""Pictures of hair: streaks for all that is solid, and cut-out hairs for its edge. Strands run down along V."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .paint import Color
from .stylise import smoothstep

STRANDS_U = 0.86  # the streaks' right edge is kept for accents


def _tone(color: Color, fine: np.ndarray, broad: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(..., 3) colour of strands: dark at the root, warm and lighter at the tip, with a ragged band of light."""
    base = np.asarray(color)
    image = base * np.clip(1 + 0.17 * fine + 0.15 * broad, 0.4, 1.8)[..., None]
    image = image * (0.55 + 0.45 * smoothstep(0.0, 0.22, v))[..., None]
    tip = smoothstep(0.45, 1.0, v)[..., None]
    image = image * (1 + tip * np.array([0.40, 0.28, 0.20]))
    ragged = v - 0.035 * fine - 0.05 * broad
    light = np.exp(-(((ragged - 0.32) / 0.10) ** 2)) + 0.35 * np.exp(-(((ragged - 0.72) / 0.08) ** 2))
    shine = np.clip(light * (0.6 + 0.25 * fine), 0, 1)[..., None]
    return np.clip(image + shine * (base * 1.1 + (0.055, 0.043, 0.035)), 0, 1)


def strand_texture(color: Color, accents: list[Color], size: int = 512) -> np.ndarray:
    """(size, size, 3) strands along V; the rightmost eighth holds flat accents, top to bottom."""
    rng = np.random.default_rng(4)
    fine = ndimage.gaussian_filter(rng.standard_normal((size, size)), (70, 0.9), mode="wrap")
    broad = ndimage.gaussian_filter(rng.standard_normal((size, size)), (90, 6.0), mode="wrap")
    v = np.broadcast_to(np.linspace(0, 1, size)[:, None], (size, size))
    image = _tone(color, fine / fine.std(), broad / broad.std(), v)
    for number, accent in enumerate(accents):
        top = number * size // max(len(accents), 1)
        image[top : top + size // len(accents), -size // 8 :] = accent
    return image


def fluff_texture(color: Color, size: tuple[int, int] = (256, 96)) -> np.ndarray:
    """(h, w, 4) single fine hairs of all lengths, for the edge of a hairline."""
    rng = np.random.default_rng(8)
    height, width = size
    x = (np.arange(width) + 0.5) / width
    v = np.linspace(0, 1, height)[:, None]
    alpha, tone = np.zeros(size), np.zeros(size)
    for k in rng.permutation(30):
        u = (k + rng.uniform(0.2, 0.8)) / 30
        root, length = rng.uniform(0.0, 0.15), rng.uniform(0.35, 1.0)
        s = np.clip((v - root) / (length - root), 0, 1)
        thick = 0.014 * np.clip(s / 0.15, 0, 1) ** 0.8 * np.clip((1 - s) / 0.25, 0, 1) ** 0.5
        middle = np.clip(0.04 + 0.92 * u + rng.normal(0, 0.12) * v**1.3, 0.02, 0.98)
        near = np.abs(x - middle) / np.maximum(thick, 1e-4)
        here = smoothstep(1.25, 0.75, near) * (thick > 1e-3)
        alpha = np.maximum(alpha, here)
        tone = np.where(here > 0.3, rng.normal(0, 1.0) - 0.8 * near**2, tone)
    down = np.broadcast_to(0.15 + 0.1 * v, size)
    return np.concatenate([_tone(color, tone, np.zeros(size), down), alpha[..., None]], -1)
