"""Between gestures the host stands at ease: on a counter, or before itself with its hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host import Clip, Counter, Host, Posture, load_gestures, load_postures
from nightcast.host.bones import INDEX
from nightcast.host.clip import Curve
from nightcast.show import ShowError

COUNTER = Counter(top_m=0.92, edge_m=0.09)
HANDS = ("leftHand", "rightHand")


def own(repository: Path, name: str, posture: str) -> Host:
    """A host of ours that knows one posture only."""
    postures = [one for one in load_postures(repository / "avatars" / "postures") if one.name == posture]
    return Host(load(repository / "avatars" / name / "host.vrm"), postures=postures, seed=1)


def wrists(host: Host, time_s: float) -> np.ndarray:
    """(2, 3) metres."""
    return host.update(time_s).node_world[[host.rig.bones[hand] for hand in HANDS], :3, 3]


@pytest.mark.parametrize("name", ["lan", "bo"])
@pytest.mark.parametrize("posture", ["hands_on_counter", "hands_folded_on_counter"])
def test_hands_lie_on_the_counter_and_stay_while_the_body_sways(repository: Path, name: str, posture: str) -> None:
    host = own(repository, name, posture)
    host.stand_behind(COUNTER)
    places = np.array([wrists(host, time_s) for time_s in np.arange(0.0, 60.0, 1.3)])
    above_m = places[..., 1] - COUNTER.top_m
    assert above_m.min() > 0.02
    assert above_m.max() < 0.13
    assert np.ptp(places, axis=0).max() < 0.02


@pytest.mark.parametrize("name", ["lan", "bo"])
def test_clasped_hands_meet_before_the_waist(repository: Path, name: str) -> None:
    left, right = wrists(own(repository, name, "hands_clasped"), 5.0)
    assert np.linalg.norm(left - right) < 0.25
    assert min(left[2], right[2]) > 0.1


def test_a_counter_out_of_reach_is_not_leaned_on(repository: Path) -> None:
    low = own(repository, "lan", "hands_on_counter")
    hanging = Host(low.model, seed=1)
    for host in (low, hanging):
        host.stand_behind(Counter(top_m=0.4, edge_m=0.3))
    np.testing.assert_array_equal(wrists(low, 3.0), wrists(hanging, 3.0))


def test_postures_change_without_a_jump_and_each_has_its_turn(humanoid: Callable[..., Model], repository: Path) -> None:
    postures = [one for one in load_postures(repository / "avatars" / "postures") if one.place == "free"]
    host = Host(humanoid(), postures=postures, seed=2)
    alone = {one.name: wrists(Host(humanoid(), postures=[one], seed=2, energy=0.0), 1.0) for one in postures}
    times_s = np.arange(0.0, 240.0, 1 / 30)
    places = np.array([wrists(host, float(time_s)) for time_s in times_s])
    assert np.linalg.norm(np.diff(places, axis=0), axis=-1).max() < 0.05
    seen = {min(alone, key=lambda name: float(np.abs(alone[name] - place).sum())) for place in places[::30]}
    assert seen == set(alone)


def test_what_two_postures_share_stays_while_one_gives_way_to_the_other(humanoid: Callable[..., Model]) -> None:
    postures = [Posture(name=name, head=(8, 0, 0), chest=(0, 5, 0)) for name in ("one", "other")]
    host = Host(humanoid(), postures=postures, seed=2, energy=0.0)
    alone = Host(humanoid(), postures=postures[:1], seed=2, energy=0.0)
    for time_s in np.arange(0.0, 90.0, 0.4):
        np.testing.assert_allclose(
            host.update(float(time_s)).node_world, alone.update(float(time_s)).node_world, atol=1e-5
        )


def test_hands_leave_the_counter_for_a_clip_without_a_jump(humanoid: Callable[..., Model], repository: Path) -> None:
    postures = [one for one in load_postures(repository / "avatars" / "postures") if one.name == "hands_on_counter"]
    raised = Curve(np.array([0.0]), np.array([[0.0, 0.0, 0.0, 1.0]]))
    clip = Clip("t_pose", 3.0, {INDEX["rightUpperArm"]: raised}, None, {})
    host = Host(humanoid(), {"t_pose": clip}, postures=postures, seed=1, energy=0.0)
    host.stand_behind(Counter(top_m=0.92, edge_m=0.09))
    host.gesture("t_pose", 2.0)
    before, leaving, away, back = (wrists(host, time_s) for time_s in (2.0, 2.05, 3.5, 6.0))
    assert np.abs(leaving - before).max() < 0.02
    assert np.abs(away - before).max() > 0.2
    np.testing.assert_allclose(back, before, atol=0.01)


def test_a_gesture_is_made_from_a_posture_and_goes_back_to_it(
    humanoid: Callable[..., Model], repository: Path, gestures_folder: Path
) -> None:
    posture = [one for one in load_postures(repository / "avatars" / "postures") if one.name == "hands_clasped"]
    host = Host(humanoid(), load_gestures(gestures_folder), postures=posture, seed=1, energy=0.0)
    host.gesture("wave", 3.0)
    before, during, after = (wrists(host, time_s) for time_s in (1.0, 3.0, 8.0))
    assert during[1, 1] > before[1, 1] + 0.4
    assert np.linalg.norm(during[0] - before[0]) < 0.1
    np.testing.assert_allclose(after, before, atol=0.03)


@pytest.mark.parametrize(
    "wrong",
    [
        "name: far\nboth: {at: [0.9, 0.9, 0.9]}\n",
        "name: aimed\nboth: {at: [0.1, 0, 0.3], target: 1}\n",
        "name: somewhere\nplace: moon\n",
    ],
)
def test_a_wrong_posture_is_named_with_its_file(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "wrong.yaml").write_text(wrong)
    with pytest.raises(ShowError, match=r"wrong\.yaml"):
        load_postures(tmp_path)


def test_without_postures_the_arms_hang(humanoid: Callable[..., Model]) -> None:
    sides = Host(humanoid(), postures=[Posture(name="sides")], seed=4)
    np.testing.assert_array_equal(wrists(sides, 9.0), wrists(Host(humanoid(), seed=4), 9.0))


@pytest.mark.parametrize("place", ["forearm", "shoulder"])
def test_an_arm_that_a_bag_hangs_from_takes_the_posture_for_it(repository: Path, place: str) -> None:
    postures = load_postures(repository / "avatars" / "postures")
    host = Host(load(repository / "avatars" / "lan" / "host.vrm"), postures=postures, seed=1, energy=0.0)

    def wrist_m(until_s: float) -> float:
        """How far the left wrist is above the left elbow, once things have settled."""
        for k in range(round(30 * (until_s - 2)), round(30 * until_s)):
            frame = host.update(k / 30)
        wrist, elbow = (frame.node_world[host.rig.bones[f"left{bone}"], 1, 3] for bone in ("Hand", "LowerArm"))
        return float(wrist - elbow)

    hanging_m = wrist_m(2.0)
    host.carry({"left": place}, 2.0)
    assert wrist_m(4.0) > -0.02 > hanging_m
    host.carry({}, 4.0)
    assert wrist_m(6.0) == pytest.approx(hanging_m, abs=0.05)
