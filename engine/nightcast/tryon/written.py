"""What `nightcast product` writes: a `wear:` block, and a catalog around it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import yaml

from nightcast.show.wear import Wear

__all__ = ["catalog_yaml", "product_of", "wear_yaml"]


def wear_yaml(wear: Wear) -> str:
    """The lines to put under a product of a catalog."""
    return f"wear: {_flow(_fields(wear))}"


def catalog_yaml(wear: Wear, model: str) -> str:
    """A catalog with one product, whose price and names are still to be written. `model` is relative to it."""
    stem, name = _stem(model), _name(wear, model)
    return (
        "# Written by `nightcast product`. Names, price and as_of are placeholders of yours to fill in.\n"
        f"brand: {_flow(name)}\n"
        "products:\n"
        f"  - id: {_flow(_slug(stem))}\n"
        f"    name: {_flow(name)}\n"
        f"    kind: {wear.kind}\n"
        f"    model: {_flow(model)}\n"
        "    price: 0\n"
        "    as_of: 2000-01-01\n"
        f"    {wear_yaml(wear)}\n"
    )


def product_of(wear: Wear, model: str) -> dict[str, Any]:
    """A product with the id `it`, to be drawn and not sold."""
    name = _name(wear, model)
    return {"id": "it", "name": name, "kind": "it", "price": 0, "as_of": "2000-01-01", "model": model, "wear": wear}


def _stem(model: str) -> str:
    """Of the file's name; a market's download is called `scene`, and its folder after the product."""
    path = PurePath(model)
    return path.stem if path.stem != "scene" else path.parent.name


def _name(wear: Wear, model: str) -> str:
    return (_stem(model).replace("_", " ").replace("-", " ").strip() or wear.kind).title()


def _fields(wear: Wear) -> dict[str, Any]:
    fields = {"kind": wear.kind, **wear.model_dump(exclude_defaults=True, mode="json")}
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value == int(value):
        return int(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _flow(value: Any) -> str:
    written = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False, allow_unicode=True)
    return written.strip().removesuffix("\n...")


def _slug(text: str) -> str:
    return (
        "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text.lower()).strip("_") or "it"
    )
