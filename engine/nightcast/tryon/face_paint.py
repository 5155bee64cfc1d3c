"""Makeup on a person: colour laid on the picture itself, where a face's landmarks say that lips, lids and cheeks are.

Regions are drawn in a box around the face at twice its resolution, softened, and mixed in Oklab: hue and chroma become
the product's, lightness moves towards it and keeps the skin's own detail. Lips end where the picture's own colour
changes, near where the landmarks say so. Pixels: origin top left, y down. No GL.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nightcast.show.wear import Makeup
from nightcast.tryon.colour import from_oklab, rgb_of, to_oklab
from nightcast.tryon.product import F64

__all__ = ["face_region", "paint_face"]

F32 = NDArray[np.float32]
_FINE = 2  #: samples of a region along a pixel's side
_EYES_MM = 63.0  #: between a grown face's pupils

# Outlines in the landmarks of MediaPipe's face mesh.
_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
#: Of each side, the wearer's right first: an eye's outline from its outer corner over the upper lid, and the way back.
_UPPER_LID = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (263, 466, 388, 387, 386, 385, 384, 398, 362))
_LOWER_LID = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (263, 249, 390, 373, 374, 380, 381, 382, 362))
_BROW_BELOW = ((46, 53, 52, 65, 55), (276, 283, 282, 295, 285))
_BROW_ABOVE = ((70, 63, 105, 66, 107), (300, 293, 334, 296, 336))
_CHEEK = (50, 280)
_PUPILS = (468, 473)
_LIPS_ASTRAY_MM = 1.2  #: how far landmarks of lips are from their edge
_LIKE_SKIN, _LIKE_LIPS = (
    0.2,
    0.7,
)  #: shares of the way from the skin's colour to the lips' that are surely one or the other
_DOUBT = 0.05
_ALIKE = 0.8  #: spreads of both colours, against how far they are apart, from which on they cannot be told

#: How far lightness moves to the product's where opacity is 1: what hides skin moves it most.
_COVERS = {"lips": 0.75, "eyeshadow": 0.6, "eyeliner": 1.0, "brow": 0.7, "blush": 0.25, "foundation": 0.35}
#: What a finish does to the skin's own light and shade: (contrast, extra in the lights).
_FINISH = {"matte": (0.7, 0.0), "satin": (1.0, 0.0), "gloss": (1.1, 1.3), "metallic": (1.2, 0.8), "shimmer": (1.0, 0.5)}


def paint_face(pixels: NDArray[np.uint8], landmarks_px: F64, makeup: Makeup, colour: str | None = None) -> None:
    """Make a face up, in place. `pixels` (h, w, 3) sRGB, landmarks (478, 2); `colour` is a variant's."""
    found = face_region(makeup, landmarks_px, pixels)
    if found is None:
        return
    (x0, y0), mask = found
    rows, columns = mask.shape
    window = pixels[y0 : y0 + rows, x0 : x0 + columns]
    share = mask * np.float32(makeup.opacity)
    touched = share > 1 / 255
    if not touched.any():
        return
    skin = to_oklab(window[touched])
    share = share[touched][:, None]
    wanted = to_oklab(np.array([rgb_of(colour or makeup.colour)], np.uint8))[0]
    inside = share[:, 0] > 0.5 * share.max()
    level = float(np.median(skin[inside, 0]))
    detail = skin[:, :1] - level
    contrast, lights = _FINISH[makeup.finish]
    shone = contrast * detail + lights * np.maximum(detail, 0.0)
    if makeup.finish == "shimmer":
        shone = shone + 0.05 * _sparkle(touched)[:, None]
    light = level + _COVERS[makeup.region] * (wanted[0] - level) + shone
    made_up = np.concatenate([light, np.broadcast_to(wanted[1:], (len(skin), 2))], axis=1)
    if makeup.region == "foundation":
        made_up[:, 1:] = 0.5 * made_up[:, 1:] + 0.5 * skin[:, 1:]  # skin's own tone is to be evened, not hidden
    window[touched] = from_oklab(skin + share * (made_up.astype(np.float32) - skin))


