"""From an engine's take to sound fit for air: trimmed, coloured, levelled. 48 kHz mono float32. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.talk.voice import loudness
from nightcast.talk.voice.take import Phone, Samples, Take, TakeWord

_SILENCE_DB = -46.0
_LEAD_S, _TAIL_S = 0.03, 0.16


@dataclass(frozen=True)
class Preset:
    """What a platform wants: loudness of a line, true peak."""

    lufs: float = -16.0
    true_peak_db: float = -1.0


@dataclass(frozen=True)
class Colour:
    """How a voice is treated. Bands are (kind, hertz, dB, Q); `room` is the share of the room in the mix."""

    bands: tuple[tuple[str, float, float, float], ...] = ()
    ratio: float = 1.0  #: of the compressor, above `threshold_db` under the take's own speaking level
    threshold_db: float = -6.0
    room: float = 0.0


#: Formant synthesis is thin below, harsh between 3 and 5 kHz, and quite dry; so an engineer would do this to it.
SYNTHETIC = Colour(
    bands=(
        ("high_pass", 85.0, 0.0, 0.7),
        ("peak", 210.0, 3.0, 0.9),
        ("peak", 900.0, -1.5, 1.0),
        ("peak", 3400.0, -4.0, 0.9),
        ("high_shelf", 6500.0, -3.0, 0.7),
    ),
    ratio=2.2,
    room=0.07,
)
NATURAL = Colour(bands=(("high_pass", 60.0, 0.0, 0.7),))


@dataclass(frozen=True)
class Master:
    samples: Samples
    phones: tuple[Phone, ...]
    words: tuple[TakeWord, ...]
    lufs: float


def master(take: Take, colour: Colour, preset: Preset) -> Master:
    """Trim, colour and level a take. The times of its phones and words move with the trimming."""
    trimmed = _trim(_resampled(take))
    samples = loudness_to(_coloured(trimmed.samples, colour), preset)
    return Master(samples, trimmed.phones, trimmed.words, loudness.integrated_lufs(samples))


def loudness_to(samples: Samples, preset: Preset) -> Samples:
    """Bring the line to the preset's loudness. The limiter takes some away, so it is done up to three times."""
    ceiling = 10 ** (preset.true_peak_db / 20) * 0.985  # room for rounding to 16 bits and for another's filter
    for _ in range(3):
        now = loudness.integrated_lufs(samples)
        if not np.isfinite(now) or abs(now - preset.lufs) < 0.1:
            break
        samples = loudness.limit((samples * 10 ** ((preset.lufs - now) / 20)).astype(np.float32), ceiling)
    return samples


def to_pcm16(samples: Samples) -> npt.NDArray[np.int16]:
    return np.asarray(np.clip(np.rint(samples * 32767.0), -32768, 32767), np.int16)


def _resampled(take: Take) -> Take:
    if take.sample_rate_hz == SAMPLE_RATE_HZ:
        return take
    import soxr

    resampled = soxr.resample(take.samples, take.sample_rate_hz, SAMPLE_RATE_HZ)
    return replace(take, samples=np.asarray(resampled, np.float32), sample_rate_hz=SAMPLE_RATE_HZ)


def _trim(take: Take) -> Take:
    """Cut silence at both ends to a short lead and a tail in which the room can fade."""
    level = np.abs(take.samples)
    loud = np.flatnonzero(level > max(level.max(initial=0.0), 1e-4) * 10 ** (_SILENCE_DB / 20))
    if not len(loud):
        return take
    first = max(0, int(loud[0]) - int(_LEAD_S * SAMPLE_RATE_HZ))
    last = int(loud[-1]) + 1
    tail = np.zeros(max(0, last + int(_TAIL_S * SAMPLE_RATE_HZ) - len(take.samples)), np.float32)
    kept = np.concatenate((take.samples[first : last + int(_TAIL_S * SAMPLE_RATE_HZ)], tail))
    shift_s, end_s = first / SAMPLE_RATE_HZ, (last - first) / SAMPLE_RATE_HZ

    def moved(time_s: float) -> float:
        return min(max(time_s - shift_s, 0.0), end_s)

    return Take(
        kept,
        SAMPLE_RATE_HZ,
        tuple(Phone(moved(p.start_s), moved(p.end_s), p.ipa) for p in take.phones),
        tuple(TakeWord(moved(w.start_s), moved(w.end_s), w.begin, w.end) for w in take.words),
    )


