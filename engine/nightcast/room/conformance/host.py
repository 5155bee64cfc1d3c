"""`nightcast conform host URL`: checks of a hub, from outside, on real sockets.

The kit connects as the plugin `conformance`. It needs a token with `room:publish`, `room.comment:read` and
`speech:write`, and brings its own events in, marked as tests. What only an operator can do, `revoke` does: it takes
`speech:write` from the kit.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from nightcast.room.conformance.checks import Check, Outcome, expect, run_checks
from nightcast.room.protocol import SUBPROTOCOL
from nightcast.show.system import refusal

__all__ = ["check_host"]

_ID = "conformance"
_SCOPES = ["room:publish", "room.comment:read", "speech:write"]
_IN_THE_KERNEL = 8 << 20  # what may lie in the buffers between us and the hub
_count = itertools.count(1)


async def check_host(
    url: str,
    token: str,
    revoke: Callable[[], Awaitable[None]] | None = None,
    begins: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """All checks of a hub; without `revoke` all but one. Where no hub speaks, only that is told.

    `begins` is told the name of each check as it begins.
    """
    host = _Host(url, token)
    checks = host.checks()
    if revoke is not None:
        checks.append(("scopes are taken away in an action", lambda: host.revoked(revoke)))
    try:
        await host.connect_once()
    except OSError as error:
        return [(checks[0][0], f"no hub listens at {url}: {refusal(error).en}")]
    return await run_checks(checks, begins=begins)


class _Line:
    """A connection to the hub under test."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.hello: dict[str, Any] = {}
        self.ready: dict[str, Any] = {}
        self._pending: deque[dict[str, Any]] = deque()

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def next(self) -> dict[str, Any]:
        """The next frame; batches are unpacked."""
        while not self._pending:
            frame = json.loads(await self.socket.recv())
            self._pending.extend(frame["frames"] if frame["op"] == "batch" else (frame,))
        return self._pending.popleft()

    async def read(self, *ops: str) -> dict[str, Any]:
        """The next frame of one of these ops; others are passed over."""
        while (frame := await self.next())["op"] not in ops:
            pass
        return frame

    async def collect(self, until: str) -> list[dict[str, Any]]:
        """Events and flows up to the comment with this id."""
        seen = [await self.read("event", "flow")]
        while seen[-1].get("d", {}).get("comment_id") != until:
            seen.append(await self.read("event", "flow"))
        return seen

    async def closed(self) -> int:
        """The code the hub closes with."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else closed.rcvd.code

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()


class _Host:
    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def checks(self) -> list[Check]:
        return [
            ("the hub speaks first", self.hello),
            ("text that is no JSON closes with 4002", lambda: self.first("nonsense", 4002)),
            ("an event before identify closes with 4001", lambda: self.first('{"op":"ack","seq":1}', 4001)),
            ("a wrong token closes with 4004", lambda: self.first(self.identify_text(token="wrong"), 4004)),
            ("an unknown version closes with 4005", lambda: self.first(self.identify_text(proto=99), 4005)),
            ("an unknown session closes with 4007", lambda: self.first(_resume_text("ses_none", "x", "t"), 4007)),
            ("who says nothing is closed with 4003", self.silence),
            ("ready tells what is granted and denied", self.ready),
            ("unknown fields and ops are tolerated", self.tolerance),
            ("wrong fields are named by their path", self.wrong_fields),
            ("every hole in seq is explained", self.sequence),
            ("a message that comes twice is told once", self.duplicates),
            ("times far off do not become the room's", self.clock_skew),
            ("a combo out of order and without an end has one final", self.combo),
            ("resume with nothing missed", self.resume_nothing),
            ("resume replays class A", self.resume_replays),
            ("resume takes over from the last ack", self.take_over),
            ("a seq that was never sent closes with 4007", self.bad_seq),
            ("who does not read is closed, and has missed nothing of class A", self.slow_reader),
            ("an action has two answers", self.two_answers),
            ("an idempotent retry is done once", self.idempotency),
            ("what is not granted is refused", self.forbidden),
            ("too many actions are refused, then closed with 4008", self.rates),
            ("a newer connection replaces the older with 4006", self.replaced),
            ("a frame that is too large is closed", self.too_large),
        ]

    # -- the door --

    async def hello(self) -> None:
        async with await self.dial() as line:
            expect(1 in line.hello["proto"], "proto 1 in hello", line.hello)
            expect({"limits", "epoch", "heartbeat_ms"} <= line.hello.keys(), "limits, epoch, heartbeat_ms", line.hello)

    async def first(self, text: str, code: int) -> None:
        async with await self.dial() as line:
            await line.socket.send(text)
            closed = await line.closed()
            expect(closed == code, f"close code {code}", closed)

    async def silence(self) -> None:
        async with await self.dial() as line:
            expect(line.hello["limits"]["identify_ms"] <= 15_000, "at most 15 s to identify", line.hello["limits"])
            closed = await line.closed()
            expect(closed == 4003, "close code 4003", closed)

    async def ready(self) -> None:
        async with await self.enter("comment.new", scopes=[*_SCOPES, "order:read"], types=["order.paid"]) as line:
            expect("speech:write" in line.ready["granted"], "speech:write granted", line.ready)
            expect("order:read" in line.ready["denied"], "order:read denied", line.ready)
            expect("room" in line.ready["snapshot"], "a snapshot", line.ready)

    async def tolerance(self) -> None:
        async with await self.enter() as line:
            await line.send(op="dance", id="x")
            error = await line.read("error")
            expect(error["code"] == "unknown_op", "code unknown_op", error)
            await line.send(op="ping", t=7, colour="red")
            pong = await line.read("pong")
            expect(pong.get("t") == 7, "pong with t 7", pong)

    async def wrong_fields(self) -> None:
        async with await self.enter() as line:
            await line.send(op="action", id="w1", type="speech.say", d={})
            result = await line.read("result")
            saw = (result["state"], result.get("code"), result.get("path"))
            expect(saw == ("rejected", "bad_request", "d.text"), "bad_request at d.text", result)

    # -- events --

    async def sequence(self) -> None:
        async with await self.enter("comment.new", "like.window", "user.follow") as line:
            events = [{"type": "like.raw", "d": {"count": 3}}, _comment("first")]
            for _ in range(3):
                await self.publish(line, events)
                await asyncio.sleep(1.1)
            last = _comment("last")
            await self.publish(line, [{"type": "user.follow", "d": {"user": {"ref": "u"}}}, last])
            expected = line.ready["seq"] + 1
            for frame in await line.collect(last["d"]["comment_id"]):
                begin, end = (frame["seq"],) * 2 if frame["op"] == "event" else (frame["from"], frame["to"])
                expect(begin == expected, f"seq {expected}", frame)
                expected = end + 1

    async def duplicates(self) -> None:
        async with await self.enter("comment.new") as line:
            twice = {**_comment("twice"), "src": {"platform": "conform", "msg_id": f"m{next(_count)}"}}
            last = _comment("last")
            await self.publish(line, [twice, twice, last])
            seen = await line.collect(last["d"]["comment_id"])
            count = sum(e.get("d", {}).get("comment_id") == twice["d"]["comment_id"] for e in seen)
            expect(count == 1, "the comment once", count)

    async def clock_skew(self) -> None:
        async with await self.enter("comment.new") as line:
            before, last = _comment("before"), _comment("last")
            skewed = [
                {**_comment("far off"), "src": {"platform": "conform", "ts": ts}} for ts in (0, 4_102_444_800_000)
            ]
            await self.publish(line, [before, *skewed, last])
            times = [e["ts"] for e in await line.collect(last["d"]["comment_id"]) if e["op"] == "event"]
            expect(times == sorted(times) and times[-1] - times[0] < 5_000, "the hub's own times, in order", times)

    async def combo(self) -> None:
        async with await self.enter("gift.final", "comment.new") as line:
            combo = f"conform-{next(_count)}"
            for number in (1, 3, 2, 3):
                await self.publish(line, [_gift(combo, number, timeout_ms=300)])
            await asyncio.sleep(1.0)
            await self.publish(line, [_gift(combo, 3, end=True)])
            last = _comment("last")
            await self.publish(line, [last])
            seen = await line.collect(last["d"]["comment_id"])
            finals = [e["d"]["count"] for e in seen if e.get("type") == "gift.final"]
            expect(finals == [3], "one final of 3", finals)

    # -- resume --

    async def resume_nothing(self) -> None:
        line = await self.enter("gift.final")
        line.socket.transport.abort()
        async with await self.back(line, line.ready["seq"]) as again:
            expect((again.ready["replayed"], again.ready["lost"]) == (0, []), "nothing replayed or lost", again.ready)

    async def resume_replays(self) -> None:
        line = await self.enter("gift.final")
        await self.publish(line, [_gift(f"conform-{next(_count)}", n + 1, end=True) for n in range(3)])
        first = await line.read("event")
        line.socket.transport.abort()
        async with await self.back(line, first["seq"], first["off"]) as again:
            expect(again.ready["replayed"] == 2, "two replayed", again.ready)
            counts = [(await again.read("event"))["d"]["count"] for _ in range(2)]
            expect(counts == [2, 3], "gifts of 2 and 3", counts)

    async def take_over(self) -> None:
        line = await self.enter("gift.final")
        await self.publish(line, [_gift(f"conform-{next(_count)}", n + 1, end=True) for n in range(3)])
        frames = [await line.read("event") for _ in range(3)]
        await line.send(op="ack", seq=frames[1]["seq"])
        await line.send(op="ping")
        await line.read("pong")
        async with await self.back(line, None) as heir:
            event = await heir.read("event")
            expect(event["seq"] == frames[2]["seq"], f"seq {frames[2]['seq']}", event)
        code = await line.closed()
        expect(code == 4006, "close code 4006 for the older", code)

    async def bad_seq(self) -> None:
        line = await self.enter("gift.final")
        line.socket.transport.abort()
        async with await self.dial() as again:
            await again.socket.send(_resume_text(line.ready["session"], again.hello["epoch"], self._token, 9_999))
            code = await again.closed()
            expect(code == 4007, "close code 4007", code)

    async def slow_reader(self) -> None:
        line = await self.enter("gift.final")
        limits = line.hello["limits"]
        size = limits["frame_bytes"] * 3 // 4
        count = (2 * limits["queue_soft_bytes"] + _IN_THE_KERNEL) // size
        transport = line.socket.transport
        transport.pause_reading()
        combo = next(_count)
        for number in range(count):
            await self.publish(line, [_gift(f"slow-{combo}-{number}", number + 1, end=True, name="x" * size)])
            await asyncio.sleep(0.001)
        await asyncio.sleep(limits["slow_ms"] / 1000 + 2)
        transport.resume_reading()
        seen: list[dict[str, Any]] = []
        try:
            while True:
                frame = await line.next()
                seen += [frame] if frame["op"] == "event" else []
        except ConnectionClosed as closed:  # the code comes where the buffers leave room for it
            code = 1006 if closed.rcvd is None else closed.rcvd.code
            expect(code in (4010, 1006), "close code 4010, or none", code)
        seq, off = (seen[-1]["seq"], seen[-1]["off"]) if seen else (line.ready["seq"], None)
        async with await self.back(line, seq, off) as again:
            counts = [e["d"]["count"] for e in seen]
            while len(counts) < count:
                counts.append((await again.read("event"))["d"]["count"])
                if len(counts) % 64 == 0:
                    await again.send(op="ack", seq=seq + len(counts) - len(seen))
            expect(counts == list(range(1, count + 1)), f"gifts of 1 to {count}", counts[:5])

    # -- actions --

    async def two_answers(self) -> None:
        async with await self.enter() as line:
            action_id = f"c{next(_count)}"
            await line.send(op="action", id=action_id, type="speech.say", d={"text": "This is a test."}, ttl_ms=5000)
            result = await line.read("result")
            expect(result["state"] == "accepted", "accepted", result)
            state = await line.read("event")
            expect(state["type"] == "action.state" and state["d"]["action_id"] == action_id, "its action.state", state)

    async def idempotency(self) -> None:
        async with await self.enter() as line:
            key = f"conform-{next(_count)}-{line.hello['epoch']}-{line.ready['session']}"
            results = []
            for text in ("Same.", "Same.", "Other."):
                await line.send(
                    op="action", id=f"c{next(_count)}", type="speech.say", d={"text": text}, idem=key, ttl_ms=3000
                )
                results.append(await line.read("result"))
            expect(results[0]["state"] == "accepted" and not results[0].get("dup"), "accepted", results[0])
            expect(results[1].get("dup") is True, "dup", results[1])
            expect(results[2].get("code") == "idem_conflict", "idem_conflict", results[2])

    async def forbidden(self) -> None:
        async with await self.enter() as line:
            await line.send(op="action", id="f1", type="tryon.start", d={"product_id": "x"})
            result = await line.read("result")
            expect(result.get("code") == "forbidden_scope", "forbidden_scope", result)

    async def revoked(self, revoke: Callable[[], Awaitable[None]]) -> None:
        async with await self.enter() as line:
            await line.send(op="action", id=f"v{next(_count)}", type="speech.say", d={"text": "This is a test."})
            await line.read("result")
            await revoke()
            frame = await line.read("revoke")
            expect("speech:write" in frame["scopes"], "revoke of speech:write", frame)
            await line.send(op="action", id=f"v{next(_count)}", type="speech.say", d={"text": "And this."})
            result = await line.read("result")
            expect(result.get("code") == "forbidden_scope", "forbidden_scope", result)

    async def rates(self) -> None:
        async with await self.enter() as line:
            for number in range(120):
                await line.send(
                    op="action", id=f"r{number}-{next(_count)}", type="speech.say", d={"text": "x"}, on_busy="reject"
                )
            result = await line.read("result")
            while result.get("code") != "rate_limited":
                result = await line.read("result")
            expect(result["retry_after_ms"] > 0, "retry_after_ms", result)
            code = await line.closed()
            expect(code == 4008, "close code 4008", code)

    async def replaced(self) -> None:
        older = await self.enter()
        async with await self.enter():
            code = await older.closed()
            expect(code == 4006, "close code 4006", code)

    async def too_large(self) -> None:
        async with await self.enter() as line:
            await line.socket.send('{"op":"ping","pad":"' + "x" * (line.hello["limits"]["frame_bytes"] + 1) + '"}')
            code = await line.closed()
            expect(code in (1009, 4002), "close code 1009 or 4002", code)

    # -- tools --

    async def connect_once(self) -> None:
        """Raises OSError where nobody listens; how it is answered is what the checks look at."""
        with contextlib.suppress(WebSocketException):
            async with self._connect():
                pass

    def _connect(self) -> connect:
        return connect(
            self._url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None, close_timeout=1
        )

    async def dial(self) -> _Line:
        socket = await self._connect()
        line = _Line(socket)
        line.hello = json.loads(await socket.recv())
        expect(line.hello.get("op") == "hello", "hello", line.hello)
        return line

    def identify_text(self, *, token: str | None = None, proto: int = 1, **fields: Any) -> str:
        frame = {"op": "identify", "proto": proto, "plugin": {"id": _ID}, "token": token or self._token, **fields}
        return json.dumps(frame)

    async def enter(self, *subs: str, scopes: list[str] | None = None, types: list[str] | None = None) -> _Line:
        line = await self.dial()
        wanted = [{"type": name} for name in (*subs, *(types or ()))]
        await line.socket.send(self.identify_text(scopes=scopes or _SCOPES, subs=wanted, features=["batch"]))
        line.ready = await line.read("ready")
        return line

    async def back(self, older: _Line, seq: int | None, off: int | None = None) -> _Line:
        line = await self.dial()
        await line.socket.send(_resume_text(older.ready["session"], line.hello["epoch"], self._token, seq, off))
        line.ready = await line.read("resumed", "resync")
        expect(line.ready["op"] == "resumed", "resumed", line.ready)
        return line

    async def publish(self, line: _Line, events: list[dict[str, Any]]) -> None:
        await line.send(op="publish", id=f"p{next(_count)}", events=[{**event, "test": True} for event in events])


def _resume_text(session: str, epoch: str, token: str, seq: int | None = 0, off: int | None = None) -> str:
    frame = {"op": "resume", "session": session, "epoch": epoch, "token": token, "seq": seq, "off": off}
    return json.dumps(frame)


def _comment(text: str) -> dict[str, Any]:
    comment_id = f"conform-{next(_count)}"
    return {"type": "comment.new", "d": {"comment_id": comment_id, "user": {"ref": "conform"}, "text": text}}


def _gift(combo: str, count: int, **fields: Any) -> dict[str, Any]:
    data = {"user": {"ref": "conform"}, "gift_id": "rose", "combo_id": combo, "count": count, **fields}
    return {"type": "gift.raw", "d": data}
