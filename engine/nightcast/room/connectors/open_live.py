"""Bilibili's official push for a live room: https://open-live.bilibili.com/document/

A session is started by a signed call, which names the addresses of a WebSocket and what to say there first; it is kept
alive by another call every twenty seconds. A packet on the socket is a header of sixteen bytes and a body; a body of
version 2 is deflated and holds packets itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import struct
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from nightcast.room.errors import ConnectorError

__all__ = ["OpenLive", "commands_in", "packet", "signed_headers"]

log = logging.getLogger(__name__)

_API = "https://live-open.biliapi.com"
_HEADER = struct.Struct(">IHHII")  # packet bytes, header bytes, version, operation, sequence
_HEARTBEAT, _MESSAGE, _AUTH, _AUTH_REPLY = 2, 5, 7, 8
_DEFLATED = 2
_MAX_BYTES = 4 << 20
_BEAT_S = 20.0
_TIMEOUT_S = 10.0
_REFUSED = {
    4000: "the parameters are wrong",
    4002: "the key's signature is wrong: look at its secret",
    4003: "the request is too old: set this machine's clock",
    7001: "the room's code was used too often; wait a minute",
    7007: "the streamer's code is wrong: copy it anew from the live centre",
}


def packet(body: bytes, operation: int) -> bytes:
    """A packet for the socket."""
    return _HEADER.pack(_HEADER.size + len(body), _HEADER.size, 1, operation, 1) + body


def commands_in(data: bytes, *, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The commands of a message of the socket; what is cut or malformed is passed by. Raises ConnectorError where the
    platform does not take the session.
    """
    at = 0
    while len(data) - at >= _HEADER.size:
        size, head, version, operation, _ = _HEADER.unpack_from(data, at)
        if head < _HEADER.size or size < head or size > len(data) - at:
            return
        body, at = data[at + head : at + size], at + size
        if version == _DEFLATED and depth == 0:
            with suppress(zlib.error):
                yield from commands_in(zlib.decompressobj().decompress(body, _MAX_BYTES), depth=1)
            continue
        if operation not in (_MESSAGE, _AUTH_REPLY):
            continue
        try:
            command = json.loads(body)
        except ValueError:
            continue
        if operation == _AUTH_REPLY:
            if command.get("code") != 0:
                raise ConnectorError("Bilibili", f"does not take the session: {command}")
        elif isinstance(command, dict):
            yield command


def signed_headers(body: bytes, key: str, secret: str, *, nonce: str, now_s: int) -> dict[str, str]:
    """The headers of a call: they are signed, and one of them is the digest of the body."""
    fields = {
        "x-bili-accesskeyid": key,
        "x-bili-content-md5": hashlib.md5(body).hexdigest(),
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": nonce,
        "x-bili-signature-version": "1.0",
        "x-bili-timestamp": str(now_s),
    }
    text = "\n".join(f"{name}:{value}" for name, value in fields.items())
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**fields, "Authorization": signature, "Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class OpenLive:
    """A project's access to one room. `code` is what the streamer copies from the live centre."""

    key: str
    secret: str
    app_id: int
    code: str
    api: str = _API
    beat_s: float = _BEAT_S

    async def messages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The room's commands until the connection ends; a source for `follow`. Raises ConnectorError."""
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as http:
                started = await self._call(http, "start", {"code": self.code, "app_id": self.app_id})
                game = started["game_info"]["game_id"]
                try:
                    async for commands in self._listen(http, started["websocket_info"], game):
                        yield commands
                finally:
                    if game:  # or the room cannot be opened again for a while
                        await self._call(http, "end", {"app_id": self.app_id, "game_id": game})
        except aiohttp.ClientError as error:
            raise ConnectorError("Bilibili", f"cannot be reached ({error})") from error

    async def _listen(
        self, http: aiohttp.ClientSession, door: dict[str, Any], game: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        async with http.ws_connect(door["wss_link"][0], max_msg_size=_MAX_BYTES) as socket:
            await socket.send_bytes(packet(door["auth_body"].encode(), _AUTH))
            beating = asyncio.create_task(self._beat(http, socket, game))
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.BINARY and (commands := list(commands_in(message.data))):
                        yield commands
            finally:
                beating.cancel()

    async def _beat(self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, game: str) -> None:
        """Keep socket and session alive; where the session has ended, close the socket, so that all begins anew."""
        try:
            while True:
                await asyncio.sleep(self.beat_s)
                await socket.send_bytes(packet(b"{}", _HEARTBEAT))
                if game:
                    await self._call(http, "heartbeat", {"game_id": game})
        except (ConnectorError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("the heartbeat failed: %s", error)
            await socket.close()

    async def _call(self, http: aiohttp.ClientSession, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(fields).encode()
        headers = signed_headers(body, self.key, self.secret, nonce=secrets.token_hex(8), now_s=int(time.time()))
        async with http.post(f"{self.api}/v2/app/{name}", data=body, headers=headers) as answer:
            if answer.status != 200:
                raise ConnectorError("Bilibili", f"answers {name} with HTTP {answer.status}")
            told = await answer.json(content_type=None)
        if told["code"] != 0:
            why = _REFUSED.get(told["code"], told.get("message", ""))
            raise ConnectorError("Bilibili", f"refuses {name} with {told['code']}: {why}")
        data: dict[str, Any] = told.get("data") or {}
        return data
