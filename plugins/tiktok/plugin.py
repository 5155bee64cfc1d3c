"""Brings a TikTok live room in, by the TikTokLive library. Settings: `settings.yaml`.

The library is unofficial: it reads what TikTok's own page reads, may break any day, and you answer for using it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import yaml

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.follow import follow, heard_until, library
from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.plain import plain
from nightcast.room.errors import ConnectorError
from nightcast.room.sdk import Context, Plugin

plugin = Plugin("tiktok", scopes=["room:publish"])

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text("utf-8"))
HEARD = (
    "CommentEvent", "FollowEvent", "GiftEvent", "ImDeleteEvent", "JoinEvent", "LikeEvent", "RoomUserSeqEvent",
    "ShareEvent",
)  # fmt: skip

_following: list[asyncio.Task[None]] = []


@plugin.on_start
async def begin(ctx: Context) -> None:
    if not SETTINGS["account"]:
        ctx.log("settings.yaml names no account: nothing is brought in")
        return
    library("TikTokLive", "TikTokLive>=7")
    backoff = Backoff(ctx.random, first_s=5.0, cap_s=120.0)
    work = follow(messages, load_mapping("tiktok"), ctx.publish, name="TikTok", backoff=backoff, sleep=ctx.sleep)
    _following.append(asyncio.create_task(work))


def message_of(event: Any) -> dict[str, Any]:
    """An event as the mapping reads it. The library's own `to_dict` raises NameError on its users (7.0.1)."""
    return {"type": type(event).__name__, "data": plain(event)}


async def messages() -> AsyncIterator[list[dict[str, Any]]]:
    """The room's events until it ends; a source for `follow`."""
    client = library("TikTokLive", "TikTokLive>=7").TikTokLiveClient(unique_id=SETTINGS["account"])
    events, errors = library("TikTokLive.events", ""), library("TikTokLive.client.errors", "")
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def hear(event: Any) -> None:
        heard.put_nowait(message_of(event))

    for name in HEARD:
        client.add_listener(getattr(events, name), hear)
    try:
        ended = await client.start(process_connect_events=False)
    except errors.TikTokLiveError as error:
        raise ConnectorError("TikTok", f"does not let us in ({error})", "Is the account live?") from error
    try:
        async for some in heard_until(ended, heard):
            yield some
    finally:
        await client.disconnect()


if __name__ == "__main__":
    plugin.run()
