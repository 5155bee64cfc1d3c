"""A YouTube live chat by the official API: https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list

The API is asked again and again. A question costs five units of a quota of usually ten thousand a day, so by default
it is asked every twenty seconds: a night of eleven hours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from nightcast.room.errors import ConnectorError

__all__ = ["YouTubeChat"]

_API = "https://www.googleapis.com/youtube/v3"
_TIMEOUT_S = 20.0
_LONG_AGO = datetime.fromtimestamp(0, UTC)
_REMEDY = {
    "quotaExceeded": "Ask for more quota in the API console, or let settings.yaml ask less often.",
    "keyInvalid": "Look at NIGHTCAST_YOUTUBE_KEY.",
    "rateLimitExceeded": "Let settings.yaml ask less often.",
    "liveChatEnded": "",
    "liveChatDisabled": "Switch the chat of the broadcast on.",
}


@dataclass
class YouTubeChat:
    """The chat of one broadcast. What was written before the connector first came is left out."""

    video: str
    key: str
    sleep: Callable[[float], Awaitable[None]]
    every_s: float = 20.0
    api: str = _API
    _newest: datetime | None = field(default=None, init=False)

    async def messages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """New messages until the broadcast ends; a source for `follow`. Raises ConnectorError."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with aiohttp.ClientSession(timeout=timeout, headers={"X-Goog-Api-Key": self.key}) as http:
                chat = await self._chat(http)
                page = ""
                while True:
                    query = {"liveChatId": chat, "part": "id,snippet,authorDetails", "maxResults": "2000"}
                    told = await self._ask(http, "liveChat/messages", query | ({"pageToken": page} if page else {}))
                    if new := self._new(told.get("items", [])):
                        yield new
                    if "offlineAt" in told:
                        return
                    page = told["nextPageToken"]
                    await self.sleep(max(self.every_s, told.get("pollingIntervalMillis", 0) / 1000))
        except aiohttp.ClientError as error:
            raise ConnectorError("YouTube", f"cannot be reached ({error})") from error

    def _new(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is not older than all that was seen; of the first page nothing, for it is history."""
        times = [datetime.fromisoformat(item["snippet"]["publishedAt"]) for item in items]
        since = self._newest
        self._newest = max([since or _LONG_AGO, *times])
        return [] if since is None else [item for item, at in zip(items, times, strict=True) if at >= since]

    async def _chat(self, http: aiohttp.ClientSession) -> str:
        told = await self._ask(http, "videos", {"part": "liveStreamingDetails", "id": self.video})
        items = told.get("items", [])
        if not items:
            raise ConnectorError("YouTube", f"knows no video {self.video!r}", "Look at settings.yaml.")
        chat = items[0].get("liveStreamingDetails", {}).get("activeLiveChatId")
        if chat is None:
            raise ConnectorError("YouTube", f"has no live chat for the video {self.video!r} now")
        return str(chat)

    async def _ask(self, http: aiohttp.ClientSession, what: str, query: dict[str, str]) -> dict[str, Any]:
        async with http.get(f"{self.api}/{what}", params=query) as answer:
            told: dict[str, Any] = await answer.json(content_type=None)
        if answer.status != 200:
            error = told.get("error", {})
            reason = (error.get("errors") or [{}])[0].get("reason", "")
            problem = f"answers with HTTP {answer.status}: {reason or error.get('message', '')}"
            raise ConnectorError("YouTube", problem, _REMEDY.get(reason, ""))
        return told
