"""VRM 1.0 is read as written; 0.x arrives in the same words and facing the same way."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightcast.gltf import Model, ModelError, load
from nightcast.gltf.hierarchy import rest_world


def skeleton(glb: Any) -> None:
    """Node 0 a mesh with one target; 1 hips, 2 head, 3 and 4 hair, 5 a branch of it."""
    glb.triangle(material=0, targets=[{"POSITION": glb.accessor([[0, 0, 0.1], [0, 0, 0], [0, 0, 0]])}])
    glb.document["materials"] = [{"name": "Face"}]
    glb.document["nodes"] += [
        {"name": "hips", "translation": [0, 1, 0.2], "children": [2]},
        {"name": "head", "translation": [0, 0.5, 0], "children": [3]},
        {"name": "hair", "children": [4, 5]},
        {"name": "tip", "translation": [0, -0.1, -0.05]},
        {"name": "branch", "translation": [0.1, -0.1, 0]},
    ]


@pytest.fixture
def old(glb: Any) -> Model:
    skeleton(glb)
    glb.document["extensions"] = {
        "VRM": {
            "specVersion": "0.0",
            "meta": {
                "title": "Old",
                "author": "Ann",
                "allowedUserName": "Everyone",
                "commercialUssageName": "Allow",
            },
            "humanoid": {
                "humanBones": [
                    {"bone": "hips", "node": 1},
                    {"bone": "head", "node": 2},
                    {"bone": "leftThumbProximal", "node": 3},
                    {"bone": "leftThumbIntermediate", "node": 4},
                ]
            },
            "firstPerson": {
                "firstPersonBoneOffset": {"x": 0, "y": 0.06, "z": 0.1},
                "meshAnnotations": [{"mesh": 0, "firstPersonFlag": "ThirdPersonOnly"}],
                "lookAtTypeName": "BlendShape",
                "lookAtHorizontalOuter": {"xRange": 90, "yRange": 1},
            },
            "blendShapeMaster": {
                "blendShapeGroups": [
                    {"name": "A", "presetName": "a", "binds": [{"mesh": 0, "index": 0, "weight": 100}]},
                    {
                        "name": "Joy",
                        "presetName": "joy",
                        "isBinary": True,
                        "materialValues": [
                            {"materialName": "Face", "propertyName": "_Color", "targetValue": [1, 0.5, 0, 1]},
                            {
                                "materialName": "Face",
                                "propertyName": "_MainTex_ST",
                                "targetValue": [1, 1, 0.5, 0.25],
                            },
                        ],
                    },
                    {"name": "Grin", "presetName": "unknown", "binds": []},
                ]
            },
            "secondaryAnimation": {
                "boneGroups": [
                    {
                        "stiffiness": 0.7,
                        "gravityPower": 0.1,
                        "gravityDir": {"x": 0, "y": -1, "z": 0},
                        "dragForce": 0.4,
                        "hitRadius": 0.02,
                        "center": -1,
                        "bones": [3],
                        "colliderGroups": [0],
                    }
                ],
                "colliderGroups": [
                    {"node": 2, "colliders": [{"offset": {"x": 0.1, "y": 0.2, "z": 0.3}, "radius": 0.1}]}
                ],
            },
            "materialProperties": [
                {
                    "name": "Face",
                    "shader": "VRM/MToon",
                    "floatProperties": {
                        "_ShadeToony": 0.9,
                        "_ShadeShift": 0.0,
                        "_OutlineWidth": 0.5,
                        "_OutlineWidthMode": 1,
                        "_CullMode": 0,
                    },
                    "vectorProperties": {"_Color": [0.5, 0.5, 0.5, 1], "_ShadeColor": [1, 0, 0, 1]},
                    "keywordMap": {"_ALPHATEST_ON": True},
                }
            ],
        }
    }
    return load(glb.save("old.vrm"))


def test_version_0_faces_plus_z_under_a_new_root(old: Model) -> None:
    world = rest_world(old)
    np.testing.assert_allclose(world[1, :3, 3], [0, 1, -0.2], atol=1e-6)
    assert old.nodes[-1].name == "faces +Z"
    assert old.roots == (len(old.nodes) - 1,)


def test_version_0_bones_and_expressions_get_the_names_of_1(old: Model) -> None:
    assert old.vrm is not None
    assert old.vrm.bones["leftThumbMetacarpal"] == 3
    assert old.vrm.bones["leftThumbProximal"] == 4
    assert set(old.vrm.expressions) == {"aa", "happy", "Grin"}
    assert old.vrm.expressions["aa"].morphs[0].weight == 1.0
    happy = old.vrm.expressions["happy"]
    assert happy.is_binary
    assert happy.colors[0].value == pytest.approx((1, 0.214, 0, 1), abs=1e-3)
    assert happy.uvs[0].offset == pytest.approx((0.5, -0.25))
    assert not old.vrm.expressions["Grin"].is_preset
    assert old.vrm.first_person == {0: "thirdPersonOnly"}


def test_version_0_vectors_are_turned_from_unitys_axes(old: Model) -> None:
    assert old.vrm is not None
    assert old.vrm.colliders[0].offset == (0.1, 0.2, -0.3)
    assert old.vrm.look_at is not None
    assert old.vrm.look_at.offset_from_head == (0, 0.06, -0.1)
    assert old.vrm.look_at.kind == "expression"


def test_version_0_springs_become_chains_with_a_tail_of_seven_centimetres(old: Model) -> None:
    assert old.vrm is not None
    chains = [tuple(joint.node for joint in spring.joints) for spring in old.vrm.springs]
    assert chains == [(3, 4), (5,)]
    first = old.vrm.springs[0]
    assert first.leaf_length_m == 0.07
    assert first.colliders == (0,)
    assert first.joints[0].stiffness == 0.7
    assert first.joints[0].gravity_dir == (0, -1, 0)


def test_version_0_mtoon_becomes_that_of_1(old: Model) -> None:
    material = old.materials[0]
    assert material.mtoon is not None
    assert material.base_color == pytest.approx((0.214, 0.214, 0.214, 1), abs=1e-3)
    assert material.mtoon.shade_color == (1, 0, 0)
    assert material.mtoon.shading_toony == pytest.approx(0.95)
    assert material.mtoon.shading_shift == pytest.approx(-0.05)
    assert material.mtoon.outline_width == pytest.approx(0.005)
    assert material.mtoon.outline_width_mode == "worldCoordinates"
    assert material.double_sided
    assert material.alpha_mode == "MASK"


def test_version_1_is_read_as_written(rich_glb: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rich.vrm"
    path.write_bytes(rich_glb)
    model = load(path)
    assert model.vrm is not None
    assert model.vrm.meta.name == "tiny"
    assert model.vrm.meta.commercial_usage == "personalNonProfit"
    assert model.vrm.expressions["happy"].morphs[0].weight == 1
    assert [joint.node for joint in model.vrm.springs[0].joints] == [1, 2]
    assert model.vrm.springs[0].colliders == (0,)
    assert model.materials[0].mtoon is not None
    assert any("leftUpperArm" in warning for warning in model.warnings)


def test_constraints_are_sorted_and_circles_left_out(glb: Any) -> None:
    skeleton(glb)
    glb.document["extensions"] = {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 1}}}}}

    def constrain(node: int, source: int) -> None:
        extension = {"constraint": {"rotation": {"source": source}}}
        glb.document["nodes"][node]["extensions"] = {"VRMC_node_constraint": extension}

    constrain(4, 5)
    constrain(5, 1)
    model = load(glb.save())
    assert model.vrm is not None
    assert [item.node for item in model.vrm.constraints] == [5, 4]
    constrain(5, 4)
    model = load(glb.save())
    assert model.vrm is not None
    assert model.vrm.constraints == ()
    assert any("circle" in warning for warning in model.warnings)


def test_a_vrm_without_a_humanoid_is_one_clear_error(glb: Any) -> None:
    skeleton(glb)
    glb.document["extensions"] = {"VRMC_vrm": {}}
    with pytest.raises(ModelError, match=r"extensions\.VRMC_vrm.*lacks 'humanoid'"):
        load(glb.save())


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ({"humanoid": {"humanBones": {"hips": {"node": 1}, "jaw": {"node": 99}}}}, "names node 99"),
        ({"humanoid": {"humanBones": {"hips": {"node": 1}, "jaw": {}}}}, "lacks 'node'"),
        ({"humanoid": {"humanBones": {"hips": {"node": 1}}}, "lookAt": {"type": "laser"}}, "must be one of bone, exp"),
        ({"humanoid": {"humanBones": {"hips": {"node": 1}}}, "meta": {"authors": "Ann"}}, "must be a list"),
        ({"humanoid": {"humanBones": {"hips": {"node": 1}}}, "firstPerson": {"meshAnnotations": [{}]}}, "lacks 'node'"),
    ],
)
def test_what_is_wrong_in_a_vrm_is_left_out_and_said(glb: Any, extension: dict[str, Any], words: str) -> None:
    skeleton(glb)
    glb.document["extensions"] = {"VRMC_vrm": extension}
    model = load(glb.save())
    assert model.vrm is not None
    assert dict(model.vrm.bones) == {"hips": 1}
    assert [warning for warning in model.warnings if words in warning and "left out" in warning]


def test_a_broken_collider_leaves_the_others_their_numbers(glb: Any) -> None:
    skeleton(glb)
    sphere = {"shape": {"sphere": {"radius": 0.1}}}
    glb.document["extensions"] = {
        "VRMC_vrm": {"humanoid": {}},
        "VRMC_springBone": {
            "colliders": [
                {"node": 99, **sphere},
                {"node": 1, **sphere},
                {"node": 2, "shape": {}},
                {"node": 2, **sphere},
            ],
            "colliderGroups": [{"colliders": [77]}, {"colliders": [0, 3]}],
            "springs": [{"joints": [{"node": 3}, {"node": 4}], "colliderGroups": [0, 1]}, {"joints": [{"node": 99}]}],
        },
    }
    vrm = load(glb.save()).vrm
    assert vrm is not None
    assert [collider.node for collider in vrm.colliders] == [1, 2]
    assert [spring.colliders for spring in vrm.springs] == [(1,)]


@pytest.mark.parametrize("version", [0, 1])
def test_odd_values_anywhere_in_a_vrm_never_cost_the_model(
    rich_glb: bytes, old: Model, tmp_path: Path, version: int
) -> None:
    """Each value of the VRM extensions in turn is replaced by what exporters have been seen to write, or worse."""
    data = rich_glb if version else old.path.read_bytes()
    size = int.from_bytes(data[12:16], "little")
    document, rest = json.loads(data[20 : 20 + size]), data[20 + size :]
    places = [
        (extension, *way)
        for extension in ("VRM", "VRMC_vrm", "VRMC_springBone")
        for way in paths_in(document["extensions"].get(extension))
    ]
    assert len(places) > 20
    path = tmp_path / "odd.vrm"
    for odd in (None, "odd", -1, 9999, [None], {}):
        for *above, last in places:
            changed = copy.deepcopy(document)
            holder = changed["extensions"]
            for key in above:
                holder = holder[key]
            holder[last] = odd
            text = json.dumps(changed).encode()
            text += b" " * (-len(text) % 4)
            chunk = len(text).to_bytes(4, "little") + b"JSON" + text + rest
            path.write_bytes(b"glTF" + (2).to_bytes(4, "little") + (12 + len(chunk)).to_bytes(4, "little") + chunk)
            try:
                assert load(path).vrm is not None
            except ModelError as error:
                assert "humanoid" in str(error), (above, last, odd)  # no body is left


def paths_in(value: Any) -> Iterator[tuple[str | int, ...]]:
    """The way to each value inside of one, from the outside in."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield (key,)
        for path in paths_in(child):
            yield (key, *path)


