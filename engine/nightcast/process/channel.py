"""Messages between our processes: newline-delimited JSON over a Unix-domain socket.

Each message is a pydantic model with a `kind`. A client says its name first (`Hello`) and reconnects by
itself. The pure core (`encode`, `Inbox`) is apart from the three shells: `Server` (asyncio, the director's
side), `Client` (polled from a loop that must not block) and `AsyncClient`. Buffers are bounded everywhere; a
line that cannot be read is reported with its data and dropped, and the channel goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from nightcast.process.backoff import Backoff
from nightcast.process.errors import (
    AddressInUse,
    AddressTooLong,
    ChannelError,
    InvalidMessage,
    LineTooLong,
    TornLine,
)

log = logging.getLogger(__name__)

M = TypeVar("M")
OnError = Callable[[ChannelError], None]
Greeting = Callable[[], Iterable[BaseModel]]

MAX_LINE = 1 << 20  # bytes; a spoken line with its visemes is some 20 KB
MAX_UNSENT = 8 << 20  # bytes a peer may leave unread before it is cut off
_PATH_LIMIT = 103  # bytes; sun_path is 104 on macOS, 108 on Linux, both with a closing zero
_CHUNK = 1 << 16
_CHUNKS_PER_POLL = 32  # a flood is taken in turns, so that the caller's loop goes on


class Hello(BaseModel):
    """The first line of every client."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["hello"] = "hello"
    name: str
    pid: int


@dataclass(frozen=True)
class Joined:
    """A client is here, for the first time or again: tell it what it must know."""

    pid: int


@dataclass(frozen=True)
class Left:
    """The client with this pid is gone."""

    pid: int


# --- the pure core --------------------------------------------------------------------------------


def encode(message: BaseModel) -> bytes:
    """One line, closed by a newline. JSON escapes newlines inside strings, so the line is whole."""
    return message.model_dump_json().encode() + b"\n"


class Inbox(Generic[M]):
    """Turns the bytes of one connection into messages. `feed` returns what became whole, in order."""

    def __init__(self, messages: TypeAdapter[M], max_line: int = MAX_LINE) -> None:
        self._messages = messages
        self._max_line = max_line
        self._pending = bytearray()
        self._skipping = False  # inside a line that is too long, until its newline

    def feed(self, data: bytes) -> list[M | ChannelError]:
        out: list[M | ChannelError] = []
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._pending += end
            if not self._skipping:
                out.append(self._decode(bytes(self._pending)))
            self._pending.clear()
            self._skipping = False
        if self._skipping:
            return out
        self._pending += rest
        if len(self._pending) > self._max_line:
            out.append(LineTooLong(bytes(self._pending[:256]), self._max_line))
            self._pending.clear()
            self._skipping = True
        return out

    def end(self) -> TornLine | None:
        """The connection closed: what was left of a line, if anything."""
        torn = TornLine(bytes(self._pending)) if self._pending else None
        self._pending.clear()
        return torn

    def _decode(self, line: bytes) -> M | ChannelError:
        if len(line) > self._max_line:
            return LineTooLong(line[:256], self._max_line)
        try:
            return self._messages.validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return InvalidMessage(line, f"{where}: {first['msg']}" if where else first["msg"])


class _Outbox:
    """Lines waiting for the peer. Survives a reconnect: a line that was cut is sent again whole.

    Beyond `max_bytes` the oldest lines go first, for news is worth more than history.
    """

    def __init__(self, max_bytes: int = MAX_UNSENT) -> None:
        self._lines: deque[bytes] = deque()
        self._sent_of_first = 0
        self._size = 0
        self._max_bytes = max_bytes
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        while self._size > self._max_bytes and len(self._lines) > 1 and self._sent_of_first == 0:
            self._size -= len(self._lines.popleft())
            self.dropped += 1

    def put_first(self, lines: list[bytes]) -> None:
        self._sent_of_first = 0
        self._lines.extendleft(reversed(lines))
        self._size += sum(map(len, lines))

    def flush(self, sock: socket.socket) -> None:
        """Send what the socket takes now. Raises OSError when the peer is gone."""
        while self._lines:
            try:
                sent = sock.send(memoryview(self._lines[0])[self._sent_of_first :])
            except BlockingIOError:
                return
            self._sent_of_first += sent
            if self._sent_of_first == len(self._lines[0]):
                self._size -= len(self._lines.popleft())
                self._sent_of_first = 0


