"""The connectors of the live platforms, on messages in the shapes that libraries and platforms give them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import bring, follow, heard_until, library
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.open_live import OpenLive, commands_in, packet, signed_headers
from nightcast.room.connectors.plain import plain
from nightcast.room.connectors.youtube import YouTubeChat
from nightcast.room.errors import ConnectorError
from nightcast.room.folding import Folder
from nightcast.room.sdk.context import Outcome
from nightcast.room.signals import signal_from_wire
from nightcast.testing import Room, load_module

RECORDED = Path(__file__).with_name("recorded")
DONE = Outcome(True)


def recorded(platform: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDED / f"{platform}.jsonl").read_text("utf-8").splitlines()]


def told(platform: str, messages: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """What the room hears of a platform's messages, folded, until nothing is open any more."""
    folder, events = Folder(), []
    for message in messages:
        for wire in load_mapping(platform).translate(message):
            events += folder.feed(signal_from_wire(wire, 0), 0)
    events += folder.tick(60_000)
    return [(event.type, event.data) for event in events]


def found(events: list[tuple[str, Any]], kind: str) -> list[Any]:
    return [data for name, data in events if name == kind]


# -- TikTok --


def test_what_the_tiktok_library_makes_of_its_frames_becomes_our_events() -> None:
    events = told("tiktok", recorded("tiktok"))
    assert [(c.text, c.lang, c.user.nickname) for c in found(events, "comment.new")] == [
        ("how much is the lamp?", "en", "Amy"),
        ("包邮吗", "zh", "小雨"),
    ]
    assert [(g.name, g.count, g.value_minor) for g in found(events, "gift.final")] == [
        ("Rose", 4, 4),
        ("Lion", 1, 29_999),
    ]
    assert [(w.delta, w.total) for w in found(events, "like.window")] == [(15, 1200)]  # 1,185 were there before us
    assert [s.viewers for s in found(events, "room.stats")] == [4312]
    assert [d.comment_id for d in found(events, "comment.delete")] == ["7301000000000000001"]
    assert {"user.join", "user.follow", "user.share"} <= {name for name, _ in events}
    assert "6810000000000000001" not in repr(events)


def test_the_tiktok_library_still_makes_the_same_of_them(repository: Path) -> None:
    events = pytest.importorskip("TikTokLive.events", reason="TikTokLive is an extra")
    module = load_module(repository / "plugins" / "tiktok" / "plugin.py")
    assert {name for name in module.HEARD if not hasattr(events, name)} == set()
    for frame in recorded("tiktok"):
        event = getattr(events, frame["type"])().parse(base64.b64decode(frame["payload"]))
        assert module.message_of(event) == {"type": frame["type"], "data": frame["data"]}


class TikTokClient:
    """Stands for the library's client: tells what was recorded, then ends."""

    def __init__(self, unique_id: str) -> None:
        self.listeners: dict[str, Callable[[Any], None]] = {}

    def add_listener(self, kind: type, listener: Callable[[Any], None]) -> None:
        self.listeners[kind.__name__] = listener

    async def start(self, **_: Any) -> asyncio.Task[None]:
        return asyncio.create_task(self.play())

    async def play(self) -> None:
        for frame in recorded("tiktok"):
            if frame["type"] in self.listeners:
                event = type(frame["type"], (SimpleNamespace,), {})(**frame["data"])
                self.listeners[frame["type"]](event)

    async def disconnect(self) -> None:
        pass


async def test_the_tiktok_plugin_brings_its_room_in(repository: Path, room: Room, monkeypatch) -> None:
    module = load_module(repository / "plugins" / "tiktok" / "plugin.py")
    module.SETTINGS["account"] = "@lanternstreet"
    kinds = {name: type(name, (), {}) for name in module.HEARD}
    monkeypatch.setitem(sys.modules, "TikTokLive", SimpleNamespace(TikTokLiveClient=TikTokClient))
    monkeypatch.setitem(sys.modules, "TikTokLive.events", SimpleNamespace(**kinds))
    monkeypatch.setitem(sys.modules, "TikTokLive.client.errors", SimpleNamespace(TikTokLiveError=RuntimeError))
    await room.start(module.plugin)
    await until(room, lambda: any(event.type == "room.stats" for event in room.events))
    assert [e.text for e in room.events if e.type == "comment.new"] == ["how much is the lamp?", "包邮吗"]
    await end(module._following)


# -- Twitch --


def twitch_messages(repository: Path) -> list[dict[str, Any]]:
    from twitchio.models.eventsub_ import create_event_instance

    module = load_module(repository / "plugins" / "twitch" / "plugin.py")
    return [
        module.message_of(create_event_instance(frame["metadata"]["subscription_type"], frame))
        for frame in recorded("twitch")
    ]


