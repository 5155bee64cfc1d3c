"""Two-bone chains reach what can be reached, and feet stay where they stand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.gltf.records import Model
from nightcast.host import Host
from nightcast.host import quaternion as quat
from nightcast.host.body import Body, reach
from nightcast.host.bones import BONES, INDEX
from nightcast.host.limbs import Arm
from nightcast.host.rig import Rig

coordinate = st.floats(-1.5, 1.5)
REST = np.tile(quat.IDENTITY, (len(BONES), 1))


@given(st.tuples(coordinate, coordinate, coordinate), st.tuples(coordinate, coordinate, coordinate))
def test_bones_keep_their_lengths_whatever_is_asked(
    goal: tuple[float, float, float], pole: tuple[float, float, float]
) -> None:
    shoulder = np.array([0.1, 0.2, -0.1])
    elbow, wrist = reach(shoulder, np.array(goal), np.array(pole), 0.3, 0.25)
    assert abs(np.linalg.norm(elbow - shoulder) - 0.3) < 1e-6
    assert abs(np.linalg.norm(wrist - elbow) - 0.25) < 1e-6
    distance = np.linalg.norm(np.array(goal) - shoulder)
    if 0.15 < distance < 0.548:
        np.testing.assert_allclose(wrist, goal, atol=1e-6)


def test_the_elbow_bends_towards_the_pole() -> None:
    elbow, _ = reach(np.zeros(3), np.array([0.0, 0.0, 0.4]), np.array([0.0, -1.0, 0.0]), 0.3, 0.25)
    assert elbow[1] < -0.1


def test_an_arm_brings_the_wrist_where_it_is_wanted_with_the_palm_as_wanted(
    humanoid: Callable[..., Model],
) -> None:
    body = Body(Rig(humanoid()))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = Arm(body, side)
        pose = REST.copy()
        places, turns = body.forward(pose, np.zeros(3))
        goal = np.array([0.25 * sign, 1.45, 0.35])
        palm, fingers = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
        pose[arm.rows], end = arm.pose(places, turns, goal, np.array([sign, -1.0, 0.0]), palm, fingers)
        places, turns = body.forward(pose, np.zeros(3))
        np.testing.assert_allclose(end, goal, atol=1e-6)
        np.testing.assert_allclose(places[INDEX[f"{side}Hand"]], goal, atol=1e-6)
        hand = turns[INDEX[f"{side}Hand"]]
        assert hand @ np.array([sign, 0, 0]) @ fingers > 0.9
        assert hand @ np.array([0, -1.0, 0]) @ palm > 0.9


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.floats(-0.4, 0.4), st.floats(0.9, 1.5), st.floats(-0.3, 0.3)))
def test_no_wrist_goes_into_the_torso(humanoid: Callable[..., Model], goal: tuple[float, float, float]) -> None:
    body = Body(Rig(humanoid()))
    middle = body.places[INDEX["chest"]]
    pushed = body.outside_torso(np.array(goal), middle, 0.03)
    radii = np.array([body.measures.torso_half_width, body.measures.torso_half_depth]) + 0.03
    assert np.sum(((pushed - middle)[[0, 2]] / radii) ** 2) >= 1 - 1e-9
    assert pushed[1] == goal[1]


def test_feet_stay_planted_while_the_body_sways(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(), seed=4, energy=1.5)
    feet = [host.rig.bones["leftFoot"], host.rig.bones["rightToes"]]
    places = np.array([host.update(float(t)).node_world[feet, :3, 3] for t in np.arange(0, 60, 0.5)])
    assert np.ptp(places, axis=0).max() < 0.004
    hips = host.rig.bones["hips"]
    sway = np.array([host.update(float(t)).node_world[hips, 0, 3] for t in np.arange(60, 120, 0.5)])
    assert np.ptp(sway) > 0.01
