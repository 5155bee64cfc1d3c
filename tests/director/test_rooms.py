"""The room of a live night, with its hub and without anybody in it."""

from __future__ import annotations

import socket
from dataclasses import replace

from tests.director.stand import Stand

from nightcast.director.rooms import Rooms
from nightcast.room.events import Event, EventData, LikeWindow, RoomStats
from nightcast.room.folding import LikeRaw, Raw


async def given(stand: Stand, likes: int) -> list[EventData]:
    """What the room is told while it is given likes, by a director of its own."""
    show = stand.live.show
    script = show.script.model_copy(update={"room": show.script.room.model_copy(update={"simulate": "off"})})
    rooms = Rooms(stand.live.run_plan, replace(show, script=script), stand.live, stand.audience, seed=1)
    rooms.floor = stand.floor
    told: list[EventData] = []
    async with rooms.open():
        rooms.hub.core.observers.append(lambda event: told.append(event.data))
        rooms.hub.ingest([Raw(LikeRaw(count=likes), 0)])
        rooms.hub.core.tick(rooms.hub.clock() + 2_000)
        rooms.hub.ingest([Event(RoomStats(viewers=3), 0)])  # of a platform that does not count likes
    return told


async def test_likes_count_on_after_a_restart_of_the_director(stand: Stand) -> None:
    first = await given(stand, 7)
    second = await given(stand, 5)
    assert [data.total for data in (*first, *second) if isinstance(data, LikeWindow)] == [7, 12]
    assert [data.likes_total for data in (*first, *second) if isinstance(data, RoomStats)] == [7, 12]


async def test_a_room_whose_port_was_taken_opens_on_another_and_says_so(stand: Stand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        run = stand.live.run_plan.model_copy(update={"hub_port": taken})
        rooms = Rooms(run, stand.live.show, stand.live, stand.audience, seed=1)
        rooms.floor = stand.floor
        async with rooms.open():
            assert stand.live.state.warning is not None
            assert f"port {taken} is not free" in stand.live.state.warning.en
