"""Hair that a hat presses: where it stands out above the hat's band, what is behind the person is drawn instead.

A person is known by the tracker's mask, whose edge is rough, and there by the hair's colour; what is behind, by what is
seen beside the person. Works on a window of the picture, (h, w, 3) sRGB bytes, a quarter as large. No GL.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from nightcast.tryon.finish import F32, Pixels, differ, grown, hands_matte, skin_and_hair, strands
from nightcast.tryon.product import F64

__all__ = ["press_hair"]

_COARSER = 4
# All pixels are those of the coarse window.
_EDGE_PX = 1.5  #: a person's outline is known no better
_SURELY_BEHIND, _MAYBE_PERSON = 0.06, 0.12
_BAND_PX, _SLANT = 2.0, 0.6  #: about the band, where a hat's width is seen; how steeply pressed hair leaves it
_SOFT_PX = 2.0
_MIXED = np.float32(0.5)  #: of the pixels within a hat's outermost ones, what is not the hat


def press_hair(
    done: Pixels,
    plain: Pixels,
    face_px: F64,
    hands_px: Sequence[F64],
    mask: Image.Image,
    band_px: F64,
    up: F64,
) -> None:
    """Take out of the window `done`, in place, the hair that would be under the hat that is worn in it.

    Args:
        plain: the window as the camera saw it.
        face_px: (478, 2) the face's landmarks in the window; `hands_px` (21, 2) those of hands, which stay.
        mask: of the window, at any size, 255 where somebody is.
        band_px: (2,) the middle of the hat's band; `up` (2,) the way to its crown, of length 1, y down.
    """
    coarse = Image.fromarray(plain).reduce(_COARSER)
    seen = np.asarray(coarse)
    hat = differ(seen, np.asarray(Image.fromarray(done).reduce(_COARSER)))
    outline = mask.resize(coarse.size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(_EDGE_PX))
    person = np.asarray(outline, np.float32) / np.float32(255)
    behind = person < _SURELY_BEHIND
    if not behind.any():
        return
    chosen = _above(hat, band_px / _COARSER, up) & (person > _MAYBE_PERSON)
    gone = _standing_out(seen, hat, chosen, person, face_px / _COARSER)
    hands = hands_matte([hand / _COARSER for hand in hands_px], hat.shape)
    if hands is not None:
        gone *= 1 - hands
    rows, columns = (np.flatnonzero(gone.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return
    top, left, bottom, right = rows[0], columns[0], min(rows[-1] + 2, len(gone)), min(columns[-1] + 2, gone.shape[1])
    nearest = np.asarray(ndimage.distance_transform_edt(~behind, return_distances=False, return_indices=True))
    ground = Image.fromarray(seen[nearest[0], nearest[1]]).filter(ImageFilter.GaussianBlur(_SOFT_PX))
    # Only what is changed is looked at in full size.
    fine = done[top * _COARSER : bottom * _COARSER, left * _COARSER : right * _COARSER]
    size, box = fine.shape[1::-1], (left, top, left + fine.shape[1] / _COARSER, top + fine.shape[0] / _COARSER)
    share, instead = (
        image.resize(size, Image.Resampling.BILINEAR, box)
        for image in (Image.fromarray((gone * 255).astype(np.uint8)), ground)
    )
    worn = differ(plain[top * _COARSER : bottom * _COARSER, left * _COARSER : right * _COARSER], fine)
    # A hat's outermost pixels are mixed with the hair behind it.
    edge = grown(~worn)
    open_to = np.where(edge, np.float32(1), np.where(grown(edge), _MIXED, np.float32(0)))
    part = Image.fromarray((np.asarray(share) * open_to).astype(np.uint8))
    fine[:] = np.asarray(Image.composite(instead, Image.fromarray(fine), part))


def _standing_out(seen: Pixels, hat: NDArray[np.bool_], chosen: NDArray[np.bool_], person: F32, face_px: F64) -> F32:
    """(h, w) where hair stands out, 0 to 1, of what is `chosen`; what shows below a brim stays."""
    under = np.maximum.accumulate(hat, axis=0)
    chosen = chosen & ~under
    sure = strands(seen[chosen], *skin_and_hair(seen, face_px, person))
    if sure is None:  # hair like skin: above a band a person is nothing but hair
        sure = (person[chosen] > 0.5).astype(np.float32)
    hair = np.zeros(hat.shape, np.float32)
    hair[chosen] = sure
    return np.where(under & ~hat, np.float32(0), ndimage.maximum_filter(hair, 5))


def _above(hat: NDArray[np.bool_], band_px: F64, up: F64) -> NDArray[np.bool_]:
    """(h, w) what is above the band of a `hat` that covers (h, w); and beside it the lower, the farther out it is."""
    y, x = (np.arange(side, dtype=np.float32) for side in hat.shape)
    x, y = x - band_px[0], y[:, None] - band_px[1]
    height, across = x * up[0] + y * up[1], x * up[1] - y * up[0]
    band = across[hat & (np.abs(height) < _BAND_PX)]
    if len(band):
        height = height + _SLANT * np.maximum(np.maximum(across - band.max(), band.min() - across), 0)
    return np.asarray(height > 0)
