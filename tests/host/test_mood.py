"""Feelings blend in, hold, and go again."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.host.mood import Moods
from nightcast.host.timeline import Track


def test_a_feeling_fades_in_holds_and_fades_out() -> None:
    moods = Moods()
    moods.express(1.0, "happy", 0.8, 0.4, hold_s=2.0)
    assert moods.at(1.0) == {}
    assert 0.2 < moods.at(1.2)["happy"] < 0.6
    assert moods.at(2.0) == {"happy": pytest.approx(0.8)}
    assert moods.at(3.6) == {}


def test_the_next_feeling_takes_the_place_of_the_one_before() -> None:
    moods = Moods()
    moods.express(0.0, "happy", 1.0, 0.3, None)
    moods.express(2.0, "sad", 1.0, 0.3, None)
    between = moods.at(2.2)
    assert 0 < between["happy"] < 1
    assert 0 < between["sad"] < 1
    assert set(moods.at(3.0)) == {"sad"}
    moods.express(4.0, None, 0.0, 0.3, None)
    assert moods.at(5.0) == {}


def test_a_mood_is_back_after_a_feeling_that_passes() -> None:
    moods = Moods()
    moods.express(0.0, "relaxed", 0.7, 0.3, None)
    moods.pass_over(2.0, "happy", 0.9, 0.3, 1.0)
    assert moods.at(1.9) == {"relaxed": pytest.approx(0.7)}
    during = moods.at(2.8)
    assert during["happy"] == pytest.approx(0.9)
    assert during["relaxed"] == pytest.approx(0.07)
    assert moods.at(4.5) == {"relaxed": pytest.approx(0.7)}


def test_a_track_turns_round_without_a_jump_and_forgets_what_is_long_past() -> None:
    track = Track(np.zeros(1), keep_s=5.0)
    track.go(0.0, np.ones(1), 1.0)
    track.go(0.5, np.zeros(1), 1.0)
    values = [float(track.at(t)[0]) for t in np.arange(0, 2, 0.01)]
    assert max(abs(np.diff(values))) < 0.03
    for k in range(1000):
        track.go(10.0 + k, np.array([k % 2]), 0.5)
    assert len(track._moves) < 10
    assert float(track.at(1009.9)[0]) == 1.0
