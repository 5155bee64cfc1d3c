"""Loudness after ITU-R BS.1770-5 and true peak, on mono float arrays at 48 kHz. Pure functions.

An own meter of thirty lines, because each line of speech is measured as it is made; PyAV's `ebur128` reports
through log lines. Tests compare it with an independent one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.talk.voice.take import Samples

_BLOCK_S, _HOP_S = 0.4, 0.1
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
#: BS.1770-5 annex 1, tables 1 and 2, for 48 kHz.
_SHELF_B, _SHELF_A = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (
        1.0,
        -1.69065929318241,
        0.73248077421585,
    ),
)
_HIGH_PASS_B, _HIGH_PASS_A = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)
_OVERSAMPLING = 4


def integrated_lufs(samples: Samples) -> float:
    """Gated loudness; -inf for silence. A clip shorter than one block of 400 ms counts as one block."""
    from scipy.signal import lfilter

    weighted = lfilter(_HIGH_PASS_B, _HIGH_PASS_A, lfilter(_SHELF_B, _SHELF_A, samples.astype(np.float64)))
    block, hop = int(_BLOCK_S * SAMPLE_RATE_HZ), int(_HOP_S * SAMPLE_RATE_HZ)
    energy = np.concatenate(([0.0], np.cumsum(np.square(weighted))))
    starts = np.arange(0, max(len(weighted) - block, 0) + 1, hop)
    ends = np.minimum(starts + block, len(weighted))
    power = (energy[ends] - energy[starts]) / np.maximum(ends - starts, 1)
    loud = power[_lufs(power) > _ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return float("-inf")
    return float(_lufs(loud[_lufs(loud) > _lufs(loud.mean()) + _RELATIVE_GATE_LU].mean()))


def true_peak(samples: Samples) -> float:
    """Largest absolute value of the signal oversampled four times, linear."""
    return float(np.abs(_oversampled(samples)).max(initial=0.0))


def limit(samples: Samples, ceiling: float, look_ahead_s: float = 0.003, release_s: float = 0.05) -> Samples:
    """Keep the true peak at or under `ceiling` by a gain that falls before a peak and recovers after it."""
    peaks = np.abs(_oversampled(samples)).reshape(-1, _OVERSAMPLING).max(axis=1)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    reach = 2 * int(look_ahead_s * SAMPLE_RATE_HZ) + 1
    # Held low around each peak, then averaged over the same window: the mean is never above what the peak wants.
    held = minimum_filter1d(wanted, reach + int(release_s * SAMPLE_RATE_HZ) // 2 * 2)
    gain = uniform_filter1d(held, reach, mode="nearest")
    return np.asarray(samples * gain, np.float32)


def _lufs(power: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _oversampled(samples: Samples) -> npt.NDArray[np.float64]:
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(samples.astype(np.float64), _OVERSAMPLING, 1, window=_interpolator()))


@cache
def _interpolator() -> npt.NDArray[np.float64]:
    """The low-pass of the true-peak meter: 48 taps, as in BS.1770-5 annex 2, here a Kaiser window."""
    from scipy.signal import firwin

    return np.asarray(firwin(12 * _OVERSAMPLING + 1, 1 / _OVERSAMPLING, window=("kaiser", 8.0))) * 1.0
