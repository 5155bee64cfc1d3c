"""Node constraints follow VRMC_node_constraint-1.0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nightcast.gltf.records import Model, Node
from nightcast.gltf.vrm_records import Constraint
from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, INDEX
from nightcast.host.constraints import Constraints
from nightcast.host.rig import Rig

TWIST = len(BONES)


def constrained(
    humanoid: Callable[..., Model], parent: str, at: tuple[float, float, float], *constraints: Constraint
) -> Rig:
    node = Node("extra", INDEX[parent], (), np.float32(at), np.float32([0, 0, 0, 1]), np.ones(3, np.float32))
    return Rig(humanoid(vrm=True, extra_nodes=[node], vrm_extra={"constraints": constraints}))


def turned(rig: Rig, bone: str, euler_deg: tuple[float, float, float]) -> np.ndarray:
    """World rotation (3, 3) of the extra node while a bone is turned."""
    pose = np.tile(quat.IDENTITY, (len(BONES), 1))
    pose[INDEX[bone]] = quat.from_euler_deg(euler_deg)
    local = rig.local_matrices(pose, np.zeros(3))
    world = Constraints(rig).apply(pose, local, rig.hierarchy.world(local))
    matrix: np.ndarray = world[TWIST, :3, :3]
    return matrix


@pytest.mark.parametrize(("weight", "expected_deg"), [(1.0, 60.0), (0.5, 30.0), (0.0, 0.0)])
def test_roll_takes_the_turn_about_its_axis_alone(
    humanoid: Callable[..., Model], weight: float, expected_deg: float
) -> None:
    roll = Constraint(TWIST, INDEX["leftHand"], "roll", "X", weight)
    rig = constrained(humanoid, "leftLowerArm", (0.1, 0, 0), roll)
    rolled = turned(rig, "leftHand", (60, 0, 0))
    assert np.degrees(np.arctan2(rolled[2, 1], rolled[1, 1])) == pytest.approx(expected_deg, abs=0.1)
    np.testing.assert_allclose(turned(rig, "leftHand", (0, 40, 0)), np.eye(3), atol=1e-5)


def test_rotation_copies_the_whole_turn(humanoid: Callable[..., Model]) -> None:
    copy = Constraint(TWIST, INDEX["head"], "rotation")
    rig = constrained(humanoid, "neck", (0, 0.1, 0), copy)
    expected = quat.to_matrix(quat.from_euler_deg([20, 30, 10]))
    np.testing.assert_allclose(turned(rig, "head", (20, 30, 10)), expected, atol=1e-5)


def test_aim_points_its_axis_at_the_source(humanoid: Callable[..., Model]) -> None:
    aim = Constraint(TWIST, INDEX["leftHand"], "aim", "PositiveZ")
    rig = constrained(humanoid, "head", (0, 0.1, 0), aim)
    matrix = turned(rig, "leftUpperArm", (0, 0, -60))
    pose = np.tile(quat.IDENTITY, (len(BONES), 1))
    pose[INDEX["leftUpperArm"]] = quat.from_euler_deg([0, 0, -60])
    world = rig.hierarchy.world(rig.local_matrices(pose, np.zeros(3)))
    line = world[INDEX["leftHand"], :3, 3] - world[TWIST, :3, 3]
    np.testing.assert_allclose(matrix[:, 2], line / np.linalg.norm(line), atol=1e-4)
