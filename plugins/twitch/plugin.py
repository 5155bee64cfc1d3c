"""Brings a Twitch channel in, by EventSub and the twitchio library. Settings: `settings.yaml`."""

from __future__ import annotations

import asyncio
import os
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

plugin = Plugin("twitch", scopes=["room:publish"])

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text("utf-8"))
SECRETS = ("NIGHTCAST_TWITCH_SECRET", "NIGHTCAST_TWITCH_TOKEN", "NIGHTCAST_TWITCH_REFRESH")
PACKAGE = "twitchio>=3.2"

_following: list[asyncio.Task[None]] = []


@plugin.on_start
async def begin(ctx: Context) -> None:
    missing = [name for name in SECRETS if not os.environ.get(name)]
    missing += [f"{name} in settings.yaml" for name in ("client_id", "channel_id", "bot_id") if not SETTINGS[name]]
    if missing:
        ctx.log(f"nothing is brought in; not set: {', '.join(missing)}")
        return
    library("twitchio", PACKAGE)
    backoff = Backoff(ctx.random, first_s=5.0, cap_s=120.0)
    work = follow(messages, load_mapping("twitch"), ctx.publish, name="Twitch", backoff=backoff, sleep=ctx.sleep)
    _following.append(asyncio.create_task(work))


def message_of(payload: Any) -> dict[str, Any]:
    """A notification as the mapping reads it."""
    told = payload.metadata
    return {
        "type": payload.subscription_type,
        "message_id": told.message_id if told else None,
        "data": plain(payload),
    }


async def messages() -> AsyncIterator[list[dict[str, Any]]]:
    """The channel's notifications; a source for `follow`. The library keeps the connection by itself."""
    twitchio = library("twitchio", PACKAGE)
    wanted = library("twitchio.eventsub", PACKAGE)
    secret, token, refresh = (os.environ[name] for name in SECRETS)
    channel, bot = str(SETTINGS["channel_id"]), str(SETTINGS["bot_id"])
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    class Listener(twitchio.Client):  # type: ignore[misc]
        async def setup_hook(self) -> None:
            await self.add_token(token, refresh)
            for subscription in (
                wanted.ChatMessageSubscription(broadcaster_user_id=channel, user_id=bot),
                wanted.ChatMessageDeleteSubscription(broadcaster_user_id=channel, user_id=bot),
                wanted.ChannelCheerSubscription(broadcaster_user_id=channel),
                wanted.ChannelFollowSubscription(broadcaster_user_id=channel, moderator_user_id=bot),
                wanted.ChannelSubscribeSubscription(broadcaster_user_id=channel),
                wanted.ChannelSubscribeMessageSubscription(broadcaster_user_id=channel),
                wanted.ChannelSubscriptionGiftSubscription(broadcaster_user_id=channel),
            ):
                await self.subscribe_websocket(payload=subscription, token_for=bot)

        async def hear(self, payload: Any) -> None:
            heard.put_nowait(message_of(payload))

        event_message = event_message_delete = event_cheer = event_follow = hear
        event_subscription = event_subscription_message = event_subscription_gift = hear

    client = Listener(client_id=SETTINGS["client_id"], client_secret=secret, bot_id=bot)
    running = asyncio.create_task(client.start(with_adapter=False, load_tokens=False, save_tokens=False))
    try:
        async for some in heard_until(running, heard):
            yield some
    except twitchio.TwitchioException as error:
        raise ConnectorError("Twitch", f"does not let us in ({error})", "Look at the token and its scopes.") from error
    finally:
        running.cancel()


if __name__ == "__main__":
    plugin.run()
