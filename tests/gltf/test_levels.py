"""Levels of detail that a file brings are read, and never stand in the way of the model itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightcast.gltf.load import load
from nightcast.gltf.records import Model


def _square(glb: Any, *, levels: int, **extension: Any) -> None:
    """Node 0 is a square of two triangles under node `parent`; each level is one triangle of the same vertices."""
    corners = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    attributes = {"POSITION": glb.accessor(corners), "NORMAL": glb.accessor([[0, 0, 1]] * 4)}
    lists = [[0, 1, 2, 0, 2, 3], *([[0, 1, 2]] * levels)]
    for indices in lists:
        primitive = {"attributes": attributes, "indices": glb.accessor(indices, "u2")}
        glb.document["meshes"].append({"primitives": [primitive]})
        glb.document["nodes"].append({"mesh": len(glb.document["meshes"]) - 1})
    glb.document["nodes"][0]["extensions"] = {"MSFT_lod": {"ids": [*range(1, levels + 1)]} | extension}
    glb.document["nodes"].append({"name": "stand", "children": [0], "translation": [0, 1, 0]})
    glb.document["scenes"] = [{"nodes": [levels + 1]}]
    glb.document["extensionsUsed"] = ["MSFT_lod"]


def _whole(model: Model) -> bool:
    """Whether the square is there, with all its detail and nothing else."""
    drawn = [node.mesh for node in model.nodes if node.mesh is not None]
    return drawn == [0] and len(model.meshes[0].primitives[0].indices) == 6


def test_levels_are_kept_with_the_shares_at_which_they_begin(glb: Any) -> None:
    _square(glb, levels=2)
    glb.document["nodes"][0]["extras"] = {"MSFT_screencoverage": [0.5, 0.2, 0.01]}
    model = load(glb.save())
    (levels,) = model.levels
    assert model.warnings == ()
    assert _whole(model)
    assert model.triangle_count() == 2
    assert levels.node == 0
    assert [look.below for look in levels.coarser] == [0.5, 0.2]
    assert [len(mesh.primitives[0].indices) for look in levels.coarser for mesh in look.meshes.values() if mesh] == [
        3,
        3,
    ]


def test_a_file_without_shares_gets_usual_ones(glb: Any) -> None:
    _square(glb, levels=2)
    assert [look.below for look in load(glb.save()).levels[0].coarser] == [0.25, 0.0625]


def test_a_level_of_the_same_vertices_shares_them(glb: Any) -> None:
    _square(glb, levels=1)
    model = load(glb.save())
    coarse = model.levels[0].coarser[0].meshes[0]
    assert coarse is not None
    assert coarse.primitives[0].positions is model.meshes[0].primitives[0].positions


def test_a_level_of_several_nodes_hangs_where_the_node_hangs(glb: Any) -> None:
    _square(glb, levels=1)
    nodes = glb.document["nodes"]
    nodes[1] = {"name": "far", "children": [3]}
    nodes.append({"name": "low", "mesh": 1, "translation": [0, 0, 1]})
    model = load(glb.save())
    (look,) = model.levels[0].coarser
    assert {node: mesh is not None for node, mesh in look.meshes.items()} == {0: False, 3: True}
    assert model.nodes[look.root].parent == 2
    assert _whole(model)


@pytest.mark.parametrize(
    ("ids", "extras", "words"),
    [
        ([], {}, "names no level"),
        ([9], {}, "names node 9"),
        ([0], {}, "shown elsewhere"),
        (["1"], {}, "whole number"),
        ({"1": 1}, {}, "must be a list"),
        ([1], {"MSFT_screencoverage": []}, "0 numbers"),
        ([1], {"MSFT_screencoverage": ["half"]}, "must be a number"),
        ([1], {"MSFT_screencoverage": 0.5}, "must be a list"),
    ],
)
def test_levels_of_an_unknown_shape_are_left_out_with_one_warning(glb: Any, ids: Any, extras: Any, words: str) -> None:
    _square(glb, levels=1, ids=ids)
    glb.document["nodes"][0]["extras"] = extras
    model = load(glb.save())
    assert model.levels == ()
    assert len(model.warnings) == 1
    assert words in model.warnings[0]
    assert _whole(model)


def test_a_level_that_draws_nothing_is_left_out(glb: Any) -> None:
    _square(glb, levels=1)
    del glb.document["nodes"][1]["mesh"]
    model = load(glb.save())
    assert model.levels == ()
    assert "draws nothing" in model.warnings[0]


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ids", "x"]), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extension=_json, coverage=_json, extras=_json | st.just("coverage"))
def test_whatever_stands_for_levels_the_model_itself_is_read(
    tmp_path_factory: pytest.TempPathFactory, extension: Any, coverage: Any, extras: Any
) -> None:
    from tests.gltf.conftest import GlbBuilder

    glb = GlbBuilder(tmp_path_factory.getbasetemp())
    _square(glb, levels=2)
    node = glb.document["nodes"][0]
    node["extensions"] = {"MSFT_lod": extension}
    node["extras"] = {"MSFT_screencoverage": coverage} if extras == "coverage" else extras
    model = load(glb.save("levels.glb"))
    assert _whole(model)
    assert len(model.warnings) <= 1
    assert all(np.isfinite([look.below for look in levels.coarser]).all() for levels in model.levels)
