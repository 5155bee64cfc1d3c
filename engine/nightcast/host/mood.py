"""Feelings that come and go: each fades in, holds as long as it is asked to, and fades out. Weights in 0..1."""

from __future__ import annotations

import numpy as np

from nightcast.host.timeline import Track

#: A held feeling is let go this slowly at least; faces do not drop a smile.
_LEAST_RELEASE_S = 0.4


class Moods:
    """The feelings of one host: a mood that lasts, and before it, for as long as a gesture takes, one that passes.

    Of each kind only the one that was asked for last is shown; those before it fade. When a passing feeling goes, the
    mood is back.
    """

    def __init__(self) -> None:
        self._lasting = _Layer()
        self._passing = _Layer()

    def express(self, at_s: float, name: str | None, weight: float, fade_s: float, hold_s: float | None) -> None:
        """From `at_s` be in the mood `name` (None: none), fading in `fade_s`; after `hold_s` let it go again."""
        self._lasting.show(at_s, name, weight, fade_s, hold_s)

    def pass_over(self, at_s: float, name: str, weight: float, fade_s: float, hold_s: float) -> None:
        """From `at_s` show `name` in place of the mood, for `hold_s`."""
        self._passing.show(at_s, name, weight, fade_s, hold_s)

    def at(self, time_s: float) -> dict[str, float]:
        """The feelings that show, with their weights."""
        passing = self._passing.at(time_s)
        rest = 1 - max(passing.values(), default=0.0)
        lasting = self._lasting.at(time_s)
        return {name: lasting.get(name, 0.0) * rest + passing.get(name, 0.0) for name in {**lasting, **passing}}


class _Layer:
    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}

    def show(self, at_s: float, name: str | None, weight: float, fade_s: float, hold_s: float | None) -> None:
        fade_s = max(fade_s, 0.05)
        for other, track in self._tracks.items():
            if other != name and (track.target[0] > 0 or track.at(at_s)[0] > 0):
                track.go(at_s, np.zeros(1), max(fade_s, _LEAST_RELEASE_S))
        if name is None:
            return
        track = self._tracks.setdefault(name, Track(np.zeros(1)))
        track.go(at_s, np.array([min(max(weight, 0.0), 1.0)]), fade_s)
        if hold_s is not None:
            track.go(at_s + max(hold_s, fade_s), np.zeros(1), max(fade_s, _LEAST_RELEASE_S))

    def at(self, time_s: float) -> dict[str, float]:
        weights = {name: float(track.at(time_s)[0]) for name, track in self._tracks.items()}
        return {name: weight for name, weight in weights.items() if weight > 1e-4}
