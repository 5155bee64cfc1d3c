"""The hype plugin."""

from __future__ import annotations

from nightcast.room.events import RoomStats
from nightcast.testing import Room


async def test_a_storm_of_likes_is_noticed_once(load, room: Room) -> None:
    await room.start(load("hype").plugin)
    total = 0
    for delta in [30] * 10 + [900] * 5:
        total += delta
        await room.like_window(delta, total)
        await room.advance(2)
    assert room.said == ["Look at those likes! Thank you!"]


async def test_a_steady_stream_is_no_storm(load, room: Room) -> None:
    await room.start(load("hype").plugin)
    for number in range(20):
        await room.like_window(900, 900 * (number + 1))
        await room.advance(2)
    assert room.said == []


async def test_milestones_are_told_once_each(load, room: Room) -> None:
    await room.start(load("hype").plugin)
    for viewers in (40, 60, 55, 120, 110, 130):
        await room.publish(RoomStats(viewers=viewers))
        await room.advance(100)
    assert [text[:16] for text in room.said] == ["There are 50 of ", "There are 100 of"]
