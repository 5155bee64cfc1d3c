"""Brings a Bilibili live room in, by the platform's official push (open-live). Settings: `settings.yaml`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import yaml

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import follow
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.open_live import OpenLive
from nightcast.room.sdk import Context, Plugin

plugin = Plugin("bilibili", scopes=["room:publish"])

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text("utf-8"))
SECRETS = ("NIGHTCAST_BILIBILI_KEY", "NIGHTCAST_BILIBILI_SECRET", "NIGHTCAST_BILIBILI_CODE")

_following: list[asyncio.Task[None]] = []


@plugin.on_start
async def begin(ctx: Context) -> None:
    missing = [name for name in SECRETS if not os.environ.get(name)]
    if missing or not SETTINGS["app_id"]:
        ctx.log(f"nothing is brought in; not set: {', '.join(missing or ['app_id in settings.yaml'])}")
        return
    key, secret, code = (os.environ[name] for name in SECRETS)
    room = OpenLive(key, secret, SETTINGS["app_id"], code)
    backoff = Backoff(ctx.random, first_s=5.0, cap_s=60.0)
    mapping = load_mapping("bilibili")
    work = follow(room.messages, mapping, ctx.publish, name="Bilibili", backoff=backoff, sleep=ctx.sleep)
    _following.append(asyncio.create_task(work))


if __name__ == "__main__":
    plugin.run()
