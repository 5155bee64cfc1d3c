"""A model is cut finer along the way it is to be bowed, and no finer than memory can take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh

from nightcast.gltf.records import Mesh, Model, Node, Primitive, f32
from nightcast.tryon.product import finer


def _bar(long_m: float) -> Model:
    """With vertices at its ends alone."""
    box = trimesh.creation.box((0.004, 0.004, long_m))
    bar = Primitive(f32(box.vertices), f32(box.vertex_normals), box.faces.reshape(-1).astype(np.uint32))
    node = Node("bar", None, (), f32([0, 0, 0]), f32([0, 0, 0, 1]), f32([1, 1, 1]), mesh=0)
    return Model(Path("bar.glb"), (node,), (0,), (Mesh("bar", (bar,), np.zeros(0, np.float32)),))


def _longest_m(model: Model) -> float:
    (mesh,) = [model.meshes[node.mesh] for node in model.nodes if node.mesh is not None]
    (primitive,) = mesh.primitives
    corners = primitive.positions[primitive.indices.reshape(-1, 3)]
    return float(np.abs(corners - np.roll(corners, 1, axis=1))[..., 2].max())


def test_no_edge_is_longer_along_the_way_than_asked_for() -> None:
    assert _longest_m(finer(_bar(0.15), np.eye(4), 0.02)) <= 0.02


def test_a_bar_of_a_hundred_and_fifty_metres_is_cut_into_few_pieces() -> None:
    cut = finer(_bar(150.0), np.eye(4), 0.02)
    assert sum(primitive.vertex_count for primitive in cut.meshes[-1].primitives) < 2000
    assert _longest_m(cut) < 150.0 / 16
