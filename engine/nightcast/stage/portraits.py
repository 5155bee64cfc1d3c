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
from nightcast.stage.shots import direction, vertical_fov_deg
from nightcast.stage.stock import Stocked

__all__ = ["portrait"]

_SIZE_PX = (640, 480)
_FOV_DEG = 22.0  # along the shorter side, as for a shot
_SIDE_DEG, _ABOVE_DEG = 24.0, 16.0
#: A seamless paper: bright, so that dark products show, and a little darker below.
_PAPER = Background(top=(0.95, 0.94, 0.92), bottom=(0.84, 0.83, 0.81))
_FLASH = Lamp((0.5, 1.2, 0.9), 0.55 * math.pi, 5200)


def portrait(renderer: Renderer, stocked: Stocked, product: Product, lighting: Lighting) -> Image.Image:
    """The product in three-quarter view on bright paper, 640×480, in the reflections of `lighting`'s environment.

    Pictures in flight are given up.
    """
    stand = Stand(at=(0.0, 0.0, 0.0), max_size=10.0)
    seated = seat(stocked.low, stocked.high, stand, 0.0, product)
    middle = np.array([0.0, seated.height_m / 2, 0.0])
    away_m = 0.62 * seated.longest_m / math.tan(math.radians(_FOV_DEG) / 2) + seated.longest_m / 2
    above = math.radians(_ABOVE_DEG)
    eye = middle + away_m * (direction(_SIDE_DEG) * math.cos(above) + np.array([0.0, math.sin(above), 0.0]))
    width, height = renderer.size_px
    fov_deg = vertical_fov_deg(_FOV_DEG, width / height)
    frame = Frame(
        camera=Camera(look_at(eye.tolist(), middle.tolist()), fov_deg, near_m=away_m / 20, far_m=away_m * 20),
        lighting=replace(lighting, key=_FLASH, ambient=(1.1, 1.1, 1.1)),
        background=_PAPER,
        instances=[Instance(stocked.handle, seated.world, "product")],
        contact_shadows=[ContactShadow((0.0, 0.0, 0.0), (seated.foot_m[0] * 1.1, seated.foot_m[1] * 1.1), 0.35)],
    )
    picture = Image.fromarray(np.ascontiguousarray(renderer.draw(frame)[..., :3]))
    cut_width = min(width, height * _SIZE_PX[0] / _SIZE_PX[1])
    cut_height = cut_width * _SIZE_PX[1] / _SIZE_PX[0]
    left, top = (width - cut_width) / 2, (height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    return picture.resize(_SIZE_PX, Image.Resampling.LANCZOS, box=box)
