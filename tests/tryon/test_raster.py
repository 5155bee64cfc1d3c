"""Values of vertices, spread over a picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nightcast.tryon.raster import rasterised

UNIT = st.floats(0, 1, width=32)


@given(arrays(np.float64, (3, 2), elements=UNIT), arrays(np.float64, (3, 2), elements=st.floats(-9, 9)))
def test_a_pixel_in_a_triangle_has_the_value_of_its_place(corners: np.ndarray, slope: np.ndarray) -> None:
    """Of a value that is linear in the place, so that each pixel's is known."""
    places, side = corners * 0.3, 64
    values = places @ slope[:2] + slope[2]
    spread, known = rasterised(places, np.array([[0, 1, 2]]), values, side)
    rows, columns = np.nonzero(known)
    there = np.column_stack([columns, rows]) + 0.5
    assert np.allclose(spread[known], there / side @ slope[:2] + slope[2], atol=1e-6)
    assert (there / side <= places.max(axis=0) + 1.5 / side).all()
    assert (there / side >= places.min(axis=0) - 1.5 / side).all()
    assert not spread[~known].any()


def test_a_later_triangle_covers_an_earlier_one() -> None:
    places = np.array([[0.1, 0.1], [0.3, 0.1], [0.1, 0.3]])
    thrice = np.concatenate([places] * 3)
    values = np.repeat([[1.0], [2.0], [3.0]], 3, axis=0)
    spread, known = rasterised(thrice, np.arange(9).reshape(3, 3), values, 40)
    assert known.sum() > 20
    assert (spread[known] == 3).all()


def test_a_triangle_across_a_third_of_the_picture_is_a_seams_and_left_out() -> None:
    across = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert not rasterised(across, np.array([[0, 1, 2]]), np.ones((3, 1)), 32)[1].any()


def test_no_triangles_leave_an_empty_picture() -> None:
    assert not rasterised(np.zeros((0, 2)), np.zeros((0, 3), np.intp), np.zeros((0, 1)), 8)[1].any()
