"""A face that turns shows its own shape; one that stays still is taken for the reference."""

from __future__ import annotations

import numpy as np

from nightcast.tryon.own_shape import OwnShape
from nightcast.tryon.person import head_model
from nightcast.tryon.pnp import Intrinsics, Pose, project, solve_pose
from nightcast.tryon.product import F64, rotation_xyz

CAMERA = Intrinsics.of_fov(1280, 720, 40.0)
HEAD = head_model()
#: Longer below, flatter, with a nose of its own.
STRANGER = HEAD.points_mm * [1.0, 1.06, 0.88] + 2.5 * np.sin(HEAD.points_mm / 9)
PLACE = np.array([20.0, 0.0, -520.0])


def watched(turns_deg: list[tuple[float, float]]) -> OwnShape:
    shape = OwnShape(HEAD.points_mm, HEAD.weights, CAMERA)
    chance = np.random.default_rng(1)
    for pitch_deg, yaw_deg in turns_deg:
        pose = Pose(rotation_xyz((pitch_deg, yaw_deg, 0.0)), PLACE, 0.0)
        seen = project(STRANGER, pose, CAMERA) + chance.normal(0, 0.5, (len(STRANGER), 2))
        found = solve_pose(shape.points_mm, seen, HEAD.weights, CAMERA)
        assert found is not None
        shape.see(seen, found)
    return shape


def off_deg(points: F64) -> float:
    """How much the turn of the head is misjudged between two sides, at worst over three."""
    worst = 0.0
    for yaw_deg in (-25.0, 10.0, 25.0):
        pose = Pose(rotation_xyz((5.0, yaw_deg, 0.0)), PLACE, 0.0)
        found = solve_pose(points, project(STRANGER, pose, CAMERA), HEAD.weights, CAMERA)
        assert found is not None
        worst = max(worst, abs(np.degrees(np.arctan2(found.rotation[0, 2], found.rotation[2, 2])) - yaw_deg))
    return float(worst)


def test_a_turning_face_is_learnt_and_its_turns_are_judged_better() -> None:
    turns = [(8 * np.sin(k / 3), 28 * np.sin(k / 11)) for k in range(260)]
    learnt = watched(turns)
    assert off_deg(learnt.points_mm) < 0.8 * off_deg(HEAD.points_mm)


def test_a_still_face_stays_the_reference() -> None:
    assert watched([(0.0, 0.0)] * 80).points_mm is HEAD.points_mm
