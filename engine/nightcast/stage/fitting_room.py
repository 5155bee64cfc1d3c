"""How products look and fit on a host, from the front, three-quarter and in profile: `nightcast product`.

Host space, metres, as everywhere. GL thread only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.gltf.records import F32, f32
from nightcast.host.anchors import Anchors
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Product
from nightcast.show.wear import Wear
from nightcast.stage.cast import Cast
from nightcast.stage.errors import AssetError
from nightcast.stage.frame import Camera, Frame, Instance, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.handling import carrying
from nightcast.stage.overlays.canvas import cover
from nightcast.stage.production import Production
from nightcast.stage.renderer import Renderer
from nightcast.stage.state import Worn
from nightcast.stage.stock import Library
from nightcast.stage.text import Typesetter
from nightcast.stage.thumbs import GAP_PX, PAPER, SHEET_PX, Thumb, lay_out, room_light
from nightcast.stage.wardrobe import Wardrobe

__all__ = ["TryOnSheet", "try_on_sheet"]

_SIDE_PX = (SHEET_PX - GAP_PX) // 3 - GAP_PX
_SIDES = ("front", "three-quarter", "profile")
#: The host settles before pictures are taken, at so many steps a second.
_SETTLED_S, _FPS = 1.5, 30


@dataclass(frozen=True)
class _Look:
    """From which sides, in degrees to the wearer's left of straight ahead, and how much is seen around the place."""

    anchor: str
    sides_deg: tuple[float, float, float]
    height_m: float
    below_m: float = 0.0


_AROUND = (0.0, 38.0, 88.0)
_HEAD = _Look("crown", _AROUND, 0.40, below_m=0.11)
_ON_AN_ARM = (10.0, 75.0, 130.0)
_LOOKS = {
    "hat": _Look("crown", _AROUND, 0.50, below_m=0.06),
    "makeup": _Look("nose_bridge", _AROUND, 0.27, below_m=0.03),
    "necklace": _Look("neck_base", _AROUND, 0.42),
    "watch": _Look("wrist_l", _ON_AN_ARM, 0.26),
    "bracelet": _Look("wrist_l", _ON_AN_ARM, 0.26),
    "ring": _Look("ring_l", _ON_AN_ARM, 0.16),
    "bag": _Look("neck_base", _AROUND, 1.7, below_m=0.62),
    "shoe": _Look("feet", _AROUND, 0.55, below_m=-0.08),
}


@dataclass(frozen=True, eq=False)
class TryOnSheet:
    """The sheet (h, w, 4) RGBA; how each product fits, by its id; and what there was to warn of."""

    pixels: NDArray[np.uint8]
    verdicts: Mapping[str, str]
    warnings: tuple[str, ...]


def try_on_sheet(
    production: Production, *, tell: Callable[[float], None] = lambda _done: None, cache: Path | None = None
) -> TryOnSheet:
    """Each product of the production's catalog that its host can wear, one after the other; `tell` hears 0 to 1.

    Raises AssetError where the production's avatar has no body to wear anything.
    """
    warnings: dict[str, None] = {}
    products = [product for product in production.catalog.products if product.host_wears] if production.catalog else []
    rows: list[tuple[str, list[Thumb]]] = []
    verdicts: dict[str, str] = {}
    with Gpu() as gpu, Renderer(gpu, (2 * _SIDE_PX, 2 * _SIDE_PX)) as renderer:
        library = Library(renderer, warnings.setdefault, cache)
        cast = Cast.load(production, library, warnings.setdefault, seed=1)
        if cast.stocked is None or cast.wardrobe is None:
            who = production.avatar.worn_model if production.avatar is not None else "avatar"
            raise AssetError(who, "it has no body that could wear anything", "`nightcast avatar` says what it lacks.")
        host = Instance(cast.stocked.handle, np.eye(4, dtype=np.float32), "host")
        sitting = _Sitting(cast, cast.wardrobe, renderer, host)
        for number, product in enumerate(products):
            name, verdict = product.name.in_language(production.language), cast.wardrobe.verdict(product)
            verdicts[product.id] = verdict
            rows.append((f"{name}: {verdict}" if verdict else name, sitting.take(product)))
            tell((number + 1) / len(products))
        library.release()
    title = production.avatar.name.in_language(production.language) if production.avatar else ""
    pixels = lay_out(title, rows, Typesetter.find_fonts(production.fonts, warnings.setdefault))
    return TryOnSheet(pixels, verdicts, tuple(warnings))


@dataclass(eq=False)
class _Sitting:
    """The host before the camera; its time runs on from product to product."""

    cast: Cast
    wardrobe: Wardrobe
    renderer: Renderer
    host: Instance
    steps: int = 0

    def take(self, product: Product) -> list[Thumb]:
        assert product.wear is not None
        self.cast.performer.carry(carrying([product.wear]), self.steps / _FPS)
        frame = self._settled()
        mark: F32 = f32(np.eye(4))
        host = Instance(self.host.model, mark, "host", pose=frame)
        instances = self.wardrobe.dress([host], (Worn(product.id),), frame, mark)
        thumbs = []
        cameras = _cameras(_look(product.wear), self.wardrobe.wearer.anchors, frame)
        for side, camera in zip(_SIDES, cameras, strict=True):
            drawn = self.renderer.draw(Frame(camera, room_light(), PAPER, instances))
            thumbs.append(Thumb(side, cover(Image.fromarray(drawn[..., :3]), _SIDE_PX, _SIDE_PX)))
        return thumbs

    def _settled(self) -> HostFrame:
        for _ in range(round(_SETTLED_S * _FPS)):
            self.steps += 1
            frame = self.cast.performer.update(self.steps / _FPS)
        return frame


def _look(wear: Wear) -> _Look:
    look = _LOOKS.get(wear.kind, _HEAD)
    if look.anchor.endswith("_l") and wear.side == "right":
        front, quarter, profile = look.sides_deg
        return _Look(look.anchor[:-1] + "r", (-front, -quarter, -profile), look.height_m, look.below_m)
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
