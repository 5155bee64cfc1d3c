"""Lan's hair: parted at her left, swept over the brow, and gathered in a low bun with a hair stick."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

import numpy as np

from .hair import Comb, Knots, along, band, clump, combed, direction, eased, hairline, sheet, spline, tube
from .head import Figure
from .skeleton import Skeleton
from .styling import Block, Hair, clumped, grooves
from .stylise import smoothstep

LINE: Knots = [
    (0, 8),
    (7, 8.5),
    (16, 9.5),
    (27, 9.5),
    (34, 8.5),
    (38, 8),
    (47, 1),
    (57, -9),
    (66, -22),
    (74, -33),
    (82, -38),
    (92, -36),
    (100, -46),
    (108, -55),
    (125, -61),
    (180, -62),
]
PARTING: Knots = [(20, 11), (22, 27), (25, 47), (34, 67), (90, 82), (160, 72), (180, 55)]
LEFT: Comb = [  # from the parting down to the knot
    [(21, 11.5), (35, 14), (51, 3), (68, -14), (90, -28), (150, -33)],
    [(22, 27), (42, 27), (66, 12), (92, -8), (116, -22), (157, -30)],
    [(26, 47), (58, 44), (86, 25), (112, 2), (134, -14), (161, -27)],
    [(36, 67), (80, 60), (108, 36), (131, 11), (148, -7), (165, -24)],
    [(90, 82), (126, 66), (141, 42), (154, 15), (163, -4), (171, -21)],
    [(180, 62), (180, 48), (180, 30), (180, 10), (180, -5), (180, -18)],
]
RIGHT: Comb = [
    [(19, 11), (-7, 14.5), (-33, 9), (-58, -10), (-90, -29), (-150, -33)],
    [(20, 27), (-14, 33), (-48, 24), (-82, 0), (-114, -22), (-157, -30)],
    [(22, 47), (-28, 56), (-74, 38), (-106, 8), (-133, -14), (-161, -27)],
    [(30, 67), (-40, 74), (-100, 50), (-128, 18), (-147, -7), (-165, -24)],
    [(80, 82), (-150, 78), (-146, 48), (-156, 18), (-163, -4), (-171, -21)],
    [(180, 62), (180, 48), (180, 30), (180, 10), (180, -5), (180, -18)],
]
KNOT = (180.0, -27.0)  # where the hair is gathered
CLUMPS = 6


def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """How high the combed hair lies: it rises at once from the parting, and flattens towards the knot."""
    crown = np.exp(-(((s - 0.55) / 0.40) ** 2))
    body = 0.016 + 0.013 * crown * smoothstep(0.9, 0.2, t)
    body = body * (0.25 + 0.75 * smoothstep(0.0, 0.22, t)) - 0.007 * smoothstep(0.5, 1.0, t)
    body = body - 0.0030 * grooves(s, CLUMPS) * smoothstep(0.0, 0.12, t) * smoothstep(1.05, 0.7, t)
    return body * (0.15 + 0.85 * smoothstep(0.0, 0.10, s))


def bun(figure: Figure, skeleton: Skeleton) -> Hair:
    """The finished hairstyle."""
    block = Block(figure, skeleton)
    parting = spline(direction(*np.array(PARTING, float).T), 40)
    parting /= np.linalg.norm(parting, axis=1, keepdims=True)
    hair = Hair([], hairline(LINE, block.skull, parting[4:], fade=(3.5, 5.0)))
    rng = np.random.default_rng(5)
    for comb in (LEFT, RIGHT):
        _combed_half(hair, block, comb, rng)
    _fringe(hair, block)
    for side, name in ((1.0, "left"), (-1.0, "right")):
        _frame(hair, block, side, name)
    _nape(hair, block)
    _knot(hair, block)
    return hair


def _combed_half(hair: Hair, block: Block, comb: Comb, rng: np.random.Generator) -> None:
    """One side of the parting: the combed sheet, the clumps over it, and the fine hair at its edge."""
    rows = clumped((0.0, 0.25, 0.5, 0.75), CLUMPS)
    skull = block.skull
    hair.parts.append(sheet(skull, combed(comb, rows), 13, height, 5, block.head, rows))
    for s, start, end, width in (
        (0.90, 0.10, 0.90, 0.022),
        (0.74, 0.05, 0.97, 0.024),
        (0.58, 0.03, 1.0, 0.026),
        (0.43, 0.04, 0.98, 0.024),
        (0.29, 0.02, 1.0, 0.024),
        (0.16, 0.04, 0.97, 0.020),
    ):
        t = np.linspace(start, end, 8)
        way = along(combed(comb, np.array([s]))[0], t)
        way = way + np.outer(np.sin(np.pi * t), rng.normal(0, 0.02, 3))
        rise = height(np.full(8, s), t) + 0.0022 * np.sin(np.pi * np.linspace(0, 1, 8)) ** 0.7 - 0.0004
        curve = eased(skull.at(way, rise), 14, 0.03)
        leaf = block.leaf(width * rng.uniform(0.9, 1.1), 0.35, 0.35)
        hair.parts.append(clump(curve, skull.centre, leaf, block.head, rng.uniform(0, 1), (start, end)))
    root_azimuth = np.array(comb[0])[0, 0]
    azimuth = np.linspace(root_azimuth, np.sign(np.array(comb[0])[3, 0]) * 78, 26)
    line = np.interp(np.abs(azimuth), *np.array(LINE).T)
    side = np.sign(azimuth[-1])
    jitter = rng.uniform(-1.2, 0.6, len(azimuth))
    away = side * np.interp(np.abs(azimuth), [0, 30, 60, 80], [5, 9, 9, 12])
    roots, tips = direction(azimuth, line - 1.0 + jitter), direction(azimuth + away, line + 8.5)
    hair.parts.append(band(skull, roots, tips, (0.0004, 0.002, 0.0045), block.head))


Way = list[tuple[float, float, float]]  # azimuth and elevation in degrees, height over the skin in millimetres


def _fringe(hair: Hair, block: Block) -> None:
    """The clumps that sweep from the parting over the brow to the temples; the later lie over the earlier."""
    sweeps: list[tuple[Way, float, float]] = [
        ([(18, 30, 6), (-10, 38, 22), (-42, 27, 24), (-70, 4, 19), (-92, -20, 13), (-118, -29, 5)], 0.030, 0.15),
        ([(18, 22, 4), (-4, 27, 19), (-32, 17, 22), (-57, -2, 18), (-78, -22, 13), (-98, -33, 5)], 0.029, 0.55),
        ([(18, 16, 2), (4, 17, 14), (-16, 8, 18), (-39, -8, 16), (-60, -24, 12), (-80, -35, 5)], 0.030, 0.35),
        ([(18, 12, 1), (9, 10, 9), (-6, 1, 14), (-24, -12, 14), (-43, -24, 12), (-62, -37, 8)], 0.024, 0.8),
        ([(22, 26, 5), (36, 28, 17), (56, 18, 19), (76, 0, 16), (94, -18, 11), (118, -28, 3)], 0.028, 0.4),
        ([(22, 17, 2), (32, 16, 12), (46, 5, 15), (62, -12, 13), (77, -26, 10), (94, -34, 3)], 0.027, 0.7),
        ([(22, 12, 1), (30, 8, 8), (41, -3, 12), (54, -17, 11), (67, -29, 8), (80, -37, 3)], 0.020, 0.1),
    ]
    for way, width, u in sweeps:
        azimuth, elevation, rise_mm = np.array(way).T
        curve = eased(block.skull.at(direction(azimuth, elevation), rise_mm / 1000), 15, 0.04)
        hair.parts.append(clump(curve, block.skull.centre, block.leaf(width, 0.3, 0.12), block.head, u, (0.0, 0.75)))


def _frame(hair: Hair, block: Block, side: float, name: str) -> None:
    """The loose locks that leave the fringe at the temple and fall before the ear, curving in below the jaw."""
    skull, marks = block.skull, block.figure.marks
    size = skull.size
    eye, drop = marks.eye, marks.mouth[1] - 0.022 * size - marks.eye[1]
    locks = (
        # (millimetres out and forward, share of the length, width in metres, picture)
        (0.0, 0.0, 1.00, 0.0200, 0.3),
        (2.5, -8.0, 0.78, 0.0160, 0.6),
        (2.0, -17.0, 0.58, 0.0150, 0.1),
        (-1.5, 7.0, 0.62, 0.0105, 0.9),
    )
    for number, (out, front, length, width, u) in enumerate(locks):
        way = direction(side * np.array([40.0, 54, 66]), np.array([13.0, 3, -9]))
        top = skull.at(way, np.array([0.010, 0.0135, 0.0125]))
        x = side * (size * np.array([71.0, 75.0, 71.0, 60.0]) + out) / 1000
        y = eye[1] + drop * length * np.array([0.22, 0.5, 0.78, 1.0])
        z = eye[2] + (size * np.array([-20.0, -24.0, -22.0, -12.0]) + front) / 1000
        curve = eased(np.concatenate([top, np.stack([x, y, z], 1)]), 17, 0.04)
        joints = block.chain(hair, f"hair_{name}_{number}", curve[[8, 12, 16]], (0.9, 0.42, 0.14, 0.007))
        weights = block.swinging(17, joints, 8 / 16)
        leaf = block.leaf(width, 0.4, 0.18)
        hair.parts.append(clump(curve, skull.centre + (0, -0.05, 0), leaf, weights, u, (0.1, 1.0)))


def _nape(hair: Hair, block: Block) -> None:
    """The hair that is gathered from the nape up into the knot."""
    u = np.linspace(-1, 1, 17)
    ways = np.stack(
        [
            direction(180 - u * 74, -61 + 13 * u * u),
            direction(180 - u * 58, -52 + 12 * u * u),
            direction(180 - u * 38, -42 + 9 * u * u),
            direction(180 - u * 16, -30 + 0 * u),
        ],
        1,
    )

    def rise(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        middle = smoothstep(0.0, 0.2, 1 - np.abs(2 * s - 1))
        return 0.0002 + middle * (0.010 * smoothstep(0, 0.6, t) + 0.0008 * np.sin(s * 29) * t)

    hair.parts.append(sheet(block.skull, ways, 7, rise, 2.0, block.head))


def _knot(hair: Hair, block: Block) -> None:
    """The coiled bun, the stick through it, and the tassel that swings from the stick's end."""
    head, size = block.head, block.skull.size
    knot = block.skull.at(direction(*KNOT), np.array(0.016))
    back = direction(*KNOT)
    up = np.array([0, 1.0, 0]) - back * back[1]
    up /= np.linalg.norm(up)
    right = np.cross(up, back)
    turn = np.linspace(0, 2 * np.pi * 2.35, 44)
    reach = size * np.interp(turn, [0, turn[-1]], [0.031, 0.004])
    rise = size * np.interp(turn, [0, turn[-1]], [-0.004, 0.022])
    coil = knot + np.outer(np.cos(turn) * reach, right) + np.outer(np.sin(turn) * reach, up) + np.outer(rise, back)
    hair.parts.append(
        tube(coil, size * np.interp(turn, [0, 2, turn[-1]], [0.011, 0.0165, 0.010]), 8, head, (0.1, 0.6), (0.15, 1.0))
    )
    tilt = right * 0.92 + up * 0.36
    stick = np.stack(
        [knot + back * 0.016 + tilt * d for d in (-0.062, -0.060, 0.055, 0.060, 0.066, 0.0665, 0.074, 0.0815, 0.083)]
    )
    radii = np.array([0.0002, 0.0014, 0.0022, 0.0022, 0.0022, 0.005, 0.0068, 0.005, 0.0004])
    hair.parts.append(tube(stick, radii, 7, head, (0.90, 0.98), (0.02, 0.45)))
    end = stick[6]
    fall = end + np.outer([0.004, 0.020, 0.034, 0.040, 0.062, 0.084], [0.0, -1.0, 0.0])
    joints = block.chain(hair, "tassel", fall[[0, 2, 5]], (0.25, 0.25, 0.5, 0.004))
    hair.parts.append(
        tube(
            fall,
            np.array([0.0006, 0.0006, 0.0008, 0.0042, 0.0040, 0.0052]),
            7,
            block.swinging(6, joints, 0.0),
            (0.90, 0.98),
            (0.55, 0.97),
        )
    )
    hair.accents[:] = [(0.72, 0.50, 0.22), (0.60, 0.10, 0.08)]
