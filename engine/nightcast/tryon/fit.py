"""Where a product sits on the host, exactly: from the rig's anchors and the wearer's measures, no tracker between.

`fit` is done once for a product and a body; `Fitted.place` gives a matrix for each piece and any frame of the host. All
matrices are in host space (the host's mark is the origin), metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import Model
from nightcast.host.anchors import Anchor, Anchors
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Product
from nightcast.show.wear import Wear
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.product import F64, WornShape, worn_shape

__all__ = ["Fitted", "Piece", "Verdict", "fit"]

_MM = 1e-3
#: A product's axes on an arm, in columns of the anchor's: its +Y runs to the fingers, its +Z out of the hand's back.
_ARM_AXES = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
_FITS_MM = 4.0  #: a frame this much wider or narrower than the face still fits, as opticians see it


@dataclass(frozen=True)
class Verdict:
    """How it fits, in millimetres: positive is too wide or too large. `text` is for a person."""

    text: str
    off_mm: float | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """One copy of the product, fixed to an anchor; `local` (4, 4) takes the model's own space to the anchor's."""

    anchor: Anchor
    local: F64

    def place(self, frame: HostFrame) -> F64:
        """(4, 4) from the model's own space to host space."""
        placed: F64 = self.anchor.world(frame) @ self.local
        return placed


@dataclass(frozen=True, eq=False)
class Fitted:
    """A product on a body: its pieces (two for a pair), and how it fits."""

    product: str
    pieces: tuple[Piece, ...]
    verdict: Verdict

    def place(self, frame: HostFrame) -> list[F64]:
        """A matrix for each piece at this moment."""
        return [piece.place(frame) for piece in self.pieces]


def fit(product: Product, model: Model, anchors: Anchors) -> Fitted:
    """Put a product on a body.

    Raises `CannotWearError` for a product that is not worn, or a body without the place for it.
    """
    wear = product.wear
    fitter = _FITTERS.get(wear.kind) if wear is not None else None
    if wear is None or fitter is None:
        raise CannotWearError(product.id, "the catalog does not say how", "Write its `wear:`, see docs/catalog.md.")
    try:
        pieces, verdict = fitter(wear, worn_shape(wear, model), anchors)
    except KeyError as missing:
        raise CannotWearError(
            product.id, f"the host has no {missing.args[0]}", "Name the place in avatar.yaml under `anchors`."
        ) from missing
    return Fitted(product.id, pieces, verdict)


Fit = tuple[tuple[Piece, ...], Verdict]


