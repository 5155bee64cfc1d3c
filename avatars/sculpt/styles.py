"""The hosts' hairstyles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .hair import Combing, Skull, chain_weights, direction, hairline, lock, sheet, spline, tube
from .head import Figure
from .part import Part
from .recipe import Color
from .skeleton import Skeleton
from .springs import Chain, add_chain
from .stylise import smoothstep


@dataclass
class Hair:
    """A finished hairstyle; `scalp` says how much hair covers a place on the skin, for the painter."""

    parts: list[Part]
    scalp: Callable[[np.ndarray], np.ndarray]
    chains: list[Chain] = field(default_factory=list)
    accents: list[Color] = field(default_factory=list)


def bun(figure: Figure, skeleton: Skeleton) -> Hair:
    """Lan: parted off the middle, swept over the temples into a low bun, with two loose locks and a hair stick."""
    marks, skull = figure.marks, Skull(figure)
    scalp = hairline([(0, 5), (28, 6), (46, 1), (58, -11), (68, -27), (76, -38), (84, -40), (90, -34), (104, -42), (125, -55), (180, -58)], skull)
    width = len(skeleton.names) + 8
    head = np.zeros(width)
    head[skeleton.index("head")] = 1
    eye = marks.eye
    parts: list[Part] = []

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        body = 0.005 + 0.012 * smoothstep(0.0, 0.25, t) - 0.006 * smoothstep(0.55, 1.0, t)
        edge = smoothstep(0.0, 0.10, s)
        wave = np.sin(s * 43) * 0.5 + np.sin(s * 71 + 2) * 0.3
        return 0.0035 + (body - 0.0035) * (0.12 + 0.88 * edge) + 0.0016 * wave * smoothstep(0.08, 0.3, t) * smoothstep(0.0, 0.05, s)

    part_az = 13.0
    for side in (1.0, -1.0):
        combing = Combing(
            (0.0, 0.3, 0.6, 1.0),
            (
                ((part_az, 7.5), (side * 30, 7), (side * 52, -2), (side * 70, -25), (side * 98, -36), (side * 158, -37)),
                ((part_az * 1.2, 36), (side * 40, 34), (side * 66, 22), (side * 88, 2), (side * 118, -20), (side * 163, -28)),
                ((part_az * 1.5, 62), (side * 60, 58), (side * 86, 40), (side * 110, 20), (side * 138, 0), (side * 170, -18)),
                ((part_az * 6, 86), (side * 150, 72), (side * 170, 52), (side * 176, 30), (side * 178, 10), (side * 179.5, -8)),
            ),
        )
        parts.append(sheet(skull, combing, 25, 13, height, 3, head))
    nape = Combing(
        (0.0, 0.25, 0.5, 0.75, 1.0),
        tuple(((180 - u * 80, -57 + 18 * u * u), (180 - u * 62, -50 + 14 * u * u), (180 - u * 40, -41 + 8 * u * u), (180 - u * 16, -30))
              for u in (-1.0, -0.5, 0.0, 0.5, 1.0)),
    )  # fmt: skip
    parts.append(sheet(skull, nape, 15, 6, lambda s, t: 0.001 + 0.010 * smoothstep(0, 0.6, t) + 0.0012 * np.sin(s * 47) * t, 2.0, head))

    rng = np.random.default_rng(5)
    for side in (1.0, -1.0):  # swept strands over the sheets
        for k in range(6):
            f = (k + rng.uniform(0, 0.6)) / 6
            root = direction(part_az + side * 2, 14 + 60 * f)
            over = direction(side * (52 + 30 * f), 8 + 42 * f)
            side_point = direction(side * (90 + 34 * f), -26 + 28 * f)
            end = direction(side * 165, -24 + 8 * f)
            points = np.stack([skull.at(d, np.array(h)) for d, h in ((root, 0.006), (over, 0.0185), (side_point, 0.0165), (end, 0.011))])
            parts.append(lock(points, skull.centre, lambda t: 0.017 * np.sin(np.pi * np.clip(t * 0.9 + 0.08, 0, 1)) ** 0.6, 9, rng.uniform(0.1, 0.7), head, 3, 0.3))

    for az in (-33.0, -27.0, -18.0, -9.0, 3.0, 20.0, 27.0, 34.0):  # thin fringe
        sweep = np.sign(az - part_az) * rng.uniform(6, 12)
        reach = rng.uniform(-14, -7) - 4 * (abs(az - part_az) > 25)
        points = np.stack([skull.at(direction(part_az + 0.35 * (az - part_az), 24), np.array(0.008)),
                           skull.at(direction(part_az + 0.85 * (az - part_az), 11), np.array(0.011)),
                           skull.at(direction(az + 0.5 * sweep, 0.4 * reach), np.array(0.007)),
                           skull.at(direction(az + 1.3 * sweep, reach), np.array(0.004))])  # fmt: skip
        size = rng.uniform(0.006, 0.010)
        parts.append(lock(points, skull.centre, lambda t, size=size: size * (1 - t**1.6) + 0.0006, 7, rng.uniform(0.1, 0.7), head, 3, 0.3))

    chains: list[Chain] = []
    for side, name in ((1.0, "hair_left"), (-1.0, "hair_right")):  # the loose locks that frame the face
        fall = np.stack([
            skull.at(direction(part_az + side * 4, 24), np.array(0.007)),
            skull.at(direction(part_az * 0.6 + side * 26, 16), np.array(0.016)),
            skull.at(direction(side * 50, -2), np.array(0.016)),
            np.array([side * 0.0775, eye[1] - 0.004, eye[2] - 0.026]),
            np.array([side * 0.0820, eye[1] - 0.040, eye[2] - 0.030]),
            np.array([side * 0.0770, marks.mouth[1] - 0.004, eye[2] - 0.024]),
            np.array([side * 0.0690, marks.chin[1] - 0.008, eye[2] - 0.012]),
        ])  # fmt: skip
        curve = spline(fall, 25)
        joints = add_chain(skeleton, name, "head", curve[[11, 15, 19, 24]])
        chains.append(Chain(name, joints, 0.9, 0.45, 0.12, 0.008))
        numbers = [skeleton.index(j) for j in joints[:3]]
        for shift, size, ends, u0 in (((0, 0, 0), 0.026, 1.0, 0.1), ((side * -0.006, 0.004, 0.008), 0.017, 0.8, 0.4), ((side * 0.003, 0.006, -0.012), 0.021, 0.9, 0.6)):
            points = fall[: len(fall) - (ends < 0.85)] + np.outer(np.linspace(0.2, 1, len(fall) - (ends < 0.85)), shift)
            w = chain_weights(13, numbers, skeleton.index("head"), 0.42, width)
            parts.append(lock(points, skull.centre + (0, -0.06, 0), lambda t, size=size: size * (0.5 + 0.5 * smoothstep(0, 0.3, t)) * (1 - t**2.0) ** 0.9 + 0.001, 13, u0, w, 4, 0.5))

    knot = skull.at(direction(180.0, -27.0), np.array(0.016))
    back = direction(180.0, -27.0)
    up = np.array([0, 1.0, 0]) - back * back[1]
    up /= np.linalg.norm(up)
    right = np.cross(up, back)
    turn = np.linspace(0, 2 * np.pi * 2.35, 34)
    reach = np.interp(turn, [0, turn[-1]], [0.030, 0.004])
    rise = np.interp(turn, [0, turn[-1]], [-0.004, 0.022])
    coil = knot + np.outer(np.cos(turn) * reach, right) + np.outer(np.sin(turn) * reach, up) + np.outer(rise, back)
    parts.append(tube(coil, np.interp(turn, [0, 2, turn[-1]], [0.011, 0.0165, 0.010]), 7, head, (0.1, 0.6), (0.15, 1.0)))

    tilt = right * 0.92 + up * 0.36
    stick = np.stack([knot + back * 0.016 + tilt * d for d in (-0.062, -0.060, 0.055, 0.060, 0.066, 0.0665, 0.074, 0.0815, 0.083)])
    radii = np.array([0.0002, 0.0014, 0.0022, 0.0022, 0.0022, 0.005, 0.0068, 0.005, 0.0004])
    parts.append(tube(stick, radii, 6, head, (0.90, 0.98), (0.02, 0.45)))
    return Hair(parts, scalp, chains, [(0.72, 0.50, 0.22), (0.60, 0.10, 0.08)])


STYLES: dict[str, Callable[[Figure, Skeleton], Hair]] = {"bun": bun}
