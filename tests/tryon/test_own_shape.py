"""A face shows its own shape, at once in part and better as it turns."""

from __future__ import annotations

import numpy as np

from nightcast.tryon.heads import head_model
from nightcast.tryon.own_shape import OwnShape
from nightcast.tryon.pnp import Intrinsics, Pose, project, solve_pose
from nightcast.tryon.product import F64, rotation_xyz

CAMERA = Intrinsics.of_fov(1280, 720, 40.0)
HEAD = head_model()
STRANGERS: F64 = np.random.default_rng(4).normal(0, 1, (9, len(HEAD.modes_mm)))  # what is said of them is the median
TURNING_DEG = [5.0, -25.0, -12.0, 15.0, 28.0]
PLACE = np.array([20.0, 0.0, -520.0])


def watched(stranger: F64, yaws_deg: list[float]) -> OwnShape:
    shape = OwnShape(HEAD, CAMERA)
    chance = np.random.default_rng(1)
    for yaw_deg in yaws_deg:
        pose = Pose(rotation_xyz((3.0, yaw_deg, 0.0)), PLACE, 0.0)
        seen = project(HEAD.points_of(stranger), pose, CAMERA) + chance.normal(0, 0.5, (478, 2))
        found = solve_pose(shape.points_mm, seen, HEAD.weights, CAMERA)
        assert found is not None
        shape.see(seen, found)
    return shape


def astray_mm(stranger: F64, places: F64) -> float:
    return float(np.linalg.norm(places - HEAD.places_of(stranger), axis=1).mean())


def test_one_picture_tells_something_and_a_turning_face_more() -> None:
    shares = []
    for stranger in STRANGERS:
        unknown = astray_mm(stranger, HEAD.places_mm)
        once = astray_mm(stranger, HEAD.places_of(watched(stranger, [5.0]).likeness))
        turned = astray_mm(stranger, HEAD.places_of(watched(stranger, TURNING_DEG).likeness))
        shares.append((once / unknown, turned / unknown))
    once, turned = np.median(shares, axis=0)
    assert once < 0.85
    assert turned < 0.85 * once


def test_a_still_face_says_nothing_new() -> None:
    one = STRANGERS[0]
    assert (watched(one, [5.0] * 40).likeness == watched(one, [5.0]).likeness).all()


def test_the_pose_is_judged_by_what_was_learnt() -> None:
    pose = Pose(rotation_xyz((-8.0, 20.0, 0.0)), PLACE, 0.0)
    shares = []
    for stranger in STRANGERS:
        off = []
        for points in (HEAD.points_mm, watched(stranger, TURNING_DEG).points_mm):
            found = solve_pose(points, project(HEAD.points_of(stranger), pose, CAMERA), HEAD.weights, CAMERA)
            assert found is not None
            off.append(np.linalg.norm(found.rotation - pose.rotation))
        shares.append(off[1] / off[0])
    assert np.median(shares) < 0.7
