"""The catalog: what is sold, as dated facts. Every number that is spoken comes from here.

Prices are whole minor units (fen, cents) of the catalog's currency; worn sizes are millimetres, as opticians and
jewellers use them. `Product.facts` gives all of it as `Fact`s with ids, which lines and answers cite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import Field, field_validator, model_validator

from nightcast.show.fields import AssetPath, Colour, FieldError, Part, Text, setting
from nightcast.show.money import Currency, Minor, format_money
from nightcast.show.wear import Wear

__all__ = [
    "Catalog",
    "Claim",
    "Delivery",
    "Fact",
    "Feature",
    "Offer",
    "Product",
    "Variant",
]

#: No price or stock is above it: what is larger is a slip, and does not fit on a card.
_MOST = 10**12


FactKind = Literal[
    "price",
    "list_price",
    "offer",
    "stock",
    "material",
    "size",
    "variant",
    "care",
    "delivery",
    "claim",
    "feature",
    "use",
    "origin",
    "other",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a product. `id` is `product.key`, e.g. `sunglasses.price`."""

    id: str
    kind: FactKind
    text: Text
    as_of: date | None = None
    source: str = ""


def _check_ids(field: str, items: Sequence[Variant | Product]) -> None:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        if first.setdefault(item.id, index) != index:
            raise FieldError((field, index, "id"), f"an id that is not taken by {field}[{first[item.id]}]")


class Variant(Part):
    """A colour or size that can be bought on its own."""

    id: str = Field(pattern=r"^[a-z0-9_\-]+$")
    name: Text
    colour: Colour | None = None
    model_variant: str | None = setting(None, "name of the material variant in the model")
    price: Minor | None = setting(None, "where it differs", unit="minor units", ge=0, le=_MOST)
    stock: int | None = setting(None, "where it is counted apart", ge=0, le=_MOST)


class Offer(Part):
    """A price for a time. An offer that is not on now cannot be spoken."""

    price: Minor = Field(ge=0, le=_MOST, json_schema_extra={"unit": "minor units"})
    starts: datetime | None = None
    ends: datetime = Field(description="the moment it ends, with a time zone")
    condition: Text | None = setting(None, "what it takes: members only, two pieces, …")

    @field_validator("starts", "ends")
    @classmethod
    def _zoned(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment with a time zone, like 2026-11-27T00:00:00+08:00")
        return value

    def is_on(self, now: datetime) -> bool:
        return (self.starts is None or self.starts <= now) and now < self.ends


class Feature(Part):
    """A feature, what is better by it, and what the buyer has of that."""

    id: str = Field(pattern=r"^[a-z0-9_\-]+$")
    feature: Text
    advantage: Text | None = None
    benefit: Text | None = None


class Claim(Part):
    """A statement that needs proof. It is spoken only with its evidence on file."""

    id: str = Field(pattern=r"^[a-z0-9_\-]+$")
    text: Text
    evidence: str = Field(min_length=3, description="the report, certificate or test that proves it")
    as_of: date


class Delivery(Part):
    text: Text
    days_min: int = setting(2, "earliest arrival", unit="days", ge=0)
    days_max: int = setting(5, "latest arrival", unit="days", ge=0)
    free_over: Minor | None = setting(None, "free from this sum on", unit="minor units", ge=0, le=_MOST)
    returns_days: int | None = setting(None, "right to send back", unit="days", ge=0)


class Display(Part):
    """How a product stands on a stand, where that is not as it is worn."""

    model: AssetPath | None = setting(
        None, "what it is shown on: a bust, a bar, a cushion; in the coordinates of the product's own model"
    )
    turn: tuple[float, float, float] = setting(
        (0.0, 0.0, 0.0), "about x, then y, then z, in the room's frame", unit="deg"
    )


class Product(Part):
    """Something that is sold."""

    id: str = Field(pattern=r"^[a-z0-9_\-]+$")
    name: Text
    kind: Text = Field(description="what it is, in a word or two: sunglasses, 太阳镜")
    brand: Text | None = None
    model: AssetPath | None = setting(
        None, "its 3D model; levels that the file brings (MSFT_lod) are drawn where it is small"
    )
    picture: AssetPath | None = setting(None, "its photograph, for galleries")
    featured: bool = True
    weight: float = setting(1.0, "how much of the night it gets", ge=0, le=100)
    price: Minor = Field(ge=0, le=_MOST, json_schema_extra={"unit": "minor units"})
    list_price: Minor | None = setting(
        None, "the crossed-out price; must have been asked for", unit="minor units", ge=0, le=_MOST
    )
    offer: Offer | None = None
    stock: int | None = setting(None, "None: not counted", ge=0, le=_MOST)
    as_of: date = Field(description="the day on which these facts were true")
    materials: tuple[Text, ...] = ()
    sizes: tuple[Text, ...] = ()
    origin: Text | None = None
    features: tuple[Feature, ...] = ()
    uses: tuple[Text, ...] = setting((), "scenes of use, for the writer: on the night bus, at the beach")
    care: Text | None = None
    delivery: Delivery | None = setting(None, "where it differs from the catalog's")
    claims: tuple[Claim, ...] = ()
    variants: tuple[Variant, ...] = ()
    extra: dict[str, Text] = setting({}, "more facts by name: battery_life: {en: …, zh: …}")
    wear: Wear | None = None
    display: Display | None = setting(None, "how it stands on a stand")
    tags: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _prices(self) -> Product:
        if self.list_price is not None and self.list_price <= self.price:
            raise FieldError(("list_price",), f"more than the price ({self.price}), or no list_price")
        if self.offer is not None and self.offer.price >= self.price:
            raise FieldError(("offer", "price"), f"less than the price ({self.price})")
        _check_ids("variants", self.variants)
        return self

    def price_now(self, now: datetime) -> int:
        """What it costs at `now`, in minor units."""
        return self.offer.price if self.offer and self.offer.is_on(now) else self.price

    @property
    def host_wears(self) -> bool:
        """Whether a host can put it on; garments are pictures, for people before a camera."""
        return self.wear is not None and self.wear.kind != "garment"

    def variant(self, variant_id: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.id == variant_id), None)


