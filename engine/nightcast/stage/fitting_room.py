"""Pictures of a product worn by a host, from the front, three-quarter and in profile: `nightcast product`.

Host space, metres, as everywhere. GL thread only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, f32
from nightcast.host.anchors import Anchors
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Catalog
from nightcast.show.wear import Wear
from nightcast.stage.cast import Cast
from nightcast.stage.frame import Camera, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.production import Production
from nightcast.stage.renderer import Renderer
from nightcast.stage.state import Worn
from nightcast.stage.stock import Library
from nightcast.stage.thumbs import PAPER

__all__ = ["try_on_sheet"]

_SIDE_PX = 480
_LIGHT = Lighting(
    key=Lamp((0.7, 1.4, 1.2), 1.9, 5000, shadow="soft"),
    fill=Lamp((-1.5, 0.6, 1.0), 0.9, 6500),
    rim=Lamp((-0.6, 1.2, -1.5), 1.4, 7000),
    ambient=(0.75, 0.75, 0.78),
)
#: The host settles before the picture is taken.
_SETTLED_S = 1.5


@dataclass(frozen=True)
class _Look:
    """From which sides, in degrees to the wearer's left of straight ahead, and how much is seen around the place."""

    anchor: str
    sides_deg: tuple[float, ...]
    height_m: float
    below_m: float = 0.0


_HEAD = _Look("crown", (0.0, 38.0, 88.0), 0.40, below_m=0.11)
_LOOKS = {
    "hat": _Look("crown", (0.0, 38.0, 88.0), 0.50, below_m=0.06),
    "headband": _HEAD,
    "necklace": _Look("neck_base", (0.0, 38.0, 88.0), 0.42),
    "watch": _Look("wrist_l", (10.0, 75.0, 130.0), 0.26),
    "bracelet": _Look("wrist_l", (10.0, 75.0, 130.0), 0.26),
    "ring": _Look("ring_l", (10.0, 75.0, 130.0), 0.16),
    "bag": _Look("hold_l", (0.0, 45.0, 90.0), 1.25),
    "shoe": _Look("feet", (0.0, 40.0, 90.0), 0.55, below_m=-0.08),
}


def try_on_sheet(production: Production, products: Sequence[str], *, variant: str | None = None,
                 cache: Path | None = None) -> tuple[NDArray[np.uint8], list[str]]:  # fmt: skip
    """(480, 1440, 3) uint8 of the production's host wearing `products`, and what there was to warn of."""
    warnings: dict[str, None] = {}
    with Gpu() as gpu, Renderer(gpu, (_SIDE_PX, _SIDE_PX)) as renderer:
        library = Library(renderer, warnings.setdefault, cache)
        cast = Cast.load(production, library, warnings.setdefault, seed=1)
        frame = _settled(cast)
        if frame is None or cast.stocked is None or cast.wardrobe is None or production.catalog is None:
            return np.zeros((_SIDE_PX, 3 * _SIDE_PX, 3), np.uint8), list(warnings)
        mark = np.eye(4, dtype=np.float32)
        host = Instance(cast.stocked.handle, mark, "host", pose=frame)
        worn = tuple(Worn(product, variant) for product in products)
        instances = cast.wardrobe.dress([host], worn, frame, mark)
        look = _look(production.catalog, products)
        pictures = [
            renderer.draw(Frame(camera, _LIGHT, PAPER, instances))[..., :3].copy()
            for camera in _cameras(look, cast.wardrobe.wearer.anchors, frame)
        ]
        library.release()
    return np.concatenate(pictures, axis=1), list(warnings)


def _settled(cast: Cast) -> HostFrame | None:
    frame = None
    for step in range(round(_SETTLED_S * 30)):
        frame = cast.performer.update(step / 30)
    return frame


def _look(catalog: Catalog, products: Sequence[str]) -> _Look:
    wear: Wear | None = None
    for name in products:
        product = catalog.product(name)
        wear = wear or (product.wear if product else None)
    if wear is None:
        return _HEAD
    look = _LOOKS.get(wear.kind, _HEAD)
    if look.anchor.endswith("_l") and wear.side == "right":
        mirrored = tuple(-side for side in look.sides_deg)
        return _Look(look.anchor[:-1] + "r", mirrored, look.height_m, look.below_m)
    return look


def _cameras(look: _Look, anchors: Anchors, frame: HostFrame) -> list[Camera]:
    names = ("foot_l", "foot_r") if look.anchor == "feet" else (look.anchor,)
    target = np.mean([anchors[name].world(frame)[:3, 3] for name in names], axis=0) - [0.0, look.below_m, 0.0]
    fov_deg = 20.0
    away_m = look.height_m / 2 / math.tan(math.radians(fov_deg) / 2)
    cameras = []
    for side_deg in look.sides_deg:
        side = math.radians(side_deg)
        ahead: F32 = f32([math.sin(side), 0.08, math.cos(side)])
        eye = target + ahead * away_m
        cameras.append(Camera(look_at(eye.tolist(), target.tolist()), fov_deg, near_m=0.05, far_m=20))
    return cameras