def test_a_broken_bind_is_left_out_and_the_rest_of_the_expression_stays(glb: Any) -> None:
    skeleton(glb)
    binds = [{"node": 0, "index": 7}, {"node": 1, "index": 0}, {"node": 0, "index": 0, "weight": 1}]
    glb.document["extensions"] = {
        "VRMC_vrm": {"humanoid": {}, "expressions": {"preset": {"aa": {"morphTargetBinds": binds}}}}
    }
    model = load(glb.save())
    assert model.vrm is not None
    assert [bind.target for bind in model.vrm.expressions["aa"].morphs] == [0]
    assert [w for w in model.warnings if "names morph target 7" in w and "and 1 more" in w]


def test_a_version_0_avatar_is_read_without_what_its_exporter_left_dangling(glb: Any) -> None:
    skeleton(glb)
    bind = {"mesh": 0, "index": 0, "weight": 100}
    glb.document["extensions"] = {
        "VRM": {
            "humanoid": {"humanBones": [{"bone": "hips", "node": 1}, {"bone": "jaw", "node": -1}]},
            "blendShapeMaster": {
                "blendShapeGroups": [
                    {"presetName": "a", "binds": [bind, {"mesh": -1, "index": 0}, {"mesh": 0, "index": 9}]},
                    {
                        "presetName": "joy",
                        "binds": [bind],
                        "materialValues": [{"materialName": "Face", "propertyName": "_Color", "targetValue": [1]}],
                    },
                ]
            },
            "secondaryAnimation": {
                "boneGroups": [{"bones": [-1, 3], "colliderGroups": [0, 1, 7]}],
                "colliderGroups": [{"node": -1}, {"node": 2, "colliders": [{"radius": 0.1}]}],
            },
            "materialProperties": [{"shader": "VRM/MToon", "textureProperties": {"_MainTex": 99}}],
        }
    }
    model = load(glb.save("dangling.vrm"))
    assert model.vrm is not None
    assert dict(model.vrm.bones) == {"hips": 1}
    assert [len(model.vrm.expressions[name].morphs) for name in ("aa", "happy")] == [1, 1]
    assert {spring.joints[0].node for spring in model.vrm.springs} == {3, 5}
    assert model.vrm.springs[0].colliders == (0,)
    assert model.materials[0].mtoon is None
    assert [warning for warning in model.warnings if "left out, and 7 more" in warning]


def test_the_vrm_samples_are_read(sample: Any) -> None:
    old_one = load(sample("avatars/cryptovoxels.vrm"))
    assert old_one.vrm is not None
    assert old_one.vrm.meta.spec_version == "0.0"
    assert rest_world(old_one)[old_one.vrm.bones["leftHand"], 0, 3] > 0.5
    scroll = load(sample("vrm-spec/VRMC_materials_mtoon_UV_Animation_Test.vrm"))
    assert [m.mtoon.uv_scroll_x_per_s for m in scroll.materials if m.mtoon] == [1, 0, 0]
    motion = load(sample("vrm-spec/test.vrma"))
    assert motion.vrm_animation is not None
    assert motion.animations
