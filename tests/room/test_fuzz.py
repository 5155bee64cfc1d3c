"""A hundred thousand hostile messages: no crash, no leak, no wrong close code."""

from __future__ import annotations

import json
import random
import string

import pytest

from nightcast.room.actions import ACTIONS
from nightcast.room.protocol import PLUGIN_FRAMES, Close

ALLOWED = {int(c) for c in (Close.PROTOCOL, Close.DECODE, Close.BAD_TOKEN, Close.VERSION, Close.BAD_SESSION)} | {
    int(Close.RATE_ABUSE), int(Close.REPLACED),
}  # fmt: skip
MESSAGES = 100_000


def scalar(rng: random.Random):
    return rng.choice(
        [
            None, True, -1, 0, 1, 2**63, 1e308, "", "p", "x" * 130, "\x00", "人", "a1",
            "memory", "ses_1", "speech.say", rng.choice(list(ACTIONS)),
        ]
    )  # fmt: skip


def value(rng: random.Random, depth: int = 0):
    pick = rng.random()
    if depth > 3 or pick < 0.6:
        return scalar(rng)
    if pick < 0.8:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {
        rng.choice(["id", "type", "text", "d", "seq", "where"]): value(rng, depth + 1) for _ in range(rng.randrange(4))
    }


def message(rng: random.Random) -> str | bytes:
    pick = rng.random()
    if pick < 0.01:
        return rng.randbytes(rng.randrange(40))
    if pick < 0.02:
        return "".join(rng.choices(string.printable, k=rng.randrange(60)))
    if pick < 0.025:
        return '{"op":"ack","seq":' + "[" * rng.randrange(2_000) + "}"
    op = rng.choice([*PLUGIN_FRAMES, "dance", None])
    frame = {"op": op}
    names = list(PLUGIN_FRAMES[op].model_fields) if op in PLUGIN_FRAMES else ["id"]
    for name in names:
        if name != "op" and rng.random() < 0.7:
            frame["if" if name == "when" else name] = value(rng)
    text = json.dumps(frame)
    return text[: rng.randrange(len(text))] if rng.random() < 0.01 else text


@pytest.mark.slow
def test_hostile_messages_do_no_harm(bench) -> None:
    rng = random.Random(7)
    bench.allow("p")
    codes: dict[int, int] = {}
    socket, left = None, 0
    for _ in range(MESSAGES):
        if socket is None or left == 0:
            if socket is not None:
                socket.cut()
            socket = bench.plugin("p", "comment.new") if rng.random() < 0.7 else bench.socket()
            left = 50
        socket.raw(message(rng))
        bench.now_ms += 20
        left -= 1
        if socket.closed is not None:
            codes[socket.closed] = codes.get(socket.closed, 0) + 1
            left = 0
        elif left % 10 == 0:
            socket.frames()
        if left == 25:
            bench.core.tick(bench.now_ms)
            bench.core.changes.clear()
            bench.core.notices.clear()
    assert set(codes) <= ALLOWED
    assert len(codes) >= 3
    socket.cut()
    assert len(bench.core._sessions) == 1
    assert bench.core._conns == {}
    healthy = bench.plugin("p")
    assert healthy.action("overlay.show", {"overlay": "card"}, id="after")["state"] == "accepted"
