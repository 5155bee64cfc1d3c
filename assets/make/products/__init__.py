"""The demo show's products: each a function that models one thing in millimetres at its real size."""

from collections.abc import Callable, Sequence
from pathlib import Path

import bpy
from avatars.sculpt.levels import add_levels

from .. import glb, shapes
from ..paint import Paint
from . import bag, beauty, eyewear, footwear, headwear, jewellery, tableware, timepiece

MAKERS: dict[str, Callable[[], dict[str, Sequence[Paint]]]] = {
    "sunglasses": eyewear.sunglasses,
    "cap": headwear.cap,
    "headband": headwear.headband,
    "earrings": jewellery.earrings,
    "necklace": jewellery.necklace,
    "ring": jewellery.ring,
    "bracelet": jewellery.bracelet,
    "watch": timepiece.watch,
    "lipstick": beauty.lipstick,
    "tote_bag": bag.tote_bag,
    "tumbler": tableware.tumbler,
    "sneaker": footwear.sneaker,
}


#: Products that get coarser levels: those without thin layers, which a level could push through each other.
LEVELLED = ("headband", "sneaker")


def build(product: str, models: Path) -> Path:
    """Model a product, write it, and say how heavy it is."""
    shapes.clear()
    variants = MAKERS[product]()
    things = list(bpy.context.scene.objects)
    for thing in things:
        shapes.outward(thing)
    whole = shapes.join(product, things)
    if variants:
        glb.offer_variants(
            [whole],
            {
                name: {paint.name.split(":")[0]: paint.material() for paint in paints}
                for name, paints in variants.items()
            },
        )
    path = models / f"{product}.glb"
    glb.export(path, scale=0.001)
    print(f"{product}: {glb.triangles(path)} triangles, {path.stat().st_size // 1024} KB")
    if product in LEVELLED:
        add_levels(path)
    return path