def _log_error(error: ChannelError) -> None:
    log.warning("%s", error)


def _check_path(path: Path) -> None:
    if len(os.fsencode(path)) > _PATH_LIMIT:
        raise AddressTooLong(path, _PATH_LIMIT)


# --- the director's side --------------------------------------------------------------------------

_HELLO = TypeAdapter(Hello)


@dataclass
class _Peer:
    name: str
    pid: int
    writer: asyncio.StreamWriter


class Server:
    """Listens for named clients. `incoming` says which names may come and what each may say.

    Iterate over it for `(name, message)`, where a message is a model of that client's union, or `Joined` or
    `Left`. A client that comes again under a name replaces the old one. Reading stops while the iterator is
    `backlog` messages behind, so a flood stays in the sender.
    """

    def __init__(
        self,
        path: Path,
        incoming: Mapping[str, TypeAdapter[Any]],
        *,
        on_error: OnError = _log_error,
        backlog: int = 1024,
    ) -> None:
        _check_path(path)
        self._path = path
        self._incoming = incoming
        self._on_error = on_error
        self._queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(backlog)
        self._peers: dict[str, _Peer] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. A dead server's leftover is replaced; raises AddressInUse when a live one answers there."""
        if self._path.exists():
            try:
                _, writer = await asyncio.open_unix_connection(self._path)
            except OSError:
                self._path.unlink(missing_ok=True)
            else:
                writer.close()
                raise AddressInUse(self._path)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
        self._path.chmod(0o600)

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def clients(self) -> frozenset[str]:
        return frozenset(self._peers)

    def send(self, name: str, message: BaseModel) -> bool:
        """Queue a message; False when there is no such client. One that does not read is cut off."""
        peer = self._peers.get(name)
        if peer is None or peer.writer.is_closing():
            return False
        if peer.writer.transport.get_write_buffer_size() > MAX_UNSENT:
            log.warning("%s left %d bytes unread; cutting it off", name, MAX_UNSENT)
            peer.writer.transport.abort()
            return False
        peer.writer.write(encode(message))
        return True

    async def __aiter__(self) -> AsyncIterator[tuple[str, Any]]:
        while True:
            yield await self._queue.get()

    async def close(self) -> None:
        """Stop listening, say what is still queued, let go of every client."""
        if self._server is None:
            return
        self._server.close()
        for peer in list(self._peers.values()):
            peer.writer.close()
        self._peers.clear()
        # Their connections are closed, so these end by themselves; the loop must not close over them.
        if self._serving:
            await asyncio.wait(self._serving, timeout=1.0)
        self._path.unlink(missing_ok=True)
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            hello = await self._hello(reader)
            if hello is None:
                return
            peer = _Peer(hello.name, hello.pid, writer)
            old = self._peers.get(peer.name)
            self._peers[peer.name] = peer
            if old is not None:
                old.writer.transport.abort()
            await self._queue.put((peer.name, Joined(peer.pid)))
            await self._read(peer.name, reader)
            if self._peers.get(peer.name) is peer:
                del self._peers[peer.name]
                await self._queue.put((peer.name, Left(peer.pid)))
        finally:
            writer.close()

    async def _hello(self, reader: asyncio.StreamReader) -> Hello | None:
        try:
            line = await reader.readline()
        except (ValueError, OSError):
            return None
        if not line:
            return None
        first = Inbox(_HELLO).feed(line)
        if not first or isinstance(first[0], ChannelError):
            self._on_error(first[0] if first and isinstance(first[0], ChannelError) else TornLine(line))
            return None
        if first[0].name not in self._incoming:
            self._on_error(InvalidMessage(line, f"no client named {first[0].name!r} is expected here"))
            return None
        return first[0]

    async def _read(self, name: str, reader: asyncio.StreamReader) -> None:
        inbox: Inbox[Any] = Inbox(self._incoming[name])
        with contextlib.suppress(OSError):  # a peer that is gone ends the reading, however it went
            while data := await reader.read(_CHUNK):
                for item in inbox.feed(data):
                    if isinstance(item, ChannelError):
                        self._on_error(item)
                    else:
                        await self._queue.put((name, item))
        if torn := inbox.end():
            self._on_error(torn)


