"""Triangles, normals and tangents that a file left out."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.gltf.geometry import smooth_normals, tangents, triangles


def test_strips_and_fans_unroll_with_their_winding() -> None:
    indices = np.arange(5, dtype=np.uint32)
    assert triangles(indices, 5).reshape(-1, 3).tolist() == [[0, 1, 2], [1, 3, 2], [2, 3, 4]]
    assert triangles(indices, 6).reshape(-1, 3).tolist() == [[1, 2, 0], [2, 3, 0], [3, 4, 0]]
    assert triangles(indices, 4).tolist() == [0, 1, 2]
    assert triangles(indices[:2], 5).tolist() == []


def _cube() -> tuple[np.ndarray, np.ndarray]:
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [corner for a, b, c, d in quads for corner in (a, b, c, a, c, d)]
    return corners, np.array(faces, np.uint32)


def test_a_cube_keeps_its_edges() -> None:
    positions, indices = _cube()
    normals, new_indices, origin = smooth_normals(positions, indices)
    assert len(normals) == 24
    assert sorted(set(np.abs(normals).max(axis=1).round(5).tolist())) == [1.0]
    np.testing.assert_array_equal(positions[origin][new_indices], positions[indices])


def test_a_sphere_becomes_smooth() -> None:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rings = [np.array([[0, 1, 0]])]
    for polar in np.linspace(0, np.pi, 13)[1:-1]:
        ring = [np.sin(polar) * np.cos(angle), np.full(24, np.cos(polar)), np.sin(polar) * np.sin(angle)]
        rings.append(np.stack(ring, axis=1))
    positions = np.concatenate([*rings, [[0, -1, 0]]]).astype(np.float32)
    faces = []
    for i in range(24):
        j = (i + 1) % 24
        faces.append([0, 1 + j, 1 + i])
        for ring_index in range(10):
            a, b = 1 + ring_index * 24, 1 + (ring_index + 1) * 24
            faces += [[a + i, a + j, b + j], [a + i, b + j, b + i]]
        faces.append([len(positions) - 1, 241 + i, 241 + j])
    normals, _, origin = smooth_normals(positions, np.array(faces, np.uint32).reshape(-1))
    assert len(normals) == len(positions)
    assert np.einsum("ij,ij->i", normals, positions[origin]).min() > 0.99


def test_a_triangle_without_area_still_has_a_unit_normal() -> None:
    positions = np.zeros((3, 3), np.float32)
    normals, _, _ = smooth_normals(positions, np.arange(3, dtype=np.uint32))
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)


def test_a_point_shared_by_thousands_of_faces_is_still_quick_and_finite() -> None:
    angle = np.linspace(0, 2 * np.pi, 6001)
    rim = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    positions = np.concatenate([[[0, 0, 0.5]], rim]).astype(np.float32)
    faces = [[0, i, i + 1] for i in range(1, 6001)]
    normals, _, _ = smooth_normals(positions, np.array(faces, np.uint32).reshape(-1))
    assert np.isfinite(normals).all()


def test_a_mesh_of_millions_is_smooth_and_no_vertex_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightcast.gltf.geometry._EDGES_UP_TO", 11)
    positions, indices = _cube()
    normals, same, origin = smooth_normals(positions, indices)
    np.testing.assert_array_equal(same, indices)
    np.testing.assert_array_equal(origin, np.arange(8))
    outwards = positions - 0.5
    assert np.einsum("ij,ij->i", normals, outwards).min() > 0.7


def test_tangents_follow_u_and_bitangents_go_up_the_picture() -> None:
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    normals = np.tile(np.float32([0, 0, 1]), (3, 1))
    indices = np.arange(3, dtype=np.uint32)
    uv = np.array([[0, 1], [1, 1], [0, 0]], np.float32)  # V = 0 is the picture's top
    np.testing.assert_allclose(tangents(positions, normals, uv, indices), [[1, 0, 0, 1]] * 3, atol=1e-6)
    mirrored = tangents(positions, normals, uv * [-1, 1], indices)
    np.testing.assert_allclose(mirrored, [[-1, 0, 0, -1]] * 3, atol=1e-6)
    lost = tangents(positions, normals, np.zeros((3, 2), np.float32), indices)
    np.testing.assert_allclose(np.linalg.norm(lost[:, :3], axis=1), 1, atol=1e-6)
