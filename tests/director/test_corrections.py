"""A price that was just heard and is no longer true is corrected; one of long ago, or of another product, is not."""

from __future__ import annotations

import asyncio

import pytest
from tests.director.stand import Stand

from nightcast.director.corrections import Corrections
from nightcast.director.night import Begun
from nightcast.show import Catalog
from nightcast.talk.records import Line, Segment

PITCH = Segment(
    "s1",
    "product",
    (
        Line("l1", "It is {tumbler.price}.", "en"),
        Line("l2", "Look at the lid.", "en"),
        Line("l3", "Take it home.", "en"),
    ),
    "tumbler",
)


@pytest.fixture
def heard(stand: Stand) -> list[str]:
    texts: list[str] = []
    stand.live.listeners.append(
        lambda happening: texts.append(happening.ready.line.text) if isinstance(happening, Begun) else None
    )
    return texts


async def begin(stand: Stand) -> Corrections:
    corrections = Corrections(stand.live, stand.floor.answers, "1-")
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        await stand.live._offer(line, PITCH)
    return corrections


async def change(stand: Stand, corrections: Corrections, product_id: str, price: int = 8000) -> None:
    def changed(catalog: Catalog) -> Catalog:
        products = [
            item.model_copy(update={"price": price, "list_price": None}) if item.id == product_id else item
            for item in catalog.products
        ]
        return catalog.model_copy(update={"products": tuple(products)})

    facts = stand.live.desk.change_catalog(changed(stand.live.desk.catalog))
    assert f"{product_id}.price" in facts
    await stand.live.catalog_changed(facts)
    await corrections.correct(facts)


async def test_a_price_that_changes_in_the_middle_of_its_sentence_is_corrected_after_it(
    stand: Stand, heard: list[str]
) -> None:
    corrections = await begin(stand)
    await stand.pass_time(1.0)
    await change(stand, corrections, "tumbler")
    await stand.pass_time(5.0)
    assert heard[0] == "It is ¥129."
    assert "¥80" in heard[1]
    assert "Dusk Tumbler" in heard[1]
    assert heard[2] == "Look at the lid."


async def test_another_products_price_needs_no_correction(stand: Stand, heard: list[str]) -> None:
    corrections = await begin(stand)
    await stand.pass_time(1.0)
    await change(stand, corrections, "cap")
    await stand.pass_time(8.0)
    assert heard == ["It is ¥129.", "Look at the lid.", "Take it home."]


async def test_a_price_of_long_ago_is_not_corrected(stand: Stand, heard: list[str]) -> None:
    corrections = await begin(stand)
    await stand.pass_time(60.0)
    await change(stand, corrections, "tumbler")
    await stand.pass_time(4.0)
    assert heard == ["It is ¥129.", "Look at the lid.", "Take it home."]


@pytest.mark.parametrize("voice_is_there", [True, False])
async def test_a_price_that_changes_twice_is_corrected_once(
    stand: Stand, heard: list[str], voice_is_there: bool
) -> None:
    corrections = await begin(stand)
    await stand.pass_time(1.0)
    stand.wires.live = stand.live if voice_is_there else None
    async with asyncio.TaskGroup() as changing:
        for price in (8000, 7000):
            changing.create_task(change(stand, corrections, "tumbler", price))
            for _ in range(20):
                await asyncio.sleep(0)
        stand.wires.live = stand.live
        stand.live.voices.rejoined()
    await stand.pass_time(9.0)
    assert "¥70" in heard[1]
    assert heard[2:] == ["Look at the lid.", "Take it home."]
