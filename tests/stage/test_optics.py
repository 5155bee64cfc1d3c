"""What a lens makes of distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.stage.frame import Camera, look_at
from nightcast.stage.optics import Optics

SIZE_PX = (1280, 720)


def optics(aperture_m: float = 0.03, focus_m: tuple[float, float] = (2.0, 2.2)) -> Optics:
    camera = Camera(look_at((0, 0, 3), (0, 0, 0)), fov_deg=30, focus_m=focus_m, aperture_m=aperture_m)
    projection = camera.projection_matrix(SIZE_PX[0] / SIZE_PX[1])
    found = Optics.of(camera, projection, float(projection[1, 1]) * SIZE_PX[1] / 2)
    assert found is not None
    return found


def test_a_closed_lens_has_no_optics() -> None:
    camera = Camera(look_at((0, 0, 3), (0, 0, 0)))
    assert Optics.of(camera, camera.projection_matrix(1.0), 500.0) is None


def test_a_disc_has_the_size_that_a_thin_lens_gives() -> None:
    """A point at 4 m, a lens of 30 mm focused on 2 m: 15 mm wide at 2 m, which is half as many pixels as at 1 m."""
    focal_px = SIZE_PX[1] / 2 / np.tan(np.radians(15))
    assert 2 * optics(focus_m=(2.0, 2.0)).radius_px(4.0) == pytest.approx(0.015 * focal_px / 2, rel=1e-4)


def test_what_is_in_focus_is_sharp_from_front_to_back() -> None:
    assert [optics().radius_px(d) for d in (2.0, 2.1, 2.2)] == [0.0, 0.0, 0.0]


@given(st.floats(0.01, 100), st.floats(0.001, 0.1))
def test_no_disc_is_wider_than_the_widest(distance_m: float, aperture_m: float) -> None:
    lens = optics(aperture_m)
    assert 0 <= lens.radius_px(distance_m) <= lens.most_px == pytest.approx(24)


@given(st.floats(0.2, 40))
def test_depth_is_what_the_projection_makes_of_a_distance(distance_m: float) -> None:
    camera = Camera(look_at((0, 0, 3), (0, 0, 0)))
    clip = camera.projection_matrix(1.0) @ np.array([0, 0, -distance_m, 1.0])
    assert optics().depth(distance_m) == pytest.approx(clip[2] / clip[3], abs=1e-3)
