"""Our hub, our SDK and a client in another language keep the protocol; those who do not are found out."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.asyncio.server import serve

from nightcast.room.conformance.host import check_host
from nightcast.room.conformance.plugin import check_plugin
from nightcast.room.events import Comment, User
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.protocol import SUBPROTOCOL, Limits

ENGINE = Path(__file__).parents[3] / "engine"
HELLO_JS = Path(__file__).parents[3] / "plugins" / "hello_js"
SDK_PLUGIN = f"""
import sys
sys.path.insert(0, {str(ENGINE)!r})
from nightcast.room.sdk import Comment, Plugin
plugin = Plugin("probe", scopes=["room.comment:read", "speech:write"])
@plugin.on(Comment)
async def hello(ctx, comment):
    await ctx.say("hello")
plugin.run()
"""


def has_websocket() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    probe = [node, "--experimental-websocket", "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


needs_node = pytest.mark.skipif(not has_websocket(), reason="needs Node with its built-in WebSocket (20.10 or newer)")


def problems(results: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, problem) for name, problem in results if problem]


@pytest.mark.slow
@pytest.mark.parametrize(
    "live_options", [{"limits": Limits(identify_ms=500, queue_soft_bytes=1_000_000, slow_ms=4_000)}]
)
async def test_our_hub_conforms(live) -> None:
    async def revoke() -> None:
        live.hub.revoke("conformance", ["speech:write"])

    live.grants.allow("conformance", ["room:publish", "room.comment:read", "speech:write"])
    results = await check_host(live.url, live.grants.issue("conformance"), revoke)
    assert problems(results) == []
    assert len(results) == 26
    assert any(notice.kind == "slow" for notice in live.notices)


@pytest.mark.slow
async def test_our_sdk_conforms() -> None:
    results = await check_plugin([sys.executable, "-c", SDK_PLUGIN])
    assert problems(results) == []
    assert len(results) == 22


@pytest.mark.slow
@needs_node
async def test_a_client_in_javascript_conforms() -> None:
    argv = ["node", "--experimental-websocket", "--no-warnings", str(HELLO_JS / "plugin.mjs")]
    results = await check_plugin(argv)
    assert problems(results) == []
    assert len(results) == 22


@needs_node
async def test_a_plugin_in_javascript_runs_as_a_process_of_the_show(live, until, tmp_path: Path) -> None:

    plugins = PluginManager(live.hub, live.url, tmp_path, rng=random.Random(1))
    plugins.add(HELLO_JS)
    plugins.start()
    await until(lambda: plugins.status()[0].state == "running")
    live.hub.publish(Comment(comment_id="c", user=User(ref="u", nickname="Amy"), text="hello there"))
    await until(lambda: len(live.done("speech.say")) == 1)
    assert live.done("speech.say")[0].text == "Hello A***!"
    await plugins.stop()


async def test_where_nobody_listens_one_line_says_so() -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        results = await check_host(f"ws://127.0.0.1:{taken.getsockname()[1]}/plugin/v1", "token")
    assert len(results) == 1
    assert "no hub listens at ws://127.0.0.1" in results[0][1]


async def test_a_hub_that_says_nothing_right_fails_every_check() -> None:
    async def silent(connection) -> None:
        await connection.send(json.dumps({"op": "hello", "proto": [7]}))
        await connection.close(1000)

    async with serve(silent, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/plugin/v1"
        results = await check_host(url, "token")
    assert len(problems(results)) == len(results) == 25


async def test_a_command_that_ends_at_once_is_told_without_waiting_for_it_in_every_check() -> None:
    results = await check_plugin([sys.executable, "-c", "raise SystemExit(7)"])
    assert results == [
        ("it connects", "expected a connection to NIGHTCAST_HUB; saw its process end with status 7"),
    ]


@pytest.mark.slow
async def test_a_plugin_that_cannot_resume_is_found_out() -> None:
    forgetful = SDK_PLUGIN.replace(
        "plugin.run()",
        "from nightcast.room.sdk.client import ClientCore\n"
        "closed = ClientCore.closed\n"
        "def forget(self, code):\n    self.session = None\n    return closed(self, code)\n"
        "ClientCore.closed = forget\nplugin.run()",
    )
    async with asyncio.timeout(180):
        results = await check_plugin([sys.executable, "-c", forgetful], within_s=2)
    failed = [name for name, problem in results if problem]
    assert "it resumes after a lost connection" in failed
    assert "it identifies with its token" not in failed
