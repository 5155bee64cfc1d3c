"""A head's pose is found again from where its landmarks are seen, and stays with its person."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.tryon.heads import HEAD_PD_MM, head_model
from nightcast.tryon.one_euro import OneEuro
from nightcast.tryon.person import Crowd
from nightcast.tryon.pnp import Intrinsics, Pose, project, solve_pose
from nightcast.tryon.product import F64, rotation_xyz

CAMERA = Intrinsics.of_fov(1280, 720, 40.0)


def truth(yaw_deg: float = 0.0, off_axis_deg: float = 0.0, pitch_deg: float = 0.0) -> Pose:
    place = np.array([np.tan(np.radians(off_axis_deg)) * 500, 10.0, -500.0])
    return Pose(rotation_xyz((pitch_deg, yaw_deg, 3.0)), place, 0.0)


def seen(pose: Pose, noise_px: float = 0.0, seed: int = 0) -> F64:
    pixels = project(head_model().points_mm, pose, CAMERA)
    return pixels + np.random.default_rng(seed).normal(0, noise_px, pixels.shape)


def angle_deg(a: F64, b: F64) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))


@pytest.mark.parametrize("off_axis_deg", [0.0, 24.0])
@pytest.mark.parametrize("yaw_deg", [-30.0, 0.0, 20.0, 45.0])
def test_half_a_pixel_of_noise_costs_a_fifth_of_a_degree_and_half_a_millimetre(
    yaw_deg: float, off_axis_deg: float
) -> None:
    head, pose = head_model(), truth(yaw_deg, off_axis_deg, 6.0)
    turns, places = [], []
    for seed in range(12):
        found = solve_pose(head.points_mm, seen(pose, 0.5, seed), head.weights, CAMERA)
        assert found is not None
        turns.append(angle_deg(found.rotation, pose.rotation))
        off = found.place_mm - pose.place_mm
        along = pose.place_mm / np.linalg.norm(pose.place_mm)
        places.append(np.linalg.norm(off - (off @ along) * along))  # across the line of sight, where it is seen
    assert np.median(turns) < 0.2
    assert np.median(places) < 0.5


def test_a_wrong_landmark_is_outvoted() -> None:
    head, pose = head_model(), truth(10.0)
    pixels = seen(pose)
    pixels[::25] += 40
    found = solve_pose(head.points_mm, pixels, head.weights, CAMERA)
    assert found is not None
    assert angle_deg(found.rotation, pose.rotation) < 1.5


def test_a_given_pupillary_distance_sets_size_and_distance() -> None:
    (person,) = Crowd(CAMERA, pd_mm=68.0).update([seen(truth())], 0.0)
    assert person.scale == pytest.approx(68.0 / HEAD_PD_MM)
    assert person.place_mm[2] == pytest.approx(-500 * 68.0 / HEAD_PD_MM, abs=3)


def test_each_face_keeps_its_number_when_they_change_places_in_the_list() -> None:
    left, right = truth(0.0, -12.0), truth(0.0, 12.0)
    crowd = Crowd(CAMERA)
    before = {p.number: p.place_mm[0] for p in crowd.update([seen(left), seen(right)], 0.0)}
    after = {p.number: p.place_mm[0] for p in crowd.update([seen(right), seen(left)], 0.033)}
    assert before.keys() == after.keys()
    for number, x in before.items():
        assert after[number] == pytest.approx(x, abs=1)


def test_a_lost_face_is_held_then_fades_then_goes() -> None:
    crowd = Crowd(CAMERA)
    crowd.update([seen(truth())], 0.0)
    assert crowd.update([], 0.1)[0].opacity == 1.0
    assert 0 < crowd.update([], 0.35)[0].opacity < 1
    assert crowd.update([], 0.6) == []
    (again,) = crowd.update([seen(truth())], 0.7)
    assert again.number == 2


def test_a_still_head_hardly_trembles() -> None:
    crowd = Crowd(CAMERA)
    tips = []
    for k in range(120):
        (person,) = crowd.update([seen(truth(), 0.42, k)], k / 30)
        tips.append(project(head_model().points_mm[168:169], Pose(person.rotation, person.place_mm, 0), CAMERA)[0])
    steady = np.array(tips[30:])
    assert np.sqrt(((steady - steady.mean(axis=0)) ** 2).sum(axis=1).mean()) < 0.15


def test_the_filter_keeps_up_with_a_fast_move() -> None:
    fast = OneEuro(1.0, 0.05)
    values = [fast(np.array([20 * np.sin(2 * np.pi * k / 30)]), k / 30)[0] for k in range(90)]
    wanted = [20 * np.sin(2 * np.pi * k / 30) for k in range(90)]
    lags = [np.corrcoef(values[30 + lag :], wanted[30 : 90 - lag])[0, 1] for lag in range(5)]
    assert int(np.argmax(lags)) <= 2
