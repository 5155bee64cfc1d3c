"""A material's program holds what the material uses, and its block the material's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.gltf.records import Material, MToon, Specular, Texture, TextureRef, Transmission
from nightcast.host.frame import MaterialOverride
from nightcast.stage.materials import BLOCK, block, describe


def numbers(
    material: Material, override: MaterialOverride | None = None, textures: tuple[Texture, ...] = ()
) -> np.void:
    return np.frombuffer(block(material, describe(material, textures), override), BLOCK)[0]


def test_a_plain_material_asks_for_nothing() -> None:
    look = describe(Material())
    assert (look.shader, look.defines, look.slots) == ("pbr", frozenset(), ())


def test_occlusion_in_the_same_texture_is_read_with_it() -> None:
    ref = TextureRef(3)
    look = describe(Material(metallic_roughness_texture=ref, occlusion_texture=ref))
    assert "OCCLUSION_IN_SURFACE" in look.defines
    assert [slot.sampler for slot in look.slots] == ["t_surface"]


def test_textures_under_one_transform_share_their_coordinates() -> None:
    moved = TextureRef(1, offset=(0.5, 0))
    look = describe(Material(base_color_texture=TextureRef(0), normal_texture=TextureRef(2), occlusion_texture=moved))
    assert len(look.transforms) == 2
    assert {"BASE_UV v_uv[0]", "NORMAL_UV v_uv[0]", "OCCLUSION_UV v_uv[1]", "UV_COUNT 2"} <= look.defines


def test_a_transform_is_the_specifications_example() -> None:
    """KHR_texture_transform: the lower left quadrant, turned clockwise by 90°."""
    ref = TextureRef(0, offset=(0, 1), rotation=np.pi / 2, scale=(0.5, 0.5))
    rows = numbers(Material(base_color_texture=ref))["uv"][:2]
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]) @ rows[:, :3].T
    assert corners.min(axis=0) == pytest.approx([0, 0.5], abs=1e-6)
    assert corners.max(axis=0) == pytest.approx([0.5, 1], abs=1e-6)


def test_a_mirrored_texture_is_read_half_as_far() -> None:
    rows = numbers(Material(base_color_texture=TextureRef(0)), textures=(Texture(0, "mirror", "repeat"),))["uv"]
    assert (rows[0, 0], rows[1, 1]) == (0.5, 1.0)


def test_index_of_refraction_and_specular_make_the_reflectance() -> None:
    assert numbers(Material())["specular"] == pytest.approx([0.04, 0.04, 0.04, 1])
    tinted = Material(ior=2.0, specular=Specular(0.5, color=(1, 0, 0)))
    assert numbers(tinted)["specular"] == pytest.approx([0.5 / 9, 0, 0, 0.5])


def test_an_override_replaces_what_it_names() -> None:
    override = MaterialOverride(base_color=(0, 1, 0, 1), uv_offset=(0.25, 0))
    material = Material(base_color=(1, 0, 0, 1), roughness=0.3, base_color_texture=TextureRef(0))
    shown = numbers(material, override)
    assert tuple(shown["base"]) == (0, 1, 0, 1)
    assert shown["surface"][1] == pytest.approx(0.3)
    assert shown["uv"][0, 2] == 0.25


def test_glass_is_drawn_after_what_is_behind_it() -> None:
    assert describe(Material(transmission=Transmission(1))).blended
    assert describe(Material(alpha_mode="BLEND")).blended
    assert not describe(Material(alpha_mode="MASK")).blended


def test_a_toons_outline_is_asked_for_by_its_width() -> None:
    thin = MToon(outline_width_mode="worldCoordinates", outline_width=0.0)
    wide = MToon(outline_width_mode="screenCoordinates", outline_width=0.01)
    assert not describe(Material(mtoon=thin)).outlined
    assert describe(Material(mtoon=wide)).outline_defines == {"OUTLINE", "OUTLINE_SCREEN"}
