"""What is out of focus gets soft, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.stage.boards import GREEN, RED, Quad, picture, place

from nightcast.gltf.records import Material, TextureRef
from nightcast.stage.frame import Camera, Frame, Instance
from nightcast.stage.renderer import Renderer


def striped(quad: Quad, put: Callable, kind: str, at: tuple[float, float, float]) -> Instance:
    """A board of black and white stripes."""
    stripes = np.zeros((8, 8, 4), np.uint8)
    stripes[:, ::2] = 255
    stripes[..., 3] = 255
    board = Material(base_color_texture=TextureRef(0), unlit=True)
    return put(quad(board, half_m=0.4, pictures=[picture(stripes)]), kind, **place(*at))


@pytest.mark.parametrize("kind", ["set", "product"])
def test_a_lens_softens_what_is_out_of_focus_and_leaves_what_is_sharp(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable, kind: str
) -> None:
    left, right = striped(quad, put, kind, (-0.5, 0, -0.5)), striped(quad, put, kind, (0.4, 0, 0))
    wall = put(quad(GREEN, half_m=4), "set", **place(0, 0, -1))

    def contrast(focus_m: float) -> tuple[float, float]:
        lens = replace(camera, focus_m=(focus_m, focus_m), aperture_m=2.0)
        red = renderer.draw(Frame(lens, instances=[wall, left, right]))[28:36, :, 0].astype(float)
        return float(red[:, 12:26].std()), float(red[:, 38:52].std())

    sharp = renderer.draw(Frame(camera, instances=[wall, left, right]))[28:36, :, 0].astype(float)
    assert sharp[:, 12:26].std() > 40
    assert sharp[:, 38:52].std() > 40
    far_soft, near_sharp = contrast(2.0)
    far_sharp, near_soft = contrast(2.5)
    assert near_sharp > 40
    assert far_sharp > 40
    assert far_soft < 0.5 * far_sharp
    assert near_soft < 0.5 * near_sharp


def test_a_soft_thing_does_not_spread_over_what_is_sharp_before_it(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    behind = put(quad(RED, half_m=0.5), **place(0.3, 0, -1))
    before = put(quad(GREEN, half_m=0.3), "set", **place(-0.3, 0, 0))
    lens = replace(camera, focus_m=(2.0, 2.0), aperture_m=2.0)
    pixels = renderer.draw(Frame(lens, instances=[behind, before])).astype(int)
    assert tuple(pixels[32, 28, :3]) == (0, 255, 0)
    edge = pixels[32, 40:60, 0]
    assert ((edge > 20) & (edge < 235)).sum() >= 2  # its own outline is soft


def test_a_host_and_what_is_worn_are_soft_together_or_not_at_all(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    wall = put(quad(GREEN, half_m=4), "set", **place(0, 0, -2))
    lens = replace(camera, focus_m=(1.9, 2.1), aperture_m=2.0)
    far = {kind: striped(quad, put, kind, (0, 0, -1)) for kind in ("worn", "product")}
    host = put(quad(RED, half_m=0.1), "host", **place(-0.8, 0, 0))

    def contrast(kind: str) -> float:
        red = renderer.draw(Frame(lens, instances=[wall, host, far[kind]]))[28:36, 24:40, 0]
        return float(red.astype(float).std())

    assert contrast("product") < 0.5 * contrast("worn")


def test_without_an_opening_the_lens_costs_no_call(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    shown = [put(quad(RED), "set"), put(quad(GREEN, half_m=0.2), **place(0, 0, 0.5))]
    plain = renderer.draw(Frame(camera, instances=shown))
    calls = renderer.figures.draw_calls
    closed = renderer.draw(Frame(replace(camera, focus_m=(5.0, 5.0)), instances=shown))
    assert renderer.figures.draw_calls <= calls
    assert (plain == closed).all()
