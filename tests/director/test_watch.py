"""The catalog's file is watched all night, whatever becomes of the voice."""

from __future__ import annotations

import asyncio

import pytest
from tests.director.stand import Stand
from tests.director.test_live import PITCH, waiting

from nightcast.director import watch as module
from nightcast.director.corrections import Corrections
from nightcast.director.watch import CatalogWatch


async def test_a_second_change_is_seen_while_the_first_waits_for_a_voice(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_S", 0.0)
    live, file = stand.live, stand.live.show.catalog_file
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        await live._offer(line, PITCH)
    stand.wires.live = None  # the voice is away
    watching = asyncio.create_task(
        CatalogWatch(live.show, live, stand.hub, Corrections(live, stand.floor.answers, "1-")).run()
    )
    async with asyncio.timeout(20):
        for old, new in ((12900, 11300), (11300, 9900)):
            file.write_text(file.read_text("utf-8").replace(str(old), str(new)), "utf-8")
            while live.desk.catalog.product("tumbler").price != new:  # type: ignore[union-attr]
                await asyncio.sleep(0)
        stand.wires.live = live
        live.voices.rejoined()
        while len(waiting(stand)) < 3:
            await asyncio.sleep(0)
    assert waiting(stand) == ["Look at this one.", "It is ¥99.", "Take it home."]
    watching.cancel()
