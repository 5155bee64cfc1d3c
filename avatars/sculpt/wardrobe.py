"""What the hosts wear at the stall: the qipao set and the market set, in two colourways each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from .apron import apron, apron_ties
from .clothes import Limbs
from .draping import Fabric
from .head import Figure
from .outfits import ATLAS, Cut, Outfit, collar, hands, legs_below, skirt, top, trousers
from .paint import Canvas, Color, noise
from .recipe import Recipe
from .skeleton import Skeleton
from .skin import paint_body
from .stylise import smoothstep


def qipao(figure: Figure, joints: dict[str, np.ndarray], recipe: Recipe, skeleton: Skeleton) -> Outfit:
    """Lan: a jade blouse with a mandarin collar and three-quarter sleeves over an ink midi skirt, flat shoes."""
    del skeleton  # nothing swings
    limbs = Limbs(figure, joints)
    shape = figure.shape
    sleeve_m = limbs.upper_m + 0.42 * limbs.lower_m
    collar_y = joints["neck"][1] + 0.006
    hem_y = joints["hips"][1] - 0.040
    waist_y = joints["spine"][1]

    def keep(i: np.ndarray) -> np.ndarray:
        front = smoothstep(-0.05, 0.08, shape[i, 2])
        below_collar = shape[i, 1] < collar_y + 0.014 - 0.012 * front
        on_arm = (limbs.arm[i] > 0.5) & (limbs.along[i] < sleeve_m)
        on_trunk = (limbs.arm[i] <= 0.5) & (shape[i, 1] > hem_y) & below_collar
        return on_arm | on_trunk

    def ease(i: np.ndarray) -> np.ndarray:
        flare = smoothstep(waist_y, hem_y, shape[i, 1]) * (limbs.arm[i] < 0.5)
        cuff = smoothstep(0.4 * sleeve_m, sleeve_m, limbs.along[i]) * (limbs.arm[i] > 0.5)
        return 0.003 + 0.012 * flare + 0.010 * cuff

    def slack(i: np.ndarray) -> np.ndarray:
        on_arm = limbs.arm[i] > 0.5
        trunk = 0.12 * smoothstep(waist_y + 0.10, waist_y, shape[i, 1])
        return np.where(on_arm, 0.55 * smoothstep(0.10, 0.24, limbs.along[i]), trunk)

    def held(i: np.ndarray) -> np.ndarray:
        bodice = smoothstep(waist_y + 0.02, waist_y + 0.06, shape[i, 1])  # lined and darted: it hangs in no folds
        return 0.9 * bodice * (limbs.arm[i] < 0.5)

    def lined(points: np.ndarray) -> np.ndarray:
        x, y, z = points.T
        high = smoothstep(waist_y - 0.01, waist_y + 0.05, y) * smoothstep(collar_y - 0.02, collar_y - 0.07, y)
        return high * smoothstep(-0.02, 0.03, z) * smoothstep(0.15, 0.12, np.abs(x))

    silk = Fabric(slack=0.10, bending=10.0, tension=20.0)
    blouse = top(figure, limbs, Cut(keep, ease, slack, held, silk, sleeve_m, hem_y, 0.010, waist_y, 1050, lined))
    parts = [
        blouse.part,
        collar(figure, blouse, 0.040, 0.0060, 0.010),
        skirt(figure, 0.36, hem_y + 0.08, 0.05, hem_y, 300),
        *legs_below(figure, limbs, 0.46, 190),
        *hands(figure, limbs, sleeve_m - 0.05, recipe.hand_budget),
    ]

    def opening_y(x: np.ndarray) -> np.ndarray:
        return collar_y - 0.030 - 0.115 * np.clip(-x / 0.145, 0, 1) ** 1.6

    def paint(c: Canvas, masks: dict[str, np.ndarray], colourway: str) -> None:
        cloth, trim, under = {
            "jade": ((0.13, 0.40, 0.36), (0.86, 0.72, 0.45), (0.17, 0.16, 0.21)),
            "plum": ((0.46, 0.12, 0.20), (0.90, 0.74, 0.50), (0.13, 0.13, 0.16)),
        }[colourway]
        paint_body(c, figure, recipe)
        p = c.points
        x, y = p[..., 0], p[..., 1]
        masks["top"] |= within(c, "torso", "sleeve")
        silk_mask = masks["top"] | masks["collar"]
        weave(c, silk_mask, cloth, 31)
        motif(c, masks["top"], cloth)
        # the opening: from the collar's front, curving to the right armpit and down the side
        in_front = within(c, "torso") & (p[..., 2] > 0.0)  # not the sleeves: both share one chart
        on_front = in_front & (x < 0.006) & (x > -0.16)
        line_y = opening_y(x)
        c.height += 0.0016 * smoothstep(-0.0015, 0.0015, y - line_y) * smoothstep(0.03, 0.0, y - line_y) * on_front
        piping(c, on_front & (np.abs(y - line_y) < 0.0028), trim, 0.0012)
        for across in (-0.008, -0.056, -0.108):
            frog(c, in_front, np.array([across, opening_y(np.array(across))]), trim)
        frog(c, masks["collar"] & (p[..., 2] > 0), np.array([0.0, blouse.neck_ring[:, 1].min() + 0.014]), trim)
        piping(
            c,
            masks["collar"] & (chart_rows(c, "collar", 0.74, 0.90) | chart_rows(c, "collar", -0.01, 0.15)),
            trim,
            0.001,
        )
        hems = [rim for rim in blouse.rims if rim[:, 1].mean() < collar_y - 0.05]
        piping(c, masks["top"] & near(c, hems, 0.0055), trim, 0.0008)
        weave(c, masks["lower"], under, 37)
        pleat = np.sin(np.arctan2(x, p[..., 2]) * 24) * smoothstep(hem_y + 0.02, hem_y - 0.10, y)
        c.height += 0.0035 * pleat * masks["lower"]
        c.color[masks["lower"]] *= (1 + 0.14 * pleat)[masks["lower"]][:, None]
        piping(c, masks["lower"] & (np.abs(y - 0.392) < 0.0035), trim, 0.0006)
        for side in ("left", "right"):
            shoes(c, masks[f"{side}_leg"], under, trim, joints, side)
        cloth_mask = silk_mask | masks["lower"]
        dark = 0.5 + 0.5 * smoothstep(0.1, 0.93, c.occlusion)
        c.color[cloth_mask] *= dark[cloth_mask][:, None]

    return Outfit(
        parts,
        lambda p: bare_neck(p, 0.565, 0.600),
        paint,
        ("jade", "plum"),
        {"top": 0.55, "collar": 0.55, "lower": 0.8, "skin": 0.5, "leg": 0.5},
        folds={"top": blouse.folds},
    )


def bare_neck(places: np.ndarray, front_y: float | np.ndarray, back_y: float, half_width: float = 0.10) -> np.ndarray:
    """Where skin goes on below the head: base mesh places (n, 3) above a line that is lower in front."""
    line = front_y + (back_y - front_y) * smoothstep(0.045, 0.01, places[:, 2])
    return (places[:, 1] > line) & (np.abs(places[:, 0]) < half_width)


def weave(c: Canvas, mask: np.ndarray, color: Color, seed: int) -> None:
    """Cloth with broad fading and fine threads."""
    size = c.color.shape[:2]
    threads = noise(size, 0.8, seed + 1)
    tone = 1 + 0.02 * noise(size, 30, seed) + 0.05 * threads
    c.color[mask] = (np.asarray(color) * tone[..., None])[mask]
    c.height[mask] += 0.0001 * threads[mask]


def motif(c: Canvas, mask: np.ndarray, color: Color) -> None:
    """Tone-on-tone medallions, as in silk brocade."""
    p = c.points
    u = np.arctan2(p[..., 0], p[..., 2] + 1e-6) * 0.16
    u = np.where(np.abs(p[..., 0]) > 0.19, p[..., 2], u)
    v = np.where(np.abs(p[..., 0]) > 0.19, np.hypot(p[..., 0], p[..., 1] - 1.3), p[..., 1])
    cell = 0.044
    row = np.floor(v / cell)
    a = (u / cell + 0.5 * (row % 2)) % 1 - 0.5
    b = (v / cell) % 1 - 0.5
    r, turn = np.hypot(a, b), np.arctan2(b, a)
    petals = smoothstep(0.05, 0.0, np.abs(r - 0.26 - 0.07 * np.cos(5 * turn))) + smoothstep(0.09, 0.05, r)
    c.mix(np.clip(np.asarray(color) * 1.45 + 0.02, 0, 1), 0.34 * petals * mask)
    c.height += 0.0003 * petals * mask


def piping(c: Canvas, mask: np.ndarray, color: Color, raised_m: float = 0.0) -> None:
    """A band of another colour, `raised_m` proud of the cloth."""
    c.mix(color, mask * 0.95)
    c.height += raised_m * mask


def stitched(c: Canvas, mask: np.ndarray, color: Color, along: np.ndarray) -> None:
    """A line of stitches that draws the cloth in; `along` (size, size) is the way along it in metres."""
    c.height -= 0.0006 * mask
    c.mix(np.asarray(color) * 0.62, 0.8 * (mask & ((along * 260) % 1 > 0.35)))


def button(c: Canvas, mask: np.ndarray, at: np.ndarray, color: Color) -> None:
    """A round button at (x, y) with a raised rim and four holes."""
    x, y = c.points[..., 0] - at[0], c.points[..., 1] - at[1]
    away = np.hypot(x, y)
    c.color *= 1 - 0.35 * (mask * smoothstep(0.0095, 0.0062, away))[..., None]
    c.mix(color, mask * smoothstep(0.0066, 0.0056, away))
    c.mix(np.asarray(color) * 0.5, mask * smoothstep(0.0011, 0.0007, np.hypot(np.abs(x) - 0.0014, np.abs(y) - 0.0014)))
    c.height += mask * (
        0.0016 * smoothstep(0.0068, 0.0056, away) + 0.0006 * smoothstep(0.0016, 0.0, np.abs(away - 0.005))
    )


def trouser_creases(c: Canvas, mask: np.ndarray, joints: dict[str, np.ndarray]) -> None:
    """Where trousers stack on the shoe, bend at the knee, and are drawn across at the hip."""
    x, y = np.abs(c.points[..., 0]), c.points[..., 1]
    round_leg = np.arctan2(x - 0.095, c.points[..., 2] - joints["leftLowerLeg"][2])
    knee, hip = joints["leftLowerLeg"][1], joints["leftUpperLeg"][1]
    stack = smoothstep(0.26, 0.12, y) * np.sin((y + 0.010 * np.sin(2 * round_leg)) * 190)
    bend = (
        np.exp(-(((y - knee) / 0.07) ** 2))
        * np.sin((y - knee) * 130 + 1.6 * np.cos(round_leg))
        * (0.4 - 0.6 * np.cos(round_leg))
    )
    cross = np.exp(-(((y - hip) / 0.06) ** 2)) * np.sin((y - 0.55 * x) * 150)
    c.height += mask * (0.0034 * stack + 0.0022 * bend + 0.0018 * cross)
    c.color[mask] *= (1 + 0.05 * (stack + bend))[mask][:, None]


def frog(c: Canvas, mask: np.ndarray, at: np.ndarray, color: Color) -> None:
    """A knotted button at (x, y) between two loops of cord."""
    x, y = c.points[..., 0] - at[0], c.points[..., 1] - at[1]
    for side in (1.0, -1.0):
        loop = np.abs(np.hypot((x - 0.0125 * side) / 1.5, y) - 0.0052)
        cord = mask * smoothstep(0.0022, 0.0014, loop)
        c.mix(color, cord)
        c.height += 0.0012 * cord
    away = np.hypot(x, y)
    knot = mask * smoothstep(0.0058, 0.0048, away)
    c.mix(np.asarray(color) * 0.92, knot)
    c.mix(np.asarray(color) * 0.45, mask * smoothstep(0.0018, 0.0008, np.abs(away - 0.0062)) * 0.7)
    c.height += 0.0030 * mask * np.sqrt(np.clip(1 - (away / 0.0058) ** 2, 0, 1))


def near(c: Canvas, rims: list[np.ndarray], reach_m: float) -> np.ndarray:
    """Texels no farther than `reach_m` from cut edges, closed rings of points (k, 3)."""
    shares = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    dense = [((1 - shares) * rim + shares * np.roll(rim, -1, 0)).reshape(-1, 3) for rim in rims]
    return cKDTree(np.concatenate(dense)).query(c.points, distance_upper_bound=reach_m)[0] < reach_m


def within(c: Canvas, *charts: str) -> np.ndarray:
    """Texels of some charts, the rims between what is drawn included."""
    size = len(c.color)
    row, column = np.mgrid[0:size, 0:size] / size
    inside = np.zeros((size, size), bool)
    for x0, y0, x1, y1 in (ATLAS[chart] for chart in charts):
        inside |= (column >= x0) & (column < x1) & (row >= y0) & (row < y1)
    return inside


def chart_rows(c: Canvas, chart: str, low: float, high: float) -> np.ndarray:
    """Texels of a chart whose height in it, 0 at its lower edge, lies between two shares."""
    size = len(c.color)
    x0, y0, x1, y1 = ATLAS[chart]
    row, column = np.mgrid[0:size, 0:size] / size
    share = (y1 - row) / (y1 - y0)
    return (column > x0) & (column < x1) & (share > low) & (share < high)


def shoes(c: Canvas, mask: np.ndarray, color: Color, trim: Color, joints: dict[str, np.ndarray], side: str) -> None:
    """Flat shoes with a strap, painted over the foot."""
    p = c.points
    ankle, toes = joints[f"{side}Foot"], joints[f"{side}Toes"]
    ahead = (p[..., 2] - ankle[2]) / (toes[2] - ankle[2])
    upper = np.interp(ahead, [-0.6, -0.1, 0.45, 0.95, 1.1], [0.068, 0.050, 0.030, 0.040, 0.2])
    shoe = mask & (p[..., 1] < upper)
    strap = mask & (np.abs(p[..., 1] - 0.085 + 0.035 * (ahead - 0.1)) < 0.007) & (ahead > -0.8)
    c.mix(np.asarray(color) * 0.9, (shoe | strap).astype(float))
    c.mix(trim, (mask & (np.abs(p[..., 1] - upper) < 0.0022) & (ahead < 1.05)) * 0.8)
    c.mix((0.08, 0.07, 0.07), mask * smoothstep(0.016, 0.012, p[..., 1]))


def shirt_cut(
    limbs: Limbs, shape: np.ndarray, sleeve_m: float, hem_y: float, collar_y: float, drop_m: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Which vertices a shirt covers: from hem to collar, lower by `drop_m` in front, and down the sleeves."""

    def keep(i: np.ndarray) -> np.ndarray:
        front = smoothstep(-0.05, 0.08, shape[i, 2])
        on_arm = (limbs.arm[i] > 0.5) & (limbs.along[i] < sleeve_m)
        on_trunk = (limbs.arm[i] <= 0.5) & (shape[i, 1] > hem_y) & (shape[i, 1] < collar_y + 0.020 - drop_m * front)
        return on_arm | on_trunk

    return keep


