"""The hosts' clothes: cut, unwrapped and painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy import ndimage
from scipy.spatial import cKDTree

from .basemesh import BODY, SKIRT
from .clothes import HEM_ROOM_M, Limbs, azimuth_turn, border_loops, charted, cut_tights, downwards, grow, hemmed, smooth
from .draping import Fabric, Folds, relaxed, settled
from .head import Figure, Rect, into, quads_within
from .paint import Canvas
from .part import Part, fan, grid_triangles, vertex_normals
from .reduce import reduced
from .springs import Chain
from .stylise import smoothstep

ATLAS: dict[str, Rect] = {
    "torso": (0.0, 0.0, 0.62, 0.40),
    "sleeve": (0.63, 0.0, 0.99, 0.25),
    "lower": (0.0, 0.41, 0.62, 0.80),
    "hand": (0.63, 0.26, 0.99, 0.60),
    "forearm": (0.63, 0.61, 0.80, 0.78),
    "trousers": (0.0, 0.41, 0.62, 0.59),
    "apron": (0.0, 0.60, 0.62, 1.0),
    "shin": (0.81, 0.61, 0.99, 0.78),
    "collar": (0.63, 0.79, 1.0, 0.84),
    "extra": (0.63, 0.85, 1.0, 1.0),
}
HAND_ISLAND = (0.570, 0.763, 0.011, 0.197)  # the left hand in the base mesh's UVs; the right one mirrors it
HAND_MIRROR = 1.124
HAND_SPLIT = 0.375  # base mesh x beyond which the hand's island begins


@dataclass
class Outfit:
    """Clothes with the skin that shows below them; all draws with the material "body"."""

    parts: list[Part]
    neckline: Callable[[np.ndarray], np.ndarray]  # base mesh places (n, 3) to whether face skin goes on there
    paint: Callable[[Canvas, dict[str, np.ndarray], str], None]  # canvas, owner masks by part name, colourway
    colourways: tuple[str, ...]
    roughness: dict[str, float]
    chains: list[Chain] = field(default_factory=list)
    folds: dict[str, Folds] = field(default_factory=dict)  # part's name to its fine surface


def hands(figure: Figure, limbs: Limbs, from_along_m: float, budget: int) -> list[Part]:
    """Both hands, thinned, and the forearms up to `from_along_m` metres down the arm."""
    mesh = figure.mesh
    faces = quads_within(mesh, BODY)
    uv = mesh.uvs[mesh.quad_uvs[faces]].mean(1)
    parts = []
    for side, sign, bounds in (("left", 1.0, (0.565, 0.765)), ("right", -1.0, (0.36, 0.56))):
        on_hand = limbs.arm[mesh.quads[faces]].min(1) > 0.6  # the same island holds a patch of the calf
        palm = faces[on_hand & (uv[:, 0] > bounds[0]) & (uv[:, 0] < bounds[1]) & (uv[:, 1] < 0.2)]
        unwrap = into(ATLAS["hand"], HAND_ISLAND)
        mirror = (lambda u: u) if sign > 0 else (lambda u: u * (-1, 1) + (HAND_MIRROR, 0))
        hand = figure.cut(f"{side}_hand", "body", palm, lambda u, m=mirror, w=unwrap: w(m(u)))
        importance = np.ones(len(hand.positions))
        parts.append(reduced(hand, budget, importance))
        arm = faces[~np.isin(faces, palm)]
        quads = mesh.quads[arm]
        along = limbs.along[quads].mean(1)
        here = (along > from_along_m) & (limbs.arm[quads].min(1) > 0.6) & (figure.shape[quads, 0].mean(1) * sign > 0)
        forearm = figure.cut(f"{side}_forearm", "body", arm[here], lambda u: u)
        turn = (limbs.turn[forearm.weld] / (2 * np.pi) + 0.5) % 1.0
        down = (limbs.along[forearm.weld] - from_along_m) / (limbs.upper_m + limbs.lower_m + 0.03 - from_along_m)
        plain = forearm.weld
        forearm.weld = np.unique(plain, return_inverse=True)[1]
        forearm = charted(forearm, [(np.ones(len(forearm.triangles), bool), turn, down, ATLAS["forearm"])])
        parts.append(reduced(forearm, max(60, int(len(forearm.positions) * 0.7))))
    return parts


@dataclass(frozen=True)
class Garment:
    """A finished blouse or shirt: `neck_ring` and all its `rims` are (k, 3) points of cut edges."""

    part: Part
    neck_ring: np.ndarray
    rims: list[np.ndarray]
    folds: Folds


COLLAR_COLUMNS = 45
COLLAR_HEIGHTS = (0.0, 0.08, 0.14, 0.3, 0.5, 0.82, 0.86, 0.9, 1.0)  # of its rows in its chart, from its foot


def collar(figure: Figure, garment: Garment, rise_m: float, gap_m: float, notch_m: float) -> Part:
    """A stand-up collar sewn to a garment's neck hole, `gap_m` off the neck; its ends meet in front.

    `notch_m` is how far the upper edge dips where they meet. Round the figure it leans as the neck does; inside it
    comes down to the skin, so that nobody looks past it into the garment.
    """
    body = (figure.mesh.quads < BODY.stop).all(1)
    tree = BVHTree.FromPolygons(figure.shape.tolist(), fan(figure.mesh.quads[body]).tolist())
    middle = garment.neck_ring.mean(0)
    turns = np.linspace(-np.pi, np.pi, COLLAR_COLUMNS)
    hole_r, hole_y = ring_by_turn(garment.neck_ring, middle, turns)
    even_y, foot_y = even(hole_y, 1), even(hole_y, 3)
    notch = notch_m * np.exp(-((turns / np.radians(9)) ** 2))

    def skin(share: float) -> np.ndarray:
        """Distance of the neck's skin at a share of the collar's height."""
        found = []
        for turn, y in zip(turns, even_y + share * rise_m, strict=True):
            hit = tree.ray_cast(Vector((0.0, y, middle[2])), Vector((np.sin(turn), 0.0, np.cos(turn))))[3]
            found.append(0.06 if hit is None else hit)
        return even(np.array(found), 3)

    stands = hole_r + 0.004 + 0.03 * np.clip(np.cos(turns), 0, 1)  # behind, it does not hang over its own seam
    low = np.minimum(skin(0.3) + gap_m, stands)
    middle_r = np.minimum(skin(0.65) + gap_m, stands + 0.005)
    high = middle_r + 0.6 * (middle_r - low)  # on along the neck, not out to the chin
    edge = even_y + rise_m - notch
    rows = [
        (hole_r - 0.004, hole_y - 0.006),
        (hole_r + 0.0036, foot_y - 0.0042),
        (hole_r + 0.0034, foot_y + 0.0004),
        (0.35 * hole_r + 0.65 * low, 0.8 * foot_y + 0.2 * edge),
        (0.5 * (low + middle_r), 0.5 * (foot_y + edge)),
        (high, edge - 0.0016),
        (high - 0.0014, edge),
        (high - 0.0030, edge - 0.0016),
        (middle_r - gap_m - 0.0005, 0.45 * foot_y + 0.55 * edge),
    ]
    points = np.stack([[np.sin(turns) * r, y, middle[2] + np.cos(turns) * r] for r, y in rows]).transpose(0, 2, 1)
    flat = points.reshape(-1, 3)
    x0, y0, x1, y1 = ATLAS["collar"]
    u = np.broadcast_to(np.linspace(x0 + 0.002, x1 - 0.002, COLLAR_COLUMNS), points.shape[:2])
    v = np.broadcast_to((y1 - (y1 - y0) * np.array(COLLAR_HEIGHTS))[:, None], u.shape)
    near = cKDTree(figure.shape[BODY]).query(points)[1]
    stiff = figure.weights[BODY][near][3:].mean(0)  # what stands moves as one piece; what is sewn on, with the garment
    stiff = (stiff + np.roll(stiff, 1, 0) + np.roll(stiff, -1, 0)) / 3
    sewn = garment.part.weights[cKDTree(garment.part.positions).query(points[:3])[1]]
    weights = np.concatenate([sewn, (sewn[2:3] + stiff[None]) / 2, np.tile(stiff, (len(rows) - 4, 1, 1))])
    weights[:, -1] = weights[:, 0]
    ring = np.tile(np.append(np.arange(COLLAR_COLUMNS - 1), 0), len(rows))
    part = Part(
        "collar",
        "body",
        flat,
        grid_triangles(len(rows), COLLAR_COLUMNS),
        np.stack([u.ravel(), v.ravel()], 1),
        weights.reshape(len(flat), -1),
        ring + np.repeat(np.arange(len(rows)), COLLAR_COLUMNS) * COLLAR_COLUMNS,
    )
    row = 5 * COLLAR_COLUMNS
    upright = np.cross(flat[row + 1] - flat[row], flat[row] - flat[row - COLLAR_COLUMNS])
    if upright @ (flat[row] - middle) < 0:
        part.triangles = part.triangles[:, ::-1]
    return part


def even(values: np.ndarray, finest: int) -> np.ndarray:
    """Values round a ring, its end the same as its beginning, without waves shorter than a turn's `finest` part."""
    waves = np.fft.rfft(values[:-1])
    waves[finest + 1 :] = 0
    smoothed = np.fft.irfft(waves, len(values) - 1)
    return np.append(smoothed, smoothed[0])


