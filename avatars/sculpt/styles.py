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
    (0, 9),
    (10, 8.5),
    (22, 10),
    (34, 8),
    (46, 2),
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


KNOT = (180.0, -27.0)  # where Lan's hair is gathered
PARTING_DEG = 9.0


def bun(figure: Figure, skeleton: Skeleton) -> Hair:
    """Lan: combed back into a low bun, with a curtain fringe, loose locks before the ears and a hair stick."""
    skull = Skull(figure)
    width = len(skeleton.names) + 40
    head = np.zeros(width)
    head[skeleton.index("head")] = 1
    hair = Hair([*_combed(skull, head)], hairline(LAN_LINE, skull, strands_deg=3.4))
    for side, name in ((1.0, "left"), (-1.0, "right")):
        _curtain(hair, figure, skull, skeleton, side, name, head)
        _wisp(hair, skull, skeleton, side, name, width)
    _knot(hair, skull, skeleton, head)
    return hair


def _combed(skull: Skull, head: np.ndarray) -> list[Part]:
    """The hair on the skull: one sheet from the hairline back, one from the nape up, single strands over them."""

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        centre = 1 - np.abs(2 * s - 1)
        body = 0.0003 + (0.009 + 0.009 * centre) * smoothstep(0.0, 0.42, t) - 0.006 * smoothstep(0.6, 1.0, t)
        wave = np.sin(s * 58) * 0.5 + np.sin(s * 37 + 2) * 0.5
        return body + 0.0009 * wave * smoothstep(0.06, 0.3, t)

    azimuths = np.linspace(-103, 103, 57)
    parts = [sheet(skull, combed_back(azimuths, LAN_LINE, KNOT), 17, height, 6, head)]
    u = np.linspace(-1, 1, 17)
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
            skull, nape, 7, lambda s, t: 0.001 + 0.010 * smoothstep(0, 0.6, t) + 0.0008 * np.sin(s * 29) * t, 2.0, head
        )
    )
    rng = np.random.default_rng(5)
    for az in np.linspace(-92, 92, 15) + rng.uniform(-4, 4, 15):
        path = combed_back(np.array([az]), LAN_LINE, KNOT)[0]
        rise = height(np.array((az + 103) / 206), np.linspace(0, 1, 5)) + (-0.003, -0.0003, 0.0001, 0.0001, -0.0006)
        size = rng.uniform(0.009, 0.015)
        parts.append(
            lock(
                skull.at(path, rise),
                skull.centre,
                lambda t, size=size: size * np.sin(np.pi * np.clip(t, 0.02, 1)) ** 0.6,
                14,
                rng.uniform(0.1, 0.7),
                head,
                3,
                0.22,
            )
        )
    return parts


