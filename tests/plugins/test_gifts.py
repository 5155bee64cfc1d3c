"""The gifts plugin."""

from __future__ import annotations

import time

import pytest

from nightcast.room.actions import Gesture, ShowOverlay
from nightcast.testing import Room


async def test_a_big_gift_is_thanked_at_once_and_once(load, room: Room) -> None:
    await room.start(load("gifts").plugin)
    for count in (1, 2, 3):
        await room.gift("Amy", "lantern", count=count, unit_minor=1000, combo_id="k", end=count == 3)
    assert room.said == ["A***, thank you so much for 3 lantern!"]
    assert [g.name for g in room.of(Gesture)] == ["thank"]
    assert room.of(ShowOverlay)[0].data == {"title": "A***", "subtitle": "lantern × 3"}


async def test_a_combo_that_never_ends_is_thanked_after_its_timeout(load, room: Room) -> None:
    await room.start(load("gifts").plugin)
    await room.gift("Amy", "lantern", count=5, unit_minor=1000, combo_id="k")
    await room.advance(6)
    assert room.said == ["A***, thank you so much for 5 lantern!"]


async def test_small_gifts_are_thanked_together(load, catalog) -> None:
    room = Room(products=catalog, language="zh")
    module = load("gifts")
    module.QUIET_HOURS = range(0)
    await room.start(module.plugin)
    for name in ("Amy", "Ben", "Cleo", "Dan", "Eve", "Amy"):
        await room.gift(name, "heart", unit_minor=10)
    assert room.said == []
    await room.advance(31)
    assert room.said == ["谢谢A***、B***、C***，还有另外2位朋友的礼物！"]
    await room.stop()


@pytest.mark.parametrize(("hour", "quiet"), [(1, False), (3, True), (6, False)])
def test_the_quiet_hours(load, hour: int, quiet: bool) -> None:

    moment = time.mktime((2026, 1, 2, hour, 30, 0, 0, 0, -1))
    assert load("gifts").is_quiet(int(moment * 1000)) is quiet
