"""Edges that are seen: of a cube those between its faces, of a sphere its outline."""

from __future__ import annotations

import numpy as np
import trimesh

from nightcast.stage.topology import Topology, facing, on_screen

#: Orthographic, y down, looking along −Z.
FLAT = np.float32([[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def of(mesh: trimesh.Trimesh) -> Topology:
    return Topology(mesh.vertices.astype(np.float32), mesh.faces.reshape(-1).astype(np.uint32))


def nobody(topology: Topology) -> np.ndarray:
    return np.zeros(len(topology.edges), bool)


def test_a_cube_has_twelve_creases_and_no_more() -> None:
    topology = of(trimesh.creation.box())
    assert len(topology.edges) == 18
    assert topology.always.sum() == 12


def test_vertices_at_one_place_are_one() -> None:
    mesh = trimesh.creation.box()
    apart = Topology(mesh.triangles.reshape(-1, 3).astype(np.float32), np.arange(36, dtype=np.uint32))
    assert len(apart.edges) == 18
    assert (apart.right < 12).all()


def test_the_border_of_an_open_mesh_is_seen_with_its_face() -> None:
    square = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    topology = Topology(square, np.uint32([0, 1, 2, 0, 2, 3]))
    assert len(topology.seen(np.array([True, True]), square, both_sides=nobody(topology))) == 4
    assert len(topology.seen(np.array([False, False]), square, both_sides=nobody(topology))) == 0
    assert len(topology.seen(np.array([False, False]), square, both_sides=~nobody(topology))) == 4


def test_a_sphere_is_seen_by_its_outline() -> None:
    topology = of(trimesh.creation.icosphere(subdivisions=3))
    vertices = trimesh.creation.icosphere(subdivisions=3).vertices.astype(np.float32)
    front = facing(on_screen(vertices, FLAT), topology.corners)
    assert 0.45 < front.mean() < 0.55
    seen = topology.seen(front, vertices, both_sides=nobody(topology))
    radii = np.linalg.norm(vertices[topology.edges[seen]][..., :2], axis=-1)
    assert 30 < len(seen) < 90
    assert radii.min() > 0.9


def test_a_lining_has_no_outline_of_its_own() -> None:
    outer = trimesh.creation.icosphere(subdivisions=3)
    inner = outer.copy()
    inner.apply_scale(0.98)
    inner.invert()
    lined = trimesh.util.concatenate([outer, inner])
    topology, vertices = of(lined), lined.vertices.astype(np.float32)
    front = facing(on_screen(vertices, FLAT), topology.corners)
    seen = topology.seen(front, vertices, both_sides=nobody(topology))
    assert np.linalg.norm(vertices[topology.edges[seen]], axis=-1).min() > 0.99
    from_both = topology.seen(front, vertices, both_sides=~nobody(topology))
    assert len(from_both) == 2 * len(seen)


def test_a_mesh_without_triangles_has_no_edges() -> None:
    assert len(Topology(np.zeros((0, 3), np.float32), np.zeros(0, np.uint32)).edges) == 0
