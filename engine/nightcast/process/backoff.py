"""How long to wait before trying again: exponential, capped, jittered. Pure; times in seconds."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays `first`, `first·factor`, … up to `cap`, each spread by ±`jitter` so that many do not meet."""

    def __init__(
        self,
        random: Random,
        *,
        first_s: float = 0.25,
        factor: float = 2.0,
        cap_s: float = 10.0,
        jitter: float = 0.25,
    ) -> None:
        self._random = random
        self._first_s = first_s
        self._factor = factor
        self._cap_s = cap_s
        self._jitter = jitter
        self.failures = 0

    def next_s(self) -> float:
        """Count one more failure and return how long to wait."""
        # The exponent is bounded: after a night of failures the power itself would overflow.
        delay_s = min(self._cap_s, self._first_s * self._factor ** min(self.failures, 1000))
        self.failures += 1
        return delay_s * (1 + self._random.uniform(-self._jitter, self._jitter))

    def succeeded(self) -> None:
        self.failures = 0
