"""A model is drawn as finely as it can be seen, and not finer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.stage.boards import EYE4

from nightcast.gltf.records import Coarser, Levels, Mesh, Model, MorphTarget, Node, Primitive, f32
from nightcast.stage.frame import Camera, Frame, Instance, look_at
from nightcast.stage.levels import Chooser, Eye, meshes_at
from nightcast.stage.renderer import Renderer

PICTURE_PX = 1280 * 720


def _sphere(subdivisions: int) -> Primitive:
    """Of radius 0.5; the vertices of a coarser one are the first of a finer one."""
    ball = trimesh.creation.icosphere(subdivisions=subdivisions, radius=0.5)
    return Primitive(f32(ball.vertices), f32(ball.vertex_normals), ball.faces.reshape(-1).astype(np.uint32))


@pytest.fixture
def ball() -> Model:
    """A sphere with two levels: of the same vertices from a tenth of the picture, of others from a hundredth."""
    fine = _sphere(3)
    same = replace(fine, indices=_sphere(1).indices)
    none = np.zeros(0, np.float32)
    looks = tuple(
        Coarser(below, 0, {0: Mesh("ball", (primitive,), none)})
        for below, primitive in ((0.1, same), (0.01, _sphere(0)))
    )
    node = Node("ball", None, (), f32([0, 0, 0]), f32([0, 0, 0, 1]), f32([1, 1, 1]), mesh=0)
    return Model(Path("ball.glb"), (node,), (0,), (Mesh("ball", (fine,), none),), levels=(Levels(0, looks),))


def _eye(share: float, picture_px: int = PICTURE_PX) -> Eye:
    """One metre before a sphere of the ball's half diagonal, √0.75, that takes this share of a 720p picture."""
    focal_px = np.sqrt(share * PICTURE_PX / np.pi / 0.75)
    return Eye(look_at((0, 0, 1), (0, 0, 0)), float(focal_px), picture_px)


@pytest.mark.parametrize(("share", "level"), [(2.0, 0), (0.12, 0), (0.05, 1), (0.012, 1), (0.005, 2), (1e-6, 2)])
def test_the_smaller_it_is_the_coarser_it_is_drawn(ball: Model, share: float, level: int) -> None:
    assert Chooser(ball).level(_eye(share), EYE4) == level


def test_a_size_about_the_limit_does_not_change_the_level_back_and_forth(ball: Model) -> None:
    chooser = Chooser(ball)
    swing = [0.1 * (1 + 0.04 * np.sin(i)) for i in range(50)]
    assert len({chooser.level(_eye(share), EYE4) for share in swing}) == 1
    assert chooser.level(_eye(0.05), EYE4) == 1
    assert chooser.level(_eye(0.099), EYE4) == 1
    assert chooser.level(_eye(0.101), EYE4) == 0


def test_a_model_that_is_scaled_up_counts_as_larger(ball: Model) -> None:
    assert Chooser(ball).level(_eye(0.05), f32(np.diag([2, 2, 2, 1]))) == 0


def test_pictures_larger_than_full_hd_keep_detail_longer(ball: Model) -> None:
    eye = Eye(look_at((0, 0, 1), (0, 0, 0)), 3 * _eye(0.05).focal_px, 9 * PICTURE_PX)
    assert Chooser(ball).level(eye, EYE4) == 0


def test_what_is_behind_the_camera_or_around_it_keeps_all_detail(ball: Model) -> None:
    eye = Eye(look_at((0, 0, 0.1), (0, 0, 1)), 600.0, PICTURE_PX)
    assert Chooser(ball).level(eye, EYE4) == 0


def test_of_two_places_with_levels_the_one_that_needs_more_decides(ball: Model) -> None:
    near = Node("near", None, (), f32([0, 0, 0.6]), f32([0, 0, 0, 1]), f32([1, 1, 1]), mesh=0)
    (levels,) = ball.levels
    also = Levels(1, tuple(replace(look, meshes={1: look.meshes[0]}) for look in levels.coarser))
    both = replace(ball, nodes=(*ball.nodes, near), roots=(0, 1), levels=(levels, also))
    assert Chooser(ball).level(_eye(0.03), EYE4) == 1
    assert Chooser(both).level(_eye(0.03), EYE4) == 0


def test_a_level_holds_the_vertices_that_it_draws_and_no_others(ball: Model) -> None:
    full = ball.meshes[0].primitives[0]
    coarse = meshes_at(ball, 1)[0]
    assert coarse is not None
    (primitive,), (origin,) = coarse.mesh.primitives, coarse.origins
    assert origin is not None
    assert sorted(set(primitive.indices.tolist())) == list(range(primitive.vertex_count))
    given = ball.levels[0].coarser[0].meshes[0]
    assert given is not None
    assert np.array_equal(full.positions[origin][primitive.indices], full.positions[given.primitives[0].indices])


@pytest.fixture
def drawn(renderer: Renderer, put: Callable[..., Instance]) -> Callable[..., int]:
    """Triangles of a picture of a model from some metres away."""

    def draw(instance: Instance, distance_m: float) -> int:
        camera = Camera(look_at((0, 0, distance_m), (0, 0, 0)), fov_deg=40, near_m=0.1, far_m=100)
        renderer.draw(Frame(camera, instances=[instance]))
        return renderer.figures.triangles

    return draw


def test_far_pictures_take_fewer_triangles(
    ball: Model, put: Callable[..., Instance], drawn: Callable[..., int]
) -> None:
    instance = put(ball)
    assert [drawn(instance, distance) for distance in (2, 8, 40, 2)] == [1280, 80, 20, 1280]


def test_another_shape_reaches_a_level_of_the_same_vertices(ball: Model, put: Callable[..., Instance]) -> None:
    (levels,) = ball.levels
    morph = MorphTarget("none", np.zeros(0, np.uint32), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32))
    shared = levels.coarser[0].meshes[0]
    assert shared is not None

    def moving(mesh: Mesh) -> Mesh:
        return replace(
            mesh, primitives=(replace(mesh.primitives[0], targets=(morph,)),), weights=np.zeros(1, np.float32)
        )

    looks = (replace(levels.coarser[0], meshes={0: moving(shared)}),)
    model = replace(ball, meshes=(moving(ball.meshes[0]),), levels=(replace(levels, coarser=looks),))
    instance = put(model, "host")
    lifts = np.arange(ball.meshes[0].primitives[0].vertex_count, dtype=np.float32)
    shape = {(0, 0): np.outer(lifts, [0, 1, 0]).astype(np.float32)}
    geometry = instance.model.detailed(_eye(0.05), EYE4, shape)
    before = geometry.positions.copy()
    geometry.pose(None, EYE4, shape)
    coarse = meshes_at(model, 1)[0]
    assert coarse is not None
    assert geometry.positions[:, 1] - before[:, 1] == pytest.approx(lifts[coarse.origins[0]])


def test_a_shape_that_a_level_cannot_take_is_drawn_in_full(ball: Model, put: Callable[..., Instance]) -> None:
    instance = put(ball)
    lifted = {(0, 0): np.tile(f32([0, 1, 0]), (ball.meshes[0].primitives[0].vertex_count, 1))}
    assert instance.model.detailed(_eye(0.005), EYE4, lifted) is instance.model.geometry
    assert instance.model.detailed(_eye(0.005), EYE4, None) is not instance.model.geometry
