"""Streaming to one RTMP or RTMPS server. The stream key stays in its URL: no log or report shows it.

FFmpeg makes the FLV, the protocol is `rtmp_protocol`, the socket is ours: so we see how much the peer has
acknowledged, and a peer that takes nothing is found out in seconds instead of when the kernel's buffers are
full.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import select
import socket
import ssl
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlsplit

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.errors import OutputError
from nightcast.air.messages import RtmpSpec
from nightcast.air.outputs.muxed import MuxedSink
from nightcast.air.outputs.rtmp_protocol import FlvTags, Publisher, Refused
from nightcast.show.fields import Text
from nightcast.show.system import refusal

CONNECT_TIMEOUT_S = 5.0  # for the connection, and again for the dialogue up to the first picture
STALL_S = 4.0  # a peer that acknowledges nothing for so long is gone
_KERNEL_BUFFER = 256 << 10  # bytes, under a second of programme
_MAX_WAITING = 512 << 10  # bytes of ours beyond the kernel's; then a write waits
_TURN_S = 0.1


@dataclass(frozen=True)
class RtmpUrl:
    """An RTMP address in its parts. `app` is all of the path but its last part, which is the key."""

    scheme: str
    host: str
    port: int
    app: str
    key: str

    @classmethod
    def parse(cls, url: str) -> RtmpUrl:
        parts = urlsplit(url)
        app, _, key = parts.path.strip("/").rpartition("/")
        if not parts.hostname or not app or not key:
            raise ValueError("an RTMP URL reads rtmp://host[:port]/application/stream-key")
        try:
            parts.hostname.encode("idna")
        except UnicodeError:
            raise ValueError(f"{parts.hostname!r} cannot be the name of a server") from None
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "rtmps" else 1935),
            app=app,
            key=f"{key}?{parts.query}" if parts.query else key,
        )

    @property
    def server(self) -> str:
        """Where it goes, without the key."""
        return f"{self.scheme}://{self.host}:{self.port}/{self.app}"


class Connection:
    """A socket to an RTMP server, and a publisher's dialogue. Used by one thread, `interrupt` by any."""

    def __init__(
        self,
        output_id: str,
        url: RtmpUrl,
        tls: ssl.SSLContext | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect and publish. Raises OutputError."""
        self._id = output_id
        self._monotonic = monotonic
        self._interrupted = threading.Event()
        self._publisher = Publisher(url.app, url.server, url.key, os.urandom(1528))
        self._waiting = bytearray()
        self._sent = 0
        self.acknowledged = 0
        self._moved_s = monotonic()
        self._socket = self._connect(url, tls)
        deadline_s = monotonic() + CONNECT_TIMEOUT_S
        try:
            while not self._publisher.ready:
                if monotonic() > deadline_s:
                    raise OutputError(
                        output_id,
                        Text(
                            en=f"{url.server} does not answer as an RTMP server",
                            zh=f"{url.server} 没有按 RTMP 协议应答",
                        ),
                    )
                self._turn(_TURN_S)
        except Exception:
            self._socket.close()
            raise

    def publish(self, kind: int, timestamp_ms: int, payload: bytes) -> None:
        """Send a tag; waits only while far too much is waiting. Raises OutputError, above all on a stall."""
        self._publisher.publish(kind, timestamp_ms, payload)
        self._turn(0)
        while len(self._waiting) > _MAX_WAITING:
            self._turn(_TURN_S)

    def finish(self) -> None:
        """Say goodbye and let all that waits go out. Raises OutputError."""
        self._publisher.finish()
        self._turn(0)
        while self._waiting:
            self._turn(_TURN_S)
        self.close()

    def close(self) -> None:
        self._socket.close()

    def interrupt(self) -> None:
        self._interrupted.set()

    def _connect(self, url: RtmpUrl, tls: ssl.SSLContext | None) -> socket.socket:
        where = f"{url.host}:{url.port}"
        try:
            sock = socket.create_connection((url.host, url.port), CONNECT_TIMEOUT_S)
        except OSError as error:
            why = refusal(error)
            raise OutputError(
                self._id, Text(en=f"cannot reach {where}: {why.en}", zh=f"连不上 {where}：{why.zh}")
            ) from error
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                sock = tls.wrap_socket(sock, server_hostname=url.host)
        except OSError as error:
            sock.close()
            raise OutputError(
                self._id,
                Text(en=f"no secure connection to {where}: {error}", zh=f"无法与 {where} 建立安全连接：{error}"),
            ) from error
        sock.setblocking(False)
        return sock

    def _turn(self, wait_s: float) -> None:
        """Receive, send, and judge progress; wait at most so long for the socket first."""
        if self._interrupted.is_set():
            raise OutputError(self._id, Text(en="it was interrupted", zh="已被中断"))
        self._waiting += self._publisher.take_output()
        if wait_s:
            select.select([self._socket], [self._socket] if self._waiting else [], [], wait_s)
        try:
            self._receive()
            self._send()
        except Refused as error:
            raise OutputError(
                self._id, Text(en=f"the server refused the stream: {error}", zh=f"服务器拒绝了推流：{error}")
            ) from None
        except OSError as error:
            raise OutputError(self._id, refusal(error)) from error
        self._judge()

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while True:
                data = self._socket.recv(1 << 16)
                if not data:
                    raise OutputError(self._id, Text(en="the server closed the connection", zh="服务器断开了连接"))
                self._publisher.receive(data)
                self._waiting += self._publisher.take_output()

    def _send(self) -> None:
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self._waiting:
                count = self._socket.send(self._waiting[: 1 << 16])
                del self._waiting[:count]
                self._sent += count

    def _judge(self) -> None:
        unacknowledged = _unacknowledged(self._socket)
        now_s = self._monotonic()
        if self._sent - unacknowledged > self.acknowledged or not (unacknowledged or self._waiting):
            self.acknowledged = max(self.acknowledged, self._sent - unacknowledged)
            self._moved_s = now_s
        if now_s - self._moved_s > STALL_S:
            raise OutputError(
                self._id,
                Text(
                    en=f"the server has taken nothing for {STALL_S:.0f} s",
                    zh=f"服务器 {STALL_S:.0f} 秒没有接收数据",
                ),
            )


def _unacknowledged(sock: socket.socket) -> int:
    """Bytes the kernel holds because the peer has not acknowledged them. 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    # SIOCOUTQ is TIOCOUTQ, see tcp(7).
    return int(struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0])


