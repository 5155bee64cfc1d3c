"""Chance is a pure function of seed and time, and noise neither jumps nor comes back."""

from __future__ import annotations

import numpy as np

from nightcast.host.chance import Drift, Renewals, uniform


def test_numbers_are_even_and_differ_between_seeds() -> None:
    numbers = uniform(1, np.arange(20_000))
    assert 0 <= numbers.min() < numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(numbers, uniform(2, np.arange(20_000)))[0, 1]) < 0.03
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.03


def test_drift_is_bounded_smooth_and_uses_its_range() -> None:
    drift = Drift(7, [5.0, 11.0])
    values = np.array([drift.at(float(t)) for t in np.arange(0, 200, 1 / 30)])
    assert np.abs(values).max() <= 1
    assert np.abs(values).max() > 0.5
    assert np.abs(np.diff(values, axis=0)).max() < 0.12


def test_drift_does_not_repeat_within_ten_minutes() -> None:
    drift = Drift(3, [9.0])
    step_s = 0.25
    values = np.array([drift.at(float(t))[0] for t in np.arange(0, 1200, step_s)])
    window = values[: int(60 / step_s)]
    distances = [
        np.abs(values[k : k + len(window)] - window).mean() for k in range(int(30 / step_s), len(values) - len(window))
    ]
    assert min(distances) > 0.1


def test_renewals_are_irregular_and_the_same_from_wherever_one_looks() -> None:
    renewals = Renewals(5, median_s=3.4, spread=0.55, least_s=0.8)
    whole = list(renewals.between(0, 1800))
    pieces = [m for k in range(18) for m in Renewals(5, 3.4, 0.55, 0.8).between(k * 100, k * 100 + 100)]
    assert whole == pieces
    gaps = np.diff(whole)
    assert gaps.min() >= 0.79
    assert 12 < len(whole) / 30 < 22  # a minute
    assert gaps.std() > 1
    assert renewals.last_two(900.0).tolist() == [m for m in whole if m <= 900.0][-2:]
