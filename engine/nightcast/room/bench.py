"""`nightcast bench hub`: what the hub does under load, measured from outside by plain protocol clients.

The hub runs in this process, the clients in another, on real sockets. Times are of the monotonic clock, which both
share; a figure is the time from `publish` in the hub to the client's handler, parsed and in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import json
import multiprocessing
import random
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from nightcast.room.core import HubCore
from nightcast.room.events import Comment, Event, GiftFinal, LikeWindow, ProductListed, User
from nightcast.room.folding import LikeRaw, Raw
from nightcast.room.grants import Grants
from nightcast.room.hub import Hub
from nightcast.room.light_client import LightClient
from nightcast.room.log import SqliteLog
from nightcast.room.protocol import SUBPROTOCOL
from nightcast.room.simulation import SimProduct, Simulator, load_profile

_SCOPES = ["room.comment:read"]
_STALLING = 500


@dataclass(frozen=True)
class FanOut:
    """Latency from publish to handler over all plugins but the stalled one; milliseconds."""

    plugins: int
    events_per_s: int
    stalled: int
    stalled_behind: int  #: frames that waited in the hub for the stalled one in the end, or were dropped for it
    delivered: int
    expected: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    hub_cpu: float  #: share of one core


@dataclass(frozen=True)
class Drops:
    """Forced disconnects of one plugin under load."""

    disconnects: int
    class_a_sent: int
    class_a_lost: int
    class_a_twice: int
    resume_p99_ms: float
    resume_max_ms: float


@dataclass(frozen=True)
class Likes:
    """Raw likes folded without loss."""

    per_s: int
    sent: int
    counted: int
    windows: int
    cpu: float  #: share of one core


@dataclass(frozen=True)
class Memory:
    """Growth of the process over a day of a simulated evening, after the first hour."""

    hours: int
    events: int
    growth_mib: float
    cpu_s: float


@dataclass(frozen=True)
class HubFigures:
    fan_out: FanOut
    with_stalled: FanOut
    stalled_moves_p99: float  #: how much one stalled plugin moves the p99 of the others, as a share of it
    drops: Drops
    likes: Likes
    memory: Memory

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def run(
    *,
    seconds: float = 5.0,
    rounds: int = 3,
    plugins: int = 50,
    per_s: int = 200,
    disconnects: int = 1000,
    likes_s: int = 10,
    hours: int = 24,
) -> HubFigures:
    """All figures, one after the other. With and without a stalled plugin in turn, as a machine has its moods; of each
    the round in the middle.
    """
    gc.collect()
    gc.freeze()
    turns = [
        asyncio.run(_fan_out(seconds, stalled=stalled, plugins=plugins, per_s=per_s))
        for _ in range(rounds)
        for stalled in (0, 1)
    ]
    without, beside = (sorted(turns[kind::2], key=lambda turn: turn.p99_ms)[rounds // 2] for kind in (0, 1))
    return HubFigures(
        fan_out=without,
        with_stalled=beside,
        stalled_moves_p99=round(beside.p99_ms / without.p99_ms - 1, 3),
        drops=asyncio.run(_drops(disconnects)),
        likes=_likes(likes_s),
        memory=_memory(hours),
    )


async def _fan_out(seconds: float, *, stalled: int, plugins: int, per_s: int) -> FanOut:
    hub, url, tokens = await _hub([f"p{n}" for n in range(plugins)])
    parent, child = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_listeners, args=(child, url, tokens, stalled))
    process.start()
    await asyncio.to_thread(parent.recv)  # all are identified
    for _ in range(_STALLING if stalled else 0):  # more than all buffers on the way hold; only the stalled one wants it
        hub.publish(ProductListed(product_id="p", title="x" * 20_000))
    cpu_s, begin_s = time.process_time(), time.monotonic()
    count = round(seconds * per_s)
    rng = random.Random(1)
    for number in range(count):
        user = User(ref=f"u{number % 500}", nickname="viewer")
        if rng.random() < 0.05:
            hub.publish(GiftFinal(combo_id=str(time.monotonic_ns()), user=user, gift_id="rose", count=1))
        else:
            hub.publish(Comment(comment_id=str(time.monotonic_ns()), user=user, text="how much is the lantern lamp?"))
        await asyncio.sleep(max(0.0, begin_s + (number + 1) / per_s - time.monotonic()))
    cpu = (time.process_time() - cpu_s) / (time.monotonic() - begin_s)
    await asyncio.sleep(0.5)
    parent.send("report")
    delays_ns: list[int] = await asyncio.to_thread(parent.recv)
    behind = hub.core.behind("p0") if stalled else 0
    process.join(10)
    await hub.stop()
    ordered = sorted(delays_ns)
    return FanOut(
        plugins, per_s, stalled, behind, len(ordered), count * (plugins - stalled),
        _ms(ordered[len(ordered) // 2]), _ms(ordered[int(len(ordered) * 0.99)]), _ms(ordered[-1]), round(cpu, 3),
    )  # fmt: skip


def _listeners(pipe: Connection, url: str, tokens: dict[str, str], stalled: int) -> None:
    asyncio.run(_listen(pipe, url, tokens, stalled))


async def _listen(pipe: Connection, url: str, tokens: dict[str, str], stalled: int) -> None:
    gc.freeze()
    delays_ns: list[int] = []
    ready = asyncio.Semaphore(0)

    def handle(client: LightClient, message: bytes) -> None:
        frame = from_json(message)
        for one in frame["frames"] if frame["op"] == "batch" else (frame,):
            if one["op"] == "event":
                sent_ns = int(one["d"].get("comment_id") or one["d"]["combo_id"])
                delays_ns.append(time.monotonic_ns() - sent_ns)
                client.seen += 1
                if client.seen % 64 == 0:
                    client.send(f'{{"op":"ack","seq":{one["seq"]}}}')
            elif one["op"] == "ready":
                ready.release()

    clients = []
    for number, (name, token) in enumerate(tokens.items()):
        clients.append(await LightClient.connect(url, handle))
        types = ("product.listed",) if number < stalled else ()
        clients[-1].send(_identify_text(name, token, *types))
        await ready.acquire()
    for client in clients[:stalled]:  # never reads: the kernel's buffers fill, then the hub's queue
        if client.transport is not None:
            client.transport.pause_reading()
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    pipe.send(delays_ns)
    for client in clients:
        if client.transport is not None:
            client.transport.abort()


async def _drops(disconnects: int) -> Drops:
    with tempfile.TemporaryDirectory() as folder:
        log = SqliteLog(Path(folder) / "log.db")
        hub, url, tokens = await _hub(["p"], log=log)
        got: list[int] = []
        resumes_s: list[float] = []
        socket, session, epoch = await _opened(url, "p", tokens["p"])
        rng = random.Random(2)
        seq = off = sent = 0
        for _ in range(disconnects):
            for _ in range(rng.randrange(1, 6)):
                sent += 1
                hub.publish(GiftFinal(combo_id=str(sent), user=User(ref="u"), gift_id="rose", count=1))
            upto = sent - rng.randrange(4)
            while len(got) < upto:
                seq, off = await _take_one(socket, got, seq, off)
            socket.transport.abort()  # in the middle: some frames were sent and never read
            begin_s = time.monotonic()
            socket = await _connected(url)
            await socket.recv()
            frame = {"op": "resume", "session": session, "epoch": epoch, "token": tokens["p"], "seq": seq, "off": off}
            await socket.send(json.dumps(frame))
            answer = from_json(await socket.recv())
            if answer["op"] != "resumed":
                raise RuntimeError(f"resume was answered with {answer}")
            resumes_s.append(time.monotonic() - begin_s)
        with contextlib.suppress(TimeoutError):  # what is missing is counted below
            async with asyncio.timeout(10):
                while len(got) < sent:
                    seq, off = await _take_one(socket, got, seq, off)
        socket.transport.abort()
        await hub.stop()
        log.close()
    ordered = sorted(resumes_s)
    lost = sent - len(set(got))
    return Drops(
        disconnects, sent, lost, len(got) - len(set(got)),
        round(ordered[int(len(ordered) * 0.99)] * 1000, 2), round(ordered[-1] * 1000, 2),
    )  # fmt: skip


async def _take_one(socket: ClientConnection, got: list[int], seq: int, off: int) -> tuple[int, int]:
    frame = from_json(await socket.recv())
    for one in frame["frames"] if frame["op"] == "batch" else (frame,):
        if one["op"] == "event" and one["seq"] > seq:
            seq, off = one["seq"], one["off"]
            got.append(int(one["d"]["combo_id"]))
    return seq, off


def _likes(seconds: int, per_s: int = 20_000) -> Likes:
    ids = itertools.count()
    core = HubCore(Grants(), new_id=lambda: str(next(ids)))
    windows: list[LikeWindow] = []

    def observe(event: Event) -> None:
        if isinstance(event.data, LikeWindow):
            windows.append(event.data)

    core.observers.append(observe)
    users = [User(ref=f"u{n}") for n in range(500)]
    cpu_s = time.process_time()
    for number in range(seconds * per_s):
        now_ms = number * 1000 // per_s
        core.ingest([Raw(LikeRaw(user=users[number % 500], count=1), now_ms)], now_ms)
        if number % (per_s // 20) == 0:
            core.tick(now_ms)
    core.tick(seconds * 1000 + 1000)
    cpu = (time.process_time() - cpu_s) / seconds
    return Likes(per_s, seconds * per_s, windows[-1].total, len(windows), round(cpu, 3))


def _memory(hours: int) -> Memory:
    ids = itertools.count()
    grants = Grants()
    with tempfile.TemporaryDirectory() as folder:
        log = SqliteLog(Path(folder) / "log.db")
        core = HubCore(grants, new_id=lambda: str(next(ids)), log=log)
        grants.allow("p", _SCOPES)
        conn = core.connect(0)
        frame = {"op": "identify", "proto": 1, "plugin": {"id": "p"}, "token": grants.issue("p"), "scopes": _SCOPES,
                 "subs": [{"type": "*"}]}  # fmt: skip
        core.receive(conn, json.dumps(frame), 0)
        products = [SimProduct(f"p{n}", f"Product {n}", f"产品{n}", n, 9_900) for n in range(1, 11)]
        audience = Simulator(load_profile("evening"), products, seed=1, start_ms=0)
        events = after_warm_up = 0
        cpu_s = time.process_time()
        for now_ms in range(0, hours * 3_600_000, 500):
            core.ingest(audience.until(now_ms), now_ms)
            core.tick(now_ms)
            for text in core.take(conn, now_ms):
                frames = from_json(text)
                if "seq" in frames and frames["op"] == "event":
                    events += 1
                    core.receive(conn, f'{{"op":"ack","seq":{frames["seq"]}}}', now_ms)
            core.notices.clear()
            if now_ms == 3_600_000:
                after_warm_up = _resident_kib()
        growth_mib = (_resident_kib() - after_warm_up) / 1024
        log.close()
    return Memory(hours, events, round(growth_mib, 1), round(time.process_time() - cpu_s, 1))


def _resident_kib() -> int:
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not Linux: the peak is the next best
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


async def _hub(names: list[str], log: SqliteLog | None = None) -> tuple[Hub, str, dict[str, str]]:
    grants = Grants()
    ids = itertools.count()
    hub = Hub(HubCore(grants, new_id=lambda: str(next(ids)), log=log))
    for name in names:
        grants.allow(name, _SCOPES)
    return hub, await hub.start(), {name: grants.issue(name) for name in names}


async def _connected(url: str) -> ClientConnection:
    return await connect(
        url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, ping_interval=None, proxy=None, max_size=2**24
    )


async def _opened(url: str, name: str, token: str) -> tuple[ClientConnection, str, str]:
    socket = await _connected(url)
    epoch = from_json(await socket.recv())["epoch"]
    await socket.send(_identify_text(name, token))
    ready = from_json(await socket.recv())
    return socket, ready["session"], epoch


def _identify_text(name: str, token: str, *types: str) -> str:
    subs = [{"type": kind} for kind in ("comment.new", "gift.final", *types)]
    frame = {"op": "identify", "proto": 1, "plugin": {"id": name}, "token": token, "scopes": _SCOPES, "subs": subs,
             "features": ["batch"]}  # fmt: skip
    return json.dumps(frame)


def _ms(nanoseconds: float) -> float:
    return round(nanoseconds / 1e6, 2)
