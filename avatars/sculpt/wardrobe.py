"""What each host wears: the qipao set and the market set, in two colourways each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .clothes import Limbs
from .head import Figure
from .outfits import ATLAS, Outfit, collar, hands, legs_below, skirt, top
from .paint import Canvas, Color, noise
from .recipe import Recipe
from .skin import paint_skin
from .stylise import smoothstep


def qipao(figure: Figure, joints: dict[str, np.ndarray], recipe: Recipe) -> Outfit:
    """Lan: a jade blouse with a mandarin collar and three-quarter sleeves over an ink midi skirt, flat shoes."""
    limbs = Limbs(figure, joints)
    shape = figure.shape
    sleeve_m = limbs.upper_m + 0.42 * limbs.lower_m
    collar_y = joints["neck"][1] + 0.006
    hem_y = joints["hips"][1] - 0.040
    waist_y = joints["spine"][1]

    def keep(i: np.ndarray) -> np.ndarray:
        front = smoothstep(-0.05, 0.08, shape[i, 2])
        below_collar = shape[i, 1] < collar_y + 0.018 - 0.016 * front
        on_arm = (limbs.arm[i] > 0.5) & (limbs.along[i] < sleeve_m)
        on_trunk = (limbs.arm[i] <= 0.5) & (shape[i, 1] > hem_y) & below_collar
        return on_arm | on_trunk

    def ease(i: np.ndarray) -> np.ndarray:
        flare = smoothstep(waist_y, hem_y, shape[i, 1]) * (limbs.arm[i] < 0.5)
        cuff = smoothstep(0.5 * sleeve_m, sleeve_m, limbs.along[i]) * (limbs.arm[i] > 0.5)
        shoulder = smoothstep(0.10, 0.02, np.abs(limbs.along[i]))
        return 0.002 + 0.010 * flare + 0.012 * cuff + 0.003 * shoulder

    def hang(i: np.ndarray) -> np.ndarray:
        return 0.35 + 0.65 * smoothstep(waist_y + 0.03, hem_y + 0.06, shape[i, 1])

    parts = [
        top(figure, limbs, keep, ease, hang, 1050, sleeve_m, hem_y),
        collar(figure, collar_y - 0.004, 0.038, 0.24, 7.0, 0.0065),
        skirt(figure, 0.36, hem_y + 0.035, 0.05, 300),
        *legs_below(figure, limbs, 0.46, 190),
        *hands(figure, limbs, sleeve_m - 0.05, recipe.hand_budget),
    ]

    def paint(c: Canvas, masks: dict[str, np.ndarray], colourway: str) -> None:
        cloth, trim, under = {"jade": ((0.13, 0.40, 0.36), (0.86, 0.72, 0.45), (0.17, 0.16, 0.21)),
                              "plum": ((0.46, 0.12, 0.20), (0.90, 0.74, 0.50), (0.13, 0.13, 0.16))}[colourway]  # fmt: skip
        paint_skin(c, figure, recipe)
        c.shade(0.5 + 0.5 * smoothstep(0.15, 0.95, c.occlusion), recipe.skin.shade_tint)
        p = c.points
        x, y = p[..., 0], p[..., 1]
        blouse = masks["top"] | masks["collar"]
        weave(c, blouse, cloth, 31)
        motif(c, masks["top"], cloth)
        # the opening: from the collar's front, curving to the right armpit and down the side
        t = np.clip(-x / 0.145, 0, 1)
        line_y = collar_y - 0.035 - 0.115 * t**1.6
        on_front = masks["top"] & (p[..., 2] > 0.0) & (x < 0.004) & (x > -0.15)
        piping(c, on_front & (np.abs(y - line_y) < 0.0030), trim)
        for f in (0.05, 0.42, 0.86):
            spot = np.array([-0.145 * f, collar_y - 0.035 - 0.115 * f**1.6])
            knot = np.hypot((x - spot[0]) / 1.0, (y - spot[1]) / 0.55)
            c.mix(trim, (on_front & (knot < 0.0135) & (knot > 0.009)) * 0.9)
            c.mix(np.asarray(trim) * 0.8, on_front * smoothstep(0.0062, 0.0048, np.hypot(x - spot[0], y - spot[1])))
        piping(c, masks["collar"] & edge_rows(c, masks["collar"], 0.80, 1.0), trim)
        cuffs = masks["top"] & sleeve_rows(c, 0.93)
        piping(c, cuffs, trim)
        piping(c, masks["top"] & (y < hem_y + 0.011) & (np.abs(x) < 0.3), trim)
        weave(c, masks["lower"], under, 37)
        pleat = 0.10 * np.sin(np.arctan2(x, p[..., 2]) * 24)
        c.color[masks["lower"]] *= (1 + pleat * smoothstep(0.95, 0.6, y))[masks["lower"]][:, None]
        piping(c, masks["lower"] & (np.abs(y - 0.392) < 0.0035), trim)
        for side in ("left", "right"):
            shoes(c, masks[f"{side}_leg"], under, trim, joints, side)
        cloth_mask = blouse | masks["lower"]
        dark = 0.42 + 0.58 * smoothstep(0.2, 0.97, c.occlusion)
        c.color[cloth_mask] *= dark[cloth_mask][:, None]

    return Outfit(parts, lambda p: p[:, 1] > 0.548 + np.where(p[:, 2] < 0.02, 0.022, 0.0), paint, ("jade", "plum"),
                  {"top": 0.55, "collar": 0.55, "lower": 0.8, "skin": 0.5, "leg": 0.5})  # fmt: skip


def weave(c: Canvas, mask: np.ndarray, color: Color, seed: int) -> None:
    """Cloth with broad fading and fine threads."""
    size = c.color.shape[:2]
    tone = 1 + 0.05 * noise(size, 14, seed) + 0.06 * noise(size, 0.8, seed + 1)
    c.color[mask] = (np.asarray(color) * tone[..., None])[mask]


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


def piping(c: Canvas, mask: np.ndarray, color: Color) -> None:
    c.mix(color, mask * 0.95)


def edge_rows(c: Canvas, mask: np.ndarray, low: float, high: float) -> np.ndarray:
    """Texels whose row lies between two shares of the mask's height in the atlas, 1 at its upper edge."""
    rows = np.flatnonzero(mask.any(1))
    share = 1 - (np.arange(len(mask)) - rows.min()) / max(np.ptp(rows), 1)
    return np.broadcast_to(((share >= low) & (share <= high))[:, None], mask.shape)


def sleeve_rows(c: Canvas, start: float) -> np.ndarray:
    """Texels of the sleeves' chart beyond `start` of its height."""
    size = len(c.color)
    x0, y0, _, y1 = ATLAS["sleeve"]
    row, column = np.mgrid[0:size, 0:size] / size
    return (column > x0) & (row > y0 + (y1 - y0) * start) & (row < y1 + 0.005)


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


WARDROBE: dict[str, Callable[[Figure, dict[str, np.ndarray], Recipe], Outfit]] = {"qipao": qipao}
