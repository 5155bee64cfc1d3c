"""A drawn product becomes part of the camera's picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nightcast.tryon.finish import CameraLook, finished, hands_matte, strands

GREY = np.full((120, 160, 3), 180, np.uint8)


def with_bar() -> NDArray[np.uint8]:
    drawn = GREY.copy()
    drawn[50:60, 40:120] = 20
    return drawn


def done(look: CameraLook, skin: float = 0.0, before: NDArray[np.float32] | None = None) -> NDArray[np.int64]:
    shade = np.full((120, 160), skin, np.float32)
    return finished(GREY, with_bar(), look, skin=shade, before=before, px_per_mm=1.0, seed=1).astype(np.int64)


def test_a_shadow_falls_on_the_skin_below_and_not_on_the_product() -> None:
    shaded = done(CameraLook(), skin=1.0)
    assert shaded[63, 80, 0] < 170
    assert shaded[63, 80, 0] < shaded[47, 80, 0], "light comes from above"
    assert shaded[100, 80, 0] == 180
    assert shaded[55, 80, 0] == 20
    assert (done(CameraLook(), skin=0.0)[63] == 180).all(), "there is no skin"


def test_what_is_nearer_stays_before_the_product() -> None:
    nearer = np.zeros((120, 160), np.float32)
    nearer[:, 70:80] = 1.0
    out = done(CameraLook(), before=nearer)
    assert out[55, 75, 0] == 180
    assert out[55, 60, 0] == 20


def test_the_product_gets_the_cameras_grain_and_nothing_else_does() -> None:
    out = done(CameraLook(grain=6.0))
    assert out[51:59, 42:118].std() == pytest.approx(6.0, rel=0.3)
    assert (out[:40] == 180).all()


@pytest.mark.parametrize("sigma", [2.0, 6.0])
def test_grain_is_measured_through_edges(sigma: float) -> None:
    noise = np.random.default_rng(1).normal(0, sigma, (120, 160, 1))
    picture = (with_bar() + noise).clip(0, 255).astype(np.uint8)
    look = CameraLook()
    look.observe(picture)
    assert look.grain == pytest.approx(sigma, rel=0.3)


@pytest.mark.parametrize("blur_px", [1.0, 2.0])
def test_softness_is_measured_at_edges(blur_px: float) -> None:
    soft = np.asarray(Image.fromarray(with_bar()).filter(ImageFilter.GaussianBlur(blur_px)))
    look = CameraLook()
    look.observe(soft)
    assert look.blur_px == pytest.approx(blur_px, rel=0.35)


def test_a_hand_hides_what_it_is_before() -> None:
    hand = np.column_stack([np.full(21, 80.0), np.linspace(100, 30, 21)])
    hand[17] = (60.0, 70.0)
    hand[5] = (100.0, 70.0)
    matte = hands_matte([hand], (120, 160))
    assert matte is not None
    assert matte[65, 80] > 0.9
    assert matte[20, 20] == 0
    assert hands_matte([hand + 900], (120, 160)) is None


def test_hair_is_told_from_skin_by_colour_and_not_where_they_look_alike() -> None:
    skin = np.full((200, 3), (210, 170, 150), np.uint8)
    hair = np.full((200, 3), (60, 45, 35), np.uint8)
    window = np.array([[skin[0], hair[0]]], np.uint8)
    sure = strands(window, skin, hair)
    assert sure is not None
    assert sure[0].tolist() == [0.0, 1.0]
    assert strands(window, skin, skin) is None