class Catalog(Part):
    """All that the shop sells in this show."""

    brand: Text
    currency: Currency = setting("CNY", "ISO 4217")
    delivery: Delivery | None = None
    products: tuple[Product, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Catalog:
        _check_ids("products", self.products)
        return self

    def product(self, product_id: str) -> Product | None:
        return next((product for product in self.products if product.id == product_id), None)

    def money(self, minor: int) -> str:
        return format_money(minor, self.currency)

    def facts(self, product: Product, now: datetime) -> dict[str, Fact]:
        """All that may be said of `product` at `now`, by fact id."""
        facts: dict[str, Fact] = {}

        def add(key: str, kind: FactKind, en: str, zh: str, source: str = "", as_of: date | None = None) -> None:
            text = Text.model_construct(en=en, zh=zh)  # both are there; validating again costs a rehearsal seconds
            facts[f"{product.id}.{key}"] = Fact(f"{product.id}.{key}", kind, text, as_of or product.as_of, source)

        def add_text(key: str, kind: FactKind, text: Text, source: str = "", as_of: date | None = None) -> None:
            add(key, kind, text.in_language("en"), text.in_language("zh"), source, as_of)

        price = self.money(product.price)
        add("price", "price", price, price)
        if product.list_price is not None:
            add("list_price", "list_price", self.money(product.list_price), self.money(product.list_price))
        if product.offer is not None and product.offer.is_on(now):
            add("offer", "offer", self.money(product.offer.price), self.money(product.offer.price))
            ends = product.offer.ends.astimezone(now.tzinfo)
            add("offer_ends", "offer", f"{ends:%H:%M on %d %B}", f"{ends.month}月{ends.day}日{ends:%H:%M}")
            if product.offer.condition is not None:
                add_text("offer_condition", "offer", product.offer.condition)
        if product.stock is not None:
            add("stock", "stock", str(product.stock), str(product.stock))
        for index, material in enumerate(product.materials, 1):
            add_text(f"material_{index}", "material", material)
        for index, size in enumerate(product.sizes, 1):
            add_text(f"size_{index}", "size", size)
        for variant in product.variants:
            add_text(f"variant_{variant.id}", "variant", variant.name)
            if variant.price is not None:
                add(
                    f"variant_{variant.id}_price",
                    "price",
                    self.money(variant.price),
                    self.money(variant.price),
                )
        for feature in product.features:
            add_text(f"feature_{feature.id}", "feature", feature.feature)
            if feature.advantage is not None:
                add_text(f"feature_{feature.id}_advantage", "feature", feature.advantage)
            if feature.benefit is not None:
                add_text(f"feature_{feature.id}_benefit", "feature", feature.benefit)
        for index, use in enumerate(product.uses, 1):
            add_text(f"use_{index}", "use", use)
        for claim in product.claims:
            add_text(f"claim_{claim.id}", "claim", claim.text, claim.evidence, claim.as_of)
        if product.origin is not None:
            add_text("origin", "origin", product.origin)
        if product.care is not None:
            add_text("care", "care", product.care)
        delivery = product.delivery or self.delivery
        if delivery is not None:
            add_text("delivery", "delivery", delivery.text)
            add("delivery_days", "delivery", f"{delivery.days_min} to {delivery.days_max} days",
                f"{delivery.days_min}到{delivery.days_max}天")  # fmt: skip
            if delivery.free_over is not None:
                add(
                    "delivery_free_over",
                    "delivery",
                    self.money(delivery.free_over),
                    self.money(delivery.free_over),
                )
            if delivery.returns_days is not None:
                add("returns_days", "delivery", f"{delivery.returns_days} days", f"{delivery.returns_days}天")
        for name, text in product.extra.items():
            add_text(name, "other", text)
        return facts
