"""Rotations keep their laws."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightcast.host import quaternion as quat

angles = st.lists(st.floats(-180, 180), min_size=3, max_size=3)


@given(angles, angles)
def test_quaternions_and_matrices_agree(a: list[float], b: list[float]) -> None:
    p, q = quat.from_euler_deg(a), quat.from_euler_deg(b)
    np.testing.assert_allclose(quat.to_matrix(quat.multiply(p, q)), quat.to_matrix(p) @ quat.to_matrix(q), atol=1e-9)
    back = quat.from_matrix(quat.to_matrix(p))
    assert abs(float(back @ p)) > 1 - 1e-9
    v = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(quat.rotate(p, v), quat.to_matrix(p) @ v, atol=1e-9)


@given(angles, angles, st.floats(0, 1))
def test_slerp_stays_on_the_unit_sphere_and_meets_its_ends(a: list[float], b: list[float], t: float) -> None:
    p, q = quat.from_euler_deg(a), quat.from_euler_deg(b)
    assert abs(float(np.linalg.norm(quat.slerp(p, q, t))) - 1) < 1e-9
    assert abs(float(quat.slerp(p, q, 0.0) @ p)) > 1 - 1e-9
    assert abs(float(quat.slerp(p, q, 1.0) @ q)) > 1 - 1e-9


@given(angles, st.floats(0, 170))
def test_clamping_limits_the_angle_and_nothing_else(a: list[float], limit: float) -> None:
    q = quat.from_euler_deg(a)
    clamped = quat.clamp_angle(q, limit)
    assert float(quat.angle_deg(clamped)) <= limit + 1e-6
    if float(quat.angle_deg(q)) <= limit:
        assert abs(float(clamped @ q)) > 1 - 1e-9


def test_between_turns_one_direction_into_the_other_even_when_opposite() -> None:
    a, b = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    np.testing.assert_allclose(quat.rotate(quat.between(a, b), a), b, atol=1e-9)
    np.testing.assert_allclose(quat.rotate(quat.between(a, -a), a), -a, atol=1e-9)


@given(angles)
def test_twist_and_swing_make_the_whole(a: list[float]) -> None:
    q, axis = quat.from_euler_deg(a), np.array([0.0, 1.0, 0.0])
    twist = quat.twist(q, axis)
    swing = quat.multiply(q, quat.inverse(twist))
    assert abs(float(swing[:3] @ axis)) < 1e-6 or abs(float(q[3])) < 1e-6
    assert abs(float(np.linalg.norm(twist)) - 1) < 1e-9
