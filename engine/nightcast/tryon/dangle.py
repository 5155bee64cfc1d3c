"""What hangs swings: a pendulum for each hanging piece, stepped at a fixed 60 Hz, so that it is the same at any
frame rate. Host space, metres, seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.host.frame import HostFrame
from nightcast.tryon.fit import Fitted, Piece
from nightcast.tryon.product import F64

__all__ = ["Dangling"]

STEPS_PER_S = 60
_GRAVITY_M_S2 = 9.81
#: Share of its speed that a pendulum loses in a step: earrings and bags come to rest in about two seconds.
_DRAG = 0.035
#: After a longer gap, or a jump as wide, it hangs at rest instead of being stepped through.
_LONGEST_CATCH_UP_STEPS = 15
_TELEPORT_M = 0.4
_DOWN = np.array([0.0, -1.0, 0.0])


@dataclass
class _Pendulum:
    step: int
    pivot: F64
    bob: F64
    before: F64


class Dangling:
    """The pieces of a fitted product over time."""

    def __init__(self, fitted: Fitted) -> None:
        self._pieces = fitted.pieces
        self._pendulums: dict[int, _Pendulum] = {}

    def place(self, frame: HostFrame) -> list[F64]:
        """A matrix (4, 4) for each piece; frames come in rising order."""
        return [self._place(i, piece, frame) for i, piece in enumerate(self._pieces)]

    def _place(self, number: int, piece: Piece, frame: HostFrame) -> F64:
        if piece.dangle_m <= 0:
            return piece.place(frame)
        pivot = piece.pivot(frame)
        step = int(np.floor(frame.time_s * STEPS_PER_S))
        known = self._pendulums.get(number)
        steps = step - known.step if known else 0
        jumped = known is not None and np.linalg.norm(pivot - known.pivot) > _TELEPORT_M
        if known is None or jumped or not 0 <= steps <= _LONGEST_CATCH_UP_STEPS:
            bob = pivot + _DOWN * piece.dangle_m
            self._pendulums[number] = _Pendulum(step, pivot, bob, bob)
            return piece.place(frame)
        for k in range(1, steps + 1):
            _swing(known, known.pivot + (pivot - known.pivot) * (k / steps), piece.dangle_m)
        known.step, known.pivot = step, pivot
        way = known.bob - pivot
        return piece.place(frame, way / max(float(np.linalg.norm(way)), 1e-9))


def _swing(pendulum: _Pendulum, pivot: F64, length_m: float) -> None:
    """One step of Verlet integration, then back to the thread's length."""
    fall = _DOWN * _GRAVITY_M_S2 / STEPS_PER_S**2
    ahead = pendulum.bob + (pendulum.bob - pendulum.before) * (1 - _DRAG) + fall
    way = ahead - pivot
    pendulum.before = pendulum.bob
    pendulum.bob = pivot + way * (length_m / max(float(np.linalg.norm(way)), 1e-9))
