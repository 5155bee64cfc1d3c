"""A chain lies on a body, and never in it."""

from __future__ import annotations

import numpy as np
import trimesh

from nightcast.host.surface import Surface
from nightcast.tryon.drape import drape

NECK_M = 0.06


def neck() -> Surface:
    made = trimesh.creation.cylinder(NECK_M, 0.6, sections=96)
    points = made.vertices[:, [1, 2, 0]]  # upright
    return Surface(points, made.faces.astype(np.intp), np.zeros(len(points), np.intp))


def ring(radius_m: float) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    return np.column_stack([radius_m * np.sin(angles), np.zeros(200), radius_m * np.cos(angles)])


def test_a_chain_that_is_too_narrow_comes_out_to_the_skin() -> None:
    tight = ring(NECK_M - 0.015)
    laid = tight + drape(tight, np.zeros(3), neck())
    away = np.hypot(laid[:, 0], laid[:, 2]) - NECK_M
    assert away.min() > 0.0005
    assert np.median(away) < 0.006


def test_one_that_hangs_free_comes_no_nearer_than_a_little() -> None:
    wide = ring(NECK_M + 0.05)
    shifts = drape(wide, np.zeros(3), neck())
    assert np.linalg.norm(shifts, axis=1).max() < 0.0125


def test_without_a_body_it_stays_all_but_where_it_is() -> None:
    nobody = Surface(np.zeros((0, 3)), np.zeros((0, 3), np.intp), np.zeros(0, np.intp))
    assert np.linalg.norm(drape(ring(0.08), np.zeros(3), nobody), axis=1).max() < 0.0125
