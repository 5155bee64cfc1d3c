"""A sneaker for the left foot: origin at the sole's centre, toe towards +Z, size EU 41."""

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import bpy
import numpy as np

from ..brand import mark, stamp
from ..paint import Paint, clouds, normals, srgb, weave
from ..palette import BRASS, INK, JADE, LACQUER, PAPER
from ..shapes import Points, circle, grid, modify, sheet, spline, sweep

LENGTH_MM = 276.0
SEAT_MM = 24.0  # height at which the upper meets the sole
# Along the foot, heel (0) to toe (1): half widths outside and inside, the top's height, the middle line's bend.
ALONG = (0.0, 0.05, 0.16, 0.32, 0.46, 0.6, 0.72, 0.84, 0.93, 1.0)
OUTSIDE = (2, 24, 34, 35, 38, 44, 47, 44, 34, 11)
INSIDE = (2, 24, 33, 31, 33, 40, 45, 43, 33, 11)
TOP = (76, 92, 96, 94, 99, 87, 72, 63, 53, 26)
MIDDLE = (0, 0, 0, -1, -2, -2, 0, 3, 5, 6)
FINE = np.linspace(0, 1, 201)


def table(values: Sequence[float]) -> Callable[[float], float]:
    """A smooth reading of one of the tables above."""
    line = spline(np.stack([ALONG, values], 1), 600)
    return lambda along: float(np.interp(along, line[:, 0], line[:, 1]))


outside, inside, top, middle = table(OUTSIDE), table(INSIDE), table(TOP), table(MIDDLE)


def upper(along: float, over: float, out: float = 0.0) -> tuple[float, float, float]:
    """A point of the upper: `along` heel 0 to toe 1, `over` from the outer sole (1) across the top (0) to the inner
    sole (−1), raised by `out`."""
    along, over = min(max(along, 0.0), 1.0), min(max(over, -1.0), 1.0)
    angle = over * pi / 2
    half = (outside if over > 0 else inside)(along) + out
    side = abs(sin(angle)) ** (0.55 + 0.3 * along)
    rise = abs(cos(angle)) ** (0.72 - 0.1 * along)
    x = middle(along) + half * np.sign(over) * side
    y = SEAT_MM + (top(along) - SEAT_MM + out) * rise
    z = (along - 0.5) * LENGTH_MM + out * (2 * along - 1) ** 5
    return float(x), float(y), float(z)


def outline(grow: float) -> Points:
    """The foot's outline seen from above as [n, 2] (x, z), grown by `grow`."""
    run = (1 - np.cos(np.linspace(0, pi, 24))) / 2
    left = [(middle(a) + outside(a), (a - 0.5) * LENGTH_MM) for a in run]
    right = [(middle(a) - inside(a), (a - 0.5) * LENGTH_MM) for a in run[::-1]]
    edge = spline(left + right, 48, closed=True)
    ahead = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
    away = np.stack([ahead[:, 1], -ahead[:, 0]], 1)
    return edge + grow * away / np.linalg.norm(away, axis=1, keepdims=True)


def sole(name: str, rows: Sequence[tuple[float, float]]) -> bpy.types.Object:
    """A band of the sole through `rows` of (height, growth), its toe turned up."""
    rings = []
    for height, grow in rows:
        edge = outline(grow)
        spring = 13 * np.clip((edge[:, 1] / LENGTH_MM - 0.22) / 0.3, 0, 1) ** 2
        heel = 5 * np.clip(-edge[:, 1] / LENGTH_MM, 0, 0.5) * (height / SEAT_MM)
        lift = (
            height * (1 - 0.2 * np.clip(edge[:, 1] / LENGTH_MM + 0.1, 0, 0.6))
            + spring * (1 - 0.75 * height / 30)
            + heel
        )
        rings.append(np.stack([edge[:, 0], lift, edge[:, 1]], 1))
    return grid(name, np.array(rings), close_v=True, uv_size=(0.4, 6))


