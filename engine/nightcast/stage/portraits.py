"""Pictures of products without a photograph, taken from their models: for cards and gallery screens. GL thread only."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PIL import Image

from nightcast.show.catalog import Product
from nightcast.show.scene import Stand
from nightcast.stage.build import seat
from nightcast.stage.frame import Background, Camera, ContactShadow, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.renderer import Renderer
from nightcast.stage.shots import direction
from nightcast.stage.stock import Stocked

__all__ = ["Photographer"]

_SIZE_PX = (640, 480)
_DRAWN_PX = (960, 720)
_FOV_DEG = 22.0  # vertical
_SIDE_DEG, _ABOVE_DEG = 24.0, 16.0
#: A seamless paper: bright, so that dark products show, and a little darker below.
_PAPER = Background(top=(0.95, 0.94, 0.92), bottom=(0.84, 0.83, 0.81))
_FLASH = Lamp((0.5, 1.2, 0.9), 0.55 * math.pi, 5200)


class Photographer:
    """Takes portraits beside a renderer, whose own pictures go on as if nothing had been drawn."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer.beside(_DRAWN_PX)

    def portrait(self, stocked: Stocked, product: Product, lighting: Lighting) -> Image.Image:
        """The product in three-quarter view on bright paper, 640×480, reflecting `lighting`'s environment."""
        stand = Stand(at=(0.0, 0.0, 0.0), max_size=10.0)
        seated = seat(stocked.low, stocked.high, stand, 0.0, product)
        middle = np.array([0.0, seated.height_m / 2, 0.0])
        away_m = 0.62 * seated.longest_m / math.tan(math.radians(_FOV_DEG) / 2) + seated.longest_m / 2
        above = math.radians(_ABOVE_DEG)
        eye = middle + away_m * (direction(_SIDE_DEG) * math.cos(above) + np.array([0.0, math.sin(above), 0.0]))
        frame = Frame(
            camera=Camera(look_at(eye.tolist(), middle.tolist()), _FOV_DEG, near_m=away_m / 20, far_m=away_m * 20),
            lighting=replace(lighting, key=_FLASH, ambient=(1.1, 1.1, 1.1)),
            background=_PAPER,
            instances=[Instance(stocked.handle, seated.world, "product")],
            contact_shadows=[ContactShadow((0.0, 0.0, 0.0), (seated.foot_m[0] * 1.1, seated.foot_m[1] * 1.1), 0.35)],
        )
        picture = Image.fromarray(np.ascontiguousarray(self._renderer.draw(frame)[..., :3]))
        return picture.resize(_SIZE_PX, Image.Resampling.LANCZOS)

    def release(self) -> None:
        self._renderer.release()
