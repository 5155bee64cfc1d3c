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
from nightcast.director.live import Live
from nightcast.director.process import direct
from nightcast.director.rooms import Rooms
from nightcast.director.run import Run


@contextlib.asynccontextmanager
async def open_console(run: Run, live: Live, floor: Floor, rooms: Rooms, audience: Audience) -> AsyncIterator[None]:
    """The page, for as long as the night runs."""
    guests = Guests(run.state / "guests", live.show.catalog_file)
    console = Console(LiveNight(live, floor, audience, rooms.plugins, guests), run.page, run.hls)
    await console.start()
    try:
        yield
    finally:
        await console.stop()
        guests.close()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(direct(Run.read(Path(sys.argv[1])), open_console))


if __name__ == "__main__":
    main()
