"""A garment's picture goes with a body: bent after its joints, inside its outline, behind its hands."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nightcast.show.wear import Garment
from nightcast.tryon.garment import dress
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body

GREY, RED, BLUE = (90, 90, 90), (200, 30, 30), (30, 30, 200)
#: A square of cloth, red on the wearer's left, with the torso's joints a quarter in from its edges.
JOINTS = {"shoulder_l": (0.75, 0.2), "shoulder_r": (0.25, 0.2), "hip_l": (0.75, 0.8), "hip_r": (0.25, 0.8)}
GARMENT = Garment.model_validate({"picture": "cloth.png", "joints": JOINTS})


def cloth() -> NDArray[np.uint8]:
    made = np.full((200, 200, 4), 255, np.uint8)
    made[:, :100, :3], made[:, 100:, :3] = BLUE, RED
    return made


def body(shift: tuple[float, float] = (0.0, 0.0), turn_deg: float = 0.0, sure: float = 0.9) -> Body:
    """Shoulders and hips 100 px apart, seen from ahead: the wearer's left is on the picture's right."""
    seen = np.zeros((33, 2))
    seen[[11, 12, 23, 24]] = [[50, -75], [-50, -75], [50, 75], [-50, 75]]
    turn = np.radians(turn_deg)
    seen = seen @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + [160, 120] + np.array(shift)
    shape = np.zeros((33, 3))
    shape[[11, 12], 0] = [180, -180]
    return Body(seen, shape, np.full(33, sure))


def worn(somebody: Body, mask: NDArray[np.uint8] | None = None, hands: tuple[F64, ...] = ()) -> NDArray[np.uint8]:
    picture = np.full((240, 320, 3), GREY, np.uint8)
    assert dress(picture, cloth(), GARMENT, somebody, mask, hands)
    return picture


def test_the_cloth_lies_between_shoulders_and_hips_the_right_way_round() -> None:
    picture = worn(body())
    assert picture[120, 185].tolist() == pytest.approx(RED, abs=3)
    assert picture[120, 135].tolist() == pytest.approx(BLUE, abs=3)
    assert picture[5, 5].tolist() == list(GREY)
    assert picture[120, 40].tolist() == list(GREY)


def test_it_moves_and_leans_with_the_body() -> None:
    assert worn(body(shift=(60, 0)))[120, 230].tolist() == pytest.approx(RED, abs=3)
    leaning = worn(body(turn_deg=40))
    assert leaning[120 + 20, 160 + 24].tolist() == pytest.approx(RED, abs=3)
    assert leaning[120 - 20, 160 - 24].tolist() == pytest.approx(BLUE, abs=3)


def test_it_ends_a_little_outside_of_the_person() -> None:
    mask = np.zeros((120, 160), np.uint8)
    mask[:, 55:105] = 255  # half as large as the picture: from 110 to 210
    picture = worn(body(), mask)
    assert picture[120, 205].tolist() == pytest.approx(RED, abs=3)
    assert picture[120, 235].tolist() == list(GREY)


def test_a_hand_stays_before_it() -> None:
    angle = np.linspace(0, 2 * np.pi, 21, endpoint=False)
    hand = np.column_stack([185 + 14 * np.cos(angle), 120 + 14 * np.sin(angle)])
    hand[[0, 1, 5, 9, 13, 17]] = [[171, 106], [185, 100], [199, 106], [199, 134], [185, 140], [171, 134]]
    picture = worn(body(), hands=(hand,))
    assert picture[120, 185].tolist() == pytest.approx(GREY, abs=3)
    assert picture[120, 220].tolist() == pytest.approx(RED, abs=3)


def test_a_body_that_is_not_all_seen_is_left_as_it_is() -> None:
    picture = np.full((240, 320, 3), GREY, np.uint8)
    assert not dress(picture, cloth(), GARMENT, body(sure=0.2), None)
    assert (picture == GREY).all()


def test_a_garment_says_which_joints_it_lacks() -> None:
    with pytest.raises(ValueError, match="hip_l, hip_r"):
        Garment.model_validate({"picture": "a.png", "joints": {"shoulder_l": (0.7, 0.1), "shoulder_r": (0.3, 0.1)}})


def test_a_portrait_that_ends_at_the_waist_is_dressed_and_hidden_hips_are_not() -> None:
    somebody = body(shift=(0, 40))
    hips_y = somebody.seen_px[23, 1]
    unsure = Body(somebody.seen_px, somebody.shape_mm, np.where(np.isin(np.arange(33), [23, 24]), 0.2, 0.9))
    portrait, whole = (np.full((rows, 320, 3), GREY, np.uint8) for rows in (round(hips_y), 2 * round(hips_y)))
    assert dress(portrait, cloth(), GARMENT, unsure, None)
    assert portrait[150, 185].tolist() == pytest.approx(RED, abs=3)
    assert not dress(whole, cloth(), GARMENT, unsure, None)