def face_region(makeup: Makeup, landmarks_px: F64, pixels: NDArray[np.uint8]) -> tuple[tuple[int, int], F32] | None:
    """Left and top of a box of the picture, and how much each of its pixels is made up, 0 to 1; None outside of it."""
    shape = pixels.shape
    draw = _REGIONS[makeup.region]
    points = landmarks_px
    eyes = points[list(_PUPILS)] if len(points) > max(_PUPILS) else points[[33, 263]] * 0.85 + points[[133, 362]] * 0.15
    px_per_mm = float(np.linalg.norm(eyes[0] - eyes[1])) / _EYES_MM
    feather_px = max(makeup.feather * px_per_mm / 2, 0.6)
    pad = 3 * feather_px + 12 * px_per_mm + 2
    low = np.floor(points[list(_BOX[makeup.region])].min(axis=0) - pad).astype(int)
    high = np.ceil(points[list(_BOX[makeup.region])].max(axis=0) + pad).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, [shape[1], shape[0]])
    if (high - low < 2).any() or px_per_mm < 0.2:
        return None
    size = high - low
    image = Image.new("L", (int(size[0]) * _FINE, int(size[1]) * _FINE))
    draw(ImageDraw.Draw(image), (points - low) * _FINE, px_per_mm * _FINE)
    drawn = image.resize((int(size[0]), int(size[1])), Image.Resampling.BOX)
    if makeup.region == "lips":
        drawn = _to_their_edge(drawn, pixels[low[1] : high[1], low[0] : high[0]], px_per_mm)
    soft_px = feather_px + _SOFTER_MM.get(makeup.region, 0.0) * px_per_mm
    return (int(low[0]), int(low[1])), _unit(drawn.filter(ImageFilter.GaussianBlur(soft_px)))


def _to_their_edge(lips: Image.Image, window: NDArray[np.uint8], px_per_mm: float) -> Image.Image:
    """Lips as the landmarks have them, moved to where their colour ends; as they were where it is the skin's.

    What the landmarks say, blurred by how far they are astray, is believed as much as what hue and chroma say (Bayes).
    """
    expected = _unit(lips.filter(ImageFilter.GaussianBlur(_LIPS_ASTRAY_MM * px_per_mm)))
    near = _unit(lips.filter(ImageFilter.GaussianBlur(2.5 * _LIPS_ASTRAY_MM * px_per_mm))) > 0.02
    hue = to_oklab(window.reshape(-1, 3))[:, 1:].reshape(*expected.shape, 2)
    inside, outside = expected > 0.8, near & (expected < 0.12)
    if min(inside.sum(), outside.sum()) < 20:
        return lips
    skin = np.median(hue[outside], axis=0)
    way = np.median(hue[inside], axis=0) - skin
    along = (hue - skin) @ way / max(float(way @ way), 1e-9)
    spread = 1.48 * (np.median(np.abs(along[inside] - 1)) + np.median(np.abs(along[outside])))
    if spread > _ALIKE:
        return lips
    like = np.clip((along - _LIKE_SKIN) / (_LIKE_LIPS - _LIKE_SKIN), _DOUBT, 1 - _DOUBT)
    share = expected * like / (expected * like + (1 - expected) * (1 - like))
    return Image.fromarray((255 * share).round().astype(np.uint8))


def _unit(image: Image.Image) -> F32:
    """(h, w) 0 to 1."""
    values: F32 = np.asarray(image, np.float32) * np.float32(1 / 255)
    return values


def _sparkle(touched: NDArray[np.bool_]) -> F32:
    """(n,) grains that stay on the face: they are laid over the region's own box, not over the picture."""
    rows, columns = touched.shape
    grains = np.random.default_rng(7).random((64, 64), np.float32) ** 12
    spread = np.asarray(Image.fromarray(grains).resize((columns, rows), Image.Resampling.BILINEAR))
    return spread[touched]


