"""The orders plugin."""

from __future__ import annotations

from nightcast.room.actions import SwitchProduct
from nightcast.room.events import OrderLine, OrderPaid, SoldOut, StockLow, User
from nightcast.testing import Room


async def test_a_buyer_is_congratulated_by_masked_name(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    await room.order("Amy", "lamp")
    assert room.said == ["Congratulations, A***, the Lantern lamp is yours!"]


async def test_an_order_told_twice_is_congratulated_once(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    paid = OrderPaid(order_id="o1", lines=(OrderLine(product_id="lamp"),), buyer=User(ref="a", nickname="Amy"))
    await room.publish(paid)
    await room.publish(paid)
    await room.advance(20)
    assert len(room.said) == 1


async def test_a_rush_is_thanked_together(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    for name in ("Amy", "Ben", "Cleo", "Dan", "Eve", "Flo"):
        await room.order(name, "lamp")
        await room.advance(1)
    await room.advance(20)
    assert len(room.said) == 4
    assert room.said[-1] == "3 orders just now - thank you all!"


async def test_a_sold_out_product_gives_way_to_the_next(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    await room.publish(SoldOut(product_id="glasses"))
    assert room.said == ["The Aurora glasses is sold out - thank you! Let me show you something else."]
    assert [s.product_id for s in room.of(SwitchProduct)] == ["earring"]


async def test_another_product_sold_out_changes_nothing(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    await room.publish(SoldOut(product_id="lamp"))
    await room.publish(StockLow(product_id="lamp", available=5))
    assert room.did == []


async def test_few_left_is_said_of_the_product_on_show(load, room: Room) -> None:
    await room.start(load("orders").plugin)
    await room.publish(StockLow(product_id="glasses", available=5))
    assert room.said == ["There are not many of the Aurora glasses left."]
