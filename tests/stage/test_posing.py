"""Posed vertices are where glTF's formula puts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.hierarchy import posed_positions, rest_world
from nightcast.gltf.records import Mesh, Model, MorphTarget, Node, Primitive, Skin
from nightcast.stage.posing import Poser


@pytest.fixture
def model() -> Model:
    """A rod of 20 vertices along +Y on two joints, its upper half with a morph target."""
    rng = np.random.default_rng(3)
    up = np.linspace(0, 1, 20, dtype=np.float32)
    positions = np.stack([rng.normal(0, 0.1, 20), up, rng.normal(0, 0.1, 20)], 1).astype(np.float32)
    joints = np.tile(np.uint16([0, 1, 0, 0]), (20, 1))
    weights = np.stack([1 - up, up, 0 * up, 0 * up], 1)
    target = MorphTarget(
        "wide", np.arange(10, 20, dtype=np.uint32), np.full((10, 3), 0.5, np.float32), np.zeros((10, 3), np.float32)
    )
    primitive = Primitive(
        positions, np.tile(np.float32([0, 0, 1]), (20, 1)), np.uint32([0, 1, 2]),
        joints=joints, weights=weights, targets=(target,),
    )  # fmt: skip
    zero, one, straight = np.zeros(3, np.float32), np.ones(3, np.float32), np.float32([0, 0, 0, 1])
    nodes = (
        Node("rod", None, (), zero, straight, one, mesh=0, skin=0),
        Node("lower", None, (2,), zero, straight, one),
        Node("upper", 1, (), np.float32([0, 0.5, 0]), straight, one),
    )
    bind = np.stack([np.eye(4, dtype=np.float32)] * 2)
    bind[1, 1, 3] = -0.5
    return Model(
        Path("rod.glb"), nodes, (0, 1), (Mesh("rod", (primitive,), np.zeros(1, np.float32), ("wide",)),),
        (Skin("rod", (1, 2), bind),),
    )  # fmt: skip


def poser(model: Model) -> Poser:
    return Poser(model, [(0, model.meshes[0], model.meshes[0].primitives[0])])


def bent(model: Model) -> np.ndarray:
    world = rest_world(model)
    turn = np.float32([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    world[2, :3, :3] = turn
    return world


def test_skinning_is_the_weighted_sum_over_joints(model: Model) -> None:
    world = bent(model)
    made = poser(model)
    made.pose(world, np.eye(4, dtype=np.float32), {})
    expected = posed_positions(model, world, 0, model.meshes[0].primitives[0])
    assert made.positions == pytest.approx(expected, abs=1e-5)
    assert (made.low[0] == made.positions.min(axis=0)).all()


def test_the_models_place_comes_last(model: Model) -> None:
    moved = np.eye(4, dtype=np.float32)
    moved[:3, 3] = 1, 2, 3
    made = poser(model)
    made.pose(rest_world(model), np.eye(4, dtype=np.float32), {})
    before = made.positions.copy()
    made.pose(rest_world(model), moved, {})
    assert made.positions == pytest.approx(before + np.float32([1, 2, 3]), abs=1e-5)


def test_a_morph_moves_its_own_vertices_by_its_weight(model: Model) -> None:
    made = poser(model)
    made.pose(rest_world(model), np.eye(4, dtype=np.float32), {})
    before = made.positions.copy()
    made.pose(rest_world(model), np.eye(4, dtype=np.float32), {0: np.float32([0.4])})
    assert made.positions[:10] == pytest.approx(before[:10])
    assert made.positions[10:] == pytest.approx(before[10:] + 0.2, abs=1e-6)


def test_a_pose_leaves_the_rest_untouched(model: Model) -> None:
    made = poser(model)
    made.pose(rest_world(model), np.eye(4, dtype=np.float32), {})
    before = made.positions.copy()
    made.pose(bent(model), np.eye(4, dtype=np.float32), {0: np.float32([1.0])})
    made.pose(rest_world(model), np.eye(4, dtype=np.float32), {})
    assert (made.positions == before).all()