def market(figure: Figure, joints: dict[str, np.ndarray], recipe: Recipe, skeleton: Skeleton) -> Outfit:
    """Bo: a linen shirt with a band collar and rolled sleeves, an indigo apron, dark trousers, leather shoes."""
    limbs = Limbs(figure, joints)
    shape = figure.shape
    sleeve_m = limbs.upper_m + 0.30 * limbs.lower_m
    collar_y = joints["neck"][1] - 0.002
    hem_y = joints["hips"][1] - 0.050
    waist_y = joints["spine"][1]

    def ease(i: np.ndarray) -> np.ndarray:
        cuff = smoothstep(0.55 * sleeve_m, 0.9 * sleeve_m, limbs.along[i]) * (limbs.arm[i] > 0.5)
        loose = smoothstep(waist_y + 0.25, waist_y, shape[i, 1]) * (limbs.arm[i] < 0.5)
        return 0.005 + 0.006 * cuff + 0.006 * loose

    def slack(i: np.ndarray) -> np.ndarray:
        on_arm = limbs.arm[i] > 0.5
        on_trunk = 0.3 + 0.7 * smoothstep(waist_y + 0.3, waist_y + 0.1, shape[i, 1])
        return np.where(on_arm, 0.4 + 0.6 * smoothstep(0.05, 0.15, limbs.along[i]), on_trunk)

    def held(i: np.ndarray) -> np.ndarray:
        tucked = smoothstep(waist_y + 0.01, waist_y - 0.02, shape[i, 1])  # below the apron's ties
        return 0.7 * tucked * (limbs.arm[i] < 0.5)

    linen_cloth = Fabric(slack=0.08, bending=10.0, tension=20.0)
    shirt = top(
        figure,
        limbs,
        Cut(
            shirt_cut(limbs, shape, sleeve_m, hem_y, collar_y, 0.036),
            ease, slack, held, linen_cloth, sleeve_m, hem_y, 0.008, waist_y, 1050,
        ),
    )  # fmt: skip
    legs = trousers(figure, limbs, hem_y + 0.03, 0.085, 0.016, 620)
    cloth = apron(figure, [shirt.part, legs], joints, 0.62)
    ties, chains = apron_ties(cloth, shirt, legs, joints, skeleton, waist_y + 0.02)
    parts = [
        shirt.part,
        collar(figure, shirt, 0.030, 0.0070, 0.006),
        legs,
        cloth,
        *ties,
        *legs_below(figure, limbs, 0.16, 120),
        *hands(figure, limbs, sleeve_m - 0.025, recipe.hand_budget),
    ]

    def paint(c: Canvas, masks: dict[str, np.ndarray], colourway: str) -> None:
        linen, canvas_blue, cloth_dark, stitch = {
            "indigo": ((0.86, 0.80, 0.70), (0.155, 0.205, 0.33), (0.20, 0.19, 0.18), (0.80, 0.68, 0.48)),
            "brick": ((0.62, 0.68, 0.66), (0.47, 0.19, 0.13), (0.16, 0.18, 0.22), (0.88, 0.78, 0.60)),
        }[colourway]
        paint_body(c, figure, recipe)
        p = c.points
        x, y = p[..., 0], p[..., 1]
        masks["top"] |= within(c, "torso", "sleeve")
        shirt_mask = masks["top"] | masks["collar"]
        weave(c, shirt_mask, linen, 41)
        front = masks["top"] & (p[..., 2] > 0)
        c.height += 0.0012 * front * smoothstep(0.0185, 0.0165, np.abs(x))
        c.color[front & (np.abs(x) < 0.017)] *= 0.97
        stitched(c, front & (np.abs(np.abs(x) - 0.0145) < 0.0007), linen, y)
        for k in range(5):
            button(c, front, np.array([0.0, collar_y - 0.042 - 0.072 * k]), (0.36, 0.25, 0.17))
        button(
            c,
            masks["collar"] & (p[..., 2] > 0),
            np.array([0.0, shirt.neck_ring[:, 1].min() + 0.013]),
            (0.36, 0.25, 0.17),
        )
        closing = masks["collar"] & (p[..., 2] > 0) & (np.abs(x - 0.008) < 0.0011)
        c.color[closing] *= 0.72
        stitched(c, chart_rows(c, "collar", 0.70, 0.725), linen, x)
        roll = masks["top"] & near(c, shirt.rims, 0.034) & ~near(c, [shirt.neck_ring], 0.05) & (y > hem_y + 0.06)
        c.height += 0.0022 * roll
        c.color[roll] *= 0.95
        weave(c, masks["lower"], cloth_dark, 43)
        trouser_creases(c, masks["lower"], joints)
        seam = np.abs(np.abs(np.arctan2(x - np.sign(x) * 0.09, p[..., 2])) - np.pi / 2) < 0.03
        c.color[masks["lower"] & seam] *= 0.8
        weave(c, masks["apron"], canvas_blue, 47)
        ties_mask = masks["tie_left"] | masks["tie_right"] | masks["strap_left"] | masks["strap_right"]
        weave(c, ties_mask, np.asarray(canvas_blue) * 1.1, 49)
        size = len(c.color)
        row, column = np.mgrid[0:size, 0:size] / size
        x0, y0, x1, y1 = ATLAS["apron"]
        u, v = (column - x0) / (x1 - x0), (row - y0) / (y1 - y0)
        rim = masks["apron"] & ((np.minimum(u, 1 - u) < 0.030) | (np.minimum(v, 1 - v) < 0.022))
        c.height += 0.0012 * rim
        c.color[rim] *= 0.88
        hem = masks["apron"] & (np.abs(np.minimum(u, 1 - u) - 0.037) < 0.004)
        piping(c, hem & (((u * 160) % 1) + ((v * 160) % 1) > 0.6), stitch)
        sag = smoothstep(0.42, 0.62, v)  # cloth hangs in soft folds below the waist, and is drawn in at the ties
        hang = np.sin(u * 23 + 1.1 * np.sin(v * 5)) + 0.6 * np.sin(u * 41 - 2.0 * v + 0.7)
        drawn = np.exp(-(((v - 0.40) / 0.05) ** 2)) * np.sin((v + 0.25 * np.abs(u - 0.5)) * 120)
        c.height += masks["apron"] * (
            0.0075 * sag * hang * (0.3 + np.abs(u - 0.5)) + 0.0028 * drawn * smoothstep(0.22, 0.5, np.abs(u - 0.5))
        )
        pocket = masks["apron"] & (np.abs(u - 0.5) < 0.17) & (v > 0.50) & (v < 0.70)
        inner = masks["apron"] & (np.abs(u - 0.5) < 0.162) & (v > 0.508) & (v < 0.692)
        c.height += 0.0018 * pocket
        c.color[pocket & ~inner] *= 0.7
        piping(c, inner & ~(masks["apron"] & (np.abs(u - 0.5) < 0.156) & (v > 0.515) & (v < 0.686)), stitch, 0.0004)
        lantern(c, masks["apron"], u, v, stitch)
        for side in ("left", "right"):
            leg = masks[f"{side}_leg"]
            weave(c, leg, (0.24, 0.145, 0.09), 53)
            c.mix((0.10, 0.075, 0.06), leg * smoothstep(0.024, 0.018, y))
            c.mix((0.16, 0.16, 0.17), leg * smoothstep(0.085, 0.095, y))
        cloth_mask = shirt_mask | masks["lower"] | masks["apron"] | ties_mask | masks["left_leg"] | masks["right_leg"]
        dark = 0.66 + 0.34 * smoothstep(0.05, 0.9, c.occlusion)
        c.color[cloth_mask] *= dark[cloth_mask][:, None]

    return Outfit(
        parts,
        lambda p: bare_neck(p, 0.550, 0.598),
        paint,
        ("indigo", "brick"),
        {"top": 0.85, "collar": 0.85, "lower": 0.85, "apron": 0.8, "skin": 0.52, "left_leg": 0.42, "right_leg": 0.42},
        chains,
        {"top": shirt.folds},
    )


def lantern(c: Canvas, mask: np.ndarray, u: np.ndarray, v: np.ndarray, color: Color) -> None:
    """The stall's mark on the bib: a small paper lantern in outline."""
    a, b = (u - 0.5) / 0.085, (v - 0.17) / 0.040
    ring = np.abs(np.hypot(a, b) - 1) < 0.13
    bulge = 0.42 * np.sqrt(np.clip(1 - b * b, 0, 1))
    ribs = (np.hypot(a, b) < 1) & ((np.abs(np.abs(a) - bulge) < 0.09) | (np.abs(a) < 0.06))
    caps = (np.abs(a) < 0.45) & (np.abs(np.abs(b) - 1.12) < 0.12)
    tassel = (np.abs(a) < 0.07) & (b > 1.2) & (b < 2.0)
    c.mix(color, 0.9 * (mask & (ring | ribs | caps | tassel)))
