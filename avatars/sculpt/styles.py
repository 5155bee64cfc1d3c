"""The hosts' hairstyles."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .hair import (
    Comb,
    Knots,
    Skull,
    along,
    band,
    chain_weights,
    combed,
    direction,
    eased,
    hairline,
    lock,
    sheet,
    spline,
    tube,
)
from .head import Figure
from .part import Part
from .recipe import Color
from .skeleton import Skeleton
from .springs import Chain, add_chain
from .strands import FLUFF, FULL, LOOSE, WISP
from .stylise import smoothstep


@dataclass
class Hair:
    """A finished hairstyle; `scalp` says how much hair covers a place on the skin, for the painter."""

    parts: list[Part]
    scalp: Callable[[np.ndarray], np.ndarray]
    chains: list[Chain] = field(default_factory=list)
    accents: list[Color] = field(default_factory=list)


class Block:
    """What a style is built on: the skull, the skeleton its chains hang from, and weights for what does not swing."""

    def __init__(self, figure: Figure, skeleton: Skeleton) -> None:
        self.figure = figure
        self.skull = Skull(figure)
        self.skeleton = skeleton
        self.width = len(skeleton.names) + 48  # room for the joints of the chains to come
        self.head = np.zeros(self.width)
        self.head[skeleton.index("head")] = 1

    def chain(self, hair: Hair, name: str, points: np.ndarray, spring: tuple[float, float, float, float]) -> list[int]:
        """Hang a chain along `points` (k, 3) from the head; `spring` is stiffness, drag, gravity and radius in metres.

        Returns the joints that carry hair.
        """
        joints = add_chain(self.skeleton, name, "head", points)
        hair.chains.append(Chain(name, joints, *spring))
        return [self.skeleton.index(joint) for joint in joints[:-1]]

    def swinging(self, count: int, joints: list[int], start: float) -> np.ndarray:
        """(count, J) weights along a lock whose part beyond `start` (0..1) swings on `joints`."""
        return chain_weights(count, joints, self.skeleton.index("head"), start, self.width)

    def leaf(self, size_m: float, root: float = 0.45, tip: float = 0.30) -> Callable[[np.ndarray], np.ndarray]:
        """The width of a lock: narrow at its root, full below the middle, and narrow again towards the tip."""

        def width_m(t: np.ndarray) -> np.ndarray:
            full = self.skull.size * size_m
            return full * (root + (1 - root) * smoothstep(0, 0.4, t)) * (1 - (1 - tip) * smoothstep(0.5, 1.0, t))

        return width_m


def clumped(rows_a_clump: tuple[float, ...], count: int) -> np.ndarray:
    """(n,) places across a sheet of `count` clumps, so that rows fall on their crests and into the grooves between."""
    return np.append(np.add.outer(np.arange(count), rows_a_clump).ravel() / count, 1.0)


def grooves(s: np.ndarray, count: int) -> np.ndarray:
    """How deep between the clumps of hair a place lies: 0 on a crest, 1 in a groove."""
    return 1 - np.abs(np.sin(np.pi * count * s)) ** 0.7


LAN_LINE: Knots = [
    (0, 9.5),
    (7, 11.5),
    (16, 13.5),
    (27, 12.5),
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
LAN_PARTING: Knots = [(10, 10), (12, 30), (17, 52), (30, 72), (90, 84), (160, 72), (180, 55)]
LAN_COMB: Comb = [
    [(10, 11.0), (29, 17), (50, 3), (75, -22), (98, -33), (152, -33)],
    [(12, 26), (40, 29), (67, 13), (94, -10), (118, -22), (157, -30)],
    [(15, 46), (56, 46), (86, 25), (112, 2), (134, -14), (161, -27)],
    [(24, 66), (78, 60), (108, 36), (131, 11), (148, -7), (165, -24)],
    [(70, 82), (124, 66), (140, 42), (154, 15), (163, -4), (171, -21)],
    [(180, 62), (180, 48), (180, 30), (180, 10), (180, -5), (180, -18)],
]
KNOT = (180.0, -27.0)  # where Lan's hair is gathered
LAN_CLUMPS = 7


def lan_height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """How high Lan's combed hair lies: it rises at once from the parting, and flattens towards the knot."""
    crown = np.exp(-(((s - 0.62) / 0.33) ** 2))
    body = 0.0125 + 0.007 * crown * smoothstep(0.9, 0.2, t)
    body = body * smoothstep(-0.085, 0.15, t) - 0.006 * smoothstep(0.55, 1.0, t)
    body = body - 0.0034 * grooves(s, LAN_CLUMPS) * smoothstep(0.0, 0.12, t) * smoothstep(1.05, 0.7, t)
    return body * (0.22 + 0.78 * smoothstep(0.0, 0.09, s + 0.25 * smoothstep(0.22, 0.0, t)))


