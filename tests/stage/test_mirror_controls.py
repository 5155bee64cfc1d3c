"""Keys before the mirror choose products, colours and views."""

from __future__ import annotations

import pytest

from nightcast.show.catalog import Product
from nightcast.stage.mirror_controls import Controls


@pytest.fixture
def controls() -> Controls:
    shades = {
        "id": "shades",
        "name": {"en": "Shades", "zh": "墨镜"},
        "kind": "sunglasses",
        "price": 1,
        "as_of": "2026-11-26",
        "variants": [{"id": "red", "name": {"en": "Red", "zh": "红色"}}],
    }
    cap = {"id": "cap", "name": "Cap", "kind": "hat", "price": 1, "as_of": "2026-11-26"}
    return Controls([Product.model_validate(shades), Product.model_validate(cap)])


def test_a_digit_puts_a_product_on_and_nought_takes_it_off(controls: Controls) -> None:
    assert controls.press("2")
    assert controls.worn == ("cap",)
    assert not controls.press("9"), "there is no ninth"
    assert controls.press("0")
    assert controls.worn == ()


def test_arrows_go_round(controls: Controls) -> None:
    seen = []
    for key in ("right", "right", "right", "left"):
        controls.press(key)
        seen.append(controls.worn[0])
    assert seen == ["shades", "cap", "shades", "cap"]


def test_colours_come_in_turn_and_are_named_in_both_languages(controls: Controls) -> None:
    controls.press("1")
    assert controls.press("v")
    assert controls.caption("en") == "Shades · Red"
    assert controls.caption("zh") == "墨镜 · 红色"
    controls.press("v")
    assert controls.variant is None
    controls.press("2")
    assert not controls.press("v"), "the cap has one colour"


def test_views_snapshots_and_the_end_change_nothing_that_is_worn(controls: Controls) -> None:
    for key in ("b", "m", "s", "escape", "f5"):
        assert not controls.press(key)
    assert (controls.before_after, controls.mirrored, controls.snapshots_wanted, controls.ended) == (
        True,
        False,
        1,
        True,
    )
