"""A hub killed in the middle, again and again: no class A event that it had taken is lost, and none comes twice."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from functools import partial
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from nightcast.room.grants import Grants
from nightcast.room.protocol import SUBPROTOCOL

ENGINE = Path(__file__).parents[2] / "engine"
KILLS = 4

HUB = f"""
import asyncio, itertools, secrets, sys
from pathlib import Path
sys.path.insert(0, {str(ENGINE)!r})
from nightcast.room.core import HubCore
from nightcast.room.events import GiftFinal, User
from nightcast.room.grants import Grants
from nightcast.room.hub import Hub
from nightcast.room.log import SqliteLog

async def main(folder, port, first):
    log, grants = SqliteLog(folder / "room.db"), Grants(folder / "grants.json")
    hub = Hub(HubCore(grants, new_id=lambda: secrets.token_hex(8), log=log))
    await hub.start(port=port)
    for number in itertools.count(first):
        hub.publish(GiftFinal(combo_id=f"k{{number}}", user=User(ref="u"), gift_id="rose", count=number))
        print(number, flush=True)  # taken: from here on it may not be lost
        await asyncio.sleep(0.002)

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
"""


class Reader:
    """A plugin that never dies: it resumes with what it has seen."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._session: str | None = None
        self._seq = self._off = 0
        self.counts: list[int] = []

    def has(self, count: int) -> bool:
        return bool(self.counts) and self.counts[-1] >= count

    async def read_on(self) -> None:
        while True:
            try:
                async with connect(self._url, subprotocols=[SUBPROTOCOL], compression=None, proxy=None) as ws:
                    await self._converse(ws)
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                await asyncio.sleep(0.02)

    async def _converse(self, ws) -> None:
        hello = json.loads(await ws.recv())
        if self._session is None:
            first = {"op": "identify", "plugin": {"id": "p"}, "subs": [{"type": "gift.final"}]}
        else:
            first = {
                "op": "resume",
                "session": self._session,
                "epoch": hello["epoch"],
                "seq": self._seq,
                "off": self._off,
            }
        await ws.send(json.dumps({**first, "proto": 1, "token": self._token}))
        while True:
            frame = json.loads(await ws.recv())
            for one in frame["frames"] if frame["op"] == "batch" else (frame,):
                if one["op"] == "ready":
                    self._session = one["session"]
                elif one["op"] == "event":
                    assert one["seq"] == self._seq + 1
                    self._seq, self._off = one["seq"], one["off"]
                    self.counts.append(one["d"]["count"])
            if len(self.counts) % 50 == 0:
                await ws.send(json.dumps({"op": "ack", "seq": self._seq}))


@pytest.mark.slow
async def test_no_event_that_was_taken_is_lost_in_a_kill(tmp_path: Path, until) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    grants = Grants(tmp_path / "grants.json")
    grants.allow("p", [])
    reader = Reader(f"ws://127.0.0.1:{port}/plugin/v1", grants.issue("p"))
    reading = asyncio.create_task(reader.read_on())
    rng = random.Random(4)
    taken: list[int] = []
    last = 0
    for life in range(KILLS + 1):
        argv = [
            sys.executable,
            "-c",
            HUB,
            str(tmp_path),
            str(port),
            str(len(taken) + 1 if not taken else taken[-1] + 2),
        ]
        hub = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
        assert hub.stdout is not None
        seen_before = len(reader.counts)
        enough = rng.randrange(40, 160)
        async with asyncio.timeout(60):
            while enough > 0 or len(reader.counts) == seen_before:
                taken.append(int(await hub.stdout.readline()))
                enough -= 1
        if life == KILLS:
            last = taken[-1]
            await until(partial(reader.has, last))
        hub.kill()
        taken += [int(line) for line in (await hub.stdout.read()).split(b"\n")[:-1]]
        await hub.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    owed = {n for n in taken if reader.counts[0] <= n <= reader.counts[-1]}  # since the session was opened
    assert owed - set(reader.counts) == set()
    assert reader.counts[-1] >= last
    assert len(reader.counts) == len(set(reader.counts))
    assert reader.counts == sorted(reader.counts)
