"""Where set pieces and products stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.show.catalog import Display, Product
from nightcast.show.scene import Stand
from nightcast.stage.build import Seat, placed, seat


def product(**wear: Any) -> Product:
    body: dict[str, Any] = {"id": "p", "name": "p", "kind": "p", "price": 1, "as_of": "2026-11-01"}
    return Product.model_validate({**body, "wear": {"kind": "hat", **wear}} if wear else body)


def stand(**fields: Any) -> Stand:
    return Stand.model_validate({"at": [0.5, 0.9, 0.1], "max_size": 0.3, **fields})


def corners(low: tuple[float, ...], high: tuple[float, ...], seated: Seat) -> np.ndarray:
    box = np.array([[x, y, z, 1] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    return (box @ seated.world.T)[:, :3]


def put(low: tuple[float, ...], high: tuple[float, ...], on: Stand, what: Product, turned: float = 0.0) -> np.ndarray:
    return corners(low, high, seat(np.float32(low), np.float32(high), on, turned, what))


def test_placed_turns_towards_the_wearer_s_left() -> None:
    forward = placed((1, 2, 3), 90, 2) @ np.array([0, 0, 1, 1])
    assert forward[:3] == pytest.approx((3, 2, 3), abs=1e-6)


def test_a_product_keeps_its_true_size_and_stands_on_the_surface() -> None:
    points = put((-0.05, 3.0, 0.0), (0.15, 3.1, 0.1), stand(), product())
    assert points.min(axis=0) == pytest.approx((0.4, 0.9, 0.05), abs=1e-6)
    assert points.max(axis=0) == pytest.approx((0.6, 1.0, 0.15), abs=1e-6)


def test_what_is_too_large_is_made_to_fit() -> None:
    points = put((0, 0, 0), (6, 3, 3), stand(), product())
    assert (points.max(axis=0) - points.min(axis=0)) == pytest.approx((0.3, 0.15, 0.15), abs=1e-6)


def test_the_catalog_says_how_numbers_become_metres_and_which_way_is_up() -> None:
    points = put((0, 0, 0), (10, 2, 4), stand(), product(scale=0.01, turn=[90, 0, 0]))
    assert (points.max(axis=0) - points.min(axis=0)) == pytest.approx((0.1, 0.04, 0.02), abs=1e-6)
    assert points[:, 1].min() == pytest.approx(0.9)


def test_a_display_turns_what_is_shown_on_it() -> None:
    what = product(turn=[90, 0, 0]).model_copy(update={"display": Display(turn=(0, 0, -90))})
    points = put((0, 0, 0), (0.1, 0.02, 0.04), stand(), what)
    assert (points.max(axis=0) - points.min(axis=0)) == pytest.approx((0.04, 0.1, 0.02), abs=1e-6)
    assert points[:, 1].min() == pytest.approx(0.9)


def test_a_turntable_turns_about_the_stand() -> None:
    points = put((-0.1, 0, -0.02), (0.1, 0.1, 0.02), stand(), product(), turned=90)
    assert (points.max(axis=0) - points.min(axis=0)) == pytest.approx((0.04, 0.1, 0.2), abs=1e-6)
    assert points.mean(axis=0) == pytest.approx((0.5, 0.95, 0.1), abs=1e-6)


@settings(max_examples=60)
@given(st.lists(st.floats(-50, 50), min_size=6, max_size=6), st.floats(-360, 360), st.floats(0.01, 5))
def test_nothing_sinks_into_its_stand_or_grows_beyond_it(numbers: list[float], turned: float, most: float) -> None:
    low = tuple(min(a, b) for a, b in zip(numbers[:3], numbers[3:], strict=True))
    high = tuple(max(a, b) for a, b in zip(numbers[:3], numbers[3:], strict=True))
    points = put(low, high, stand(max_size=most), product(), turned)
    assert np.isfinite(points).all()
    assert points[:, 1].min() >= 0.9 - 1e-3
    assert (points.max(axis=0) - points.min(axis=0)).max() <= most * 2**0.5 + 1e-3