# --- the children's side --------------------------------------------------------------------------


class Client(Generic[M]):
    """For a single-threaded loop that must not block: call `poll` once per turn; it also connects and sends.

    `greeting` is asked on each connection for what the server must hear first, before anything still unsent.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        incoming: TypeAdapter[M],
        *,
        greeting: Greeting = tuple,
        on_error: OnError = _log_error,
        monotonic: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        _check_path(path)
        self._path = path
        self._name = name
        self._incoming = incoming
        self._greeting = greeting
        self._on_error = on_error
        self._monotonic = monotonic
        self._backoff = Backoff(random or Random(), first_s=0.05, cap_s=1.0)
        self._retry_at_s = 0.0
        self._socket: socket.socket | None = None
        self._inbox: Inbox[M] = Inbox(incoming)
        self._outbox = _Outbox()

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def fileno(self) -> int | None:
        """For `select`; None while there is no connection."""
        return self._socket.fileno() if self._socket else None

    def send(self, message: BaseModel) -> None:
        """Queue a message. While the server is away the newest ones are kept and sent when it is back."""
        self._outbox.put(encode(message))
        if self._socket is not None:
            self._flush(self._socket)

    def poll(self) -> list[M]:
        """What has arrived, without waiting."""
        sock = self._socket or self._connect()
        if sock is None or not self._flush(sock):
            return []
        messages: list[M] = []
        try:
            for _ in range(_CHUNKS_PER_POLL):
                data = sock.recv(_CHUNK)
                if not data:
                    break
                for item in self._inbox.feed(data):
                    if isinstance(item, ChannelError):
                        self._on_error(item)
                    else:
                        messages.append(item)
            else:
                return messages
        except BlockingIOError:
            return messages
        except OSError as error:
            log.debug("%s: %s", self._path, error)
        self._lost()
        return messages

    def close(self) -> None:
        """Send what the socket still takes, then let go."""
        if self._socket is not None and self._flush(self._socket):
            self._socket.close()
        self._socket = None

    def _connect(self) -> socket.socket | None:
        now_s = self._monotonic()
        if now_s < self._retry_at_s:
            return None
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.connect(os.fspath(self._path))
        except OSError:
            sock.close()
            self._retry_at_s = now_s + self._backoff.next_s()
            return None
        self._backoff.succeeded()
        self._socket = sock
        first: list[BaseModel] = [Hello(name=self._name, pid=os.getpid()), *self._greeting()]
        self._outbox.put_first([encode(message) for message in first])
        return sock

    def _flush(self, sock: socket.socket) -> bool:
        try:
            self._outbox.flush(sock)
        except OSError:
            self._lost()
            return False
        return True

    def _lost(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if torn := self._inbox.end():
            self._on_error(torn)
        self._retry_at_s = self._monotonic() + self._backoff.next_s()


class AsyncClient(Generic[M]):
    """The same for an asyncio program: iterate for messages; it connects again by itself, forever."""

    def __init__(self, path: Path, name: str, incoming: TypeAdapter[M], **options: Any) -> None:
        self._client: Client[M] = Client(path, name, incoming, **options)
        self._wake = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._client.connected

    def send(self, message: BaseModel) -> None:
        self._client.send(message)
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[M]:
        while True:
            for message in self._client.poll():
                yield message
            await self._readable()

    async def _readable(self) -> None:
        """Wait until the socket has something for us, or something unsent or unconnected wants care."""
        self._wake.clear()
        loop = asyncio.get_running_loop()
        fd = self._client.fileno()
        if fd is not None:
            loop.add_reader(fd, self._wake.set)
        try:
            # Without a socket this is the pace of reconnecting; with one, the pace of draining a full socket.
            async with asyncio.timeout(0.05 if fd is None else 0.5):
                await self._wake.wait()
        except TimeoutError:
            pass
        finally:
            if fd is not None:
                loop.remove_reader(fd)

    def close(self) -> None:
        self._client.close()
