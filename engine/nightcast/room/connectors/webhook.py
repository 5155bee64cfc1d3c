"""A connector for platforms that push over HTTP: one POST is one message, or a list of them.

Bodies are signed: the hex HMAC-SHA256 of the raw body under a shared secret, in `X-Signature` (Douyin, Kuaishou and
relays of your own differ in the header's name, which is a setting). It listens on loopback; put a proxy with TLS
before it. An answer is given at once, as platforms wait two seconds at most.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from nightcast.room.connectors.mapping import PlatformMapping

__all__ = ["Webhook", "is_signed"]

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 1024 * 1024

Publish = Callable[[list[dict[str, Any]]], Awaitable[object]]


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the signature is that of the body."""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().removeprefix("sha256=").encode())


class Webhook:
    """An HTTP server that turns pushes into signals and hands them to `publish`."""

    def __init__(self, mapping: PlatformMapping, publish: Publish, *, secret: str, header: str = "X-Signature") -> None:
        if not secret:
            raise ValueError("a webhook needs a secret: anybody could write into the room without one")
        self._mapping = mapping
        self._publish = publish
        self._secret = secret
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
        if not is_signed(body, request.headers.get(self._header, ""), self._secret):
            return web.json_response({"error": "signature"}, status=401)
        try:
            pushed = json.loads(body)
        except ValueError:
            return web.json_response({"error": "not JSON"}, status=400)
        if isinstance(pushed, dict) and "challenge" in pushed:  # platforms ask once whether we are there
            return web.json_response({"challenge": pushed["challenge"]})
        signals = []
        for message in pushed if isinstance(pushed, list) else [pushed]:
            made = self._mapping.translate(message) if isinstance(message, dict) else []
            self.unknown += not made
            signals += made
        if signals:
            await self._publish(signals)
        return web.json_response({"ok": len(signals)})
