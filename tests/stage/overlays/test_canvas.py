"""Pictures in boxes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nightcast.stage.overlays.canvas import cover

SIDES = st.integers(1, 300)


@settings(max_examples=200)
@given(SIDES, SIDES, SIDES, SIDES)
def test_a_picture_of_any_shape_fills_a_box_of_any_shape(
    width: int, height: int, box_width: int, box_height: int
) -> None:
    pixels = cover(Image.new("RGB", (width, height), "white"), box_width, box_height)
    assert pixels.shape == (box_height, box_width, 4)
    assert pixels.min() == 255
