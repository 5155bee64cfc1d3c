"""Phoneme times of espeak-ng bent into the word times of another voice.

Neural services say when each word begins and ends, or nothing at all; mouths need phonemes. espeak-ng speaks the same
text, and each word's phonemes are stretched into the window in which the other voice said that word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nightcast.talk.voice.take import Phone, Samples, Take, TakeWord

_QUIET_DB = -38.0


def warp(reference: Take, words: Sequence[TakeWord], duration_s: float) -> tuple[Phone, ...]:
    """Phones of `reference` on the clock of `words`, which index the same spoken text.

    Anchors are the starts and ends of words that both voices mark at the same character; between anchors time is
    linear. Without any anchor the whole utterance is stretched.
    """
    anchors = _anchors(reference, words, duration_s)
    source, target = np.array(anchors).T
    starts = np.interp([phone.start_s for phone in reference.phones], source, target)
    ends = np.interp([phone.end_s for phone in reference.phones], source, target)
    return tuple(
        Phone(float(start), float(end), phone.ipa)
        for phone, start, end in zip(reference.phones, starts, ends, strict=True)
    )


def speech_span(samples: Samples, sample_rate_hz: int) -> tuple[float, float]:
    """Where speech begins and ends in a sound, for voices that mark nothing."""
    hop = sample_rate_hz // 100
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    level = np.sqrt(np.square(frames).mean(axis=1))
    loud = np.flatnonzero(level > level.max(initial=1e-6) * 10 ** (_QUIET_DB / 20))
    if not len(loud):
        return 0.0, len(samples) / sample_rate_hz
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def spread(reference: Take, start_s: float, end_s: float) -> tuple[TakeWord, ...]:
    """The reference's words laid evenly into a span: the best guess where a voice marks nothing."""
    spoken = [phone for phone in reference.phones if phone.ipa]
    if not spoken:
        return ()
    first_s, last_s = spoken[0].start_s, spoken[-1].end_s
    scale = (end_s - start_s) / max(last_s - first_s, 1e-3)

    def moved(time_s: float) -> float:
        return start_s + (min(max(time_s, first_s), last_s) - first_s) * scale

    return tuple(TakeWord(moved(word.start_s), moved(word.end_s), word.begin, word.end) for word in reference.words)


def _anchors(reference: Take, words: Sequence[TakeWord], duration_s: float) -> list[tuple[float, float]]:
    by_start = {word.begin: word for word in reference.words}
    by_end = {word.end: word for word in reference.words}
    pairs: list[tuple[float, float]] = []
    for word in words:
        if word.begin in by_start:
            pairs.append((by_start[word.begin].start_s, word.start_s))
        if word.end in by_end:
            pairs.append((by_end[word.end].end_s, word.end_s))
    end_s = max((phone.end_s for phone in reference.phones), default=0.0)
    ends = [(0.0, 0.0), *sorted(pairs), (max(end_s, 1e-3), duration_s)]
    rising = [ends[0]]
    for pair in ends[1:]:
        if pair[0] > rising[-1][0] and pair[1] >= rising[-1][1]:
            rising.append(pair)
    # The last word's end, not the end of trailing silence, is where the mouth must rest.
    return rising if len(rising) > 1 else [(0.0, 0.0), (max(end_s, 1e-3), duration_s)]
