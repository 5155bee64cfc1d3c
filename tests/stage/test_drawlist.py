"""Matrices for normals, what a frustum keeps, and what is drawn as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.records import Mesh, Model, Node, Primitive, f32
from nightcast.stage.drawlist import IDENTITY, Item, collect, frustum_planes, merged, normal_matrix
from nightcast.stage.frame import Camera, Instance, look_at


def test_normals_stay_square_to_a_stretched_surface() -> None:
    place = np.diag(np.float32([3, 1, 0.5, 1]))
    along, normal = np.float32([1, 0, 1]), np.float32([1, 0, -1])
    assert (place[:3, :3] @ along) @ (normal_matrix(place) @ normal) == pytest.approx(0, abs=1e-6)


def test_normals_of_a_flattened_surface_exist() -> None:
    assert np.isfinite(normal_matrix(np.diag(np.float32([1, 0, 1, 1])))).all()


def test_a_frustums_planes_tell_inside_from_outside() -> None:
    camera = Camera(look_at((0, 0, 2), (0, 0, 0)), fov_deg=40, near_m=0.1, far_m=10)
    planes = frustum_planes(camera.projection_matrix(1.0) @ camera.view)
    inside, outside = np.float32([0, 0, 0, 1]), np.float32([0, 3, 0, 1])
    assert (planes @ inside > 0).all()
    assert (planes @ outside < 0).any()
    assert planes @ np.float32([0, 0, 2, 1]) == pytest.approx(planes @ np.float32([0, 0, 2, 1]))


def test_parts_under_one_matrix_are_one_run_and_those_beside_a_gap_are_not(put: Callable[..., Instance]) -> None:
    corners = f32([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    parts = tuple(Primitive(corners, f32([[0, 0, 1]] * 3), np.arange(3, dtype=np.uint32)) for _ in range(3))
    node = Node("three", None, (), f32([0, 0, 0]), f32([0, 0, 0, 1]), f32([1, 1, 1]), mesh=0)
    instance = put(Model(Path("three.glb"), (node,), (0,), (Mesh("three", parts, np.zeros(0, np.float32)),)))
    geometry = instance.model.geometry

    def listed(shown: Instance) -> list[Item]:
        return collect(shown, geometry, geometry.pose(None, IDENTITY), IDENTITY)

    items = listed(instance)
    (whole,) = merged(items)
    assert (whole.first, whole.count, whole.base, whole.end) == (0, 9, 0, 9)
    assert [run.count for run in merged([items[0], items[2]])] == [3, 3]
    assert len(merged([*items, *listed(replace(instance))])) == 2
