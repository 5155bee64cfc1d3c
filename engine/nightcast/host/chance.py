"""Chance and noise as pure functions of a seed and of time, so that a moment looks the same however one gets there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nightcast.host.quaternion import F64

_U64 = NDArray[np.uint64]


def uniform(seed: int, cells: NDArray[np.int64]) -> F64:
    """Numbers in [0, 1), one for each whole number in `cells`; always the same ones. (splitmix64's finaliser.)"""
    # Arrays of whole numbers wrap round without a word, as this is meant to.
    x = cells.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) / float(1 << 53)


class Drift:
    """Several slow wanderings at once, each within -1..1 and smooth to the second derivative.

    Each is a sum of three layers of value noise whose periods stand in the ratio of the golden section, so
    that the sum does not come back to itself. `periods_s` (n,) is the slowest period of each.
    """

    _RATIO = 1.6180339887498949
    _LAYERS = np.array([0.6, 0.27, 0.13])

    def __init__(self, seed: int, periods_s: list[float]) -> None:
        slowest = np.asarray(periods_s, np.float64)
        self._periods = slowest[:, None] / self._RATIO ** np.arange(3)
        count = self._periods.size
        self._seeds = (np.arange(count, dtype=np.int64).reshape(self._periods.shape) + 1) * 1_000_003
        self._seed = seed
        self._offsets = uniform(seed ^ 0x5EED, np.arange(count, dtype=np.int64)).reshape(self._periods.shape)

    def at(self, time_s: float) -> F64:
        """(n,) values in -1..1."""
        place = time_s / self._periods + self._offsets
        cell = np.floor(place)
        share = place - cell
        cells = self._seeds * 4096 + np.stack([cell, cell + 1]).astype(np.int64)
        low, high = uniform(self._seed, cells) * 2 - 1
        smooth = share**3 * (share * (share * 6 - 15) + 10)
        values: F64 = (low + (high - low) * smooth) @ self._LAYERS
        return values


class Renewals:
    """Moments that come at irregular human intervals, found for any time without walking there.

    Time is cut into blocks; in each the moments follow one another by log-normal gaps around `median_s`.
    """

    _BLOCK_S = 60.0

    def __init__(self, seed: int, median_s: float, spread: float, least_s: float) -> None:
        self._seed = seed
        self._median_s = median_s
        self._spread = spread
        self._least_s = least_s
        self._cache: dict[int, F64] = {}

    def between(self, start_s: float, end_s: float) -> Iterator[float]:
        """The moments with start_s <= t < end_s, rising."""
        first, last = int(start_s // self._BLOCK_S), int(end_s // self._BLOCK_S)
        for block in range(first, last + 1):
            for moment in self._block(block):
                if start_s <= moment < end_s:
                    yield float(moment)

    def last_two(self, time_s: float) -> F64:
        """The two latest moments that are not after `time_s`; fewer only at the beginning of all time."""
        block = int(time_s // self._BLOCK_S)
        moments = self._block(block)
        count = int(np.searchsorted(moments, time_s, side="right"))
        if count < 2:
            moments = np.concatenate([self._block(block - 1), moments[:count]])
            count = len(moments)
        return moments[count - 2 : count]

    def _block(self, block: int) -> F64:
        if block not in self._cache:
            if len(self._cache) > 8:
                self._cache.clear()
            count = int(self._BLOCK_S / self._least_s) + 2
            cells = np.arange(count, dtype=np.int64) + block * 100_003
            a, b = uniform(self._seed, cells), uniform(self._seed + 1, cells)
            normal = np.sqrt(-2 * np.log(np.maximum(a, 1e-12))) * np.cos(2 * np.pi * b)
            gaps = np.maximum(self._median_s * np.exp(self._spread * normal), self._least_s)
            moments = block * self._BLOCK_S + np.cumsum(gaps) - self._median_s / 2
            end = (block + 1) * self._BLOCK_S - self._least_s
            self._cache[block] = moments[(moments < end) & (moments >= block * self._BLOCK_S)]
        return self._cache[block]
