"""What the host wears, as instances to draw: fitted once by `tryon`, placed by the rig in each frame. GL thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nightcast.gltf.records import F32, f32
from nightcast.host.anchors import Anchors
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import resolve
from nightcast.stage.frame import Instance
from nightcast.stage.library import Library, Stocked
from nightcast.stage.state import Worn
from nightcast.tryon.errors import TryOnError
from nightcast.tryon.fit import Fitted, fit

__all__ = ["Wardrobe"]


@dataclass(eq=False)
class Wardrobe:
    """Everything of the catalog that this host can wear. A product that cannot be worn is told of once."""

    anchors: Anchors
    catalog: Catalog
    catalog_file: Path
    library: Library
    warn: Callable[[str], None]
    _fitted: dict[tuple[str, int], Fitted | None] = field(default_factory=dict)

    def instances(self, worn: tuple[Worn, ...], frame: HostFrame, mark: F32) -> list[Instance]:
        """What is worn in this frame of the host, who stands at `mark` (4, 4)."""
        found: list[Instance] = []
        for item in worn:
            product = self.catalog.product(item.product)
            stocked = self._stocked(product) if product else None
            fitted = self._fit(product, stocked) if product and stocked else None
            if product is None or stocked is None or fitted is None:
                continue
            chosen = product.variant(item.variant) if item.variant else None
            variant = chosen.model_variant if chosen else None
            found += [
                Instance(stocked.handle, f32(mark @ place), "worn", variant=variant) for place in fitted.place(frame)
            ]
        return found

    def _stocked(self, product: Product) -> Stocked | None:
        return self.library.model(resolve(self.catalog_file, product.model)) if product.model else None

    def _fit(self, product: Product, stocked: Stocked) -> Fitted | None:
        key = (product.id, id(stocked.handle.model))
        if key not in self._fitted:
            try:
                self._fitted[key] = fit(product, stocked.handle.model, self.anchors)
            except TryOnError as error:
                self.warn(str(error))
                self._fitted[key] = None
        return self._fitted[key]