def test_what_twitchio_makes_of_eventsub_becomes_our_events(repository: Path) -> None:
    events = told("twitch", twitch_messages(repository))
    assert [(c.text, c.user.nickname) for c in found(events, "comment.new")] == [
        ("how much is the lamp?", "Ivy"),
        ("Cheer100 lovely", "Ivy"),
    ]
    assert [(g.name, g.count, g.value_minor, g.currency) for g in found(events, "gift.final")] == [
        ("bits", 100, 100, "USD"),
        ("bits", 10, 10, "USD"),
        ("subscriptions", 5, 0, "USD"),
    ]
    assert [(m.level, m.months) for m in found(events, "user.member")] == [(1, 1), (2, 15)]
    assert [f.user.nickname for f in found(events, "user.follow")] == ["Ivy"]
    assert found(events, "comment.delete")[0].comment_id == found(events, "comment.new")[0].comment_id


def test_a_notification_that_is_sent_again_is_taken_once(repository: Path) -> None:
    messages = twitch_messages(repository)
    assert len(told("twitch", [*messages, *messages])) == len(told("twitch", messages))


async def test_the_twitch_plugin_hears_all_that_it_asks_for(repository: Path, monkeypatch) -> None:
    """The library calls `event_…` of its own naming: each subscription must have one."""
    import twitchio
    from twitchio.eventsub.websockets import Websocket

    module = load_module(repository / "plugins" / "twitch" / "plugin.py")
    module.SETTINGS.update(client_id="c", channel_id="1971641", bot_id="2914196")
    for name in module.SECRETS:
        monkeypatch.setenv(name, "x")
    asked: list[str] = []

    async def start(client: Any, **_: Any) -> None:
        async def subscribe(payload: Any, token_for: str) -> None:
            asked.append(payload.type)

        async def add_token(token: str, refresh: str) -> None:
            pass

        client.subscribe_websocket, client.add_token = subscribe, add_token
        await client.setup_hook()
        socket = Websocket(client=client, token_for="2914196", http=client._http)
        for frame in recorded("twitch"):
            await socket._process_notification(frame)
        await asyncio.Event().wait()

    monkeypatch.setattr(twitchio.Client, "start", start)
    got: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        async for some in module.messages():
            got += some
            if len(got) == len(recorded("twitch")):
                break
    assert {message["type"] for message in got} == set(asked)


async def test_a_twitch_that_does_not_let_us_in_is_told(repository: Path, monkeypatch) -> None:
    import twitchio

    async def start(client: Any, **_: Any) -> None:
        raise twitchio.TwitchioException("no such token")

    monkeypatch.setattr(twitchio.Client, "start", start)
    module = load_module(repository / "plugins" / "twitch" / "plugin.py")
    module.SETTINGS.update(client_id="c", channel_id="1", bot_id="2")
    for name in module.SECRETS:
        monkeypatch.setenv(name, "x")
    with pytest.raises(ConnectorError, match=r"no such token.* scopes"):
        await anext(module.messages())


# -- Bilibili --


def test_a_call_to_bilibili_is_signed_as_its_document_says() -> None:
    headers = signed_headers(b"{}", "key", "secret", nonce="n", now_s=1_700_000_000)
    text = (
        "x-bili-accesskeyid:key\nx-bili-content-md5:99914b932bd37a50b983c5e7c90ae93b\n"
        "x-bili-signature-method:HMAC-SHA256\nx-bili-signature-nonce:n\nx-bili-signature-version:1.0\n"
        "x-bili-timestamp:1700000000"
    )
    assert headers["Authorization"] == hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


def test_packets_that_are_cut_or_malformed_are_passed_by() -> None:
    whole = packet(b'{"cmd":"A"}', 5) + packet(b"no json", 5) + packet(b"\0\0\0\1", 3) + packet(b'{"cmd":"B"}', 5)
    assert [c["cmd"] for c in commands_in(whole)] == ["A", "B"]
    deflated = bytearray(packet(zlib.compress(whole), 5))
    deflated[7] = 2
    assert [c["cmd"] for c in commands_in(bytes(deflated))] == ["A", "B"]
    rng = random.Random(1)
    for _ in range(2_000):
        cut = bytearray(rng.choice((whole, deflated)))
        for _ in range(rng.randrange(1, 4)):
            cut[rng.randrange(len(cut))] = rng.randrange(256)
        try:
            list(commands_in(bytes(cut[: rng.randrange(len(cut))])))
        except ConnectorError as error:  # an operation became the answer to our greeting
            assert "does not take the session" in str(error)


