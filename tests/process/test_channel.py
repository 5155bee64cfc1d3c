"""The channel between processes: its framing, its server and both clients, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter

from nightcast.process.channel import AsyncClient, Client, Inbox, Joined, Left, Server, encode
from nightcast.process.errors import AddressInUse, AddressTooLong, ChannelError, InvalidMessage, LineTooLong


class Say(BaseModel):
    kind: Literal["say"] = "say"
    text: str


class Count(BaseModel):
    kind: Literal["count"] = "count"
    n: int


ADAPTER: TypeAdapter[Any] = TypeAdapter(Annotated[Say | Count, Field(discriminator="kind")])


@settings(max_examples=60)
@given(texts=st.lists(st.text(max_size=40), max_size=8), sizes=st.lists(st.integers(1, 30), min_size=1))
def test_messages_survive_any_cutting_of_the_stream(texts: list[str], sizes: list[int]) -> None:
    stream = b"".join(encode(Say(text=text)) for text in texts)
    inbox = Inbox(ADAPTER)
    got: list[Any] = []
    i = 0
    while stream:
        size = sizes[i % len(sizes)]
        got += inbox.feed(stream[:size])
        stream, i = stream[size:], i + 1
    assert [message.text for message in got] == texts
    assert inbox.end() is None


def test_an_invalid_line_is_reported_with_its_data_and_the_next_is_read() -> None:
    inbox = Inbox(ADAPTER)
    bad, good = inbox.feed(b'{"kind":"count","n":"many"}\n' + encode(Count(n=3)))
    assert isinstance(bad, InvalidMessage)
    assert bad.line == b'{"kind":"count","n":"many"}'
    assert "count.n" in str(bad)
    assert good == Count(n=3)


def test_a_line_without_end_is_dropped_once_and_the_next_is_read() -> None:
    inbox = Inbox(ADAPTER, max_line=100)
    items = inbox.feed(b"x" * 300) + inbox.feed(b"x" * 300) + inbox.feed(b"x\n" + encode(Count(n=1)))
    assert isinstance(items[0], LineTooLong)
    assert items[1:] == [Count(n=1)]


def test_a_torn_line_is_reported_at_the_end() -> None:
    inbox = Inbox(ADAPTER)
    assert inbox.feed(b'{"kind":"sa') == []
    torn = inbox.end()
    assert torn is not None
    assert torn.line == b'{"kind":"sa'


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("c") / "s"


class Now:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


async def next_of(server: Server) -> tuple[str, Any]:
    async with asyncio.timeout(5):
        async for item in server:
            return item
    raise AssertionError


async def poll_until(client: Client[Any], count: int) -> list[Any]:
    got: list[Any] = []
    async with asyncio.timeout(5):
        while len(got) < count:
            got += client.poll()
            await asyncio.sleep(0)
    return got


async def test_messages_pass_both_ways_and_a_client_is_announced(path: Path) -> None:
    async with Server(path, {"stage": ADAPTER}) as server:
        client = Client(path, "stage", ADAPTER)
        client.send(Say(text="早上好\n"))
        client.poll()
        assert isinstance((await next_of(server))[1], Joined)
        assert await next_of(server) == ("stage", Say(text="早上好\n"))
        assert server.send("stage", Count(n=7))
        assert not server.send("air", Count(n=7))
        assert await poll_until(client, 1) == [Count(n=7)]
        client.close()
        assert isinstance((await next_of(server))[1], Left)
        assert server.clients == frozenset()


async def test_a_client_outlives_its_server_and_greets_the_next_one_first(path: Path) -> None:
    now = Now()
    client = Client(path, "air", ADAPTER, greeting=lambda: [Say(text="state")], monotonic=now, random=Random(1))
    client.send(Count(n=1))
    assert client.poll() == []
    assert not client.connected
    async with Server(path, {"air": ADAPTER}) as server:
        client.poll()
        assert not client.connected, "it must wait before it tries again"
        now.s += 10
        client.poll()
        assert [(await next_of(server))[1] for _ in range(3)][1:] == [Say(text="state"), Count(n=1)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        while client.connected:
            client.poll()
            await asyncio.sleep(0)
    async with Server(path, {"air": ADAPTER}) as server:
        now.s += 10
        client.send(Count(n=2))
        client.poll()
        assert [(await next_of(server))[1] for _ in range(3)][1:] == [Say(text="state"), Count(n=2)]
        client.close()


async def test_a_client_that_comes_again_replaces_the_old_one(path: Path) -> None:
    async with Server(path, {"voice": ADAPTER}) as server:
        old, new = Client(path, "voice", ADAPTER), Client(path, "voice", ADAPTER)
        old.poll()
        await next_of(server)
        new.poll()
        assert isinstance((await next_of(server))[1], Joined)
        server.send("voice", Count(n=1))
        assert await poll_until(new, 1) == [Count(n=1)]
        async with asyncio.timeout(5):
            while old.connected:
                old.poll()
                await asyncio.sleep(0)
        assert server.clients == {"voice"}
        new.close()


async def test_a_bad_message_is_reported_and_the_connection_stays(path: Path) -> None:
    errors: list[ChannelError] = []
    async with Server(path, {"air": ADAPTER}, on_error=errors.append) as server:
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(json.dumps({"kind": "hello", "name": "air", "pid": 1}).encode() + b"\n")
        writer.write(b"\xff\xfe nonsense\n" + encode(Count(n=5)))
        assert await next_of(server) == ("air", Joined(1))
        assert await next_of(server) == ("air", Count(n=5))
        assert [type(error) for error in errors] == [InvalidMessage]
        writer.close()


async def test_a_stranger_is_turned_away(path: Path) -> None:
    errors: list[ChannelError] = []
    async with Server(path, {"air": ADAPTER}, on_error=errors.append) as server:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(json.dumps({"kind": "hello", "name": "mallory", "pid": 1}).encode() + b"\n")
        assert await reader.read() == b""
        assert "mallory" in str(errors[0])
        assert server.clients == frozenset()
        writer.close()


async def test_a_client_that_does_not_read_is_cut_off(path: Path) -> None:
    async with Server(path, {"air": ADAPTER}) as server:
        client = Client(path, "air", ADAPTER)
        client.poll()
        await next_of(server)
        sent = 0
        while server.send("air", Say(text="x" * 100_000)):
            sent += 1
            assert sent < 1000
        assert isinstance((await next_of(server))[1], Left)
        client.close()


async def test_the_async_client_reconnects_by_itself(path: Path) -> None:
    client = AsyncClient(path, "voice", ADAPTER, random=Random(1))
    got: list[Any] = []

    async def listen() -> None:
        async for message in client:
            got.append(message)

    listening = asyncio.create_task(listen())
    for n in (1, 2):
        async with Server(path, {"voice": ADAPTER}) as server:
            assert isinstance((await next_of(server))[1], Joined)
            server.send("voice", Count(n=n))
            client.send(Count(n=-n))
            assert await next_of(server) == ("voice", Count(n=-n))
            async with asyncio.timeout(5):
                while len(got) < n:
                    await asyncio.sleep(0.001)
    assert got == [Count(n=1), Count(n=2)]
    listening.cancel()
    client.close()


async def test_a_dead_servers_socket_is_replaced_and_a_live_ones_is_not(path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    async with Server(path, {}):
        with pytest.raises(AddressInUse):
            await Server(path, {}).start()


def test_a_path_too_long_for_a_socket_is_said_so() -> None:
    with pytest.raises(AddressTooLong, match="shorter run directory"):
        Server(Path("/tmp") / ("x" * 120), {})
