"""The hosts' hairstyles."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .hair import Skull, chain_weights, direction, hairline, lock, sheet, spline, tube
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


LAN_LINE = [
    (0, 6),
    (28, 7),
    (46, 2),
    (58, -10),
    (68, -26),
    (76, -37),
    (84, -40),
    (92, -36),
    (100, -46),
    (108, -55),
    (125, -61),
    (180, -62),
]


def over_the_crown(azimuth: np.ndarray, line: list[tuple[float, float]], end: np.ndarray) -> np.ndarray:
    """(n, 5, 3) directions of strands from the hairline over the skull to `end` (n, 3)."""
    root = direction(azimuth, np.interp(np.abs(azimuth), *np.array(line).T))
    lift = 0.16 + 1.1 * np.clip(np.cos(np.radians(azimuth)), 0, 1) ** 1.3
    over = unit(root + end + lift[:, None] * np.array([0.0, 1.0, 0.0]))
    return np.stack([root, unit(root + over), over, unit(over + end), end], 1)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def combed_back(azimuth: np.ndarray, line: list[tuple[float, float]], knot: tuple[float, float]) -> np.ndarray:
    """The same into a knot at (azimuth, elevation)."""
    return over_the_crown(azimuth, line, direction(knot[0] - 0.14 * azimuth, knot[1] + 9 * np.cos(np.radians(azimuth))))


def bun(figure: Figure, skeleton: Skeleton) -> Hair:
    """Lan: combed back into a low bun, with a curtain fringe, two loose locks and a hair stick."""
    marks, skull = figure.marks, Skull(figure)
    scalp = hairline(LAN_LINE, skull)
    width = len(skeleton.names) + 8
    head = np.zeros(width)
    head[skeleton.index("head")] = 1
    eye = marks.eye
    parts: list[Part] = []
    knot_at = (180.0, -27.0)

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        centre = 1 - np.abs(2 * s - 1)
        body = 0.0012 + (0.008 + 0.009 * centre) * smoothstep(0.0, 0.42, t) - 0.006 * smoothstep(0.6, 1.0, t)
        wave = np.sin(s * 83) * 0.5 + np.sin(s * 131 + 2) * 0.3
        return body + 0.0015 * wave * smoothstep(0.06, 0.3, t)

    azimuths = np.linspace(-103, 103, 41)
    parts.append(sheet(skull, combed_back(azimuths, LAN_LINE, knot_at), 12, height, 5, head))
    u = np.linspace(-1, 1, 15)
    nape = np.stack(
        [
            direction(180 - u * 80, -62 + 10 * u * u),
            direction(180 - u * 62, -53 + 9 * u * u),
            direction(180 - u * 40, -43 + 7 * u * u),
            direction(180 - u * 16, -30 + 0 * u),
        ],
        1,
    )
    parts.append(
        sheet(
            skull, nape, 6, lambda s, t: 0.001 + 0.010 * smoothstep(0, 0.6, t) + 0.0012 * np.sin(s * 47) * t, 2.0, head
        )
    )

    rng = np.random.default_rng(5)
    for az in np.linspace(-84, 84, 13) + rng.uniform(-4, 4, 13):  # single strands over the sheet
        path = combed_back(np.array([az]), LAN_LINE, knot_at)[0]
        rise = height(np.array((az + 103) / 206), np.linspace(0, 1, 5)) + (0.0005, 0.0016, 0.0014, 0.0012, 0.0008)
        parts.append(
            lock(
                skull.at(path, rise),
                skull.centre,
                lambda t: 0.013 * np.sin(np.pi * np.clip(t * 0.86 + 0.12, 0, 1)) ** 0.7,
                9,
                rng.uniform(0.1, 0.7),
                head,
                3,
                0.3,
            )
        )

    part_az = 9.0
    for az, low, size in (
        (-43, -7, 0.011),
        (-37, -10, 0.009),
        (-31, -8, 0.010),
        (-25, -11, 0.008),
        (-18, -6, 0.008),
        (-9, -1, 0.005),
        (18, 0, 0.005),
        (26, -5, 0.008),
        (32, -10, 0.008),
        (38, -8, 0.010),
        (44, -9, 0.009),
        (50, -6, 0.011),
    ):
        root = part_az + 0.4 * (az - part_az)  # the fringe, parted like a curtain
        points = np.stack(
            [
                skull.at(direction(root, rng.uniform(29, 36)), np.array(0.0105)),
                skull.at(direction(root + 0.4 * (az - root), 18), np.array(0.0125)),
                skull.at(direction(root + 0.9 * (az - root), 0.4 * low + 4), np.array(0.0105)),
                skull.at(direction(az + 0.32 * (az - root), low - 5), np.array(0.005)),
            ]
        )
        parts.append(
            lock(
                points,
                skull.centre,
                lambda t, size=size: size * (0.55 + 0.45 * smoothstep(0, 0.3, t)) * (1 - t**2.2) + 0.0006,
                8,
                rng.uniform(0.1, 0.7),
                head,
                3,
                0.35,
            )
        )

    chains: list[Chain] = []
    for side, name in ((1.0, "hair_left"), (-1.0, "hair_right")):  # the loose locks that frame the face
        fall = np.stack(
            [
                skull.at(direction(part_az + side * 10, 37), np.array(0.0115)),
                skull.at(direction(part_az * 0.5 + side * 31, 21), np.array(0.0145)),
                skull.at(direction(side * 52, 0), np.array(0.0155)),
                np.array([side * 0.0775, eye[1] - 0.004, eye[2] - 0.026]),
                np.array([side * 0.0820, eye[1] - 0.040, eye[2] - 0.030]),
                np.array([side * 0.0770, marks.mouth[1] - 0.004, eye[2] - 0.024]),
                np.array([side * 0.0690, marks.chin[1] - 0.008, eye[2] - 0.012]),
            ]
        )
        curve = spline(fall, 25)
        joints = add_chain(skeleton, name, "head", curve[[11, 15, 19, 24]])
        chains.append(Chain(name, joints, 0.9, 0.45, 0.12, 0.008))
        numbers = [skeleton.index(j) for j in joints[:3]]
        for shift, size, ends, u0 in (
            ((0, 0, 0), 0.026, 1.0, 0.1),
            ((side * -0.006, 0.004, 0.008), 0.017, 0.8, 0.4),
            ((side * 0.003, 0.006, -0.012), 0.021, 0.9, 0.6),
        ):
            points = fall[: len(fall) - (ends < 0.85)] + np.outer(np.linspace(0.2, 1, len(fall) - (ends < 0.85)), shift)
            w = chain_weights(13, numbers, skeleton.index("head"), 0.42, width)
            parts.append(
                lock(
                    points,
                    skull.centre + (0, -0.06, 0),
                    lambda t, size=size: size * (0.5 + 0.5 * smoothstep(0, 0.3, t)) * (1 - t**2.0) ** 0.9 + 0.001,
                    13,
                    u0,
                    w,
                    4,
                    0.5,
                )
            )

    knot = skull.at(direction(180.0, -27.0), np.array(0.016))
    back = direction(180.0, -27.0)
    up = np.array([0, 1.0, 0]) - back * back[1]
    up /= np.linalg.norm(up)
    right = np.cross(up, back)
    turn = np.linspace(0, 2 * np.pi * 2.35, 34)
    reach = np.interp(turn, [0, turn[-1]], [0.030, 0.004])
    rise = np.interp(turn, [0, turn[-1]], [-0.004, 0.022])
    coil = knot + np.outer(np.cos(turn) * reach, right) + np.outer(np.sin(turn) * reach, up) + np.outer(rise, back)
    parts.append(
        tube(coil, np.interp(turn, [0, 2, turn[-1]], [0.011, 0.0165, 0.010]), 7, head, (0.1, 0.6), (0.15, 1.0))
    )

    tilt = right * 0.92 + up * 0.36
    stick = np.stack(
        [knot + back * 0.016 + tilt * d for d in (-0.062, -0.060, 0.055, 0.060, 0.066, 0.0665, 0.074, 0.0815, 0.083)]
    )
    radii = np.array([0.0002, 0.0014, 0.0022, 0.0022, 0.0022, 0.005, 0.0068, 0.005, 0.0004])
    parts.append(tube(stick, radii, 6, head, (0.90, 0.98), (0.02, 0.45)))
    return Hair(parts, scalp, chains, [(0.72, 0.50, 0.22), (0.60, 0.10, 0.08)])


BO_LINE = [
    (0, 8),
    (30, 9),
    (46, 6),
    (57, -5),
    (66, -18),
    (76, -38),
    (84, -44),
    (92, -36),
    (100, -46),
    (110, -56),
    (125, -62),
    (180, -62),
]


def quiff(figure: Figure, skeleton: Skeleton) -> Hair:
    """Bo: close at the sides, long on top and swept up from the forehead."""
    skull = Skull(figure)
    scalp = hairline(BO_LINE, skull, strands_deg=1.6)
    width = len(skeleton.names) + 8
    head = np.zeros(width)
    head[skeleton.index("head")] = 1
    rng = np.random.default_rng(9)
    parts: list[Part] = []

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        azimuth = np.abs(2 * s - 1) * 74
        crown = smoothstep(64.0, 30.0, azimuth)
        rise = 0.0016 + 0.019 * crown * smoothstep(0.0, 0.18, t) * (1 - 0.45 * smoothstep(0.3, 0.9, t))
        wave = np.sin(s * 97) * 0.5 + np.sin(s * 151 + 2) * 0.4
        edge = smoothstep(0.0, 0.22, 1 - np.abs(2 * s - 1)) * (1 - 0.97 * smoothstep(0.7, 1.0, t))
        return 0.0005 + edge * (rise * smoothstep(-0.02, 0.12, t) + 0.0012 * wave * crown)

    azimuths = np.linspace(-74, 74, 31)
    end = direction(180 - 0.72 * azimuths, -40 + 10 * np.abs(azimuths / 74))
    parts.append(sheet(skull, over_the_crown(azimuths, BO_LINE, end), 12, height, 5, head))

    tip_joint = None
    chains: list[Chain] = []
    for row, (el, count, reach, lift_m) in enumerate(
        ((9.5, 9, 32, 0.026), (24, 9, 34, 0.027), (40, 8, 36, 0.024), (58, 7, 36, 0.019), (78, 6, 36, 0.015))
    ):
        for k in range(count):
            az = (k / (count - 1) - 0.5) * (76 + 8 * row) + rng.uniform(-3, 3)
            side = 9.0 + 0.22 * az + rng.uniform(-5, 5)
            high = lift_m * (1 - 0.45 * abs(az) / 50) * rng.uniform(0.85, 1.15)
            start = el + (0 if row else -1.5 * (abs(az) / 38) ** 2)
            # beyond the crown elevation runs past 90 degrees, down the back
            points = np.stack(
                [
                    skull.at(direction(az, start), np.array(0.001)),
                    skull.at(direction(az + 0.35 * side, start + 0.28 * reach), np.array(0.006 + 0.75 * high)),
                    skull.at(direction(az + 0.8 * side, start + 0.65 * reach), np.array(0.005 + high)),
                    skull.at(direction(az + 1.2 * side, start + reach), np.array(0.004 + 0.80 * high)),
                ]
            )
            weights = np.broadcast_to(head, (8, width))
            if row == 0 and abs(az) < 24:
                if tip_joint is None:
                    curve = spline(points, 9)
                    joints = add_chain(skeleton, "hair_front", "head", curve[[2, 5, 8]])
                    chains.append(Chain("hair_front", joints, 1.6, 0.5, 0.05, 0.01))
                    tip_joint = [skeleton.index(j) for j in joints[:2]]
                weights = chain_weights(8, tip_joint, skeleton.index("head"), 0.3, width)
            size = rng.uniform(0.013, 0.019)
            parts.append(
                lock(
                    points,
                    skull.centre,
                    lambda t, size=size: size * (0.75 + 0.25 * smoothstep(0, 0.3, t)) * (1 - t**2.4) + 0.0008,
                    8,
                    rng.uniform(0.1, 0.7),
                    weights,
                    3,
                    0.5,
                    (0.0, 0.9),
                )
            )
    return Hair(parts, scalp, chains)


STYLES: dict[str, Callable[[Figure, Skeleton], Hair]] = {"bun": bun, "quiff": quiff}
