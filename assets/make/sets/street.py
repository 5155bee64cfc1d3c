"""The street behind the night market's stall: built, lit, photographed out of focus, and hung up as a backdrop.

The engine has no cheap depth of field. The wide camera's own lens blurs the picture here, once.
"""

from math import pi, sin
from pathlib import Path

import bpy
import numpy as np
from numpy.random import default_rng

from ..look import camera
from ..paint import tint
from ..palette import JADE, LACQUER, PAPER
from ..shapes import ball, block, clear, grid, lathe, move
from .kit import EYE, bulb, garland, kelvin, lantern_paper, shining, stuff, wear

CARD_Z_M, CARD_WIDE_M, CARD_HIGH_M = -4.6, 12.0, 6.0


def photograph(out: Path, *, size_px: tuple[int, int] = (1536, 768), samples: int = 48) -> None:
    """Build the street and take its picture for a card of `CARD_WIDE_M` × `CARD_HIGH_M` at `CARD_Z_M`."""
    clear()
    build()
    distance = EYE[2] - CARD_Z_M
    seen = camera(EYE, (EYE[0], EYE[1], 0), 2 * np.arctan(CARD_HIGH_M / 2 / distance) * 180 / pi)
    # The card stands on the ground: shift the film so that its lower edge is the picture's.
    seen.data.shift_y = (CARD_HIGH_M / 2 - EYE[1] - 0.02) / CARD_HIGH_M
    seen.data.dof.use_dof, seen.data.dof.focus_distance = True, 3.6
    seen.data.dof.aperture_fstop, seen.data.dof.aperture_blades = seen.data.lens / 1000 / 0.085, 0
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", samples, True
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    scene.render.resolution_x, scene.render.resolution_y = size_px
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.filepath = str(out)
    bpy.ops.render.render(write_still=True)


