"""Values that move from one setting to the next in a given time: closed form, so that any moment can be asked for."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from nightcast.host.quaternion import F64


def ease(share: float) -> float:
    """Minimum jerk from 0 to 1 (Flash and Hogan 1985)."""
    x = min(max(share, 0.0), 1.0)
    return x * x * x * (x * (x * 6 - 15) + 10)


@dataclass(frozen=True)
class _Move:
    start_s: float
    duration_s: float
    origin: F64
    target: F64


class Track:
    """A vector that is asked, at rising times, to go somewhere, and gets there by minimum jerk.

    A new request during a move starts from wherever the value is. Only what happened before `keep_s` ago is
    forgotten.
    """

    def __init__(self, value: F64, keep_s: float = 30.0) -> None:
        self._moves = [_Move(-np.inf, 0.0, value, value)]
        self._keep_s = keep_s

    def go(self, at_s: float, target: F64, duration_s: float) -> None:
        """From `at_s` move to `target` in `duration_s`; requests after `at_s` that were made before are dropped."""
        origin = self.at(at_s)
        while len(self._moves) > 1 and self._moves[-1].start_s >= at_s:
            self._moves.pop()
        self._moves.append(_Move(at_s, duration_s, origin, target))
        while len(self._moves) > 2 and self._moves[1].start_s < at_s - self._keep_s:
            self._moves.pop(0)

    def at(self, time_s: float) -> F64:
        index = bisect_right(self._moves, time_s, key=lambda move: move.start_s) - 1
        move = self._moves[max(index, 0)]
        if move.duration_s <= 0 or time_s >= move.start_s + move.duration_s:
            return move.target
        return move.origin + (move.target - move.origin) * ease((time_s - move.start_s) / move.duration_s)

    @property
    def target(self) -> F64:
        return self._moves[-1].target
