"""Picture files of a show, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
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


def _with_a_broken_chunk(file: Path) -> bytes:
    """The first chunk of pixels ends early; where the next one should begin there are pixels."""
    data = bytearray(file.read_bytes())
    at = data.index(b"IDAT") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    data[at : at + 4] = (length // 2).to_bytes(4, "big")
    return bytes(data)


def _cut_off(file: Path) -> bytes:
    data = file.read_bytes()
    return data[: len(data) // 2]


@pytest.mark.parametrize("spoil", [_with_a_broken_chunk, _cut_off])
def test_a_torn_picture_is_left_out_and_told(tmp_path: Path, spoil: Callable[[Path], bytes]) -> None:
    file = tmp_path / "logo.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)).save(file)
    file.write_bytes(spoil(file))
    warnings: list[str] = []
    assert read_picture(file, warnings.append) is None
    (told,) = warnings
    assert told.startswith("logo.png: cannot be read as a picture (")
