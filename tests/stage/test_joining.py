"""Three maps read as two: which materials have room for it, what lies where, and that it looks the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.stage.boards import Quad, picture

from nightcast.gltf.records import Material, Texture, TextureRef, Transmission
from nightcast.stage.frame import Camera, Frame, Lamp, Lighting
from nightcast.stage.gpu import Gpu
from nightcast.stage.joining import with_metal, with_roughness
from nightcast.stage.materials import describe
from nightcast.stage.profile import CPU
from nightcast.stage.renderer import Renderer

MAPPED = Material(
    base_color_texture=TextureRef(0), normal_texture=TextureRef(1), metallic_roughness_texture=TextureRef(2)
)
TEXTURES = tuple(Texture(i) for i in range(3))


def samplers(material: Material, textures: tuple[Texture, ...] = TEXTURES) -> list[str]:
    return [slot.sampler for slot in describe(material, textures, joins=True).slots]


def noise(seed: int, size: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(40, 215, (size, size, 4), np.uint8)


def test_roughness_goes_with_colour_and_metal_and_occlusion_with_the_normal() -> None:
    color, normal, surface = noise(1), noise(2), noise(3)
    assert np.array_equal(with_roughness(color, surface), np.dstack([color[..., :3], surface[..., 1]]))
    assert np.array_equal(with_metal(normal, surface), np.dstack([normal[..., :2], surface[..., 2], surface[..., 0]]))


def test_the_smaller_picture_is_enlarged() -> None:
    small = np.tile(np.uint8([10, 20, 30, 255]), (4, 4, 1))
    assert with_metal(noise(1, 8), small)[..., 2:].reshape(-1, 2).tolist() == [[30, 10]] * 64
    assert with_roughness(small, noise(1, 8))[..., :3].reshape(-1, 3).tolist() == [[10, 20, 30]] * 64


def test_an_enlarged_picture_still_repeats() -> None:
    stripes = np.zeros((4, 4, 4), np.uint8)
    stripes[:, 0] = 200
    wide = with_metal(np.zeros((8, 8, 4), np.uint8), stripes)[0, :, 2].tolist()
    assert wide == [150, 150, 50, 0, 0, 0, 0, 50]


def test_three_maps_under_the_same_coordinates_are_two() -> None:
    assert samplers(MAPPED) == ["t_base", "t_normal"]
    assert [slot.sampler for slot in describe(MAPPED, TEXTURES).slots] == ["t_base", "t_normal", "t_surface"]


@pytest.mark.parametrize(
    "other",
    [
        {"alpha_mode": "MASK"},
        {"alpha_mode": "BLEND"},
        {"transmission": Transmission(factor=0.5)},
        {"normal_texture": TextureRef(1, uv_set=1)},
        {"metallic_roughness_texture": TextureRef(2, scale=(2.0, 2.0))},
    ],
)
def test_what_is_seen_through_or_mapped_in_two_ways_keeps_three(other: dict[str, object]) -> None:
    assert len(samplers(replace(MAPPED, **other))) == 3


def test_textures_that_wrap_in_two_ways_stay_apart() -> None:
    assert len(samplers(MAPPED, (*TEXTURES[:2], Texture(2, wrap_u="clamp")))) == 3


def test_occlusion_of_its_own_keeps_its_texture() -> None:
    own = replace(MAPPED, occlusion_texture=TextureRef(0))
    assert samplers(own) == ["t_base", "t_normal", "t_occlusion"]


def test_joined_maps_look_as_they_did(gpu: Gpu, camera: Camera, quad: Quad, put: Callable) -> None:
    material = replace(MAPPED, occlusion_texture=TextureRef(2), occlusion_strength=0.7)
    model = quad(material, pictures=[picture(noise(i)) for i in range(3)])
    lighting = Lighting(key=Lamp((0.3, 0.4, 1), 2.0), ambient=(0.5, 0.5, 0.5))
    drawn = []
    for joins in (False, True):
        with Renderer(gpu, (64, 64), replace(CPU, joins_maps=joins)) as renderer:
            handle = renderer.load_model(model)
            instance = replace(put(quad()), model=handle)
            drawn.append(renderer.draw(Frame(camera, lighting, instances=[instance])).astype(int))
            handle.release()
    assert drawn[0].std() > 20
    assert np.abs(drawn[0] - drawn[1]).max() <= 2
