"""Everything that is said or shown passes the desk: filled from the catalog, judged by the gate, written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightcast.director.desk import Desk
from nightcast.director.journal import Journal
from nightcast.director.policy import load_policy
from nightcast.show import Show
from nightcast.show.catalog import Offer
from nightcast.talk.gate.gate import Gate
from nightcast.talk.records import Line, Segment

NOW = datetime(2026, 11, 26, 22, tzinfo=UTC)


@pytest.fixture
def show(show_root: Path) -> Show:
    return Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})


@pytest.fixture
def desk(show: Show, tmp_path: Path) -> Desk:
    return Desk(show.catalog, Gate(load_policy(show)), Journal(tmp_path / "night.db"), lambda: NOW)


def test_a_price_comes_from_the_catalog_as_it_is_now(desk: Desk, show: Show) -> None:
    line = Line("l1", "It costs {tumbler.price}.", "en", ("tumbler.price",))
    first = desk.admit(line)
    assert first is not None
    assert first.text == "It costs ¥129."
    tumbler, cap = show.catalog.products
    cheaper = show.catalog.model_copy(update={"products": (tumbler.model_copy(update={"price": 9900}), cap)})
    assert desk.change_catalog(cheaper) == {"tumbler.price"}
    second = desk.admit(line)
    assert second is not None
    assert second.text == "It costs ¥99."


def test_an_offer_that_ends_is_a_change_of_its_facts(show: Show, tmp_path: Path) -> None:
    tumbler, cap = show.catalog.products
    offer = Offer(price=9900, ends=NOW + timedelta(minutes=5))
    catalog = show.catalog.model_copy(update={"products": (tumbler.model_copy(update={"offer": offer}), cap)})
    now = NOW
    desk = Desk(catalog, Gate(load_policy(show)), None, lambda: now)
    assert desk.change_catalog(catalog) == set()
    now = NOW + timedelta(minutes=6)
    assert desk.change_catalog(catalog) == {"tumbler.offer", "tumbler.offer_ends"}
    assert desk.edition == 1


def test_an_invented_price_is_dropped_and_written_down(desk: Desk) -> None:
    assert desk.journal is not None
    desk.journal.plan(Segment("s1", "product", (Line("l1", "Only ¥1 tonight.", "en"),)))
    assert desk.admit(Line("l1", "Only ¥1 tonight.", "en")) is None
    assert [kind for _, _, kind, _ in desk.journal.events()] == ["verdict", "dropped"]
    assert desk.journal.unspoken() == []


def test_a_line_that_leans_on_a_fact_that_is_gone_is_not_said(desk: Desk) -> None:
    assert desk.admit(Line("l1", "Until {tumbler.offer_ends} only.", "en", ("tumbler.offer_ends",))) is None


def test_a_plugin_may_show_counts_but_no_price_of_its_own(desk: Desk) -> None:
    assert desk.objection_to_showing("37 votes for jade", "en") is None
    assert desk.objection_to_showing("Dusk Tumbler ¥129", "en") is None
    objection = desk.objection_to_showing("Everything 5 yuan", "en")
    assert objection is not None
    assert "no cited fact" in objection.en
    assert "引用的事实里没有" in objection.zh


def test_a_plugin_may_not_show_what_may_not_be_said(desk: Desk) -> None:
    assert desk.objection_to_showing("全网最好的杯子", "zh") is not None
