"""What the host wears, as instances to draw: fitted once by `tryon`, placed by the rig in each frame. GL only."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from nightcast.gltf.records import F32, Model, f32
from nightcast.host.fingertips import Touch
from nightcast.host.frame import HostFrame
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import resolve
from nightcast.show.wear import Wear
from nightcast.stage.errors import AssetError
from nightcast.stage.frame import Instance, Makeup, Shape
from nightcast.stage.layers import Bitmap
from nightcast.stage.model import ModelHandle
from nightcast.stage.state import Handling, Worn
from nightcast.stage.stock import Library, Stocked
from nightcast.tryon.dangle import Dangling
from nightcast.tryon.errors import TryOnError
from nightcast.tryon.fit import Fitted, fit
from nightcast.tryon.grip import Grip, grips
from nightcast.tryon.makeup import Paint, blended, paint
from nightcast.tryon.putting_on import Applicator, carried, held_up
from nightcast.tryon.wearer import Wearer

__all__ = ["Wardrobe"]

#: Names of what an avatar may wear by itself.
_ITS_OWN = {
    "glasses": re.compile(r"glasses|eyewear", re.IGNORECASE),
    "hat": re.compile(r"\bhat|headwear|cap\b", re.IGNORECASE),
}


#: So near to where it sits, a hat is over the hair already, whoever holds it.
_ON_M = 0.06

#: Made-up faces that are kept ready: two of them are seen at once in a comparison.
_FACES_KEPT = 3

NOT_HANDLED: Mapping[str, Handling] = MappingProxyType({})


@dataclass(eq=False)
class _Dressed:
    """A product on this host: its model on the device, and how it moves."""

    handle: ModelHandle
    fitted: Fitted
    dangling: Dangling
    grips: Mapping[str, Grip]


@dataclass(eq=False)
class Wardrobe:
    """Everything of the catalog that this host can wear. A product that cannot be worn is told of once."""

    wearer: Wearer
    catalog: Catalog
    catalog_file: Path
    stock: Library
    warn: Callable[[str], None]
    _dressed: dict[tuple[str, int], _Dressed | None] = field(default_factory=dict)
    _files: dict[str, Path] = field(default_factory=dict)
    _ahead: dict[str, tuple[Model, Fitted]] = field(default_factory=dict)
    _applicators: dict[tuple[str, bool], Applicator | None] = field(default_factory=dict)
    _held: dict[str, ModelHandle] = field(default_factory=dict)
    _paints: dict[Worn, Paint | None] = field(default_factory=dict)
    _made_up: dict[tuple[Worn, ...], tuple[Makeup, ...]] = field(default_factory=dict)
    _own: dict[str, frozenset[int]] = field(default_factory=dict)
    _shapes: dict[tuple[Fitted, ...], Shape] = field(default_factory=dict)

    def prepare(self) -> None:
        """Look at the face for what makeup needs to know of it, if there is any: a second that the air must not wait.

        May run on another thread.
        """
        for product in self.catalog.products:
            if product.wear is not None and product.wear.kind == "makeup":
                with contextlib.suppress(TryOnError):  # said when somebody wears it
                    paint(product, self.wearer)
                return

    def fit_ahead(self, product: Product, model: Model) -> None:
        """Work out how a product sits before it is put on: a chain takes a second that the air must not wait.

        May run on another thread.
        """
        if product.wear is not None and product.wear.kind != "makeup":
            with contextlib.suppress(TryOnError):  # said when somebody wears it
                self._ahead[product.id] = model, fit(product, model, self.wearer)

    def dress(
        self,
        instances: list[Instance],
        worn: tuple[Worn, ...],
        frame: HostFrame,
        mark: F32,
        handled: Mapping[str, Handling] = NOT_HANDLED,
    ) -> list[Instance]:
        """The scene's instances, and with them what the host wears who stands at `mark` (4, 4) in this frame.

        What is `handled`, by product, is in the hands or on its way.
        """
        makeup: list[Worn] = []
        pieces: list[Instance] = []
        fitted: list[Fitted] = []
        for item in worn:
            product = self.catalog.product(item.product)
            if product is None or product.wear is None:
                continue
            chosen = product.variant(item.variant) if item.variant else None
            variant = chosen.model_variant if chosen else None
            handling = handled.get(item.product)
            in_hands = handling.in_hands(frame.time_s) if handling is not None else 0.0
            if product.wear.kind == "makeup":
                if in_hands is not None and in_hands < 0.5:
                    makeup.append(item)
                if handling is not None and handling.puts_on and in_hands is not None:
                    pieces += self._applied(product, variant, frame, mark)
                continue
            dressed = self._dress(product)
            if dressed is None or in_hands is None:
                continue
            places = seats = dressed.dangling.place(frame)
            if in_hands > 0:
                places = carried(dressed.grips, seats, self.wearer.rig, frame, in_hands)
                pairs = zip(dressed.fitted.pieces, places, strict=True)
                places = [held_up(piece, place, in_hands) for piece, place in pairs]
            if all(np.linalg.norm((place - seat)[:3, 3]) < _ON_M for place, seat in zip(places, seats, strict=True)):
                fitted.append(dressed.fitted)
            pieces += [Instance(dressed.handle, f32(mark @ place), "worn", variant=variant) for place in places]
        made_up = self._make_up(tuple(makeup)) if makeup else ()
        hosts = [instance for instance in instances if instance.kind == "host"]
        shown = frozenset(key for face in self._made_up.values() for makeup in face for key in makeup.keys)
        for host in hosts:
            host.model.drop_makeup(shown.union(*(makeup.keys for makeup in host.makeup)))
        bare, shape = self._in_the_way(fitted), self._shaped(tuple(fitted))
        dressed_hosts = [
            replace(host, makeup=(*host.makeup, *made_up), hidden_nodes=host.hidden_nodes | bare, shape=shape)
            for host in hosts
        ]
        return [*(instance for instance in instances if instance.kind != "host"), *dressed_hosts, *pieces]

    def touches(self, product_id: str, puts_on: bool) -> Mapping[str, Touch]:
        """By hand, what its fingertips touch as it puts a product on or takes it off; nothing where that is unknown."""
        product = self.catalog.product(product_id)
        if product is None or product.wear is None:
            return {}
        if product.wear.kind == "makeup":
            applicator = self._applicator(product, with_product=puts_on)
            return {} if applicator is None else {"right": applicator.touch}
        dressed = self._dress(product)
        return {} if dressed is None else {side: grip.touch for side, grip in dressed.grips.items()}

    def verdict(self, product: Product) -> str:
        """How a product fits this host, in words; empty for what has no size, or cannot be worn."""
        painted = product.wear is not None and product.wear.kind == "makeup"
        dressed = None if painted else self._dress(product)
        return dressed.fitted.verdict.text if dressed is not None else ""

    def _applicator(self, product: Product, *, with_product: bool) -> Applicator | None:
        key = product.id, with_product
        if key not in self._applicators:
            stocked = self._stocked(product) if with_product else None
            model = stocked.handle.model if stocked is not None else None
            self._applicators[key] = Applicator.of(product, model, self.wearer)
        return self._applicators[key]

    def _applied(self, product: Product, variant: str | None, frame: HostFrame, mark: F32) -> list[Instance]:
        """A lipstick in the hand that paints with it."""
        applicator = self._applicator(product, with_product=True)
        if applicator is None or applicator.model is None:
            return []
        if product.id not in self._held:
            self._held[product.id] = self.stock.put(applicator.model)
        place = f32(mark @ applicator.place(self.wearer.rig, frame))
        return [Instance(self._held[product.id], place, "worn", variant=variant)]

    def _in_the_way(self, fitted: list[Fitted]) -> frozenset[int]:
        """Nodes of the avatar's own glasses or hat, while it wears ours."""
        kinds = {wear.kind for item in fitted if (wear := _wear(self.catalog, item.product)) is not None}
        hidden: set[int] = set()
        for kind in kinds & _ITS_OWN.keys():
            if kind not in self._own:
                model = self.wearer.rig.model
                self._own[kind] = frozenset(
                    i
                    for i, node in enumerate(model.nodes)
                    if node.mesh is not None and _ITS_OWN[kind].search(f"{node.name} {model.meshes[node.mesh].name}")
                )
            hidden |= self._own[kind]
        return frozenset(hidden)

    def _dress(self, product: Product) -> _Dressed | None:
        stocked = self._stocked(product)
        if stocked is None:
            return None
        key = (product.id, id(stocked.handle))
        if key not in self._dressed:
            self._dressed[key] = self._fit(product, stocked)
        return self._dressed[key]

    def _fit(self, product: Product, stocked: Stocked) -> _Dressed | None:
        try:
            model, fitted = self._ahead.pop(product.id, (None, None))
            if fitted is None or model is not stocked.handle.model:
                fitted = fit(product, stocked.handle.model, self.wearer)
            bent = fitted.model is not stocked.handle.model
            handle = self.stock.put(fitted.model) if bent else stocked.handle
        except (TryOnError, AssetError) as error:
            self.warn(str(error))
            return None
        kind = product.wear.kind if product.wear is not None else ""
        return _Dressed(handle, fitted, Dangling(fitted), grips(fitted, kind, self.wearer))

    def _stocked(self, product: Product) -> Stocked | None:
        if product.model is None:
            return None
        if product.model not in self._files:  # asked for each picture, and following links costs as much as drawing it
            self._files[product.model] = resolve(self.catalog_file, product.model)
        return self.stock.model(self._files[product.model])

    def _shaped(self, fitted: tuple[Fitted, ...]) -> Shape | None:
        """Hair pressed under hats and feet into shoes; the same object for the same pieces."""
        if not any(item.pressed for item in fitted):
            return None
        if fitted not in self._shapes:
            shifts: dict[tuple[int, int], F32] = {}
            for item in fitted:
                for place, shift in item.pressed.items():
                    shifts[place] = shifts[place] + shift if place in shifts else shift
            self._shapes[fitted] = shifts
        return self._shapes[fitted]

    def _make_up(self, worn: tuple[Worn, ...]) -> tuple[Makeup, ...]:
        if worn not in self._made_up:
            for item in worn:
                if item not in self._paints:
                    self._paints[item] = self._paint(item)
            layers = blended([found for item in worn if (found := self._paints[item]) is not None])
            while len(self._made_up) >= _FACES_KEPT:
                del self._made_up[next(iter(self._made_up))]
            self._made_up[worn] = tuple(
                Makeup(layer.material, Bitmap(layer.pixels), Bitmap(layer.finish)) for layer in layers
            )
        return self._made_up[worn]

    def _paint(self, item: Worn) -> Paint | None:
        product = self.catalog.product(item.product)
        chosen = product.variant(item.variant) if product and item.variant else None
        if product is None or product.wear is None:
            return None
        try:
            return paint(product, self.wearer, chosen.colour if chosen else None)
        except TryOnError as error:
            self.warn(str(error))
            return None


def _wear(catalog: Catalog, product_id: str) -> Wear | None:
    product = catalog.product(product_id)
    return product.wear if product else None
