"""What a key does before the mirror. Pure: keys by name in, the state of the mirror out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nightcast.show.catalog import Product

__all__ = ["HELP", "Controls"]

HELP = {
    "en": "1-9 product · ←→ next · V colour · B before/after · S snapshot · M mirror · 0 nothing · Esc ends",
    "zh": "1-9 选商品 · ←→ 切换 · V 颜色 · B 前后对比 · S 拍照 · M 镜像 · 0 取下 · Esc 结束",
}


@dataclass
class Controls:
    """Several products may be worn at first; a key then chooses one."""

    products: Sequence[Product]
    worn: tuple[str, ...] = ()
    variant: str | None = None
    before_after: bool = False
    mirrored: bool = True  #: what the window shows; the output never is
    ended: bool = False
    snapshots_wanted: int = field(default=0)

    def press(self, key: str) -> bool:
        """Take a key; whether what is worn has changed."""
        before = self.worn, self.variant
        if key.isdigit():
            self._choose(int(key) - 1)
        elif key in ("left", "right"):
            self._step(1 if key == "right" else -1)
        elif key == "v":
            self._next_variant()
        elif key == "b":
            self.before_after = not self.before_after
        elif key == "m":
            self.mirrored = not self.mirrored
        elif key in ("s", "space"):
            self.snapshots_wanted += 1
        elif key in ("escape", "q"):
            self.ended = True
        return (self.worn, self.variant) != before

    def caption(self, language: str) -> str:
        """What is worn, for the window."""
        names = []
        for name in self.worn:
            product = next((product for product in self.products if product.id == name), None)
            if product is None:
                continue
            chosen = product.variant(self.variant) if self.variant else None
            colour = f" · {chosen.name.in_language(language)}" if chosen else ""
            names.append(product.name.in_language(language) + colour)
        return " + ".join(names)

    def _choose(self, number: int) -> None:
        if number < 0:
            self.worn, self.variant = (), None
        elif number < len(self.products):
            self.worn, self.variant = (self.products[number].id,), None

    def _step(self, by: int) -> None:
        if not self.products:
            return
        ids = [product.id for product in self.products]
        at = ids.index(self.worn[0]) + by if self.worn and self.worn[0] in ids else 0
        self.worn, self.variant = (ids[at % len(ids)],), None

    def _next_variant(self) -> None:
        product = next((product for product in self.products if self.worn[:1] == (product.id,)), None)
        if product is None or not product.variants:
            return
        ids = [None, *(variant.id for variant in product.variants)]
        self.variant = ids[(ids.index(self.variant) + 1) % len(ids)] if self.variant in ids else ids[1]