def patch(
    name: str, place: Callable[[float, float], tuple[float, float]], steps: tuple[int, int], thick: float = 1.6
) -> bpy.types.Object:
    """An overlay: `place(u, v)` gives where on the upper it lies."""
    skin = sheet(name, lambda u, v: upper(*place(u, v), out=0.5), (0, 1, steps[0]), (0, 1, steps[1]), uv_size=(2, 2))
    return modify(skin, "SOLIDIFY", thickness=thick, offset=0)


def collar(turn: float) -> tuple[float, float]:
    """The opening's rim in (along, over)."""
    return 0.235 + 0.2 * cos(turn), 0.43 * sin(turn) * (1 - 0.2 * cos(turn))


def border(turn: float) -> tuple[float, float]:
    """The line where the upper meets the sole, in (along, over)."""
    c, s = cos(turn), sin(turn)
    return 0.5 + 0.5 * np.sign(c) * abs(c) ** 0.8, float(np.sign(s) * abs(s) ** 0.45)


def sneaker() -> dict[str, Sequence[Paint]]:
    """Knit upper, leather overlays, laces, a two-part rubber sole."""
    knit_map = normals(weave(256, 40, 4), 4)
    hide_map = normals(clouds(128, 8, 6, 3), 2.5)
    knit = Paint("upper_knit", PAPER, rough=0.85, sheen="#ffffff", normal=knit_map, double=True)
    hide = Paint("overlay_leather", LACQUER, rough=0.42, normal=hide_map, normal_depth=0.5)
    heel = Paint("overlay_heel", INK, rough=0.45)
    foam = Paint("midsole", "#f3ede2", rough=0.6)
    gum = Paint("outsole", "#a8672f", rough=0.55)
    lace = Paint("laces", "#fbf6ec", rough=0.8)
    lining = Paint("lining", INK, rough=0.95, double=True)

    def skin(turn: float, down: float) -> tuple[float, float, float]:
        (a, b), (c, d) = collar(turn), border(turn)
        return upper(a + (c - a) * down, b + (d - b) * down)

    knit.on(sheet("upper", skin, (2 * pi, 0, 40), (0, 1, 8), close_u=True, uv_size=(12, 4)))
    rim = [np.array(upper(*collar(t), out=1.5)) for t in np.linspace(0, 2 * pi, 32, endpoint=False)]
    puffed = sweep("collar", rim, circle(4.6, 6), closed=True, uv_size=(10, 1))
    inner = [[np.array(p) * (1 - 0.25 * k, 1, 1 - 0.1 * k) + (0, -46 * k, -4 * k) for k in (0, 0.5, 1)] for p in rim]
    insole = grid(
        "insole", np.array([rim[0] * 0 + (0, 36, -70), *rim])[1:, None] * (0.8, 0, 0.92) + (0, 36, 0), close_u=True
    )
    lining.on(puffed, grid("lining", np.array(inner), close_u=True))
    insole.data.materials.clear()
    lining_floor(insole)

    tongue = sheet("tongue", tongue_at, (0, 1, 8), (-1, 1, 4), uv_size=(3, 1))
    modify(tongue, "SOLIDIFY", thickness=3.4, offset=0)
    knit_tongue = Paint("tongue_knit", PAPER, rough=0.85, sheen="#ffffff", normal=knit_map)
    knit_tongue.on(tongue)

    stays = [
        patch("stay", lambda u, v, s=s: (0.405 + 0.29 * u, s * (0.15 + 0.03 * u + (0.19 - 0.03 * u) * v)), (7, 1))
        for s in (1, -1)
    ]
    wing = [
        patch("wing", lambda u, v, s=s: (0.15 + 0.28 * u + 0.085 * v, s * (0.98 - 0.68 * u)), (8, 1)) for s in (1, -1)
    ]
    cap = patch("toe", lambda u, v: (0.86 + 0.14 * u - 0.1 * (2 * v - 1) ** 4 * (1 - u), 2 * v - 1), (4, 12))
    guard = [
        patch("guard", lambda u, v, s=s: (0.52 + 0.36 * u, s * (1 - (0.04 + 0.26 * u**2) * v)), (7, 2)) for s in (1, -1)
    ]
    hide.on(*stays, *wing, cap, *guard)
    counter = [
        patch("counter", lambda u, v, s=s: (0.0 + (0.20 - 0.07 * v) * u, s * (1 - 0.42 * v)), (6, 4)) for s in (1, -1)
    ]
    heel.on(*counter)

    rows = [0.43, 0.485, 0.54, 0.595, 0.65]
    laces = []
    for along in rows:
        over = 0.22
        arch = [np.array(upper(along + 0.012 * k, over * k, 4.4 - 1.6 * k * k)) for k in np.linspace(-1, 1, 7)]
        laces.append(sweep("lace", arch, circle(1, 6) * (2.9, 1.3)))
    laces += bow()
    lace.on(*laces)

    foam.on(sole("midsole", [(7, 3.2), (12, 5.0), (20, 5.4), (27, 4.2), (30.5, 2.0), (30, -4)]))
    gum.on(sole("outsole", [(0, -60), (0, -2), (1.2, 1.4), (4, 3.6), (7, 3.4)]))
    tab()
    night = [
        Paint("upper_knit:night", "#232b38", rough=0.85, sheen="#7c879b", normal=knit_map, double=True),
        Paint("tongue_knit:night", "#232b38", rough=0.85, sheen="#7c879b", normal=knit_map),
        Paint("overlay_leather:night", "#11151c", rough=0.42, normal=hide_map, normal_depth=0.5),
        Paint("overlay_heel:night", BRASS, rough=0.4),
        Paint("laces:night", BRASS, rough=0.8),
    ]
    jade = [
        Paint("overlay_leather:jade", JADE, rough=0.42, normal=hide_map, normal_depth=0.5),
        Paint("outsole:jade", "#efe7d8", rough=0.55),
    ]
    return {"lacquer": [], "jade": jade, "night": night}


