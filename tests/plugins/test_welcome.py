"""The welcome plugin."""

from __future__ import annotations

from nightcast.room.events import Join, User
from nightcast.testing import Room


async def test_who_comes_in_is_welcomed_once(load, room: Room) -> None:
    await room.start(load("welcome").plugin)
    await room.join("Amy")
    assert room.said == []
    await room.advance(41)
    assert room.said == ["Welcome, A***!"]
    await room.join("Amy")
    await room.advance(41)
    assert len(room.said) == 1


async def test_members_come_first_and_the_rest_is_not_forgotten(load, room: Room) -> None:
    await room.start(load("welcome").plugin)
    await room.join("Amy")
    await room.advance(3)
    await room.publish(Join(user=User(ref="m", nickname="Mia", member=True)))
    await room.advance(3)
    await room.join("Ben")
    await room.advance(40)
    assert room.said == ["M***, good to have you back!"]


async def test_a_busy_room_is_left_alone(load, room: Room) -> None:
    await room.start(load("welcome").plugin)
    await room.join("Amy")
    for number in range(12):
        await room.comment("Ben", f"chat {number}")
    await room.advance(41)
    assert room.said == []
