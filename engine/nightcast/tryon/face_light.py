"""Light as a face shows it: how bright, and from where, by what the skin reflects at each landmark. Pure.

The face is taken for a matt surface whose normals are those of our reference head; brightness is fitted as a level
and a slope along each axis (first-order harmonics). Directions are in camera space, as in `pnp`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.heads import head_model
from nightcast.tryon.person import Person
from nightcast.tryon.product import F64

__all__ = ["FaceLight", "Shine"]

_SKIN_REFLECTS = 0.35  #: of full light, skin of a middle tone
_STEP = 0.1  #: brightness changes in steps, so that light need not be worked out anew for each picture
_LOWEST = 0.0  #: light from the floor is rarer than a dark chin
_EASE = 0.08  #: share of a new picture in what is believed
#: Landmarks on bare skin: forehead, cheeks, nose, chin.
_SKIN = (
    9, 8, 6, 197, 195, 5, 4, 151, 108, 337, 69, 299, 67, 297, 104, 333, 50, 280, 101, 330, 118, 347, 117, 346, 123, 352,
    147, 376, 187, 411, 205, 425, 36, 266, 142, 371, 199, 200, 175, 208, 428, 171, 396, 135, 364, 138, 367, 213, 433,
)  # fmt: skip


@dataclass(frozen=True)
class Shine:
    """`level` is 1 in full light; `toward` (3,) points to the light, the longer the more of it comes from there."""

    level: float
    toward: tuple[float, float, float]


class FaceLight:
    """Follows the light on faces; changes slowly."""

    def __init__(self) -> None:
        self._fit: F64 | None = None
        self._level = 1.0

    def observe(self, pixels: NDArray[np.uint8], person: Person) -> Shine:
        """`pixels` (h, w, 3) are the whole picture that the person was seen in."""
        found = _harmonics(pixels, person)
        if found is not None:
            self._fit = found if self._fit is None else self._fit + _EASE * (found - self._fit)
        if self._fit is None:
            return Shine(1.0, (0.0, 0.0, 0.0))
        level = float(np.clip(self._fit[0] / _SKIN_REFLECTS, 0.15, 2.0))
        if abs(level - self._level) > 0.7 * _STEP * self._level:
            self._level = max(round(level / _STEP), 1) * _STEP
        x, y, z = self._fit[1:] / max(float(self._fit[0]), 1e-3)
        # What light from straight ahead gives and what light from all around gives look alike on a face.
        return Shine(self._level, (float(np.clip(x, -1, 1)), float(np.clip(y, _LOWEST, 1)), float(np.clip(z, 0, 1))))


def _harmonics(pixels: NDArray[np.uint8], person: Person) -> F64 | None:
    """Mean brightness of a face and how it grows along each axis (4,); None for one that is hardly in the picture."""
    if person.landmarks_px is None:
        return None
    at = person.landmarks_px[list(_SKIN)].round().astype(int)
    inside = ((at >= 0) & (at < [pixels.shape[1], pixels.shape[0]])).all(axis=1)
    if inside.sum() < 16:
        return None
    at = at[inside]
    luma = (pixels[at[:, 1], at[:, 0]] / 255.0) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
    normals = _normals()[inside] @ person.rotation.T
    level = float(np.median(luma))
    slopes = normals - normals.mean(axis=0)
    solved = np.linalg.solve(slopes.T @ slopes + 2.0 * np.eye(3), slopes.T @ (luma - luma.mean()))
    return np.array([level, *solved])


def _normals() -> F64:
    """(n, 3) normals of the reference head at `_SKIN`, about: away from a line through the middle of the head."""
    points = head_model().points_mm[list(_SKIN)]
    away = points - np.column_stack([np.zeros(len(points)), 0.6 * points[:, 1], np.full(len(points), -45.0)])
    unit: F64 = away / np.linalg.norm(away, axis=1, keepdims=True)
    return unit
