"""Pictures of the frame ring in the formats of encoders, cameras and windows."""

from __future__ import annotations

import numpy as np
import pytest
from tests.air.pattern import picture

from nightcast.air.picture import BT601, Converter


def as_nv12(rgba: np.ndarray) -> np.ndarray:
    planes = Converter().yuv420p(rgba).to_ndarray()
    height, width = rgba.shape[:2]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return np.concatenate([planes[:height], np.stack([chroma[0], chroma[1]], -1).reshape(height // 2, width)])


def test_nv12_reaches_the_encoder_byte_for_byte() -> None:
    rgba = picture(3, 64, 36)
    assert (Converter().yuv420p(as_nv12(rgba)).to_ndarray() == Converter().yuv420p(rgba).to_ndarray()).all()


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 255, 0), (30, 60, 200), (255, 255, 255)])
def test_cameras_and_windows_see_the_same_colours_of_either_layout(rgb: tuple[int, int, int]) -> None:
    rgba = np.full((36, 64, 4), 255, np.uint8)
    rgba[..., :3] = rgb
    converter = Converter()
    assert converter.rgba(rgba) is rgba
    assert np.abs(converter.rgba(as_nv12(rgba)).astype(int) - rgba).max() <= 3
    cameras = [converter.yuv420p(pixels, BT601).to_ndarray().astype(int) for pixels in (rgba, as_nv12(rgba))]
    assert np.abs(cameras[0] - cameras[1]).max() <= 3
