"""Before a camera a hat presses hair: what stands out above its band is not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.tryon.hat_hair import press_hair
from nightcast.tryon.product import F64

WALL, HAIR, SKIN, HAT = (150, 170, 160), (60, 35, 25), (210, 160, 130), (20, 30, 90)
BAND = np.array([200.0, 150.0])
UP = np.array([0.0, -1.0])


def disc(x: float, y: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.indices((320, 400))
    return np.hypot(columns - x, rows - y) < radius


def person() -> tuple[NDArray[np.uint8], Image.Image]:
    """A face under bulging hair before a wall, and the tracker's mask of it."""
    picture = np.full((320, 400, 3), WALL, np.uint8)
    picture[disc(200, 160, 110)] = HAIR
    picture[disc(200, 210, 75)] = SKIN
    mask = Image.fromarray(disc(200, 160, 110).astype(np.uint8) * 255)
    return picture, mask.resize((100, 80))


def landmarks() -> F64:
    """Where a face's chin, forehead, brow and nose are."""
    face = np.full((478, 2), 200.0)
    face[152], face[10], face[9], face[4] = (200, 284), (200, 150), (200, 180), (200, 220)
    return face


def hatted(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    done = picture.copy()
    done[70:150, 130:270] = HAT
    return done


def near(pixel: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 12)


def test_hair_above_the_band_gives_way_to_what_is_behind() -> None:
    plain, mask = person()
    done = hatted(plain)
    press_hair(done, plain, landmarks(), [], mask, BAND, UP)
    assert near(done[60, 200], WALL), "above the crown"
    assert near(done[120, 110], WALL), "beside it"
    assert near(done[150, 96], WALL), "farther out it is pressed lower down as well"


def test_hat_face_and_the_hair_below_stay() -> None:
    plain, mask = person()
    done = hatted(plain)
    press_hair(done, plain, landmarks(), [], mask, BAND, UP)
    assert (done[74:146, 134:266] == HAT).all()
    assert (done[160:260, 150:250] == plain[160:260, 150:250]).all()
    assert near(done[195, 115], HAIR)


def test_a_hand_at_the_brim_stays_whatever_its_colour() -> None:
    plain, mask = person()
    done = hatted(plain)
    x, y = np.meshgrid(np.linspace(95, 125, 3), np.linspace(90, 140, 7))
    press_hair(done, plain, landmarks(), [np.stack([x.ravel(), y.ravel()], axis=1)], mask, BAND, UP)
    assert near(done[120, 110], HAIR)
    assert near(done[120, 290], WALL)


def test_where_the_tracker_sees_nobody_nothing_is_touched() -> None:
    plain, _ = person()
    done = hatted(plain)
    press_hair(done, plain, landmarks(), [], Image.new("L", (100, 80)), BAND, UP)
    assert (done == hatted(plain)).all()
