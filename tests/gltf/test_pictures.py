"""A picture that cannot be read is named with the materials that do without it, and the model stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.stage.boards import picture

from nightcast.gltf import Model, readable
from nightcast.gltf.records import Clearcoat, Image, Material, Sheen, Texture, TextureRef

GOOD, BAD = TextureRef(0), TextureRef(1)


@pytest.fixture
def model() -> Model:
    """Two textures, of which the second is half a picture."""
    whole = picture(np.random.default_rng(0).integers(0, 255, (16, 16, 4), np.uint8))
    half = Image("label", whole.data[: len(whole.data) // 2], whole.mime, "cap.glb")
    return Model(Path("cap.glb"), (), (), textures=(Texture(0), Texture(1)), images=(whole, half))


def test_a_model_whose_pictures_can_be_read_is_left_as_it_is(model: Model) -> None:
    whole = replace(model, textures=model.textures[:1], images=model.images[:1])
    assert readable(whole) is whole


def test_each_material_that_loses_a_picture_is_named_once(model: Model) -> None:
    cloth = Material("cloth", base_color_texture=BAD, normal_texture=BAD, occlusion_texture=GOOD)
    plain = Material("plain", base_color_texture=GOOD)
    shown = readable(replace(model, materials=(cloth, plain), warnings=("an older one",)))
    assert shown.materials == (replace(cloth, base_color_texture=None, normal_texture=None), plain)
    first, second = shown.warnings
    assert first == "an older one"
    assert second.startswith("cloth is drawn without image 'label': cannot be decoded")


def test_extensions_lose_it_too(model: Model) -> None:
    coat = Material(clearcoat=Clearcoat(0.5, BAD, normal_texture=GOOD), sheen=Sheen((1, 1, 1), color_texture=BAD))
    shown = readable(replace(model, materials=(coat,)))
    assert shown.materials[0].clearcoat == Clearcoat(0.5, normal_texture=GOOD)
    assert shown.materials[0].sheen == Sheen((1, 1, 1))
    assert len(shown.warnings) == 1
    assert shown.warnings[0].startswith("material 0 ")


def test_what_glows_or_is_metal_by_a_lost_map_does_not_everywhere(model: Model) -> None:
    lamp = Material("lamp", emissive=(1, 1, 1), emissive_texture=BAD, metallic_roughness_texture=BAD)
    shown = readable(replace(model, materials=(lamp,)))
    assert shown.materials[0].emissive == (0, 0, 0)
    assert shown.materials[0].metallic == 0


def test_a_picture_that_was_never_there_says_where_it_should_be(model: Model) -> None:
    gone = Image("label", b"", source="cap.glb", problem="the file 'label.png' is missing beside the model")
    named = Material("cap", base_color_texture=BAD)
    shown = readable(replace(model, images=(model.images[0], gone), materials=(named,)))
    assert shown.warnings == ("cap is drawn without image 'label': the file 'label.png' is missing beside the model",)
