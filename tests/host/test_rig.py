"""Any body is brought into one T-pose in host space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host import RigError
from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, INDEX
from nightcast.host.rig import Rig

REST = np.tile(quat.IDENTITY, (len(BONES), 1))


def world_of(rig: Rig, pose: np.ndarray) -> np.ndarray:
    return rig.hierarchy.world(rig.local_matrices(pose, np.zeros(3)))


def test_the_pose_of_rest_is_the_t_pose(humanoid: Callable[..., Model]) -> None:
    rig = Rig(humanoid())
    np.testing.assert_allclose(world_of(rig, REST), rig.rest_world, atol=1e-5)
    assert rig.warnings == []


@pytest.mark.parametrize("a_pose_deg", [0, 35, 60])
@pytest.mark.parametrize("turn_deg", [0, 180, 90])
def test_every_rig_ends_in_the_same_t_pose(humanoid: Callable[..., Model], a_pose_deg: float, turn_deg: float) -> None:
    rig = Rig(humanoid(a_pose_deg=a_pose_deg, turn_deg=turn_deg))
    arm = rig.places[INDEX["leftHand"]] - rig.places[INDEX["leftUpperArm"]]
    assert arm[0] == pytest.approx(np.linalg.norm(arm), abs=1e-3)
    toes = rig.places[INDEX["leftToes"]] - rig.places[INDEX["leftFoot"]]
    assert toes[2] > 0.1


def test_a_body_in_centimetres_is_scaled(humanoid: Callable[..., Model]) -> None:
    rig = Rig(humanoid(scale=100.0))
    assert 1.4 < rig.places[INDEX["head"], 1] < 1.6
    assert any("scaled by 0.01" in warning for warning in rig.warnings)


@pytest.mark.parametrize("axis", [[1, 0, 0], [0, 0, 1]])
@pytest.mark.parametrize("angle_deg", [90, -90, 180])
def test_a_body_that_lies_or_stands_on_its_head_is_put_on_its_feet(
    humanoid: Callable[..., Model], axis: list[float], angle_deg: float
) -> None:
    model = humanoid()
    turn = quat.from_axis_angle(axis, np.radians(angle_deg))
    hips = model.nodes[0]
    lying = replace(
        hips,
        translation=np.float32(quat.rotate(turn, hips.translation.astype(float))),
        rotation=np.float32(quat.multiply(turn, hips.rotation.astype(float))),
    )
    rig = Rig(replace(model, nodes=(lying, *model.nodes[1:])))
    assert rig.places[INDEX["head"], 1] - rig.places[INDEX["hips"], 1] == pytest.approx(0.55, abs=1e-3)
    assert rig.places[INDEX["leftToes"], 2] > rig.places[INDEX["leftFoot"], 2]
    assert rig.warnings[0].endswith("was stood up")


def test_a_bone_that_is_scaled_to_nothing_is_done_without_unless_the_body_needs_it(
    humanoid: Callable[..., Model],
) -> None:
    def flattened(bone: str) -> Model:
        model = humanoid()
        nodes = [replace(n, scale=np.float32([1, 0, 1])) if n.name == bone else n for n in model.nodes]
        return replace(model, nodes=tuple(nodes))

    rig = Rig(flattened("leftEye"))
    assert "leftEye" not in rig.bones
    assert "it scales leftEye to nothing" in rig.warnings
    with pytest.raises(RigError, match=r"its scale makes nothing of leftHand\. Apply all transforms"):
        Rig(flattened("leftHand"))


def test_turning_a_bone_turns_what_hangs_on_it(humanoid: Callable[..., Model]) -> None:
    rig = Rig(humanoid(a_pose_deg=40, turn_deg=180))
    pose = REST.copy()
    pose[INDEX["leftUpperArm"]] = quat.from_euler_deg([0, 0, -90])
    world = world_of(rig, pose)
    hand, shoulder = world[rig.bones["leftHand"], :3, 3], world[rig.bones["leftUpperArm"], :3, 3]
    np.testing.assert_allclose((hand - shoulder) / np.linalg.norm(hand - shoulder), [0, -1, 0], atol=0.02)


def test_a_missing_spine_bone_hands_its_turn_down(humanoid: Callable[..., Model]) -> None:
    pose = REST.copy()
    pose[INDEX["chest"]] = pose[INDEX["upperChest"]] = quat.from_euler_deg([0, 20, 0])
    rig = Rig(humanoid(without=("chest", "upperChest")))
    world = world_of(rig, pose)
    forward = world[rig.bones["head"], :3, 2]
    assert np.degrees(np.arctan2(forward[0], forward[2])) == pytest.approx(40, abs=0.5)
    assert any("chest" in warning for warning in rig.warnings)


def test_a_thing_without_a_body_is_refused_by_name(humanoid: Callable[..., Model]) -> None:
    with pytest.raises(RigError, match=r"humanoid\.glb cannot be a host.*head, leftUpperArm"):
        Rig(humanoid(without=("head", "leftUpperArm"), rename=lambda bone: bone))


def test_the_sample_avatars_stand_on_the_floor_and_face_us(sample: Callable[[str], Any]) -> None:
    for name in ("avatars/brunette-t.glb", "avatars/cryptovoxels.vrm"):
        rig = Rig(load(sample(name)))
        assert rig.surface().points[:, 1].min() == pytest.approx(0, abs=1e-3)
        assert rig.places[INDEX["leftHand"], 0] > 0.4
        assert rig.places[INDEX["leftToes"], 2] > rig.places[INDEX["leftFoot"], 2]