def bun(figure: Figure, skeleton: Skeleton) -> Hair:
    """Lan: parted off the middle and combed into a low bun, with locks that frame the face, and a hair stick."""
    block = Block(figure, skeleton)
    parting = spline(direction(*np.array(LAN_PARTING, float).T), 40)
    parting /= np.linalg.norm(parting, axis=1, keepdims=True)
    hair = Hair([], hairline(LAN_LINE, block.skull, parting[4:], fade=(6.0, 4.0)))
    for side, name in ((1.0, "left"), (-1.0, "right")):
        _combed_half(hair, block, side)
        _frame(hair, block, side, name)
        _curtain(hair, block, side)
        _nape_wisps(hair, block, side, name)
    _nape(hair, block)
    _knot(hair, block)
    return hair


def _combed_half(hair: Hair, block: Block, side: float) -> None:
    """One side of the parting: the combed sheet, looser locks over it, and the fine hair at its edge."""
    rows = clumped((0.0, 0.2, 0.5, 0.8), LAN_CLUMPS)
    skull = block.skull
    hair.parts.append(sheet(skull, combed(LAN_COMB, rows, side), 15, lan_height, 5, block.head, rows))
    rng = np.random.default_rng(5 if side > 0 else 6)
    for s in (0.88, 0.70, 0.54, 0.40, 0.27, 0.15, 0.05):
        s = s + rng.uniform(-0.02, 0.02)
        way = combed(LAN_COMB, np.array([s]), side)[0]
        way = along(way, np.linspace(rng.uniform(0.02, 0.10), rng.uniform(0.80, 1.0), 7))
        t = np.linspace(0.05, 0.95, 7)
        rise = lan_height(np.full(7, s), t) + np.array([-0.001, 0.0012, 0.0016, 0.0018, 0.0015, 0.0012, 0.0005])
        hair.parts.append(
            lock(
                skull.at(way, rise),
                skull.centre,
                block.leaf(rng.uniform(0.013, 0.020), 0.5, 0.5),
                13,
                FULL,
                block.head,
                3,
                0.2,
            )
        )
    azimuth = side * np.linspace(-8 if side > 0 else -12, 78, 26)
    line = np.interp(np.abs(azimuth), *np.array(LAN_LINE).T)
    jitter = rng.uniform(-1.2, 0.6, len(azimuth))
    away = side * np.interp(np.abs(azimuth), [0, 30, 60, 80], [5, 9, 9, 12])
    hair.parts.append(
        band(
            skull,
            direction(azimuth, line - 1.0 + jitter),
            direction(azimuth + away, line + 8.5),
            (0.0004, 0.002, 0.0045),
            FLUFF,
            block.head,
        )
    )


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

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        middle = smoothstep(0.0, 0.2, 1 - np.abs(2 * s - 1))
        return 0.0002 + middle * (0.010 * smoothstep(0, 0.6, t) + 0.0008 * np.sin(s * 29) * t)

    hair.parts.append(sheet(block.skull, ways, 7, height, 2.0, block.head))


