"""How much of each of the 15 visemes the mouth shows at a moment of a spoken line.

Co-articulation by dominance: each viseme of the line has an influence that is full while it sounds and
fades before and after it, and the mouth is the mean weighted by influence (Cohen and Massaro 1993). Over it
stand hard rules, after JALI (Edwards et al. 2016): p b m close the lips, f v touch, sibilants narrow the
jaw, tongue sounds leave the lips alone, rounded lips start early, and short sounds are spoken with less
effort. Pure; times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.host.quaternion import F64

#: The fifteen visemes of OVR LipSync, in their own order; https://developers.meta.com/horizon/documentation/native/audio-ovrlipsync-viseme-reference
VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
_INDEX = {name: i for i, name in enumerate(VISEMES)}


@dataclass(frozen=True)
class _Manner:
    """How a viseme holds its ground: strength of its influence, and how long before and after it is felt."""

    strength: float
    before_s: float
    after_s: float


_VOWEL = _Manner(1.0, 0.045, 0.060)
_MANNERS: dict[str, _Manner] = {
    "sil": _Manner(0.8, 0.045, 0.040),
    "PP": _Manner(1.0, 0.040, 0.018),
    "FF": _Manner(1.0, 0.040, 0.018),
    "TH": _Manner(0.7, 0.035, 0.035),
    "DD": _Manner(0.30, 0.025, 0.025),
    "kk": _Manner(0.25, 0.025, 0.025),
    "CH": _Manner(1.2, 0.110, 0.050),
    "SS": _Manner(0.9, 0.040, 0.035),
    "nn": _Manner(0.35, 0.025, 0.025),
    "RR": _Manner(0.45, 0.050, 0.035),
    "aa": _VOWEL,
    "E": _VOWEL,
    "ih": _VOWEL,
    "oh": _Manner(1.0, 0.080, 0.060),
    "ou": _Manner(1.1, 0.100, 0.060),
}

#: Visemes whose lips must meet (or lip and teeth), and how completely.
_CLOSURES = {"PP": 1.0, "FF": 0.95}
#: The closure is complete for at least this long, so that a picture at 25 fps or more shows it.
_HOLD_S = 0.045
_CLOSE_S, _OPEN_S = 0.055, 0.040
#: Pressed lips begin to move so long before the next sound, and part as it begins; before one that opens the mouth
#: but little they need longer for it (`nightcast bench lips`).
_RELEASE_S, _RELEASE_SMALL_S = 0.026, 0.038
_WIDE = frozenset(_INDEX[name] for name in ("aa", "E", "oh"))

#: Visemes with teeth together, and what share of an open mouth beside them remains.
_NARROW = {"SS": 0.35, "CH": 0.45}
_OPEN = [_INDEX[name] for name in ("aa", "E", "oh", "ih", "kk", "RR")]

#: Sounds shorter than this lose effort in proportion.
_UNHURRIED_S = 0.070
_LEAST_EFFORT = 0.45

#: Above 1 an influence ends more sharply than Cohen and Massaro's exponential; else vowels between
#: consonants drown.
_SHARPNESS = 1.4

#: The farthest that one sound's influence is looked for.
_REACH_S = 0.45


class SpokenLine:
    """The visemes of one line on the programme clock.

    `keys` are (seconds after `start_s`, viseme, weight), each until the next; unknown names are silence.
    """

    def __init__(self, start_s: float, keys: Sequence[tuple[float, str, float]], duration_s: float) -> None:
        self.start_s = start_s
        self.end_s = start_s + duration_s
        ordered = sorted(keys, key=lambda key: key[0])
        times = [float(at) for at, _, _ in ordered]
        names = [name if name in _INDEX else "sil" for _, name, _ in ordered]
        weights = [min(max(float(weight), 0.0), 1.0) for _, _, weight in ordered]
        if not times or times[0] > 0:
            times, names, weights = [0.0, *times], ["sil", *names], [1.0, *weights]
        times, names, weights = [*times, duration_s], [*names, "sil"], [*weights, 1.0]
        self._onset = np.minimum(np.array(times), duration_s) + start_s
        self._end = np.append(self._onset[1:], np.inf)
        self._viseme = np.array([_INDEX[name] for name in names])
        manner = [_MANNERS[name] for name in names]
        effort = np.clip((self._end - self._onset) / _UNHURRIED_S, _LEAST_EFFORT, 1.0)
        silent = self._viseme == _INDEX["sil"]
        self._weight = np.where(silent, 1.0, np.array(weights) * effort)
        self._strength = np.array([m.strength for m in manner])
        self._before = np.array([m.before_s for m in manner])
        self._after = np.array([m.after_s for m in manner])
        self._closures = [(i, _CLOSURES[name]) for i, name in enumerate(names) if name in _CLOSURES]
        self._narrows = [(i, _NARROW[name]) for i, name in enumerate(names) if name in _NARROW]

    def weights(self, time_s: float) -> F64:
        """(15,) weights in 0..1 with a sum of at most 1."""
        first = int(np.searchsorted(self._end, time_s - _REACH_S))
        last = int(np.searchsorted(self._onset, time_s + _REACH_S, side="right"))
        if last <= first:
            return _shut()
        near = slice(first, last)
        early = np.maximum(self._onset[near] - time_s, 0) / self._before[near]
        late = np.maximum(time_s - self._end[near], 0) / self._after[near]
        influence = self._strength[near] * np.exp(-((early + late) ** _SHARPNESS))
        mouth = np.zeros(len(VISEMES))
        np.add.at(mouth, self._viseme[near], influence * self._weight[near])
        mouth /= influence.sum()
        mouth = self._narrowed(mouth, time_s, first, last)
        return self._closed(mouth, time_s, first, last)

    def _narrowed(self, mouth: F64, time_s: float, first: int, last: int) -> F64:
        share = 1.0
        for i, least in self._narrows:
            if first <= i < last:
                share = min(share, 1 - (1 - least) * self._envelope(i, time_s, 0.040, 0.040, 0.0))
        if share < 1:
            mouth[_OPEN] *= share
        return mouth

    def _closed(self, mouth: F64, time_s: float, first: int, last: int) -> F64:
        for i, complete in self._closures:
            if not first <= i < last:
                continue
            wide = i + 1 < len(self._viseme) and int(self._viseme[i + 1]) in _WIDE
            release_s = _RELEASE_S if wide else _RELEASE_SMALL_S
            share = complete * self._envelope(i, time_s, _CLOSE_S, _OPEN_S, _HOLD_S, release_s)
            if share > 0:
                mouth *= 1 - share
                mouth[self._viseme[i]] += share
        return mouth

    def _envelope(
        self, i: int, time_s: float, rise_s: float, fall_s: float, hold_s: float, release_s: float = 0.0
    ) -> float:
        """1 until `release_s` before the end of sound `i`, for `hold_s` at least, rising before and falling after."""
        onset, end = float(self._onset[i]), float(self._end[i])
        lack = max(hold_s - (end - onset), 0.0)
        end += lack / 2 - min(release_s, (end - onset) / 2)
        onset = min(onset, end - hold_s)
        if time_s < onset:
            return _smooth(1 - (onset - time_s) / rise_s)
        if time_s > end:
            return _smooth(1 - (time_s - end) / fall_s)
        return 1.0


def _smooth(share: float) -> float:
    x = min(max(share, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _shut() -> F64:
    mouth = np.zeros(len(VISEMES))
    mouth[0] = 1
    return mouth


class Lips:
    """The lines that are being spoken, one after another, and their end when the host is hushed."""

    def __init__(self) -> None:
        self._lines: list[SpokenLine] = []
        self._hushes: list[tuple[float, float]] = []

    def speak(self, line: SpokenLine) -> None:
        self._lines = [other for other in self._lines if other.end_s > line.start_s - 5] + [line]
        self._hushes = [hush for hush in self._hushes if hush[0] > line.start_s - 5]

    def hush(self, at_s: float, fade_s: float) -> None:
        """From `at_s` on the mouth closes within `fade_s`; lines that began before stay silent."""
        self._hushes.append((at_s, max(fade_s, 1e-3)))

    def weights(self, time_s: float) -> F64:
        """(15,) weights of the visemes."""
        line = next((line for line in reversed(self._lines) if line.start_s - 0.12 <= time_s), None)
        if line is None or time_s > line.end_s + 0.5:
            return _shut()
        mouth = line.weights(time_s)
        for at_s, fade_s in self._hushes:
            if line.start_s <= at_s <= time_s:
                share = _smooth((time_s - at_s) / fade_s)
                mouth = mouth * (1 - share) + _shut() * share
        return mouth

    def is_speaking(self, time_s: float) -> bool:
        return any(
            line.start_s <= time_s < line.end_s and not any(line.start_s <= at <= time_s for at, _ in self._hushes)
            for line in self._lines
        )
