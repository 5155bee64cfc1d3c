"""Makeup on the host's face: a layer of colour in the face's own UVs, and how it shines. No GL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.show import wear
from nightcast.show.catalog import Product
from nightcast.tryon.colour import rgb_of
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.eye_area import GROWN_EYES_M
from nightcast.tryon.face_map import FaceMap, face_map
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Paint", "blended", "paint", "place_of"]

#: What a surface becomes with each finish: roughness (skin is about 0.5), metal, and how much of it is flakes; bytes.
_FINISH = {
    "matte": (199, 0, 0),
    "satin": (107, 0, 0),
    "gloss": (36, 0, 0),
    "metallic": (77, 165, 0),
    "shimmer": (97, 77, 255),
}
#: Of metal and flakes, how much a region takes: a whole face of them would be a mask of bronze.
_GLITTERS = {"foundation": 0.3}
_FINISH_COARSER = 4  #: a finish changes slower than colour does
_INNER_LIP = 170  #: roughness of a lip's inner side, which no light from behind the head may edge with white
#: How much of the skin's own light and dark is kept: creases of lips, hairs of brows, pores.
_KEPT = {"lips": 0.9, "eyeshadow": 0.7, "blush": 1.0, "eyeliner": 0.0, "brow": 0.6, "foundation": 0.7}
_FINE_MM = 4.0  #: smaller than that is detail
_DETAIL = (0.4, 1.15)


@dataclass(frozen=True, eq=False)
class Paint:
    """A layer for a material: (h, w, 4) uint8 sRGB with straight alpha, row 0 at v = 0; and where it covers, the
    surface's (h/4, w/4, 4) uint8 roughness, metal and flakes."""

    material: int
    pixels: NDArray[np.uint8]
    finish: NDArray[np.uint8]


def paint(product: Product, wearer: Wearer, colour: str | None = None) -> Paint:
    """The layer of a product of kind makeup, in a variant's colour where one is given.

    Raises CannotWearError for a face without UVs, or one whose mouth cannot be told from its shape.
    """
    from scipy import ndimage  # a fifth of a second, for those who wear makeup

    if product.wear is None or product.wear.makeup is None:
        raise CannotWearError(product.id, "it is no makeup", "Write its `wear: {kind: makeup, makeup: …}`.")
    spec = product.wear.makeup
    face = face_map(wearer)
    if face is None:
        raise CannotWearError(product.id, "the host's face has no UVs to paint on", "Export the avatar with UVs.")
    if spec.region == "lips" and not face.lips.any():
        raise CannotWearError(
            product.id, "the host's lips were not found", "Give its face the targets mouthRollLower and mouthRollUpper."
        )
    mask = _region(spec, face, wearer)
    feather_px = max(spec.feather / max(face.texel_mm, 1e-3) / 2, 0.5)
    soft = ndimage.gaussian_filter(mask, feather_px) * face.known
    if spec.region == "foundation":  # it fades on the skin, not across lips and brows
        soft = np.minimum(soft, mask)
    pixels = np.zeros((*soft.shape, 4), np.uint8)
    detail = _detail(face, mask) ** _KEPT[spec.region]
    pixels[..., :3] = (np.array(rgb_of(colour or spec.colour)) * detail[..., None]).clip(0, 255).round()
    pixels[..., 3] = np.round(255 * np.clip(soft, 0, 1) * spec.opacity)
    return Paint(face.material, pixels, _finish(spec, face))


def _detail(face: FaceMap, mask: F64) -> F64:
    """(1024, 1024) how light the skin is against what of the region is near; 1 outside of it."""
    from scipy import ndimage

    sigma_px = _FINE_MM / max(face.texel_mm, 0.05)
    about = ndimage.gaussian_filter(mask, sigma_px)
    level = ndimage.gaussian_filter(face.light * mask, sigma_px) / np.maximum(about, 1e-3)
    detail: F64 = np.where(about > 0.05, face.light / np.maximum(level, 0.02), 1.0).clip(*_DETAIL)
    return detail


