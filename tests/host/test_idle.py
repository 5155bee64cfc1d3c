"""The body at rest stands as people do, on any rig, and is never still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host import quaternion as quat
from nightcast.host.body import Body
from nightcast.host.bones import BONES, INDEX, limit_deg
from nightcast.host.idle import Idle
from nightcast.host.rig import Rig

LIMITS = np.array([limit_deg(bone) for bone in BONES])


def hands_of(body: Body, time_s: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    stance = Idle(body, seed=1).at(time_s, 0.0)
    places, _ = body.forward(quat.from_euler_deg(stance.angles_deg), stance.hips_shift)
    return places[INDEX["leftHand"]], places[INDEX["rightHand"]], places[INDEX["leftUpperArm"]]


@pytest.mark.parametrize("a_pose_deg", [0, 45])
def test_arms_hang_beside_the_body_from_any_rest_pose(humanoid: Callable[..., Model], a_pose_deg: float) -> None:
    body = Body(Rig(humanoid(a_pose_deg=a_pose_deg)))
    left, right, shoulder = hands_of(body)
    for hand in (left, right):
        assert hand[1] < shoulder[1] - 0.85 * body.measures.arm
        assert abs(hand[0]) > body.measures.hip_half_width
        assert abs(hand[2]) < 0.2


def test_sample_avatars_never_stand_in_a_t_pose(sample: Callable[[str], Path]) -> None:
    for name in ("avatars/brunette-t.glb", "avatars/cryptovoxels.vrm"):
        body = Body(Rig(load(sample(name))))
        left, right, shoulder = hands_of(body)
        assert max(left[1], right[1]) < shoulder[1] - 0.8 * body.measures.arm


def test_fingers_are_curled_and_curl_more_towards_the_little_one(humanoid: Callable[..., Model]) -> None:
    angles = Idle(Body(Rig(humanoid())), seed=1).at(0.0, 0.0).angles_deg
    index, little = (angles[INDEX[f"left{finger}Proximal"], 2] for finger in ("Index", "Little"))
    assert little < index < -10


def test_a_day_of_idling_stays_inside_the_joints_limits(humanoid: Callable[..., Model]) -> None:
    idle = Idle(Body(Rig(humanoid())), seed=9, energy=1.5)
    for time_s in np.linspace(0, 86_400, 500):
        stance = idle.at(float(time_s), 1.0)
        assert np.isfinite(stance.angles_deg).all()
        assert (quat.angle_deg(quat.from_euler_deg(stance.angles_deg)) < LIMITS).all()
        assert np.abs(stance.hips_shift).max() < 0.04


def test_the_body_breathes_sways_and_does_not_come_back(humanoid: Callable[..., Model]) -> None:
    idle = Idle(Body(Rig(humanoid())), seed=2)
    angles = np.array([idle.at(float(t), 0.0).angles_deg.ravel() for t in np.arange(0, 600, 0.5)])
    later = np.abs(angles[60:] - angles[0]).max(axis=1)
    assert later.min() > 0.3
    step = np.abs(np.diff([idle.at(float(t), 0.0).angles_deg.ravel() for t in np.arange(0, 20, 1 / 30)], axis=0))
    assert step.max() < 0.5
    assert np.ptp(angles[:, INDEX["chest"] * 3]) > 0.5
