"""Makeup on a person colours what it is for, keeps the skin's light and shade, and leaves teeth and eyes alone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nightcast.show.wear import Makeup
from nightcast.tryon.face_paint import face_region, paint_face
from nightcast.tryon.heads import head_model
from nightcast.tryon.pnp import Intrinsics, Pose, project

CAMERA = Intrinsics.of_fov(640, 480, 40.0)
FACE = project(head_model().points_mm, Pose(np.eye(3), np.array([0.0, 0.0, -450.0]), 0.0), CAMERA)
SKIN = (200, 160, 140)


def skin() -> np.ndarray:
    """Evenly coloured, darker towards the bottom."""
    shade = np.linspace(1.1, 0.8, 480)[:, None, None]
    return np.broadcast_to(shade * SKIN, (480, 640, 3)).clip(0, 255).astype(np.uint8).copy()


@pytest.mark.parametrize("region", ["lips", "eyeshadow", "eyeliner", "brow", "blush", "foundation"])
def test_each_region_is_on_the_face_and_both_halves_are_alike(region: str) -> None:
    found = face_region(Makeup.model_validate({"region": region}), FACE, skin())
    assert found is not None
    (left, top), mask = found
    rows, columns = np.nonzero(mask > 0.3)
    assert len(rows) > 20
    x, y = columns + left, rows + top
    assert FACE[:, 0].min() - 5 < x.min() < x.max() < FACE[:, 0].max() + 5
    assert FACE[10, 1] - 5 < y.min() < y.max() < FACE[152, 1] + 5
    right, other = mask[:, : mask.shape[1] // 2].sum(), mask[:, mask.shape[1] // 2 :].sum()
    assert right == pytest.approx(other, rel=0.15)


def test_lipstick_takes_its_hue_and_the_lips_keep_their_shading() -> None:
    picture = skin()
    before = picture.copy()
    paint_face(picture, FACE, Makeup(region="lips", colour="#a5141c", opacity=1.0))
    x, y = FACE[17].round().astype(int)
    lip = picture[y - 3, x].astype(int)
    assert lip[0] > 1.8 * lip[1]
    assert lip[0] > 1.8 * lip[2]
    changed = np.abs(picture.astype(int) - before).max(axis=-1) > 12
    rows = np.nonzero(changed)[0]
    assert FACE[0, 1] - 8 < rows.min() < rows.max() < FACE[17, 1] + 8, "nothing but the lips"


def test_lipstick_ends_where_the_lips_do_and_not_where_the_landmarks_are() -> None:
    picture = skin()
    painted = Image.fromarray(picture)
    outline = FACE[[61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]]
    ImageDraw.Draw(painted).polygon([tuple(corner) for corner in outline], fill=(170, 90, 90))
    lips = np.asarray(painted).copy()
    true = np.abs(lips.astype(int) - picture).max(axis=-1) > 20
    shares = []
    lower = FACE + np.array([0, 2.0])
    for drawn_on in (picture, lips):  # on even skin there is no edge to be found
        found = face_region(Makeup(region="lips", feather=0.2), lower, drawn_on)
        assert found is not None
        (left, top), mask = found
        mine = np.zeros_like(true)
        mine[top : top + mask.shape[0], left : left + mask.shape[1]] = mask > 0.5
        shares.append((mine & true).sum() / (mine | true).sum())
    assert shares[0] < 0.85
    assert shares[1] > 0.9


def test_an_open_mouth_stays_as_it_is() -> None:
    opened = FACE.copy()
    opened[[14, 87, 178, 88, 95, 317, 402, 318, 324]] += [0, 25]
    opened[[17, 84, 181, 91, 146, 314, 405, 321, 375]] += [0, 25]
    picture = skin()
    paint_face(picture, opened, Makeup(region="lips", colour="#a5141c", opacity=1.0))
    x, y = ((opened[13] + opened[14]) / 2).round().astype(int)
    assert np.abs(picture[y, x].astype(int) - skin()[y, x]).max() <= 2


@pytest.mark.parametrize(("finish", "brighter"), [("matte", False), ("gloss", True)])
def test_gloss_makes_lights_lighter_and_matte_takes_them_away(finish: str, brighter: bool) -> None:
    picture = skin()
    x, y = FACE[17].round().astype(int)
    picture[y - 6 : y - 3, x - 6 : x + 6] = 235  # a highlight
    plain, shining = picture.copy(), picture.copy()
    paint_face(plain, FACE, Makeup(region="lips"))
    paint_face(shining, FACE, Makeup.model_validate({"region": "lips", "finish": finish}))
    light = [each[y - 5, x].astype(int).sum() for each in (plain, shining)]
    assert bool(light[1] > light[0] + 10) is brighter


def test_a_face_outside_of_the_picture_is_no_matter() -> None:
    picture = skin()
    paint_face(picture, FACE + 2000, Makeup(region="lips"))
    assert (picture == skin()).all()
