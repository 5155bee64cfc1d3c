"""A plugin's process: connects, reconnects, resumes, acknowledges, and ends when it is told to.

Environment: NIGHTCAST_HUB (URL), NIGHTCAST_TOKEN, and optionally NIGHTCAST_SESSION (a session to take over)
and NIGHTCAST_DATA (a folder for `ctx.store`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from nightcast.room.protocol import SUBPROTOCOL, Close
from nightcast.room.sdk.plugin import Plugin
from nightcast.room.sdk.runtime import Runtime
from nightcast.show.system import refusal

log = logging.getLogger(__name__)

_BACKOFF_S = (0.1, 0.3, 1.0, 3.0, 10.0)
_ACK_S = 0.5


class WallClock:
    """Real time."""

    def __init__(self) -> None:
        from nightcast.room.hub import wall_clock

        self.now_ms = wall_clock()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def main(plugin: Plugin) -> None:
    """Serve until the hub or a signal ends it. Exit status 0: told to stop; 3: not allowed in."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    url, token = os.environ.get("NIGHTCAST_HUB"), os.environ.get("NIGHTCAST_TOKEN", "")
    if not url:
        sys.exit(f"plugin {plugin.id}: NIGHTCAST_HUB is not set. Start it with: nightcast plugin run FOLDER")
    data = os.environ.get("NIGHTCAST_DATA")
    store = Store(Path(data) / "store.json" if data else None)
    with contextlib.suppress(KeyboardInterrupt):
        code = asyncio.run(serve(plugin, url, token, store=store, session=os.environ.get("NIGHTCAST_SESSION")))
        sys.exit(0 if code not in (4001, 4002, 4004, 4005) else 3)


class Store:
    """A plugin's memory as a JSON file, written whole when it has changed.

    A file that a power cut tore is set aside; what cannot be written now is written when there is room.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.data: dict[str, Any] = {}
        self._failed = False
        if path is not None and path.exists():
            self.data = self._read(path)
        self._saved = json.dumps(self.data, ensure_ascii=False)

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:  # of decoding, too
            data = None
        if isinstance(data, dict):
            return data
        aside = path.replace(path.with_suffix(".broken"))
        log.warning("the plugin's memory could not be read and is now %s; it begins anew", aside)
        return {}

    def save(self) -> None:
        text = json.dumps(self.data, ensure_ascii=False)
        if self._path is None or text == self._saved:
            return
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            if not self._failed:
                log.warning("the plugin's memory cannot be written (%s); it is tried again", error)
            self._failed = True
            return
        self._saved, self._failed = text, False


async def serve(plugin: Plugin, url: str, token: str, *, store: Store | None = None, session: str | None = None) -> int:
    """Serve a plugin on a hub; returns the close code that ended it, or 0 after a signal."""
    store = store or Store(None)
    runtime = Runtime(plugin, WallClock(), token=token, session=session, rng=random.Random(), store=store.data)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or Windows
            loop.add_signal_handler(number, stop.set)
    try:
        return await _connections(runtime, url, stop, store)
    finally:
        await runtime.stop()
        store.save()


def pause_s(failures: int, struck: int) -> float:
    """How long to stay away after so many failed connections, and so many in a row that were closed for flooding."""
    return _BACKOFF_S[min(failures + (1 + struck if struck else 0), len(_BACKOFF_S) - 1)]


async def _connections(runtime: Runtime, url: str, stop: asyncio.Event, store: Store) -> int:
    failures = struck = 0
    while not stop.is_set():
        try:
            async with connect(
                url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                ping_interval=None,
                close_timeout=1,
                proxy=None,
                max_size=8 * 1024 * 1024,
            ) as socket:
                code = await _session(runtime, socket, stop, store)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            why = refusal(error).en if isinstance(error, OSError) else error
            log.log(logging.INFO if failures else logging.WARNING, "no connection to %s: %s; trying again", url, why)
            code = 1006
        if stop.is_set():
            return 0
        what = runtime.client.closed(code)
        if what == "stop":
            if code == Close.REPLACED:
                log.info("another process has taken over")
            else:
                log.warning("the hub closed with %s; not coming back", code)
            return code
        failures = 0 if runtime.client.seq is not None and code != 1006 else failures + 1
        struck = struck + 1 if what == "back_off" else 0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s(failures, struck) * runtime.random.uniform(0.5, 1.0))
    return 0


async def _session(runtime: Runtime, socket: ClientConnection, stop: asyncio.Event, store: Store) -> int:
    """One connection, from its first frame to its close code."""
    wake = asyncio.Event()
    runtime.client.connected()
    runtime.flush = wake.set
    tasks = [
        asyncio.create_task(_writer(runtime, socket, wake)),
        asyncio.create_task(_acknowledge(runtime, store)),
        asyncio.create_task(_stopper(socket, stop)),
    ]
    try:
        while True:
            quiet_s = 2.5 * runtime.client.heartbeat_ms / 1000
            async with asyncio.timeout(quiet_s):
                message = await socket.recv()
            if runtime.feed(message) is not None:
                log.warning("frames were lost without a word; connecting again")
                await socket.close(1001, "sequence broken")
                return 1001
    except TimeoutError:
        return 4009
    except ConnectionClosed as closed:
        return 1006 if closed.rcvd is None else closed.rcvd.code
    finally:
        runtime.lost_connection()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _writer(runtime: Runtime, socket: ClientConnection, wake: asyncio.Event) -> None:
    outgoing = runtime.client.outgoing
    with contextlib.suppress(ConnectionClosed):
        while True:
            await wake.wait()
            wake.clear()
            while outgoing:
                await socket.send(outgoing.pop(0))


async def _acknowledge(runtime: Runtime, store: Store) -> None:
    while True:
        await asyncio.sleep(_ACK_S)
        runtime.acknowledge()
        store.save()


async def _stopper(socket: ClientConnection, stop: asyncio.Event) -> None:
    await stop.wait()
    await socket.close(1000, "stopping")
