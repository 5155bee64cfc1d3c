"""Picture files of a show, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from nightcast.stage.pictures import read_picture


def test_a_grey_photograph_of_16_bits_keeps_its_shades(tmp_path: Path) -> None:
    shades = np.arange(0, 65_536, 4096, dtype=np.uint16).reshape(1, -1)
    Image.fromarray(shades).save(tmp_path / "deep.png")
    warnings: list[str] = []
    picture = read_picture(tmp_path / "deep.png", warnings.append)
    assert picture is not None
    np.testing.assert_array_equal(np.asarray(picture)[..., 0], shades >> 8)
    assert not warnings
