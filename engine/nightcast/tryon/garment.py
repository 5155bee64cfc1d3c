"""A garment's picture on a person before a camera: bent after shoulders, hips and arms, cut by the person's outline.

It is a picture, not a cloth: it knows no folds, no side and no back, and shows what its photograph shows.
Pixels: origin top left, y down. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nightcast.show.wear import Garment
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body

__all__ = ["dress"]

#: Landmarks of a body, by the names that a garment's picture gives them.
_JOINTS = {
    "shoulder_l": 11, "shoulder_r": 12, "elbow_l": 13, "elbow_r": 14,
    "wrist_l": 15, "wrist_r": 16, "hip_l": 23, "hip_r": 24,
    "knee_l": 25, "knee_r": 26,
}  # fmt: skip
_LEAST = ("shoulder_l", "shoulder_r", "hip_l", "hip_r")
_SURE = 0.5
_CUT_OFF = 0.95  #: of a picture's height: hips below are believed where the tracker takes them to be
_STEP_PX = 16  #: the bend is worked out for every so many pixels, and between them in straight lines
#: In widths of the shoulders: how far cloth stands off a body, how thick a forearm is, how far before the body it is.
_LOOSE, _FOREARM, _BEFORE = 0.07, 0.2, 0.35


def dress(
    picture: NDArray[np.uint8],
    cloth: NDArray[np.uint8],
    garment: Garment,
    body: Body,
    mask: NDArray[np.uint8] | None,
    hands_px: Sequence[F64] = (),
    level: float = 1.0,
) -> bool:
    """Draw a cut-out `cloth` (h, w, 4), straight alpha, on the body in `picture` (h, w, 3), in place.

    `mask` is 255 where a person is, at any size; `hands_px` (21, 2) each stay before it; `level` is how bright the
    light is. False where shoulders and hips are not all seen, but for hips below the
    picture: nothing is drawn then.
    """
    points = _points(garment, body, cloth.shape, picture.shape[0])
    if points is None:
        return False
    there, here = points
    height, width = picture.shape[:2]
    corners = np.array([[x, y] for x in (0, cloth.shape[1]) for y in (0, cloth.shape[0])], np.float64)
    reach = _Bend(here, there)(corners)
    left, top = np.clip(np.floor(reach.min(axis=0)), 0, [width, height]).astype(int)
    right, bottom = np.clip(np.ceil(reach.max(axis=0)), 0, [width, height]).astype(int)
    if right - left < 2 or bottom - top < 2:
        return False
    drawn = _sampled(cloth, _grid(_Bend(there, here), (left, top, right, bottom)))
    shoulders_px = float(np.linalg.norm(body.seen_px[11] - body.seen_px[12]))
    shown = drawn[..., 3:] * _outline(mask, (left, top, right, bottom), (height, width), _LOOSE * shoulders_px)
    shown = shown * (1 - _nearer(body, hands_px, (left, top, right, bottom), shoulders_px))
    window = picture[top:bottom, left:right]
    lit = np.clip(drawn[..., :3] * level, 0, 255)
    window[:] = np.round(window * (1 - shown) + lit * shown).astype(np.uint8)
    return True


def _points(garment: Garment, body: Body, shape: tuple[int, ...], height_px: int) -> tuple[F64, F64] | None:
    """The joints that both know (n, 2): on the body, and in the garment's picture."""

    def is_known(name: str) -> bool:
        below = name.startswith("hip") and body.seen_px[_JOINTS[name], 1] > _CUT_OFF * height_px
        return bool(below or body.sure[_JOINTS[name]] >= _SURE)

    known = {name: place for name, place in garment.joints.items() if name in _JOINTS and is_known(name)}
    if not all(name in known for name in _LEAST):
        return None
    there = np.array([body.seen_px[_JOINTS[name]] for name in known])
    return there, np.array(list(known.values())) * [shape[1], shape[0]]


class _Bend:
    """A thin plate that goes through `start` (n, 2) at `end` (n, 2), and bends as little as it can between."""

    def __init__(self, start: F64, end: F64) -> None:
        from scipy.interpolate import RBFInterpolator  # a third of a second, for those who wear garments

        self._plate = RBFInterpolator(start, end, kernel="thin_plate_spline")

    def __call__(self, places: F64) -> F64:
        bent: F64 = self._plate(places)
        return bent


