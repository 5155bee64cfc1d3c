"""A lipstick with its cap beside it: origin at the base's centre, bullet upwards."""

from collections.abc import Sequence
from math import cos

import numpy as np

from ..brand import mark
from ..paint import Paint, srgb
from ..palette import INK
from ..shapes import Points, bend, grid, lathe, move

GOLD = "#f0c47a"


def lipstick() -> dict[str, Sequence[Paint]]:
    """Ink lacquer case with brass reeding, slanted bullet of 21 mm showing."""
    lacquer = Paint("case", INK, rough=0.14, coat=1)
    gold = Paint("metal_gold", GOLD, rough=0.2, metal=1)
    wax = Paint("bullet", "#a5141c", rough=0.34, ior=1.45, sheen="#ff8d84")

    base = lathe("base", [(0, 0), (9.2, 0), (10, 0.8), (10, 26), (9.6, 27), (8.6, 27)], 40, uv_size=(1, 1))
    cap = lathe("cap", [(0, 0), (9.4, 0), (10.2, 0.8), (10.2, 40), (9.4, 41.2), (7, 41.8), (0, 42)], 40)
    lacquer.on(base, move(cap, (-29, 0, 7)))
    reeds = lathe(
        "collar", [(9.4, 26.4), (10.3, 27), (10.3, 30.5), (9.2, 31)], 64, ribs=lambda a: 1 + 0.018 * cos(32 * a)
    )
    tube = lathe("tube", [(8.7, 30.5), (8.7, 46.4), (8.2, 47), (7.6, 46.6), (7.5, 40)], 32)
    foot = lathe("foot", [(10.05, 2.2), (10.35, 2.4), (10.35, 3.6), (10.05, 3.8)], 40)
    ringed = lathe("band", [(10.2, 2.2), (10.5, 2.4), (10.5, 4.4), (10.2, 4.6)], 40)
    gold.on(reeds, tube, foot, move(ringed, (-29, 0, 7)))
    emblem()

    rise = np.linspace(0, 1, 14)
    profile = [(6.6, 38), *zip(6.6 * (1 - rise**3.2) ** 0.5, 50 + 19.6 * rise, strict=True)]
    bullet = lathe("bullet", profile, 28)

    def slant(at: Points) -> Points:
        over = at[:, 1] - (57.5 + 0.9 * (6.6 - at[:, 2]))
        # Soft minimum: the cut's edge is melted a little.
        return at - np.stack([0 * over, 1.2 * np.logaddexp(0, over / 1.2), 0 * over], 1)

    wax.on(bend(bullet, slant))
    shades = {"rosewood": "#8c3a3f", "persimmon": "#c23a1c", "plum": "#5c1230"}
    return {
        "cinnabar": [],
        **{
            name: [Paint(f"bullet:{name}", colour, rough=0.34, ior=1.45, sheen="#ffb0a8")]
            for name, colour in shades.items()
        },
    }


def emblem() -> None:
    """The lantern, inlaid on the case's front."""
    size = 96
    picture = np.concatenate([np.ones((size, size, 3)) * srgb(GOLD), (mark(size) > 0.5)[..., None].astype(float)], 2)
    half = 0.42
    net = [
        [(10.06 * np.sin(a), y, 10.06 * np.cos(a)) for y in np.linspace(10, 18.4, 2)]
        for a in np.linspace(-half, half, 7)
    ]
    inlay = grid("emblem", net)
    Paint("inlay", rough=0.25, metal=1, texture=picture).on(inlay)
