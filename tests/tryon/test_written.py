"""What `nightcast product` writes is a catalog that loads, named after the file, whatever the file is called."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nightcast.show.catalog import Catalog
from nightcast.show.wear import Wear
from nightcast.tryon.written import catalog_yaml, product_of, wear_yaml

GLASSES = Wear(kind="glasses", forward=2.5, turn=(0, 90, 0))


def test_a_block_reads_as_what_it_was_written_from() -> None:
    assert Wear.model_validate(yaml.safe_load(wear_yaml(GLASSES))["wear"]) == GLASSES


@given(st.text(st.characters(exclude_characters="/\\\0", exclude_categories=("C", "Z")), min_size=1, max_size=12))
def test_any_file_makes_a_catalog(stem: str) -> None:
    catalog = Catalog.model_validate(yaml.safe_load(catalog_yaml(GLASSES, f"models/{stem}.glb")))
    assert catalog.products[0].wear == GLASSES
    assert str(catalog.products[0].model) == f"models/{stem}.glb"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("alley_sun-glasses.glb", "Alley Sun Glasses"),
        ("models/round frame/scene.gltf", "Round Frame"),
        ("太阳镜.glb", "太阳镜"),
        ("_.glb", "Glasses"),
    ],
)
def test_a_product_is_called_as_its_file(model: str, name: str) -> None:
    catalog = Catalog.model_validate({"brand": "Try-on", "products": [product_of(GLASSES, model)]})
    assert catalog.products[0].name.en == name
    assert f"name: {name}" in catalog_yaml(GLASSES, model)