def _coloured(samples: Samples, colour: Colour) -> Samples:
    from scipy.signal import fftconvolve, sosfilt

    sound = samples.astype(np.float64)
    if colour.bands:
        sound = sosfilt(_sections(colour.bands), sound)
    if colour.ratio > 1:
        sound = sound * _compression(sound, colour)
    if colour.room:
        sound = sound + colour.room * fftconvolve(sound, _room())[: len(sound)]
    return sound.astype(np.float32)


def _compression(sound: npt.NDArray[np.float64], colour: Colour) -> npt.NDArray[np.float64]:
    """Gain per sample: a feed-forward compressor on a 5 ms envelope with 10 ms attack-and-look-ahead smoothing."""
    from scipy.ndimage import uniform_filter1d

    hop = SAMPLE_RATE_HZ // 200
    padded = np.pad(sound, (0, -len(sound) % hop)).reshape(-1, hop)
    level_db = 10 * np.log10(np.square(padded).mean(axis=1) + 1e-9)
    speaking_db = np.percentile(level_db[level_db > level_db.max() - 40], 80)
    over_db = np.maximum(level_db - (speaking_db + colour.threshold_db), 0.0)
    gain_db = uniform_filter1d(-over_db * (1 - 1 / colour.ratio), 7, mode="nearest")
    at = (np.arange(len(gain_db)) + 0.5) * hop
    return np.asarray(10 ** (np.interp(np.arange(len(sound)), at, gain_db) / 20))


@cache
def _room() -> npt.NDArray[np.float64]:
    """Impulse response of a small furnished room: a few early reflections and a tail of 0.2 s, of unit energy."""
    rng = np.random.default_rng(7)
    length = int(0.22 * SAMPLE_RATE_HZ)
    time_s = np.arange(length) / SAMPLE_RATE_HZ
    response = rng.standard_normal(length) * np.exp(-time_s * 6.9 / 0.2) * (time_s > 0.008)
    response = np.convolve(response, np.ones(6) / 6, mode="same")  # soft walls
    response *= 0.7 / np.sqrt(np.square(response).sum())
    for delay_s, gain in ((0.0041, 0.45), (0.0068, -0.35), (0.0109, 0.3)):
        response[int(delay_s * SAMPLE_RATE_HZ)] += gain
    return response


@cache
def _sections(bands: tuple[tuple[str, float, float, float], ...]) -> npt.NDArray[np.float64]:
    """Second-order sections after R. Bristow-Johnson's audio EQ cookbook."""
    return np.array([_section(*band) for band in bands])


def _section(kind: str, hertz: float, gain_db: float, q: float) -> list[float]:
    omega = 2 * np.pi * hertz / SAMPLE_RATE_HZ
    cos, alpha, a = np.cos(omega), np.sin(omega) / (2 * q), 10 ** (gain_db / 40)
    match kind:
        case "high_pass":
            b = [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2]
            d = [1 + alpha, -2 * cos, 1 - alpha]
        case "peak":
            b = [1 + alpha * a, -2 * cos, 1 - alpha * a]
            d = [1 + alpha / a, -2 * cos, 1 - alpha / a]
        case "high_shelf":
            root = 2 * np.sqrt(a) * alpha
            b = [
                a * ((a + 1) + (a - 1) * cos + root),
                -2 * a * ((a - 1) + (a + 1) * cos),
                a * ((a + 1) + (a - 1) * cos - root),
            ]
            d = [(a + 1) - (a - 1) * cos + root, 2 * ((a - 1) - (a + 1) * cos), (a + 1) - (a - 1) * cos - root]
        case _:
            raise ValueError(f"no such band: {kind!r}")
    return [float(value / d[0]) for value in (*b, *d)]
