"""What goes round a head of 57 cm: a six-panel cap, its visor towards +Z, and a knotted headband.

Origin at the centre of the band's plane.
"""

from collections.abc import Sequence
from math import cos, pi, sin

import bpy
import numpy as np

from ..brand import mark
from ..paint import Paint, normals, srgb, weave
from ..palette import BRASS, INK, LACQUER, PAPER
from ..shapes import Points, ball, bend, circle, cut, grid, modify, move, ring, sheet, sweep

SIDE_MM, FRONT_MM, CROWN_MM = 82.5, 98.5, 112.0


def crown(around: float, up: float, out: float = 0.0) -> tuple[float, float, float]:
    """A point of the crown: `around` from the front by the wearer's left, `up` from band (0) to button (1)."""
    rise = up * pi / 2
    front = max(cos(around), 0.0)
    # The front panels stand upright, the back falls away sooner.
    spread = cos(rise) ** (0.80 - 0.16 * front)
    panel = 1 + 0.016 * abs(sin(3 * around)) * sin(2 * rise)
    height = CROWN_MM * sin(rise) * (1 + 0.05 * front * sin(2 * rise)) - 2 * front
    return (
        (SIDE_MM + 1.5 + out) * spread * panel * sin(around),
        height + out * sin(rise),
        (FRONT_MM + 1.5 + out) * spread * panel * cos(around),
    )


def visor(across: float, out: float) -> tuple[float, float, float]:
    """A point of the visor: `across` −1..1 from the wearer's right to left, `out` from the band (0) to its edge (1)."""
    angle = across * 1.12
    x, z = (SIDE_MM + 1) * sin(angle), (FRONT_MM + 1) * cos(angle)
    reach = 76 * (1 - abs(across) ** 2.4) ** 0.62 if abs(across) < 1 else 0.0
    z += out * reach
    x *= 1 - 0.06 * out * (1 - across**2)
    return x, 2.5 - 24 * (x / SIDE_MM) ** 2 * min(1.0, 2.2 * out * (1.02 - abs(across))) - 9 * out * (1 - across**2), z


def cap() -> dict[str, Sequence[Paint]]:
    """Cotton twill, embroidered patch on the front, brass buckle at the back."""
    cloth = normals(weave(256, 32, 3, twill=True), 5)
    twill = Paint("cloth_twill", INK, rough=0.86, sheen="#5c6a80", normal=cloth, double=True)
    visor_cloth = Paint("cloth_visor", LACQUER, rough=0.86, sheen="#d98a7c", normal=cloth, double=True)
    thread = Paint("thread", PAPER, rough=0.8)
    band = Paint("sweatband", "#22262e", rough=0.95, double=True)
    brass = Paint("buckle", BRASS, rough=0.3, metal=1)

    gap = 0.42  # half the opening at the back, radians
    dome = sheet("crown", crown, (0, 2 * pi, 36), (0, 1, 12), close_u=True, uv_size=(22, 7))
    opening(dome, gap)
    modify(dome, "SOLIDIFY", thickness=1.4, offset=-1)
    twill.on(dome)

    seams = []
    for n in range(6):
        climb = np.linspace(0.36 if n == 3 else 0.02, 0.985, 11)  # the one at the back begins above the opening
        seams.append(sweep("seam", [crown(n * pi / 3, up, 0.9) for up in climb], circle(0.6, 3)))
    thread.on(*seams, edge_stitch(0.86), edge_stitch(0.93))
    eyes = [ring("eyelet", 3.0, circle(0.8, 5), steps=10, axis="y") for _ in range(4)]
    for eyelet, around in zip(eyes, (pi / 6, -pi / 6, pi / 2, -pi / 2), strict=True):
        seat(eyelet, around, 0.62)
    thread.on(*eyes)

    peak = sheet("visor", visor, (-1, 1, 24), (0, 1, 5), uv_size=(12, 5))
    modify(peak, "SOLIDIFY", thickness=2.6, offset=-1)
    visor_cloth.on(peak, bend(ball("button", 7, segments=10), lambda at: at * (1, 0.5, 1) + (0, CROWN_MM + 1, 0)))

    inner = sheet("band", lambda a, v: crown(a, v, -2.4), (0.45 - pi, pi - 0.45, 32), (0.0, 0.2, 1), uv_size=(20, 1))
    band.on(inner)
    strap = sheet("strap", lambda a, v: crown(a, v, 0.6), (pi - gap - 0.12, pi + gap + 0.12, 10), (0.01, 0.115, 1))
    modify(strap, "SOLIDIFY", thickness=1.6)
    twill_strap = Paint("cloth_strap", INK, rough=0.86, sheen="#5c6a80", normal=cloth)
    twill_strap.on(strap)
    buckle = ring("buckle", 10, circle(1.1, 5), steps=12, axis="z", squash=0.75)
    brass.on(move(buckle, (18, 8, -FRONT_MM - 1.5)))

    patch()
    sand = [
        Paint("cloth_twill:sand", "#c9b48c", rough=0.88, sheen="#f3e7cf", normal=cloth, double=True),
        Paint("cloth_strap:sand", "#c9b48c", rough=0.88, sheen="#f3e7cf", normal=cloth),
        Paint("cloth_visor:sand", "#3a4a42", rough=0.88, sheen="#8aa395", normal=cloth, double=True),
    ]
    black = [
        Paint("cloth_visor:midnight", INK, rough=0.88, sheen="#5c6a80", normal=cloth, double=True),
        Paint("thread:midnight", "#3b465a", rough=0.8),
    ]
    return {"lacquer": [], "sand": sand, "midnight": black}


