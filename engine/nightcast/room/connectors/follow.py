"""Following a platform for as long as we run: what its source tells is translated and brought into the room."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.mapping import PlatformMapping
from nightcast.room.errors import ConnectorError
from nightcast.room.sdk.context import Outcome

__all__ = ["Publish", "Source", "bring", "follow", "heard_until", "library"]

log = logging.getLogger(__name__)

T = TypeVar("T")

_AT_ONCE = 200  # signals in a frame: a frame may have 64 KiB
_PAUSE_S = 0.2

#: Opens a connection to a platform and yields its messages, some at a time, until it ends.
Source = Callable[[], AsyncIterator[Sequence[Mapping[str, Any]]]]


Publish = Callable[[list[dict[str, Any]]], Awaitable[Outcome]]
Sleep = Callable[[float], Awaitable[None]]


async def follow(
    source: Source,
    mapping: PlatformMapping | None,
    publish: Publish,
    *,
    name: str,
    backoff: Backoff,
    sleep: Sleep,
) -> None:
    """Follow a source, and open it again with growing pauses when it ends or fails. Without a mapping its messages are
    signals of ours.
    """
    while True:
        why = "it ended"
        try:
            async for messages in source():
                backoff.succeeded()
                made = [[dict(message)] if mapping is None else mapping.translate(message) for message in messages]
                await bring(list(chain.from_iterable(made)), publish, sleep)
        except (ConnectorError, OSError, TimeoutError) as error:
            why = str(error)
        pause_s = backoff.next_s()
        log.warning("%s: %s; again in %.1f s", name, why, pause_s)
        await sleep(pause_s)


async def bring(signals: list[dict[str, Any]], publish: Publish, sleep: Sleep) -> None:
    """Publish signals. While the hub is busy or away they wait; one that it does not understand is left out alone."""
    for start in range(0, len(signals), _AT_ONCE):
        some = signals[start : start + _AT_ONCE]
        while not (answer := await publish(some)) and answer.code in ("rate_limited", "timeout"):
            await sleep(max(_PAUSE_S, (answer.retry_after_ms or 0) / 1000))
        if answer or len(some) == 1:
            if not answer:
                log.warning("the hub refused a %s: %s %s", some[0].get("type"), answer.code, answer.detail)
            continue
        for signal in some:
            await bring([signal], publish, sleep)


async def heard_until(ended: asyncio.Future[Any], queue: asyncio.Queue[T]) -> AsyncIterator[list[T]]:
    """What a library's callbacks put into a queue, until it has ended; its error is raised."""
    while True:
        waiting = asyncio.ensure_future(queue.get())
        await asyncio.wait((waiting, ended), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await ended
            return
        found = [waiting.result()]
        while not queue.empty():
            found.append(queue.get_nowait())
        yield found


def library(module: str, package: str) -> Any:
    """A library for a platform, which is not part of Nightcast. Raises ConnectorError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        if error.name is not None and error.name.partition(".")[0] != name:
            raise  # the library is there and lacks something itself
        remedy = f'Install it with: "{sys.executable}" -m pip install "{package}"'
        raise ConnectorError(name, "is not installed", remedy) from error
