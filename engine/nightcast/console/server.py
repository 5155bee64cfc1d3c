"""The console's web server: the page, its state and events, its commands, the live picture, the metrics.

It runs in the director's event loop and listens on loopback unless told otherwise. A command needs the
night's token and must come from the console's own page: another site open in the same browser can neither
read nor steer. On an address that others can reach, everything needs the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from pydantic import TypeAdapter, ValidationError

from nightcast.console import metrics
from nightcast.console.view import COMMAND, CommandResult, NightView, ShowGuest
from nightcast.director.page import Page, is_loopback

_WEB = Path(__file__).parent / "web"
_EVENTS_S = 0.5  # how often a watching page is told of changes
_KEEP_ALIVE_S = 10.0
_MAX_BODY = 16 << 10
_MAX_PHOTO = 16 << 20
_POLICY = "default-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mp4": "video/mp4"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Console:
    """Serves one night. `live` is the folder of the HLS output; None where the night has none."""

    def __init__(self, night: NightView, page: Page, live: Path | None = None) -> None:
        self._night = night
        self._live = live
        self.page = page
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()

    async def start(self) -> str:
        """Listen; returns where to point a browser. Port 0 takes a free one. Raises OSError if it is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=_MAX_BODY)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/api/state", self._state),
                web.get("/api/events", self._events),
                web.post("/api/command", self._command),
                web.post("/api/guest", self._guest),
                web.get("/metrics", self._metrics),
                web.get(r"/live/{name:[\w.-]+}", self._segment),
                web.static("/web", _WEB),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.page.address, self.page.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.page = self.page.model_copy(update={"port": runner.addresses[0][1]})
        return self.page.url

    async def stop(self) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- who may come in -----------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.page.is_shared:
            if not self._knows_token(request):
                raise web.HTTPForbidden(text="Open the address that Nightcast printed; it holds the token.")
        elif not is_loopback(_host_of(request.host)):
            # A foreign name that resolves to this machine: what DNS rebinding looks like.
            raise web.HTTPForbidden(text="This console answers to 127.0.0.1 and localhost only.")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(
                {
                    "Content-Security-Policy": _POLICY,
                    "X-Content-Type-Options": "nosniff",
                    "Referrer-Policy": "no-referrer",
                }
            )
            response.headers.setdefault("Cache-Control", "no-store")
            if self.page.is_shared:
                response.set_cookie(self._cookie, self.page.token, httponly=True, samesite="Strict")
        return response

    def _knows_token(self, request: web.Request) -> bool:
        given = request.query.get("token") or request.cookies.get(self._cookie) or _bearer(request)
        return _is_same(given, self.page.token)

    @property
    def _cookie(self) -> str:
        """Browsers share cookies between the ports of a machine, and two nights may run on one."""
        return f"nightcast-{self.page.port}"

    # --- pages ---------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        html = (_WEB / "index.html").read_text("utf-8").replace("{{token}}", self.page.token)
        return web.Response(text=html, content_type="text/html")

    async def _state(self, request: web.Request) -> web.Response:
        return web.Response(text=self._night.state().model_dump_json(), content_type="application/json")

    async def _metrics(self, request: web.Request) -> web.Response:
        text = metrics.render(self._night.state())
        return web.Response(body=text.encode(), headers={"Content-Type": metrics.CONTENT_TYPE})

    async def _segment(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        content_type = _TYPES.get(Path(name).suffix)
        if self._live is None or content_type is None or not (self._live / name).is_file():
            raise web.HTTPNotFound(text="not on air")
        return web.FileResponse(self._live / name, headers={"Content-Type": content_type})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The state whenever it has changed, as server-sent events."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        shown, silent_s = "", 0.0
        with contextlib.suppress(ConnectionError):  # the page was closed
            while not self._closing.is_set():
                state = self._night.state().model_dump_json()
                if state != shown:
                    await response.write(f"event: state\ndata: {state}\n\n".encode())
                    shown, silent_s = state, 0.0
                elif silent_s >= _KEEP_ALIVE_S:
                    await response.write(b": still here\n\n")
                    silent_s = 0.0
                silent_s += _EVENTS_S
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), _EVENTS_S)
        return response

    async def _command(self, request: web.Request) -> web.Response:
        self._allow(request)
        command = _understood(COMMAND, await request.read())
        return _answer(await self._night.command(command))

    async def _guest(self, request: web.Request) -> web.Response:
        """A form of two parts: `command`, a `ShowGuest` as JSON, and after it `photo`."""
        self._allow(request)
        if not request.content_type.startswith("multipart/"):
            raise web.HTTPBadRequest(text="Send a form with the parts `command` and `photo`.")
        parts = await request.multipart()
        command = _understood(_GUEST, await _part(parts, "command", _MAX_BODY))
        photo = await _part(parts, "photo", _MAX_PHOTO)
        return _answer(await self._night.show_guest(command, photo))

    def _allow(self, request: web.Request) -> None:
        """Whether this request may steer. Raises HTTPForbidden."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="A command must come from the console's own page.")
        if not _is_same(_bearer(request), self.page.token):
            raise web.HTTPForbidden(text="The token is missing or wrong; reload the page.")


_GUEST = TypeAdapter(ShowGuest)
_Sent = TypeVar("_Sent")


def _understood(kind: TypeAdapter[_Sent], body: bytes) -> _Sent:
    """A command as it was sent. Raises HTTPBadRequest, which says what is wrong with it."""
    try:
        return kind.validate_json(body)
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise web.HTTPBadRequest(text=details) from error


def _answer(result: CommandResult) -> web.Response:
    return web.Response(text=result.model_dump_json(), content_type="application/json")


async def _part(parts: MultipartReader, name: str, most: int) -> bytes:
    """The next part of a form. Raises HTTPBadRequest where it is another one, or HTTPRequestEntityTooLarge."""
    part = await parts.next()
    if not isinstance(part, BodyPartReader) or part.name != name:
        raise web.HTTPBadRequest(text=f"The form's part `{name}` is missing.")
    body = bytearray()
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(body))
    return bytes(body)


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _is_same(given: str, token: str) -> bool:
    """In constant time; a header may hold bytes of no encoding."""
    return secrets.compare_digest(given.encode(errors="surrogateescape"), token.encode())


def _host_of(authority: str) -> str:
    """The host of "host:port", with the brackets of IPv6 taken off."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]
