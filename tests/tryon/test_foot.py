"""Feet are found in space from a body's landmarks, as far as those go."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.tryon.foot import Feet, FootPose
from nightcast.tryon.pnp import Intrinsics, Pose, project
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body

CAMERA = Intrinsics.of_fov(1280, 720, 40)
AWAY = np.array([60.0, -150.0, -3200.0])


def standing(sure: float = 0.95) -> Body:
    """Somebody who faces the camera, seen as they are; millimetres about the hips."""
    shape = np.zeros((33, 3))
    for side, hip, knee in ((1.0, 23, 25), (-1.0, 24, 26)):
        shape[hip] = [90 * side, 0, 0]
        shape[knee] = [95 * side, -400, 20]
        shape[knee + 2] = [95 * side, -780, -20]  # ankle
        shape[knee + 4] = [95 * side, -820, -60]  # heel
        shape[knee + 6] = [110 * side, -840, 130]  # toes
    seen = project(shape, Pose(np.eye(3), AWAY, 0.0), CAMERA)
    return Body(seen, shape, np.full(33, sure))


def sole_of(pose: FootPose) -> tuple[F64, F64]:
    """Place in millimetres and axes, in columns."""
    matrix = pose.sole()
    return 1000 * matrix[:3, 3], matrix[:3, :3]


def test_both_feet_are_where_they_are_seen_with_their_toes_ahead() -> None:
    left, right = Feet(CAMERA).update(standing(), 0.0, smooth=False)
    assert (left.side, right.side) == ("left", "right")
    for pose, side in ((left, 1.0), (right, -1.0)):
        place, axes = sole_of(pose)
        assert place[0] - AWAY[0] == pytest.approx(102 * side, abs=12)
        assert place[2] - AWAY[2] == pytest.approx(35, abs=25)
        assert place[1] - AWAY[1] < -845, "the sole is below heel and toes"
        assert axes[2, 2] > 0.95
        assert axes[1, 1] > 0.95
        assert np.linalg.det(axes) == pytest.approx(1.0)


def test_a_person_half_as_large_is_half_as_far_away() -> None:
    far, near = (Feet(CAMERA).update(standing(), 0.0, smooth=False, scale=scale)[0] for scale in (1.0, 0.5))
    assert near.points_mm[:, 2] == pytest.approx(far.points_mm[:, 2] / 2, rel=0.01)
    assert near.length_mm == pytest.approx(far.length_mm / 2, rel=0.02)


def test_feet_that_are_not_in_the_picture_are_not_guessed() -> None:
    assert Feet(CAMERA).update(standing(sure=0.2), 0.0, smooth=False) == []
    assert Feet(CAMERA).update(None, 0.0) == []


def test_a_foot_that_is_lost_for_a_moment_is_held() -> None:
    feet = Feet(CAMERA)
    feet.update(standing(), 0.0)
    assert len(feet.update(None, 0.1)) == 2
    assert feet.update(None, 0.6) == []


def test_the_leg_hides_from_the_knee_into_the_shoe() -> None:
    (left, _) = Feet(CAMERA).update(standing(), 0.0, smooth=False)
    leg = left.leg()
    ends = [1000 * (leg @ [x, 0, 0, 1])[:3] for x in (-0.5, 0.5)]
    assert ends[1] == pytest.approx(left.points_mm[0])
    assert ends[0][1] < left.points_mm[1][1]
