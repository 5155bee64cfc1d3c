"""A clock that moves only when it is told to."""

from __future__ import annotations

import asyncio
import heapq
import itertools

#: 2026-01-01 00:00 UTC, so that tests see plausible times.
START_MS = 1_767_225_600_000


class VirtualClock:
    """Milliseconds since the epoch. Sleepers wake in order of their time when `move_to` passes it."""

    def __init__(self, start_ms: int = START_MS) -> None:
        self._now_ms = start_ms
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due_ms = self._now_ms + max(0, round(seconds * 1000))
        heapq.heappush(self._sleepers, (due_ms, next(self._order), future))
        await future

    def next_due_ms(self) -> int | None:
        """When the next sleeper wakes."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def move_to(self, now_ms: int) -> None:
        """Set the time and wake who has slept long enough."""
        self._now_ms = max(self._now_ms, now_ms)
        while self._sleepers and self._sleepers[0][0] <= self._now_ms:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
