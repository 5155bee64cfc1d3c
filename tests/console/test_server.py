"""The console's server: who may read, who may steer, and what they get."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.console.night import STATE, Night

from nightcast.console import Console
from nightcast.console.view import NightState, Say, ShowGuest, Skip
from nightcast.director.page import Page

Served = tuple[Console, Night, aiohttp.ClientSession]


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Served]:
    night = Night()
    (tmp_path / "live.m3u8").write_text("#EXTM3U\n")
    (tmp_path / "secret.txt").write_text("secret")
    console = Console(night, Page(port=0), tmp_path)
    url = await console.start()
    async with aiohttp.ClientSession(url) as session:
        yield console, night, session
    await console.stop()


def bearer(console: Console) -> dict[str, str]:
    return {"Authorization": f"Bearer {console.page.token}"}


async def test_the_page_holds_the_token_and_needs_nothing_from_elsewhere(console: Served) -> None:
    server, _, session = console
    async with session.get("/") as response:
        html = await response.text()
        assert response.status == 200
        assert server.page.token in html
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for link in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert link.startswith("/")
        async with session.get(link) as response:
            assert response.status == 200


async def test_the_state_is_what_the_night_says(console: Served) -> None:
    _, _, session = console
    async with session.get("/api/state") as response:
        assert NightState.model_validate_json(await response.text()) == STATE


async def test_events_come_when_something_changes(console: Served) -> None:
    _, night, session = console
    async with session.get("/api/events") as response, asyncio.timeout(10):
        assert response.content_type == "text/event-stream"
        assert await response.content.readline() == b"event: state\n"
        first = json.loads((await response.content.readline())[6:])
        await response.content.readline()
        night.shown = STATE.model_copy(update={"spoken": 413})
        assert await response.content.readline() == b"event: state\n"
        second = json.loads((await response.content.readline())[6:])
    assert (first["spoken"], second["spoken"]) == (412, 413)


async def test_a_command_reaches_the_night_and_its_answer_the_operator(console: Served) -> None:
    server, night, session = console
    async with session.post("/api/command", json={"kind": "skip", "what": "line"}, headers=bearer(server)) as response:
        assert await response.json() == {"done": True, "text": None}
    said = {"kind": "say", "text": "It cures tired eyes."}
    async with session.post("/api/command", json=said, headers=bearer(server)) as response:
        assert (await response.json())["text"] == {"en": "The gate refused it: cures", "zh": "审核未通过：cures"}
    assert night.told == [Skip(what="line"), Say(text="It cures tired eyes.")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Authorization": "Bearer wrong"}, 403),
        ({"Authorization": "Bearer \udcff"}, 403),
        ({"Origin": "http://evil.example", "Authorization": "right"}, 403),
        ({"Host": "evil.example", "Authorization": "right"}, 403),
    ],
)
async def test_nobody_else_can_steer(console: Served, headers: dict[str, str], status: int) -> None:
    server, night, session = console
    headers = {name: f"Bearer {server.page.token}" if value == "right" else value for name, value in headers.items()}
    async with session.post("/api/command", json={"kind": "hush"}, headers=headers) as response:
        assert response.status == status
    assert night.told == []


async def test_a_foreign_name_for_this_machine_cannot_read(console: Served) -> None:
    _, _, session = console
    for path in ("/", "/api/state", "/live/live.m3u8"):
        async with session.get(path, headers={"Host": "evil.example:8760"}) as response:
            assert response.status == 403


@pytest.mark.parametrize("body", [b"", b"{", b'{"kind":"dance"}', b'{"kind":"say","text":""}', b"x" * 20_000])
async def test_a_broken_command_is_refused_with_a_reason(console: Served, body: bytes) -> None:
    server, night, session = console
    async with session.post("/api/command", data=body, headers=bearer(server)) as response:
        assert response.status in (400, 413)
        assert await response.text()
    assert night.told == []


def guest_form(consent: bool, photo: bytes) -> aiohttp.FormData:
    wish = {"kind": "show_guest", "photo": "me.jpg", "product": "amber", "name": "Mei", "consent": consent}
    form = aiohttp.FormData()
    form.add_field("command", json.dumps(wish))
    form.add_field("photo", photo, filename="me.jpg")
    return form


async def test_a_guest_comes_with_a_photo_larger_than_any_command(console: Served) -> None:
    server, night, session = console
    photo = bytes(200_000)
    async with session.post("/api/guest", data=guest_form(True, photo), headers=bearer(server)) as response:
        assert (await response.json())["done"]
    assert night.photos == [photo]
    assert night.told == [ShowGuest(photo="me.jpg", product="amber", name="Mei", consent=True)]


@pytest.mark.parametrize(
    ("consent", "photo", "token", "status"),
    [(False, b"face", True, 400), (True, b"face", False, 403), (True, bytes(17 << 20), True, 413)],
    ids=["who did not agree", "of a stranger's page", "too large"],
)
async def test_a_guest_is_refused(console: Served, consent: bool, photo: bytes, token: bool, status: int) -> None:
    server, night, session = console
    headers = bearer(server) if token else {}
    async with session.post("/api/guest", data=guest_form(consent, photo), headers=headers) as response:
        assert response.status == status
    assert (night.told, night.photos) == ([], [])


async def test_only_the_live_stream_is_served_from_its_folder(console: Served) -> None:
    _, _, session = console
    async with session.get("/live/live.m3u8") as response:
        assert response.status == 200
        assert response.content_type == "application/vnd.apple.mpegurl"
        assert response.headers["Cache-Control"] == "no-store"
    for path in ("/live/secret.txt", "/live/..%2fsecret.txt", "/live/absent.m4s"):
        async with session.get(path) as response:
            assert response.status == 404


async def test_metrics_are_prometheus_text(console: Served) -> None:
    _, _, session = console
    async with session.get("/metrics") as response:
        text = await response.text()
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'nightcast_output_on_air{output="hls",kind="hls"} 1\n' in text
    assert 'nightcast_output_sent_bytes_total{output="hls",kind="hls"} 2713000000\n' in text
    assert 'nightcast_process_restarts_total{process="plugin answers"} 3\n' in text
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?[\d.e+]+", line), line


async def test_on_an_address_others_can_reach_everything_needs_the_token(tmp_path: Path) -> None:
    server = Console(Night(), Page(address="0.0.0.0", port=0), tmp_path)
    base, _, query = (await server.start()).partition("?")
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(base) as response:
                assert response.status == 403
            async with session.get(f"{base}?{query}") as response:
                assert response.status == 200
            async with session.get(f"{base}api/state") as response:
                assert response.status == 200, "the cookie is enough from now on"
    finally:
        await server.stop()


async def test_a_browser_watches_two_nights_of_one_machine(tmp_path: Path) -> None:
    nights = [Console(Night(), Page(address="0.0.0.0", port=0), tmp_path) for _ in range(2)]
    opened = [await night.start() for night in nights]
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            for address in opened:
                async with browser.get(address) as response:
                    assert response.status == 200
            for address in opened:
                async with browser.get(f"{address.partition('?')[0]}api/state") as response:
                    assert response.status == 200
    finally:
        for night in nights:
            await night.stop()


async def test_stopping_does_not_wait_for_pages_that_watch(tmp_path: Path) -> None:
    server = Console(Night(), Page(port=0), tmp_path)
    url = await server.start()
    async with aiohttp.ClientSession(url) as session, session.get("/api/events") as response:
        await response.content.readline()
        async with asyncio.timeout(5):
            await server.stop()
