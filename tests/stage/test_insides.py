"""Back faces of a moving part are left out while no opening of it is seen, and are there when one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from tests.stage.boards import RED
from tests.stage.conftest import model_of

from nightcast.gltf.records import Material, Model, MorphTarget, Primitive
from nightcast.stage.frame import Camera, Frame, Instance, look_at
from nightcast.stage.insides import DELAY
from nightcast.stage.renderer import Renderer

FRAME_S = 1 / 30
LINING = Material("lining", base_color=(0, 1, 0, 1), unlit=True, double_sided=True)
SIDES, TOP = 10, 2  # triangles


@pytest.fixture
def renderer(renderer: Renderer) -> Renderer:
    if not renderer.profile.asks_for_insides:
        pytest.skip("a graphics card draws them all")
    renderer.forget()
    return renderer


@pytest.fixture
def in_front() -> Camera:
    return Camera(look_at((0, 0, 3), (0, 0, 0)), near_m=0.1, far_m=10)


@pytest.fixture
def above() -> Camera:
    return Camera(look_at((0, 2.5, 2), (0, 0, 0)), near_m=0.1, far_m=10)


def bag(*, moves: bool = True, closed: bool = False) -> Model:
    """A box that is open above; with a morph target it counts as moving."""
    box = trimesh.creation.box()
    faces = box.faces if closed else box.faces[box.face_normals[:, 1] < 0.9]
    rest = MorphTarget("dent", np.uint32([0]), np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32))
    primitive = Primitive(
        positions=box.vertices.astype(np.float32),
        normals=np.asarray(box.vertex_normals, np.float32),
        indices=faces.reshape(-1).astype(np.uint32),
        material=0,
        targets=(rest,) if moves else (),
    )
    return model_of(primitive, [LINING])


def drawn(renderer: Renderer, camera: Camera, instances: list[Instance], count: int, start: int = 0) -> list[int]:
    """Triangles of each of so many pictures that follow each other."""
    triangles = []
    for i in range(start, start + count):
        renderer.draw(Frame(camera, instances=instances, time_s=i * FRAME_S))
        triangles.append(renderer.figures.triangles)
    return triangles


def test_an_opening_that_nobody_sees_into_is_found_out_by_the_next_pictures(
    renderer: Renderer, in_front: Camera, put: Callable
) -> None:
    shown = [put(bag())]
    first = 1 + DELAY  # the first picture follows none, so nothing is asked about it
    assert drawn(renderer, in_front, shown, first + 2) == [2 * SIDES] * first + [SIDES] * 2


def test_an_opening_that_is_seen_shows_the_inside(renderer: Renderer, above: Camera, put: Callable) -> None:
    assert drawn(renderer, above, [put(bag())], 6) == [2 * SIDES] * 6


def test_an_opening_behind_something_else_is_not_seen(renderer: Renderer, above: Camera, put: Callable) -> None:
    box = trimesh.creation.box((3, 3, 0.1))
    normals = np.asarray(box.vertex_normals, np.float32)
    wall = Primitive(box.vertices.astype(np.float32), normals, box.faces.reshape(-1).astype(np.uint32), material=0)
    between = put(model_of(wall, [RED]), at=(0, 1.2, 1.2))
    assert drawn(renderer, above, [between, put(bag())], 6)[-1] == 12 + SIDES


def test_when_the_camera_jumps_all_is_drawn_at_once(
    renderer: Renderer, in_front: Camera, above: Camera, put: Callable
) -> None:
    shown = [put(bag())]
    assert drawn(renderer, in_front, shown, 5)[-1] == SIDES
    assert drawn(renderer, above, shown, 1, start=5) == [2 * SIDES]


def test_a_picture_of_another_time_is_whole(renderer: Renderer, in_front: Camera, put: Callable) -> None:
    shown = [put(bag())]
    assert drawn(renderer, in_front, shown, 5)[-1] == SIDES
    assert drawn(renderer, in_front, shown, 1, start=90) == [2 * SIDES]


def test_the_inside_comes_when_the_opening_turns_to_the_camera(
    renderer: Renderer, in_front: Camera, put: Callable
) -> None:
    hidden = put(bag())
    assert drawn(renderer, in_front, [hidden], 5)[-1] == SIDES
    quarter = trimesh.transformations.rotation_matrix(np.radians(40), (1, 0, 0)).astype(np.float32)
    turned = replace(hidden, world=quarter)
    assert drawn(renderer, in_front, [turned], DELAY + 1, start=5)[-1] == 2 * SIDES


def test_pictures_without_the_inside_are_the_same(renderer: Renderer, in_front: Camera, put: Callable) -> None:
    shown = [put(bag())]
    pictures = [renderer.draw(Frame(in_front, instances=shown, time_s=i * FRAME_S)).copy() for i in range(5)]
    assert renderer.figures.triangles == SIDES
    assert np.array_equal(pictures[0], pictures[-1])


def test_what_does_not_move_is_drawn_whole(renderer: Renderer, in_front: Camera, put: Callable) -> None:
    assert drawn(renderer, in_front, [put(bag(moves=False))], 5)[-1] == 2 * SIDES


def test_of_a_closed_shell_the_inside_is_never_drawn(renderer: Renderer, in_front: Camera, put: Callable) -> None:
    assert drawn(renderer, in_front, [put(bag(moves=False, closed=True))], 1) == [SIDES + TOP]


def test_a_set_may_be_seen_from_within(renderer: Renderer, in_front: Camera, put: Callable) -> None:
    room = put(bag(moves=False, closed=True), "set")
    assert drawn(renderer, in_front, [room], 1) == [2 * (SIDES + TOP)]
