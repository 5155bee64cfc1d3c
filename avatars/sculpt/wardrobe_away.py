"""The hosts' second outfits, of another cut: a wrap blouse with wide trousers, and a jacket with patch pockets."""

from __future__ import annotations

import numpy as np

from .apron import hull_reach, ribbon
from .basemesh import BODY
from .clothes import Limbs
from .draping import Fabric
from .hair import chain_weights
from .head import Figure
from .outfits import ATLAS, Cut, Outfit, collar, hands, legs_below, top, trousers
from .paint import Canvas, Color
from .part import Part, grid_triangles
from .recipe import Recipe
from .skeleton import Skeleton
from .skin import paint_body
from .springs import Chain, add_chain
from .stylise import smoothstep
from .wardrobe import (
    bare_neck,
    chart_rows,
    frog,
    near,
    piping,
    shirt_cut,
    shoes,
    stitched,
    trouser_creases,
    weave,
    within,
)


def wrap(figure: Figure, joints: dict[str, np.ndarray], recipe: Recipe, skeleton: Skeleton) -> Outfit:
    """Lan: a wrap blouse, open at the throat, with long wide sleeves; a sash with loose ends; wide trousers."""
    limbs = Limbs(figure, joints)
    shape = figure.shape
    sleeve_m = limbs.upper_m + 0.80 * limbs.lower_m
    throat_y = joints["neck"][1]
    waist_y = joints["spine"][1] + 0.030
    hem_y = joints["hips"][1] - 0.030

    def keep(i: np.ndarray) -> np.ndarray:
        front = smoothstep(-0.03, 0.06, shape[i, 2])
        side = np.clip(np.abs(shape[i, 0]) / 0.085, 0, 1)
        line = throat_y - 0.004 - front * 0.066 * (1 - side**1.5)  # a V to the breastbone, straight over the shoulders
        on_arm = (limbs.arm[i] > 0.5) & (limbs.along[i] < sleeve_m)
        return on_arm | ((limbs.arm[i] <= 0.5) & (shape[i, 1] > hem_y) & (shape[i, 1] < line))

    def ease(i: np.ndarray) -> np.ndarray:
        wide = smoothstep(0.35 * sleeve_m, sleeve_m, limbs.along[i]) * (limbs.arm[i] > 0.5)
        soft = smoothstep(waist_y + 0.16, waist_y + 0.05, shape[i, 1]) * (limbs.arm[i] < 0.5)
        gathered = smoothstep(waist_y + 0.04, waist_y, shape[i, 1]) * (limbs.arm[i] < 0.5)
        behind = smoothstep(0.03, -0.02, shape[i, 2]) * smoothstep(0.035, 0.06, np.abs(shape[i, 0]))
        clear = behind * smoothstep(throat_y - 0.07, throat_y - 0.03, shape[i, 1])  # of the skin, which ends below it
        flare = smoothstep(hem_y + 0.07, hem_y, shape[i, 1]) * (limbs.arm[i] < 0.5)
        return 0.004 + 0.020 * wide + 0.008 * soft - 0.008 * gathered + 0.008 * flare + 0.005 * clear

    def slack(i: np.ndarray) -> np.ndarray:
        on_arm = limbs.arm[i] > 0.5
        on_trunk = 0.25 + 0.75 * smoothstep(throat_y - 0.18, throat_y - 0.26, shape[i, 1])
        return np.where(on_arm, 0.3 + 0.7 * smoothstep(0.05, 0.15, limbs.along[i]), on_trunk)

    def held(i: np.ndarray) -> np.ndarray:
        return smoothstep(0.045, 0.030, np.abs(shape[i, 1] - waist_y)) * (limbs.arm[i] < 0.5)  # by the sash

    linen_cloth = Fabric(slack=0.08, bending=10.0, tension=20.0)
    blouse = top(figure, limbs, Cut(keep, ease, slack, held, linen_cloth, sleeve_m, hem_y, 0.008, waist_y, 1250))
    legs = trousers(figure, limbs, hem_y + 0.05, 0.060, 0.040, 620)
    band = waistband(figure, [blouse.part, legs], waist_y, 0.058)
    ends, chains = sash_ends(band, joints, skeleton, waist_y)
    parts = [
        blouse.part,
        legs,
        band,
        *ends,
        *legs_below(figure, limbs, 0.16, 120),
        *hands(figure, limbs, sleeve_m - 0.06, recipe.hand_budget),
    ]

    def paint(c: Canvas, masks: dict[str, np.ndarray], colourway: str) -> None:
        del colourway
        linen, border, cloth, sash = (0.86, 0.80, 0.70), (0.60, 0.22, 0.20), (0.24, 0.13, 0.17), (0.60, 0.20, 0.17)
        paint_body(c, figure, recipe)
        x, y = c.points[..., 0], c.points[..., 1]
        front = c.points[..., 2] > 0.0
        blouse_mask = masks["top"] | within(c, "torso", "sleeve")
        weave(c, blouse_mask, linen, 61)
        # the left half lies over the right one: its edge runs from the left shoulder to the right hip
        line = x + 0.052 - (y - waist_y) * 0.30
        across = masks["top"] & front & (y < throat_y - 0.064)
        c.color[across & (line > -0.002) & (line < 0.012)] *= 0.93
        piping(c, across & (np.abs(line + 0.006) < 0.0055), border, 0.0012)
        c.height += 0.0014 * across * smoothstep(-0.013, -0.011, line) * smoothstep(0.02, 0.0, line)
        c.color[across & (line < -0.012) & (line > -0.022)] *= 0.86
        piping(c, masks["top"] & near(c, [blouse.neck_ring], 0.013), border, 0.0012)
        cuffs = near(c, blouse.rims, 0.012) & ~near(c, [blouse.neck_ring], 0.05) & (y > hem_y + 0.03)
        piping(c, masks["top"] & cuffs, border, 0.0010)
        trouser_creases(c, masks["lower"], joints)
        weave(c, masks["lower"] | within(c, "trousers"), cloth, 67)
        crease = np.abs(np.abs(x) - 0.095)
        c.color[masks["lower"] & front & (crease < 0.003)] *= 1.22
        weave(c, within(c, "apron"), sash, 71)
        weave(c, within(c, "extra"), sash, 73)
        u = np.mgrid[0 : len(c.color), 0 : len(c.color)][0] / len(c.color)
        _, y0, _, y1 = ATLAS["apron"]
        fold = np.sin((u - y0) / (y1 - y0) * 34) * 0.09
        c.height += 0.030 * fold * masks["sash"]
        c.color[masks["sash"]] *= (1 + fold)[masks["sash"]][:, None]
        for side in ("left", "right"):
            shoes(c, masks[f"{side}_leg"], (0.16, 0.11, 0.12), border, joints, side)
        cloth_mask = blouse_mask | masks["lower"] | masks["sash"]
        dark = 0.6 + 0.4 * smoothstep(0.08, 0.92, c.occlusion)
        c.color[cloth_mask] *= dark[cloth_mask][:, None]

    return Outfit(
        parts,
        lambda p: bare_neck(p, 0.493 + 0.045 * np.clip(np.abs(p[:, 0]) / 0.085, 0, 1) ** 1.5, 0.546, 0.125),
        paint,
        ("wrap",),
        {"top": 0.8, "lower": 0.85, "sash": 0.5, "skin": 0.5, "left_leg": 0.5, "right_leg": 0.5},
        chains,
        {"top": blouse.folds},
    )


