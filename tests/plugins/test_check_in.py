"""The check-in plugin."""

from __future__ import annotations

import datetime as dt

from nightcast.testing import Room

DAY_S = 86_400


async def test_a_week_in_a_row_is_worth_a_word(load, room: Room) -> None:
    await room.start(load("check_in").plugin)
    for _ in range(7):
        await room.comment("Amy", "check in")
        await room.comment("Amy", "check in again")
        await room.disconnect("check_in")
        room.clock.move_to(room.clock.now_ms() + DAY_S * 1000)
        await room.reconnect("check_in")
    assert [text for text in room.said if "nights in a row" in text] == ["A***: 7 nights in a row!"]


async def test_a_missed_night_begins_again(load, room: Room) -> None:
    runtime = await room.start(load("check_in").plugin)
    await room.comment("Amy", "签到")
    room.clock.move_to(room.clock.now_ms() + 2 * DAY_S * 1000)
    await room.comment("Amy", "签到")
    assert runtime.store["book"]["u-amy"][1] == 1


async def test_how_many_came_is_told(load, room: Room) -> None:
    await room.start(load("check_in").plugin)
    for name in ("Amy", "Ben", "Cleo"):
        await room.comment(name, "签到")
    await room.advance(121)
    assert room.said == ["3 have checked in tonight. Thank you for coming!"]


def test_a_night_that_goes_past_midnight_is_one_night(load) -> None:
    night_of = load("check_in").night_of
    evening, morning, noon = (
        int(dt.datetime(2026, 1, day, hour).timestamp() * 1000) for day, hour in ((1, 23), (2, 3), (2, 13))
    )
    assert night_of(evening) == night_of(morning) == night_of(noon) - 1
