"""The director process: everything of one live night put together, and taken apart again at its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from nightcast.air.messages import FROM_AIR, OutputHealth
from nightcast.director.audience import Audience
from nightcast.director.corrections import Corrections
from nightcast.director.desk import Desk
from nightcast.director.floor import Floor
from nightcast.director.journal import Journal
from nightcast.director.live import Live
from nightcast.director.messages import Status, from_supervisor
from nightcast.director.nights import end_in_order, said_before, set_damaged_aside
from nightcast.director.planning import PlanAhead, Words, build_planner
from nightcast.director.policy import load_policy
from nightcast.director.rooms import Rooms
from nightcast.director.run import Run
from nightcast.director.watch import CatalogWatch
from nightcast.process.channel import Server
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage
from nightcast.show import Show
from nightcast.stage.messages import FROM_STAGE
from nightcast.talk.gate.gate import Gate
from nightcast.talk.gate.tokens import tokenizer
from nightcast.talk.messages import from_voice
from nightcast.talk.plan.memory import Memory

__all__ = ["OpenConsole", "direct"]

log = logging.getLogger(__name__)

_STATUS_S = 0.5
_BEGIN_ANEW_S = 2.0


#: Opens what shows the night to an operator, for as long as it runs.
OpenConsole = Callable[[Run, Live, Floor, Rooms, Audience], AbstractAsyncContextManager[None]]


async def direct(run: Run, open_console: OpenConsole) -> None:
    """Direct the night until it is over. SIGTERM ends it after the sentence; a second one at once."""
    show = Show.load(run.script, run.root)
    zone = ZoneInfo(show.script.night.timezone)
    damaged = set_damaged_aside(run.state)
    journal = Journal(run.journal)
    number = int(journal.recall("runs") or 0) + 1
    journal.remember("runs", number)
    gate = Gate(load_policy(show))
    desk = Desk(show.catalog, gate, journal, lambda: datetime.now(zone))
    audience = Audience.of_night(journal, time.monotonic)
    words = Words.of_show(show)
    clock = ClockPage.attach(run.clock)
    incoming: dict[str, TypeAdapter[Any]] = {
        "voice": from_voice,
        "stage": FROM_STAGE,
        "air": FROM_AIR,
        "supervisor": from_supervisor,
    }
    async with Server(run.socket, incoming) as server:
        plan = PlanAhead(
            planner=build_planner(show, words, gate.policy, desk.now(), run.state / "drafts"),
            memory=Memory.restore(journal.heard_segments(), before=said_before(run.state, desk.now())),
            seed=run.seed + number,
            prefix=f"{number}-",
            begins=lambda: desk.now() + timedelta(seconds=live.night.delay_s),
            catalog=lambda: desk.catalog,
            wants=audience.wants,
            stretch=lambda: live.night.stretch,
        )
        live = Live(run, show, journal, desk, server, clock, plan.next, Heartbeat.inherited())
        if damaged is not None:
            live.state.warn("journal", en=damaged.en, zh=damaged.zh, passing=True)
        rooms = Rooms(run, show, live, audience, seed=run.seed + number)
        answers = words.answers()
        floor = rooms.floor = Floor(live, rooms.hub, answers, audience, f"{number}-", switched=rooms.switched)
        corrections = Corrections(live, answers, f"{number}-")
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, live.end)
        async with (
            rooms.open(),
            open_console(run, live, floor, rooms, audience),
            _background(
                live,
                partial(_tell, server, live, audience),
                CatalogWatch(show, live, rooms.hub, corrections).run,
                partial(_load_dictionary, live),
            ),
        ):
            await live.run()
            await floor.close()
        server.send("supervisor", _status(live, audience))
    end_in_order(journal)
    journal.close()
    clock.close()


@contextlib.asynccontextmanager
async def _background(live: Live, *work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do this beside the block, and end it with the block."""
    tasks = [asyncio.create_task(_see_through(live, item)) for item in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _see_through(live: Live, work: Callable[[], Awaitable[None]]) -> None:
    """Do it to its end. A mistake in it is told, and it begins anew: the night does not go on without it."""
    while True:
        try:
            return await work()
        except Exception as error:  # whatever it is, it is not worth a night
            log.exception("what runs beside the night stumbled; it begins anew")
            live.state.warn(
                "director",
                en=f"A part of the director stumbled and began anew ({error}); the director's log says where.",
                zh=f"导播程序的一部分出错后已重新开始（{error}）。位置见导播进程的日志。",
                passing=True,
            )
            await asyncio.sleep(_BEGIN_ANEW_S)


async def _load_dictionary(live: Live) -> None:
    """The gate's Chinese words, when the first sentence is on its way: it seldom needs them, and a later one may."""
    await live.began.wait()
    await asyncio.to_thread(tokenizer)


async def _tell(server: Server, live: Live, audience: Audience) -> None:
    """Tell the supervisor what is on air, for the person at the terminal."""
    while True:
        server.send("supervisor", _status(live, audience))
        await asyncio.sleep(_STATUS_S)


def _status(live: Live, audience: Audience) -> Status:
    state = live.state
    line = state.line
    return Status(
        phase=state.phase,
        text=line.line.text if line else "",
        segment=line.segment.kind if line else "",
        product=(line.segment.product_id or "") if line else "",
        ready_s=round(live.night.ready_s, 1),
        spoken=state.spoken,
        viewers=audience.viewers,
        orders=audience.orders,
        warning=state.warning.en if state.warning else "",
        outputs={item.id: _told(item) for item in state.air.outputs} if state.air else {},
    )


def _told(output: OutputHealth) -> str:
    detail = output.detail.en if output.detail is not None else ""
    return f"{output.state} {detail}".rstrip()
