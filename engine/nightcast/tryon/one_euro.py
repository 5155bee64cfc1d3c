"""The 1€ filter: calm when slow, quick when fast (Casiez, Roussel and Vogel 2012). Pure; the time is passed in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from nightcast.tryon.product import F64

__all__ = ["OneEuro"]

_SPEED_CUTOFF_HZ = 1.0


@dataclass
class OneEuro:
    """Smooths a vector over time. Raise `beta` against lag, lower `least_cutoff_hz` against jitter."""

    least_cutoff_hz: float = 1.0
    beta: float = 0.02
    _value: F64 | None = field(default=None, init=False)
    _speed: F64 | None = field(default=None, init=False)
    _time_s: float = field(default=0.0, init=False)

    def __call__(self, value: F64, time_s: float) -> F64:
        """The smoothed value at `time_s`; a time that does not rise gives the last one."""
        if self._value is None or self._speed is None:
            self._value, self._speed, self._time_s = value.copy(), np.zeros_like(value), time_s
            return self._value
        step_s = time_s - self._time_s
        if step_s <= 0:
            return self._value
        self._time_s = time_s
        speed = (value - self._value) / step_s
        self._speed = self._speed + _share(_SPEED_CUTOFF_HZ, step_s) * (speed - self._speed)
        cutoff_hz = self.least_cutoff_hz + self.beta * float(np.linalg.norm(self._speed))
        self._value = self._value + _share(cutoff_hz, step_s) * (value - self._value)
        return self._value

    def reset(self) -> None:
        """Begin anew with the next value."""
        self._value = self._speed = None


def _share(cutoff_hz: float, step_s: float) -> float:
    tau_s = 1 / (2 * math.pi * cutoff_hz)
    return 1 / (1 + tau_s / step_s)
