"""The poll plugin."""

from __future__ import annotations

from nightcast.room.actions import ClosePoll, OpenPoll, SwitchProduct
from nightcast.testing import Room


async def test_the_room_chooses_what_comes_next(load, room: Room) -> None:
    await room.start(load("poll").plugin)
    await room.advance(45 * 60)
    (opened,) = room.of(OpenPoll)
    assert "Aurora glasses" not in opened.options
    for name, vote in (("Amy", "1"), ("Ben", "2"), ("Cleo", "2"), ("Ben", "2"), ("Dan", "7"), ("Eve", "me too")):
        await room.comment(name, vote)
    await room.advance(60)
    (closed,) = room.of(ClosePoll)
    assert closed.counts == {opened.options[0]: 1, opened.options[1]: 2}
    (switch,) = room.of(SwitchProduct)
    assert f"You have chosen: {opened.options[1]}!" in room.said
    assert next(p.title for p in room.products if p.id == switch.product_id) == opened.options[1]


async def test_nobody_votes_nothing_changes(load, room: Room) -> None:
    await room.start(load("poll").plugin)
    await room.advance(45 * 60)
    await room.advance(60)
    assert len(room.of(ClosePoll)) == 1
    assert room.of(SwitchProduct) == []
