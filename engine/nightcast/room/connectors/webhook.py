"""A connector for platforms that push over HTTP: one POST is one message, or a list of them.

Pushes are signed, in one of two ways. `hmac`: the hex HMAC-SHA256 of the raw body under a shared secret, in a header
whose name is a setting; for relays of your own and most platforms. `douyin`: as Douyin's open platform signs, over
four headers, body and secret; these headers also say what the messages are. It listens on loopback; put a proxy with
TLS before it. An answer is given at once, as platforms wait two seconds at most.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from aiohttp import web

from nightcast.room.connectors.mapping import PlatformMapping

__all__ = ["Webhook", "douyin_signature", "is_signed"]

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 1024 * 1024
_DOUYIN_SIGNED = ("x-msg-type", "x-nonce-str", "x-roomid", "x-timestamp")

Publish = Callable[[list[dict[str, Any]]], Awaitable[object]]


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the signature is that of the body."""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().removeprefix("sha256=").encode())


def douyin_signature(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """What Douyin writes into `x-signature`: the base64 of an MD5 over its headers, the body and the secret.
    https://developer.open-douyin.com/docs/resource/zh-CN/interaction/develop/server/live/danmu
    """
    named = "&".join(f"{name}={headers.get(name, '')}" for name in _DOUYIN_SIGNED)
    return base64.b64encode(hashlib.md5(named.encode() + body + secret.encode()).digest()).decode()


class Webhook:
    """An HTTP server that turns pushes into signals and hands them to `publish`."""

    def __init__(
        self,
        mapping: PlatformMapping,
        publish: Publish,
        *,
        secret: str,
        signature: Literal["hmac", "douyin"] = "hmac",
        header: str = "X-Signature",
    ) -> None:
        if not secret:
            raise ValueError("a webhook needs a secret: anybody could write into the room without one")
        self._mapping = mapping
        self._publish = publish
        self._secret = secret
        self._signature = signature
        self._header = header
        self._runner: web.AppRunner | None = None
        self.unknown = 0  #: messages that no rule was for

    async def start(self, port: int, host: str = "127.0.0.1") -> int:
        """Listen; returns the port."""
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.router.add_post("/", self._push)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._is_signed(request.headers, body):
            return web.json_response({"error": "signature"}, status=401)
        try:
            pushed = json.loads(body)
        except ValueError:
            return web.json_response({"error": "not JSON"}, status=400)
        if isinstance(pushed, dict) and "challenge" in pushed:  # platforms ask once whether we are there
            return web.json_response({"challenge": pushed["challenge"]})
        signals = []
        for message in self._messages(request.headers, pushed):
            made = self._mapping.translate(message) if isinstance(message, dict) else []
            self.unknown += not made
            signals += made
        if signals:
            await self._publish(signals)
        return web.json_response({"ok": len(signals)})

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        if self._signature == "douyin":
            wanted = douyin_signature(headers, body, self._secret)
            return hmac.compare_digest(wanted.encode(), headers.get("x-signature", "").encode())
        return is_signed(body, headers.get(self._header, ""), self._secret)

    def _messages(self, headers: Mapping[str, str], pushed: Any) -> list[Any]:
        messages = pushed if isinstance(pushed, list) else [pushed]
        if self._signature == "douyin":  # the body holds bare payloads
            kind, room = headers.get("x-msg-type", ""), headers.get("x-roomid", "")
            return [{"msg_type": kind, "room_id": room, "payload": payload} for payload in messages]
        return messages
