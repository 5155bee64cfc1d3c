"""Visemes from the sound alone, for a line whose phonemes nobody knows: no times from the voice, no phoneme clock.

A hundred times a second the short-time spectrum, in mel bands against the line's own mean and seen with what comes
before and after it, is given to a softmax classifier of visemes. Its weights (`heard.json`) were fitted to lines of
espeak-ng, whose phoneme times are exact, by `experiments/heard.py`; how well it hears a voice that it was not fitted
to is in `experiments/heard.md`. What is lost against phonemes is place of articulation: t is heard as k, n as ng.
Pure but for the weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby

import numpy as np
import numpy.typing as npt

from nightcast.talk.records import VisemeKey
from nightcast.talk.voice.take import Samples
from nightcast.talk.voice.visemes import MIN_CLOSURE_S, MIN_REST_S

__all__ = ["HOP_S", "features", "heard"]

F64 = npt.NDArray[np.float64]

HOP_S = 0.010
_WINDOW_S = 0.025
_BANDS, _LOW_HZ, _HIGH_HZ = 18, 90.0, 8000.0
#: What a frame is seen with: frames before and after it.
_CONTEXT = (-8, -4, -2, 0, 2, 4, 8)
#: A line whose loudest sample is below this is empty.
_NOTHING = 1e-4
#: Quieter than this against the loudest is silence, whatever it resembles.
_SILENT_DB = -42.0
#: Scores are smoothed over so many frames; a shape must last so long.
_SMOOTH, _LEAST_S = 3, 0.03


@dataclass(frozen=True, eq=False)
class _Classifier:
    names: tuple[str, ...]
    weights: F64  #: (features + 1, names); the last row is the bias

    def scores(self, rows: F64) -> F64:
        """(n, names) probabilities."""
        raw = rows @ self.weights[:-1] + self.weights[-1]
        raw = np.exp(raw - raw.max(axis=1, keepdims=True))
        probabilities: F64 = raw / raw.sum(axis=1, keepdims=True)
        return probabilities


@cache
def _classifier() -> _Classifier:
    record = json.loads((resources.files(__package__) / "heard.json").read_text("utf-8"))
    return _Classifier(tuple(record["names"]), np.array(record["weights"], np.float64))


def heard(samples: Samples, sample_rate_hz: int) -> tuple[VisemeKey, ...]:
    """Keys of a line from its sound, (n,) float32; the first is at 0, the last is a rest."""
    if np.abs(samples).max(initial=0.0) < _NOTHING:
        return (VisemeKey(0.0, "sil", 0.0),)
    rows, level_db = features(samples, sample_rate_hz)
    classifier = _classifier()
    scores = classifier.scores(rows)
    around = np.pad(scores, ((_SMOOTH // 2, _SMOOTH // 2), (0, 0)), mode="edge")
    smooth = np.lib.stride_tricks.sliding_window_view(around, _SMOOTH, axis=0).mean(axis=2)
    names = [classifier.names[i] for i in smooth.argmax(axis=1)]
    names = ["sil" if level < _SILENT_DB else name for name, level in zip(names, level_db, strict=True)]
    keys: list[VisemeKey] = []
    at = 0
    for name, run in groupby(_steadied(names)):
        length = len(list(run))
        loud = float(np.clip(1 + level_db[at : at + length].max() / 40, 0.4, 1.0))
        firm = name in ("PP", "FF")
        keys.append(VisemeKey(round(at * HOP_S, 4), name, 0.0 if name == "sil" else 1.0 if firm else round(loud, 2)))
        at += length
    if not keys or keys[-1].viseme != "sil":
        keys.append(VisemeKey(round(len(samples) / sample_rate_hz, 4), "sil", 0.0))
    return tuple(keys)


def features(samples: Samples, sample_rate_hz: int) -> tuple[F64, F64]:
    """(n, features) for every `HOP_S`, and the level in dB against the line's loudest (n,)."""
    hop, window = round(HOP_S * sample_rate_hz), round(_WINDOW_S * sample_rate_hz)
    count = max(len(samples) // hop, 1)
    padded = np.pad(samples.astype(np.float64), (window // 2, window + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)) ** 2
    mel_db = 10 * np.log10(power @ _mel_bank(window, sample_rate_hz) + 1e-9)
    level_db = 10 * np.log10(power.sum(axis=1) + 1e-9)
    level_db = level_db - np.percentile(level_db, 98)
    mel_db = np.maximum(mel_db, mel_db.max() - 60)  # below is another room's noise, not speech
    spoken = level_db > _SILENT_DB
    mel_db = (mel_db - mel_db[spoken].mean(axis=0)) / 12.0
    beside = np.clip(np.arange(count)[:, None] + np.array(_CONTEXT), 0, count - 1)
    rows = np.concatenate([mel_db[beside].reshape(count, -1), (level_db[:, None] + 20) / 12.0], axis=1)
    return rows, level_db


@cache
def _mel_bank(window: int, sample_rate_hz: int) -> F64:
    """(bins, bands) triangles, even on the mel scale."""

    def mel(hz: F64 | float) -> F64:
        return 2595 * np.log10(1 + np.asarray(hz) / 700)

    at = mel(np.fft.rfftfreq(window, 1 / sample_rate_hz).astype(np.float64))
    edges = np.linspace(mel(_LOW_HZ), mel(min(_HIGH_HZ, sample_rate_hz / 2)), _BANDS + 2)
    rise = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    bank: F64 = np.clip(np.minimum(rise, fall), 0, None)
    return bank


def _steadied(names: list[str]) -> list[str]:
    """Shapes too short to be seen give way to what stands before them, short rests are none, closures are drawn out."""
    kept: list[str] = []
    for name, run in groupby(names):
        length = len(list(run))
        least_s = MIN_REST_S if name == "sil" else _LEAST_S
        short = length * HOP_S < least_s - 1e-9 and kept and not (name == "PP" and length > 1)
        kept += [kept[-1] if short else name] * length
    least = round(MIN_CLOSURE_S / HOP_S)
    starts = [i for i, name in enumerate(kept) if name == "PP" and (i == 0 or kept[i - 1] != "PP")]
    for first in starts:
        last = next((i for i in range(first, len(kept)) if kept[i] != "PP"), len(kept))
        start = max(first - max(least - (last - first), 0), 0)
        kept[start:first] = ["PP"] * (first - start)
    return kept
