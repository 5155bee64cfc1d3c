"""Pictures of products are taken while a show's own go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.stage.boards import EYE4, GREEN, RED, Quad

from nightcast.show.catalog import Product
from nightcast.stage.frame import Camera, Frame, Instance, Lamp, Lighting
from nightcast.stage.portraits import Photographer
from nightcast.stage.renderer import Renderer
from nightcast.stage.stock import Stocked

PRODUCT = Product.model_validate(
    {"id": "tile", "name": {"en": "A tile"}, "kind": "tile", "price": 100, "as_of": "2026-11-01"}
)


@pytest.fixture
def photographer(renderer: Renderer) -> Iterator[Photographer]:
    made = Photographer(renderer)
    yield made
    made.release()


@pytest.fixture
def tile(renderer: Renderer, quad: Quad) -> Iterator[Stocked]:
    handle = renderer.load_model(quad(RED, half_m=0.1))
    yield Stocked(handle, np.array([-0.1, -0.1, 0], np.float32), np.array([0.1, 0.1, 0], np.float32))
    handle.release()


def test_the_product_is_in_the_middle_of_bright_paper(photographer: Photographer, tile: Stocked) -> None:
    taken = photographer.portrait(tile, PRODUCT, Lighting())
    assert taken.size == (640, 480)
    red, green, _ = taken.getpixel((320, 240))
    assert red > 2 * green
    assert min(taken.getpixel((5, 5))) > 200


def test_the_shows_pictures_are_the_same_whether_portraits_are_taken_between_or_not(
    renderer: Renderer,
    photographer: Photographer,
    tile: Stocked,
    camera: Camera,
    quad: Quad,
    put: Callable[..., Instance],
) -> None:
    wall = put(quad(GREEN, half_m=3), "set")
    lighting = Lighting(key=Lamp((0.5, 0.5, 1), 2.0, shadow="soft"))
    world = EYE4.copy()
    world[2, 3] = 0.3
    frame = Frame(camera, lighting, instances=[wall, Instance(tile.handle, world, "product")])

    def three(between: Callable[[], object]) -> tuple[list[NDArray[np.uint8]], int]:
        pictures = []
        renderer.forget()
        renderer.begin(frame)
        for _ in range(2):
            between()
            renderer.begin(frame)
            calls = renderer.figures.draw_calls
            between()
            pictures.append(renderer.finish())
        return [*pictures, renderer.finish()], calls

    alone, calls = three(lambda: None)
    beside, calls_beside = three(lambda: photographer.portrait(tile, PRODUCT, lighting))
    assert np.array_equal(alone, beside)
    assert calls == calls_beside  # the set was not drawn anew
