"""Plugins that raise, spin, flood, never acknowledge or lie about their scope, while the room goes on."""

from __future__ import annotations

import random
from pathlib import Path

from nightcast.room.events import Comment, User
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.plugins.scaffold import new_plugin
from nightcast.room.protocol import Limits

RAISES = """
import asyncio, sys
from nightcast.room.sdk import Comment, Plugin
plugin = Plugin("{id}", scopes=["room.comment:read", "speech:write"])
@plugin.on(Comment)
async def handle(ctx, comment):
    {body}
plugin.run()
"""
BODIES = {
    "raises": "raise ValueError('oops')",
    "exits": "import os; os._exit(9)",
    "floods": "[await ctx.say('spam') for _ in range(200)]",
    "spins": "\n    while True: pass",
}


def comment(number: int) -> Comment:
    return Comment(comment_id=f"c{number}", user=User(ref="u", nickname="Amy"), text="hello")


async def test_the_room_goes_on_whatever_a_plugin_does(live, until, tmp_path: Path) -> None:
    plugins = PluginManager(live.hub, live.url, tmp_path / "run", rng=random.Random(1))
    for name, body in BODIES.items():
        folder = new_plugin(tmp_path, name)
        (folder / "plugin.py").write_text(RAISES.format(id=name, body=body))
        plugins.add(folder)
    plugins.add(new_plugin(tmp_path, "good"))
    plugins.start()
    await until(lambda: all(status.state == "running" for status in plugins.status()))
    for number in range(3):
        live.hub.publish(comment(number))
    await until(lambda: sum("Hello A***" in d.text for d in live.done("speech.say")) == 3)
    await until(lambda: next(s for s in plugins.status() if s.id == "exits").restarts >= 1)
    flooded = [n for n in live.notices if n.plugin_id == "floods" and "4008" in n.detail]
    await until(lambda: flooded or any(n.plugin_id == "floods" and "4008" in n.detail for n in live.notices))
    assert "oops" in (tmp_path / "run" / "raises" / "plugin.log").read_text()
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