def _frame(hair: Hair, block: Block, side: float, name: str) -> None:
    """The locks that leave the parting, sweep over the temple and fall before the ear, curving in below the jaw."""
    marks, skull = block.figure.marks, block.skull
    size = skull.size
    lowest_y, eye_y, eye_z = marks.mouth[1] - 0.030 * size, marks.eye[1], marks.eye[2]
    # (depth along the comb, drop of the sweep in degrees, shift out and forward in metres, length, width, picture)
    locks = (
        (0.10, 0.0, (0.000, -0.010), 1.00, 0.030, FULL),
        (0.06, -2.0, (0.001, -0.002), 0.92, 0.026, LOOSE),
        (0.02, -5.0, (-0.004, 0.008), 0.70, 0.021, LOOSE),
        (0.00, -7.5, (-0.009, 0.015), 0.46, 0.014, WISP),
    )
    for number, (depth, sag, (out, front), length, width_m, tile) in enumerate(locks):
        start = combed(LAN_COMB, np.array([depth]), side)[0]
        over = along(start, np.array([0.0, 0.13, 0.27, 0.40]))
        over = over + np.outer([0.0, 0.4, 0.9, 1.0], [0, np.radians(sag), 0])
        top = skull.at(over, np.array([0.003, 0.0175, 0.0195, 0.0185]) - 0.0012 * number)
        x = side * size * (np.array([0.0770, 0.0812, 0.0805, 0.0700]) + 0.0012 * number + out)
        y = np.linspace(eye_y + 0.004, eye_y + (lowest_y - eye_y) * length, 4)
        z = eye_z + size * (np.array([-0.022, -0.034, -0.034, -0.018]) + front)
        fall = np.stack([x, y, z], 1)
        curve = eased(np.concatenate([top, fall]), 25)
        segments = 20 if number < 2 else 15
        weights: np.ndarray = block.head
        if number < 3:
            joints = block.chain(
                hair, f"hair_{name}_{number}", curve[np.linspace(14, 24, 4).astype(int)], (0.9, 0.42, 0.14, 0.007)
            )
            weights = block.swinging(segments, joints, 14 / 24)
        hair.parts.append(
            lock(curve, skull.centre + (0, -0.05, 0), block.leaf(width_m, 0.5, 0.45), segments, tile, weights, 4, 0.40)
        )


def _curtain(hair: Hair, block: Block, side: float) -> None:
    """Short locks from the parting that fall over the corner of the forehead and turn out at the temple."""
    rng = np.random.default_rng(21 if side > 0 else 22)
    for sag, size, tile in ((0.0, 0.022, FULL), (-5.0, 0.019, LOOSE), (-10.0, 0.013, WISP)):
        azimuth = side * np.array([0.0, 19, 31, 42, 53]) + (9, 2, 0, 0, 0) + rng.uniform(-1.5, 1.5, 5)
        elevation = np.array([16.0, 11, 0, -13, -25]) + sag * np.array([0.2, 0.5, 0.8, 1.0, 0.9])
        rise = np.array([0.003, 0.013, 0.0145, 0.012, 0.008]) + 0.0008 * sag / 5
        curve = eased(block.skull.at(direction(azimuth, elevation), rise), 15)
        hair.parts.append(lock(curve, block.skull.centre, block.leaf(size, 0.55, 0.4), 15, tile, block.head, 3, 0.35))


def _nape_wisps(hair: Hair, block: Block, side: float, name: str) -> None:
    """A few fine hairs that have come loose behind the ear, on a chain of their own."""
    skull, joints = block.skull, list[int]()
    for az, drop, size in ((118.0, 0.050, 0.011), (128.0, 0.040, 0.010)):
        top = skull.at(direction(side * az, -50.0), np.array(0.004))
        fall = np.stack(
            [
                skull.at(direction(side * (az - 6), -40.0), np.array(0.006)),
                top,
                top + skull.size * np.array([side * 0.006, -0.4 * drop, -0.002]),
                top + skull.size * np.array([side * 0.002, -drop, 0.006]),
            ]
        )
        if not joints:
            joints = block.chain(hair, f"hair_nape_{name}", spline(fall, 10)[[3, 6, 9]], (0.5, 0.4, 0.2, 0.006))
        hair.parts.append(
            lock(fall, skull.centre, block.leaf(size, 0.6, 0.9), 9, WISP, block.swinging(9, joints, 0.35), 3, 0.3)
        )


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


