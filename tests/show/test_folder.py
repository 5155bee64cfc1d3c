"""A script brings its whole show with it, or all that is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightcast.show import Show, ShowError
from nightcast.show.money import format_money

ENV = {"RTMP_URL": "rtmp://127.0.0.1/live/key"}


def test_a_show_loads_whole(show_root: Path) -> None:
    show = Show.load(show_root / "scripts/night.yaml", environ=ENV)
    assert show.root == show_root
    assert show.avatar.name.in_language("zh") == "小岚"
    assert [product.id for product in show.catalog.products] == ["tumbler", "cap"]
    assert [output.kind for output in show.script.outputs] == ["hls", "rtmp", "virtual_camera"]
    assert show.scene("studio") == show.scene("scenes/studio.yaml")


def test_a_shows_folder_stands_for_its_only_script(show_root: Path) -> None:
    assert Show.load(show_root, environ=ENV).file == show_root / "scripts/night.yaml"
    (show_root / "scripts/day.yaml").write_text((show_root / "scripts/night.yaml").read_text())
    with pytest.raises(ShowError, match=r"2 scripts; expected one of its scripts: .*day.yaml, .*night.yaml"):
        Show.load(show_root, environ=ENV)


def test_problems_of_several_files_come_together(show_root: Path) -> None:
    (show_root / "avatars/lan/avatar.yaml").write_text("name: Lan\nmodel: nobody.vrm\n")
    catalog = show_root / "assets/catalog.yaml"
    catalog.write_text(catalog.read_text().replace("price: 8900", "price: cheap"))
    with pytest.raises(ShowError) as caught:
        Show.load(show_root / "scripts/night.yaml", environ=ENV)
    assert {problem.file.name for problem in caught.value.problems} == {"avatar.yaml", "catalog.yaml"}


def test_a_product_that_is_not_in_the_catalog_is_named_with_its_line(show_root: Path) -> None:
    script = show_root / "scripts/night.yaml"
    script.write_text(script.read_text().replace("[tumbler, cap]", "[tumbler, sofa]"))
    with pytest.raises(ShowError) as caught:
        Show.load(script, environ=ENV)
    (problem,) = caught.value.problems
    assert (problem.line, problem.found) == (8, "'sofa'")


def test_a_policy_that_no_pack_describes_is_named_with_its_line(show_root: Path) -> None:
    script = show_root / "scripts/night.yaml"
    script.write_text(script.read_text() + "\npolicy: {market: ch, platform: own_site}\n")
    with pytest.raises(ShowError) as caught:
        Show.load(script, environ=ENV)
    (problem,) = caught.value.problems
    assert (problem.path, problem.found, problem.remedy) == ("policy.market", "'ch'", "Did you mean 'cn'?")


def test_facts_carry_prices_as_text_in_both_languages(show_root: Path) -> None:
    catalog = Show.load(show_root / "scripts/night.yaml", environ=ENV).catalog
    tumbler = catalog.product("tumbler")
    assert tumbler is not None
    facts = catalog.facts(tumbler, datetime(2026, 11, 26, tzinfo=UTC))
    assert facts["tumbler.price"].text.en == "¥129"
    assert facts["tumbler.list_price"].text.zh == "¥159"
    assert facts["tumbler.delivery_free_over"].text.en == "¥99"
    assert facts["tumbler.material_1"].text.zh == "不锈钢"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12900, "CNY", "¥129"),
        (1250, "USD", "$12.50"),
        (980, "JPY", "¥980"),
        (123456, "EUR", "€1,234.56"),
        (5, "SEK", "0.05 SEK"),
    ],
)
def test_money_is_written_as_on_a_card(minor: int, currency: str, text: str) -> None:
    assert format_money(minor, currency) == text
