"""Pictures that are made for the encoder on the device, by the software driver, against the processor's conversion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from nightcast.air.encoder import Encoder, EncoderSettings
from nightcast.stage.errors import FrameError
from nightcast.stage.frame import Background, Camera, Frame
from nightcast.stage.gpu import Gpu
from nightcast.stage.layers import Bitmap
from nightcast.stage.profile import GPU
from nightcast.stage.renderer import Renderer

WIDTH, HEIGHT = 64, 36


@pytest.fixture
def renderer(gpu: Gpu) -> Iterator[Renderer]:
    with Renderer(gpu, (WIDTH, HEIGHT), GPU) as renderer:
        yield renderer


def drawn(renderer: Renderer, frame: Frame) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The frame as RGBA and as NV12."""
    rgba = renderer.draw(frame)
    renderer.begin(frame, "nv12")
    return rgba, renderer.finish()


def showing(image: NDArray[np.uint8]) -> Frame:
    return Frame(Camera(np.eye(4, dtype=np.float32)), background=Background(image=Bitmap(image)))


def noise() -> NDArray[np.uint8]:
    image = np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.uint8)
    image[..., 3] = 255
    return image


def test_every_byte_is_the_one_that_bt709_asks_for(renderer: Renderer) -> None:
    """ITU-R BT.709-6, items 3.2 to 3.4, 8 bit; chroma sited on even columns between two rows (H.264, type 0)."""
    rgba, nv12 = drawn(renderer, showing(noise()))
    rgb = rgba[..., :3] / 255
    luma = 16 + 219 * (rgb @ (0.2126, 0.7152, 0.0722))
    beside = np.pad(rgb, ((0, 0), (1, 1), (0, 0)), mode="edge")
    wide = 0.25 * beside[:, :-2] + 0.5 * beside[:, 1:-1] + 0.25 * beside[:, 2:]
    sited = (wide[0::2, 0::2] + wide[1::2, 0::2]) / 2
    y = sited @ (0.2126, 0.7152, 0.0722)
    blue, red = (sited[..., 2] - y) / 1.8556, (sited[..., 0] - y) / 1.5748
    chroma = 128 + 224 * np.stack([blue, red], axis=-1).reshape(HEIGHT // 2, WIDTH)
    assert nv12.shape == (HEIGHT * 3 // 2, WIDTH)
    rounding = 0.51 if renderer.gpu.device.software else 0.6  # an H100 rounds some of 0.55 up
    assert np.abs(nv12 - np.concatenate([luma, chroma])).max() <= rounding


def test_it_is_what_the_encoder_makes_of_the_same_picture(renderer: Renderer) -> None:
    """Of a soft one: swscale sites chroma half a pixel beside, which shows where colours change within a pixel."""
    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    image = np.stack([90 * across + 90, 80 * down, 220 - 90 * across, np.full_like(across, 255)], -1).astype(np.uint8)
    rgba, nv12 = drawn(renderer, showing(image))
    encoder = Encoder(EncoderSettings(width=WIDTH, height=HEIGHT, codec="libx264"))
    by_encoder, by_device = (encoder.convert(pixels).to_ndarray().astype(int) for pixels in (rgba, nv12))
    assert np.abs(by_encoder - by_device).max() <= 1


def test_three_pictures_in_flight_come_back_in_order_in_the_layout_each_was_begun_with(renderer: Renderer) -> None:
    greys = (0.2, 0.6, 0.8)
    for grey, layout in zip(greys, ("nv12", "rgba", "nv12"), strict=True):
        renderer.begin(Frame(Camera(np.eye(4, dtype=np.float32)), background=Background((grey, grey, grey))), layout)
    assert renderer.in_flight == renderer.profile.pictures_in_flight == 3
    got = [renderer.finish() for _ in greys]
    assert [picture.ndim for picture in got] == [2, 3, 2]
    lumas = [int(got[0][0, 0]), int(got[1][0, 0, 0]), int(got[2][0, 0])]
    assert lumas == [round(16 + 219 * 0.2), round(255 * 0.6), round(16 + 219 * 0.8)]


def test_a_size_that_it_cannot_be_made_of_goes_to_the_encoder_as_rgba(gpu: Gpu) -> None:
    with Renderer(gpu, (62, 36), GPU) as renderer:
        assert renderer.air_layout == "rgba"
        with pytest.raises(FrameError, match="62×36"):
            renderer.begin(showing(noise()), "nv12")
    with Renderer(gpu, (WIDTH, HEIGHT), GPU) as renderer:
        assert renderer.air_layout == "nv12"
