"""The eyes stay where they are asked to be, and lids and head behave as people's do."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.host.gaze import BLINK_S, Gaze, direction_deg

EYES = np.array([0.0, 1.6, 0.08])
CAMERA = np.array([0.0, 1.5, 2.5])
PRODUCT = np.array([0.9, 1.0, 1.0])


def off_by_deg(gaze: Gaze, time_s: float, point: np.ndarray) -> float:
    seen = direction_deg(gaze.target(time_s, EYES) - EYES)
    return float(np.linalg.norm(seen - direction_deg(point - EYES)))


def test_the_eyes_arrive_within_a_fifth_of_a_second_and_stay_within_the_face() -> None:
    gaze = Gaze(1)
    gaze.look_at(0.0, CAMERA, EYES)
    gaze.look_at(5.0, PRODUCT, EYES)
    assert off_by_deg(gaze, 5.0, CAMERA) < 1.6
    assert all(off_by_deg(gaze, 5.2 + t, PRODUCT) < 1.6 for t in np.arange(0, 4, 0.05))


def test_the_head_follows_later_slower_and_not_the_whole_way() -> None:
    gaze = Gaze(1)
    gaze.look_at(0.0, CAMERA, EYES)
    gaze.look_at(5.0, PRODUCT, EYES)
    yaw = [gaze.head(5.0 + t, EYES)[0] for t in (0.05, 0.2, 1.5)]
    whole = direction_deg(PRODUCT - EYES)[0]
    assert yaw[0] == pytest.approx(gaze.head(4.99, EYES)[0], abs=0.5)
    assert yaw[0] < yaw[1] < yaw[2]
    assert 0.5 * whole < yaw[2] < 0.85 * whole


def test_eyes_are_never_still_but_move_in_small_jumps() -> None:
    gaze = Gaze(2)
    gaze.look_at(0.0, CAMERA, EYES)
    seen = np.array([direction_deg(gaze.target(float(t), EYES) - EYES) for t in np.arange(1, 31, 1 / 60)])
    moves = np.linalg.norm(np.diff(seen, axis=0), axis=1)
    assert 10 < (moves > 0.2).sum() < 150
    assert moves.max() < 2.5
    assert (moves < 1e-3).mean() > 0.8


def test_a_target_that_glides_is_followed_without_saccades() -> None:
    gaze = Gaze(3)
    gaze.look_at(0.0, CAMERA, EYES)
    for k in range(1, 120):
        time_s = 1 + k / 30
        point = CAMERA + np.array([0.01 * k, 0, 0])
        gaze.look_at(time_s, point, EYES)
        assert off_by_deg(gaze, time_s, point) < 1.6


def test_blinks_come_at_human_intervals() -> None:
    gaze = Gaze(4)
    lids = np.array([gaze.blink(float(t)) for t in np.arange(0, 300, 1 / 60)])
    starts = int(((lids[1:] > 0) & (lids[:-1] == 0)).sum())
    assert 10 <= starts / 5 <= 24
    assert lids.max() > 0.95
    assert (lids > 0.5).mean() < 0.06


def test_a_large_gaze_shift_mostly_brings_a_blink() -> None:
    blinked = 0
    for seed in range(20):
        gaze = Gaze(seed)
        gaze.look_at(0.0, CAMERA, EYES)
        gaze.look_at(10.0, np.array([2.0, 1.4, 0.8]), EYES)
        blinked += max(gaze.blink(10.0 + t) for t in np.arange(0, BLINK_S, 0.02)) > 0.9
    assert 10 <= blinked <= 20


def test_nobody_addressed_the_eyes_wander_but_mostly_ahead() -> None:
    gaze = Gaze(6)
    seen = np.array([direction_deg(gaze.target(float(t), EYES) - EYES) for t in np.arange(0, 240, 0.25)])
    aside = np.abs(seen[:, 0]) > 5
    assert 0.1 < aside.mean() < 0.6
    assert np.abs(seen).max() < 30


def test_a_point_in_the_eye_itself_is_harmless() -> None:
    gaze = Gaze(7)
    gaze.look_at(0.0, EYES.copy(), EYES)
    assert np.isfinite(gaze.target(1.0, EYES)).all()


def test_a_head_makes_up_for_eyes_that_turn_little() -> None:
    turned = []
    for reach in (1.0, 0.3):
        gaze = Gaze(1, eye_reach=reach)
        gaze.look_at(0.0, PRODUCT, EYES)
        turned.append(float(gaze.head(3.0, EYES)[0]))
    assert turned[1] > turned[0]
    assert turned[1] < direction_deg(PRODUCT - EYES)[0]
