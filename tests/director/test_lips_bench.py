"""What the bench of the lips reads from a line, from pictures, and from the two together."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.director.lips_bench import Closure, closures, judge, opening_share
from nightcast.talk.records import VisemeKey

times_s = np.arange(0, 24) / 60
CLOSURE = Closure(0.1, 0.2, opens=True)


def gaps_mm(shut_from_s: float, parts_s: float) -> np.ndarray:
    """A mouth 2 mm open, shut for a while; from `parts_s` on it opens 0.1 mm each millisecond."""
    return np.where(times_s >= shut_from_s, np.clip((times_s - parts_s) * 100, 0, 2), 2.0)


def test_closures_are_p_b_m_alone_and_a_pause_does_not_open_them() -> None:
    keys = [VisemeKey(0.0, "sil"), VisemeKey(0.1, "PP"), VisemeKey(0.2, "aa"), VisemeKey(0.3, "FF"),
            VisemeKey(0.4, "PP"), VisemeKey(0.5, "sil")]  # fmt: skip
    assert list(closures(keys)) == [Closure(0.1, 0.2, opens=True), Closure(0.4, 0.5, opens=False)]


@pytest.mark.parametrize("late_s", [-0.02, 0.0, 0.013, 0.03])
def test_an_opening_is_timed_between_two_pictures(late_s: float) -> None:
    closed, error_s = judge(times_s, gaps_mm(0.09, CLOSURE.end_s + late_s - 0.003), CLOSURE)
    assert closed
    assert error_s == pytest.approx(late_s, abs=0.006)


def test_lips_that_touch_in_one_picture_only_do_not_count_as_closed() -> None:
    gaps = np.full(len(times_s), 2.0)
    gaps[9] = 0.0
    assert judge(times_s, gaps, CLOSURE)[0] is False


def test_lips_that_never_meet_are_neither_closed_nor_late() -> None:
    assert judge(times_s, np.full(len(times_s), 2.0), CLOSURE) == (False, None)


def test_lips_that_stay_shut_have_no_onset() -> None:
    assert judge(times_s, np.zeros(len(times_s)), CLOSURE) == (True, None)


def test_teeth_and_the_dark_of_the_mouth_are_seen_as_open_and_lips_are_not() -> None:
    picture = np.empty((40, 8, 4), np.uint8)
    picture[:] = (205, 160, 140, 255)  # skin
    picture[10:30] = (190, 80, 85, 255)  # lips
    skin = 0.11
    assert opening_share(picture, skin) == 0
    picture[15:20] = (225, 222, 215, 255)  # teeth
    picture[20:25] = (8, 4, 4, 255)  # the hollow
    assert opening_share(picture, skin) == pytest.approx(0.25, abs=0.01)
