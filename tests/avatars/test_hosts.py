"""The hosts that ship with the demo show keep what they promise, read with the engine's own loader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.gltf.records import Model, Primitive
from nightcast.show.avatar import Avatar
from nightcast.show.load import load_yaml

PRESETS = {"happy", "angry", "sad", "relaxed", "surprised", "neutral"} | {"aa", "ih", "ou", "ee", "oh"}
PRESETS |= {"blink", "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight"}
MOUTH_SHAPES = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"]
VISEMES = {f"viseme_{name}" for name in MOUTH_SHAPES}
WORN_AT = ["nose_bridge", "crown", "forehead", "chin", "neck_base"]
WORN_AT += [f"{place}_{side}" for place in ("pupil", "wrist", "ring", "hold") for side in "lr"]


@pytest.fixture(scope="module", params=["lan/host", "lan/wrap", "bo/host", "bo/jacket"])
def host(request: pytest.FixtureRequest, repository: Path) -> Model:
    return load(repository / "avatars" / f"{request.param}.vrm")


def primitives(host: Model) -> list[Primitive]:
    return [primitive for mesh in host.meshes for primitive in mesh.primitives]


def test_stays_within_what_two_cores_can_draw(host: Model) -> None:
    assert sum(primitive.vertex_count for primitive in primitives(host)) <= 15_000
    assert host.triangle_count() <= 26_000
    assert len(primitives(host)) <= 6
    assert host.path.stat().st_size <= 3_300_000


def test_loads_without_a_warning(host: Model) -> None:
    assert host.warnings == ()


def test_has_every_preset_and_every_viseme(host: Model) -> None:
    assert host.vrm is not None
    assert set(host.vrm.expressions) >= PRESETS | VISEMES


def test_moves_the_face_with_each_of_the_52_arkit_shapes(host: Model) -> None:
    face = max(primitives(host), key=lambda primitive: len(primitive.targets))
    names = {target.name for target in face.targets}
    assert len(names) == 52
    still = {target.name for target in face.targets if np.abs(target.positions).max() < 2e-4}
    assert {name for name in still if not name.startswith("eyeLook")} == set()


def test_carries_an_anchor_for_everything_that_is_worn(host: Model) -> None:
    assert {f"anchor_{place}" for place in WORN_AT} <= {node.name for node in host.nodes}


def test_swings_on_few_joints(host: Model) -> None:
    assert host.vrm is not None
    assert 3 <= len(host.vrm.springs) <= 12
    assert sum(len(spring.joints) for spring in host.vrm.springs) <= 60


@pytest.mark.parametrize(("name", "outfits"), [("lan", {"wrap", "plum"}), ("bo", {"jacket", "brick"})])
def test_has_a_second_outfit_of_another_cut_and_one_of_other_colours(
    repository: Path, name: str, outfits: set[str]
) -> None:
    file = repository / "avatars" / name / "avatar.yaml"
    avatar = load_yaml(file, Avatar, repository)
    first = load(file.parent / avatar.model)
    assert {*avatar.outfits, *first.variants} == outfits
    for model in avatar.outfits.values():
        other = load(file.parent / model)
        assert {m.name for m in other.meshes} == {m.name for m in first.meshes}
        bodies = [next(m for m in model.meshes if m.name == "Body").primitives for model in (first, other)]
        counts = [[len(primitive.positions) for primitive in body] for body in bodies]
        assert counts[0] != counts[1]  # other garments, not other colours
