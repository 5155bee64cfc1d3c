"""The hub's shell: `HubCore` on a WebSocket server.

Runs in the director's asyncio loop. Each connection has a reader (this task) and a relay task that sends what
the core has for it, so that a plugin that does not read stalls only its own relay.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import TypeVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from nightcast.room.arbiter import Change
from nightcast.room.core import HubCore, Notice
from nightcast.room.events import ActionPhase, Event, EventData
from nightcast.room.folding import Raw
from nightcast.room.protocol import PATH, SUBPROTOCOL, Close, ErrorCode

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK_S = 0.05
#: Codes for plugins whose relay may be stuck in a full socket; they are closed from outside it.
_STUCK = frozenset({Close.SLOW, Close.HEARTBEAT})


def wall_clock() -> Callable[[], int]:
    """Milliseconds since the epoch that never go back: the monotonic clock, set once by the wall's."""
    offset_ms = time.time_ns() // 1_000_000 - time.monotonic_ns() // 1_000_000
    return lambda: time.monotonic_ns() // 1_000_000 + offset_ms


class Hub:
    """A running hub. `on_action` gets each change of an action, `on_notice` what the operator should know."""

    def __init__(
        self,
        core: HubCore,
        *,
        clock: Callable[[], int] | None = None,
        on_action: Callable[[Change], None] | None = None,
        on_notice: Callable[[Notice], None] | None = None,
        origins: Sequence[str] = (),
    ) -> None:
        self.core = core
        self.clock = clock or wall_clock()
        self._on_action = on_action
        self._on_notice = on_notice
        self._origins: list[Origin | None] = [None, *(Origin(origin) for origin in origins)]
        self._sockets: dict[int, ServerConnection] = {}
        self._wakes: dict[int, asyncio.Event] = {}
        self._closers: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the URL plugins connect to."""
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._admit,
            origins=self._origins,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,  # loopback: deflate costs more than it saves
            max_size=self.core.limits.frame_bytes,
            close_timeout=1,
            ping_interval=None,  # a protocol pong does not prove that the plugin lives; `ping` frames do
        )
        self._ticker = asyncio.create_task(self._tick(), name="hub tick")
        port = self._server.sockets[0].getsockname()[1]
        return f"ws://{host}:{port}{PATH}"

    async def stop(self) -> None:
        """Tell the plugins to come back later, and close."""
        if self._server is None:
            return
        self.core.goodbye()
        self.pump()
        if self._ticker is not None:
            self._ticker.cancel()
        self._server.close(code=Close.RESTART, reason="the hub restarts")
        await self._server.wait_closed()
        self._server = None

    # -- for the director; all from the loop's thread --

    def publish(self, data: EventData | Event) -> Event:
        event = self.core.publish(data, self.clock())
        self.pump()
        return event

    def ingest(self, signals: Iterable[Raw | Event]) -> None:
        self.core.ingest(signals, self.clock())
        self.pump()

    def report(self, action_id: str, state: ActionPhase, detail: str = "", *, code: ErrorCode | None = None) -> None:
        """Tell how an accepted action ended: done, failed, cancelled or superseded."""
        self.core.report(action_id, state, self.clock(), code=code, detail=detail)
        self.pump()

    def give_way(self, action_id: str) -> None:
        """The next action on the lease may start, though this one goes on."""
        self.core.give_way(action_id, self.clock())
        self.pump()

    def revoke(self, plugin_id: str, scopes: Iterable[str] | None = None) -> None:
        self.core.revoke(plugin_id, self.clock(), scopes)
        self.pump()

    def pump(self) -> None:
        """Pass on what the core has for sockets, director and operator."""
        core = self.core
        for conn_id in core.woken:
            closing = core.closing(conn_id)
            if closing is not None and closing[0] in _STUCK:
                self._close_from_outside(conn_id, *closing)
            elif conn_id in self._wakes:
                self._wakes[conn_id].set()
        core.woken.clear()
        while core.changes:
            _tell(self._on_action, core.changes.popleft())
        while core.notices:
            notice = core.notices.popleft()
            level = logging.WARNING if notice.kind in ("slow", "refused") else logging.INFO
            log.log(level, "plugin %s %s: %s", notice.plugin_id, notice.kind, notice.detail)
            _tell(self._on_notice, notice)

    # -- sockets --

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        if request.path.split("?")[0] != PATH:
            return socket.respond(HTTPStatus.NOT_FOUND, f"plugins connect to {PATH}\n")
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        request = socket.request
        header = "" if request is None else request.headers.get("Authorization", "")
        bearer = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
        conn_id = self.core.connect(self.clock(), bearer)
        self._sockets[conn_id] = socket
        self._wakes[conn_id] = asyncio.Event()
        relay = asyncio.create_task(self._relay(conn_id, socket, self._wakes[conn_id]), name=f"hub relay {conn_id}")
        self.pump()
        try:
            async for message in socket:
                self.core.receive(conn_id, message, self.clock())
                self.pump()
        except ConnectionClosed:
            pass  # how it ended is the plugin's affair; its session stays
        finally:
            relay.cancel()
            del self._sockets[conn_id], self._wakes[conn_id]
            self.core.disconnect(conn_id, self.clock())
            self.pump()

    async def _relay(self, conn_id: int, socket: ServerConnection, wake: asyncio.Event) -> None:
        try:
            while True:
                await wake.wait()
                wake.clear()
                while frames := self.core.take(conn_id, self.clock()):
                    for frame in frames:
                        await socket.send(frame)
                closing = self.core.closing(conn_id)
                if closing is not None:
                    await socket.close(*closing)
                    return
        except ConnectionClosed:
            return

    def _close_from_outside(self, conn_id: int, code: Close, reason: str) -> None:
        socket = self._sockets.get(conn_id)
        if socket is not None:
            task = asyncio.create_task(_close_hard(socket, code, reason), name=f"hub close {conn_id}")
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self.core.tick(self.clock())
                self.pump()
            except Exception:  # one bad turn must not stop heartbeats, windows and timeouts for the night
                log.exception("the hub's tick failed; it goes on")


def _tell(listener: Callable[[T], None] | None, what: T) -> None:
    """A listener's fault costs this one call: not the plugin whose frame led to it, nor what others are to be told."""
    try:
        if listener is not None:
            listener(what)
    except Exception:
        log.exception("%r could not be acted on", what)


async def _close_hard(socket: ServerConnection, code: Close, reason: str) -> None:
    """Close a socket that may not take our close frame."""
    try:
        async with asyncio.timeout(1):
            await socket.close(code, reason)
    except TimeoutError:
        socket.transport.abort()
