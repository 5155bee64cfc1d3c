"""Carries one RTMP connection between FFmpeg, on loopback, and the server, over a socket that is ours.

FFmpeg speaks RTMP well but hides its socket, and on a stalled peer it blocks for as long as the kernel's
buffers last. Here the socket to the server is in our hands: we see how many bytes the peer has acknowledged
(SIOCOUTQ), keep the kernel's buffer small, verify TLS certificates, and cut both sides when nothing has moved
for some seconds, which ends FFmpeg's wait with an error.
"""

from __future__ import annotations

import contextlib
import fcntl
import selectors
import socket
import ssl
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable

from nightcast.air.errors import OutputError

CONNECT_TIMEOUT_S = 5.0
HANDSHAKE_TIMEOUT_S = 5.0
STALL_S = 4.0  # a peer that acknowledges nothing for so long is gone
_KERNEL_BUFFER = 256 << 10  # bytes, under a second of programme
_CHUNK = 64 << 10
_TURN_S = 0.25  # how often progress is judged


def unacknowledged(sock: socket.socket) -> int:
    """Bytes the kernel holds because the peer has not acknowledged them. 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    # SIOCOUTQ is TIOCOUTQ, see tcp(7).
    return int(struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0])


class Relay:
    """One connection. FFmpeg connects to `port`, once; `acknowledged` counts what the server has taken."""

    def __init__(
        self,
        output_id: str,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._id = output_id
        self._monotonic = monotonic
        self.acknowledged = 0
        self.failure: str | None = None  #: why the relay cut the connection, for a person
        self.expect_handshake = True  #: until told otherwise FFmpeg waits for the server
        self._closing = threading.Event()
        self._remote = self._connect(host, port, tls)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(HANDSHAKE_TIMEOUT_S)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name=f"relay-{output_id}", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Close both sides soon. FFmpeg, if it still writes, gets an error."""
        self._closing.set()

    def close(self, wait_s: float = 0.0) -> None:
        """Give what FFmpeg wrote before it closed `wait_s` to go out, then cut; wait for the thread."""
        self._thread.join(wait_s)
        self.cut()
        self._thread.join()

    def _connect(self, host: str, port: int, tls: ssl.SSLContext | None) -> socket.socket:
        try:
            sock = socket.create_connection((host, port), CONNECT_TIMEOUT_S)
        except OSError as error:
            reason = error.strerror or str(error) or "no answer"
            raise OutputError(self._id, f"cannot reach {host}:{port}: {reason}") from error
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                sock = tls.wrap_socket(sock, server_hostname=host)
        except OSError as error:
            sock.close()
            raise OutputError(self._id, f"no secure connection to {host}:{port}: {error}") from error
        sock.setblocking(False)
        return sock

    def _run(self) -> None:
        with self._remote, self._listener:
            try:
                local, _ = self._listener.accept()
            except OSError:
                self.failure = "the stream was not started"
                return
            self._listener.close()
            with local:
                local.setblocking(False)
                try:
                    self._pump(local)
                except OSError as error:
                    self.failure = self.failure or error.strerror or str(error)

    def _pump(self, local: socket.socket) -> None:
        to_remote, to_local = bytearray(), bytearray()
        sent = 0
        more = True  # FFmpeg has not closed
        moved_s = opened_s = self._monotonic()
        with selectors.DefaultSelector() as selector:
            while not self._closing.is_set() and (more or to_remote):
                room = more and len(to_remote) < _KERNEL_BUFFER
                _watch(selector, local, read=room, write=more and bool(to_local))
                _watch(selector, self._remote, read=True, write=bool(to_remote))
                selector.select(_TURN_S)
                if room:
                    more = _receive(local, to_remote)
                if not _receive(self._remote, to_local):
                    self.failure = "the server closed the connection"
                    return
                sent += _send(self._remote, to_remote)
                if more:
                    _send(local, to_local)

                now_s = self._monotonic()
                waiting = unacknowledged(self._remote)
                if sent - waiting > self.acknowledged or not (waiting or to_remote):
                    self.acknowledged = max(self.acknowledged, sent - waiting)
                    moved_s = now_s
                if now_s - moved_s > STALL_S:
                    self.failure = f"the server has taken nothing for {STALL_S:.0f} s"
                    return
                if self.expect_handshake and now_s - opened_s > HANDSHAKE_TIMEOUT_S:
                    self.failure = "the server does not answer as an RTMP server"
                    return


def _watch(selector: selectors.BaseSelector, sock: socket.socket, *, read: bool, write: bool) -> None:
    events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
    if sock in selector.get_map():
        if events:
            selector.modify(sock, events)
        else:
            selector.unregister(sock)
    elif events:
        selector.register(sock, events)


def _receive(sock: socket.socket, into: bytearray) -> bool:
    """Read what there is; False at the end of the stream."""
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        while len(into) < 4 * _KERNEL_BUFFER:
            data = sock.recv(_CHUNK)
            if not data:
                return False
            into += data
    return True


def _send(sock: socket.socket, out: bytearray) -> int:
    sent = 0
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        while out:
            count = sock.send(out[:_CHUNK])
            del out[:count]
            sent += count
    return sent
