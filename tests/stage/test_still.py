"""What came to rest on a set is kept with it, and looks as if it were drawn in each picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.stage.boards import GREEN, Pixels, Quad, place

from nightcast.gltf.records import Material
from nightcast.stage.frame import Camera, ContactShadow, Frame, Instance, Lamp, Lighting
from nightcast.stage.renderer import Renderer

LIGHTING = Lighting(key=Lamp((0.2, 0.3, 1), 2.0, shadow="soft"), ambient=(0.3, 0.3, 0.3))
FELT = Material("felt", base_color=(0.6, 0.1, 0.1, 1), metallic=0.0)
EACH = 2  # triangles of a board
MIDDLE = 32, 19  #: row and column of the board's middle


@pytest.fixture
def every(renderer: Renderer) -> int:
    """Pictures from one shadow map to the next."""
    renderer.forget()
    if renderer.profile.shadow_every == 1:
        pytest.skip("each picture has a shadow map of its own")
    return renderer.profile.shadow_every


@pytest.fixture
def wall(quad: Quad, put: Callable) -> Instance:
    return put(quad(GREEN, half_m=2), "set", **place(0, 0, -1))


@pytest.fixture
def board(quad: Quad, put: Callable) -> Instance:
    return put(quad(FELT, half_m=0.2), **place(-0.4, 0, 0))


class Film:
    """Draws pictures that follow each other."""

    def __init__(self, renderer: Renderer, camera: Camera) -> None:
        self._renderer, self._camera = renderer, camera
        self._taken = 0

    def take(
        self, instances: Sequence[Instance], count: int, contacts: Sequence[ContactShadow] = ()
    ) -> tuple[list[int], Pixels]:
        """Triangles of each of so many pictures, and the last of them."""
        triangles = []
        for _ in range(count):
            frame = Frame(
                self._camera,
                LIGHTING,
                instances=instances,
                contact_shadows=contacts,
                time_s=self._taken / 30,
            )
            self._taken += 1
            pixels = self._renderer.draw(frame).copy()
            triangles.append(self._renderer.figures.triangles)
        return triangles, pixels


@pytest.fixture
def film(renderer: Renderer, camera: Camera) -> Film:
    return Film(renderer, camera)


def test_a_product_at_rest_is_drawn_once_for_each_shadow_map(
    film: Film, every: int, wall: Instance, board: Instance
) -> None:
    film.take([wall, board], 2 * every)
    triangles, _ = film.take([wall, board], 2 * every)
    assert sorted(triangles) == [0] * 2 * (every - 1) + [EACH] * 2


def test_its_picture_stays_the_same(film: Film, every: int, wall: Instance, board: Instance) -> None:
    contact = ContactShadow((-0.4, -0.2, 0.0), (0.3, 0.3))
    drawn, before = film.take([wall, board], 1, [contact])
    kept, after = film.take([wall, board], 2 * every + 2, [contact])
    assert (drawn[-1], kept[-1]) == (EACH + EACH, 0)
    assert np.array_equal(before, after)


def test_one_that_turns_is_drawn_in_each_picture(film: Film, every: int, wall: Instance, board: Instance) -> None:
    film.take([wall, board], every)
    for i in range(2 * every):
        turned = board.world.copy()
        turned[0, 3] += 0.01 * i
        assert film.take([wall, replace(board, world=turned)], 1)[0] == [EACH]


def test_one_that_is_taken_away_is_gone_at_once(film: Film, every: int, wall: Instance, board: Instance) -> None:
    _, empty = film.take([wall], 1)
    film.take([wall, board], 2 * every)
    assert film.take([wall, board], 1)[1].tobytes() != empty.tobytes()
    assert film.take([wall], 1)[1].tobytes() == empty.tobytes()


def test_what_moved_while_the_set_was_away_leaves_nothing_behind(
    film: Film, every: int, wall: Instance, board: Instance
) -> None:
    moved = board.world.copy()
    moved[0, 3] += 0.8
    beside = replace(board, world=moved)
    assert film.take([wall, board], 2 * every + 1)[1][MIDDLE][0] > 100  # the board is red
    film.take([beside], 1)
    assert film.take([wall, beside], 1)[1][MIDDLE][0] < 10


def test_without_a_set_nothing_is_kept(film: Film, every: int, board: Instance) -> None:
    assert film.take([board], 3 * every)[0] == [EACH] * 3 * every


def test_what_is_seen_through_is_drawn_over_what_moves_behind_it(
    film: Film, every: int, quad: Quad, put: Callable, wall: Instance
) -> None:
    glass = put(quad(replace(FELT, base_color=(0, 0, 1, 0.5), alpha_mode="BLEND"), half_m=0.2))
    assert film.take([wall, glass], 3 * every)[0][-1] == EACH


def test_a_host_before_a_product_at_rest_hides_it(
    film: Film, every: int, quad: Quad, put: Callable, wall: Instance, board: Instance
) -> None:
    white = Material("white", base_color=(1, 1, 1, 1), unlit=True)
    far, near = (put(quad(white, half_m=0.2), "host", **place(-0.4, 0, z)) for z in (-0.5, 0.5))
    assert tuple(film.take([wall, board, near], 2 * every)[1][MIDDLE][:3]) == (255, 255, 255)
    assert film.take([wall, board, far], 2 * every)[1][MIDDLE][1] < 100
