"""A connector for everything else: a program that prints one JSON message a line.

The program may be ten lines around a library for a platform. It is started again when it ends, with growing pauses.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from nightcast.process.backoff import Backoff
from nightcast.room.connectors.mapping import PlatformMapping

__all__ = ["follow", "translated"]

log = logging.getLogger(__name__)

_MAX_LINE_BYTES = 256 * 1024
Publish = Callable[[list[dict[str, Any]]], Awaitable[object]]


def translated(line: bytes | str, mapping: PlatformMapping | None) -> list[dict[str, Any]]:
    """The signals of a line; without a mapping a line is a signal of ours. Lines that are no message give none."""
    try:
        message = json.loads(line)
    except ValueError:
        return []
    if not isinstance(message, dict):
        return []
    return [message] if mapping is None else mapping.translate(message)


async def follow(
    argv: Sequence[str],
    mapping: PlatformMapping | None,
    publish: Publish,
    *,
    backoff: Backoff,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Run a program for as long as we run, and publish what it prints."""
    while True:
        async for line in _lines(argv):
            signals = translated(line, mapping)
            if signals:
                backoff.succeeded()
                await publish(signals)
        pause_s = backoff.next_s()
        log.warning("%s has ended; again in %.1f s", argv[0], pause_s)
        await sleep(pause_s)


async def _lines(argv: Sequence[str]) -> AsyncIterator[bytes]:
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE, limit=_MAX_LINE_BYTES)
    if process.stdout is None:
        return
    try:
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than any message may be
                continue
            if not line:
                return
            yield line
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
