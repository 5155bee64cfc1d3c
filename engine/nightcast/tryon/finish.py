"""Makes a drawn product part of a camera's picture: its shadow on the skin, the camera's blur and grain over it, and
hair and hands before it. Works on a window of the picture, (h, w, 3) sRGB bytes; mixes in linear light. No GL.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nightcast.tryon.colour import from_light, to_light
from nightcast.tryon.product import F64

__all__ = [
    "CameraLook",
    "differ",
    "finished",
    "grown",
    "hair_matte",
    "hands_matte",
    "skin_and_hair",
    "skin_area",
    "strands",
]

F32 = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_PRODUCT_BLUR_PX = 0.55  #: how soft the renderer's own edges are
_MOST_BLUR_PX = 3.0
_MOST_PASSES = 3
_EDGE_PX = 6  #: about what is covered, for what softness spreads
_SHADOW = 0.30  #: of the light, directly under a product
_QUARTER = 4
#: Fingers and palm between the landmarks of a hand, and how thick they are against the palm's width.
_BONES = (
    *((a, a + 1, 0.2) for start in (1, 5, 9, 13, 17) for a in range(start, start + 3)),
    (0, 1, 0.3), (1, 5, 0.3), (0, 5, 0.3), (0, 9, 0.35), (0, 13, 0.35), (0, 17, 0.3),
    (5, 9, 0.28), (9, 13, 0.28), (13, 17, 0.28),
)  # fmt: skip


@dataclass
class CameraLook:
    """How noisy and how soft a camera's pictures are, measured now and then and remembered."""

    grain: float = 0.0  #: standard deviation of luma, in bytes
    blur_px: float = 0.0
    _seen: int = 0

    def observe(self, window: Pixels) -> None:
        """Look at a piece of a picture; the first is believed at once, later ones move the figures slowly."""
        luma = np.asarray(Image.fromarray(window).convert("L"), np.float32)
        if min(luma.shape) < 8:
            return
        share = 1.0 if self._seen == 0 else 0.1
        self.grain += share * (_grain(luma) - self.grain)
        self.blur_px += share * (_blur_px(luma) - self.blur_px)
        self._seen += 1


def _grain(luma: F32) -> float:
    """Noise by the median of a Laplacian that edges hardly move (after Immerkær 1996)."""
    cross = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    corners = luma[:-2, :-2] + luma[:-2, 2:] + luma[2:, :-2] + luma[2:, 2:]
    difference = corners - 2 * cross + 4 * luma[1:-1, 1:-1]
    return float(1.4826 * np.median(np.abs(difference)) / 6)


def _blur_px(luma: F32) -> float:
    """Softness of the strongest edges, by how much they lose to a blur of one pixel (after Zhuo and Sim 2011)."""
    again = np.asarray(Image.fromarray(luma.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.0)))
    before, after = (np.hypot(*np.gradient(each.astype(np.float32))) for each in (luma, again))
    strong = before >= np.quantile(before, 0.985)
    ratio = float(np.median(before[strong] / np.maximum(after[strong], 1e-3)))
    return min(1 / math.sqrt(max(ratio**2 - 1, 1e-3)), _MOST_BLUR_PX)


def finished(
    plain: Pixels, drawn: Pixels, look: CameraLook, *, skin: F32 | None, before: F32 | None, px_per_mm: float, seed: int
) -> Pixels:
    """The window with its product.

    Args:
        plain: as the camera saw it; `drawn`: the same with the product drawn sharp and clean.
        skin: (h, w) where a shadow may fall, 0 to 1.
        before: (h, w) what is nearer than the product (hair, hands), 0 to 1.
        seed: another grain for each picture.
    """
    covered = differ(plain, drawn)
    drawn = _as_taken(drawn, covered, look, seed)
    if skin is not None:
        dark = _shadow(covered, px_per_mm) * skin * ~covered
        under = dark > 1 / 255
        drawn[under] = from_light(to_light(drawn[under]) * (1 - dark[under])[:, None])
    if before is not None:
        nearer = before > 1 / 255
        share = before[nearer][:, None]
        drawn[nearer] = from_light(to_light(drawn[nearer]) * (1 - share) + to_light(plain[nearer]) * share)
    return drawn