def _glasses(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """On the nose, lenses before the eyes, temples turned up or down until they reach the ears."""
    face_mm = anchors.head.face_width_mm
    width_mm = float(shape.size[0]) / _MM
    wanted_mm = face_mm if wear.fit == "fit_to_wearer" else wear.frame_width or width_mm
    shape = shape.scaled(wanted_mm / width_mm)
    head = anchors["head"]
    bridge, ear = _in(head, anchors["nose_bridge"]), _between(head, anchors, "ear_top")
    eyes = _between(head, anchors, "eye")
    # The lens stands `vertex_distance` before the eye's front, some 12 mm ahead of its centre, and clear of the nose.
    lens_z = max(eyes[2] + (12.0 + wear.vertex_distance) * _MM, bridge[2] + 1.5 * _MM)
    seat = np.array([bridge[0], eyes[1] + 2.0 * _MM - wear.drop * _MM, lens_z + wear.forward * _MM])
    tilt = np.arctan2(ear[1] - seat[1], seat[2] - ear[2])
    local = np.eye(4)
    local[:3, :3] = _about_x(tilt)
    local[:3, 3] = seat
    return (Piece(head, local @ shape.matrix),), _width_verdict(wanted_mm, face_mm, wear)


def _hat(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """Round the forehead: the band's plane a finger above the brows, the crown inside."""
    head_mm = anchors.head.head_circumference_mm
    band_mm = wear.inner_circumference or head_mm
    factor = head_mm / band_mm if wear.fit == "fit_to_wearer" else 1.0
    head = anchors["head"]
    forehead, ear = _in(head, anchors["forehead"]), _between(head, anchors, "ear_top")
    middle = np.array([forehead[0], forehead[1] - wear.drop * _MM, (forehead[2] + ear[2]) / 2 + wear.forward * _MM])
    local = np.eye(4)
    local[:3, 3] = middle
    if wear.fit == "fit_to_wearer":
        text = "drawn to fit this head"
    else:
        off_mm = band_mm - head_mm
        text = _too("loose", "tight", off_mm, 12.0)
    return (Piece(head, local @ shape.scaled(factor).matrix),), Verdict(text, band_mm - head_mm)


def _earring(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """Through the lobe, hanging straight down; a pair is the same model twice."""
    head = anchors["head"]
    pieces = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if wear.side in (side, "pair"):
            local = np.eye(4)
            lobe = _in(head, anchors[f"ear_lobe_{side[0]}"])
            # The post goes through the lobe a little above its lower edge.
            local[:3, 3] = lobe + np.array([sign * 1.0, 2.5 - wear.drop, wear.forward]) * _MM
            pieces.append(Piece(head, local @ shape.matrix))
    return tuple(pieces), Verdict("hangs from the lobe at its true size")


def _necklace(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """Round the neck's base, before the collarbones."""
    neck = anchors["neck_base"]  # the hollow of the throat
    local = np.eye(4)
    local[:3, 3] = np.array([0.0, -wear.drop * _MM, wear.forward * _MM - float(shape.high[2])])
    return (Piece(neck, local @ shape.matrix),), Verdict("lies round the neck at its true size")


def _on_arm(name: str, girth: Callable[[Anchors], float]) -> Callable[[Wear, WornShape, Anchors], Fit]:
    """Rings of all kinds: round a wrist or a finger, at true size or drawn to its girth."""

    def fitter(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
        body_mm = girth(anchors) / np.pi
        inner_mm = wear.inner_diameter or body_mm
        factor = body_mm / inner_mm if wear.fit == "fit_to_wearer" and inner_mm else 1.0
        sides = ("left", "right") if wear.side == "pair" else (wear.side,)
        pieces = []
        for side in sides[:1]:  # one watch, one ring: a pair would be two of them
            anchor = anchors[f"{name}_{side[0]}"]
            local = np.eye(4)
            local[:3, :3] = _ARM_AXES
            pieces.append(Piece(anchor, local @ shape.scaled(factor).matrix))
        return tuple(pieces), Verdict(_too("loose", "tight", inner_mm - body_mm, 6.0), inner_mm - body_mm)

    return fitter


def _bag(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """Carried in the hand, by its handle."""
    side = "right" if wear.side == "right" else "left"
    grip = anchors[f"hold_{side[0]}"]
    local = np.eye(4)
    local[:3, :3] = _ARM_AXES @ _about_x(np.pi / 2)
    return (Piece(grip, local @ shape.matrix),), Verdict("carried at its true size")


def _shoes(wear: Wear, shape: WornShape, anchors: Anchors) -> Fit:
    """On the soles; the other one is mirrored."""
    foot_mm = anchors.limbs.foot_length_mm
    length_mm = wear.length or float(shape.size[2]) / _MM
    factor = foot_mm / length_mm if wear.fit == "fit_to_wearer" and foot_mm else 1.0
    pieces = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if wear.side in (side, "pair"):
            local = np.diag([sign, 1.0, 1.0, 1.0])
            pieces.append(Piece(anchors[f"foot_{side[0]}"], local @ shape.scaled(factor).matrix))
    return tuple(pieces), Verdict(_too("long", "short", length_mm - foot_mm, 8.0), length_mm - foot_mm)


_FITTERS: dict[str, Callable[[Wear, WornShape, Anchors], Fit]] = {
    "glasses": _glasses,
    "hat": _hat,
    "headband": _hat,
    "earring": _earring,
    "necklace": _necklace,
    "watch": _on_arm("wrist", lambda anchors: anchors.limbs.wrist_mm),
    "bracelet": _on_arm("wrist", lambda anchors: anchors.limbs.wrist_mm),
    "ring": _on_arm("ring", lambda anchors: anchors.limbs.ring_finger_mm),
    "bag": _bag,
    "shoe": _shoes,
}


def _width_verdict(width_mm: float, face_mm: float, wear: Wear) -> Verdict:
    if wear.fit == "fit_to_wearer":
        return Verdict("drawn to fit this face", 0.0)
    off_mm = width_mm - face_mm
    return Verdict(_too("wide", "narrow", off_mm, _FITS_MM), off_mm)


def _too(large: str, small: str, off_mm: float, tolerance_mm: float) -> str:
    if abs(off_mm) <= tolerance_mm:
        return "fits"
    return f"too {large if off_mm > 0 else small} by {abs(off_mm):.0f} mm"


def _in(head: Anchor, other: Anchor) -> F64:
    """Another anchor's place (3,) in `head`'s frame. Both hang on nodes whose rest poses are known to the rig."""
    relative: F64 = (np.linalg.inv(head.rest) @ other.rest)[:3, 3]
    return relative


def _between(head: Anchor, anchors: Anchors, name: str) -> F64:
    middle: F64 = (_in(head, anchors[f"{name}_l"]) + _in(head, anchors[f"{name}_r"])) / 2
    return middle


def _about_x(angle_rad: float) -> F64:
    """(3, 3); a positive angle lifts what lies at −Z."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