BO_LINE: Knots = [
    (0, 7.5),
    (12, 8.5),
    (24, 11),
    (34, 11.5),
    (43, 6.5),
    (51, -1.5),
    (58, -8),
    (66, -18),
    (76, -38),
    (84, -44),
    (92, -36),
    (100, -46),
    (110, -56),
    (125, -62),
    (180, -62),
]
BO_OVER: Comb = [  # from the parting on his left over the top to his right
    [(25, 14), (13, 16), (-8, 16.5), (-28, 15), (-44, 5.5)],
    [(28, 30), (6, 42), (-24, 40), (-50, 24), (-66, -4)],
    [(32, 48), (0, 62), (-54, 54), (-78, 26), (-89, -16)],
    [(46, 68), (-20, 84), (-104, 62), (-112, 26), (-113, -22)],
    [(110, 80), (178, 74), (-148, 52), (-142, 18), (-139, -27)],
    [(170, 66), (178, 52), (178, 34), (178, 6), (178, -30)],
]
BO_DOWN: Comb = [  # and from it down to his left
    [(25, 14), (33, 16.5), (42, 12), (51, 3.5), (58, -5)],
    [(28, 30), (40, 30), (55, 20), (66, 2), (75, -18)],
    [(32, 48), (50, 46), (70, 32), (84, 6), (92, -20)],
    [(46, 68), (76, 60), (98, 40), (110, 12), (114, -23)],
    [(110, 80), (134, 62), (142, 40), (146, 10), (148, -27)],
    [(170, 66), (178, 52), (178, 34), (178, 6), (178, -30)],
]
BO_CLUMPS = 5


