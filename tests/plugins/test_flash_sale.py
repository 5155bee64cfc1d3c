"""The flash sale plugin: exact times, honest refusals."""

from __future__ import annotations

import time

from nightcast.room.actions import FlashSale, ShowOverlay, SwitchProduct
from nightcast.room.events import SoldOut
from nightcast.testing import Room


async def start(load, room: Room):
    module = load("flash_sale")
    opens_s = room.clock.now_ms() // 1000 // 60 * 60 + 180
    at = time.strftime("%H:%M", time.localtime(opens_s))
    module.SALES.append(
        {"product": "lamp", "at": at, "price_minor": 7900, "seconds": 90, "announce_s": 60, "stock": 20}
    )
    runtime = await room.start(module.plugin)
    return runtime, opens_s - room.clock.now_ms() / 1000


async def test_a_sale_is_announced_opened_and_closed_on_time(load, room: Room) -> None:
    _, until_open_s = await start(load, room)
    phases = []
    for _ in range(int(until_open_s) + 120):
        await room.advance(1)
        if len(room.of(FlashSale)) > len(phases):
            sale = room.of(FlashSale)[-1]
            phases.append((sale.phase, room.clock.now_ms() - sale.starts_at))
    assert [phase for phase, _ in phases] == ["announced", "open", "closed"]
    assert abs(phases[0][1] + 60_000) <= 1_000
    assert 0 <= phases[1][1] <= 1_000
    assert 90_000 <= phases[2][1] <= 91_000
    assert [s.product_id for s in room.of(SwitchProduct)] == ["lamp"]
    assert 88 <= room.of(ShowOverlay)[1].data["seconds"] <= 90


async def test_a_sale_ends_with_its_stock(load, room: Room) -> None:
    _, until_open_s = await start(load, room)
    await room.advance(until_open_s - 50)
    await room.advance(60)
    await room.advance(25)
    await room.publish(SoldOut(product_id="lamp"))
    assert room.of(FlashSale)[-1].phase == "closed"


async def test_a_sale_the_host_refuses_is_told_to_the_operator_and_not_announced(load, catalog) -> None:
    room = Room(products=catalog, performs=False)
    runtime, until_open_s = await start(load, room)
    await room.advance(until_open_s - 59)
    (sale,) = room.of(FlashSale)
    await room.finish(sale, "failed", detail="not the catalog's price")
    assert "was refused" in runtime.notes[-1]
    assert room.said == []
    await room.stop()


async def test_a_sale_whose_announcement_was_too_soon_after_another_is_announced_later(load, room: Room) -> None:
    module = load("flash_sale")
    opens_s = room.clock.now_ms() // 1000 // 60 * 60 + 180
    at = time.strftime("%H:%M", time.localtime(opens_s))
    for product_id in ("lamp", "earring"):
        sale = {"product": product_id, "at": at, "price_minor": 7900, "seconds": 90, "announce_s": 60}
        module.SALES.append(sale)
    await room.start(module.plugin)
    await room.advance(opens_s - room.clock.now_ms() / 1000 + 200)
    phases = {(sale.product_id, sale.phase) for sale in room.of(FlashSale)}
    assert phases >= {(name, phase) for name in ("lamp", "earring") for phase in ("announced", "open", "closed")}
