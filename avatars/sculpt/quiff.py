"""Bo's hair: close at the sides, long on top, parted at his left, rising from the brow and swept over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .hair import Comb, Knots, along, band, clump, combed, direction, eased, hairline, sheet
from .head import Figure
from .skeleton import Skeleton
from .styling import Block, Hair, clumped, grooves
from .stylise import smoothstep

LINE: Knots = [
    (0, 3.5),
    (12, 4.5),
    (24, 7),
    (34, 7.5),
    (43, 3),
    (51, -4),
    (58, -10),
    (66, -20),
    (76, -38),
    (84, -44),
    (92, -36),
    (100, -46),
    (110, -56),
    (125, -62),
    (180, -62),
]
OVER: Comb = [  # from the parting on his left over the top to his right
    [(25, 10), (13, 12), (-8, 12.5), (-28, 11), (-44, 2.5)],
    [(28, 30), (6, 42), (-24, 40), (-50, 24), (-66, -4)],
    [(32, 48), (0, 62), (-54, 54), (-78, 26), (-89, -16)],
    [(46, 68), (-20, 84), (-104, 62), (-112, 26), (-113, -22)],
    [(110, 80), (178, 74), (-148, 52), (-142, 18), (-139, -27)],
    [(170, 66), (178, 52), (178, 34), (178, 6), (178, -30)],
]
DOWN: Comb = [  # and from it down to his left
    [(25, 10), (33, 12.5), (42, 8), (51, 0.5), (58, -7)],
    [(28, 30), (40, 30), (55, 20), (66, 2), (75, -18)],
    [(32, 48), (50, 46), (70, 32), (84, 6), (92, -20)],
    [(46, 68), (76, 60), (98, 40), (110, 12), (114, -23)],
    [(110, 80), (134, 62), (142, 40), (146, 10), (148, -27)],
    [(170, 66), (178, 52), (178, 34), (178, 6), (178, -30)],
]
CLUMPS = 5


def height(top_m: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """How high the hair lies: `top_m` over the skin on top, less at the back, close below."""

    def above_m(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        top = top_m * (1 - 0.55 * smoothstep(0.3, 1.0, s)) * smoothstep(-0.1, 0.28, t) * smoothstep(0.95, 0.4, t)
        body = 0.0025 + top - 0.13 * top_m * grooves(s, CLUMPS) * smoothstep(0.9, 0.6, t)
        return body * (0.08 + 0.92 * smoothstep(0.0, 0.1, s)) * smoothstep(1.0, 0.8, t)

    return above_m


def quiff(figure: Figure, skeleton: Skeleton) -> Hair:
    """The finished hairstyle."""
    block = Block(figure, skeleton)
    hair = Hair([], hairline(LINE, block.skull, fade=(3.0, 9.0)))
    rng = np.random.default_rng(9)
    rows = clumped((0.0, 0.25, 0.5, 0.75), CLUMPS)
    for comb, top_m, lift_m, ranks in (
        (DOWN, 0.009, 0.003, ((0.40, 7), (0.03, 7))),
        (OVER, 0.020, 0.008, ((0.62, 6), (0.36, 8), (0.08, 8))),
    ):
        above_m = height(top_m)
        hair.parts.append(sheet(block.skull, combed(comb, rows), 12, above_m, 3, block.head, rows, 0.6))
        for start, count in ranks:
            _rank(hair, block, comb, above_m, lift_m, start, count, rng)
    _hairline(hair, block, rng)
    _front(hair, block)
    return hair


def _rank(
    hair: Hair,
    block: Block,
    comb: Comb,
    above_m: Callable[[np.ndarray, np.ndarray], np.ndarray],
    lift_m: float,
    start: float,
    count: int,
    rng: np.random.Generator,
) -> None:
    """Clumps side by side over a sheet, from `start` along its strands, each arching `lift_m` over it."""
    for k in range(count):
        s = 0.14 + (k + rng.uniform(0.2, 0.8)) / count * 0.80
        t = np.linspace(start, min(start + rng.uniform(0.46, 0.6), 1.0), 6)
        way = along(combed(comb, np.array([s]))[0], t)
        way = way + np.outer(np.linspace(0, 1, 6) ** 2, rng.normal(0, 0.045, 3))
        arch = lift_m * rng.uniform(0.8, 1.2) * np.array([-0.2, 0.65, 1.0, 0.95, 0.6, 0.1])
        points = block.skull.at(way, above_m(np.full(6, s), t) + arch * (1 - 0.5 * s))
        leaf = block.leaf(rng.uniform(0.024, 0.030), 0.5, 0.12)
        reach = (start, start + 0.5)
        hair.parts.append(clump(eased(points, 8, 0.03), block.skull.centre, leaf, block.head, rng.uniform(0, 1), reach))


def _hairline(hair: Hair, block: Block, rng: np.random.Generator) -> None:
    """Fine hairs along the forehead, which soften where the hair begins."""
    azimuth = np.linspace(-62, 62, 40)
    line = np.interp(np.abs(azimuth), *np.array(LINE).T)
    roots = direction(azimuth, line - 1.0 + rng.uniform(-1.2, 0.8, 40))
    tips = direction(azimuth - 5, line + 8)
    hair.parts.append(band(block.skull, roots, tips, (0.0004, 0.0027, 0.006), block.head))


def _front(hair: Hair, block: Block) -> None:
    """The clumps that rise from the forehead and roll over to his right; three of their tips swing a little."""
    swinging = {1: "0", 5: "1", 9: "2"}
    for number, (azimuth, top_mm, back, width) in enumerate(
        (
            (-52, 9, 0.6, 0.020),
            (-45, 13, 0.7, 0.022),
            (-38, 17, 0.8, 0.024),
            (-31, 20, 0.9, 0.025),
            (-23, 23, 1.0, 0.026),
            (-15, 26, 1.0, 0.027),
            (-7, 28, 1.0, 0.028),
            (1, 30, 1.0, 0.028),
            (9, 30, 1.0, 0.028),
            (17, 29, 0.95, 0.026),
            (25, 24, 0.85, 0.022),
        )
    ):
        line = float(np.interp(abs(azimuth), *np.array(LINE).T)) + 0.8
        azimuths = azimuth - back * np.array([0.0, 1, 6, 19, 36, 50])
        elevations = line + np.array([0.0, 9, 19, 29, 32, 25])
        rise = top_mm / 1000 * np.array([0.0, 0.5, 0.92, 1.0, 0.86, 0.5])
        curve = eased(block.skull.at(direction(azimuths, elevations), rise), 12, 0.04)
        weights: np.ndarray = block.head
        if number in swinging:
            name = f"hair_front_{swinging[number]}"
            joints = block.chain(hair, name, curve[[5, 8, 11]], (1.4, 0.45, 0.06, 0.004))
            weights = block.swinging(12, joints, 0.45)
        u = (0.37 * number) % 1.0
        hair.parts.append(clump(curve, block.skull.centre, block.leaf(width, 0.34, 0.15), weights, u, (0.0, 0.8)))
