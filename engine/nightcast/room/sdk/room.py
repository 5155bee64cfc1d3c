"""`RoomView`: the room as a plugin sees it, kept true by the snapshot and the events that follow it."""

from __future__ import annotations

import re

from nightcast.room.events import (
    EventData,
    PriceChanged,
    ProductDelisted,
    ProductListed,
    ProductSwitched,
    Stock,
)
from nightcast.room.protocol import ProductCard, Snapshot

_NUMBER = re.compile(r"(?:^|\D)(\d{1,3})\s*(?:号|號)|(?:number|no\.?|#|item|product)\s*(\d{1,3})", re.IGNORECASE)


class RoomView:
    """Products, the one on show, and the room's language."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.products: dict[str, ProductCard] = {}
        self.product_id: str | None = None
        self.rev = 0

    @property
    def currency(self) -> str:
        """What the catalog's prices are in."""
        return next((card.currency for card in self.products.values()), "CNY")

    @property
    def language(self) -> str:
        return self.snapshot.language

    @property
    def product(self) -> ProductCard | None:
        """The product on show."""
        return self.products.get(self.product_id or "")

    def reset(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.products = {card.id: card for card in snapshot.products}
        self.product_id, self.rev = snapshot.product_id, snapshot.rev

    def follow(self, data: EventData) -> None:
        """Take over what an event says about products."""
        if isinstance(data, ProductSwitched):
            self.product_id, self.rev = data.product_id, data.rev or self.rev + 1
        elif isinstance(data, PriceChanged):
            self._change(data.product_id, price_minor=data.price_minor, list_price_minor=data.list_price_minor)
        elif isinstance(data, Stock):
            self._change(data.product_id, stock=data.available)
        elif isinstance(data, ProductListed):
            card = ProductCard(id=data.product_id, title=data.title, number=data.slot, price_minor=data.price_minor)
            self.products.setdefault(data.product_id, card)
        elif isinstance(data, ProductDelisted):
            self.products.pop(data.product_id, None)

    def mentioned(self, text: str) -> ProductCard | None:
        """The product a text names by number ("number 3", "3号") or by one of its names; longest name first."""
        number = _NUMBER.search(text)
        if number:
            wanted = int(number[1] or number[2])
            return next((card for card in self.products.values() if card.number == wanted), None)
        folded = text.casefold()
        named = [
            (len(name), card)
            for card in self.products.values()
            for name in (card.title, *card.names)
            if name and _names(name.casefold(), folded)
        ]
        return max(named, key=lambda pair: pair[0])[1] if named else None

    def _change(self, product_id: str, **fields: int | None) -> None:
        card = self.products.get(product_id)
        if card is not None:
            self.products[product_id] = card.model_copy(update=fields)


def _names(name: str, text: str) -> bool:
    if not name.isascii():
        return name in text
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
