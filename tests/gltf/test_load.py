"""Whole files: graph, skins, materials, variants; and no mutated file ever raises anything but ModelError."""

from __future__ import annotations

import contextlib
import io
import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.gltf import ModelError, load
from nightcast.gltf.hierarchy import rest_bounds, rest_world


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"^{tmp_path.name}: it is a folder"):
        load(tmp_path)


def test_world_matrices_follow_the_tree(glb: Any) -> None:
    glb.document["nodes"] = [
        {"translation": [1, 0, 0], "children": [1]},
        {"rotation": [0, 0, 0.70710678, 0.70710678], "children": [2]},
        {"translation": [0, 2, 0], "scale": [3, 3, 3]},
    ]
    world = rest_world(load(glb.save()))
    np.testing.assert_allclose(world[2] @ [1, 0, 0, 1], [-1, 3, 0, 1], atol=1e-6)


def test_a_matrix_with_a_mirror_is_taken_apart(glb: Any) -> None:
    matrix = np.diag([-2.0, 3.0, 4.0, 1.0])
    matrix[:3, 3] = [5, 6, 7]
    glb.document["nodes"] = [{"matrix": matrix.T.ravel().tolist()}]
    np.testing.assert_allclose(rest_world(load(glb.save()))[0], matrix, atol=1e-6)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([{"children": [1]}, {"children": [0]}], "own ancestor"),
        ([{"children": [0]}], "more than once"),
        ([{"children": [2]}, {"children": [2]}, {}], "more than once"),
        ([{"children": [7]}], "names node 7, but there are 1"),
        ([{"translation": [0, 1]}], "has 2 numbers, must have 3"),
        ([{"translation": [0, 1, 1e300]}], "too large a number"),
        ([{"mesh": 3}], "names mesh 3"),
        ([{"rotation": "none"}], "must be a list"),
    ],
)
def test_a_graph_that_is_no_tree_is_refused(glb: Any, nodes: list[dict[str, Any]], words: str) -> None:
    glb.document["nodes"] = nodes
    with pytest.raises(ModelError, match=words):
        load(glb.save())


def test_nodes_outside_of_the_scene_are_not_drawn(glb: Any) -> None:
    glb.triangle()
    glb.triangle()
    glb.document["scenes"] = [{"nodes": [1]}]
    model = load(glb.save())
    assert [node.mesh for node in model.nodes] == [None, 1]


def test_indices_and_joints_out_of_range_are_refused(glb: Any) -> None:
    glb.triangle(indices=glb.accessor([0, 1, 3], "u2"))
    with pytest.raises(ModelError, match=r"indices: names vertex 3, but there are 3"):
        load(glb.save())


def test_joints_beyond_the_skin_are_refused(glb: Any) -> None:
    glb.triangle(
        attributes={
            "JOINTS_0": glb.accessor([[5, 0, 0, 0]] * 3, "u1"),
            "WEIGHTS_0": glb.accessor([[1, 0, 0, 0]] * 3),
        }
    )
    glb.document["skins"] = [{"joints": [0]}]
    glb.document["nodes"][0]["skin"] = 0
    with pytest.raises(ModelError, match=r"nodes\[0\]: names joint 5"):
        load(glb.save())


def test_eight_influences_become_the_strongest_four(glb: Any) -> None:
    glb.triangle(
        attributes={
            "JOINTS_0": glb.accessor([[0, 1, 2, 3]] * 3, "u1"),
            "WEIGHTS_0": glb.accessor([[0.1, 0.1, 0.1, 0.1]] * 3),
            "JOINTS_1": glb.accessor([[4, 5, 6, 7]] * 3, "u1"),
            "WEIGHTS_1": glb.accessor([[0.3, 0.3, 0, 0]] * 3),
        }
    )
    primitive = load(glb.save()).meshes[0].primitives[0]
    assert primitive.joints is not None
    assert primitive.weights is not None
    assert set(primitive.joints[0, :2].tolist()) == {4, 5}
    np.testing.assert_allclose(primitive.weights.sum(axis=1), 1, atol=1e-6)