def _curtain(
    hair: Hair, figure: Figure, skull: Skull, skeleton: Skeleton, side: float, name: str, head: np.ndarray
) -> None:
    """One half of the fringe: locks that leave the parting, sweep over the brow and fall before the ear.

    The outermost fall to the jaw and swing on two chains; the inner ones end at the temple.
    """
    marks = figure.marks
    root_az = PARTING_DEG
    out = side * 1.0

    def lane(depth: float, reach: float, low: float) -> np.ndarray:
        """(5, 3) points: `depth` 0..1 back along the parting, to azimuth `reach` and elevation `low`."""
        start = 27.0 + 22.0 * depth
        d = [
            direction(root_az + out * 1.0, start),
            direction(root_az + (out * reach - root_az) * 0.26, start - 3 + 6 * depth),
            direction(root_az + (out * reach - root_az) * 0.62, 0.34 * start + 0.66 * low + 6 + 9 * depth),
            direction(root_az + (out * reach - root_az) * 0.90, 0.06 * start + 0.94 * low + 4 + 2 * depth),
            direction(out * reach * 1.02, low),
        ]
        up = np.array([0.008, 0.0155, 0.0165, 0.0125, 0.0075]) + 0.003 * depth
        return skull.at(np.stack(d), up)

    rng = np.random.default_rng(12 if side > 0 else 13)
    inner = [
        (0.00, 29, -3, 0.013),
        (0.06, 36, -8, 0.016),
        (0.14, 43, -13, 0.019),
        (0.24, 50, -18, 0.021),
        (0.34, 55, -22, 0.022),
    ]
    for depth, reach, low, size in inner:
        reach = reach + 3.0 * (side < 0)
        points = lane(depth, reach, low + rng.uniform(-1.5, 1.5))
        hair.parts.append(
            lock(
                points,
                skull.centre,
                lambda t, size=size: size * (0.42 + 0.58 * smoothstep(0, 0.45, t)) * (1 - t**2.6) ** 0.9 + 0.0008,
                13,
                rng.uniform(0.1, 0.7),
                head,
                4,
                0.34,
            )
        )
    eye, width = marks.eye, len(head)
    below = np.array(
        [
            [side * 0.0800, eye[1] - 0.012, eye[2] - 0.030],
            [side * 0.0835, eye[1] - 0.045, eye[2] - 0.036],
            [side * 0.0795, marks.mouth[1] - 0.002, eye[2] - 0.034],
            [side * 0.0700, marks.chin[1] + 0.004, eye[2] - 0.026],
        ]
    )
    for number, (depth, shift, size, ends) in enumerate(
        (
            (0.46, (0.0, 0.0, 0.0), 0.024, 4),
            (0.62, (0.002, 0.008, -0.012), 0.024, 4),
            (0.36, (-0.003, 0.014, 0.009), 0.017, 3),
        )
    ):
        fall = below[:ends] + np.outer(np.linspace(0.6, 1.0, ends), np.array(shift) * (side, 1, 1))
        points = np.concatenate([lane(depth, 59.0, -20.0)[:4], fall])
        curve = spline(points, 25)
        first = 25 * 4 // len(points)
        chain = f"hair_{name}_{number}"
        joints = add_chain(skeleton, chain, "head", curve[np.linspace(first, 24, 4).astype(int)])
        hair.chains.append(Chain(chain, joints, 0.9, 0.42, 0.14, 0.007))
        numbers = [skeleton.index(j) for j in joints[:3]]
        hair.parts.append(
            lock(
                points,
                skull.centre + (0, -0.05, 0),
                lambda t, size=size: size * (0.40 + 0.60 * smoothstep(0, 0.4, t)) * (1 - t**2.4) ** 0.85 + 0.0008,
                19,
                rng.uniform(0.1, 0.7),
                chain_weights(19, numbers, skeleton.index("head"), first / 24, width),
                4,
                0.42,
            )
        )


def _wisp(hair: Hair, skull: Skull, skeleton: Skeleton, side: float, name: str, width: int) -> None:
    """A few fine hairs that have come loose behind the ear, on a chain of their own."""
    joints: tuple[str, ...] = ()
    for az, drop, size in ((118.0, 0.085, 0.007), (127.0, 0.065, 0.006)):
        top = skull.at(direction(side * az, -50.0), np.array(0.004))
        fall = np.stack(
            [
                skull.at(direction(side * (az - 6), -40.0), np.array(0.006)),
                top,
                top + (side * 0.006, -0.4 * drop, -0.002),
                top + (side * 0.002, -drop, 0.004),
            ]
        )
        if not joints:
            joints = add_chain(skeleton, f"hair_nape_{name}", "head", spline(fall, 10)[[3, 6, 9]])
            hair.chains.append(Chain(f"hair_nape_{name}", joints, 0.5, 0.4, 0.2, 0.006))
        numbers = [skeleton.index(j) for j in joints[:2]]
        hair.parts.append(
            lock(
                fall,
                skull.centre,
                lambda t, size=size: size * (1 - t**1.6) + 0.0006,
                9,
                0.3,
                chain_weights(9, numbers, skeleton.index("head"), 0.35, width),
                3,
                0.4,
            )
        )


