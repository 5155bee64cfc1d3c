"""The webhook and the lines: what comes in, and what is kept out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import sys
from typing import Any

import aiohttp
import pytest

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import follow
from nightcast.room.connectors.lines import lines_of, message_of
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.webhook import Webhook, douyin_signature, is_signed
from nightcast.room.sdk import Outcome
from nightcast.testing import Room, load_module

SECRET = "a shared secret"
PUSH = {
    "msg_type": "live_comment",
    "payload": {"msg_id": "7", "sec_openid": "o", "content": "多少钱", "nickname": "小雨"},
}


def signature(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


async def test_a_signed_push_comes_in_and_an_unsigned_does_not() -> None:
    got: list[dict[str, Any]] = []

    async def publish(signals: list[dict[str, Any]]) -> None:
        got.extend(signals)

    hook = Webhook(load_mapping("douyin"), publish, secret=SECRET)
    port = await hook.start(0)
    body = json.dumps([PUSH, {"msg_type": "live_weather"}, "nonsense"]).encode()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        sent = [
            await client.post("/", data=data, headers=headers)
            for data, headers in (
                (body, {"X-Signature": signature(body)}),
                (body, {"X-Signature": "sha256=" + "0" * 64}),
                (body, {}),
                (b"{", {"X-Signature": signature(b"{")}),
                (b'{"challenge": 5}', {"X-Signature": signature(b'{"challenge": 5}')}),
            )
        ]
        assert [answer.status for answer in sent] == [200, 401, 401, 400, 200]
        assert await sent[0].json() == {"ok": 1}
        assert await sent[4].json() == {"challenge": 5}
    await hook.stop()
    assert [signal["d"]["text"] for signal in got] == ["多少钱"]
    assert hook.unknown == 2


def test_douyins_signature_is_that_of_its_document() -> None:
    headers = {"x-nonce-str": "123456", "x-timestamp": "456789", "x-roomid": "268", "x-msg-type": "live_gift"}
    assert douyin_signature(headers, "abc123你好".encode(), "123abc") == "PDcKhdlsrKEJif6uMKD2dw=="


async def test_a_push_of_douyin_comes_in_with_what_its_headers_say() -> None:
    got: list[dict[str, Any]] = []

    async def publish(signals: list[dict[str, Any]]) -> None:
        got.extend(signals)

    comment = {"msg_id": "7", "sec_openid": "o", "content": "多少钱", "avatar_url": "https://p.example/1.jpg",
               "nickname": "小雨", "timestamp": 1_760_000_000_050}  # fmt: skip
    body = json.dumps([comment, {**comment, "msg_id": "8", "content": "包邮吗"}]).encode()
    headers = {"x-nonce-str": "n", "x-timestamp": "1760000000100", "x-roomid": "268", "x-msg-type": "live_comment"}
    hook = Webhook(load_mapping("douyin"), publish, secret=SECRET, signature="douyin")
    port = await hook.start(0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        signed = {**headers, "x-signature": douyin_signature(headers, body, SECRET)}
        assert (await client.post("/", data=body, headers=signed)).status == 200
        forged = {**signed, "x-msg-type": "live_gift"}
        assert (await client.post("/", data=body, headers=forged)).status == 401
    await hook.stop()
    assert [signal["d"]["text"] for signal in got] == ["多少钱", "包邮吗"]
    assert got[0]["src"] == {"platform": "douyin", "msg_id": "7", "ts": 1_760_000_000_050}


def test_a_webhook_without_a_secret_does_not_open() -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        Webhook(load_mapping("douyin"), print, secret="")  # type: ignore[arg-type]
    assert not is_signed(b"x", "", "s")


def test_lines_that_are_no_message_are_passed_by() -> None:
    assert message_of(b"hello\n") is None
    assert message_of(b"[1]\n") is None
    assert message_of('{"type": "user.follow", "d": {}}') == {"type": "user.follow", "d": {}}


async def test_a_program_that_ends_is_started_again() -> None:
    program = (
        'import json; print(json.dumps({"type": "user.follow", "d": {"user": {"ref": "u"}}})); print("x" * 400000)'
    )
    got: list[dict[str, Any]] = []
    pauses: list[float] = []
    twice = asyncio.Event()

    async def publish(signals: list[dict[str, Any]]) -> Outcome:
        got.extend(signals)
        if len(got) == 2:
            twice.set()
        return Outcome(True)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    backoff = Backoff(random.Random(1), first_s=1.0, jitter=0.0)
    following = asyncio.create_task(
        follow(
            lambda: lines_of([sys.executable, "-c", program]), None, publish, name="it", backoff=backoff, sleep=sleep
        )
    )
    async with asyncio.timeout(30):
        await twice.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert pauses[0] == 1.0


async def test_the_webhook_plugin_stays_closed_without_a_secret(repository, room: Room, monkeypatch) -> None:
    monkeypatch.delenv("NIGHTCAST_WEBHOOK_SECRET", raising=False)
    runtime = await room.start(load_module(repository / "plugins" / "webhook" / "plugin.py").plugin)
    assert "stays closed" in runtime.notes[0]


async def test_the_lines_plugin_brings_a_programs_words_into_the_room(repository, room: Room, until) -> None:
    module = load_module(repository / "plugins" / "json_lines" / "plugin.py")
    module.SETTINGS.update(
        command=[sys.executable, "-c", f"print({json.dumps(json.dumps(PUSH))}, flush=True); input()"], platform="douyin"
    )
    await room.start(module.plugin)
    async with asyncio.timeout(30):
        while not room.events:
            await asyncio.sleep(0.01)
            await room.settle()
    assert room.events[0].text == "多少钱"
    for task in module._following:
        task.cancel()
    await asyncio.gather(*module._following, return_exceptions=True)
