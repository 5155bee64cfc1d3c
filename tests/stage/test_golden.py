"""Pictures of the sample avatar and a product, against those that were looked at and found good.

Compared on llvmpipe only, and with tolerance: versions of Mesa round differently. To make them anew after a change
that was meant: `NIGHTCAST_GOLDEN=write pytest tests/stage/test_golden.py`, and look at them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from nightcast.gltf import load
from nightcast.host.frame import HostFrame
from nightcast.stage.bench import moving_face
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.renderer import Renderer

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def renderer(gpu: Gpu) -> Iterator[Renderer]:
    if "llvmpipe" not in gpu.device.renderer:
        pytest.skip("golden pictures are llvmpipe's")
    with Renderer(gpu, (320, 180)) as made:
        yield made


@pytest.mark.slow
def test_the_sample_avatar(renderer: Renderer, samples: Path) -> None:
    model = load(samples / "avatars/brunette-t.glb")
    handle = renderer.load_model(model)
    pose = HostFrame(0, handle.geometry.rest_world, moving_face(model, 4))
    lighting = Lighting(
        key=Lamp((1, 3, 2), 2.5, shadow="soft"),
        rim=Lamp((-1, 2, -2), 3.0, kelvin=3200),
        environment=renderer.load_environment(samples / "light/royal_esplanade_1k.hdr"),
    )
    frame = Frame(
        Camera(look_at((0.15, 1.6, 1.0), (0, 1.55, 0))),
        lighting,
        Background((0.25, 0.27, 0.32), (0.1, 0.1, 0.12)),
        [Instance(handle, np.eye(4, dtype=np.float32), "host", pose)],
    )
    compare(renderer.draw(frame), "avatar")
    handle.release()


@pytest.mark.slow
def test_the_sample_earring(renderer: Renderer, samples: Path) -> None:
    handle = renderer.load_model(load(samples / "products/earring/scene.gltf"))
    environment = renderer.load_environment(samples / "light/royal_esplanade_1k.hdr")
    frame = Frame(
        Camera(look_at((1.5, 1.4, 5.0), (0, 0.6, 0)), near_m=1, far_m=20, fov_deg=40),
        Lighting(key=Lamp((1, 3, 2), 1.5, shadow="soft"), environment=environment),
        Background(environment=True, blur=0.4),
        [Instance(handle, np.eye(4, dtype=np.float32))],
    )
    compare(renderer.draw(frame), "earring")
    handle.release()


@pytest.mark.slow
def test_a_product_in_focus_before_a_soft_set(renderer: Renderer) -> None:
    assets = Path(__file__).parents[2] / "assets/models"
    stall, glasses = (
        renderer.load_model(load(assets / f)) for f in ("sets/night_market.glb", "products/sunglasses.glb")
    )
    behind, sharp = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)
    sharp[:3, 3] = (0.4, 0.98, 0.1)
    behind[:3, 3] = (0.05, 1.02, -0.6)
    frame = Frame(
        Camera(look_at((0.3, 1.15, 0.75), (0.3, 1.03, 0)), focus_m=(0.55, 0.8), aperture_m=0.03),
        Lighting(key=Lamp((1, 3, 2), 2.5, shadow="soft"), ambient=(1, 1, 1)),
        instances=[
            Instance(stall, np.eye(4, dtype=np.float32), "set"), Instance(glasses, sharp), Instance(glasses, behind)
        ],
    )  # fmt: skip
    compare(renderer.draw(frame), "lens")
    stall.release()
    glasses.release()


def compare(pixels: NDArray[np.uint8], name: str) -> None:
    file = GOLDEN / f"{name}.png"
    if os.environ.get("NIGHTCAST_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        PIL.Image.fromarray(pixels[..., :3]).save(file, optimize=True)
    with PIL.Image.open(file) as golden:
        difference = np.abs(np.asarray(golden, int) - pixels[..., :3])
    assert difference.mean() < 1.5
    assert (difference.max(axis=2) > 24).mean() < 0.01
