"""Lids over openings: a shell closed by them has no border left, a sheet gets none."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from nightcast.stage.openings import lids


def over(mesh: trimesh.Trimesh) -> np.ndarray | None:
    found = lids(mesh.vertices.astype(np.float32), mesh.faces.reshape(-1).astype(np.uint32))
    return None if found is None else found.reshape(-1, 3)


def without(mesh: trimesh.Trimesh, faces: list[int]) -> trimesh.Trimesh:
    kept = np.delete(mesh.faces, faces, axis=0)
    return trimesh.Trimesh(mesh.vertices, kept, process=False)


def test_a_closed_shell_has_no_opening() -> None:
    assert len(over(trimesh.creation.icosphere())) == 0


def test_corners_that_lie_at_one_place_leave_no_opening_between_them() -> None:
    box = trimesh.creation.box()
    found = lids(box.triangles.reshape(-1, 3).astype(np.float32), np.arange(36, dtype=np.uint32))
    assert len(found) == 0


def test_the_lid_of_an_open_box_lies_where_its_side_was() -> None:
    box = trimesh.creation.box()
    top = np.flatnonzero(box.face_normals[:, 1] > 0.9).tolist()
    lid = over(without(box, top))
    assert len(lid) == 2
    assert np.allclose(box.vertices[lid][..., 1], 0.5)
    assert (trimesh.Trimesh(box.vertices, lid, process=False).face_normals[:, 1] > 0.9).all()


def test_a_sleeve_has_a_lid_at_each_end() -> None:
    tube = trimesh.creation.cylinder(0.1, 1.0, sections=12)
    ends = np.flatnonzero(np.abs(tube.face_normals[:, 2]) > 0.9).tolist()
    lid = over(without(tube, ends))
    assert len(lid) == 2 * 10
    assert set(np.sign(tube.vertices[lid][..., 2]).ravel()) == {-1, 1}


@pytest.mark.parametrize("bend", [0.0, 0.1])
def test_a_sheet_is_seen_from_behind_without_an_opening(bend: float) -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 5))
    points = np.stack([x, y, -bend * x**2], -1).reshape(-1, 3).astype(np.float32)
    corner = (np.arange(4)[:, None] * 5 + np.arange(4)).reshape(-1, 1, 1)
    faces = (corner + np.array([[0, 1, 6], [0, 6, 5]])).reshape(-1, 3)
    assert over(trimesh.Trimesh(points, faces, process=False)) is None


def test_of_a_shell_turned_inside_out_lids_tell_nothing() -> None:
    sphere = trimesh.creation.icosphere()
    assert over(trimesh.Trimesh(sphere.vertices, sphere.faces[:, ::-1], process=False)) is None


def test_a_sheet_beside_a_shell_keeps_both_from_being_judged_by_lids() -> None:
    square = trimesh.Trimesh([[3, 0, 0], [4, 0, 0], [4, 1, 0], [3, 1, 0]], [[0, 1, 2], [0, 2, 3]], process=False)
    assert over(trimesh.util.concatenate([trimesh.creation.box(), square])) is None


def test_a_mesh_without_triangles_has_no_opening() -> None:
    assert len(lids(np.zeros((3, 3), np.float32), np.zeros(0, np.uint32))) == 0
    assert len(lids(np.zeros((3, 3), np.float32), np.uint32([0, 1, 2]))) == 0


@given(gone=st.sets(st.integers(0, 319), max_size=40))
def test_with_its_lids_a_shell_has_no_border_left(gone: set[int]) -> None:
    sphere = trimesh.creation.icosphere(subdivisions=2)
    torn = without(sphere, sorted(gone))
    lid = over(torn)
    if lid is not None:
        faces = np.concatenate([torn.faces, lid])
        sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        balance = np.zeros((len(sphere.vertices),) * 2, int)
        np.add.at(balance, (sides[:, 0], sides[:, 1]), 1)
        assert (balance == balance.T).all()
