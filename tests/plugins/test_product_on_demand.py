"""The product-on-demand plugin."""

from __future__ import annotations

from nightcast.room.actions import StartTryOn, StopTryOn, SwitchProduct
from nightcast.testing import Room


async def test_a_product_is_shown_by_number_or_name(load, room: Room) -> None:
    await room.start(load("product_on_demand").plugin)
    await room.comment("Amy", "show number 3 please")
    await room.advance(2)
    await room.comment("Ben", "看一下2号")
    await room.advance(30)
    assert [s.product_id for s in room.of(SwitchProduct)] == ["lamp", "earring"]


async def test_what_can_be_worn_is_tried_on_and_taken_off(load, room: Room) -> None:
    await room.start(load("product_on_demand").plugin)
    await room.comment("Amy", "can you try it on?")
    await room.advance(2)
    assert [t.product_id for t in room.of(StartTryOn)] == ["glasses"]
    assert room.of(StopTryOn) == []
    await room.advance(62)
    assert len(room.of(StopTryOn)) == 1


async def test_what_cannot_be_worn_is_shown(load, room: Room) -> None:
    await room.start(load("product_on_demand").plugin)
    await room.comment("Amy", "试戴一下台灯")
    await room.advance(2)
    assert [s.product_id for s in room.of(SwitchProduct)] == ["lamp"]


async def test_the_most_wanted_comes_first_and_not_too_often(load, room: Room) -> None:
    await room.start(load("product_on_demand").plugin)
    for name, number in (("Amy", 2), ("Ben", 3), ("Cleo", 3)):
        await room.comment(name, f"show number {number}")
    await room.advance(2)
    await room.comment("Dan", "show number 2")
    await room.advance(10)
    assert [s.product_id for s in room.of(SwitchProduct)] == ["lamp"]
    await room.advance(15)
    assert [s.product_id for s in room.of(SwitchProduct)] == ["lamp", "earring"]


async def test_chatter_and_unknown_numbers_do_nothing(load, room: Room) -> None:
    await room.start(load("product_on_demand").plugin)
    await room.comment("Amy", "show number 99")
    await room.comment("Ben", "what a show!")
    await room.advance(5)
    assert room.did == []