def ring_by_turn(ring: np.ndarray, middle: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the upright through `middle`, and height, of a closed ring of points (k, 3) at `turns` (n,)."""
    away = ring - middle
    angle = np.arctan2(away[:, 0], away[:, 2])
    order = np.argsort(angle)
    angle, radius, y = angle[order], np.hypot(away[order, 0], away[order, 2]), ring[order, 1]
    return (
        np.interp(turns, angle, radius, period=2 * np.pi),
        np.interp(turns, angle, y, period=2 * np.pi),
    )


def level_neck(part: Part) -> np.ndarray:
    """Smooth the ragged hole for the neck; returns the indices of its vertices, none where there is no hole."""
    rings = [np.array(loop) for loop in border_loops(part.triangles)]
    rings = [ring for ring in rings if np.abs(part.positions[ring, 0].mean()) < 0.05]
    ring = max(rings, key=lambda ring: part.positions[ring, 1].mean())
    middle = part.positions[ring].mean(0)
    turns = np.radians(np.arange(0, 360, 5))
    radius, y = (
        ndimage.gaussian_filter1d(row, 2.4, mode="wrap") for row in ring_by_turn(part.positions[ring], middle, turns)
    )
    away = part.positions[ring] - middle
    angle = np.arctan2(away[:, 0], away[:, 2])
    r = np.interp(angle, turns, radius, period=2 * np.pi)
    part.positions[ring] = np.stack(
        [
            middle[0] + np.sin(angle) * r,
            np.interp(angle, turns, y, period=2 * np.pi),
            middle[2] + np.cos(angle) * r,
        ],
        1,
    )
    return ring


@dataclass(frozen=True)
class Cut:
    """How a blouse or shirt is cut; the functions take base vertices' indices (n,) and give (n,)."""

    keep: Callable[[np.ndarray], np.ndarray]  # which vertices of the tights it covers
    ease: Callable[[np.ndarray], np.ndarray]  # metres it is cut off the body
    slack: Callable[[np.ndarray], np.ndarray]  # where it is cut long and wide, 1 by the fabric's whole share
    held: Callable[[np.ndarray], np.ndarray]  # where it cannot fall: a waistband, a stiff yoke
    fabric: Fabric
    sleeve_m: float
    hem_y: float
    below_m: float  # thickness of what is worn below it, under the waist
    waist_y: float
    budget: int
    lined: Callable[[np.ndarray], np.ndarray] | None = None  # of points (n, 3): where a lining spans what lies below


def top(figure: Figure, limbs: Limbs, cut: Cut) -> Garment:
    """A blouse or shirt from the tights' trunk and arms, fallen, hemmed and unwrapped."""
    hem_y, sleeve_m, budget = cut.hem_y, cut.sleeve_m, cut.budget
    part = cut_tights(figure, "top", cut.keep)
    level_hems(part, hem_y, limbs, sleeve_m)
    neck = level_neck(part)
    source = part.weld
    yoke = np.linalg.norm(part.positions[:, None] - part.positions[neck][None], axis=-1).min(1)
    smooth(part, 5, 0.5, smoothstep(0.035, 0.02, yoke) * (yoke > 0))
    smooth(part, 3, 0.5, (yoke > 0).astype(float))
    smooth(
        part,
        30,
        0.5,
        (limbs.arm[source] < 0.3) * smoothstep(cut.waist_y + 0.05, cut.waist_y + 0.12, part.positions[:, 1]),
    )
    grow(part, cut.ease(source) + 0.003 * smoothstep(0.03, 0.0, yoke))
    on_arm = limbs.arm[source] > 0.5
    cuff = smoothstep(sleeve_m - 0.034, sleeve_m - 0.016, limbs.along[source]) * on_arm
    pins = np.maximum.reduce([smoothstep(0.035, 0.012, yoke), cuff, cut.held(source)])
    skin = worn_body(figure, limbs, cut.waist_y, cut.below_m)
    part, folds = settled(part, skin, pins, cut.slack(source), cut.fabric)
    if cut.lined is not None:
        folds = Folds(relaxed(folds.positions, folds.triangles, 150, cut.lined(folds.positions)), folds.triangles)
        part.positions = folds.positions[: len(part.positions)].astype(float)
    rings = [part.positions[loop] for loop in border_loops(part.triangles)]
    neck_ring = part.positions[neck].copy()
    part = reduced(part, budget)
    source = part.weld
    part, origin = hemmed(part, 0.024, 0.0055)
    source = source[origin]
    arm_share = limbs.arm[source]
    in_sleeve = (arm_share[part.triangles] > 0.5).all(1)
    left = part.positions[part.triangles, 0].mean(1) > 0
    trunk_turn = azimuth_turn(part.positions, np.array([0.0, 0.0]))
    trunk_down = downwards(part, origin, arm_share <= 0.5)
    arm_turn = (limbs.turn[source] / (2 * np.pi) + 0.25) % 1.0
    low = limbs.along[source][np.unique(part.triangles[in_sleeve])].min()
    turned_in = HEM_ROOM_M * (np.arange(len(source)) > origin.max())
    arm_down = (limbs.along[source] - low + turned_in) / (sleeve_m + HEM_ROOM_M - low)
    part.weld = np.arange(len(part.positions))
    cloth = charted(
        part,
        [
            (~in_sleeve, trunk_turn, trunk_down, ATLAS["torso"]),
            (in_sleeve & left, arm_turn, arm_down, ATLAS["sleeve"]),
            (in_sleeve & ~left, arm_turn, arm_down, ATLAS["sleeve"]),
        ],
    )
    return Garment(cloth, neck_ring, rings, folds)


def worn_body(figure: Figure, limbs: Limbs, waist_y: float, below_m: float) -> tuple[np.ndarray, np.ndarray]:
    """What cloth falls on: skin below the chin, thicker by `below_m` under the waist, points (n, 3) and quads."""
    quads = figure.mesh.quads[(figure.mesh.quads < BODY.stop).all(1)]
    points = figure.shape[BODY]
    chin = figure.marks.chin[1]
    quads = quads[(points[quads, 1] < chin - 0.01).all(1)]
    normals = vertex_normals(points, fan(quads), np.arange(len(points)))
    under = below_m * smoothstep(waist_y + 0.03, waist_y - 0.02, points[:, 1])
    chest = smoothstep(waist_y + 0.04, waist_y + 0.09, points[:, 1]) * smoothstep(
        chin - 0.13, chin - 0.19, points[:, 1]
    )
    chest *= limbs.arm[BODY] < 0.2
    spanned = relaxed(points, fan(quads), 70)  # a lined bodice shows no more than the large forms
    return points + chest[:, None] * (spanned - points) + normals * under[:, None], quads


def level_hems(part: Part, hem_y: float, limbs: Limbs, sleeve_m: float) -> None:
    """Draw the ragged edges of a cut to a level hem below, and to one length of sleeve."""
    for loop in border_loops(part.triangles):
        ring = np.array(loop)
        middle = part.positions[ring].mean(0)
        if abs(middle[0]) < 0.05 and middle[1] < hem_y + 0.08:
            part.positions[ring, 1] = hem_y
        elif abs(middle[0]) > 0.2:
            sign = np.sign(middle[0])
            axis = limbs.lower_axis * (sign, 1, 1)
            short = sleeve_m - limbs.along[part.weld[ring]]
            part.positions[ring] += np.outer(short, axis)


def legs_below(figure: Figure, limbs: Limbs, top_y: float, budget: int) -> list[Part]:
    """Shins and feet from the tights, one part per leg, painted as skin and shoes; soles flat on the ground."""
    parts = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        part = cut_tights(
            figure, f"{side}_leg", lambda i, s=sign: (figure.shape[i, 1] < top_y) & (figure.shape[i, 0] * s > 0)
        )
        grow(part, -0.004)
        smooth(part, 1, 0.4)
        foot = smoothstep(0.13, 0.06, part.positions[:, 1])
        grow(part, 0.006 * foot)
        part = reduced(part, budget)
        y = part.positions[:, 1]
        axis = part.positions[:, [0, 2]].mean(0)
        turn = azimuth_turn(part.positions, axis)
        down = (top_y - y) / top_y
        part.weld = np.arange(len(part.positions))
        parts.append(charted(part, [(np.ones(len(part.triangles), bool), turn, down, ATLAS["shin"])]))
    return parts


def trousers(figure: Figure, limbs: Limbs, waist_y: float, hem_y: float, loose_m: float, budget: int) -> Part:
    """Straight trousers from the tights' legs, wider towards the hem."""
    part = cut_tights(
        figure, "lower", lambda i: (figure.shape[i, 1] < waist_y) & (figure.shape[i, 1] > hem_y) & (limbs.arm[i] < 0.3)
    )
    for loop in border_loops(part.triangles):
        if part.positions[loop, 1].mean() < hem_y + 0.1:
            part.positions[loop, 1] = hem_y
    smooth(part, 3, 0.5)
    down = np.clip((waist_y - part.positions[:, 1]) / (waist_y - hem_y), 0, 1)
    grow(part, 0.002 + loose_m * smoothstep(0.1, 0.75, down))
    part = reduced(part, budget)
    left = part.positions[part.triangles, 0].mean(1) > 0
    part.weld = np.arange(len(part.positions))
    count = len(part.triangles)
    part, origin = hemmed(part, 0.012, 0.003)
    left = np.concatenate([left, part.positions[part.triangles[count:], 0].mean(1) > 0])
    down = downwards(part, origin)
    x0, y0, x1, y1 = ATLAS["trousers"]
    middle = (x0 + x1) / 2
    side = np.where(part.positions[:, 0] > 0, 1.0, -1.0)
    axis = np.stack([side * 0.095, np.zeros(len(side))], 1)
    turn = (0.5 + np.arctan2(part.positions[:, 0] - axis[:, 0], part.positions[:, 2] - axis[:, 1]) / (2 * np.pi)) % 1.0
    part.weld = np.arange(len(part.positions))
    return charted(
        part, [(left, turn, down, (x0, y0, middle - 0.005, y1)), (~left, turn, down, (middle + 0.005, y0, x1, y1))]
    )


def skirt(figure: Figure, hem_y: float, waist_y: float, flare: float, covered_y: float, budget: int) -> Part:
    """A skirt from the base mesh's own, cut at the hem, turned in there; narrower above `covered_y`."""
    faces = quads_within(figure.mesh, SKIRT)
    quads = figure.mesh.quads[faces]
    y = figure.shape[:, 1]
    chosen = quads[(y[quads] > hem_y).all(1) & (y[quads] < waist_y).all(1)]
    source, corner = np.unique(chosen, return_inverse=True)
    part = Part(
        "lower",
        "body",
        figure.shape[source].copy(),
        fan(corner.reshape(-1, 4)),
        np.zeros((len(source), 2)),
        figure.weights[source],
        source,
    )
    smooth(part, 3, 0.5)
    drop = np.clip((waist_y - part.positions[:, 1]) / (waist_y - hem_y), 0, 1)
    part.positions[:, [0, 2]] *= (1 + flare * drop**1.3)[:, None]
    grow(part, -0.018 * smoothstep(covered_y - 0.03, covered_y + 0.01, part.positions[:, 1]))
    part = reduced(part, budget)
    part.weld = np.arange(len(part.positions))
    part, origin = hemmed(part, 0.015, 0.004)
    down = downwards(part, origin)
    turn = azimuth_turn(part.positions, np.array([0.0, 0.0]))
    part.weld = np.arange(len(part.positions))
    return charted(part, [(np.ones(len(part.triangles), bool), turn, down, ATLAS["lower"])])