def _knot(hair: Hair, skull: Skull, skeleton: Skeleton, head: np.ndarray) -> None:
    """The coiled bun, the stick through it, and the tassel that swings from the stick's end."""
    knot = skull.at(direction(*KNOT), np.array(0.016))
    back = direction(*KNOT)
    up = np.array([0, 1.0, 0]) - back * back[1]
    up /= np.linalg.norm(up)
    right = np.cross(up, back)
    turn = np.linspace(0, 2 * np.pi * 2.35, 46)
    reach = np.interp(turn, [0, turn[-1]], [0.031, 0.004])
    rise = np.interp(turn, [0, turn[-1]], [-0.004, 0.022])
    coil = knot + np.outer(np.cos(turn) * reach, right) + np.outer(np.sin(turn) * reach, up) + np.outer(rise, back)
    hair.parts.append(
        tube(coil, np.interp(turn, [0, 2, turn[-1]], [0.011, 0.0165, 0.010]), 8, head, (0.1, 0.6), (0.15, 1.0))
    )
    tilt = right * 0.92 + up * 0.36
    stick = np.stack(
        [knot + back * 0.016 + tilt * d for d in (-0.062, -0.060, 0.055, 0.060, 0.066, 0.0665, 0.074, 0.0815, 0.083)]
    )
    radii = np.array([0.0002, 0.0014, 0.0022, 0.0022, 0.0022, 0.005, 0.0068, 0.005, 0.0004])
    hair.parts.append(tube(stick, radii, 7, head, (0.90, 0.98), (0.02, 0.45)))
    end = stick[6]
    fall = end + np.outer([0.004, 0.020, 0.034, 0.040, 0.062, 0.084], [0.0, -1.0, 0.0])
    joints = add_chain(skeleton, "tassel", "head", fall[[0, 2, 5]])
    hair.chains.append(Chain("tassel", joints, 0.25, 0.25, 0.5, 0.004))
    weights = chain_weights(6, [skeleton.index(j) for j in joints[:2]], skeleton.index("head"), 0.0, len(head))
    hair.parts.append(
        tube(fall, np.array([0.0006, 0.0006, 0.0008, 0.0042, 0.0040, 0.0052]), 7, weights, (0.90, 0.98), (0.55, 0.97))
    )
    hair.accents[:] = [(0.72, 0.50, 0.22), (0.60, 0.10, 0.08)]


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
    scalp = hairline(BO_LINE, skull, strands_deg=3.0)
    width = len(skeleton.names) + 40
    head = np.zeros(width)
    head[skeleton.index("head")] = 1
    rng = np.random.default_rng(9)
    parts: list[Part] = []

    def height(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        azimuth = np.abs(2 * s - 1) * 74
        crown = smoothstep(64.0, 30.0, azimuth)
        rise = 0.0016 + 0.019 * crown * smoothstep(0.0, 0.18, t) * (1 - 0.45 * smoothstep(0.3, 0.9, t))
        wave = np.sin(s * 58) * 0.5 + np.sin(s * 37 + 2) * 0.4
        edge = smoothstep(0.0, 0.22, 1 - np.abs(2 * s - 1)) * (1 - 0.97 * smoothstep(0.7, 1.0, t))
        return 0.0005 + edge * (rise * smoothstep(-0.02, 0.12, t) + 0.0012 * wave * crown)

    azimuths = np.linspace(-74, 74, 45)
    end = direction(180 - 0.72 * azimuths, -40 + 10 * np.abs(azimuths / 74))
    parts.append(sheet(skull, over_the_crown(azimuths, BO_LINE, end), 15, height, 5, head))

    chains: list[Chain] = []
    locks = ((6.5, 13, 33, 0.024), (20, 12, 35, 0.026), (37, 11, 37, 0.023), (56, 9, 37, 0.017), (77, 8, 36, 0.012))
    for row, (el, count, reach, lift_m) in enumerate(locks):
        for k in range(count):
            az = (k / (count - 1) - 0.5) * (84 + 8 * row) + rng.uniform(-2, 2)
            side = 12.0 + 0.20 * az + rng.uniform(-4, 4)
            high = lift_m * (1 - 0.5 * abs(az) / 50) * rng.uniform(0.93, 1.07)
            start = el + (0 if row else 1.5 - 2.2 * (abs(az) / 38) ** 2)
            # beyond the crown elevation runs past 90 degrees, down the back
            points = np.stack(
                [
                    skull.at(direction(az, start), np.array(-0.001)),
                    skull.at(direction(az + 0.30 * side, start + 0.26 * reach), np.array(0.004 + 0.72 * high)),
                    skull.at(direction(az + 0.75 * side, start + 0.65 * reach), np.array(0.005 + high)),
                    skull.at(direction(az + 1.15 * side, start + reach), np.array(0.003 + 0.72 * high)),
                ]
            )
            weights = np.broadcast_to(head, (11, width))
            if row == 0 and k in (3, 6, 9):  # the front swings in three tufts
                name = f"hair_front_{k // 3 - 1}"
                joints = add_chain(skeleton, name, "head", spline(points, 9)[[2, 5, 8]])
                chains.append(Chain(name, joints, 1.4, 0.45, 0.06, 0.01))
                weights = chain_weights(11, [skeleton.index(j) for j in joints[:2]], skeleton.index("head"), 0.3, width)
            size = rng.uniform(0.017, 0.023)
            parts.append(
                lock(
                    points,
                    skull.centre,
                    lambda t, size=size: size * (0.7 + 0.3 * smoothstep(0, 0.3, t)) * (1 - t**2.6) ** 0.8 + 0.0008,
                    11,
                    rng.uniform(0.1, 0.7),
                    weights,
                    4,
                    0.42,
                    (0.0, 0.9),
                )
            )
    return Hair(parts, scalp, chains)


STYLES: dict[str, Callable[[Figure, Skeleton], Hair]] = {"bun": bun, "quiff": quiff}
