"""The whole host: order of its update, sameness, sanity over a day, and its report."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model, Node
from nightcast.gltf.vrm_records import Constraint, LookAt, RangeMap, Spring, SpringJoint
from nightcast.host import Host, find_anchors, load_gestures
from nightcast.host.bones import BONES, INDEX

FIRST = len(BONES)
KEYS = [
    (0.0, "sil", 1.0),
    (0.1, "PP", 1.0),
    (0.18, "aa", 1.0),
    (0.4, "SS", 1.0),
    (0.5, "ou", 1.0),
    (0.8, "sil", 1.0),
]
WORDS = [(0.1, 0.45, "Welcome!"), (0.5, 0.8, "tonight")]


def node(name: str, parent: int, children: tuple[int, ...], at: tuple[float, float, float]) -> Node:
    return Node(name, parent, children, np.float32(at), np.float32([0, 0, 0, 1]), np.ones(3, np.float32))


def test_pose_then_look_then_constraints_then_springs(humanoid: Callable[..., Model]) -> None:
    """A spring hangs on a constrained node, which copies an eye, which looks from a posed head: all in one frame."""
    extra = [
        node("copy", INDEX["head"], (FIRST + 1,), (0, 0.1, 0)),
        node("hair", FIRST, (FIRST + 2,), (0, 0.1, 0)),
        node("tip", FIRST + 1, (), (0, 0.1, 0)),
    ]
    ranges = RangeMap(90.0, 90.0)
    model = humanoid(
        vrm=True,
        extra_nodes=extra,
        vrm_extra={
            "constraints": (Constraint(FIRST, INDEX["leftEye"], "rotation"),),
            "springs": (Spring("hair", (SpringJoint(FIRST + 1, stiffness=4.0), SpringJoint(FIRST + 2))),),
            "look_at": LookAt("bone", (0, 0.06, 0), ranges, ranges, ranges, ranges),
        },
    )
    host = Host(model, seed=1, energy=0.0)
    host.look_at((0.8, 1.0, 1.2), 0.0)
    world = host.update(5.0).node_world
    head, eye, copy = (world[i, :3, :3] for i in (INDEX["head"], INDEX["leftEye"], FIRST))
    assert np.abs(head - np.eye(3)).max() > 0.1
    np.testing.assert_allclose(copy, eye, atol=1e-4)
    assert np.abs(eye - head).max() > 0.05
    np.testing.assert_allclose(world[FIRST + 1, :3, :3], copy, atol=0.02)
    np.testing.assert_allclose(world[FIRST + 1, :3, 3], (world[FIRST] @ [0, 0.1, 0, 1])[:3], atol=1e-5)


def eyes_off_deg(host: Host, camera: np.ndarray) -> float:
    """The widest angle between an eye's axis and the camera that the host looks into, within twenty seconds."""
    host.look_at(camera, 0.0)
    widest = 0.0
    for time_s in np.arange(1, 20, 0.37):
        world = host.update(float(time_s)).node_world
        for bone in ("leftEye", "rightEye"):
            matrix = world[host.rig.bones[bone]]
            line = camera - matrix[:3, 3]
            widest = max(widest, float(np.degrees(np.arccos(matrix[:3, 2] @ line / np.linalg.norm(line)))))
    return widest


def test_both_eyes_are_on_the_camera_however_the_head_moves(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(), seed=3, energy=1.5)
    assert eyes_off_deg(host, np.array([0.2, 1.45, 1.8])) < 2.0


def test_eyeballs_stay_on_the_camera_in_spite_of_a_narrow_range_map(own_host: Path) -> None:
    host = Host(load(own_host), seed=3, energy=1.5)
    assert eyes_off_deg(host, np.array([0.15, 1.45, 1.8])) < 2.0


def test_chest_and_eyes_share_a_look_far_aside_with_the_head(
    humanoid: Callable[..., Model], gestures_folder: Path
) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=3, energy=0.0)
    product = (1.0, 1.0, 0.4)
    host.look_at(product, 0.0)
    host.gesture("present", 1.0, product)
    facing = [host.update(k / 30).node_world for k in range(60)]
    chest, head = (
        np.array([math.degrees(math.atan2(*world[INDEX[bone], [0, 2], 2])) for world in facing])
        for bone in ("upperChest", "head")
    )
    assert 30 < head.max() < 50
    assert chest[-1] > 10
    assert (head - chest).max() < 35


def perform(host: Host) -> None:
    host.look_at((0.0, 1.5, 2.0), 0.5)
    host.express("happy", 1.0, hold_s=2.0)
    host.speak(2.0, KEYS, WORDS, 1.0)
    host.gesture("wave", 2.3)
    host.speak(3.5, KEYS, WORDS, 1.0)
    host.hush(3.9)


def test_a_moment_is_the_same_whether_stepped_to_or_jumped_to(
    humanoid: Callable[..., Model], gestures_folder: Path
) -> None:
    model, gestures = (
        humanoid(targets=("jawOpen", "eyeBlinkLeft", "mouthSmileLeft")),
        load_gestures(gestures_folder),
    )
    stepped, jumped = (Host(model, gestures, seed=8) for _ in range(2))
    perform(stepped)
    perform(jumped)
    for k in range(150):
        last = stepped.update(k / 30)
    direct = jumped.update(149 / 30)
    np.testing.assert_array_equal(last.node_world, direct.node_world)
    np.testing.assert_array_equal(last.morph_weights[0], direct.morph_weights[0])


def test_seeds_make_different_people(humanoid: Callable[..., Model]) -> None:
    a, b = (Host(humanoid(), seed=seed).update(3.0).node_world for seed in (1, 2))
    assert np.abs(a - b).max() > 1e-3


