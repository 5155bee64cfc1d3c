"""Meaning reaches the face in whatever vocabulary it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host.expressions import Channels
from nightcast.host.face import Face, Intent
from nightcast.host.lips import VISEMES

ARKIT = """
jawOpen mouthFunnel mouthPucker mouthPressLeft mouthPressRight mouthRollLower mouthRollUpper
mouthSmileLeft mouthSmileRight mouthUpperUpLeft mouthUpperUpRight mouthLowerDownLeft
mouthLowerDownRight mouthStretchLeft mouthStretchRight mouthShrugUpper eyeBlinkLeft eyeBlinkRight
cheekSquintLeft cheekSquintRight eyeSquintLeft eyeSquintRight browInnerUp
"""
OCULUS = """
viseme_PP viseme_FF viseme_TH viseme_DD viseme_kk viseme_CH viseme_SS viseme_nn viseme_RR viseme_aa
viseme_E viseme_I viseme_O viseme_U
"""
VROID = """
Face.M_F00_000_00_Fcl_MTH_A Fcl_MTH_I Fcl_MTH_U Fcl_MTH_E Fcl_MTH_O Fcl_EYE_Close_L Fcl_EYE_Close_R
Fcl_BRW_Joy Fcl_EYE_Joy Fcl_MTH_Fun
"""
SHUT = np.eye(15)[0]


def face_of(humanoid: Callable[..., Model], names: Sequence[str]) -> Face:
    return Face(Channels(humanoid(targets=tuple(names))))


def shown(face: Face, intent: Intent) -> dict[str, float]:
    weights = face.channels.settled(face.weights(intent))
    return {name: round(float(w), 3) for name, w in zip(face.channels.names, weights, strict=True) if w > 1e-6}


def saying(viseme: str) -> np.ndarray:
    weights: np.ndarray = np.eye(15)[VISEMES.index(viseme)]
    return weights


@pytest.mark.parametrize(
    "names", [ARKIT, OCULUS, VROID, "aa ih ou ee oh blink"], ids=["arkit", "oculus", "vroid", "vrm"]
)
def test_every_viseme_moves_the_mouth_and_the_open_ones_differ(humanoid: Callable[..., Model], names: str) -> None:
    face = face_of(humanoid, names.split())
    assert face.has_mouth
    shapes = {v: tuple(sorted(shown(face, Intent(saying(v), {})).items())) for v in VISEMES}
    assert shapes["sil"] == ()
    assert all(shapes[v] for v in VISEMES if v not in ("sil", "PP"))
    assert len({shapes[v] for v in ("aa", "E", "ih", "oh", "ou")}) == 5


def test_lips_open_nothing_on_p_b_m(humanoid: Callable[..., Model]) -> None:
    for names in (ARKIT, VROID):
        face = face_of(humanoid, names.split())
        closed = shown(face, Intent(saying("PP"), {"happy": 1.0}))
        assert "jawopen" not in closed
        assert not any(name.startswith("fclmth") and name != "fclmthfun" for name in closed)


def test_a_smile_reaches_the_eyes_and_gives_way_to_speech(humanoid: Callable[..., Model]) -> None:
    face = face_of(humanoid, ARKIT.split())
    silent = shown(face, Intent(SHUT, {"happy": 1.0}))
    assert silent["cheeksquintleft"] > 0.3
    assert silent["eyesquintright"] > 0.2
    speaking = shown(face, Intent(saying("oh"), {"happy": 1.0}))
    assert speaking["mouthsmileleft"] < 0.6 * silent["mouthsmileleft"]
    assert speaking["cheeksquintleft"] == silent["cheeksquintleft"]


def test_one_blink_shape_for_both_eyes_closes_fully(humanoid: Callable[..., Model]) -> None:
    face = face_of(humanoid, ["blink"])
    assert shown(face, Intent(SHUT, {}, 1.0, 1.0)) == {"blink": 1.0}


def test_aliases_and_the_avatars_own_names_are_known_and_others_said_once(
    humanoid: Callable[..., Model],
) -> None:
    face = face_of(humanoid, [*ARKIT.split(), "MyGrin"])
    assert face.canonical("smile") == "happy"
    assert face.canonical("MyGrin") == "MyGrin"
    assert face.canonical("furious") is None
    assert face.canonical("furious") is None
    assert face.warnings == ["it has no expression 'furious'"]


def test_a_faceless_avatar_says_so(humanoid: Callable[..., Model]) -> None:
    face = face_of(humanoid, [])
    assert not face.has_mouth
    assert face.warnings == ["it has no mouth shapes; its lips cannot speak", "it has no shape for blinking"]
    assert shown(face, Intent(saying("aa"), {}, 1.0, 1.0, 1.0, 1.0, 1.0)) == {}


def test_the_sample_avatar_speaks_by_its_oculus_shapes(sample: Callable[[str], Path]) -> None:
    face = Face(Channels(load(sample("avatars/brunette-t.glb"))))
    assert face.viseme_channels["ou"] == {"visemeu": 1.0}
    assert face.warnings == []
    assert {"happy", "sad", "surprised", "angry", "relaxed", "curious", "wink"} <= set(face.feelings)
