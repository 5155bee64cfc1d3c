"""Brings a YouTube live chat in, by the official API. Settings: `settings.yaml`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import yaml

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import follow
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.youtube import YouTubeChat
from nightcast.room.sdk import Context, Plugin

plugin = Plugin("youtube", scopes=["room:publish"])

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text("utf-8"))

_following: list[asyncio.Task[None]] = []


@plugin.on_start
async def begin(ctx: Context) -> None:
    key = os.environ.get("NIGHTCAST_YOUTUBE_KEY", "")
    if not key or not SETTINGS["video"]:
        ctx.log("nothing is brought in: NIGHTCAST_YOUTUBE_KEY or the video in settings.yaml is not set")
        return
    chat = YouTubeChat(SETTINGS["video"], key, ctx.sleep, every_s=SETTINGS["every_s"])
    backoff = Backoff(ctx.random, first_s=10.0, cap_s=300.0)
    mapping = load_mapping("youtube")
    work = follow(chat.messages, mapping, ctx.publish, name="YouTube", backoff=backoff, sleep=ctx.sleep)
    _following.append(asyncio.create_task(work))


if __name__ == "__main__":
    plugin.run()
