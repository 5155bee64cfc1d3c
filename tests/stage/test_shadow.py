"""The shadow map sees all that casts, and does not crawl."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.stage.ground import reached, strayed
from nightcast.stage.shadow import TO_TEXTURE, fit

LOW, HIGH = np.float32([-0.4, 0, -0.3]), np.float32([0.4, 1.8, 0.3])


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.floats(-1, 1), st.floats(0.1, 1), st.floats(-1, 1)))
def test_every_corner_is_inside_the_map(toward: tuple[float, float, float]) -> None:
    direction = np.float32(toward) / np.float32(np.linalg.norm(toward))
    clip = fit(direction, LOW, HIGH, 512)
    corners = np.float32([[x, y, z, 1] for x in (-0.4, 0.4) for y in (0, 1.8) for z in (-0.3, 0.3)])
    assert np.abs((corners @ clip.T)[:, :3]).max() <= 1


def test_what_is_nearer_to_the_light_has_less_depth() -> None:
    clip = fit(np.float32([0, 1, 0]), LOW, HIGH, 512)
    top, bottom = (clip @ np.float32([0, y, 0, 1]) for y in (1.8, 0.0))
    assert top[2] < bottom[2]


def test_a_small_sway_moves_the_map_by_whole_texels() -> None:
    toward = np.float32([0.6, 0.8, 0])
    one = fit(toward, LOW, HIGH, 512)
    other = fit(toward, LOW + np.float32(0.011), HIGH + np.float32(0.011), 512)
    assert one[0, :3] == pytest.approx(other[0, :3])
    shift_texels = (other[:2, 3] - one[:2, 3]) * 256
    assert shift_texels == pytest.approx(np.round(shift_texels), abs=1e-2)


def test_triangles_beside_the_map_or_turned_away_catch_nothing() -> None:
    shadow = TO_TEXTURE @ fit(np.float32([0, 1, 0]), LOW, HIGH, 512)
    flat = np.float32([[-0.1, 0, -0.1], [0.1, 0, -0.1], [0, 0, 0.1]])
    corners = np.stack([flat, flat + np.float32([5, 0, 0]), flat + np.float32([0, 9, 0]), flat])
    up, down = np.float32([[0, 1, 0]] * 3), np.float32([[0, -1, 0]] * 3)
    assert reached(corners, np.stack([up, up, up, down]), shadow).tolist() == [0]


def test_strayed_is_the_share_of_the_map_that_a_corner_moved() -> None:
    before = np.eye(4, dtype=np.float32)
    now = before.copy()
    now[0, 3] = 0.05
    assert strayed(before, now) == pytest.approx(0.05)
