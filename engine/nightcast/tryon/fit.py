"""Where a product sits on the host, exactly: from the rig's anchors and the wearer's measures, no tracker between.

`fit` is done once for a product and a body; `Fitted.place` gives a matrix for each piece and any frame of the host. All
matrices are in host space (the host's mark is the origin), metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import Model
from nightcast.host import quaternion as quat
from nightcast.host.anchors import Anchor, Anchors
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Product
from nightcast.show.wear import Wear
from nightcast.tryon.drape import drape, fallen
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.hug import hug
from nightcast.tryon.press import Fate, Pressed, press
from nightcast.tryon.product import F64, WornShape, as_worn, bent, finer, points_of, surface_samples
from nightcast.tryon.wearer import Wearer

__all__ = ["Fitted", "Piece", "Verdict", "fit"]

_MM = 1e-3
#: A product's axes on an arm, in columns of the anchor's: its +Y runs to the fingers, its +Z out of the hand's back.
_ARM_AXES = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
#: Up, ahead and to the left as the axes of a band round the head, whose +X runs along its axis.
_HEAD_AXES = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_HAIR_M = 0.004  #: pressed hair under a headband
_HINGE_M = 0.012  #: behind the lenses temples begin to bend
_FRONT_M, _NOSE_M = 0.014, 0.012  #: how deep the front of glasses is, and half the nose between the lenses
_LASHES_M, _MOST_AHEAD_M = 0.001, 0.008
_SAMPLES = 8000  #: of the surface of glasses: closer together than skin's corners
_TURNED_DOWN_M, _MOST_LONGER = 0.002, 1.35  #: where a temple's end begins; how much longer it may be drawn
_EAR_AHEAD_M = 0.016  #: so far before its top an ear begins; temples lie over it from there on
_BOWED_M = 0.02  #: a temple that is bowed has a vertex at least so often
_SLAB_M, _CLEAR_M = 0.006, 0.001  #: temples are looked at in such steps, and lie so far off the skin
_LOBE_FACES_DEG = 55.0  #: a lobe's outside looks this far to the side
_BAND_BELOW_FOREHEAD_MM = 8.0
_ON_NOSE_M = 0.015
_HAT_TILT_DEG = 5.0  #: a hat sits lower behind
_BAG_SWINGS_M = 0.3
_MOUTH = 0.4  #: of a bag's height from its handles' top down, where the bag itself begins
_CROOK_AT = 0.22  #: of the way from elbow to wrist, where handles lie in the crook of an arm
_REACH_M = 0.2
_FITS_MM = 4.0  #: a frame this much wider or narrower than the face still fits, as opticians see it


@dataclass(frozen=True)
class Verdict:
    """How it fits, in millimetres: positive is too wide or too large. `text` is for a person."""

    text: str
    off_mm: float | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """One copy of the product, fixed to an anchor.

    `local` (4, 4) takes the model's own space to the anchor's. What hangs (`dangle_m` long) swings about `hangs_at`
    (3,) in the anchor's space and points down at rest; with `facing` (3, 3) it also keeps its own heading, in host
    space.
    """

    anchor: Anchor
    local: F64
    dangle_m: float = 0.0
    hangs_at: F64 = field(default_factory=lambda: np.zeros(3))
    facing: F64 | None = None

    def place(self, frame: HostFrame, down: F64 | None = None) -> F64:
        """(4, 4) from the model's own space to host space; `down` (3,) is which way it hangs, None for straight."""
        return self.at(self.anchor.world(frame), down)

    def at(self, anchor: F64, down: F64 | None = None) -> F64:
        """As `place`, for an anchor that is at `anchor` (4, 4), its axes of any one length."""
        anchor = self._upright(anchor)
        if self.dangle_m > 0:
            way = np.array([0.0, -1.0, 0.0]) if down is None else down
            pivot = np.eye(4)
            pivot[:3, 3] = self.hangs_at
            placed = anchor @ pivot
            below = -anchor[:3, 1] / np.linalg.norm(anchor[:3, 1])
            placed[:3, :3] = quat.to_matrix(quat.between(below, way)) @ anchor[:3, :3]
            hung: F64 = placed @ np.linalg.inv(pivot) @ self.local
            return hung
        fixed: F64 = anchor @ self.local
        return fixed

    def pivot(self, frame: HostFrame) -> F64:
        """(3,) where it hangs from, host space."""
        place: F64 = (self._upright(self.anchor.world(frame)) @ np.append(self.hangs_at, 1.0))[:3]
        return place

    def _upright(self, anchor: F64) -> F64:
        """(4, 4) the anchor, or its place with the heading that the piece keeps."""
        if self.facing is None:
            return anchor
        headed = anchor.copy()
        headed[:3, :3] = self.facing
        return headed


