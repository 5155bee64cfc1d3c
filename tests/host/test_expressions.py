"""Channels, and the rules of VRMC_vrm-1.0/expressions.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.gltf.vrm_records import ColorBind, Expression, MorphBind, UvBind
from nightcast.host.expressions import Channels, reduced


def channels_of(model: Model, *expressions: Expression) -> Channels:
    assert model.vrm is not None
    vrm = replace(model.vrm, expressions={item.name: item for item in expressions})
    return Channels(replace(model, vrm=vrm))


def weights_of(channels: Channels, **weights: float) -> dict[str, float]:
    vector = channels.zeros()
    for name, weight in weights.items():
        vector[channels.index[reduced(name)]] = weight
    return dict(zip(channels.names, channels.settled(vector).tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("eyeBlink_L", "eyeblinkleft"),
        ("EyeBlinkRight", "eyeblinkright"),
        ("Face.M_F00_000_00_Fcl_MTH_A", "fclmtha"),
        ("Fcl_EYE_Close_L", "fcleyeclosel"),
        ("viseme_PP", "visemepp"),
    ],
)
def test_names_are_compared_without_their_dress(name: str, bare: str) -> None:
    assert reduced(name) == bare


def test_block_silences_and_blend_lessens_what_it_overrides(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True)
    channels = channels_of(
        model,
        Expression("happy", override_blink="blend", override_mouth="block"),
        Expression("aa"),
        Expression("blink"),
    )
    found = weights_of(channels, happy=0.3, aa=1.0, blink=1.0)
    assert found == pytest.approx({"happy": 0.3, "aa": 0.0, "blink": 0.7})


def test_a_binary_source_counts_whole_and_a_binary_target_goes_out(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True)
    channels = channels_of(model, Expression("happy", is_binary=True, override_blink="blend"), Expression("blink"))
    assert weights_of(channels, happy=0.6, blink=1.0) == pytest.approx({"happy": 1.0, "blink": 0.0})
    assert weights_of(channels, happy=0.5, blink=1.0) == pytest.approx({"happy": 0.0, "blink": 1.0})
    channels = channels_of(model, Expression("happy", override_blink="blend"), Expression("blink", is_binary=True))
    assert weights_of(channels, happy=0.1, blink=1.0)["blink"] == 0.0


def test_morphs_add_up_and_stay_below_one(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True, targets=("a", "b"))
    channels = channels_of(
        model,
        Expression("happy", morphs=(MorphBind(0, 0, 0.8), MorphBind(0, 1, 0.5))),
        Expression("relaxed", morphs=(MorphBind(0, 0, 0.6),)),
    )
    vector = channels.zeros()
    vector[[channels.index["happy"], channels.index["relaxed"]]] = 1.0
    np.testing.assert_allclose(channels.morph_weights(channels.settled(vector))[0], [1.0, 0.5])


def test_colours_go_from_the_materials_own_and_texture_shifts_add_up(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True)
    channels = channels_of(
        model,
        Expression("happy", colors=(ColorBind(0, "color", (1.0, 0.0, 0.0, 1.0)),), uvs=(UvBind(0, (0.5, 0.0)),)),
        Expression("sad", uvs=(UvBind(0, (0.2, 0.1), (0.5, 1.0)),)),
    )
    vector = channels.zeros()
    vector[channels.index["happy"]], vector[channels.index["sad"]] = 0.5, 1.0
    override = channels.material_overrides(channels.settled(vector))[0]
    assert override.base_color == pytest.approx((1.0, 0.5, 0.5, 1.0))
    assert override.uv_offset == pytest.approx((0.45, 0.1))
    assert override.uv_scale == pytest.approx((0.5, 1.0))
    assert channels.material_overrides(channels.zeros()) == {}


def test_the_consortiums_override_sample_turns_green(sample: Callable[[str], Path]) -> None:
    """`happy` is binary and blends `blink` away, so that its own texture shift is the only one."""
    channels = Channels(load(sample("vrm-spec/VRMC_vrm_expressions_isBinary_Overrides.vrm")))
    vector: Any = channels.zeros()
    vector[channels.index["happy"]], vector[channels.index["blink"]] = 0.6, 0.5
    settled = channels.settled(vector)
    assert settled[channels.index["happy"]] == 1.0
    assert settled[channels.index["blink"]] == 0.0
    window = channels.material_overrides(settled)[0]
    assert window.uv_offset == pytest.approx((0.875, 0.0))