def test_a_nodes_morph_weights_go_before_its_meshs(glb: Any) -> None:
    glb.triangle(targets=[{"POSITION": glb.accessor([[0, 0, 1]] * 3)}])
    glb.document["meshes"][0]["weights"] = [0.25]
    glb.document["nodes"][0]["weights"] = [0.75]
    alone = load(glb.save())
    assert alone.meshes[0].weights.tolist() == [0.75]
    glb.document["nodes"].append({"mesh": 0})
    shared = load(glb.save())
    assert [shared.meshes[node.mesh or 0].weights.tolist() for node in shared.nodes] == [[0.75], [0.25]]


def test_materials_keep_their_extensions(glb: Any) -> None:
    glb.triangle(material=0)
    glb.document["images"] = [{"bufferView": glb.view(b"x")}]
    glb.document["textures"] = [{"extensions": {"EXT_texture_webp": {"source": 0}}}, {}]
    transform = {"KHR_texture_transform": {"offset": [0.5, 0], "scale": [2, 2], "rotation": 1, "texCoord": 1}}
    glb.document["materials"] = [
        {
            "alphaMode": "MASK",
            "pbrMetallicRoughness": {"baseColorTexture": {"index": 0, "extensions": transform}},
            "emissiveTexture": {"index": 1},
            "extensions": {
                "KHR_materials_clearcoat": {"clearcoatFactor": 0.5},
                "KHR_materials_transmission": {"transmissionFactor": 0.9},
                "KHR_materials_sheen": {"sheenColorFactor": [1, 0, 0]},
                "KHR_materials_specular": {"specularFactor": 0.2},
                "KHR_materials_ior": {"ior": 1.33},
                "KHR_materials_emissive_strength": {"emissiveStrength": 4},
            },
        }
    ]
    model = load(glb.save())
    material = model.materials[0]
    assert material.clearcoat is not None
    assert material.clearcoat.factor == 0.5
    assert material.transmission is not None
    assert material.transmission.factor == 0.9
    assert material.sheen is not None
    assert material.specular is not None
    assert (material.ior, material.emissive_strength, material.alpha_mode) == (1.33, 4, "MASK")
    ref = material.base_color_texture
    assert ref is not None
    assert (ref.texture, ref.uv_set, ref.offset, ref.scale, ref.rotation) == (0, 1, (0.5, 0), (2, 2), 1)
    assert material.emissive_texture is None
    assert any("textures[1]" in warning for warning in model.warnings)


def test_variants_map_primitives_to_materials(glb: Any) -> None:
    mapping = {"KHR_materials_variants": {"mappings": [{"material": 1, "variants": [1]}]}}
    glb.triangle(material=0, extensions=mapping)
    glb.document["materials"] = [{"name": "black"}, {"name": "red"}]
    glb.document["extensions"] = {"KHR_materials_variants": {"variants": [{"name": "Black"}, {"name": "Red"}]}}
    model = load(glb.save())
    assert model.variants == ("Black", "Red")
    assert model.meshes[0].primitives[0].variants == {1: 1}


