"""Gesture files are checked, and what they say is done by any body."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from nightcast.gltf import ModelError, load
from nightcast.gltf.records import Model
from nightcast.host import Host, load_gesture, load_gestures, load_motions
from nightcast.host.gesture import state_at
from nightcast.host.hands import SHAPES
from nightcast.show import ShowError
from nightcast.show.gesture import Gesture, GestureKey, HandKey, HandShape

WANTED = {
    *("wave", "present", "point", "hold_up", "heart", "clap", "thank", "think", "laugh", "nod", "shake"),
    *(f"count_{n}" for n in range(1, 6)),
}


def bone_at(host: Host, time_s: float, bone: str) -> np.ndarray:
    frame = host.update(time_s)
    place: np.ndarray = frame.node_world[host.rig.bones[bone], :3, 3]
    return place


def test_every_gesture_of_the_demo_is_there_and_valid(gestures_folder: Path) -> None:
    gestures = load_gestures(gestures_folder)
    assert set(gestures) >= WANTED
    assert all(path.stem in gestures for path in gestures_folder.glob("*.yaml"))


def test_the_host_knows_every_shape_that_may_be_written() -> None:
    assert set(get_args(HandShape)) == set(SHAPES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nstroke_s: 1\nkeys: []", "one key at least"),
        ("name: a\nstroke_s: 9\nkeys: [{at: 1}]", "a stroke_s before the last key"),
        ("name: a\nstroke_s: 0\nkeys: [{at: 1}, {at: 0.5}]", "after one another"),
        ("name: a\nstroke_s: 0\nkeys: [{at: 1, right: {at: [2, 0, 0]}}]", "within 1.1 lengths of the arm"),
        ("name: a\nstroke_s: 0\nkeys: [{at: 1, right: {at: [0, 0, 0], shape: opne}}]", "open"),
        ("name: a\nstroke_s: 0\nkeys: [{at: 1, hed: [0, 0, 0]}]", "head"),
        ("{", "expected"),
        ("- 1", "found \\[1\\]"),
    ],
)
def test_a_wrong_gesture_file_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ShowError, match=r"(?s)odd\.yaml.*" + words):
        load_gesture(path)


def test_a_gesture_begins_and_ends_at_rest() -> None:
    key = HandKey(at=(0.3, 0.1, 0.4))
    gesture = Gesture(name="a", stroke_s=0.5, keys=(GestureKey(at=0.5, right=key), GestureKey(at=1.0, right=key)))
    assert state_at(gesture, -0.1) is None
    assert state_at(gesture, gesture.duration_s) is None
    first, middle = state_at(gesture, 0.02), state_at(gesture, 0.75)
    assert first is not None
    assert first.right is not None
    assert first.right.weight < 0.01
    assert middle is not None
    assert middle.right is not None
    assert middle.right.weight == 1
    assert middle.left is None


def test_the_stroke_falls_on_the_word(humanoid: Callable[..., Model], gestures_folder: Path) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=1)
    host.update(0.0)
    host.gesture("wave", 3.0)
    heights = {t: bone_at(host, t, "rightHand")[1] for t in np.arange(2.0, 3.4, 1 / 30)}
    shoulder = bone_at(host, 3.5, "rightUpperArm")[1]
    assert heights[2.0] < shoulder - 0.3
    assert heights[min(heights, key=lambda t: abs(t - 3.0))] > shoulder


def test_a_gesture_that_comes_too_late_starts_at_once(humanoid: Callable[..., Model], gestures_folder: Path) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=1)
    before = bone_at(host, 3.0, "rightHand").copy()
    host.gesture("wave", 3.0)
    after = bone_at(host, 3.0 + 1 / 30, "rightHand")
    assert np.linalg.norm(after - before) < 0.05


@pytest.mark.parametrize("x", [-0.45, 0.45])
def test_a_pointing_finger_meets_its_target_with_the_nearer_hand(
    humanoid: Callable[..., Model], gestures_folder: Path, x: float
) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=1)
    host.update(0.0)
    target = np.array([x, 1.25, 0.42])
    host.gesture("point", 2.0, target)
    host.update(1.9)
    tip = bone_at(host, 2.15, f"{'left' if x > 0 else 'right'}IndexDistal")
    assert np.linalg.norm(tip - target) < 0.07


def test_an_interrupted_gesture_gives_way_without_a_jump(humanoid: Callable[..., Model], gestures_folder: Path) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=1)
    host.update(0.0)
    host.gesture("wave", 1.0)
    places = []
    for k in range(30, 120):
        if k == 36:
            host.gesture("thank", k / 30 + 0.75)
        places.append([bone_at(host, k / 30, "rightHand"), bone_at(host, k / 30, "leftHand")])
    steps = np.linalg.norm(np.diff(np.array(places), axis=0), axis=2)
    assert steps.max() < 0.12


def test_unknown_gestures_are_said_once(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid())
    host.gesture("moonwalk", 1.0)
    host.gesture("moonwalk", 2.0)
    assert host.warnings.count("there is no gesture 'moonwalk'") == 1


def test_hands_that_meet_meet_on_broad_and_on_narrow_bodies(
    humanoid: Callable[..., Model], own_host: Path, gestures_folder: Path
) -> None:
    for model in (humanoid(), load(own_host)):
        host = Host(model, load_gestures(gestures_folder), seed=1)
        host.update(0.0)
        host.gesture("thank", 1.75)
        frame = host.update(1.9)
        left, right = (frame.node_world[host.rig.bones[f"{side}MiddleProximal"], :3, 3] for side in ("left", "right"))
        assert np.linalg.norm(left - right) < 0.085


def test_a_folder_of_motions_holds_gestures_and_clips(
    sample: Callable[[str], Path], gestures_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "dance.vrma").write_bytes(sample("vrm-spec/test.vrma").read_bytes())
    (tmp_path / "nod.yaml").write_text((gestures_folder / "nod.yaml").read_text())
    assert set(load_motions(tmp_path)) == {"dance", "nod"}


@pytest.mark.parametrize("avatar", ["made up", "own", "avatars/brunette-t.glb", "avatars/cryptovoxels.vrm"])
def test_hands_and_elbows_stay_out_of_the_body_in_every_gesture(
    humanoid: Callable[..., Model],
    sample: Callable[[str], Path],
    own_host: Path,
    gestures_folder: Path,
    avatar: str,
) -> None:
    model = humanoid() if avatar == "made up" else load(own_host if avatar == "own" else sample(avatar))
    gestures = load_gestures(gestures_folder)
    for name, gesture in gestures.items():
        host = Host(model, gestures, seed=1)
        host.update(0.0)
        host.gesture(name, 1.0 + gesture.stroke_s, (0.5, 1.1, 0.4))
        measures = host.body.measures
        radii = np.array([measures.torso_half_width, measures.torso_half_depth])
        for time_s in np.arange(1.0, 1.0 + gesture.duration_s, 0.17):
            frame = host.update(float(time_s))
            middle = frame.node_world[host.rig.bones["chest"], :3, 3]
            for bone in ("leftHand", "rightHand"):
                place = frame.node_world[host.rig.bones[bone], :3, 3]
                if frame.node_world[host.rig.bones["hips"], 1, 3] < place[1] < middle[1] + 0.2:
                    assert np.sum(((place - middle)[[0, 2]] / radii) ** 2) > 0.95, (name, bone, time_s)


def test_one_wrong_file_costs_its_own_motion_and_no_other(gestures_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wave.yaml").write_text((gestures_folder / "wave.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "torn.yaml").write_text("{")
    (tmp_path / "torn.vrma").write_bytes(b"glTF")
    told: list[str] = []
    assert set(load_motions(tmp_path, lambda error: told.append(str(error)))) == {"wave"}
    assert ["torn.vrma" in told[0], "torn.yaml" in told[1]] == [True, True]
    with pytest.raises(ModelError):
        load_motions(tmp_path)
