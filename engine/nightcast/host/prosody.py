"""What the body does with the words of a line: nods and brows on stressed ones, a tilt on a question, liveliness.

Pure functions of the lines; times in seconds of the programme, angles in degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.host.chance import uniform
from nightcast.host.timeline import ease

#: Words that carry no stress, for English; Chinese words of one character mostly do not either.
_LIGHT_WORDS = """
a an and are as at be but by for from has have he her his i if in into is it its me my of on or our
she so than that the their them then there they this to us was we were what when which who will with
you your
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())
_LEAST_GAP_S = 0.85
_NOD_BEFORE_S, _NOD_AFTER_S = 0.16, 0.34


@dataclass(frozen=True)
class Accent:
    """A stressed word: its moment, and how strongly it is marked, 0..1."""

    at_s: float
    strength: float
    brows: float


@dataclass(frozen=True)
class Motion:
    """What prosody adds at a moment."""

    nod_deg: float = 0.0
    tilt_deg: float = 0.0
    brows_up: float = 0.0
    liveliness: float = 0.0  #: 0 silent .. 1 speaking


class SpokenBody:
    """One line's words as motion."""

    def __init__(self, start_s: float, end_s: float, words: Sequence[tuple[float, float, str]], seed: int) -> None:
        self.start_s = start_s
        self.end_s = end_s
        self.accents = find_accents(start_s, words, seed)
        self._question = bool(words) and words[-1][2].rstrip("\"'”’ ").endswith(("?", "？", "吗", "呢"))
        self._tilt_side = 1.0 if uniform(seed, np.array([int(start_s * 1000)]))[0] < 0.5 else -1.0

    def stop(self, at_s: float) -> None:
        """The line ends here; words after it were not spoken."""
        self.end_s = at_s
        self.accents = tuple(accent for accent in self.accents if accent.at_s < at_s)
        self._question = False

    def motion(self, time_s: float) -> Motion:
        live = ease((time_s - self.start_s + 0.2) / 0.4) * ease((self.end_s + 0.5 - time_s) / 0.6)
        if live <= 0:
            return Motion()
        nod, brows = 0.0, 0.0
        for accent in self.accents:
            since_s = time_s - accent.at_s
            if not -_NOD_BEFORE_S < since_s < _NOD_AFTER_S:
                continue
            bump = _bump(since_s)
            nod += 4.2 * accent.strength * bump
            brows = max(brows, accent.brows * bump)
        tilt = 0.0
        if self._question:
            near_end = ease((time_s - (self.end_s - 0.7)) / 0.5) * live
            tilt, brows = 4.0 * self._tilt_side * near_end, max(brows, 0.7 * near_end)
        return Motion(min(nod, 7.0), tilt, min(brows, 1.0), live)


def find_accents(start_s: float, words: Sequence[tuple[float, float, str]], seed: int) -> tuple[Accent, ...]:
    """The words worth a nod: strong ones first, then content words, none too close to another."""
    found = [accent for word in words if (accent := _accent(start_s, word, seed)) is not None]
    chosen: list[Accent] = []
    for accent in sorted(found, key=lambda accent: -accent.strength):
        if all(abs(accent.at_s - other.at_s) >= _LEAST_GAP_S for other in chosen):
            chosen.append(accent)
    return tuple(sorted(chosen, key=lambda accent: accent.at_s))


def _accent(start_s: float, word: tuple[float, float, str], seed: int) -> Accent | None:
    word_start, word_end, text = word
    bare = "".join(letter for letter in text.lower() if letter.isalnum())
    if not bare or bare in _LIGHT:
        return None
    at_s = start_s + word_start + min(0.08, (word_end - word_start) / 3)
    chance, second = uniform(seed, np.array([int(at_s * 1000), int(at_s * 1000) + 7]))
    if text.endswith(("!", "！")) or any(letter.isdigit() for letter in text) or (text.isupper() and len(bare) > 1):
        strength = 1.0
    elif len(bare) >= 6 or (ord(bare[0]) > 0x2E80 and len(bare) >= 2):
        strength = 0.45 + 0.4 * float(second) if chance < 0.8 else 0.0
    else:
        strength = 0.4 if chance < 0.3 else 0.0
    return Accent(at_s, strength, 0.6 * strength if second > 0.55 else 0.0) if strength else None


def _bump(since_s: float) -> float:
    """Down to the stress in 160 ms, and back more slowly."""
    if since_s < 0:
        return ease(1 + since_s / _NOD_BEFORE_S)
    return 1 - ease(since_s / _NOD_AFTER_S)
