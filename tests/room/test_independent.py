"""Somebody who has only the published schema can write a client that misses nothing."""

from __future__ import annotations

import ast
import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from nightcast.room.schema.export import published_examples


def test_the_client_has_nothing_of_ours(independent: Any) -> None:
    tree = ast.parse(Path(independent.__file__).read_text("utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in names if name.startswith("nightcast")]


def test_every_golden_frame_is_as_the_schema_says(independent: Any) -> None:
    for name, frame in published_examples().items():
        if name.startswith(("frame.", "event.")):
            direction = independent.SCHEMA["$defs"][f"frame.{frame['op']}"]["x-from"]
            assert independent.checked(frame, "hub" if direction == "both" else direction) == frame


def test_a_wrong_message_is_named_by_its_place(independent: Any) -> None:
    wrong = [
        ({"op": "ack"}, "frame.ack has no seq"),
        ({"op": "ack", "seq": "1"}, "frame.ack.seq is '1', not integer"),
        ({"op": "action", "id": "a", "type": "x", "d": {}, "on_busy": "wait"}, "none of"),
        ({"op": "hello"}, "not sent by the plugin"),
        ({"op": "identify", "proto": 1, "plugin": {"id": "x"}, "token": "x" * 300}, "letters long"),
    ]
    for frame, why in wrong:
        with pytest.raises(independent.WrongMessageError, match=why):
            independent.checked(frame, "plugin")


async def test_it_hears_acts_and_is_told_how_it_ended(live, independent: Any) -> None:
    live.grants.allow("outsider", ["room.comment:read", "room:publish", "speech:write"])
    client = independent.Client(
        live.url, live.grants.issue("outsider"), "outsider", ["room.comment:read", "room:publish", "speech:write"],
        ["comment.*", "gift.final", "like.window"],
    )  # fmt: skip
    await client.open()
    comment = {"comment_id": "c1", "user": {"ref": "u", "nickname": "Amy"}, "text": "hello"}
    gift = {"user": {"ref": "u"}, "gift_id": "rose", "count": 3}
    events = [{"type": "comment.new", "d": comment}, {"type": "gift.raw", "d": gift}, {"type": "like.raw", "d": {}}]
    await client.send(op="publish", id="p1", events=events)
    assert (await client.event("comment.new"))["user"]["nickname"] == "A***"
    assert (await client.event("gift.final"))["count"] == 3
    assert (await client.result("p1"))["state"] == "accepted"
    assert (await client.act("a1", "speech.say", {"text": "Hello!"}, ttl_ms=5000))["state"] == "accepted"
    assert [(await client.event("action.state"))["state"] for _ in range(3)] == ["queued", "started", "done"]
    refused = await client.act("a2", "tryon.start", {"product_id": "x"})
    assert (refused["state"], refused["code"]) == ("rejected", "forbidden_scope")
    await client.send(op="cancel", id="a9")
    assert (await client.result("a9"))["code"] == "not_found"
    assert (await client.event("like.window"))["total"] == 1
    live.hub.revoke("outsider")
    assert await client.closed() == "stop"


async def test_it_misses_nothing_though_its_connection_is_cut_again_and_again(live, independent: Any, gift) -> None:
    live.grants.allow("outsider", [])
    client = independent.Client(live.url, live.grants.issue("outsider"), "outsider", [], ["gift.final"])
    rng = random.Random(3)
    counts: list[int] = []
    sent = 0
    await client.open()
    async with asyncio.timeout(60):
        for _ in range(40):
            for _ in range(rng.randrange(1, 6)):
                sent += 1
                live.hub.publish(gift(sent))
            while len(counts) < sent - rng.randrange(4):
                counts.append((await client.event("gift.final"))["count"])
            client.cut()
            await client.open()
            assert client.how == "resumed"
        while len(counts) < sent:
            counts.append((await client.event("gift.final"))["count"])
    assert counts == list(range(1, sent + 1))
    assert client.missed == {}
    client.cut()
