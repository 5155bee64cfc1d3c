"""Products find their places on a body."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model, Node
from nightcast.host import Host, find_anchors
from nightcast.host.bones import BONES, INDEX
from nightcast.host.rig import Rig

_SIDED = ("eye", "pupil", "ear", "ear_top", "ear_lobe", "wrist", "hold", "ring", "foot")
NAMES = {
    *("nose_bridge", "forehead", "chin", "crown", "hair_crown", "head", "neck", "neck_base"),
    *(f"{part}_{letter}" for part in _SIDED for letter in "lr"),
}


def test_a_body_of_boxes_has_every_anchor_in_a_sensible_place(humanoid: Callable[..., Model]) -> None:
    rig = Rig(humanoid())
    anchors = find_anchors(rig)
    assert set(anchors.places) == NAMES

    def place(name: str) -> np.ndarray:
        anchor = anchors[name]
        at: np.ndarray = (rig.rest_world[anchor.node] @ anchor.matrix)[:3, 3]
        return at

    assert place("nose_bridge") == pytest.approx([0, 1.58, 0.09], abs=0.03)
    assert place("crown")[1] > place("forehead")[1] > place("nose_bridge")[1] > place("chin")[1]
    assert place("ear_l")[0] > 0.07
    assert place("ear_r")[0] < -0.07
    assert place("foot_l")[1] < 0.05


def test_a_node_named_anchor_overrules_what_was_found(humanoid: Callable[..., Model]) -> None:
    node = Node(
        "anchor_nose_bridge",
        INDEX["head"],
        (),
        np.float32([0, 0.07, 0.12]),
        np.float32([0, 0, 0, 1]),
        np.full(3, 2, np.float32),
    )
    rig = Rig(humanoid(extra_nodes=[node]))
    anchor = find_anchors(rig)["nose_bridge"]
    assert anchor.found_by == "node"
    world = rig.rest_world[anchor.node] @ anchor.matrix
    np.testing.assert_allclose(world[:3, 3], rig.rest_world[len(BONES), :3, 3], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(world[:3, :3], axis=0), 1, atol=1e-6)


def test_a_place_of_the_yaml_overrules_both_and_a_wrong_node_is_said(humanoid: Callable[..., Model]) -> None:
    rig = Rig(humanoid())
    given = {"forehead": ("head", (0.0, 0.15, 0.1)), "chin": ("jawbone", (0.0, 0.0, 0.0))}
    anchors = find_anchors(rig, given)
    assert anchors["forehead"].found_by == "given"
    np.testing.assert_allclose(anchors["forehead"].matrix[:3, 3], [0, 0.15, 0.1], atol=1e-6)
    assert any("jawbone" in warning for warning in rig.warnings)


def test_anchors_go_with_the_body(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(), seed=1)
    anchor = find_anchors(host.rig)["wrist_l"]
    frame = host.update(1.0)
    hand = frame.node_world[host.rig.bones["leftHand"], :3, 3]
    matrix = anchor.world(frame)
    assert np.linalg.norm(matrix[:3, 3] - hand) < 0.05
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-5)


def test_the_sample_avatars_head_is_measured_as_a_grown_ups(sample: Callable[[str], Path]) -> None:
    rig = Rig(load(sample("avatars/brunette-t.glb")))
    anchors = find_anchors(rig)
    assert 58 < anchors.head.pupillary_distance_mm < 72
    assert 125 < anchors.head.face_width_mm < 155
    assert 480 < anchors.head.head_circumference_mm < 600
    assert 85 < anchors.head.ear_depth_mm < 125
    assert 40 < anchors.limbs.ring_finger_mm < 70
    assert 230 < anchors.limbs.foot_length_mm < 310

    def place(name: str) -> np.ndarray:
        at: np.ndarray = (rig.rest_world[anchors[name].node] @ anchors[name].matrix)[:3, 3]
        return at

    eyes = (place("eye_l") + place("eye_r")) / 2
    assert place("nose_bridge")[2] > eyes[2] + 0.02
    assert place("ear_lobe_l")[1] < eyes[1] - 0.02
    head, lobe = rig.surface(with_hair=False).of(rig.below("head")), place("ear_lobe_l")
    outside = head.first(lobe + np.array([0.1, 0.003, 0.0]), np.array([-1.0, 0.0, 0.0]), lobe)[0]
    below = head.first(lobe + np.array([0.1, -0.005, 0.0]), np.array([-1.0, 0.0, 0.0]), lobe)[0]
    assert outside - below > 0.008, "the lobe ends there, and the jaw is behind it"
    assert place("ear_l")[0] == pytest.approx(-place("ear_r")[0], abs=0.002)
    assert place("hair_crown")[1] > place("crown")[1]
