"""Numbers come out of buffers as the file means them, and never from beyond a bound."""

from __future__ import annotations

from typing import Any

import meshopt
import numpy as np
import pytest

from nightcast.gltf import ModelError, load


def test_strided_positions_are_read_between_other_data(glb: Any) -> None:
    rows = np.zeros((3, 5), "<f4")
    rows[:, :3] = [[0, 0, 0], [2, 0, 0], [0, 3, 0]]
    rows[:, 3:] = 99
    view = glb.view(rows.tobytes(), byteStride=20)
    position = glb.accessor_on(view, 3, 3)
    glb.triangle(attributes={"POSITION": position})
    assert load(glb.save()).meshes[0].primitives[0].positions.tolist() == [[0, 0, 0], [2, 0, 0], [0, 3, 0]]


def test_normalised_integers_become_fractions(glb: Any) -> None:
    uv = glb.accessor([[0, 65535], [65535, 0], [32768, 0]], "u2", normalized=True)
    glb.triangle(attributes={"TEXCOORD_0": uv})
    found = load(glb.save()).meshes[0].primitives[0].uv0
    assert found is not None
    np.testing.assert_allclose(found, [[0, 1], [1, 0], [0.5, 0]], atol=1e-5)


def test_quantised_positions_stay_whole_numbers(glb: Any) -> None:
    position = glb.accessor([[0, 0, 0], [100, 0, 0], [0, -100, 0]], "i1")
    glb.triangle(attributes={"POSITION": position})
    assert load(glb.save()).meshes[0].primitives[0].positions.tolist()[2] == [0, -100, 0]


def test_sparse_values_replace_zeros_where_there_is_no_view(rich_glb: bytes, tmp_path: Any) -> None:
    path = tmp_path / "rich.glb"
    path.write_bytes(rich_glb)
    target = load(path).meshes[0].primitives[0].targets[0]
    assert target.name == "smile"
    assert target.vertices.tolist() == [1]
    assert target.positions.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": 10**9}, "unpack to more than"),
        ({"count": 4}, "beyond its view"),
        ({"count": -1}, "at least 0"),
        ({"count": 1.5}, "whole number"),
        ({"byteOffset": 4}, "beyond its view"),
        ({"bufferView": 99}, "buffer view 99"),
        ({"componentType": 5124}, "componentType"),
        ({"type": "VEC2"}, "must have 3"),
    ],
)
def test_a_wrong_accessor_is_one_clear_error(glb: Any, change: dict[str, Any], words: str) -> None:
    glb.triangle()
    glb.document["accessors"][0].update(change)
    with pytest.raises(ModelError, match=r"model\.glb, accessors\[0\].*" + words):
        load(glb.save())


def test_a_view_beyond_its_buffer_is_refused(glb: Any) -> None:
    glb.triangle()
    glb.document["bufferViews"][0]["byteLength"] = 10**6
    with pytest.raises(ModelError, match="beyond its buffer"):
        load(glb.save())


def test_infinite_positions_are_refused(glb: Any) -> None:
    glb.triangle(attributes={"POSITION": glb.accessor([[0, 0, 0], [np.nan, 0, 0], [0, 1, 0]])})
    with pytest.raises(ModelError, match="not numbers"):
        load(glb.save())


def _packed(glb: Any, data: bytes, stride: int, count: int, mode: str, **extra: Any) -> int:
    source = glb.view(data)
    extension = {
        **glb.document["bufferViews"][source],
        "byteStride": stride,
        "count": count,
        "mode": mode,
        **extra,
    }
    view: int = glb.view(b"")
    fallback = (
        {"byteLength": stride * count, "byteStride": stride} if mode == "ATTRIBUTES" else {"byteLength": stride * count}
    )
    glb.document["bufferViews"][view].update(fallback, extensions={"EXT_meshopt_compression": extension})
    return view


def test_meshopt_positions_and_indices_are_unpacked(glb: Any) -> None:
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
    indices = np.array([0, 1, 2, 2, 1, 3], np.uint32)
    packed = bytes(meshopt.encode_gltf_buffer(positions, "ATTRIBUTES"))
    view = _packed(glb, packed, 12, 4, "ATTRIBUTES")
    packed = bytes(meshopt.encode_gltf_buffer(indices, "TRIANGLES"))
    index_view = _packed(glb, packed, 2, 6, "TRIANGLES")
    glb.triangle(attributes={"POSITION": glb.accessor_on(view, 4, 3)}, indices=glb.accessor_on(index_view, 6, 1, "u2"))
    primitive = load(glb.save()).meshes[0].primitives[0]
    corners = primitive.positions[primitive.indices].reshape(2, 3, 3)
    np.testing.assert_array_equal(np.sort(corners[:, :, 0].sum(axis=1)), [1, 2])
    assert primitive.positions[:, 2].tolist() == [0, 0, 0, 0]


def test_broken_meshopt_data_is_one_clear_error(glb: Any) -> None:
    view = _packed(glb, b"\xa0rubbish", 12, 4, "ATTRIBUTES")
    glb.triangle(attributes={"POSITION": glb.accessor_on(view, 4, 3)})
    with pytest.raises(ModelError, match="cannot be unpacked"):
        load(glb.save())