class Bilibili:
    """The platform: three calls and a socket."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.greeting: bytes = b""

    async def call(self, request: web.Request) -> web.Response:
        body = await request.read()
        wanted = signed_headers(
            body, "key", "secret", nonce=request.headers["x-bili-signature-nonce"],
            now_s=int(request.headers["x-bili-timestamp"]),
        )  # fmt: skip
        if request.headers["Authorization"] != wanted["Authorization"]:
            return web.json_response({"code": 4002, "message": "sign"})
        self.calls.append(request.match_info["name"])
        door = {"auth_body": '{"key":"k"}', "wss_link": [f"http://{request.host}/socket"]}
        return web.json_response({"code": 0, "data": {"game_info": {"game_id": "g"}, "websocket_info": door}})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.greeting = await socket.receive_bytes()
        await socket.send_bytes(packet(b'{"code":0}', 8))
        bodies = [json.dumps(command).encode() for command in recorded("bilibili")]
        deflated = bytearray(packet(zlib.compress(b"".join(packet(body, 5) for body in bodies[:4])), 5))
        deflated[7] = 2
        await socket.send_bytes(bytes(deflated))
        for body in bodies[4:]:
            await socket.send_bytes(packet(body, 5))
        assert await socket.receive_bytes() == packet(b"{}", 2)  # it shows that it lives
        await socket.close()
        return socket


async def test_bilibili_from_its_signed_call_to_our_events() -> None:
    platform = Bilibili()
    async with served(web.post("/v2/app/{name}", platform.call), web.get("/socket", platform.socket)) as url:
        room = OpenLive("key", "secret", 1, "code", api=url, beat_s=0.05)
        got = [command async for some in room.messages() for command in some]
        with pytest.raises(ConnectorError, match="look at its secret"):
            await anext(OpenLive("key", "wrong", 1, "code", api=url).messages())
    assert platform.greeting == packet(b'{"key":"k"}', 7)
    assert platform.calls[0] == "start"
    assert platform.calls[-1] == "end"
    assert got == recorded("bilibili")
    events = told("bilibili", got)
    assert [(c.text, c.user.fan_level) for c in found(events, "comment.new")] == [("包邮吗", 12)]
    assert [(g.name, g.count, g.value_minor, g.paid) for g in found(events, "gift.final")] == [
        ("辣条", 5, 0, False),
        ("小花花", 2, 20, True),
    ]
    assert [(s.value_minor, s.text) for s in found(events, "superchat.new")] == [(3000, "加油")]
    assert [s.superchat_id for s in found(events, "superchat.delete")] == ["77"]
    assert [(m.level, m.months) for m in found(events, "user.member")] == [(1, 1)]
    assert [w.delta for w in found(events, "like.window")] == [8]


# -- YouTube --


class YouTube:
    """The platform: a video with a chat of three pages."""

    def __init__(self) -> None:
        self.pages = recorded("youtube")
        self.asked: list[str] = []

    async def videos(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Goog-Api-Key") != "key":
            error = {"code": 400, "message": "API key not valid", "errors": [{"reason": "keyInvalid"}]}
            return web.json_response({"error": error}, status=400)
        known = request.query["id"] == "abc"
        items = [{"id": "abc", "liveStreamingDetails": {"activeLiveChatId": "Cg0KC1"}}] if known else []
        return web.json_response({"items": items})

    async def messages(self, request: web.Request) -> web.Response:
        self.asked.append(request.query.get("pageToken", ""))
        if len(self.asked) > len(self.pages):
            error = {"code": 403, "errors": [{"reason": "quotaExceeded"}]}
            return web.json_response({"error": error}, status=403)
        return web.json_response(self.pages[len(self.asked) - 1])


async def test_youtube_from_the_videos_id_to_our_events() -> None:
    platform, pauses = YouTube(), []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with served(web.get("/videos", platform.videos), web.get("/liveChat/messages", platform.messages)) as url:
        chat = YouTubeChat("abc", "key", sleep, api=url)
        got = [item async for some in chat.messages() for item in some]
        with pytest.raises(ConnectorError, match=r"quotaExceeded\. Ask for more quota"):
            await anext(chat.messages())
        with pytest.raises(ConnectorError, match="knows no video"):
            await anext(YouTubeChat("xyz", "key", sleep, api=url).messages())
        with pytest.raises(ConnectorError, match=r"keyInvalid\. Look at NIGHTCAST_YOUTUBE_KEY"):
            await anext(YouTubeChat("abc", "no", sleep, api=url).messages())
    assert platform.asked[:3] == ["", "t1", "t2"]
    assert pauses == [20.0, 20.0]
    events = told("youtube", got)
    assert [c.text for c in found(events, "comment.new")] == ["is delivery free?"]  # not what was said before
    assert [(s.value_minor, s.currency) for s in found(events, "superchat.new")] == [(500, "USD"), (200, "JPY")]
    assert [m.months for m in found(events, "user.member")] == [1, 12]
    assert [(g.name, g.count) for g in found(events, "gift.final")] == [("Lanterns", 5)]
    assert [d.comment_id for d in found(events, "comment.delete")] == ["LCC.2"]


# -- what they share --


@pytest.mark.parametrize("name", ["tiktok", "bilibili", "youtube", "twitch"])
async def test_a_connector_without_its_settings_says_what_is_missing(
    repository: Path, room: Room, monkeypatch, name: str
) -> None:
    module = load_module(repository / "plugins" / name / "plugin.py")
    for secret in getattr(module, "SECRETS", ("NIGHTCAST_YOUTUBE_KEY",)):
        monkeypatch.delenv(secret, raising=False)
    runtime = await room.start(module.plugin)
    assert "nothing is brought in" in runtime.notes[0]
    assert module._following == []


async def test_a_library_that_is_not_installed_is_named_with_how_to_install_it(
    repository: Path, room: Room, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "TikTokLive", None)  # as if it were not there
    module = load_module(repository / "plugins" / "tiktok" / "plugin.py")
    module.SETTINGS["account"] = "@lanternstreet"
    runtime = await room.start(module.plugin)
    assert 'TikTokLive is not installed. Install it with: "' in runtime.errors[0]
    assert '-m pip install "TikTokLive>=7"' in runtime.errors[0]
    with pytest.raises(ConnectorError):
        library("no_such_library", "no-such-library")


async def test_a_source_that_fails_is_opened_again_with_growing_pauses() -> None:
    opened, pauses, got = [0], [], []

    async def source() -> AsyncIterator[list[dict[str, Any]]]:
        opened[0] += 1
        if opened[0] < 3:
            raise ConnectorError("Somewhere", "is closed")
        yield [{"type": "user.follow", "d": {"user": {"ref": "u"}}}]

    async def publish(signals: list[dict[str, Any]]) -> Outcome:
        got.extend(signals)
        return DONE

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise asyncio.CancelledError

    backoff = Backoff(random.Random(1), first_s=1.0, jitter=0.0)
    with pytest.raises(asyncio.CancelledError):
        await follow(source, None, publish, name="Somewhere", backoff=backoff, sleep=sleep)
    assert pauses == [1.0, 2.0, 1.0]
    assert len(got) == 1


async def test_a_busy_hub_is_waited_for_and_what_it_does_not_understand_is_left_out_alone() -> None:
    answers = iter([Outcome(False, "rate_limited", "", 500), DONE])
    taken: list[dict[str, Any]] = []
    pauses: list[float] = []

    async def publish(signals: list[dict[str, Any]]) -> Outcome:
        outcome = next(answers, DONE)
        if any(signal["type"] == "wrong" for signal in signals):
            return Outcome(False, "bad_request", "unknown type")
        if outcome:
            taken.extend(signals)
        return outcome

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    await bring([{"type": f"n{n}"} for n in range(450)], publish, sleep)
    assert ([signal["type"] for signal in taken], pauses) == ([f"n{n}" for n in range(450)], [0.5])
    taken.clear()
    await bring([{"type": "a"}, {"type": "wrong"}, {"type": "b"}], publish, sleep)
    assert [signal["type"] for signal in taken] == ["a", "b"]


async def test_what_a_library_raises_in_the_end_is_told() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    for number in range(3):
        queue.put_nowait(number)
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    heard = heard_until(ended, queue)
    assert await anext(heard) == [0, 1, 2]
    ended.set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await anext(heard)


def test_objects_become_plain_values_without_their_private_parts() -> None:
    class Slotted:
        __slots__ = ("_http", "id")

        def __init__(self) -> None:
            self.id, self._http = 7, "secret"

    thing = SimpleNamespace(user=Slotted(), parts=(1, {"a": None}), when=complex(1))
    assert plain(thing) == {"user": {"id": 7}, "parts": [1, {"a": None}], "when": "(1+0j)"}


# -- tools --


@asynccontextmanager
async def served(*routes: web.RouteDef) -> AsyncIterator[str]:
    """A web server on a free port, for as long as the block runs; gives its address."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def until(room: Room, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
            await room.settle()


async def end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