def bo_height(top_m: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """How high Bo's hair lies: `top_m` over the skin on top, less at the back, close below."""

    def above_m(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        body = 0.0025 + top_m * (1 - 0.55 * smoothstep(0.3, 1.0, s)) * smoothstep(-0.1, 0.28, t) * smoothstep(
            0.95, 0.4, t
        )
        body = body - 0.13 * top_m * grooves(s, BO_CLUMPS) * smoothstep(0.9, 0.6, t)
        return body * (0.08 + 0.92 * smoothstep(0.0, 0.1, s)) * smoothstep(1.0, 0.8, t)

    return above_m


def quiff(figure: Figure, skeleton: Skeleton) -> Hair:
    """Bo: close at the sides, long on top, parted at his left and swept over, with a lock that curls on the brow."""
    block = Block(figure, skeleton)
    hair = Hair([], hairline(BO_LINE, block.skull, fade=(7.0, 11.0)))
    rng = np.random.default_rng(9)
    rows = clumped((0.0, 0.25, 0.5, 0.75), BO_CLUMPS)
    for comb, top_m, lift_m, ranks in (
        (BO_DOWN, 0.009, 0.004, ((0.34, 8), (0.04, 9))),
        (BO_OVER, 0.020, 0.011, ((0.68, 6), (0.46, 10), (0.24, 12), (0.03, 12))),
    ):
        height = bo_height(top_m)
        hair.parts.append(sheet(block.skull, combed(comb, rows), 12, height, 3, block.head, rows, 0.6))
        for start, count in ranks:  # what lies above is drawn later, so that frayed edges blend with hair
            _rank(hair, block, comb, height, lift_m, start, count, rng)
        ways = combed(comb, np.linspace(0.14, 1.0, 30))
        roots, ends = 0.4 * ways[:, -2] + 0.6 * ways[:, -1], ways[:, -1] - (0, 0.13, 0)
        cut = band(block.skull, roots, ends, (0.004, 0.004, 0.0015), LOOSE, block.head, 0.55)
        hair.parts.append(cut)  # the long hair's ends over the short hair below
    _off_the_brow(hair, block, rng)
    _forelock(hair, block)
    return hair


def _rank(
    hair: Hair,
    block: Block,
    comb: Comb,
    height: Callable[[np.ndarray, np.ndarray], np.ndarray],
    lift_m: float,
    start: float,
    count: int,
    rng: np.random.Generator,
) -> None:
    """Locks side by side over a sheet, from `start` along its strands, each arching `lift_m` over it; back first."""
    for k in reversed(range(count)):
        s = (k + rng.uniform(0.1, 0.9)) / count * 0.92
        t = np.linspace(start, min(start + rng.uniform(0.42, 0.58), 0.98), 5)
        way = along(combed(comb, np.array([s]))[0], t)
        way = way + np.outer(np.linspace(0, 1, 5) ** 2, rng.normal(0, 0.05, 3))
        arch = lift_m * rng.uniform(0.8, 1.2) * np.array([-0.15, 0.75, 1.0, 0.75, 0.32])
        points = block.skull.at(way, height(np.full(5, s), t) + arch * (1 - 0.5 * s))
        tile = int(rng.integers(FULL, LOOSE + 1))
        width = block.leaf(rng.uniform(0.019, 0.026), 0.7, 0.4)
        hair.parts.append(lock(points, block.skull.centre, width, 9, tile, block.head, 3, 0.35))


def _off_the_brow(hair: Hair, block: Block, rng: np.random.Generator) -> None:
    """The first row at the forehead, which rises from the hairline and leans to his right, and its fine hairs."""
    azimuth = np.linspace(-62, 62, 40)
    line = np.interp(np.abs(azimuth), *np.array(BO_LINE).T)
    roots = direction(azimuth, line - 1.0 + rng.uniform(-1.2, 0.8, 40))
    tips = direction(azimuth - 5, line + 8)
    hair.parts.append(band(block.skull, roots, tips, (0.0004, 0.0027, 0.006), FLUFF, block.head))
    for az in np.linspace(-46, 27, 11) + rng.uniform(-2, 2, 11):
        el = float(np.interp(abs(az), *np.array(BO_LINE).T))
        lean = rng.uniform(0.8, 1.2) * np.array([0, 3, 9, 18, 28])
        way = direction(az - lean, el + rng.uniform(-1.0, 2.0) + rng.uniform(0.9, 1.1) * np.array([0.3, 7, 15, 22, 27]))
        rise = rng.uniform(0.85, 1.15) * np.array([0.0, 0.008, 0.014, 0.016, 0.014])
        width = block.leaf(rng.uniform(0.018, 0.026), 0.5, 0.4)
        hair.parts.append(
            lock(block.skull.at(way, rise), block.skull.centre, width, 9, int(rng.integers(2)), block.head, 3, 0.35)
        )


def _forelock(hair: Hair, block: Block) -> None:
    """Locks that rise from the hairline and curl down on his right brow; three of them swing a little."""
    for number, (az, el, tip_az, tip_el, rise_m, size) in enumerate(
        (
            (-24, 11, -41, -11, 0.015, 0.020),
            (-8, 10, -27, -12, 0.018, 0.022),
            (3, 9, -20, -7, 0.021, 0.022),
            (13, 10, -32, -8, 0.025, 0.026),
            (21, 12, -41, -6, 0.028, 0.026),
        )
    ):
        share = np.array([0.0, 0.2, 0.5, 0.8, 1.0])
        azimuths = az + (tip_az - az) * share
        elevations = el + (tip_el - el) * share**1.6 + 12 * np.sin(np.pi * share**0.8)
        points = block.skull.at(direction(azimuths, elevations), rise_m * np.array([0.1, 0.8, 1.0, 0.68, 0.24]))
        weights: np.ndarray = block.head
        if number % 2 == 0:
            curve = spline(points, 13)[[4, 8, 12]]
            joints = block.chain(hair, f"hair_front_{number // 2 - 1}", curve, (1.4, 0.45, 0.06, 0.004))
            weights = block.swinging(13, joints, 0.35)
        hair.parts.append(
            lock(points, block.skull.centre, block.leaf(size, 0.55, 0.3), 13, number % 2, weights, 4, 0.4)
        )


STYLES: dict[str, Callable[[Figure, Skeleton], Hair]] = {"bun": bun, "quiff": quiff}
