"""The studio: a pale cove, an arch of jade, slats of oak, morning sun through a window that is never seen."""

from math import cos, pi, sin

import bpy
import numpy as np

from ..brand import mark, stamp
from ..paint import noise, srgb
from ..palette import JADE, LACQUER
from ..shapes import bend, block, box_uv, circle, grid, lathe, move, slab, spline, sweep
from . import near
from .kit import FRONT_M, TABLE_M, aim, bulb, jar, leaf, printed, sky, stuff, sun, timber, wear

EXPOSURE = {"day": 1.22, "night": 1.1}
WALL_Z_M = -2.3


def build(hour: str) -> None:
    """Everything in the room."""
    oak = {axis: timber(f"pale_{axis}", ("#b08a5e", "#cda877", "#dfc097"), axis, 0.45) for axis in "xyz"}
    plaster = stuff("plaster", ["#d8cfc1", "#e4dccf", "#dcd3c5"], grain=(4, 4, 4), rough=0.9, bump=0.002, dirt=0.25)
    cove(plaster)
    table(oak)
    backdrop(oak, hour)
    things(oak)
    lights(hour)


def cards(hour: str) -> list[near.Card]:
    """Leaves at the left edge."""
    dark, light = ("#0d211b", "#33594a") if hour == "night" else ("#1d4436", "#6fa07f")
    return [near.card((-0.86, 0.86), (-0.28, 1.44), 1.9, lambda: near.leaves(dark, light, 5))]


def cove(plaster: bpy.types.Material) -> None:
    """Floor and wall in one sweep."""
    radius = 0.7
    line = [(2.4, 0.0), (WALL_Z_M + radius, 0.0)]
    line += [(WALL_Z_M + radius - radius * sin(a), radius - radius * cos(a)) for a in np.linspace(0.2, pi / 2, 8)]
    line += [(WALL_Z_M, y) for y in (1.2, 2.0, 3.0, 4.2)]
    net = [[(x, y, z) for x in np.linspace(-4.4, 4.4, 5)] for z, y in line[::-1]]
    wear(plaster, grid("cove", np.array(net)), texels=0.4)


def table(oak: dict[str, bpy.types.Material]) -> None:
    """A plinth of terrazzo with an oak top."""
    top = slab("top", rounded(1.9, 0.6, 0.09), 0.04, edge=0.006)
    lay = bend(top, lambda at: np.stack([at[:, 0], at[:, 2], -at[:, 1]], 1))
    wear(oak["x"], move(lay, (0, TABLE_M - 0.02, FRONT_M - 0.30)), texels=1.7)
    stone = terrazzo()
    half = rounded(1.66, 0.46, 0.2)
    net = [[(x, y, FRONT_M - 0.30 - z) for y in (0.02, TABLE_M - 0.03)] for x, z in np.concatenate([half, half[:1]])]
    body = box_uv(grid("plinth", np.array(net)), 1.5)
    wear(stone, body, texels=1.0)
    rim = [(0.158, 0.0), (0.160, 0.002), (0.160, 0.009), (0.157, 0.012), (0, 0.012)]
    plate = move(lathe("plate", rim, 72), (0.45, TABLE_M, 0.10))
    wear(stuff("marble", ["#dcd4c6", "#efe9de", "#e6dfd2"], grain=(9, 40, 22), rough=0.3, dirt=0.2), plate, texels=2.2)
    badge = np.ones((128, 128, 3)) * srgb("#d9d2c6")
    stamp(badge, mark(116), (6, 6), srgb(LACQUER))
    alpha = np.concatenate([badge, np.ones((128, 128, 1))], 2)
    place = [[(x, y, FRONT_M - 0.066) for y in (0.52, 0.70)] for x in (-0.09, 0.09)]
    wear(printed("badge", alpha[..., :3]), grid("badge", np.array(place)), texels=1.6)


def rounded(wide: float, deep: float, radius: float) -> np.ndarray:
    """A rounded rectangle [n, 2] about the origin, anticlockwise."""
    corners = []
    for n, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for a in np.linspace(n * pi / 2, (n + 1) * pi / 2, 6):
            corners.append((sx * (wide / 2 - radius) + radius * cos(a), sy * (deep / 2 - radius) + radius * sin(a)))
    return np.array(corners)


def terrazzo() -> bpy.types.Material:
    """Chips of four colours in pale cement."""
    size = 512
    picture = np.ones((size, size, 3)) * srgb("#ddd5c8")
    for n, (colour, share) in enumerate((("#b9ada0", 0.70), (JADE, 0.755), ("#c98d6a", 0.76), ("#8d8379", 0.74))):
        chips = noise(size, 5 + n, 40 + n) > share
        picture[chips] = srgb(colour) * 0.45 + srgb("#ddd5c8") * 0.55
    return printed("terrazzo", picture, 0.5)