def build() -> None:
    """Two rows of stalls that run away from the viewer, lanterns over the way, houses and a late dusk behind."""
    rng = default_rng(12)
    world = bpy.data.worlds.new("dusk")
    world.use_nodes = True
    bpy.context.scene.world = world
    world.node_tree.nodes["Background"].inputs[0].default_value = (*kelvin(9000), 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.30
    dusk_sky()
    wet = stuff("paving", ["#2f3643", "#4a5364"], grain=(2, 2, 2), rough=0.3)
    wear(wet, block("ground", (40, 0.1, 60), (0, -0.05, -20)))
    frame = stuff("frame", ["#5a3a26", "#74502f"])
    glow = {
        "warm": shining("warm", np.ones((4, 4, 3)) * (1, 0.62, 0.28), 9),
        "cream": shining("cream", np.ones((4, 4, 3)) * (1, 0.74, 0.42), 3.2),
        "red": shining("red", lantern_paper("#c4160c", "#ff5a2c"), 2.4),
        "paper": shining("paper", lantern_paper("#c9701f", "#ffcf7c"), 2.4),
        "jade": shining("jade", np.ones((4, 4, 3)) * (0.2, 0.75, 0.55), 2.2),
    }
    cloths = [stuff(f"awning{n}", [colour]) for n, colour in enumerate((LACQUER, PAPER, JADE, "#7b2d26", "#2d4a6b"))]
    goods = [stuff(f"goods{n}", [c]) for n, c in enumerate(("#c9973f", "#b3271e", "#e8d9bd", "#5d8a76", "#8a5a3c"))]
    for row in range(7):
        z = -6.0 - 3.0 * row
        for side in (-1, 1):
            x = side * (2.55 + 0.2 * rng.random())
            stall(x, z + 0.5 * rng.random(), side, frame, cloths[rng.integers(5)], goods, glow, rng)
        for n in range(4):
            x = (n - 1.5) * 1.5 + rng.normal() * 0.15
            y = 3.3 + 0.28 * abs(n - 1.5) + rng.normal() * 0.05
            at = (x, y, z + 1.2)
            radius = 0.19 + 0.05 * rng.random()
            paper = "red" if (n + row) % 3 else "paper"
            wear(glow[paper], move(lathe("lantern", drum(radius), 16), at))
            if n in (0, 3):
                bulb(at, 16, radius=0.2)
        garland(((-3.4, 3.7, z), (3.4, 3.7, z - 1.0)), 0.55, 22, frame, glow["warm"], 0.02)
    houses(rng, glow)


def drum(radius: float) -> np.ndarray:
    """Half outline of a lantern."""
    angle = np.linspace(-1.2, 1.2, 9)
    return np.stack([radius * np.cos(angle) ** 0.8, radius * 0.85 * np.sin(angle)], 1)


def stall(x: float, z: float, side: int, frame, cloth, goods, glow, rng) -> None:
    """One lit stall at the roadside."""
    for dz in (-1.1, 1.1):
        wear(frame, block("post", (0.08, 2.4, 0.08), (x - side * 0.7, 1.2, z + dz)))
    wear(frame, block("counter", (0.9, 0.85, 2.2), (x - side * 0.1, 0.42, z)))
    wear(frame, block("back", (0.05, 2.4, 2.3), (x + side * 0.75, 1.2, z)))
    net = [
        [(x + side * 0.8 - side * 2.0 * u, 2.7 - 0.42 * u - 0.05 * sin(pi * u), z + w) for u in np.linspace(0, 1, 4)]
        for w in (-1.25, 1.25)
    ]
    wear(cloth, grid("awning", np.array(net)))
    hem = [[(x - side * 1.2, 2.28 - h, z + w) for h in (0.0, 0.24)] for w in (-1.25, 1.25)]
    wear(cloth, grid("hem", np.array(hem)))
    for n in range(12):
        size = 0.1 + 0.12 * rng.random()
        at = (x - side * (0.35 - 0.25 * (n % 2)), 0.85 + size / 2, z - 1.0 + n * 0.18)
        wear(goods[rng.integers(len(goods))], block("ware", (size, size, size * 0.8), at))
    wear(glow["jade" if rng.random() < 0.2 else "cream"], block("sign", (0.04, 0.34, 0.9), (x + side * 0.6, 1.95, z)))
    wear(
        glow["warm"],
        ball("lamp", 0.055, (x - side * 0.45, 2.0, z + 0.5), 10),
        ball("lamp", 0.055, (x - side * 0.45, 2.0, z - 0.5), 10),
    )
    bulb((x - side * 0.3, 1.95, z), 60, temperature=2600 + 500 * rng.random())


def houses(rng, glow) -> None:
    """Dark fronts with some windows lit."""
    wall = stuff("wall", ["#465066", "#5a6278"])
    for side in (-1, 1):
        for n in range(6):
            high = 5 + 4 * rng.random()
            z = -8 - 5 * n
            wear(wall, block("house", (3, high, 4.8), (side * (6.4 + rng.random()), high / 2, z)))
            for _ in range(5):
                if rng.random() < 0.6:
                    pane = block(
                        "pane",
                        (0.05, 0.6, 0.45),
                        (side * 4.85, 2.8 + rng.random() * (high - 3.4), z + rng.normal() * 1.2),
                    )
                    wear(glow["cream"], pane)
    wear(wall, block("end", (9, 6.5, 1), (0, 3.25, -36)))
    for _ in range(16):
        wear(glow["cream"], block("pane", (0.5, 0.7, 0.05), (rng.normal() * 2.4, 1.5 + 4 * rng.random(), -35.4)))


def dusk_sky() -> None:
    """The last light: a sheet far away, plum at the roofs, ink above."""
    ramp = tint(np.linspace(1, 0, 64)[:, None] * np.ones((1, 4)), "#b0647c", "#6a5f9c", "#33447c", "#1c2650")
    wear(shining("sky", ramp, 0.5), grid("sky", np.array([[(x, y, -44) for y in (0, 26)] for x in (-40, 40)])))
