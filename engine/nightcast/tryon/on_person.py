"""What a tracked person can try on, and where a tracker must look for it."""

from __future__ import annotations

from nightcast.show.catalog import Product

__all__ = ["ON_FOOT", "ON_HAND", "ON_HEAD", "wearable"]

ON_HEAD = ("glasses", "hat", "headband", "earring", "necklace")
ON_HAND = ("watch", "bracelet", "ring", "bag")
ON_FOOT = ("shoe",)


def wearable(product: Product) -> bool:
    """Whether a tracked person can try this product on."""
    if product.wear is None:
        return False
    if product.wear.kind == "garment":
        return product.wear.garment is not None
    return product.wear.kind == "makeup" or (
        product.wear.kind in ON_HEAD + ON_HAND + ON_FOOT and product.model is not None
    )
