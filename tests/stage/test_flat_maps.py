"""Maps that are the same all over become numbers, others stay; nothing looks different."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nightcast.gltf.records import Material, MToon, TextureRef
from nightcast.stage.flat_maps import NOISE, flat_value, simplified

BASE, NORMAL, SURFACE, OCCLUSION = (TextureRef(i) for i in range(4))


def plain(*rgba: int, size: int = 64) -> np.ndarray:
    return np.tile(np.uint8(rgba), (size, size, 1))


def bumpy() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (64, 64, 4), np.uint8)


MAPPED = Material(
    roughness=0.5,
    metallic=1.0,
    base_color_texture=BASE,
    normal_texture=NORMAL,
    metallic_roughness_texture=SURFACE,
    occlusion_texture=OCCLUSION,
)


def among(**pictures: np.ndarray) -> dict[TextureRef, np.ndarray]:
    names = {"base": BASE, "normal": NORMAL, "surface": SURFACE, "occlusion": OCCLUSION}
    return {ref: pictures.get(name, bumpy()) for name, ref in names.items()}


def test_maps_that_differ_from_place_to_place_stay() -> None:
    assert simplified(MAPPED, among().__getitem__) == MAPPED


def test_a_flat_roughness_and_metal_map_becomes_two_numbers() -> None:
    found = simplified(MAPPED, among(surface=plain(9, 102, 204, 255)).__getitem__)
    assert found.metallic_roughness_texture is None
    assert (found.roughness, found.metallic) == pytest.approx((0.5 * 0.4, 0.8))


def test_metal_within_the_noise_is_none() -> None:
    assert simplified(MAPPED, among(surface=plain(0, 255, NOISE, 255)).__getitem__).metallic == 0


def test_a_straight_normal_map_falls_away_and_a_tilted_one_stays() -> None:
    assert simplified(MAPPED, among(normal=plain(128, 127, 255, 255)).__getitem__).normal_texture is None
    assert simplified(MAPPED, among(normal=plain(160, 127, 250, 255)).__getitem__).normal_texture == NORMAL


def test_occlusion_falls_away_where_there_is_none() -> None:
    assert simplified(MAPPED, among(occlusion=plain(255, 0, 0, 255)).__getitem__).occlusion_texture is None
    assert simplified(MAPPED, among(occlusion=plain(200, 0, 0, 255)).__getitem__).occlusion_texture == OCCLUSION


def test_a_picture_that_holds_occlusion_as_well_stays_for_it() -> None:
    shared = replace(MAPPED, occlusion_texture=SURFACE)
    assert simplified(shared, among(surface=plain(200, 102, 204, 255)).__getitem__) == shared


def test_without_a_colour_map_all_stays_for_makeup() -> None:
    bare = replace(MAPPED, base_color_texture=None)
    assert simplified(bare, among(surface=plain(9, 102, 204, 255)).__getitem__) == bare


def test_toon_materials_stay_as_they_are() -> None:
    toon = replace(MAPPED, mtoon=MToon())
    assert simplified(toon, among(normal=plain(128, 127, 255, 255)).__getitem__) == toon


def test_one_odd_pixel_makes_a_map() -> None:
    picture = plain(10, 20, 30, 255, size=256)
    assert flat_value(picture) == pytest.approx([10, 20, 30, 255])
    picture[7, 9] = 200
    assert flat_value(picture) is None
