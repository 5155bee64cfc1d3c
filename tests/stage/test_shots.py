"""Camera shots as pure mathematics."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nightcast.show.scene import Shot
from nightcast.stage.shots import Operator, View, vertical_fov_deg

WIDE, TALL = 16 / 9, 9 / 16


def shot(**fields: object) -> Shot:
    return Shot.model_validate(fields)


def run(
    spec: Shot, ages_s: list[float], subject: tuple[float, float, float] | None = None, aspect: float = WIDE
) -> list[View]:
    operator = Operator("a", spec, aspect, seed=1)
    steps = [0.0, *np.diff(ages_s)]
    return [operator.view(age, step, subject, 0.0) for age, step in zip(ages_s, steps, strict=True)]


def projected(view: View, point: tuple[float, float, float], aspect: float) -> tuple[float, float]:
    """Where a point lands, as shares of width and height from the top left."""
    camera = view.camera()
    clip = camera.projection_matrix(aspect) @ camera.view @ np.array([*point, 1.0])
    return float(clip[0] / clip[3] + 1) / 2, float(1 - clip[1] / clip[3]) / 2


def test_a_fixed_shot_stands_still() -> None:
    first, later = run(shot(**{"from": [0, 1.4, 3], "look_at": [0, 1.1, 0]}), [0.0, 9.0])
    assert first.eye.tolist() == later.eye.tolist() == [0, 1.4, 3]
    assert projected(later, (0, 1.1, 0), WIDE) == pytest.approx((0.5, 0.5))


def test_portrait_may_be_framed_otherwise() -> None:
    upright = {"from": [0.2, 1.5, 2], "look_at": [0.1, 1.2, 0], "fov": 20}
    spec = shot(**{"from": [0, 1.4, 3], "look_at": [0, 1.1, 0], "fov": 30, "portrait": upright})
    (landscape,), (portrait,) = run(spec, [0.0]), run(spec, [0.0], aspect=TALL)
    assert (landscape.eye.tolist(), landscape.fov_deg) == ([0, 1.4, 3], 30)
    assert (portrait.eye.tolist(), portrait.fov_deg) == ([0.2, 1.5, 2], vertical_fov_deg(20, TALL))
    assert projected(portrait, (0.1, 1.2, 0), TALL)[0] == pytest.approx(0.5)


def test_portrait_may_be_moved_through_otherwise() -> None:
    upright = {"dolly": {"to": [1, 1, 2], "seconds": 2}}
    spec = shot(**{"from": [0, 1, 3], "look_at": [0, 1, 0], "dolly": {"to": [0, 1, 1]}, "portrait": upright})
    landscape, portrait = (run(spec, [2.0, 4.0], aspect=aspect) for aspect in (WIDE, TALL))
    assert landscape[1].eye.tolist() == [0, 1, 1]
    assert [view.eye.tolist() for view in portrait] == [[1, 1, 2], [1, 1, 2]]


def test_portrait_may_follow_from_elsewhere() -> None:
    spec = shot(follow="host.head", distance=2, portrait={"distance": 1})
    (landscape,), (portrait,) = (run(spec, [0.0], (0, 1.5, 0), aspect) for aspect in (WIDE, TALL))
    assert [view.eye[2] for view in (landscape, portrait)] == pytest.approx([2, 1])


def test_an_orbit_keeps_its_distance_and_comes_round() -> None:
    spec = shot(**{"from": [0, 1, 2], "look_at": [0, 1, 0], "orbit_deg_per_s": 90})
    start, quarter, whole = run(spec, [0.0, 1.0, 4.0])
    assert quarter.eye == pytest.approx(np.array([2, 1, 0]), abs=1e-9)
    assert whole.eye == pytest.approx(start.eye, abs=1e-9)


def test_a_dolly_starts_and_arrives_gently() -> None:
    spec = shot(**{"from": [0, 1, 4], "look_at": [0, 1, 0], "dolly": {"to": [0, 1, 2], "seconds": 2}})
    heights = [view.eye[2] for view in run(spec, [0.0, 0.1, 1.0, 1.9, 2.0, 5.0])]
    assert heights[0] == 4
    assert heights[4] == heights[5] == pytest.approx(2)
    assert heights[0] - heights[1] < 0.05
    assert heights[2] == pytest.approx(3)


def test_a_following_shot_eases_after_a_jump_of_its_subject() -> None:
    operator = Operator("a", shot(follow="host.head", distance=1, ease_s=0.6), WIDE, seed=0)
    operator.view(0.0, 0.0, (0, 1.5, 0), 0.0)
    views = [operator.view(k / 30, 1 / 30, (0.3, 1.5, 0), 0.0) for k in range(1, 19)]
    xs = [view.target[0] for view in views]
    assert 0 < xs[0] < 0.1
    assert xs == sorted(xs)
    assert xs[-1] == pytest.approx(0.3 * 0.95, abs=0.01)


def test_a_following_shot_meets_a_turned_subject_from_its_front() -> None:
    operator = Operator("a", shot(follow="host.head", distance=2), WIDE, seed=0)
    view = operator.view(0.0, 0.0, (0, 1.5, 0), 90.0)
    assert view.eye == pytest.approx(np.array([2, 1.5, 0]))


def test_sway_is_small_repeatable_and_its_own_for_each_shot() -> None:
    spec = shot(**{"from": [0, 1, 2], "look_at": [0, 1, 0], "sway": 1})
    ages = [k / 30 for k in range(90)]
    once, again = run(spec, ages), run(spec, ages)
    assert [v.eye.tolist() for v in once] == [v.eye.tolist() for v in again]
    moves = [float(np.linalg.norm(b.eye - a.eye)) for a, b in itertools.pairwise(once)]
    assert 0 < max(moves) < 0.004
    assert max(float(np.linalg.norm(v.eye - (0, 1, 2))) for v in once) < 0.04
    other = Operator("b", spec, WIDE, seed=1).view(1.0, 0.0, None, 0.0)
    assert other.eye.tolist() != once[30].eye.tolist()


def test_portrait_keeps_the_share_of_the_shorter_side() -> None:
    assert vertical_fov_deg(30, WIDE) == 30
    across = 2 * math.atan(math.tan(math.radians(vertical_fov_deg(30, TALL)) / 2) * TALL)
    assert math.degrees(across) == pytest.approx(30)


def test_portrait_puts_a_head_in_the_upper_third() -> None:
    spec = shot(follow="host.head", distance=1.2, fov=26)
    head = (0.0, 1.5, 0.0)
    across, down = projected(run(spec, [0.0], head, TALL)[0], head, TALL)
    assert across == pytest.approx(0.5)
    assert 0.28 < down < 0.37


def test_the_near_plane_lies_before_a_product_seen_closely() -> None:
    view = run(shot(**{"from": [0, 0, 0.2], "look_at": [0, 0, 0]}), [0.0])[0]
    assert view.camera().near_m <= 0.02


@pytest.mark.parametrize("size_m", [0.03, 0.12, 0.3])
def test_a_product_fills_its_share_whatever_its_size(size_m: float) -> None:
    operator = Operator("a", shot(follow="stands.table", fill=0.5, fov=26), WIDE, seed=0)
    view = operator.view(0.0, 0.0, (0, 1, 0), 0.0, size_m)
    edge, other = (projected(view, (0, 1 + side * size_m / 2, 0), WIDE)[1] for side in (1, -1))
    assert 0.35 < other - edge < 0.55


def test_a_product_that_would_burst_the_frame_is_seen_from_farther_away() -> None:
    spec = shot(follow="stands.table", distance=0.3, fov=26)
    near, far = (Operator("a", spec, WIDE, 0).view(0.0, 0.0, (0, 1, 0), 0.0, size) for size in (0.05, 0.4))
    assert near.eye[2] == pytest.approx(0.3)
    assert far.eye[2] > 0.9


def test_a_following_camera_rests_while_its_subject_only_nods() -> None:
    shot = Shot.model_validate({"follow": "host.head", "distance": 1.0, "ease_s": 0.3})
    operator = Operator("close", shot, 16 / 9, seed=1)
    first = operator.view(0.0, 0.0, (0, 1.5, 0), 0.0)
    nod = operator.view(0.1, 0.1, (0, 1.52, 0), 0.0)
    assert (nod.eye == first.eye).all()
    for frame in range(60):
        walked = operator.view(0.2 + frame / 30, 1 / 30, (0.5, 1.5, 0), 0.0)
    assert walked.eye[0] - first.eye[0] == pytest.approx(0.5, abs=0.02)


def focused(spec: Shot, sharp: tuple[float, float, float] | None = None, size_m: float | None = None) -> View:
    return Operator("a", spec, WIDE, 0, aperture_mm=20).view(
        0.0, 0.0, None, 0.0, sharp=None if sharp is None else (sharp, size_m)
    )


FIXED = {"from": [0, 1.4, 3], "look_at": [0, 1.4, 0]}


def test_what_a_shot_looks_at_is_sharp() -> None:
    view = focused(shot(**FIXED))
    assert sum(view.focus_m) / 2 == pytest.approx(3)
    assert view.aperture_m == 0.02


def test_focus_takes_a_name_or_metres_and_covers_a_thing_from_front_to_back() -> None:
    assert focused(shot(**FIXED, focus="stands.table"), (0.5, 1.2, 1), 0.3).focus_m == pytest.approx((1.85, 2.15))
    assert sum(focused(shot(**FIXED, focus=1.5)).focus_m) / 2 == pytest.approx(1.5)


def test_a_shot_may_open_or_close_the_scenes_lens() -> None:
    assert focused(shot(**FIXED, depth_of_field=0)).aperture_m == 0
    assert focused(shot(**FIXED, depth_of_field=35)).aperture_m == 0.035


def test_focus_rests_while_what_it_is_on_only_sways() -> None:
    operator = Operator("a", shot(**FIXED, focus="host.head"), WIDE, 0)
    first = operator.view(0.0, 0.0, None, 0.0, sharp=((0, 1.5, 0), None))
    swaying = operator.view(0.1, 0.1, None, 0.0, sharp=((0, 1.5, 0.03), None))
    walked = operator.view(0.2, 0.1, None, 0.0, sharp=((0, 1.5, 0.5), None))
    assert swaying.focus_m == first.focus_m
    assert walked.focus_m[0] < first.focus_m[0]
