"""The demo show's sets: modelled in metres, lit and baked, so that the engine draws them without a lamp.

Every set keeps the same marks: the host at x = 0, z = −0.35, facing +Z; a table top at y = 0.92 whose front edge is
at z = 0.35; the wide camera at (0, 1.45, 3.2).
"""

from pathlib import Path
from types import ModuleType

from .. import bake, light, shapes
from . import boutique, night_market, studio
from .kit import EYE

#: A set's file: the module that models it, and the hour at which it is lit.
SETS: dict[str, tuple[ModuleType, str]] = {
    "night_market": (night_market, "night"),
    "night_market_dusk": (night_market, "dusk"),
    "studio": (studio, "day"),
    "studio_night": (studio, "night"),
    "boutique": (boutique, "night"),
    "boutique_day": (boutique, "day"),
}


def build(name: str, models: Path, *, size_px: int = bake.ATLAS_PX, samples: int = 1) -> None:
    """Model, light and bake a set, and write it."""
    shapes.clear()
    module, hour = SETS[name]
    module.build(hour)
    cards = module.cards(hour)
    baked = bake.bake(size_px, samples, EYE)
    for card, paint in cards:
        card.data.materials.clear()
        card.data.materials.append(paint())
        card.hide_render = False
    developed = [(part, bake.develop(lit, module.EXPOSURE[hour])) for part, lit in baked]
    bake.export(models / f"{name}.glb", developed, [card for card, _ in cards])


def surround(name: str, out: Path) -> None:
    """Model and light a set, and write what shines on the host and the products in it."""
    shapes.clear()
    module, hour = SETS[name]
    module.build(hour)
    module.cards(hour)
    light.surround(out)