def differ(plain: Pixels, drawn: Pixels) -> NDArray[np.bool_]:
    """(h, w) where something was drawn."""
    apart = np.maximum(plain, drawn) - np.minimum(plain, drawn)
    return np.asarray(np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2]) > 2)


def _as_taken(drawn: Pixels, covered: NDArray[np.bool_], look: CameraLook, seed: int) -> Pixels:
    """The product as this camera would have taken it: as soft, as noisy."""
    softer_px = math.sqrt(max(look.blur_px**2 - _PRODUCT_BLUR_PX**2, 0.0))
    taken = drawn.copy()
    if not covered.any():
        return taken
    rows, columns = (np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0))
    about = tuple(slice(max(int(each[0]) - _EDGE_PX, 0), int(each[-1]) + _EDGE_PX) for each in (rows, columns))
    window, touched = taken[about], covered[about]
    if softer_px > 0.3:
        touched = grown(touched)
        np.copyto(window, _softened(window, softer_px), where=touched[..., None])
    if look.grain > 0.5:
        start = int(np.random.default_rng(seed).integers(len(_NOISE)))
        noise = np.take(_NOISE, np.arange(start, start + touched.size), mode="wrap") * np.float32(look.grain)
        grain = np.rint(noise).astype(np.int16).reshape(touched.shape) * touched
        window[:] = (window + grain[..., None]).clip(0, 255)
    return taken


def _softened(pixels: Pixels, sigma_px: float) -> Pixels:
    """Blurred: by a few passes of three weights where that is enough, which is cheaper than a Gaussian."""
    passes = math.ceil(2 * sigma_px**2)
    if passes > _MOST_PASSES:
        return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma_px)))
    beside = round(256 * sigma_px**2 / (2 * passes))
    soft = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(np.uint16)
    for _ in range(passes):
        for way in (soft, soft.swapaxes(0, 1)):
            mixed = way[:-2] + way[2:]
            mixed *= beside
            mixed += way[1:-1] * (256 - 2 * beside)
            mixed += 128
            mixed >>= 8
            way[1:-1] = mixed
    return soft[1:-1, 1:-1].astype(np.uint8)


#: Normal noise, to be taken from anywhere; longer than any product is large, so that no pattern shows.
_NOISE = np.random.default_rng(0).standard_normal(1 << 17, np.float32)


def grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask and the pixels beside it."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


