"""People as the mirror knows them: of each a head that hides what is behind it, and products fitted to it.

A figure follows what is learnt of its person, in steps that can be seen. Products are fitted aside: where a picture
must not wait for that, what was fitted to the head before, or to the reference, stands in meanwhile. GL thread only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nightcast.gltf.records import Model
from nightcast.show.catalog import Product
from nightcast.stage.model import ModelHandle
from nightcast.stage.occluders import hat_band, head_of
from nightcast.stage.renderer import Renderer
from nightcast.tryon.fit import Fitted, fit
from nightcast.tryon.heads import head_model
from nightcast.tryon.likeness import Likenesses, eyes_m, head_places_mm
from nightcast.tryon.person import Person
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Figure", "Figures"]

_SETTLED_PICTURES = 10  #: a head that changes no more is worth fitting things to
_STEP_MM = 2.0  #: a place of the head that is known to lie so far from where it was taken to be


@dataclass(eq=False)
class Figure:
    """One person's head and what was fitted to it, in host space."""

    wearer: Wearer
    places_mm: F64
    head: ModelHandle
    neck: F64  #: (4, 4) from a cylinder about X to the neck
    _renderer: Renderer
    pictures: int = 0  #: that it was drawn in
    _hatted: ModelHandle | None = None
    _fitted: dict[str, tuple[Fitted, ModelHandle]] = field(default_factory=dict)
    _ahead: dict[str, Future[Fitted]] = field(default_factory=dict)
    _made: list[ModelHandle] = field(default_factory=list)

    @classmethod
    def of(cls, wearer: Wearer, places_mm: F64, renderer: Renderer) -> Figure:
        return cls(wearer, places_mm, renderer.load_model(head_of(wearer)), _neck_of(wearer), renderer)

    @property
    def from_host(self) -> F64:
        """(4, 4) from host space to head space, metres."""
        matrix = np.eye(4)
        matrix[:3, 3] = -eyes_m(self.wearer)
        return matrix

    def under_a_hat(self) -> ModelHandle:
        """The head as `occluders.head_of` makes it for hats; made once."""
        if self._hatted is None:
            self._hatted = self._renderer.load_model(head_of(self.wearer, under_a_hat=True))
            self._made.append(self._hatted)
        return self._hatted

    @cached_property
    def hat_band_m(self) -> F64:
        """As `occluders.hat_band`."""
        return hat_band(self.wearer)

    def fit_ahead(self, products: Iterable[tuple[Product, Model]], aside: Executor) -> None:
        """Begin to fit what may be asked for, and make room for hats."""
        for product, model in products:
            if product.wear is not None and product.wear.kind == "hat":
                self.under_a_hat()
            if product.id not in self._fitted and product.id not in self._ahead:
                self._ahead[product.id] = aside.submit(fit, product, model, self.wearer)

    def ready(self, product: Product) -> bool:
        """Whether it can be had without waiting."""
        begun = self._ahead.get(product.id)
        return product.id in self._fitted or (begun is not None and begun.done())

    def fitted(self, product: Product, stocked: ModelHandle) -> tuple[Fitted, ModelHandle]:
        """A product on this person, and what is drawn: `stocked` or a bent copy of it. Raises CannotWearError."""
        if product.id not in self._fitted:
            begun = self._ahead.pop(product.id, None)
            late = begun is None or begun.cancel()
            fitted = fit(product, stocked.model, self.wearer) if begun is None or late else begun.result()
            handle = stocked
            if fitted.model is not stocked.model:
                handle = self._renderer.load_model(fitted.model)
                self._made.append(handle)
            self._fitted[product.id] = fitted, handle
        return self._fitted[product.id]

    def release(self) -> None:
        for begun in self._ahead.values():
            begun.cancel()
        for handle in (self.head, *self._made):
            handle.release()


class Figures:
    """The figures of those who are in the picture.

    Args:
        reference: the host who is made into everybody.
        waits: a picture waits until what is worn in it fits; else what fitted the head that was known before, or the
            reference, is worn meanwhile.
    """

    def __init__(self, renderer: Renderer, reference: Wearer, *, waits: bool = True) -> None:
        self._renderer = renderer
        self._waits = waits
        self._likenesses = Likenesses(reference)
        self.reference = Figure.of(reference, head_places_mm(reference), renderer)
        self._figures: dict[int, Figure] = {}
        self._coming: dict[int, Figure] = {}
        self._ahead: dict[str, tuple[Product, Model]] = {}
        self._aside = ThreadPoolExecutor(1, "figures")

    def expect(self, product: Product, model: Model) -> None:
        """Fit this to everybody whose head is settled, before it is asked for."""
        self._ahead[product.id] = product, model

    def of(self, people: Sequence[Person], worn: Sequence[tuple[Product, Model]] = ()) -> list[Figure]:
        """One for each; whoever is no longer there is forgotten. `worn` is what they wear in this picture."""
        for number in self._figures.keys() - {person.number for person in people}:
            self._figures.pop(number).release()
            self._drop_coming(number)
        return [self._one(person, worn) for person in people]

    def model_for(self, figure: Figure, product: Product) -> Figure:
        """Whom a product is to be drawn as fitted to, on this person."""
        return figure if self._waits or figure.ready(product) else self.reference

    def release(self) -> None:
        self._aside.shutdown(cancel_futures=True)
        self.of(())
        self.reference.release()

    def _one(self, person: Person, worn: Sequence[tuple[Product, Model]]) -> Figure:
        places_mm = head_model().places_of(person.likeness) * person.scale
        known = self._figures.get(person.number)
        if known is None:
            known = self._figures[person.number] = self._made(person, places_mm)
        elif np.linalg.norm(known.places_mm - places_mm, axis=1).max() < _STEP_MM:
            self._drop_coming(person.number)
            known.pictures += 1
            if known.pictures == _SETTLED_PICTURES:
                known.fit_ahead(self._ahead.values(), self._aside)
        else:
            coming = self._coming.get(person.number)
            if coming is None:
                coming = self._coming[person.number] = self._made(person, places_mm)
            coming.fit_ahead(worn, self._aside)
            if self._waits or all(coming.ready(product) for product, _ in worn):
                self._figures[person.number] = self._coming.pop(person.number)
                known.release()
                return coming
        if not self._waits:
            known.fit_ahead(worn, self._aside)
        return known

    def _made(self, person: Person, places_mm: F64) -> Figure:
        return Figure.of(self._likenesses.of(person.likeness, person.scale), places_mm, self._renderer)

    def _drop_coming(self, number: int) -> None:
        coming = self._coming.pop(number, None)
        if coming is not None:
            coming.release()


def _neck_of(wearer: Wearer) -> F64:
    """(4, 4) from a cylinder about X to the neck: the reference host's own is cut off under the collar."""
    low, high = wearer.bone("neck"), wearer.bone("head")
    radius_m = 0.92 * wearer.anchors.limbs.neck_mm / 2000 / np.pi
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[0, -radius_m, 0], [1, 0, 0], [0, 0, radius_m]]) * [1.6 * (high - low)[1], 1, 1]
    matrix[:3, 3] = low + 0.3 * (high - low)
    return matrix