def test_draco_is_refused_with_a_remedy(glb: Any) -> None:
    glb.triangle()
    glb.document["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    with pytest.raises(ModelError, match=r"KHR_draco_mesh_compression.*Export it without"):
        load(glb.save())


def test_pictures_in_basis_are_told_of_once_with_a_remedy(glb: Any) -> None:
    glb.triangle(material=0)
    picture = {"extensions": {"KHR_texture_basisu": {"source": 0}}}
    glb.document["textures"] = [picture, picture]
    glb.document["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 1}}}]
    glb.document["images"] = [{"bufferView": glb.view(b"KTX 20"), "mimeType": "image/ktx2"}]
    glb.document["extensionsRequired"] = ["KHR_texture_basisu"]
    model = load(glb.save())
    assert model.materials[0].base_color_texture is None
    (warning,) = model.warnings
    assert "KHR_texture_basisu" in warning
    assert "PNG, JPEG or WebP" in warning


def test_a_grey_picture_of_16_bits_keeps_its_shades(glb: Any) -> None:
    shades = np.arange(0, 65_536, 4096, dtype=np.uint16).reshape(1, -1)
    data = io.BytesIO()
    PIL.Image.fromarray(shades).save(data, "PNG")
    glb.document["images"] = [{"bufferView": glb.view(data.getvalue())}]
    np.testing.assert_array_equal(load(glb.save()).images[0].pixels[..., 0], shades >> 8)


def test_a_refraction_that_no_matter_has_is_brought_into_range(glb: Any) -> None:
    glb.document["materials"] = [{"extensions": {"KHR_materials_ior": {"ior": ior}}} for ior in (-1, 0, 0.5, 1.3)]
    assert [material.ior for material in load(glb.save()).materials] == [1, 0, 1, 1.3]


def test_a_joint_without_weight_may_be_any_number(glb: Any) -> None:
    glb.triangle(
        attributes={
            "JOINTS_0": glb.accessor([[0, 9, 9, 9]] * 3, "u1"),
            "WEIGHTS_0": glb.accessor([[1, 0, 0, 0]] * 3),
        }
    )
    glb.document["nodes"][0]["skin"] = 0
    glb.document["skins"] = [{"joints": [0]}]
    primitive = load(glb.save()).meshes[0].primitives[0]
    assert primitive.joints is not None
    assert primitive.joints.max() == 0


def test_names_that_would_steer_a_terminal_or_break_utf8_are_made_harmless(glb: Any) -> None:
    glb.document["nodes"] = [{"name": "a\x1b[31mb"}, {"name": "\ud83d"}, {"name": "😀 名"}]
    assert [node.name for node in load(glb.save()).nodes] == ["a\ufffd[31mb", "\ufffd", "😀 名"]


def test_a_broken_image_is_named_when_it_is_decoded(glb: Any) -> None:
    glb.document["images"] = [{"name": "face", "bufferView": glb.view(b"no picture")}]
    model = load(glb.save())
    with pytest.raises(ModelError, match=r"model\.glb, image 'face': is no PNG, JPEG or WebP picture"):
        _ = model.images[0].pixels


def test_the_sample_avatar_is_read_whole(sample: Any) -> None:
    model = load(sample("avatars/brunette-t.glb"))
    low, high = rest_bounds(model)
    assert 1.7 < high[1] - low[1] < 1.85
    head = next(mesh for mesh in model.meshes if mesh.name == "Wolf3D_Head")
    assert len(head.target_names) == 67
    assert {"viseme_PP", "jawOpen", "eyeBlinkLeft"} < set(head.target_names)
    assert all(image.pixels.shape[2] == 4 for image in model.images)
    assert model.warnings == ()


def test_sample_products_are_read_whole(sample: Any) -> None:
    earring = load(sample("products/earring/scene.gltf"))
    assert earring.meshes[0].primitives[0].tangents is not None
    assert earring.materials[0].normal_texture is not None
    for name in ("glasses", "hat"):
        assert load(sample(f"products/{name}/scene.gltf")).triangle_count() > 400


def _loads_or_refuses(path: Path) -> None:
    with contextlib.suppress(ModelError):
        load(path)


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 5000), flips=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8))
def test_mutated_bytes_never_raise_anything_else(
    rich_glb: bytes, tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(rich_glb)
    for at, value in flips:
        data[at % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "bytes.glb"
    path.write_bytes(data if cut % 2 else data[: cut % len(data)])
    _loads_or_refuses(path)


_STRANGE = [
    None,
    -1,
    0,
    1,
    2,
    99,
    2**31,
    2**63,
    1e300,
    0.5,
    "",
    "x",
    "VEC3",
    [],
    {},
    True,
    [0],
    {"node": 0},
    [[]],
]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_mutated_json_never_raises_anything_else(
    rich_glb: bytes, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    length = struct.unpack_from("<I", rich_glb, 12)[0]
    document = json.loads(rich_glb[20 : 20 + length])
    for _ in range(chance.randint(1, 3)):
        _mutate(document, chance)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = rich_glb[20 + length :]
    head = struct.pack("<IIIII", 0x46546C67, 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
    path = tmp_path_factory.getbasetemp() / "json.glb"
    path.write_bytes(head + text + rest)
    _loads_or_refuses(path)


def _mutate(document: Any, chance: random.Random) -> None:
    """Put something strange in a place of the document, picked by chance."""
    spots: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        spots += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
    holder, key = chance.choice(spots)
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = chance.choice(_STRANGE)
