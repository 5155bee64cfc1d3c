"""Matrices for normals, and what a frustum keeps."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.stage.drawlist import frustum_planes, normal_matrix
from nightcast.stage.frame import Camera, look_at


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
