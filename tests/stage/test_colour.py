"""Colours come out true, from a base colour to the encoded picture."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import av
import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from tests.stage.difference import Lab, ciede2000, lab

from nightcast.air.encoder import Encoder, EncoderSettings
from nightcast.gltf.records import Image, Material, Model, TextureRef
from nightcast.stage.environment import gradient_environment
from nightcast.stage.frame import Camera, Frame, Instance, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.renderer import Renderer

#: From the paper's table 1: the pairs where careless implementations go wrong, and four everyday ones.
PUBLISHED: list[tuple[Lab, Lab, float]] = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((50, -0.0010, 2.4900), (50, 0.0009, -2.4900), 4.8045),
    ((50, -0.0010, 2.4900), (50, 0.0011, -2.4900), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]

#: sRGB of what is sold and worn: skins, fabrics, lacquers, a row of greys, up to the brightest that PBR Neutral leaves
#: as it is.
PATCHES = [
    "#735244", "#c29682", "#627a9d", "#576c43", "#8580b1", "#67bdaa",
    "#c67b2c", "#505ba6", "#c15a63", "#5e3c6c", "#9dbc40", "#c3a32e",
    "#383d96", "#469449", "#af363c", "#c7b01f", "#bb5695", "#0885a1",
    "#c8c8c8", "#a0a0a0", "#7a7a79", "#555555", "#343434", "#202028",
]  # fmt: skip
ACROSS, PATCH_PX = 6, 48
SIZE_PX = ACROSS * PATCH_PX, len(PATCHES) // ACROSS * PATCH_PX


@pytest.mark.parametrize(("one", "other", "published"), PUBLISHED)
def test_the_difference_of_colours_is_the_published_one(one: Lab, other: Lab, published: float) -> None:
    assert ciede2000(one, other) == pytest.approx(published, abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(published, abs=5e-5)


def chart() -> Image:
    """A picture with one pixel for each patch."""
    colours = [tuple(bytes.fromhex(patch[1:])) for patch in PATCHES]
    pixels = np.array(colours, np.uint8).reshape(-1, ACROSS, 3)
    out = io.BytesIO()
    PIL.Image.fromarray(np.kron(pixels, np.ones((8, 8, 1), np.uint8))).save(out, "png")
    return Image("chart", out.getvalue(), "image/png")


@pytest.fixture(params=[0.2, 0.5, 0.95], ids=["glossy", "satin", "matt"])
def drawn(request: pytest.FixtureRequest, gpu: Gpu, quad: Callable[..., Model]) -> Iterator[NDArray[np.uint8]]:
    """The chart on paper, in grey light from everywhere."""
    paper = Material(base_color_texture=TextureRef(0), metallic=0, roughness=request.param)
    with Renderer(gpu, SIZE_PX) as renderer:
        handle = renderer.load_model(quad(paper, pictures=[chart()]))
        filling = np.diag(np.array([SIZE_PX[0] / SIZE_PX[1], 1, 1, 1], np.float32))
        camera = Camera(look_at((0, 0, 20), (0, 0, 0)), fov_deg=2 * float(np.degrees(np.arctan(0.5 / 20))))
        light = Lighting(environment=gradient_environment((1, 1, 1), (1, 1, 1), (1, 1, 1)))
        yield renderer.draw(Frame(camera, light, instances=[Instance(handle, filling)]))
        handle.release()


def worst(pixels: NDArray[np.uint8]) -> tuple[float, str]:
    """The greatest ΔE00 of a patch's mean to what it should be, and that patch."""
    rows = pixels[..., :3].astype(float).reshape(-1, PATCH_PX, ACROSS, PATCH_PX, 3)
    means = rows[:, 8:-8, :, 8:-8].mean(axis=(1, 3)).reshape(-1, 3)
    wanted = [tuple(bytes.fromhex(patch[1:])) for patch in PATCHES]
    return max(
        (ciede2000(lab(mean), lab(want)), patch) for mean, want, patch in zip(means, wanted, PATCHES, strict=True)
    )


def decoded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture after H.264 as it goes out, and a player's way back to RGB."""
    settings = EncoderSettings(*SIZE_PX, codec="libx264", deterministic=True)
    encoder = Encoder(settings)
    silence = np.zeros((48_000 // settings.fps, 2), np.float32)
    packets = [p for _ in range(4) for p in encoder.encode(encoder.convert(pixels), silence)] + encoder.finish()
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as container:
        streams = encoder.add_streams(container)
        for packet in packets:
            if packet.stream == "video":
                written = av.Packet(packet.data)
                written.pts, written.dts, written.time_base = packet.pts, packet.dts, packet.time_base
                written.stream = streams["video"]
                container.mux(written)
    out.seek(0)
    with av.open(out) as container:
        frames = list(container.decode(video=0))
    assert {(frame.color_range, frame.colorspace) for frame in frames} == {(1, 1)}  # limited, BT.709
    return np.asarray(frames[-1].reformat(format="rgb24", src_colorspace=1, src_color_range=1).to_ndarray())


def test_a_chart_in_grey_light_is_true_in_the_picture(drawn: NDArray[np.uint8]) -> None:
    difference, patch = worst(drawn)
    print(f"worst patch drawn: {patch}, ΔE00 {difference:.2f}")
    assert difference < 2.0


def test_a_chart_in_grey_light_is_true_in_the_encoded_picture(drawn: NDArray[np.uint8]) -> None:
    difference, patch = worst(decoded(drawn))
    print(f"worst patch encoded: {patch}, ΔE00 {difference:.2f}")
    assert difference < 2.0
