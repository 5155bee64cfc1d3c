"""What a catalog sells to wear, on a host, from three sides."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml
from nightcast.stage.errors import AssetError, GpuError
from nightcast.stage.fitting_room import try_on_sheet
from nightcast.stage.production import Production
from nightcast.stage.thumbs import SHEET_PX


def production(repository: Path, products: list[str], avatar: Path) -> Production:
    file = repository / "assets" / "catalog.yaml"
    catalog = load_yaml(file, Catalog, repository)
    chosen = tuple(product for product in catalog.products if product.id in products)
    worn_by = Avatar.model_validate({"name": "Somebody", "model": avatar.name})
    return Production(
        repository, {}, "en", catalog.model_copy(update={"products": chosen}), file, worn_by, avatar.with_name("a.yaml")
    )


def test_each_product_that_is_worn_has_a_row_of_three_sides_and_a_verdict(repository: Path) -> None:
    host = repository / "avatars/bo/host.vrm"
    done: list[float] = []
    try:
        sheet = try_on_sheet(production(repository, ["sunglasses", "lipstick", "tumbler"], host), tell=done.append)
    except GpuError as error:
        pytest.skip(str(error))
    assert list(sheet.verdicts) == ["sunglasses", "lipstick"], "a tumbler is not worn"
    assert sheet.verdicts["lipstick"] == "", "makeup has no size"
    assert "narrow" in sheet.verdicts["sunglasses"]
    assert sheet.warnings == ()
    assert done == [0.5, 1.0]
    height, width = sheet.pixels.shape[:2]
    assert width == SHEET_PX
    assert height > 2 * (SHEET_PX / 3 - 40)
    sides = [sheet.pixels[200:600, left : left + 500, :3] for left in (40, 650, 1270)]
    assert all(np.abs(a.astype(int) - b).mean() > 3 for a, b in pairwise(sides))


def test_what_has_no_body_wears_nothing(repository: Path) -> None:
    lantern = repository / "assets/models/products/tumbler.glb"
    try:
        with pytest.raises(AssetError, match="no body"):
            try_on_sheet(production(repository, ["cap"], lantern))
    except GpuError as error:
        pytest.skip(str(error))