def _grid(bend: _Bend, box: tuple[int, int, int, int]) -> F64:
    """(h, w, 2) where each pixel of a box is in the garment's picture."""
    left, top, right, bottom = box
    columns, rows = (
        np.linspace(low, high, max(2, (high - low) // _STEP_PX + 1)) for low, high in ((left, right), (top, bottom))
    )
    coarse = bend(np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)).reshape(len(rows), len(columns), 2)
    x, y = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
    across = np.stack([[np.interp(x, columns, row[:, axis]) for row in coarse] for axis in (0, 1)], axis=-1)
    at = np.clip(np.interp(y, rows, np.arange(len(rows))), 0, len(rows) - 1 - 1e-9)
    first = at.astype(int)
    share = (at - first)[:, None, None]
    fine: F64 = across[first] * (1 - share) + across[first + 1] * share
    return fine


def _sampled(cloth: NDArray[np.uint8], places: F64) -> NDArray[np.float32]:
    """(h, w, 4) colour 0…255 and alpha 0…1 of the cloth at places (h, w, 2), between pixels; clear outside of it."""
    from scipy.ndimage import map_coordinates

    alpha = cloth[..., 3].astype(np.float32) / 255
    rows, columns = places[..., 1] - 0.5, places[..., 0] - 0.5
    layers = [*(cloth[..., channel] * alpha for channel in range(3)), alpha]
    taken = [map_coordinates(layer, [rows, columns], order=1, cval=0.0) for layer in layers]
    out = np.stack(taken, axis=-1).astype(np.float32)
    out[..., :3] /= np.maximum(out[..., 3:], 1e-4)
    return out


def _outline(
    mask: NDArray[np.uint8] | None, box: tuple[int, int, int, int], size: tuple[int, int], loose_px: float
) -> NDArray[np.float32]:
    """(h, w, 1) where the person is, and a little beside: cloth stands off a body."""
    left, top, right, bottom = box
    if mask is None:
        return np.ones((bottom - top, right - left, 1), np.float32)
    small = Image.fromarray(mask).filter(ImageFilter.MaxFilter(2 * round(loose_px * mask.shape[1] / size[1]) + 1))
    whole = small.resize((size[1], size[0]), Image.Resampling.BILINEAR).crop(box)
    soft = np.asarray(whole, np.float32)[..., None] / 255
    shown: NDArray[np.float32] = np.clip(soft * 2 - 0.5, 0, 1).astype(np.float32)
    return shown


def _nearer(
    body: Body, hands_px: Sequence[F64], box: tuple[int, int, int, int], shoulders_px: float
) -> NDArray[np.float32]:
    """(h, w, 1) where hands, and forearms that are before the body, hide it."""
    left, top, right, bottom = box
    image = Image.new("L", (right - left, bottom - top))
    draw = ImageDraw.Draw(image)
    thick = round(max(_FOREARM * shoulders_px, 2))

    def line(a: F64, b: F64) -> None:
        ends = [(float(x) - left, float(y) - top) for x, y in (a, b)]
        draw.line(ends, fill=255, width=thick)
        for x, y in ends:
            draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)

    shoulders = body.shape_mm[[11, 12]]
    wide_mm = float(np.linalg.norm(shoulders[0] - shoulders[1]))
    for elbow, wrist in ((13, 15), (14, 16)):
        ahead_mm = float(body.shape_mm[wrist, 2] - shoulders[:, 2].mean())
        if min(body.sure[[elbow, wrist]]) >= _SURE and ahead_mm > _BEFORE * wide_mm:
            line(body.seen_px[elbow], body.seen_px[wrist])
    for hand in hands_px:
        draw.polygon([(float(x) - left, float(y) - top) for x, y in hand[[0, 1, 5, 9, 13, 17]]], fill=255)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.5)), np.float32)[..., None]
    nearer: NDArray[np.float32] = soft * np.float32(1 / 255)
    return nearer
