"""A WebSocket client (RFC 6455) that does next to nothing, so that a bench measures the hub and not itself.

Fifty plugins are fifty processes in a show; a bench plays all of them in one, where an ordinary client library would
use the core up. Only what the hub sends is understood: unfragmented text, close.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Self, cast
from urllib.parse import urlsplit

from nightcast.room.protocol import SUBPROTOCOL

__all__ = ["LightClient"]

_TEXT, _CLOSE = 0x1, 0x8


class LightClient(asyncio.Protocol):
    """One connection; `on_text` gets each message as bytes."""

    def __init__(self, on_text: Callable[[LightClient, bytes], None], request: bytes) -> None:
        self._on_text = on_text
        self._request = request
        self._buffer = bytearray()
        self._open = False
        self.transport: asyncio.Transport | None = None
        self.seen = 0  #: for the caller's counting

    @classmethod
    async def connect(cls, url: str, on_text: Callable[[LightClient, bytes], None]) -> Self:
        parts = urlsplit(url)
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(
            lambda: cls(on_text, request.encode()), parts.hostname or "", parts.port or 80
        )
        return client

    def send(self, text: str) -> None:
        """Send a text frame, masked with zeros (RFC 6455 §5.3 wants a mask, not that it hides anything)."""
        body = text.encode()
        head = bytes([0x80 | _TEXT])
        length = len(body)
        head += bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + length.to_bytes(2, "big")
        if self.transport is not None:
            self.transport.write(head + b"\0\0\0\0" + body)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if not self._open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del buffer[: end + 4]
            self._open = True
        at = 0
        while len(buffer) - at >= 2:
            length, body = buffer[at + 1], at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                length, body = int.from_bytes(buffer[body : body + size], "big"), body + size
            if len(buffer) < body + length:
                break
            kind, at = buffer[at] & 0xF, body + length
            if kind == _TEXT:
                self._on_text(self, bytes(buffer[body:at]))
            elif kind == _CLOSE and self.transport is not None:
                self.transport.close()
        del buffer[:at]
