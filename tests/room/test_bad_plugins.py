"""Plugins that raise, exit, spin, eat memory, flood, never read or lie, as processes, while the room goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nightcast.room.events import Comment, GiftFinal, User
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.plugins.scaffold import new_plugin
from nightcast.room.protocol import Limits

SDK = """
from nightcast.room.sdk import Comment, Plugin
plugin = Plugin("{id}", scopes=["room.comment:read", "speech:write"])
@plugin.on(Comment)
async def handle(ctx, comment):
    {body}
plugin.run()
"""
#: What their handlers do with a comment.
BODIES = {
    "raises": "raise ValueError('oops')",
    "exits": "import os; os._exit(9)",
    "floods": "[await ctx.say('spam') for _ in range(200)]",
    "spins": "\n    while True: pass",
    "hungry": "held = [bytearray(8 << 20) for _ in range(100_000)]",
}
RAW = """
import asyncio, json, os
from websockets.asyncio.client import connect

async def main():
    async with connect(os.environ["NIGHTCAST_HUB"], subprotocols=["nightcast.v1.json"], close_timeout=0.1) as hub:
        async def say(**frame):
            await hub.send(json.dumps(frame))
        async def hear():
            return json.loads(await hub.recv())
        await hear()
        {body}

asyncio.run(main())
"""
IDENTIFY = (
    'await say(op="identify", proto=1, plugin={{"id": "{id}"}}, token=os.environ["NIGHTCAST_TOKEN"], '
    'scopes=[{scopes}], subs=[{{"type": "{subs}"}}])\n        '
)
DEAF = (
    IDENTIFY.format(id="deaf", scopes="", subs="gift.final") + "hub.transport.pause_reading(); await asyncio.sleep(600)"
)
LIAR = (
    IDENTIFY.format(id="liar", scopes='"order.pii:read", "promo:write", "room:publish", "speech:write"', subs="order.*")
    + """print("denied", sorted((await hear())["denied"]))
        coupon = {"coupon_id": "c", "value_minor": 100000, "count": 100}
        await say(op="action", id="a", type="promo.coupon", d=coupon, idem="k")
        await say(op="action", id="b", type="speech.say", d={"text": "All is free!"}, pri="operator")
        await say(op="publish", id="c", events=[{"type": "order.paid", "d": {"order_id": "1", "lines": []}}])
        for _ in range(3):
            print("told", (await hear())["code"])
        await asyncio.sleep(600)"""
)

HANGS = IDENTIFY.format(id="hangs", scopes="", subs="gift.final") + (
    "await hear(); await asyncio.sleep(1); await hub.close(); await asyncio.sleep(600)"
)


def comment(number: int) -> Comment:
    return Comment(comment_id=f"c{number}", user=User(ref="u", nickname="Amy"), text="hello")


def plugin_in(parent: Path, name: str, code: str, memory_mb: int = 256) -> Path:
    folder = new_plugin(parent, name)
    (folder / "plugin.py").write_text(code)
    manifest = folder / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("memory_mb: 256", f"memory_mb: {memory_mb}"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "live_options", [{"limits": Limits(heartbeat_ms=1_000, queue_soft_bytes=200_000, slow_ms=1_000)}]
)
async def test_the_room_goes_on_whatever_a_plugin_does(live, until, tmp_path: Path) -> None:
    plugins = PluginManager(live.hub, live.url, tmp_path / "run", rng=random.Random(1), away_s=2.0)
    for name, body in BODIES.items():
        plugins.add(plugin_in(tmp_path, name, SDK.format(id=name, body=body), 96 if name == "hungry" else 256))
    for name, body in (("deaf", DEAF), ("liar", LIAR)):
        plugins.add(plugin_in(tmp_path, name, RAW.replace("{body}", body)))
    plugins.add(new_plugin(tmp_path, "good"))
    plugins.start()

    def status(name: str):
        return next(found for found in plugins.status() if found.id == name)

    def log(name: str) -> str:
        return (tmp_path / "run" / name / "plugin.log").read_text()

    def closed(name: str, code: int) -> bool:
        return any(n.plugin_id == name and n.kind == "closed" and str(code) in n.detail for n in live.notices)

    def deaf_has_missed_much() -> bool:
        """Gifts come until it is closed for not reading: on a busy machine its heart may be missed before."""
        if status("deaf").state == "running":
            for number in range(30):
                live.hub.publish(GiftFinal(combo_id=f"k{number}", user=User(ref="u"), gift_id="rose" * 8_000, count=1))
        return closed("deaf", 4010) and status("deaf").restarts >= 1

    await until(lambda: all(found.state == "running" for found in plugins.status()))
    for number in range(3):
        live.hub.publish(comment(number))
    await until(deaf_has_missed_much)
    await until(lambda: sum("Hello A***" in said.text for said in live.done("speech.say")) == 3)
    await until(lambda: "oops" in log("raises"))
    await until(lambda: status("exits").restarts >= 1)
    await until(lambda: closed("floods", 4008))
    await until(lambda: "MemoryError" in log("hungry"))
    await until(lambda: closed("spins", 4009) and status("spins").restarts >= 1)  # its process was ended
    await until(lambda: log("liar").count("told") >= 3)
    assert "denied ['order.*', 'order.pii:read', 'promo:write', 'room:publish']" in log("liar")
    assert log("liar").count("told forbidden_scope") == log("liar").count("told")
    assert live.done("promo.coupon") == []
    assert {found.id for found in plugins.status() if found.state == "running"} >= {"raises", "hungry", "good"}
    live.hub.publish(comment(9))
    await until(lambda: sum("Hello A***" in said.text for said in live.done("speech.say")) == 4)
    await plugins.stop()


async def test_a_plugin_that_stays_away_from_the_hub_is_ended_and_started_again(live, until, tmp_path: Path) -> None:
    folder = plugin_in(tmp_path, "hangs", RAW.replace("{body}", HANGS))
    plugins = PluginManager(live.hub, live.url, tmp_path / "run", rng=random.Random(1), away_s=0.5)
    plugins.add(folder)
    plugins.start()
    await until(lambda: plugins.status()[0].restarts >= 1)
    await until(lambda: plugins.status()[0].pid is not None)
    await plugins.stop()


def test_a_plugin_that_lies_about_its_scope_gets_nothing_by_it(bench) -> None:
    socket = bench.plugin("liar", "order.paid", scopes=("speech:write",))
    assert "order.paid" in socket.ready["denied"]
    refused = socket.action("promo.coupon", {"coupon_id": "c", "value_minor": 1, "count": 1}, idem="k")
    assert refused["code"] == "forbidden_scope"
    assert socket.action("speech.say", {"text": "x"}, id="b", pri="operator")["code"] == "forbidden_scope"


def test_a_plugin_that_spins_is_closed_when_its_heart_stops(new_bench) -> None:
    bench = new_bench(limits=Limits(heartbeat_ms=2_000))
    socket = bench.plugin("spins")
    bench.pass_s(5.5)
    assert socket.closed == 4009
