"""The lottery plugin: fair, once, and able to go on after a restart."""

from __future__ import annotations

import hashlib

from nightcast.room.actions import DrawLottery, OpenLottery
from nightcast.room.events import LotteryState
from nightcast.room.grants import Budget
from nightcast.testing import Room


async def test_it_opens_takes_entries_and_draws_so_that_anybody_can_check(load, room: Room) -> None:
    module = load("lottery")
    await room.start(module.plugin)
    await room.advance(30 * 60)
    (opening,) = room.of(OpenLottery)
    for name in ("Amy", "Ben", "Amy", "Cleo"):
        await room.comment(name, " Lantern ")
    await room.comment("Dan", "how much?")
    await room.advance(62)
    (draw,) = room.of(DrawLottery)
    assert draw.entrants == 3
    assert hashlib.sha256(draw.seed.encode()).hexdigest() == opening.commitment
    refs = {f"u-{name}": "" for name in ("amy", "ben", "cleo")}
    assert [w.ref for w in draw.winners] == module.drawn(draw.seed, refs, 1)
    assert [e.phase for e in room.events if isinstance(e, LotteryState)] == ["open", "drawn"]
    assert room.said[-1].startswith("Congratulations")


async def test_who_comes_too_late_is_not_in_it(load, room: Room) -> None:
    await room.start(load("lottery").plugin)
    await room.advance(30 * 60)
    await room.advance(62)
    await room.comment("Amy", "lantern")
    (draw,) = room.of(DrawLottery)
    assert (draw.entrants, draw.winners) == (0, ())
    assert room.said[-1].startswith("Nobody entered")


async def test_a_restart_in_the_middle_forgets_nobody(load, catalog) -> None:
    first = Room(products=catalog)
    store: dict = {}
    await first.start(load("lottery").plugin, store=store)
    await first.advance(30 * 60)
    await first.comment("Amy", "lantern")
    await first.stop()
    second = Room(products=catalog)
    second.clock.move_to(first.clock.now_ms())
    await second.start(load("lottery").plugin, store=store)
    await second.advance(62)
    (draw,) = second.of(DrawLottery)
    assert [w.ref for w in draw.winners] == ["u-amy"]
    await second.stop()


async def test_a_draw_that_the_budget_does_not_allow_is_told_once(load, catalog) -> None:
    room = Room(products=catalog, budget=Budget(lottery_prizes=0))
    runtime = await room.start(load("lottery").plugin)
    await room.advance(30 * 60)
    await room.comment("Amy", "lantern")
    await room.advance(120)
    told = [note for note in runtime.notes if "budget_exceeded" in note]
    assert len(told) == 1
    assert room.of(DrawLottery) == []
    await room.stop()
