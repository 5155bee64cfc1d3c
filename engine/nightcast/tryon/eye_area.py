"""Where an eye opens, its brow is, and what makeup lies about them, seen from straight ahead.

Everything is worked out in a square window of the face's front, from the mesh (the opening is where no skin is) and its
painted skin (the brow is what is darker than that). Columns run outwards, from the nose to the ear; rows run up. No GL.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.product import F64
from nightcast.tryon.raster import rasterised

__all__ = ["GROWN_EYES_M", "EyeArea", "eye_area"]

GROWN_EYES_M = 0.063  #: between a grown face's eyes
_HALF_MM, _CELL_MM = 40.0, 0.25
_SIDE = round(2 * _HALF_MM / _CELL_MM)
_NEAR_MM = 8.0
_SOCKET_MM = (11.0, 0.02)  #: behind the lids, in the eye's middle and with the square of what is beside it
_SOCKET_HALF_MM = (18.0, 10.0)
_OPENING_MM2 = (40.0, 900.0)
_BROW_MM2 = (40.0, 700.0)
_BROW_ABOVE_MM = (3.5, 26.0)  #: over the lashes
_DARKER = 0.82  #: a brow against the skin about it
#: Of a face on which the brow is not painted: how far over the lashes, half its width, half its height.
_USUAL_BROW_MM = (16.5, 19.0, 3.5)


@dataclass(frozen=True, eq=False)
class EyeArea:
    """One eye's window. `eye` is its middle (3,), metres; `out` the sign of X towards the ear; `size` against a
    grown face's. Masks are (side, side), 0 to 1.
    """

    eye: F64
    out: float
    size: float
    eyeliner: F64
    eyeshadow: F64
    brow: F64

    def at(self, mask: F64, place: F64) -> F64:
        """A mask of this window at places (…, 3) of the face; 0 outside of it."""
        across_mm, up_mm = (
            (place[..., k] - self.eye[k]) * way * 1000 / self.size for k, way in ((0, self.out), (1, 1))
        )
        column, row = (np.floor((each + _HALF_MM) / _CELL_MM).astype(np.intp) for each in (across_mm, up_mm))
        inside = (column >= 0) & (column < _SIDE) & (row >= 0) & (row < _SIDE) & (place[..., 2] > self.eye[2] - 0.02)
        found: F64 = np.where(inside, mask[row.clip(0, _SIDE - 1), column.clip(0, _SIDE - 1)], 0.0)
        return found


def eye_area(
    eye: F64,
    out: float,
    size: float,
    points: F64,
    normals: F64,
    uv: F64,
    light: F64,
    triangles: NDArray[np.intp],
) -> EyeArea | None:
    """The window about an eye; None where no opening is found in the mesh.

    Args:
        eye: (3,) its middle; `out` and `size` as in `EyeArea`.
        points, normals: (n, 3) of the face's vertices, host space; `uv` (n, 2).
        light: (h, w) of its painted skin in those UVs.
        triangles: (t, 3) of the face's front, without eyeballs.
    """
    from scipy import ndimage  # a fifth of a second, for those who wear makeup

    flat = np.column_stack([(points[:, 0] - eye[0]) * out, points[:, 1] - eye[1]]) / size * 1000
    skin = triangles[_is_lid_or_face(flat[triangles].mean(axis=1), points[triangles].mean(axis=1)[:, 2], size)
                     & (normals[triangles][..., 2].mean(axis=1) > 0.1)]  # fmt: skip
    shown, known = rasterised((flat + _HALF_MM) / (2 * _HALF_MM), skin, uv, _SIDE)
    opening = _opening(known)
    if opening is None:
        return None
    columns = np.flatnonzero(opening.any(axis=0))
    first, last = int(columns[0]), int(columns[-1])
    top = _SIDE - 1 - opening[::-1, first : last + 1].argmax(axis=0)
    lashes = ndimage.gaussian_filter1d(top.astype(np.float64), 1.0 / _CELL_MM)
    x, y = np.meshgrid(np.arange(_SIDE, dtype=np.float64), np.arange(_SIDE, dtype=np.float64))
    edge = np.interp(x[0], np.arange(first, last + 1), lashes)
    along = (x - first) / (last - first)  # 0 at the inner corner, 1 at the outer one
    above_mm = (y - edge) * _CELL_MM
    column, row = (np.floor(shown[..., k] * light.shape[1 - k]).astype(int) % light.shape[1 - k] for k in (0, 1))
    brow = _brow(light[row, column], known, above_mm, along)
    return EyeArea(eye, out, size, _eyeliner(x, above_mm, along, last), _eyeshadow(above_mm, along, brow), brow)


def _is_lid_or_face(flat_mm: F64, depth_m: F64, size: float) -> NDArray[np.bool_]:
    """Which triangles are not the socket behind the eyeball: it lies deeper than lids do, which recede outwards."""
    near = np.abs(flat_mm).max(axis=1) < _NEAR_MM
    front_m = float(np.quantile(depth_m[near], 0.9)) if near.any() else float(depth_m.max(initial=0.0))
    behind_mm = (front_m - depth_m) / size * 1000
    beside = (np.abs(flat_mm) > _SOCKET_HALF_MM).any(axis=1)
    return np.asarray(beside | (behind_mm < _SOCKET_MM[0] + _SOCKET_MM[1] * flat_mm[:, 0] ** 2))


def _opening(known: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The hole in the skin about the middle of the window."""
    from scipy import ndimage

    parts, _ = ndimage.label(ndimage.binary_opening(~ndimage.binary_closing(known, iterations=2), iterations=2))
    middle = slice(_SIDE // 2 - 20, _SIDE // 2 + 20)
    counts = np.bincount(parts[middle, middle].reshape(-1))
    counts[0] = 0
    if not counts.any():
        return None
    opening = parts == counts.argmax()
    area_mm2 = opening.sum() * _CELL_MM**2
    return opening if _OPENING_MM2[0] < area_mm2 < _OPENING_MM2[1] else None


def _brow(light: F64, known: NDArray[np.bool_], above_mm: F64, along: F64) -> F64:
    """The painted brow: what is darkest of a band over the eye; an oval where nothing is dark there."""
    from scipy import ndimage

    band = known & (above_mm > _BROW_ABOVE_MM[0]) & (above_mm < _BROW_ABOVE_MM[1]) & (along > -0.35) & (along < 1.4)
    if band.sum() > 100:
        skin, darkest = (float(np.quantile(light[band], share)) for share in (0.75, 0.03))
        dark = ndimage.binary_opening(band & (light < min(_DARKER * skin, (skin + darkest) / 2)), iterations=1)
        parts, count = ndimage.label(dark)
        sizes = ndimage.sum_labels(dark, parts, np.arange(1, count + 1)) * _CELL_MM**2
        if count and _BROW_MM2[0] < sizes.max() < _BROW_MM2[1]:
            rows, columns = np.nonzero(parts == sizes.argmax() + 1)
            if np.ptp(columns) > 1.5 * np.ptp(rows) and (above_mm[rows, columns] > _BROW_ABOVE_MM[0] + 1).all():
                found: F64 = ndimage.binary_closing(parts == sizes.argmax() + 1, iterations=4).astype(np.float64)
                return found
    up, wide, high = _USUAL_BROW_MM
    eye_mm = 30.0  # from corner to corner
    usual: F64 = np.exp(-((((along - 0.5) * eye_mm / wide) ** 2 + ((above_mm - up) / high) ** 2) ** 2))
    return usual


def _eyeliner(x: F64, above_mm: F64, along: F64, last: int) -> F64:
    """A line over the lashes that grows outwards, and a small wing."""
    thick_mm = 1.0 + 1.6 * np.clip(along, 0, 1)
    line = (above_mm > -1.2) & (above_mm < thick_mm) & (along > 0.04) & (along <= 1)
    beyond_mm = (x - last) * _CELL_MM
    wing = (beyond_mm > -0.5) & (beyond_mm < 5.5)
    wing &= np.abs(above_mm - 0.5 * beyond_mm - 1.2) < 1.3 * np.clip(1 - beyond_mm / 5.5, 0, 1)
    drawn: F64 = (line | wing).astype(np.float64)
    return drawn


def _eyeshadow(above_mm: F64, along: F64, brow: F64) -> F64:
    """From the lashes to two thirds of the way to the brow, fading."""
    browed = np.where(brow > 0.5, above_mm, np.inf).min(axis=0)
    usual_mm = float(np.median(browed[np.isfinite(browed)])) if np.isfinite(browed).any() else _USUAL_BROW_MM[0] - 3.5
    height_mm = np.clip(np.where(np.isfinite(browed), browed, usual_mm), 0.6 * usual_mm, 1.2 * usual_mm)
    share = above_mm / (0.8 * height_mm)[None, :]
    upwards = np.clip((1 - share) / 0.55, 0, 1) * (above_mm > -1.2)
    sideways = np.clip((along + 0.02) / 0.18, 0, 1) * np.clip((1.3 - 0.2 * share.clip(0, 1) - along) / 0.22, 0, 1)
    worn: F64 = _eased(upwards) * _eased(sideways)
    return worn


def _eased(share: F64) -> F64:
    eased: F64 = share * share * (3 - 2 * share)
    return eased