def waistband(figure: Figure, worn: list[Part], middle_y: float, height_m: float) -> Part:
    """A sash round the waist: a closed band over what is worn."""
    points = np.concatenate([p.positions for p in worn])
    points = points[np.abs(points[:, 0]) < 0.21]
    columns = 41
    turns = np.linspace(0, 2 * np.pi, columns)
    shares = np.array([-0.5, -0.46, -0.2, 0.0, 0.2, 0.46, 0.5])
    proud = np.array([-0.006, 0.004, 0.0065, 0.0075, 0.0065, 0.004, -0.006])
    levels = middle_y + shares * height_m
    reach = np.array([hull_reach(points, y, turns) for y in levels])
    reach = np.maximum(reach, reach.mean(0) * 0.985) + proud[:, None]
    flat = np.stack(
        [np.sin(turns) * reach, np.broadcast_to(levels[:, None], reach.shape), np.cos(turns) * reach], -1
    ).reshape(-1, 3)
    body = figure.shape[BODY]
    trunk = np.abs(body[:, 0]) < 0.2
    near = np.linalg.norm(body[trunk][None] - flat[:, None], axis=-1).argmin(1)
    weights = figure.weights[BODY][trunk][near].reshape(len(levels), columns, -1)
    weights = np.tile(weights.mean(0), (len(levels), 1, 1))
    for _ in range(6):
        weights[:, :-1] = (np.roll(weights[:, :-1], 1, 1) + np.roll(weights[:, :-1], -1, 1) + 2 * weights[:, :-1]) / 4
    weights[:, -1] = weights[:, 0]
    x0, y0, x1, y1 = ATLAS["apron"]
    u = np.broadcast_to(np.linspace(x0 + 0.01, x1 - 0.01, columns), reach.shape).ravel()
    v = np.repeat(np.linspace(y1 - 0.02, y0 + 0.02, len(levels)), columns)
    ring = np.tile(np.append(np.arange(columns - 1), 0), len(levels)) + np.repeat(np.arange(len(levels)), columns) * 100
    part = Part(
        "sash", "body", flat, grid_triangles(len(levels), columns), np.stack([u, v], 1),
        weights.reshape(len(flat), -1), ring,
    )  # fmt: skip
    a, b, c = (part.positions[part.triangles[:, k]] for k in range(3))
    if (np.cross(b - a, c - a)[:, [0, 2]] * a[:, [0, 2]]).sum() < 0:
        part.triangles = part.triangles[:, ::-1]
    return part


