"""What a live platform does to its messages: drops, repeats, reorders and delays them. Seeded."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterable

from nightcast.room.events import Event
from nightcast.room.folding import Raw
from nightcast.room.simulation.profiles import FaultRates

_DELAY_MS = 3_000
_REORDER_MS = 400
_DUPLICATE_MS = 250


class Faults:
    """Passes signals on with faults. Each signal's time is when it happened; `pass_on` says when it arrives."""

    def __init__(self, rates: FaultRates, seed: int) -> None:
        self._rates = rates
        self._rng = random.Random(seed)
        self._order = itertools.count()
        self._due: list[tuple[int, int, Raw | Event]] = []
        self.dropped = 0
        self.duplicated = 0

    def pass_on(self, signals: Iterable[Raw | Event], now_ms: int) -> list[Raw | Event]:
        """Take what happened; return what arrives until now."""
        for signal in signals:
            self._take(signal)
        arrived: list[Raw | Event] = []
        while self._due and self._due[0][0] <= now_ms:
            arrived.append(heapq.heappop(self._due)[2])
        return arrived

    def _take(self, signal: Raw | Event) -> None:
        rates, chance = self._rates, self._rng.random
        if chance() < rates.drop:
            self.dropped += 1
            return
        late_ms = 0
        if chance() < rates.delay:
            late_ms = self._rng.randrange(_DELAY_MS)
        elif chance() < rates.reorder:
            late_ms = self._rng.randrange(_REORDER_MS)
        self._push(signal, late_ms)
        if chance() < rates.duplicate:
            self.duplicated += 1
            self._push(signal, late_ms + self._rng.randrange(1, _DUPLICATE_MS))

    def _push(self, signal: Raw | Event, late_ms: int) -> None:
        heapq.heappush(self._due, (signal.ts_ms + late_ms, next(self._order), signal))
