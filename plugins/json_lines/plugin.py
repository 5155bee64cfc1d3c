"""Brings in what any program prints as lines of JSON. Settings: `settings.yaml`; examples in docs/plugins.md."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import yaml

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import follow
from nightcast.room.connectors.lines import lines_of
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.sdk import Context, Plugin

plugin = Plugin("json_lines", scopes=["room:publish"])

HERE = Path(__file__).parent
SETTINGS: dict[str, Any] = yaml.safe_load((HERE / "settings.yaml").read_text("utf-8"))

_following: list[asyncio.Task[None]] = []


@plugin.on_start
async def begin(ctx: Context) -> None:
    name, argv = SETTINGS["platform"], SETTINGS["command"]
    if not argv:
        ctx.log("settings.yaml names no command: nothing is brought in")
        return
    mapping = None if name is None else load_mapping(HERE / name if name.endswith(".yaml") else name)
    backoff = Backoff(ctx.random, first_s=1.0, cap_s=60.0)
    work = follow(lambda: lines_of(argv), mapping, ctx.publish, name=argv[0], backoff=backoff, sleep=ctx.sleep)
    _following.append(asyncio.create_task(work))


if __name__ == "__main__":
    plugin.run()
