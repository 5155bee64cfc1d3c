"""`python -m nightcast.console RUN.json`: the director with the operator's page, as the supervisor starts it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from nightcast.console.night import LiveNight
from nightcast.console.server import Console
from nightcast.director.audience import Audience
from nightcast.director.floor import Floor
from nightcast.director.guests import Guests
from nightcast.director.live import Live, OnAir
from nightcast.director.process import direct
from nightcast.director.rooms import Rooms
from nightcast.director.run import Run
from nightcast.show.system import refusal

_AGAIN_S = 2.0


@contextlib.asynccontextmanager
async def open_console(run: Run, live: Live, floor: Floor, rooms: Rooms, audience: Audience) -> AsyncIterator[None]:
    """The page, for as long as the night runs."""
    guests = Guests(run.state / "guests", live.show.catalog_file)
    console = Console(LiveNight(live, floor, audience, rooms.plugins, guests), run.page, run.hls)
    listening = asyncio.create_task(listen(console, live.state))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await console.stop()
        guests.close()


async def listen(console: Console, state: OnAir) -> None:
    """Until the page listens. Its port may have been taken since the night was checked: no reason for a silent one."""
    while True:
        try:
            await console.start()
        except OSError as error:
            reason, port = refusal(error), console.page.port
            state.warn(
                "page",
                en=f"There is no page: port {port} cannot be listened on ({reason.en}). It is tried again.",
                zh=f"页面打不开：端口 {port} 无法监听（{reason.zh}），正在重试。",
            )
            await asyncio.sleep(_AGAIN_S)
        else:
            return state.well("page")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(direct(Run.read(Path(sys.argv[1])), open_console))


if __name__ == "__main__":
    main()
