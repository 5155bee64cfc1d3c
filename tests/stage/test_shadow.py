"""The shadow map sees all that casts, and does not crawl."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nightcast.stage.footprint import CELLS, Footprint
from nightcast.stage.gpu import Gpu
from nightcast.stage.ground import cut, reached, strayed
from nightcast.stage.programs import Programs
from nightcast.stage.shadow import MOVED_M, TO_TEXTURE, ShadowMap, fit

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


def test_strayed_is_all_of_it_where_the_light_was_turned() -> None:
    around = np.float32([[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert strayed(np.eye(4, dtype=np.float32), around) == 1.0


SPOTS = arrays(np.float32, (5, 2, 3), elements=st.floats(-0.25, 1.25, width=32))


@given(SPOTS, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_what_is_behind_any_box_of_the_footprint_is_reached(boxes: np.ndarray, share: tuple[float, float]) -> None:
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    footprint = Footprint(low.T, high.T)
    behind = low[0] + (high[0] - low[0]) * np.float32([*share, 1]) + np.float32([0, 0, 0.1])
    inside = bool((behind[:2] >= 0).all() and (behind[:2] <= 1).all())
    assert footprint.reaches(behind[:, None], behind[:, None]).tolist() == [inside]


def test_what_is_beside_or_before_all_boxes_is_not_reached() -> None:
    footprint = Footprint(np.float32([[0.4], [0.4], [0.5]]), np.float32([[0.5], [0.5], [0.6]]))
    spots = np.float32([[0.8, 0.45, 0.9], [0.45, 0.2, 0.9], [0.45, 0.45, 0.4], [0.45, 0.45, 0.9]]).T
    assert footprint.reaches(spots, spots).tolist() == [False, False, False, True]
    assert footprint.taken.sum() < (0.1 * CELLS + 4) ** 2


@given(arrays(np.float32, (4, 3, 3), elements=st.floats(-2, 2, width=32)))
def test_cut_triangles_are_small_and_cover_what_they_were_cut_from(corners: np.ndarray) -> None:
    pieces, _ = cut(corners, np.ones_like(corners), 0.5)
    assert np.linalg.norm(pieces[:, [1, 2, 0]] - pieces, axis=2).max() <= 0.5
    assert area(pieces) == pytest.approx(area(corners), rel=1e-3, abs=1e-4)


def test_neighbours_are_cut_at_the_same_points() -> None:
    a, b, c, d = np.float32([[0, 0, 0], [1, 0, 0], [0, 2, 0], [3, 3, 0]])
    pieces, _ = cut(np.stack([[a, b, c], [d, c, b]]), np.ones((2, 3, 3), np.float32), 0.3)
    past_seam = pieces @ np.float32([2, 1, 0]) - 2  # b and c are on the line where this is 0
    per_side = [
        {tuple(corner) for piece, at in zip(pieces, past_seam, strict=True) if (at.mean() > 0) == far
         for corner in piece[np.abs(at) < 1e-6].tolist()}
        for far in (False, True)
    ]  # fmt: skip
    assert per_side[0] == per_side[1]
    assert len(per_side[0]) > 4


def area(corners: np.ndarray) -> float:
    sides = corners[:, 1:] - corners[:, :1]
    return float(np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1).sum() / 2)


@pytest.fixture
def shadow(gpu: Gpu) -> Iterator[ShadowMap]:
    scope = gpu.scope()
    yield ShadowMap(scope, Programs(scope), 16)
    scope.release()


def test_a_map_that_stays_spares_what_moved_since(shadow: ShadowMap) -> None:
    slack_m = []
    for every in (1, 2, 4):
        shadow.rests(("lamp",), every, 0.0)
        slack_m.append(shadow.slack_m)
    assert slack_m == [0.0, MOVED_M, 3 * MOVED_M]


def test_the_map_rests_for_two_pictures_in_three_that_follow_each_other(shadow: ShadowMap) -> None:
    rested = [shadow.rests(("lamp",), 3, index / 30) for index in range(7)]
    assert rested == [False, True, True, False, True, True, False]


def test_the_map_does_not_rest_where_light_changes_or_time_leaps(shadow: ShadowMap) -> None:
    assert not shadow.rests(("lamp",), 3, 0.0)
    assert not shadow.rests(("sun",), 3, 0.03)
    assert shadow.rests(("sun",), 3, 0.07)
    assert not shadow.rests(("sun",), 3, 5.0)
    assert not shadow.rests(("sun",), 3, 0.1)