def _finish(spec: wear.Makeup, face: FaceMap) -> NDArray[np.uint8]:
    rough, *glitter = _FINISH[spec.finish]
    metal, flakes = (round(each * _GLITTERS.get(spec.region, 1.0)) for each in glitter)
    roughness = np.full(face.known.shape, float(rough))
    if spec.region == "lips":
        inside = np.clip((0.65 - face.normal[..., 2]) / 0.35, 0, 1)
        roughness += inside * np.maximum(_INNER_LIP - roughness, 0)
    pixels = np.zeros((*face.known.shape, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = roughness.round(), metal, flakes
    coarse = tuple(side // _FINISH_COARSER for side in face.known.shape[::-1])
    return np.asarray(Image.fromarray(pixels[..., :3]).resize(coarse, Image.Resampling.BOX).convert("RGBA"))


def place_of(product: Product, wearer: Wearer) -> F64 | None:
    """(3,) the middle of what it makes up, on the wearer's right where there are two; None where that is not found."""
    face = face_map(wearer)
    if product.wear is None or product.wear.makeup is None or face is None:
        return None
    spec = product.wear.makeup
    mask = _region(spec, face, wearer)
    if spec.region != "lips":
        mask = mask * (face.place[..., 0] < wearer.anchors["nose_bridge"].rest[0, 3])
    made_up = mask > 0.5
    if not made_up.any():
        return None
    middle: F64 = face.place[made_up].mean(axis=0)
    return middle


def blended(paints: Sequence[Paint]) -> list[Paint]:
    """One layer for each material: later ones lie over earlier ones."""
    layers: dict[int, Paint] = {}
    for top in paints:
        below = layers.get(top.material)
        layers[top.material] = top if below is None else _over(top, below)
    return list(layers.values())


def _over(top: Paint, below: Paint) -> Paint:
    a, b = top.pixels[..., 3:] / 255.0, below.pixels[..., 3:] / 255.0
    alpha = a + b * (1 - a)
    share = a / np.maximum(alpha, 1e-6)
    colour = top.pixels[..., :3] * share + below.pixels[..., :3] * (1 - share)
    pixels = np.concatenate([colour, 255 * alpha], axis=-1).round().astype(np.uint8)
    step = top.pixels.shape[0] // top.finish.shape[0]
    coarse = share.reshape(share.shape[0] // step, step, share.shape[1] // step, step).max(axis=(1, 3))[..., None]
    finish = (top.finish * coarse + below.finish * (1 - coarse)).round().astype(np.uint8)
    return Paint(top.material, pixels, finish)


# ---- regions


def _region(spec: wear.Makeup, face: FaceMap, wearer: Wearer) -> F64:
    """(1024, 1024) how much each texel is made up, 0 to 1."""
    if spec.region == "lips":
        return face.lips
    if spec.region == "foundation":
        return _foundation(face, wearer)
    ahead = np.clip(face.normal[..., 2] * 3, 0, 1) * face.known
    if spec.region == "blush" or not face.eyes:
        return _spots(spec.region, face, wearer) * ahead
    if spec.region == "eyeliner":
        return _about_the_eyes("eyeliner", face) * face.known
    if spec.region == "brow":
        return _about_the_eyes("brow", face) * ahead
    lids = np.clip((face.lids - 0.1) / 0.4, 0, 1)  # a closed lid shows skin that was folded away
    return np.maximum(_about_the_eyes("eyeshadow", face) * ahead, lids * face.known)


def _about_the_eyes(what: str, face: FaceMap) -> F64:
    found: F64 = np.max([eye.at(getattr(eye, what), face.place) for eye in face.eyes], axis=0)
    return found


def _foundation(face: FaceMap, wearer: Wearer) -> F64:
    """All skin before the ears and over the jaw, but for lips and brows."""
    anchors = wearer.anchors
    chin, bridge = anchors["chin"].rest[:3, 3], anchors["nose_bridge"].rest[:3, 3]
    behind = (anchors["ear_l"].rest[2, 3] + anchors["ear_r"].rest[2, 3]) / 2
    size = _size(wearer)
    below = np.clip((bridge[1] + 0.075 * size - face.place[..., 1]) / 0.02, 0, 1)
    above = np.clip((face.place[..., 1] - chin[1] + 0.02) / 0.03, 0, 1)
    before = np.clip((face.place[..., 2] - behind - 0.005) / 0.03, 0, 1)
    inwards = np.clip(face.normal[..., 2] * 4 + 1.2, 0, 1)
    brows = _about_the_eyes("brow", face) if face.eyes else _spots("brow", face, wearer)
    bare: F64 = face.known * below * above * before * inwards * (1 - face.lips) * (1 - brows)
    return bare


def _spots(region: str, face: FaceMap, wearer: Wearer) -> F64:
    """Ellipses at usual places about both eyes."""
    bridge, size = wearer.anchors["nose_bridge"].rest[:3, 3], _size(wearer)
    mask = np.zeros_like(face.lips)
    for eye in (wearer.anchors[f"eye_{side}"].rest[:3, 3] for side in "lr"):
        out = np.sign(eye[0] - bridge[0])
        for across, up, wide, high in _SPOTS[region]:
            x = (face.place[..., 0] - eye[0]) * out / size - across / 1000
            y = (face.place[..., 1] - eye[1]) / size - up / 1000
            mask = np.maximum(mask, np.exp(-(((x * 1000 / wide) ** 2 + (y * 1000 / high) ** 2) ** _EDGE[region])))
    return mask


def _size(wearer: Wearer) -> float:
    """Against a grown face."""
    left, right = (wearer.anchors[f"eye_{side}"].rest[:3, 3] for side in "lr")
    return float(np.linalg.norm(left - right)) / GROWN_EYES_M


#: Ellipses about an eye, millimetres on a face with eyes 63 mm apart: outwards, up, half width, half height. But for
#: blush they serve faces in whose mesh the eyes do not open.
_SPOTS = {
    "eyeshadow": ((2.0, 9.5, 17.0, 6.5),),
    "eyeliner": ((1.0, 5.5, 16.0, 1.6), (17.0, 4.0, 5.0, 1.6)),
    "brow": ((1.0, 23.0, 19.0, 3.5),),
    "blush": ((12.0, -34.0, 19.0, 13.0),),
}
#: 1 fades like a bell, more has an edge.
_EDGE = {"eyeshadow": 1.5, "eyeliner": 2.0, "brow": 2.0, "blush": 1.0}