def lining_floor(insole: bpy.types.Object) -> None:
    """Close the view into the shoe."""
    Paint("insole", LACQUER, rough=0.9, double=True).on(insole)


def tongue_at(u: float, v: float) -> tuple[float, float, float]:
    """The tongue, from under the laces up and out of the opening."""
    along, over = 0.70 - 0.30 * min(u * 1.35, 1.0), v * (0.15 + 0.05 * u)
    x, y, z = upper(along, over, 0.6)
    free = max(u - 0.74, 0) / 0.26
    return x, y + 17 * free - 5 * free * v * v, z - 13 * free


def bow() -> list[bpy.types.Object]:
    """Two loops and two ends on the top lace."""
    knot = np.array(upper(0.43, 0, 6.5))
    made = []
    for side in (1, -1):
        ring = spline([(0, 0, 0), (12, 5, -2), (28, 3, 4), (31, -5, 9), (18, -3, 8), (0, 0, 1)], 13) * (side, 1, 1)
        end = spline([(0, 0, 0), (9, -1, 9), (20, -8, 18), (25, -17, 21)], 7) * (side, 1, 1)
        made += [sweep("loop", knot + line, circle(1, 5) * (2.2, 1.2)) for line in (ring, end)]
    return made


def tab() -> None:
    """The heel's pull tab with the mark."""
    picture = np.ones((216, 96, 3)) * srgb(LACQUER)
    stamp(picture, mark(88), (4, 16), srgb(PAPER))
    net = [
        [(x, y, -LENGTH_MM / 2 - 2.6 + 0.02 * (y - 40) + 0.006 * x * x) for y in np.linspace(28, 82, 4)]
        for x in np.linspace(12, -12, 5)
    ]
    label = grid("tab", net)
    Paint("tab", rough=0.6, texture=picture, double=True).on(label)
