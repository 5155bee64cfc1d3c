"""Messages of any program that prints one JSON object a line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

__all__ = ["lines_of", "message_of"]

_MAX_LINE_BYTES = 256 * 1024


def message_of(line: bytes | str) -> dict[str, Any] | None:
    """The message of a line; None where it is none."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


async def lines_of(argv: Sequence[str]) -> AsyncIterator[list[dict[str, Any]]]:
    """Run a program and yield what it prints, until it ends; a source for `follow`."""
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
            message = message_of(line)
            if message is not None:
                yield [message]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