def _shadow(covered: NDArray[np.bool_], px_per_mm: float) -> F32:
    """(h, w) what a product takes of the light about it: light comes from above, so it falls a little below."""
    rows, columns = covered.shape
    small = Image.fromarray(covered.astype(np.uint8) * 255).resize(
        (max(columns // _QUARTER, 1), max(rows // _QUARTER, 1)), Image.Resampling.BOX
    )
    fallen = Image.new("L", small.size)
    fallen.paste(small, (0, round(3.5 * px_per_mm / _QUARTER)))
    soft = fallen.filter(ImageFilter.GaussianBlur(max(3.0 * px_per_mm / _QUARTER, 0.5)))
    return _unit(soft.resize((columns, rows), Image.Resampling.BILINEAR)) * np.float32(_SHADOW)


def skin_area(outline_px: F64, shape: tuple[int, int]) -> F32:
    """(h, w) inside of an outline (n, 2) of the window, with a soft edge."""
    image = Image.new("L", (shape[1] // _QUARTER + 1, shape[0] // _QUARTER + 1))
    ImageDraw.Draw(image).polygon([tuple(corner / _QUARTER) for corner in outline_px], fill=255)
    soft = image.filter(ImageFilter.GaussianBlur(1.0)).resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
    return _unit(soft)


def hands_matte(hands_px: Sequence[F64], shape: tuple[int, int]) -> F32 | None:
    """(h, w) where hands are, from their landmarks (21, 2) in the window; None where there are none."""
    inside = [hand for hand in hands_px if ((hand > 0) & (hand < [shape[1], shape[0]])).all(axis=1).any()]
    if not inside:
        return None
    image = Image.new("L", (shape[1], shape[0]))
    draw = ImageDraw.Draw(image)
    for hand in inside:
        palm_px = float(np.linalg.norm(hand[5] - hand[17]) + np.linalg.norm(hand[0] - hand[9])) / 2
        for a, b, thick in _BONES:
            width = max(thick * palm_px, 2.0)
            draw.line([tuple(hand[a]), tuple(hand[b])], fill=255, width=round(width))
            for x, y in (hand[a], hand[b]):
                draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    soft = image.filter(ImageFilter.GaussianBlur(1.2))
    return _unit(soft)


@dataclass(frozen=True, eq=False)
class _Tones:
    """A colour of a region and how much it varies, in square roots of light."""

    middle: F32
    spread: float

    @classmethod
    def of(cls, pixels: Pixels) -> _Tones | None:
        if len(pixels) < 30:
            return None
        roots = pixels.astype(np.float32) / 255
        middle = np.median(roots, axis=0).astype(np.float32)
        return cls(middle, float(1.4826 * np.median(np.linalg.norm(roots - middle, axis=1))) + 0.02)


def strands(pixels: Pixels, skin: Pixels, hair: Pixels) -> F32 | None:
    """How surely each of (…, 3) pixels is hair, not skin, by samples (n, 3) of both; None where they look alike."""
    of_skin, of_hair = _Tones.of(skin), _Tones.of(hair)
    if of_skin is None or of_hair is None:
        return None
    apart = float(np.linalg.norm(of_skin.middle - of_hair.middle))
    if apart < 1.2 * (of_skin.spread + of_hair.spread):
        return None
    roots = pixels.astype(np.float32) / 255
    along = (roots - of_skin.middle) @ ((of_hair.middle - of_skin.middle) / apart) / apart
    sure: F32 = np.clip((along - 0.45) / 0.25, 0, 1)
    return sure


def skin_and_hair(window: Pixels, face_px: F64, mask: F32 | None) -> tuple[Pixels, Pixels]:
    """Samples (n, 3) of a face's skin, and of the hair above its forehead, for `strands`."""
    up = face_px[10] - face_px[152]
    long_px = float(np.linalg.norm(up))
    skin = _patch(window, (face_px[4] + face_px[9]) / 2, 0.10 * long_px, None)
    return skin, _patch(window, face_px[10] + 0.10 * up, 0.08 * long_px, mask)


def hair_matte(window: Pixels, face_px: F64, mask: F32 | None) -> F32 | None:
    """(h, w) hair that lies over the sides of a face, where temples of glasses go beneath it.

    `face_px` are the face's landmarks in the window, `mask` (h, w) says where a person is. Hair is known by its colour
    above the forehead, and is looked for beside the eyes only.
    """
    height, width = window.shape[:2]
    up = face_px[10] - face_px[152]
    beside = Image.new("L", (width, height))
    draw = ImageDraw.Draw(beside)
    for outer, temple, jaw in ((33, 127, 234), (263, 356, 454)):
        away = face_px[temple] - face_px[outer]
        corners = [face_px[outer] + 0.5 * away, face_px[temple] + 0.25 * up + away, face_px[jaw] + away - 0.1 * up]
        near = [face_px[outer] + 0.5 * away - 0.12 * up, face_px[outer] + 0.5 * away + 0.25 * up]
        draw.polygon([tuple(point) for point in (near[1], corners[1], corners[2], near[0])], fill=255)
    matte = _unit(beside.filter(ImageFilter.GaussianBlur(2.0)))
    near_temples = matte > 1 / 255
    sure = strands(window[near_temples], *skin_and_hair(window, face_px, mask))
    if sure is None:
        return None
    matte[near_temples] *= sure
    return matte


def _unit(image: Image.Image) -> F32:
    """(h, w) 0 to 1."""
    values: F32 = np.asarray(image, np.float32) * np.float32(1 / 255)
    return values


def _patch(window: Pixels, at: F64, radius_px: float, mask: F32 | None) -> Pixels:
    """The pixels (n, 3) of a square about a point; none where `mask` says that no person is."""
    x, y, r = round(float(at[0])), round(float(at[1])), max(round(radius_px), 2)
    rows, columns = slice(max(y - r, 0), max(y + r, 0)), slice(max(x - r, 0), max(x + r, 0))
    found = window[rows, columns].reshape(-1, 3)
    if mask is not None:
        found = found[mask[rows, columns].reshape(-1) > 0.6]
    return found
