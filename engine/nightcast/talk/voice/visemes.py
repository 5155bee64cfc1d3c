"""Phonemes in IPA, as espeak-ng names them in English and Mandarin, to the fifteen visemes of OVR LipSync.

Times are seconds from the first sample. What a face makes of neighbouring visemes (dominance, lips that round early)
is the business of `nightcast.host`; here a key says what the mouth aims at, and for how long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nightcast.talk.records import VisemeKey
from nightcast.talk.voice.take import Phone

#: Symbol to (viseme, weight). Weights below 1 are reduced or mostly inner articulations.
#: Grouping: OVR's own table for English; for Mandarin initials b p m, f, d t, n l, g k h, j q x zh ch sh r, z c s.
_SYMBOLS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("p", "b", "m"), ("PP", 1.0)),
    **dict.fromkeys(("f", "v", "ʋ"), ("FF", 1.0)),
    **dict.fromkeys(("θ", "ð"), ("TH", 1.0)),
    **dict.fromkeys(("t", "d", "ɾ"), ("DD", 1.0)),
    **dict.fromkeys(("k", "ɡ", "g", "ŋ", "q"), ("kk", 1.0)),
    **dict.fromkeys(("x", "χ"), ("kk", 0.7)),
    **dict.fromkeys(("h", "ɦ", "ʔ"), ("kk", 0.4)),
    **dict.fromkeys(("ʃ", "ʒ", "ɕ", "ʑ", "ʂ", "ʐ", "ɻ"), ("CH", 1.0)),
    **dict.fromkeys(("s", "z"), ("SS", 1.0)),
    **dict.fromkeys(("n", "l", "ɫ", "ɲ"), ("nn", 1.0)),
    **dict.fromkeys(("ɹ", "r", "ɚ", "ɝ"), ("RR", 1.0)),
    "w": ("ou", 1.0),
    **dict.fromkeys(("y", "ʏ", "ø", "ɥ"), ("ou", 0.8)),
    "j": ("ih", 0.8),
    **dict.fromkeys(("a", "ɑ"), ("aa", 1.0)),
    **dict.fromkeys(("æ", "ʌ"), ("aa", 0.8)),
    "ɐ": ("aa", 0.6),
    **dict.fromkeys(("ɛ", "e"), ("E", 1.0)),
    "ɜ": ("E", 0.7),
    "ə": ("E", 0.5),
    **dict.fromkeys(("i", "ɪ"), ("ih", 1.0)),
    **dict.fromkeys(("ɔ", "o", "ɒ"), ("oh", 1.0)),
    **dict.fromkeys(("u", "ʊ"), ("ou", 1.0)),
}

#: Names that are one sound although they are written with several letters, or that espeak-ng spells in its own way.
_NAMES: dict[str, tuple[tuple[str, float], ...]] = {
    "tʃ": (("CH", 1.0),),
    "dʒ": (("CH", 1.0),),
    "tɕ": (("CH", 1.0),),
    "tɕh": (("CH", 1.0),),
    "s.": (("CH", 1.0),),
    "z.": (("CH", 1.0),),
    "ts.": (("CH", 1.0),),
    "ts.h": (("CH", 1.0),),
    "ts": (("SS", 1.0),),
    "tsh": (("SS", 1.0),),
    "ph": (("PP", 1.0),),
    "th": (("DD", 1.0),),
    "kh": (("kk", 1.0),),
    "i.": (("ih", 0.5),),  # the vowel of shi: the teeth stay together
    "i̪": (("ih", 0.5),),  # the vowel of si
    "o-": (("E", 0.7),),  # the unrounded vowel of ge
    "ər": (("E", 0.6), ("RR", 1.0)),
    "onɡ": (("oh", 1.0), ("kk", 1.0)),
    "ong": (("oh", 1.0), ("kk", 1.0)),
}

#: Lips need this long to be seen closed at 30 frames/s, wherever the frames fall.
MIN_CLOSURE_S = 0.05
#: Shorter pauses than this are part of the articulation; the mouth does not go to rest.
MIN_REST_S = 0.09

_STRESS = str.maketrans("", "", "ˈˌː̩̃ʲʰ")


def of_phoneme(ipa: str) -> tuple[tuple[str, float], ...]:
    """The visemes of one phoneme, in order. A symbol nobody knows is a small open mouth, never an error."""
    name = ipa.translate(_STRESS)
    if not name:
        return ()
    if name in _NAMES:
        return _NAMES[name]
    shapes: list[tuple[str, float]] = []
    for symbol in name.rstrip("-."):
        shape = _SYMBOLS.get(symbol, ("E", 0.4))
        if not shapes or shapes[-1] != shape:
            shapes.append(shape)
    return tuple(shapes)


def timeline(phones: Iterable[Phone], duration_s: float) -> tuple[VisemeKey, ...]:
    """Keys of a line. The first is at 0, the last is a rest; p, b, m and f, v hold at least `MIN_CLOSURE_S`."""
    keys: list[VisemeKey] = []
    rest_from_s = 0.0
    for phone in phones:
        shapes = of_phoneme(phone.ipa)
        if not shapes:
            continue
        if phone.start_s - rest_from_s >= MIN_REST_S or not keys:
            keys.append(VisemeKey(rest_from_s, "sil", 0.0))
        step_s = (phone.end_s - phone.start_s) / len(shapes)
        keys += [
            VisemeKey(phone.start_s + index * step_s, viseme, weight) for index, (viseme, weight) in enumerate(shapes)
        ]
        rest_from_s = phone.end_s
    keys.append(VisemeKey(min(rest_from_s, duration_s), "sil", 0.0))
    return tuple(_merge(_hold_closures(keys)))


def _hold_closures(keys: Sequence[VisemeKey]) -> list[VisemeKey]:
    """Let a closure that is too short begin earlier, at the cost of at most half of what stands before it."""
    held = list(keys)
    for index in range(1, len(held) - 1):
        key = held[index]
        lacking_s = MIN_CLOSURE_S - (held[index + 1].at_s - key.at_s)
        if key.viseme in ("PP", "FF") and lacking_s > 0:
            before = held[index - 1]
            spare_s = (key.at_s - before.at_s) / 2
            early_s = min(lacking_s, spare_s if before.viseme != "sil" else key.at_s - before.at_s)
            held[index] = VisemeKey(key.at_s - early_s, key.viseme, key.weight)
    return held


def _merge(keys: Iterable[VisemeKey]) -> list[VisemeKey]:
    """Drop keys that change nothing, and those that another replaces in the same instant."""
    merged: list[VisemeKey] = []
    for key in keys:
        if merged and merged[-1].at_s >= key.at_s - 1e-6:
            merged.pop()
        if merged and (merged[-1].viseme, merged[-1].weight) == (key.viseme, key.weight):
            continue
        merged.append(VisemeKey(round(key.at_s, 4), key.viseme, key.weight))
    return merged
