"""`nightcast conform plugin COMMAND`: checks of a plugin, by a hub that follows a script and makes mistakes on purpose.

The plugin is started with NIGHTCAST_HUB and NIGHTCAST_TOKEN, and once more for a hub that refuses it. Checks build on
one another: each begins where the one before has left the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from nightcast.room.conformance.checks import Check, Outcome, expect, run_checks
from nightcast.room.errors import FrameError
from nightcast.room.protocol import (
    PATH,
    PLUGIN_FRAMES,
    SUBPROTOCOL,
    ActionFrame,
    Hello,
    Identify,
    Limits,
    Pong,
    Publish,
    Result,
    Resume,
    Snapshot,
    Subscribe,
    Unsubscribe,
    decode,
    encode,
    parse,
)

__all__ = ["check_plugin"]

_EPOCH = "conform"


async def check_plugin(
    argv: Sequence[str], *, within_s: float = 30.0, begins: Callable[[str], None] = lambda _: None
) -> list[Outcome]:
    """All checks of the plugin that `argv` starts, each within so many seconds; none where it does not even connect.

    `begins` is told the name of each check as it begins. Raises OSError where the command cannot be started.
    """
    outcomes: list[Outcome] = []
    for checks in (_Plugin.checks, _Plugin.checks_at_the_door):
        hub = _ScriptedHub()
        async with hub.listening() as url, _process(argv, url, hub.token) as process:
            plugin = _Plugin(hub, process)
            (connects,) = await run_checks([("it connects", plugin.connects)], within_s, begins)
            if connects[1]:
                return [*outcomes, connects]
            outcomes += await run_checks(checks(plugin), within_s, begins)
    return outcomes


@contextlib.asynccontextmanager
async def _process(argv: Sequence[str], url: str, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "NIGHTCAST_HUB": url, "NIGHTCAST_TOKEN": token}
    process = await asyncio.create_subprocess_exec(*argv, env=environment, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class _ScriptedHub:
    """Takes the plugin's connections and frames; sends only what a check tells it to."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(16)
        self.connections = 0
        self.connected = asyncio.Event()
        self.bad: list[str] = []  # frames that were no frames
        self.answers = True  # whether actions have a result
        self.asked: list[ActionFrame] = []
        self._frames: asyncio.Queue[Any] = asyncio.Queue()
        self._socket: ServerConnection | None = None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        async with serve(self._serve, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None) as s:
            yield f"ws://127.0.0.1:{s.sockets[0].getsockname()[1]}{PATH}"

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.connected.set()
        self._socket = socket
        hello = Hello(server="conform", limits=Limits(), actions={}, heartbeat_ms=15_000, epoch=_EPOCH)
        try:
            await socket.send(encode(hello))
            async for message in socket:
                try:
                    frame = parse(decode(message, Limits()), PLUGIN_FRAMES)
                except FrameError as error:
                    self.bad.append(str(error))
                    continue
                if isinstance(frame, ActionFrame):
                    self.asked.append(frame)
                if self.answers and isinstance(frame, ActionFrame | Publish | Subscribe | Unsubscribe):
                    await socket.send(encode(Result(id=frame.id, state="accepted")))
                self._frames.put_nowait(frame)
        except ConnectionClosed:
            return

    async def send(self, **frame: Any) -> None:
        if self._socket is not None:
            await self._socket.send(json.dumps(frame))

    async def read(self, *kinds: type[Any]) -> Any:
        """The next frame of these kinds."""
        while True:
            frame = await self._frames.get()
            if isinstance(frame, kinds):
                return frame

    async def acked(self, seq: int) -> None:
        """Until this seq is acknowledged."""
        while True:
            frame = await self._frames.get()
            if getattr(frame, "op", "") == "ack":
                expect(frame.seq <= seq, f"no ack beyond {seq}", frame)
                if frame.seq == seq:
                    return

    async def cut(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()
            await self._socket.wait_closed()

    async def close(self, code: int) -> None:
        if self._socket is not None:
            await self._socket.close(code)


class _Plugin:
    def __init__(self, hub: _ScriptedHub, process: asyncio.subprocess.Process) -> None:
        self._hub = hub
        self._process = process
        self._seq = 0
        self._off = 0
        self._types: list[str] = []

    def checks(self) -> list[Check]:
        return [
            ("it identifies with its token", self.identifies),
            ("it answers a ping", self.pongs),
            ("it acknowledges what it has handled", self.acknowledges),
            ("it takes batches", self.batches),
            ("unknown ops, types and fields do it no harm", self.unknown),
            ("times far off do it no harm", self.clock_skew),
            ("scopes taken away in an action do it no harm", self.revoked_scopes),
            ("a combo whose end was lost does it no harm", self.lost_end),
            ("a refused action does it no harm", self.refusal),
            ("a repeated frame is not taken twice", self.repeats),
            ("a hole that is explained is passed over", self.explained),
            ("it resumes after a lost connection", self.resumes),
            ("a hole that nobody explains makes it resume", self.unexplained),
            ("frames out of order make it resume", self.reordered),
            ("it reads on while much comes", self.flood),
            ("it resumes after 4010", self.slow),
            ("an action that is tried again keeps its key", self.retry),
            ("it goes on after a resync", self.resync),
            ("it identifies again after 4007", self.identifies_again),
            ("every frame it sent was sound", self.sound),
            ("it does not come back after 4011", self.stays_away),
        ]

    def checks_at_the_door(self) -> list[Check]:
        return [("it does not come back after 4004", self.refused)]

    async def connects(self) -> None:
        connected = asyncio.create_task(self._hub.connected.wait())
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((connected, ended), return_when=asyncio.FIRST_COMPLETED)
            expect(
                connected.done(),
                "a connection to NIGHTCAST_HUB",
                f"its process end with status {self._process.returncode}",
            )
        finally:
            connected.cancel()
            ended.cancel()

    async def identifies(self) -> None:
        frame: Identify = await self._hub.read(Identify, Resume)
        expect(isinstance(frame, Identify), "identify", frame)
        expect(frame.token == self._hub.token, "the token of NIGHTCAST_TOKEN", frame)
        expect(frame.proto == 1, "proto 1", frame)
        self._types = [sub.type for sub in frame.subs]
        await self._ready()

    async def pongs(self) -> None:
        await self._hub.send(op="ping", t=42)
        pong: Pong = await self._hub.read(Pong)
        expect(pong.t == 42, "the same t", pong)

    async def acknowledges(self) -> None:
        for _ in range(70):
            await self._event()
        await self._hub.acked(self._seq)

    async def batches(self) -> None:
        await self._hub.send(op="batch", frames=[self._next(), self._next(), self._next()])
        await self._hub.acked(self._seq)

    async def unknown(self) -> None:
        await self._hub.send(op="confetti", colour="red")
        await self._hub.send(**self._next(), weather="fine")
        await self._hub.send(**{**self._next(), "type": "future.event", "d": {"x": [1]}})
        await self._hub.acked(self._seq)

    async def clock_skew(self) -> None:
        for ts in (0, 4_102_444_800_000):  # 1970, 2100
            await self._hub.send(**{**self._next(), "ts": ts})
        await self._hub.acked(self._seq)

    async def revoked_scopes(self) -> None:
        for state in ("queued", "started"):
            await self._state(state)
        await self._hub.send(op="revoke", scopes=["speech:write"])
        await self._state("cancelled")
        await self._event()
        await self._hub.acked(self._seq)

    async def lost_end(self) -> None:
        gift = {"combo_id": "c", "user": {"ref": "u1"}, "gift_id": "rose", "count": 2}
        await self._hub.send(**{**self._next(), "type": "gift.progress", "d": gift})
        await self._hub.send(
            **{**self._next(), "type": "gift.final", "class": "A", "d": {**gift, "ended_by": "timeout"}}
        )
        await self._hub.acked(self._seq)

    async def refusal(self) -> None:
        await self._hub.send(op="result", id="never-asked", state="rejected", code="rate_limited", retry_after_ms=5)
        await self._hub.send(op="error", code="bad_request", detail="a test", fatal=False)
        await self._event()
        await self._hub.acked(self._seq)

    async def repeats(self) -> None:
        frame = self._next()
        for _ in range(3):
            await self._hub.send(**frame)
        await self._event()
        await self._hub.acked(self._seq)

    async def explained(self) -> None:
        lost = self._seq + 5
        await self._hub.send(
            **{"op": "flow", "from": self._seq + 1, "to": lost, "by_type": {"like.window": 5}, "reason": "coalesced"}
        )
        self._seq = lost
        await self._event()
        await self._hub.acked(self._seq)

    async def resumes(self) -> None:
        await self._hub.cut()
        frame: Resume = await self._hub.read(Resume, Identify)
        expect(isinstance(frame, Resume), "resume", frame)
        saw = (frame.session, frame.epoch, frame.seq)
        expect(saw == ("ses_conform", _EPOCH, self._seq), f"session, epoch and seq {self._seq}", saw)
        await self._resumed()
        await self._event()
        await self._hub.acked(self._seq)

    async def unexplained(self) -> None:
        seen = self._seq
        self._seq += 3
        await self._event()
        await self._resume_from(seen)

    async def reordered(self) -> None:
        seen = self._seq
        first, second = self._next(), self._next()
        await self._hub.send(**second)
        await self._hub.send(**first)
        await self._resume_from(seen, seen + 1)  # it may have taken the one that came late

    async def flood(self) -> None:
        for _ in range(100):
            await self._hub.send(op="batch", frames=[self._next() for _ in range(30)])
        await self._hub.acked(self._seq)

    async def slow(self) -> None:
        await self._hub.close(4010)
        await self._resume_from(self._seq)

    async def retry(self) -> None:
        self._hub.answers, before = False, len(self._hub.asked)
        await self._hub.send(**self._next(later_ms=60_000))
        with contextlib.suppress(TimeoutError):  # one that asks for nothing has nothing to try again
            async with asyncio.timeout(2):
                await self._hub.read(ActionFrame)
        await self._hub.cut()
        await self._hub.read(Resume)
        self._hub.answers = True
        await self._resumed()
        await self._hub.send(op="ping")
        await self._hub.read(Pong)  # what it had to say again has come before
        keys = {frame.idem for frame in self._hub.asked[before:]}
        expect(len(keys) <= 1, "one idempotency key", keys)
        await self._event()
        await self._hub.acked(self._seq)

    async def resync(self) -> None:
        await self._hub.cut()
        await self._hub.read(Resume)
        self._seq += 1_000
        await self._hub.send(op="resync", session="ses_conform", reason="test", snapshot=_snapshot(), seq=self._seq)
        await self._event()
        await self._hub.acked(self._seq)

    async def identifies_again(self) -> None:
        await self._hub.close(4007)
        frame = await self._hub.read(Resume, Identify)
        expect(isinstance(frame, Identify), "identify", frame)
        self._seq = 0
        await self._ready()
        await self._event()
        await self._hub.acked(self._seq)

    async def sound(self) -> None:
        expect(self._hub.bad == [], "frames of the protocol", self._hub.bad[:3])

    async def stays_away(self) -> None:
        await self._gone_after(4011)

    async def refused(self) -> None:
        await self._hub.read(Identify)
        await self._gone_after(4004)

    # -- tools --

    async def _gone_after(self, code: int) -> None:
        before = self._hub.connections
        await self._hub.close(code)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await self._process.wait()
        expect(self._hub.connections == before, "no new connection", self._hub.connections - before)

    async def _resume_from(self, *seqs: int) -> None:
        """It comes back with one of these, and goes on."""
        frame: Resume = await self._hub.read(Resume, Identify)
        expect(isinstance(frame, Resume) and frame.seq in seqs, f"resume from {' or '.join(map(str, seqs))}", frame)
        self._seq = frame.seq or 0
        await self._resumed()
        await self._event()
        await self._hub.acked(self._seq)

    async def _state(self, state: str) -> None:
        """Tell it of its last action; of one that it never asked for, where it has asked for none."""
        action_id = self._hub.asked[-1].id if self._hub.asked else "never-asked"
        data = {"action_id": action_id, "action": "speech.say", "state": state}
        await self._hub.send(**{**self._next(), "type": "action.state", "class": "A", "d": data})

    async def _ready(self) -> None:
        await self._hub.send(
            op="ready", session="ses_conform", granted=[], denied=[], snapshot=_snapshot(), seq=self._seq
        )

    async def _resumed(self) -> None:
        await self._hub.send(op="resumed", session="ses_conform", replayed=0, lost=[], snapshot=_snapshot())

    async def _event(self) -> None:
        await self._hub.send(**self._next())

    def _next(self, later_ms: int = 0) -> dict[str, Any]:
        self._seq += 1
        self._off += 10
        data = {"comment_id": f"c{self._off}", "user": {"ref": "u1", "nickname": "A***"}, "text": "hello"}
        return {
            "op": "event", "seq": self._seq, "off": self._off, "id": f"evt_{self._off}", "type": "comment.new",
            "room": "main", "ts": 1_767_225_600_000 + self._off + later_ms, "class": "B", "d": data,
        }  # fmt: skip


def _snapshot() -> dict[str, Any]:
    return Snapshot().model_dump(mode="json")
