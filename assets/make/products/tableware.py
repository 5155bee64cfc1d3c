"""A vacuum tumbler with lid and straw: origin at the base's centre."""

from collections.abc import Sequence

import numpy as np

from ..brand import lettering, mark
from ..paint import Paint, noise, normals, srgb
from ..palette import INK, JADE, PAPER
from ..shapes import circle, grid, lathe, move, ring, spline, sweep

BODY = [(33.6, 6), (34.4, 9), (35.2, 40), (40.5, 110), (43.4, 160), (44.2, 184), (44, 186.5)]


def tumbler() -> dict[str, Sequence[Paint]]:
    """Powder-coated steel, 600 ml, engraved mark; the straw bends towards the drinker."""
    grain = normals(noise(256, 1.6, 5), 2.2)
    coat = Paint("body_coat", JADE, rough=0.55, normal=grain, normal_depth=0.6)
    steel = Paint("steel", "#cfd0d2", rough=0.27, metal=1)
    lid = Paint("lid", INK, rough=0.35)
    straw = Paint("straw", PAPER, rough=0.25, clear=0.2)
    seal = Paint("seal", "#b9b2a4", rough=0.7)

    coat.on(lathe("body", BODY, 48, uv_size=(6, 5)))
    foot = lathe("foot", [(0, 1.2), (28, 1.2), (30, 0), (32.2, 0), (33.4, 1.6), (33.6, 6.4)], 48)
    rim = lathe("rim", [(44, 186), (44.3, 187), (44.3, 191), (43.4, 192), (42.2, 191)], 48)
    steel.on(foot, rim)

    top = lathe(
        "lid",
        [(42, 189), (43.6, 190.4), (45.6, 191), (45.8, 196.5), (44.6, 198.4), (40.5, 199), (38.6, 196.4), (0, 195.6)],
        48,
    )
    slide = lathe("slide", [(9, 195.6), (9.4, 199), (8.6, 200), (5.6, 200.2), (5.2, 199)], 20)
    lid.on(top, slide)
    seal.on(move(ring("seal", 44.3, circle(0.9, 6), steps=40), (0, 191.2, 0)))
    path = spline([(0, 150, 4), (0, 200, 4), (0, 228, 5), (0, 242, 10), (0, 262, 22)], 20)
    straw.on(sweep("straw", path, circle(3.6, 12), caps=False))
    handle = spline([(42, 168, 0), (66, 170, 0), (76, 158, 0), (74, 120, 0), (66, 92, 0), (52, 82, 0), (38, 84, 0)], 26)
    lid.on(sweep("handle", handle, np.sign(circle(1, 12)) * np.abs(circle(1, 12)) ** 0.7 * (4.2, 7.5)))
    engraving()
    return {
        "jade": [],
        "ink": [Paint("body_coat:ink", "#1a2334", rough=0.55, normal=grain, normal_depth=0.6)],
        "lacquer": [Paint("body_coat:lacquer", "#a4241b", rough=0.55, normal=grain, normal_depth=0.6)],
    }


def engraving() -> None:
    """The mark and the name, cut through the coat to the steel."""
    size = 256
    mask = np.zeros((size, size))
    lantern, name = mark(150), lettering("灯笼街", 64, 0.12)
    mask[10:160, 53:203] = lantern
    x = (size - name.shape[1]) // 2
    mask[176:240, x : x + name.shape[1]] = name
    picture = np.concatenate([np.ones((size, size, 3)) * srgb("#d6d4cf"), mask[..., None]], 2)
    net = []
    for angle in np.linspace(-0.62, 0.62, 9):
        line = []
        for y in np.linspace(78, 130, 5):
            radius = np.interp(y, [p[1] for p in BODY], [p[0] for p in BODY]) + 0.12
            line.append((radius * np.sin(angle), y, radius * np.cos(angle)))
        net.append(line)
    Paint("engraving", rough=0.3, metal=1, texture=picture).on(grid("engraving", net))
