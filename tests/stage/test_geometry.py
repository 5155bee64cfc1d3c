"""What becomes of a model's triangles on their way to the device."""

from __future__ import annotations

import numpy as np
import trimesh

from nightcast.stage.geometry import MAX_SORTED, side_by_side


def _worked_out(indices: np.ndarray) -> int:
    """Vertices that a memory of 256 must fetch to draw these triangles."""
    memory: dict[int, int] = {}
    fetched = 0
    for vertex in indices.tolist():
        fetched += memory.get(vertex % 256) != vertex
        memory[vertex % 256] = vertex
    return fetched


def test_sorted_triangles_share_more_vertices_and_are_the_same() -> None:
    mesh = trimesh.creation.icosphere(subdivisions=4)
    shuffled = mesh.faces[np.random.default_rng(1).permutation(len(mesh.faces))].astype(np.uint32)
    ordered = side_by_side(shuffled.reshape(-1), len(mesh.vertices))
    assert sorted(map(tuple, ordered.reshape(-1, 3).tolist())) == sorted(map(tuple, shuffled.tolist()))
    assert _worked_out(ordered) < 0.4 * _worked_out(shuffled.reshape(-1))


def test_a_mesh_that_would_take_long_to_sort_stays_as_it_is() -> None:
    indices = np.arange(MAX_SORTED + 3, dtype=np.uint32)
    assert side_by_side(indices, len(indices)) is indices