@pytest.mark.parametrize("energy", [0.0, 1.5])
def test_a_day_of_idling_and_speech_is_finite_and_rigid(
    humanoid: Callable[..., Model], gestures_folder: Path, energy: float
) -> None:
    model = humanoid(targets=("viseme_aa", "viseme_PP", "eyeBlinkLeft", "mouthSmileLeft"))
    host = Host(model, load_gestures(gestures_folder), seed=5, energy=energy)
    names = sorted(host.gestures)
    for k, hour in enumerate(np.linspace(0, 24, 60)):
        time_s = float(hour) * 3600
        host.look_at(None if k % 3 == 0 else (np.sin(k), 1.2, 1.5), time_s)
        host.speak(time_s, KEYS, WORDS, 1.0)
        host.express(("happy", "neutral", "sad")[k % 3], time_s)
        host.gesture(names[k % len(names)], time_s + 0.4, (0.4, 1.2, 0.5))
        for part in np.arange(0, 2, 0.23):
            frame = host.update(time_s + float(part))
            turns = frame.node_world[:FIRST, :3, :3].astype(np.float64)
            assert np.isfinite(frame.node_world).all()
            assert np.abs(turns @ np.swapaxes(turns, 1, 2) - np.eye(3)).max() < 1e-4
            weights = frame.morph_weights[0]
            assert 0 <= weights.min() <= weights.max() <= 1


def test_speech_moves_the_mouth_and_silence_rests_it(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(targets=("viseme_aa", "viseme_PP")), seed=1)
    host.speak(1.0, KEYS, WORDS, 1.0)
    assert host.update(0.5).morph_weights[0].tolist() == [0, 0]
    assert host.update(1.14).morph_weights[0][1] > 0.99
    assert host.update(1.28).morph_weights[0][0] > 0.5
    assert host.update(3.0).morph_weights[0].max() < 1e-3


def test_a_jaw_bone_speaks_where_there_are_no_shapes(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(), seed=1, energy=0.0)
    host.speak(1.0, [(0.0, "aa", 1.0)], [], 1.0)

    def jaw_deg(time_s: float) -> float:
        world = host.update(time_s).node_world
        relative = world[INDEX["head"], :3, :3].T @ world[INDEX["jaw"], :3, :3]
        return float(np.degrees(np.arctan2(relative[2, 1], relative[1, 1])))

    assert jaw_deg(1.5) > 12
    assert abs(jaw_deg(3.0)) < 0.1


def test_what_only_the_wearer_sees_and_what_a_product_replaces_is_hidden(
    humanoid: Callable[..., Model],
) -> None:
    model = humanoid(vrm=True)
    assert model.vrm is not None
    body = len(model.nodes) - 1
    model = replace(model, vrm=replace(model.vrm, first_person={body: "firstPersonOnly", 3: "thirdPersonOnly"}))
    assert Host(model).update(0.0).hidden_nodes == {body}
    assert Host(humanoid(), hidden_nodes=["Body"]).update(0.0).hidden_nodes == {body}


def test_an_avatars_file_may_name_its_shapes_and_its_height(humanoid: Callable[..., Model]) -> None:
    model = humanoid(targets=("Grin", "MouthWide"))
    host = Host(model, seed=1, expressions={"happy": "Grin"}, visemes={"aa": "MouthWide"}, height_m=1.8)
    host.express("happy", 0.0)
    host.speak(1.0, [(0.0, "aa", 1.0)], [], 1.0)
    np.testing.assert_allclose(host.update(1.5).morph_weights[0], [1.0, 0.95], atol=0.06)
    assert host.body.measures.height == pytest.approx(1.8, abs=0.01)


@pytest.mark.parametrize("part", ["LowerArm", "Hand", "LowerLeg", "IndexIntermediate", "Eye"])
def test_bones_without_length_never_give_nan(humanoid: Callable[..., Model], gestures_folder: Path, part: str) -> None:
    model = humanoid()
    nodes = [replace(n, translation=n.translation * 0) if n.name.endswith(part) else n for n in model.nodes]
    host = Host(replace(model, nodes=tuple(nodes)), load_gestures(gestures_folder), seed=1)
    perform(host)
    for time_s in np.arange(0, 4, 0.2):
        assert np.isfinite(host.update(float(time_s)).node_world).all()
    find_anchors(host.rig)


def test_what_was_to_come_with_a_line_is_dropped_when_it_is_hushed(
    humanoid: Callable[..., Model], gestures_folder: Path
) -> None:
    hushed, quiet = (Host(humanoid(), load_gestures(gestures_folder), seed=1) for _ in range(2))
    hushed.speak(1.0, KEYS, [(0.1, 0.4, "Welcome!"), (4.0, 4.5, "99")], 5.0)
    hushed.gesture("wave", 5.0)
    hushed.hush(2.0)
    for host in (hushed, quiet):
        host.update(4.0)
    np.testing.assert_allclose(hushed.update(5.2).node_world, quiet.update(5.2).node_world, atol=1e-5)


def test_the_samples_perform_without_complaint(sample: Callable[[str], Path], gestures_folder: Path) -> None:
    gestures = load_gestures(gestures_folder)
    host = Host(load(sample("avatars/brunette-t.glb")), gestures, seed=1)
    perform(host)
    for k in range(0, 150, 5):
        assert np.isfinite(host.update(k / 30).node_world).all()
    assert host.warnings == ()
    small = Host(load(sample("avatars/cryptovoxels.vrm")), gestures, seed=1)
    perform(small)
    small.update(2.4)
    assert "it has no mouth shapes; its lips cannot speak" in small.warnings