def opening(dome: bpy.types.Object, gap: float) -> None:
    """Cut the half-round opening above the strap."""

    def inside(x: float, y: float, z: float) -> bool:
        away = abs(np.arctan2(x, -z)) if z < 0 else pi
        return bool((away / gap) ** 2 + (y / 46) ** 2 < 1)

    cut(dome, inside)


def seat(shape: bpy.types.Object, around: float, up: float) -> None:
    """Lay a flat hoop on the crown."""
    here = np.array(crown(around, up, 0.6))
    along = np.array(crown(around, up + 0.02, 0.6)) - here
    side = np.array(crown(around + 0.02, up, 0.6)) - here
    along, side = along / np.linalg.norm(along), side / np.linalg.norm(side)
    axes = np.stack([side, np.cross(side, along), along])
    bend(shape, lambda at: at @ axes + here)


def edge_stitch(out: float) -> bpy.types.Object:
    """A row of stitching that follows the visor's edge."""
    line = np.array([visor(a, out) for a in np.linspace(-0.9, 0.9, 30)])
    return move(sweep("stitch", line, circle(0.5, 3), caps=False), (0, 2.8, 0))


def patch() -> None:
    """The embroidered lantern on the front panels."""
    size = 192
    lantern = mark(size)
    threads = 0.82 + 0.18 * np.sin(np.arange(size) * pi / 2.0)[:, None]
    picture = np.ones((size, size, 3)) * srgb(BRASS) * threads[..., None]
    clear = np.concatenate([picture, (lantern > 0.5)[..., None].astype(float)], 2)
    net = [
        [crown(0.36 * (2 * u - 1), 0.16 + 0.40 * v, 1.2) for v in np.linspace(0, 1, 7)] for u in np.linspace(0, 1, 8)
    ]
    badge = grid("badge", net)
    relief = normals(lantern * threads, 3)
    Paint("embroidery", rough=0.55, texture=clear, normal=relief).on(badge)


def headband() -> dict[str, Sequence[Paint]]:
    """Padded satin, gathered in front under a knot, narrower and lower at the nape."""
    satin = normals(weave(256, 48, 5, twill=True), 3)
    cloth = Paint("satin", "#9c1d17", rough=0.48, sheen="#c8584a", normal=satin)
    around = np.linspace(0, 2 * pi, 64, endpoint=False)
    cloth.on(
        grid("band", np.array([padding(a) for a in around]), close_u=True, close_v=True, uv_size=(24, 4)),
        grid("knot", np.array([wrap(t) for t in around[::3]]), close_u=True, close_v=True, uv_size=(5, 2)),
    )
    colours = {"ink": (INK, "#3f4d6b"), "jade": ("#2b5f4f", "#5f9684"), "paper": ("#e3d2b4", "#fff6e6")}
    return {
        "lacquer": [],
        **{
            name: [Paint(f"satin:{name}", colour, rough=0.48, sheen=sheen, normal=satin)]
            for name, (colour, sheen) in colours.items()
        },
    }


def padding(around: float) -> Points:
    """The band's cross-section [22, 3] at an angle from the front: flat on the head, full and pleated outside."""
    off = abs((around + pi) % (2 * pi) - pi)
    gather = np.exp(-((off / 0.26) ** 2))
    half = (25 - 7 * off / pi) * (1 - 0.36 * gather)
    section = np.linspace(0, 2 * pi, 22, endpoint=False)
    across, out = np.cos(section), np.sin(section)
    deep = 0.5 + 2.0 * np.exp(-off / 0.55)
    pleats = deep * np.cos(3.2 * pi * across + 0.9 * sin(2 * around) + 2.2 * off) * np.clip(2 * out, 0, 1)
    out = np.where(out > 0, 7.5 * out**0.8 * (1 - 0.2 * off / pi), 1.2 * out) + 1.4 + pleats
    low = -16 * (1 - cos(off)) / 2
    x, z = (SIDE_MM + out) * sin(around), (FRONT_MM + out) * cos(around)
    return np.stack([x, np.sign(across) * np.abs(across) ** 0.8 * half + low, z], 1)


def wrap(turn: float) -> Points:
    """The knot's cross-section [18, 3] on its way round the gathered band in front."""
    section = np.linspace(0, 2 * pi, 18, endpoint=False)
    ahead = np.clip(sin(turn), 0, 1)
    half, thick = 15 - 2 * ahead + 2.5 * cos(turn) * ahead, 2.0 + 3.4 * ahead
    out = thick * np.sin(section) + 1.2 * np.cos(5 * section + 1.5 * turn) * ahead
    high, deep = 16 + out, 8.4 + out
    x = half * np.cos(section) + 3.0 * cos(turn) * ahead
    return np.stack([x, high * cos(turn), FRONT_MM + 3.4 + deep * sin(turn)], 1)
