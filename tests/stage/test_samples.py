"""What stands in for a night's words and goods where a scene is looked at alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightcast.show import Show
from nightcast.stage.samples import overlay_cues


@pytest.mark.parametrize(("asked", "shown"), [(None, "sunglasses"), ("tumbler", "tumbler")])
def test_the_price_card_is_of_the_product_that_is_shown(repository: Path, asked: str | None, shown: str) -> None:
    show = Show.load(repository / "scripts/overnight.yaml")
    scene = next(iter(show.scenes.values()))
    (cue,) = overlay_cues(scene, show.catalog, 0, ["price_card"], asked)
    assert cue.data["product"] == shown  # type: ignore[attr-defined]