class _TagWriter(io.RawIOBase):
    """What FFmpeg writes its FLV to."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._tags = FlvTags()
        self.error: OutputError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        try:
            for kind, timestamp_ms, payload in self._tags.feed(bytes(data)):
                self._connection.publish(kind, timestamp_ms, payload)
        except OutputError as error:
            self.error = error  # it would not survive its way through FFmpeg
            raise OSError(error.reason.en) from error
        return len(data)


class RtmpSink(MuxedSink):
    def __init__(self, spec: RtmpSpec, metadata: Mapping[str, str], tls: ssl.SSLContext | None = None) -> None:
        """tls: for RTMPS; by default the certificate is verified against the system's authorities."""
        try:
            self._url = RtmpUrl.parse(spec.url)
        except ValueError as error:
            raise OutputError(spec.id, Text.model_validate(str(error))) from None
        self._tls = (tls or ssl.create_default_context()) if self._url.scheme == "rtmps" else None
        self._connection: Connection | None = None
        self._writer: _TagWriter | None = None
        options = {"flvflags": "no_duration_filesize", "flush_packets": "1"}
        super().__init__(spec.id, None, "flv", options, metadata)

    def open(self, encoder: Encoder) -> None:
        self._connection = Connection(self._name, self._url, self._tls)
        self._writer = self._target = _TagWriter(self._connection)
        with self._own_errors():
            super().open(encoder)

    def write(self, packet: Packet, shift_s: Fraction) -> None:
        with self._own_errors():
            super().write(packet, shift_s)

    def close(self) -> None:
        with self._own_errors():
            super().close()
        if self._connection:
            self._connection.finish()

    def interrupt(self) -> None:
        if self._connection:
            self._connection.interrupt()

    def abort(self) -> None:
        super().abort()
        if self._connection:
            self._connection.close()

    def sent_bytes(self) -> int:
        return self._connection.acknowledged if self._connection else 0

    @contextlib.contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except OutputError:
            if self._writer and self._writer.error:
                raise self._writer.error from None
            raise