# ---- regions, drawn at `_FINE` samples a pixel


def _lips(draw: ImageDraw.ImageDraw, points: F64, _scale: float) -> None:
    _fill(draw, points, _LIPS, 255)
    _fill(draw, points, _MOUTH, 0)


def _eyeshadow(draw: ImageDraw.ImageDraw, points: F64, _scale: float) -> None:
    for lid, brow in zip(_UPPER_LID, _BROW_BELOW, strict=True):
        edge = points[list(lid)]
        above = _along(points[list(brow)], len(edge))
        _polygon(draw, np.concatenate([edge, (edge + 0.55 * (above - edge))[::-1]]), 255)
    _eyes(draw, points, 0)


def _eyeliner(draw: ImageDraw.ImageDraw, points: F64, scale: float) -> None:
    for lid in _UPPER_LID:
        edge = points[list(lid)]
        outer = edge[0] + (edge[0] - edge[8]) * 0.16 + (edge[2] - edge[0]) * 0.35  # a small wing
        line = [tuple(point) for point in np.vstack([outer, edge])]
        draw.line(line, fill=255, width=max(round(1.5 * scale), 1), joint="curve")


def _brows(draw: ImageDraw.ImageDraw, points: F64, _scale: float, value: int = 255) -> None:
    for below, above in zip(_BROW_BELOW, _BROW_ABOVE, strict=True):
        _polygon(draw, np.concatenate([points[list(below)], points[list(above)][::-1]]), value)


def _blush(draw: ImageDraw.ImageDraw, points: F64, scale: float) -> None:
    for cheek in _CHEEK:
        x, y = points[cheek]
        draw.ellipse((x - 15 * scale, y - 9 * scale, x + 15 * scale, y + 9 * scale), fill=190)


def _foundation(draw: ImageDraw.ImageDraw, points: F64, scale: float) -> None:
    _fill(draw, points, _OVAL, 255)
    _eyes(draw, points, 0)
    _brows(draw, points, scale, 0)
    _fill(draw, points, _LIPS, 0)


def _eyes(draw: ImageDraw.ImageDraw, points: F64, value: int) -> None:
    for upper, lower in zip(_UPPER_LID, _LOWER_LID, strict=True):
        _polygon(draw, np.concatenate([points[list(upper)], points[list(lower)][::-1]]), value)


def _fill(draw: ImageDraw.ImageDraw, points: F64, outline: Sequence[int], value: int) -> None:
    _polygon(draw, points[list(outline)], value)


def _polygon(draw: ImageDraw.ImageDraw, corners: F64, value: int) -> None:
    draw.polygon([tuple(corner) for corner in corners], fill=value)


def _along(line: F64, count: int) -> F64:
    """(count, 2) points evenly along a line."""
    at = np.linspace(0, len(line) - 1, count)
    return np.column_stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in (0, 1)])


_REGIONS = {
    "lips": _lips,
    "eyeshadow": _eyeshadow,
    "eyeliner": _eyeliner,
    "brow": _brows,
    "blush": _blush,
    "foundation": _foundation,
}
_BROWS = tuple(point for side in (*_BROW_BELOW, *_BROW_ABOVE) for point in side)
_BOX = {
    "lips": _LIPS,
    "eyeshadow": (*_BROWS, *_LOWER_LID[0], *_LOWER_LID[1]),
    "eyeliner": (*_BROWS, *_LOWER_LID[0], *_LOWER_LID[1]),
    "brow": _BROWS,
    "blush": (*_CHEEK, *_OVAL),
    "foundation": _OVAL,
}
#: Softer than the product's own feather: blush and shadow fade.
_SOFTER_MM = {"blush": 5.0, "eyeshadow": 1.6, "foundation": 3.0, "brow": 0.6}