def sash_ends(
    band: Part, joints: dict[str, np.ndarray], skeleton: Skeleton, waist_y: float
) -> tuple[list[Part], list[Chain]]:
    """A flat knot at the left hip, and two loose ends below it, each a spring chain."""
    width = len(skeleton.names) + 40
    turn = np.radians(24.0)
    ahead = np.array([np.sin(turn), 0.0, np.cos(turn)])
    aside = np.array([np.cos(turn), 0.0, -np.sin(turn)])
    front = band.positions[np.abs(band.positions[:, 1] - waist_y) < 0.004]
    knot = front[((front - front.mean(0)) @ ahead).argmax()] + ahead * 0.006
    hips = np.zeros(width)
    hips[skeleton.index("hips")] = 0.5
    hips[skeleton.index("spine")] = 0.5
    x0, y0, _, y1 = ATLAS["extra"]
    bow = np.stack([knot - aside * 0.020 + (0, 0.018, 0), knot + ahead * 0.008, knot + aside * 0.018 - (0, 0.022, 0)])
    parts = [ribbon("knot", bow, knot - ahead * 0.1, 0.034, 5, hips, (x0, y0, x0 + 0.08, y1))]
    chains = []
    for number, (lean, length) in enumerate(((-0.012, 0.30), (0.020, 0.24))):
        fall = np.stack(
            [
                knot + ahead * 0.004,
                knot + ahead * 0.016 + aside * lean * 0.5 - (0, 0.25 * length, 0),
                knot + ahead * 0.020 + aside * lean - (0, 0.60 * length, 0),
                knot + ahead * 0.018 + aside * lean * 1.2 - (0, length, 0),
            ]
        )
        name = f"sash_{number}"
        names = add_chain(skeleton, name, "hips", fall)
        chains.append(Chain(name, names, 0.45, 0.35, 0.45, 0.018))
        weights = chain_weights(11, [skeleton.index(n) for n in names[:3]], skeleton.index("hips"), 0.0, width)
        rect = (x0 + 0.09 * (number + 1), y0, x0 + 0.09 * (number + 1) + 0.07, y1)
        parts.append(ribbon(name, fall, knot - ahead * 0.1 - (0, 0.1, 0), 0.044, 11, weights, rect))
    return parts, chains


