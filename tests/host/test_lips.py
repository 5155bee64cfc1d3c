"""The hard rules of speaking hold for every line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.host.lips import VISEMES, Lips, SpokenLine

I = {name: i for i, name in enumerate(VISEMES)}  # noqa: E741
OPEN = [I[name] for name in ("aa", "E", "ih", "oh", "ou")]

sounds = st.lists(st.tuples(st.sampled_from(VISEMES), st.floats(0.03, 0.3)), min_size=1, max_size=12)


def line_of(parts: list[tuple[str, float]], start_s: float = 0.0) -> tuple[SpokenLine, list[tuple[str, float, float]]]:
    """A line that begins with silence, and (viseme, onset, end) of each sound."""
    keys, spans, at = [(0.0, "sil", 1.0)], [], 0.2
    for name, length in parts:
        keys.append((at, name, 1.0))
        spans.append((name, at, at + length))
        at += length
    keys.append((at, "sil", 1.0))
    return SpokenLine(start_s, keys, at + 0.3), spans


@settings(max_examples=60, deadline=None)
@given(sounds)
def test_weights_stay_in_bounds_whatever_is_said(parts: list[tuple[str, float]]) -> None:
    line, _ = line_of(parts)
    for time_s in np.arange(-0.3, line.end_s + 0.3, 1 / 47):
        weights = line.weights(float(time_s))
        assert np.isfinite(weights).all()
        assert weights.min() >= 0
        assert weights.sum() <= 1 + 1e-9


@settings(max_examples=60, deadline=None)
@given(sounds, st.sampled_from(["PP", "FF"]), sounds, st.floats(0.03, 0.2))
def test_lips_close_on_every_p_b_m_and_touch_on_every_f_v(
    before: list[tuple[str, float]], sound: str, after: list[tuple[str, float]], length: float
) -> None:
    line, spans = line_of([*before, (sound, length), *after])
    _, onset, end = spans[len(before)]
    middle = line.weights((onset + end) / 2)
    least = 0.999 if sound == "PP" else 0.94
    neighbours = {before[-1][0], after[0][0]}
    if not (neighbours & {"PP", "FF"}) - {sound}:
        assert middle[I[sound]] >= least
        assert middle[OPEN].sum() <= 1 - least + 1e-9


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_some_picture_shows_each_closure(fps: int) -> None:
    """However the frames fall, the shortest closure is seen."""
    line, spans = line_of([("aa", 0.12), ("PP", 0.03), ("aa", 0.12)])
    _, onset, end = spans[1]
    for phase in np.linspace(0, 1 / fps, 9):
        frames = np.arange(phase, line.end_s, 1 / fps)
        near = frames[(frames > onset - 0.03) & (frames < end + 0.03)]
        assert max(line.weights(float(t))[I["PP"]] for t in near) > 0.97


def test_sibilants_narrow_an_open_mouth() -> None:
    line, spans = line_of([("aa", 0.2), ("SS", 0.1), ("aa", 0.2)])
    opened = line.weights(spans[0][1] + 0.12)[I["aa"]]
    hissing = line.weights((spans[1][1] + spans[1][2]) / 2)[I["aa"]]
    assert hissing < 0.25 * opened


def test_tongue_sounds_leave_the_lips_to_the_vowels() -> None:
    line, spans = line_of([("aa", 0.15), ("DD", 0.06), ("aa", 0.15)])
    assert line.weights((spans[1][1] + spans[1][2]) / 2)[I["aa"]] > 0.4


def test_rounded_lips_start_early() -> None:
    line, spans = line_of([("SS", 0.15), ("ou", 0.2)])
    assert line.weights(spans[1][1] - 0.08)[I["ou"]] > 0.15


def test_a_vowel_is_half_open_when_it_is_heard() -> None:
    line, spans = line_of([("aa", 0.25)])
    times = np.arange(0, 0.6, 0.001)
    aa = np.array([line.weights(float(t))[I["aa"]] for t in times])
    crossing = times[np.argmax(aa > 0.5 * aa.max())]
    assert abs(crossing - spans[0][1]) < 0.020
    assert aa.max() > 0.75


def test_hurried_sounds_are_spoken_with_less_effort_and_never_chew() -> None:
    slow, _ = line_of([("aa", 0.2), ("nn", 0.1)] * 3)
    fast, _ = line_of([("aa", 0.035), ("nn", 0.03)] * 10)

    def travel(line: SpokenLine) -> float:
        times = np.arange(0, line.end_s, 1 / 60)
        aa = np.array([line.weights(float(t))[I["aa"]] for t in times])
        return float(np.abs(np.diff(aa)).sum() / line.end_s)

    peak = max(fast.weights(float(t))[I["aa"]] for t in np.arange(0, fast.end_s, 1 / 100))
    assert peak < 0.7
    assert travel(fast) < 1.2 * travel(slow)


def test_hush_closes_the_mouth_within_its_fade() -> None:
    lips = Lips()
    lips.speak(SpokenLine(10.0, [(0.0, "aa", 1.0)], 3.0))
    assert lips.weights(11.0)[I["aa"]] > 0.9
    lips.hush(11.2, 0.08)
    assert lips.weights(11.29)[I["sil"]] == pytest.approx(1)
    assert lips.weights(12.0)[I["sil"]] == pytest.approx(1)
    lips.speak(SpokenLine(12.5, [(0.0, "oh", 1.0)], 1.0))
    assert lips.weights(13.0)[I["oh"]] > 0.9


def test_unknown_visemes_and_no_keys_are_silence() -> None:
    assert SpokenLine(0, [(0, "growl", 1.0)], 1.0).weights(0.5)[I["sil"]] == pytest.approx(1)
    assert SpokenLine(0, [], 1.0).weights(0.5)[I["sil"]] == pytest.approx(1)


def test_silence_is_rest_whatever_weight_it_is_given() -> None:
    line = SpokenLine(0.0, [(0.0, "sil", 0.0), (0.5, "aa", 1.0), (0.8, "sil", 0.0)], 2.0)
    assert line.weights(0.1)[I["sil"]] == pytest.approx(1, abs=1e-3)
    assert line.weights(1.5)[I["sil"]] == pytest.approx(1, abs=1e-3)