def backdrop(oak: dict[str, bpy.types.Material], hour: str) -> None:
    """Arch, disc and slats before the wall; by night the arch is of an indigo that a green dress stands out of."""
    colours = ["#4d5369", "#5a627a"] if hour == "night" else ["#7a9a88", "#8aa896"]
    jade = stuff("jade", colours, grain=(3, 3, 3), rough=0.85, dirt=0.3)
    clay = stuff("clay", ["#c98768", "#d59a7c"], grain=(3, 3, 3), rough=0.85, dirt=0.3)
    angle = np.linspace(0, pi, 56)
    arch = np.concatenate(
        [np.stack([0.78 * np.cos(angle), 1.62 + 0.78 * np.sin(angle)], 1), [(-0.78, 0.0), (0.78, 0.0)]]
    )
    wear(jade, move(slab("arch", arch, 0.09, edge=0.012), (-0.12, 0, -1.72)), texels=0.6)
    disc = slab("disc", circle(0.52, 80), 0.07, edge=0.012)
    wear(clay, move(disc, (0.98, 1.72, -1.98)), texels=0.6)
    posts = [block("slat", (0.045, 2.7, 0.06), (-1.42 - 0.095 * n, 1.35, -1.86)) for n in range(9)]
    wear(oak["y"], *posts, texels=0.8)
    wear(oak["x"], block("rail", (0.9, 0.05, 0.03), (-1.8, 2.68, -1.90)), texels=0.4)


def things(oak: dict[str, bpy.types.Material]) -> None:
    """Pedestals with a vase and a branch, a ring lamp, a bowl."""
    white = stuff("chalk", ["#e9e2d6", "#f3ede2"], rough=0.8, dirt=0.3)
    clay = stuff("terracotta", ["#b86b48", "#c87f5a"], rough=0.7)
    for x, z, radius, high in ((1.22, -1.35, 0.24, 0.86), (1.66, -1.55, 0.2, 1.22)):
        column = lathe("column", [(radius, 0), (radius, high - 0.012), (radius - 0.012, high), (0, high)], 32)
        wear(white, move(column, (x, 0, z)), texels=0.7)
    jar((1.22, 0.86, -1.35), 0.125, 0.34, clay, 0)
    jar((1.66, 1.22, -1.55), 0.085, 0.26, stuff("celadon", ["#6f9f8d", "#93bba9"], rough=0.3), 2)
    stem = stuff("stem", ["#5a4a35"])
    green = stuff("leaf", ["#4f7f62", "#74a283"], rough=0.6, dirt=0.2)
    rng = np.random.default_rng(4)
    for n in range(5):
        reach = np.array([0.30 * sin(n * 1.3), 0.62 + 0.1 * (n % 3), 0.16 * cos(n * 1.9)])
        path = spline(
            [
                (1.22, 1.15, -1.35),
                (1.22 + 0.35 * reach[0], 1.45, -1.35),
                (1.22 + reach[0], 1.2 + reach[1], -1.35 + reach[2]),
            ],
            9,
        )
        wear(stem, sweep("stem", path, circle(0.004, 4)), texels=0.5)
        for t in (4, 5, 6, 7, 8):
            leaf(green, path[t], rng.uniform(0, 2 * pi), 0.13)
    tray = lathe("bowl", [(0, 0), (0.05, 0), (0.11, 0.035), (0.125, 0.06), (0.118, 0.06), (0.1, 0.03), (0, 0.01)], 32)
    wear(clay, move(tray, (-0.62, TABLE_M, 0.02)), texels=1.2)
    books = [
        block("book", (0.27, 0.028, 0.2), (0.79 - 0.01 * n, TABLE_M + 0.014 + 0.028 * n, -0.06), 0.003)
        for n in range(3)
    ]
    for book, colour in zip(books, ("#3c5a50", "#e5dccb", "#b4503a"), strict=True):
        wear(stuff(f"book_{colour[1:]}", [colour], rough=0.7), book, texels=1.2)


def lights(hour: str) -> None:
    """By day, sun through a window; by night, warm light behind arch and disc, blue at the edges."""
    if hour == "night":
        sky(9000, 0.05)
        for n in range(9):
            turn = pi * n / 8
            bulb((-0.12 + 0.86 * cos(turn), 1.62 + 0.86 * sin(turn), -2.02), 3.4, 2700, 0.05)
        for n in range(6):
            turn = pi * n / 3
            bulb((0.98 + 0.42 * cos(turn), 1.72 + 0.42 * sin(turn), -2.14), 1.4, 2500, 0.05)
        aim((0.9, 2.9, 1.8), (0.1, 0.9, 0.0), 0.9, 46, 4300)
        aim((-2.8, 2.4, 1.2), (-0.6, 1.0, -1.6), 1.2, 26, 7800)
        return
    sky(5000, 0.5)
    sun((0.76, -0.40, -0.50), 4.2, 4000)
    window()
    aim((-2.2, 2.8, 2.6), (0, 1, -0.6), 1.8, 70, 5000)
    aim((2.4, 2.6, 2.6), (0, 0.9, 0.1), 1.6, 46, 4500)


def window() -> None:
    """Bars in the sun's way; they only cast shadows."""
    frame = stuff("frame", ["#808080"])
    bars = [block("bar", (0.03, 0.06, 3.2), (-3.2, y, -0.6)) for y in (1.3, 2.1, 2.9, 3.7)]
    bars += [block("bar", (0.03, 3.0, 0.06), (-3.2, 2.5, z)) for z in (-2.2, -1.4, -0.6, 0.2, 1.0)]
    bars += [block("wall", (0.03, 6, 4), (-3.2, 3.0, z)) for z in (3.0, -4.2)]
    bars += [block("wall", (0.03, 2.0, 4), (-3.2, y, -0.6)) for y in (0.3, 4.7)]
    for bar in bars:
        bar.data.materials.append(frame)
        bar.visible_camera = False