@dataclass(frozen=True, eq=False)
class Fitted:
    """A product on a body: its pieces (two for a pair), and how it fits.

    `model` is what is drawn: the product's, or a copy of it bent to this body. `pressed` makes room for it.
    """

    product: str
    model: Model
    pieces: tuple[Piece, ...]
    verdict: Verdict
    pressed: Pressed = field(default_factory=dict)

    def place(self, frame: HostFrame) -> list[F64]:
        """A matrix for each piece at this moment, with what hangs at rest."""
        return [piece.place(frame) for piece in self.pieces]


def fit(product: Product, model: Model, wearer: Wearer) -> Fitted:
    """Put a product on a body.

    Raises `CannotWearError` for a product that is not worn, or a body without the place for it.
    """
    wear = product.wear
    fitter = _FITTERS.get(wear.kind) if wear is not None else None
    if wear is None or fitter is None:
        raise CannotWearError(product.id, "the catalog does not say how", "Write its `wear:`, see docs/tryon.md.")
    try:
        return fitter(_Order(product.id, wear, *as_worn(wear, model)), wearer)
    except KeyError as missing:
        raise CannotWearError(
            product.id, f"the host has no {missing.args[0]}", "Name the place in avatar.yaml under `anchors`."
        ) from missing


@dataclass(frozen=True, eq=False)
class _Order:
    """What is to be fitted."""

    product: str
    wear: Wear
    model: Model
    shape: WornShape

    def scaled(self, factor: float) -> _Order:
        return replace(self, shape=self.shape.scaled(factor))


def _glasses(order: _Order, wearer: Wearer) -> Fitted:
    """On the nose, lenses before the eyes, temples turned up or down until they reach the ears."""
    wear, anchors = order.wear, wearer.anchors
    face_mm = anchors.head.face_width_mm
    width_mm = float(order.shape.size[0]) / _MM
    wanted_mm = face_mm if wear.fit == "fit_to_wearer" else wear.frame_width or width_mm
    order = order.scaled(wanted_mm / width_mm)
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
    local[2, 3] += _into_brow_m(surface_samples(order.model, head.rest @ local @ order.shape.matrix, _SAMPLES), wearer)
    placed = head.rest @ local @ order.shape.matrix
    order = replace(order, model=_reaching(order.model, placed, wearer))
    model = _spread_temples(order, placed, wearer)
    return Fitted(
        order.product, model, (Piece(head, local @ order.shape.matrix),), _width_verdict(wanted_mm, face_mm, wear)
    )


def _into_brow_m(glasses: F64, wearer: Wearer) -> float:
    """How deep brows and lids reach into glasses (n, 3) in host space: so far ahead of where they sit on the nose."""
    from scipy.spatial import cKDTree

    eyes = (wearer.anchors["eye_l"].rest + wearer.anchors["eye_r"].rest)[:3, 3] / 2
    front = glasses[glasses[:, 2] > glasses[:, 2].max() - _FRONT_M]
    skin = wearer.skin.of(wearer.rig.below("head")).corners
    # Between the lenses the nose goes through.
    face = skin[(skin[:, 2] > front[:, 2].min() - _MOST_AHEAD_M) & (np.abs(skin[:, 0] - eyes[0]) > _NOSE_M)]
    near, at = cKDTree(front[:, :2]).query(face[:, :2], distance_upper_bound=0.003)
    there = np.isfinite(near)
    deep = face[there, 2] + _LASHES_M - front[at[there], 2]
    return float(np.clip(deep.max(initial=0.0), 0.0, _MOST_AHEAD_M))


