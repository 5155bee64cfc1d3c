"""A look-ahead true-peak limiter. Pure numpy; blocks are (n, 2) float32 at 48 kHz.

Peaks between samples are estimated by fourfold oversampling, as ITU-R BS.1770-4 annex 2 describes. The gain
needed is held over the look-ahead, released at a constant rate in decibels, and averaged over the look-ahead:
the average of values that are each low enough is low enough, and it moves without clicks. No recursion runs
sample by sample.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nightcast.process.shared import SAMPLE_RATE_HZ

LOOKAHEAD = 240  # samples; 5 ms
_HALF_TAPS = 8  # the interpolator reaches this many samples to either side
REACH = LOOKAHEAD + _HALF_TAPS  # how far beyond a block its input must be known
_RELEASE_DB_PER_SAMPLE = 40.0 / SAMPLE_RATE_HZ
_CEILING_DB = -1.2  # 0.2 dB below the promise of -1 dBTP, for what the short interpolator misses


def _phases() -> NDArray[np.float64]:
    """(3, 16): windowed-sinc interpolators at a quarter, half and three quarters of a sample."""
    n = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)
    taps = []
    for quarter in (1, 2, 3):
        x = n - quarter / 4
        h = np.sinc(x) * np.cos(np.pi * x / (2 * _HALF_TAPS + 1)) ** 2
        taps.append(h / h.sum())
    return np.array(taps)


_PHASES = _phases()


def true_peak(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Largest magnitude at and after each sample, both channels: (n + 15, 2) to (n,); 7 before, 8 after."""
    peak: NDArray[np.float64] = np.abs(samples[_HALF_TAPS - 1 : len(samples) - _HALF_TAPS]).max(axis=1)
    for channel in samples.T:
        for taps in _PHASES:
            np.maximum(peak, np.abs(np.correlate(channel, taps, "valid")), out=peak)
    return peak


class Limiter:
    """Keeps a stream below -1 dBTP. The caller shows it `REACH` samples more than it takes back."""

    def __init__(self) -> None:
        self._begun = False
        self._required_db = np.zeros(LOOKAHEAD)  # for the samples seen but not given back
        self._gain_db = np.zeros(LOOKAHEAD)  # released gain of the newest samples given back
        self._before = np.zeros((_HALF_TAPS - 1, 2), np.float32)  # the newest samples given back

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Limit all but the last `REACH` samples, (n + REACH, 2) to (n, 2); the last come again next time."""
        if not self._begun:
            # The programme begins after silence, so that the gain can be down when its first sample comes.
            self._begun = True
            return self._limit(np.concatenate([np.zeros((LOOKAHEAD, 2), np.float32), samples]))[LOOKAHEAD:]
        return self._limit(samples)

    def _limit(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(samples) - REACH
        context = np.concatenate([self._before, samples])
        peak = true_peak(context[LOOKAHEAD:])
        required = np.minimum(0.0, _CEILING_DB - 20 * np.log10(np.maximum(peak, 1e-9)))
        required = np.concatenate([self._required_db, required])  # for samples 0 .. count + LOOKAHEAD
        self._required_db = required[count:]
        self._before = context[count : count + len(self._before)]
        if not required.any() and not self._gain_db.any():
            return samples[:count]
        held = sliding_window_view(required, LOOKAHEAD + 1).min(axis=1)
        ramp = np.arange(1, count + 1) * _RELEASE_DB_PER_SAMPLE
        released = ramp + np.minimum(np.minimum.accumulate(held - ramp), self._gain_db[-1])
        gain = np.concatenate([self._gain_db, np.minimum(released, 0.0)])
        self._gain_db = gain[-LOOKAHEAD:]
        smooth = sliding_window_view(gain, LOOKAHEAD)[1:].mean(axis=1)
        return np.asarray(samples[:count] * (10 ** (smooth / 20))[:, None], np.float32)