def jacket(figure: Figure, joints: dict[str, np.ndarray], recipe: Recipe, skeleton: Skeleton) -> Outfit:
    """Bo: a work jacket with a stand-up collar, long sleeves, cloth buttons and patch pockets; straight trousers."""
    del skeleton  # nothing swings
    limbs = Limbs(figure, joints)
    shape = figure.shape
    sleeve_m = limbs.upper_m + 0.93 * limbs.lower_m
    collar_y = joints["neck"][1] - 0.004
    hem_y = joints["hips"][1] - 0.085
    waist_y = joints["spine"][1]

    def ease(i: np.ndarray) -> np.ndarray:
        sleeve = smoothstep(0.1, 0.3, limbs.along[i]) * (limbs.arm[i] > 0.5)
        boxy = smoothstep(waist_y + 0.30, waist_y + 0.05, shape[i, 1]) * (limbs.arm[i] < 0.5)
        return 0.008 + 0.006 * sleeve + 0.008 * boxy

    def slack(i: np.ndarray) -> np.ndarray:
        on_arm = limbs.arm[i] > 0.5
        return np.where(on_arm, 0.4 + 0.6 * smoothstep(0.05, 0.15, limbs.along[i]), 0.25)

    def held(i: np.ndarray) -> np.ndarray:
        return np.zeros(len(i))

    canvas_cloth = Fabric(slack=0.07, bending=24.0, tension=30.0)
    cut = Cut(
        shirt_cut(limbs, shape, sleeve_m, hem_y, collar_y, 0.036),
        ease, slack, held, canvas_cloth, sleeve_m, hem_y, 0.014, waist_y, 1250,
    )  # fmt: skip
    coat = top(figure, limbs, cut)
    parts = [
        coat.part,
        collar(figure, coat, 0.034, 0.0075, 0.006),
        trousers(figure, limbs, hem_y + 0.05, 0.085, 0.016, 560),
        *legs_below(figure, limbs, 0.16, 120),
        *hands(figure, limbs, sleeve_m - 0.06, recipe.hand_budget),
    ]

    def paint(c: Canvas, masks: dict[str, np.ndarray], colourway: str) -> None:
        del colourway
        canvas_green, dark, stitch = (0.285, 0.335, 0.285), (0.17, 0.165, 0.17), (0.62, 0.58, 0.46)
        paint_body(c, figure, recipe)
        x, y = c.points[..., 0], c.points[..., 1]
        front = masks["top"] & (c.points[..., 2] > 0)
        body = masks["top"] | masks["collar"] | within(c, "torso", "sleeve")
        weave(c, body, canvas_green, 81)
        c.height += 0.0016 * front * smoothstep(0.0195, 0.0175, x) * smoothstep(-0.06, 0.0, x)
        c.color[front & (np.abs(x - 0.0195) < 0.0014)] *= 0.66
        stitched(c, front & (np.abs(x - 0.0145) < 0.0007), canvas_green, y)
        for k in range(5):
            frog(c, front, np.array([0.0, collar_y - 0.040 - 0.086 * k]), np.asarray(canvas_green) * 0.62)
        stitched(c, chart_rows(c, "collar", 0.70, 0.725), canvas_green, x)
        chest_y = joints["upperChest"][1]
        for sign, left, right, high, low in (
            (1, 0.055, 0.145, waist_y - 0.02, hem_y + 0.025),
            (-1, 0.055, 0.145, waist_y - 0.02, hem_y + 0.025),
            (1, 0.055, 0.125, chest_y + 0.015, chest_y - 0.075),
        ):
            patch_pocket(c, front, (x * sign - left, right - x * sign, high - y, y - low), stitch)
        hems = near(c, coat.rims, 0.020) & ~near(c, [coat.neck_ring], 0.05)
        stitched(c, masks["top"] & hems & ~near(c, coat.rims, 0.0185), canvas_green, x + y)
        weave(c, masks["lower"] | within(c, "trousers"), dark, 83)
        trouser_creases(c, masks["lower"], joints)
        for side in ("left", "right"):
            leg = masks[f"{side}_leg"]
            weave(c, leg, (0.26, 0.15, 0.085), 87)
            c.mix((0.10, 0.075, 0.06), leg * smoothstep(0.024, 0.018, y))
            c.mix((0.14, 0.14, 0.15), leg * smoothstep(0.085, 0.095, y))
        cloth_mask = body | masks["lower"] | masks["left_leg"] | masks["right_leg"]
        shade = 0.62 + 0.38 * smoothstep(0.05, 0.9, c.occlusion)
        c.color[cloth_mask] *= shade[cloth_mask][:, None]

    return Outfit(
        parts,
        lambda p: bare_neck(p, 0.550, 0.598),
        paint,
        ("jacket",),
        {"top": 0.88, "collar": 0.88, "lower": 0.85, "skin": 0.52, "left_leg": 0.42, "right_leg": 0.42},
        folds={"top": coat.folds},
    )


def patch_pocket(c: Canvas, mask: np.ndarray, inside: tuple[np.ndarray, ...], color: Color) -> None:
    """A pocket sewn on; `inside` are metres (size, size) from its left, right, upper and lower edges, inwards."""
    deep = np.minimum.reduce(inside)
    c.height += mask * (
        0.0020 * smoothstep(-0.0006, 0.0010, deep) + 0.0008 * smoothstep(0.014, 0.012, inside[2]) * (deep > 0)
    )
    c.color *= 1 - 0.35 * (mask * smoothstep(0.0022, 0.0004, np.abs(deep)))[..., None]
    stitched(c, mask & (np.abs(deep - 0.0042) < 0.0007), color, inside[0] + inside[2])
