"""Light has the colour it is given, and only its intensity makes it bright."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.stage.frame import Lamp, kelvin_color, lamp_color

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("color", [(1.0, 0.2, 0.1), (0.1, 0.1, 0.9), (0.5, 0.5, 0.5)])
def test_a_coloured_lamp_is_as_bright_as_a_white_one(color: tuple[float, float, float]) -> None:
    assert lamp_color(Lamp((0, 1, 0), color=color)) @ LUMINANCE == pytest.approx(1.0, abs=1e-5)


def test_a_lamp_without_a_colour_takes_its_temperature() -> None:
    np.testing.assert_array_equal(lamp_color(Lamp((0, 1, 0), kelvin=3000)), kelvin_color(3000))


def test_a_red_lamp_is_red_and_a_black_one_is_white_light_of_its_intensity() -> None:
    red = lamp_color(Lamp((0, 1, 0), color=(1.0, 0.0, 0.0)))
    assert red[0] > 4
    assert red[1] == red[2] == 0
    np.testing.assert_array_equal(lamp_color(Lamp((0, 1, 0), color=(0.0, 0.0, 0.0))), np.ones(3, np.float32))
