"""Pictures of hair: streaks for what covers the skull, and cut-out locks for cards. Strands run down along V."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Card:
    """A picture of strands for cards: how many, how thick in widths of the card, and down to where they are one."""

    strands: int
    half: float
    shortest: float
    solid: float = 0.0
    straight: bool = False  # strands of any length that do not gather towards the tip


FULL, LOOSE, WISP, FLUFF = range(4)
CARDS = (
    _Card(15, 0.075, 0.74, 0.62),
    _Card(11, 0.08, 0.6, 0.42),
    _Card(4, 0.11, 0.7),
    _Card(30, 0.011, 0.35, 0.0, True),
)
TILES = len(CARDS)  # side by side in the cards' texture


def card_texture(color: Color, size: int = 512) -> np.ndarray:
    """(size, size, 4) cut-out locks: two whole ones with frayed tips, a thin wisp, and the fluff of a hairline."""
    rng = np.random.default_rng(8)
    return np.concatenate([_picture(card, color, (size, size // TILES), rng) for card in CARDS], 1)


def _picture(card: _Card, color: Color, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(h, w, 4) one card."""
    height, width = size
    x = (np.arange(width) + 0.5) / width
    v = np.linspace(0, 1, height)[:, None]
    alpha, tone = np.zeros(size), np.zeros(size)
    for k in rng.permutation(card.strands):
        u = (k + rng.uniform(0.2, 0.8)) / card.strands
        middle = 1 - abs(2 * u - 1)
        root = rng.uniform(0.0, 0.2) * (1 - 0.5 * middle)
        grown = rng.uniform(0, 1) if card.straight else rng.uniform(0.25, 1.0) * (0.45 + 0.55 * middle)
        length = card.shortest + (1 - card.shortest) * grown
        sway = (
            rng.normal(0, 0.12) * v**1.3 if card.straight else rng.normal(0, 0.05) * v**1.5 + (0.5 - u) * 0.22 * v**2.2
        )
        s = np.clip((v - root) / (length - root), 0, 1)
        thick = card.half * np.clip(s / 0.15, 0, 1) ** 0.8 * np.clip((1 - s) / 0.25, 0, 1) ** 0.5
        near = np.abs(x - np.clip(0.04 + 0.92 * u + sway, 0.02, 0.98)) / np.maximum(thick, 1e-4)
        here = smoothstep(1.25, 0.75, near) * (thick > 1e-3)
        alpha = np.maximum(alpha, here)
        tone = np.where(here > 0.3, rng.normal(0, 1.0) - 0.8 * near**2, tone)
    if card.solid:
        closed = smoothstep(0.06, 0.2, v) * smoothstep(card.solid, card.solid - 0.1, v)
        alpha = np.maximum(alpha, closed * smoothstep(0.08, 0.2, 1 - np.abs(2 * x - 1)))
    broad = np.interp(x, np.linspace(0, 1, 5), rng.standard_normal(5)) * np.ones(size)
    down = np.broadcast_to(0.15 + 0.1 * v if card.straight else v, size)
    return np.concatenate([_tone(color, tone, 0.6 * broad, down), alpha[..., None]], -1)