def _reaching(model: Model, placed: F64, wearer: Wearer) -> Model:
    """Glasses whose temples turn down behind the ears: too short ones are drawn longer, as an optician would choose.

    `placed` (4, 4) takes the model's own space to host space.
    """
    points, samples = points_of(model, placed), surface_samples(model, placed, _SAMPLES)
    hinge = points[:, 2].max() - _HINGE_M
    ears = (wearer.anchors["ear_top_l"].rest + wearer.anchors["ear_top_r"].rest)[:3, 3] / 2
    steps = np.arange(hinge - _HINGE_M, points[:, 2].min(), -_SLAB_M)
    slabs = [samples[np.abs(samples[:, 2] - z) < _SLAB_M / 2, 1] for z in steps]
    lower = np.array([slab.min() if len(slab) else np.nan for slab in slabs])
    straight = np.nanmedian(lower[: max(len(lower) // 2, 1)])
    turned = np.flatnonzero(lower < straight - _TURNED_DOWN_M)
    turns = steps[turned[0]] if len(turned) else points[:, 2].min()
    longer = np.clip((hinge - ears[2]) / max(hinge - turns, 1e-3), 1.0, _MOST_LONGER)
    shift = np.zeros_like(points)
    shift[:, 2] = -(longer - 1) * np.clip(hinge - points[:, 2], 0.0, hinge - turns)
    return bent(model, placed, shift) if longer > 1 else model


def _spread_temples(order: _Order, placed: F64, wearer: Wearer) -> Model:
    """The frame with its temples bent outwards until they lie along the head, as far as they may bend.

    `placed` (4, 4) takes the model's own space to host space. A temple springs from its hinge and is bowed no more
    than the head wants it.
    """
    samples = surface_samples(order.model, placed, _SAMPLES)
    hinge = points_of(order.model, placed)[:, 2].max() - _HINGE_M
    wanted = np.array(list(_wanted(samples[samples[:, 2] < hinge], wearer)))
    if not len(wanted):
        return order.model
    away = hinge - wanted[:, 0]
    steepest = np.tan(np.radians(order.wear.temples.bend))
    known = np.concatenate([[[0.0, 0.0]], np.column_stack([away, np.minimum(wanted[:, 1], steepest * away)])])
    bow = known[_upper_hull(known)]
    if bow[:, 1].max() <= 0:
        return order.model
    rising = bow[: int(bow[:, 1].argmax()) + 1]
    model = finer(order.model, placed, _BOWED_M)
    points = points_of(model, placed)
    behind = np.maximum(hinge - points[:, 2], 0.0)
    shift = np.zeros_like(points)
    middle = (wearer.anchors["eye_l"].rest + wearer.anchors["eye_r"].rest)[0, 3] / 2
    shift[:, 0] = np.sign(points[:, 0] - middle) * np.interp(behind, rising[:, 0], rising[:, 1])
    return bent(model, placed, shift)


def _wanted(temples: F64, wearer: Wearer) -> Iterator[tuple[float, float]]:
    """Along temples (n, 3) in host space: the place's Z, and how much farther out it must be to clear the head."""
    eyes, ears = (
        (wearer.anchors[f"{name}_l"].rest + wearer.anchors[f"{name}_r"].rest)[:3, 3] / 2 for name in ("eye", "ear_top")
    )
    head = wearer.skin.of(wearer.rig.below("head"))
    low, high = temples.min(axis=0) - _SLAB_M, temples.max(axis=0) + _SLAB_M
    corners = head.points[head.triangles][:, :, 1:]
    beside = (corners.max(axis=1) > low[1:]).all(axis=1) & (corners.min(axis=1) < high[1:]).all(axis=1)
    near = replace(head, triangles=head.triangles[beside])
    for z in np.arange(ears[2] + _EAR_AHEAD_M, temples[:, 2].max(), _SLAB_M):
        slab = temples[np.abs(temples[:, 2] - z) < _SLAB_M / 2]
        for sign in (1.0, -1.0):
            mine = slab[(slab[:, 0] - eyes[0]) * sign > 0]
            if len(mine):
                inner = mine[np.abs(mine[:, 0] - eyes[0]).argmin()]
                far = np.array([eyes[0] + sign, inner[1], z])
                skin = near.first(far, np.array([-sign, 0.0, 0.0]), inner)
                yield float(z), float((skin - inner)[0] * sign) + _CLEAR_M


def _upper_hull(points: F64) -> NDArray[np.intp]:
    """The points (n, 2) of a line that is bowed upwards and lies over all of them, from left to right."""
    hull: list[int] = []
    for i in np.lexsort((points[:, 1], points[:, 0])):
        while len(hull) > 1:
            (ax, ay), (bx, by) = points[hull[-2]], points[hull[-1]]
            if (bx - ax) * (points[i, 1] - ay) < (by - ay) * (points[i, 0] - ax):
                break
            hull.pop()
        hull.append(int(i))
    return np.array(hull, np.intp)


def _hat(order: _Order, wearer: Wearer) -> Fitted:
    """Round the forehead: the band's plane above the brows, a little lower behind, the crown inside."""
    wear, anchors = order.wear, wearer.anchors
    head_mm = anchors.head.head_circumference_mm
    band_mm = wear.inner_circumference or head_mm
    if wear.fit == "fit_to_wearer":
        order = order.scaled(head_mm / band_mm)
    head = anchors["head"]
    band_y = anchors["forehead"].rest[1, 3] - (_BAND_BELOW_FOREHEAD_MM + wear.drop) * _MM
    middle = wearer.head_middle(band_y) + np.array([0.0, 0.0, wear.forward * _MM])
    local = np.eye(4)
    local[:3, :3] = _about_x(np.radians(-_HAT_TILT_DEG))
    local[:3, 3] = (np.linalg.inv(head.rest) @ np.append(middle, 1.0))[:3]
    local = local @ order.shape.matrix
    model = _elastic(order, head.rest @ local, middle, wearer) if wear.kind == "headband" else order.model
    up = np.array([0.0, 1.0, 0.0])
    shell = surface_samples(model, head.rest @ local)
    laid_on_skin = model is not order.model
    fate = partial(_under_a_hat, anchors["nose_bridge"].rest[:3, 3], laid_on_skin)
    into = partial(press, clear_m=_HAIR_M / 2) if laid_on_skin else press  # locks that come out below stay on the skin
    pressed = into(wearer, wearer.rig.below("head"), shell, middle + up * 0.015, up, fate=fate, closed=True)
    if wear.fit == "fit_to_wearer":
        verdict = Verdict("drawn to fit this head", 0.0)
    else:
        verdict = Verdict(_too("loose", "tight", band_mm - head_mm, 12.0), band_mm - head_mm)
    return Fitted(order.product, model, (Piece(head, local),), verdict, pressed)


def _under_a_hat(nose: F64, laid_on_skin: bool, piece: F64) -> Fate:
    """Hair gives way; the face, which is the piece with a nose, does not to a band that was laid on it."""
    face = np.linalg.norm(piece - nose, axis=1).min() < _ON_NOSE_M
    return "stay" if laid_on_skin and face else "press"


def _elastic(order: _Order, placed: F64, middle: F64, wearer: Wearer) -> Model:
    """A headband that fits its wearer, laid round the head over a layer of hair."""
    if order.wear.fit != "fit_to_wearer":
        return order.model
    round_head = np.eye(4)
    round_head[:3, :3] = _about_x(np.radians(-_HAT_TILT_DEG)) @ _HEAD_AXES
    round_head[:3, 3] = middle
    to_band = np.linalg.inv(round_head) @ placed
    skull = wearer.skin.of(wearer.rig.below("head"))
    return bent(order.model, to_band, hug(points_of(order.model, to_band), skull, round_head, _HAIR_M))


def _earring(order: _Order, wearer: Wearer) -> Fitted:
    """Through the lobe, hanging straight down; a pair is the same model twice."""
    wear, head = order.wear, wearer.anchors["head"]
    pieces = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if wear.side in (side, "pair"):
            local = np.diag([sign, 1.0, 1.0, 1.0])
            local[:3, :3] = _about_y(sign * np.radians(_LOBE_FACES_DEG)) @ local[:3, :3]
            lobe = _in(head, wearer.anchors[f"ear_lobe_{side[0]}"])
            # The post goes through the lobe a little above its lower edge.
            local[:3, 3] = lobe + np.array([sign * 1.0, 3.0 - wear.drop, wear.forward]) * _MM
            pieces.append(_hung(head, local, order.shape.matrix, wear.dangle * _MM))
    return Fitted(order.product, order.model, tuple(pieces), Verdict("hangs from the lobe at its true size"))


def _hung(anchor: Anchor, pivot: F64, matrix: F64, dangle_m: float) -> Piece:
    """A piece that swings about the middle of `pivot` (4, 4), where its origin is."""
    return Piece(anchor, pivot @ matrix, dangle_m, pivot[:3, 3])


def _necklace(order: _Order, wearer: Wearer) -> Fitted:
    """Round the neck's base, laid on skin and clothes."""
    wear, neck = order.wear, wearer.anchors["neck_base"]
    throat = neck.rest[:3, 3]
    axis = np.array([throat[0], throat[1], wearer.bone("neck")[2]])
    if "upperChest" in wearer.rig.bones or "chest" in wearer.rig.bones:
        axis[2] = (wearer.bone("neck")[2] + throat[2]) / 2 - 0.01
    start = np.eye(4)
    start[:3, 3] = axis + np.array([0.0, -wear.drop, wear.forward]) * _MM
    placed = start @ order.shape.matrix
    placed = fallen(points_of(order.model, placed), wearer.torso) @ placed
    model = bent(order.model, placed, drape(points_of(order.model, placed), start[:3, 3], wearer.torso))
    local = np.linalg.inv(neck.rest) @ placed
    return Fitted(order.product, model, (Piece(neck, local),), Verdict("lies round the neck at its true size"))


def _round_wrist(order: _Order, wearer: Wearer) -> Fitted:
    """Round the wrist, stiff at its true size, or with its strap or elastic laid on this one."""
    side = _one_side(order.wear)
    anchor = wearer.anchors[f"wrist_{side[0]}"]
    if order.wear.fit == "true_size":
        return _ring_of(order, anchor, wearer.anchors.limbs.wrist_mm)
    local = np.eye(4)
    local[:3, :3] = _ARM_AXES
    local = local @ order.shape.matrix
    arm = wearer.skin.of(wearer.rig.below(f"{side}LowerArm"))
    model = bent(order.model, local, hug(points_of(order.model, local), arm, anchor.rest))
    return Fitted(order.product, model, (Piece(anchor, local),), Verdict("laid round this wrist", 0.0))


def _round_finger(order: _Order, wearer: Wearer) -> Fitted:
    """Round the finger's first segment, square to its bone."""
    side = _one_side(order.wear)
    anchor = wearer.anchors[f"ring_{side[0]}"]
    finger = wearer.finger(side, order.wear.finger)
    if finger is None:
        return _ring_of(order, anchor, wearer.anchors.limbs.ring_finger_mm)
    rest = anchor.rest.copy()
    turn = quat.to_matrix(quat.between(rest[:3, 0], finger.along))
    rest[:3, :3], rest[:3, 3] = turn @ rest[:3, :3], finger.middle
    node = wearer.rig.bones[f"{side}{order.wear.finger.title()}Proximal"]
    matrix = np.linalg.inv(wearer.rig.rest_world[node]) @ rest
    return _ring_of(order, Anchor(anchor.name, node, matrix, rest, "shape"), finger.girth_mm)


def _ring_of(order: _Order, anchor: Anchor, girth_mm: float) -> Fitted:
    """Round a wrist or a finger, at true size or drawn to its girth."""
    body_mm = girth_mm / np.pi
    inner_mm = order.wear.inner_diameter or body_mm
    if order.wear.fit == "fit_to_wearer" and inner_mm:
        order = order.scaled(body_mm / inner_mm)
    local = np.eye(4)
    local[:3, :3] = _ARM_AXES
    off_mm = inner_mm - body_mm
    if order.wear.inner_diameter is None and order.wear.fit == "true_size":
        verdict = Verdict("at its true size")
    else:
        verdict = Verdict(_too("loose", "tight", off_mm, max(0.1 * body_mm, 1.0)), off_mm)
    # A loose one hangs on the back of the hand, its gap below.
    local[1, 3] = (order.wear.forward - max(off_mm, 0.0) / 2) * _MM
    return Fitted(order.product, order.model, (Piece(anchor, local @ order.shape.matrix),), verdict)


def _one_side(wear: Wear) -> str:
    """One watch, one ring: a pair would be two of them."""
    return "right" if wear.side == "right" else "left"


def _bag(order: _Order, wearer: Wearer) -> Fitted:
    """Hanging by its handles from the hand, in the crook of the arm or on the shoulder, beside the body."""
    side, carried = _one_side(order.wear), order.wear.carried
    sign = 1.0 if side == "left" else -1.0
    facing = np.array([[0.0, 0.0, sign], [0.0, 1.0, 0.0], [-sign, 0.0, 0.0]])  # its front is turned outwards
    anchor, thick_m = _strap_place(wearer, side, carried)
    local = np.eye(4)
    local[1, 3] = thick_m
    if carried == "shoulder":
        local[:3, :3] = _about_x(-_off_the_hips_rad(order, anchor, sign, wearer))
    swings_m = max(order.wear.dangle * _MM, _BAG_SWINGS_M)
    piece = Piece(anchor, local @ order.shape.matrix, swings_m, local[:3, 3], facing)
    return Fitted(order.product, order.model, (piece,), Verdict("carried at its true size"))


def _strap_place(wearer: Wearer, side: str, carried: str) -> tuple[Anchor, float]:
    """Where a bag hangs from, and how far above it the body's surface is, metres."""
    if carried == "hand":
        return wearer.anchors[f"hold_{side[0]}"], 0.0
    bone, beyond, share, surface = (
        ("Shoulder", "UpperArm", 1.0, wearer.torso)
        if carried == "shoulder"
        else ("LowerArm", "Hand", _CROOK_AT, wearer.skin.of(wearer.rig.below(f"{side}LowerArm")))
    )
    node = wearer.rig.bones.get(f"{side}{bone}", wearer.rig.bones[f"{side}{beyond}"])
    start = wearer.bone(f"{side}{bone}")
    rest, up = np.eye(4), np.array([0.0, 1.0, 0.0])
    rest[:3, 3] = start + share * (wearer.bone(f"{side}{beyond}") - start)
    top = surface.first(rest[:3, 3] + _REACH_M * up, -up, rest[:3, 3])
    anchor = Anchor(f"{carried}_{side[0]}", node, np.linalg.inv(wearer.rig.rest_world[node]) @ rest, rest, "shape")
    return anchor, float(top[1] - rest[1, 3])


def _off_the_hips_rad(order: _Order, anchor: Anchor, sign: float, wearer: Wearer) -> float:
    """How far a bag on the shoulder is held off straight down by the body beside it."""
    low, high = order.shape.low, order.shape.high
    place = anchor.rest[:3, 3]
    arms = wearer.rig.below("leftShoulder", "rightShoulder")
    body = wearer.skin.of(wearer.rig.below("hips") - wearer.rig.below("head") - arms).corners - place
    beside = body[
        (body[:, 1] > low[1]) & (body[:, 1] < _MOUTH * low[1]) & (np.abs(body[:, 2]) < (high[0] - low[0]) / 2)
    ]
    if not len(beside):
        return 0.0
    out = sign * beside[:, 0] - low[2] + _CLEAR_M
    return float(max(np.arctan2(out, -beside[:, 1]).max(), 0.0))


def _shoes(order: _Order, wearer: Wearer) -> Fitted:
    """On the soles; the other one is mirrored."""
    wear, anchors = order.wear, wearer.anchors
    foot_mm = anchors.limbs.foot_length_mm
    length_mm = wear.length or float(order.shape.size[2]) / _MM
    if wear.fit == "fit_to_wearer" and foot_mm:
        order = order.scaled(foot_mm / length_mm)
    pieces, pressed = [], Pressed()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if wear.side in (side, "pair"):
            foot = anchors[f"foot_{side[0]}"]
            local = np.diag([sign, 1.0, 1.0, 1.0]) @ order.shape.matrix
            pieces.append(Piece(foot, local))
            shell = surface_samples(order.model, foot.rest @ local)
            middle = foot.rest[:3, 3] + np.array([0.0, 0.45 * order.shape.high[1], 0.0])
            inside = press(
                wearer,
                wearer.rig.below(f"{side}LowerLeg"),
                shell,
                middle,
                np.array([0.0, -1.0, 0.0]),
                fate=partial(_under_a_shoe, foot.rest[1, 3], order.shape.high[1], wearer.bone(f"{side}LowerLeg")[1]),
            )
            for place, shift in inside.items():
                pressed[place] = pressed.get(place, np.zeros_like(shift)) + shift
    verdict = Verdict(_too("long", "short", length_mm - foot_mm, 8.0), length_mm - foot_mm)
    return Fitted(order.product, order.model, tuple(pieces), verdict, pressed)


def _under_a_shoe(sole_m: float, high_m: float, knee_m: float, piece: F64) -> Fate:
    """Trousers fall over a shoe, the wearer's own shoe disappears in it; heights in host space, but for `high_m`."""
    low, high = piece[:, 1].min() - sole_m, piece[:, 1].max() - sole_m
    if low > 0.5 * high_m and high > knee_m - sole_m:
        return "over"
    return "sink" if low < 0.25 * high_m and high < 0.45 * (knee_m - sole_m) else "press"


_FITTERS: dict[str, Callable[[_Order, Wearer], Fitted]] = {
    "glasses": _glasses,
    "hat": _hat,
    "headband": _hat,
    "earring": _earring,
    "necklace": _necklace,
    "watch": _round_wrist,
    "bracelet": _round_wrist,
    "ring": _round_finger,
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


def _about_y(angle_rad: float) -> F64:
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
