"""Radiance pictures come in plain and run-length coded, and from strangers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightcast.stage.errors import AssetError
from nightcast.stage.radiance import read_hdr

HEAD = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n"


def coded(height: int, width: int, rgbe: tuple[int, int, int, int]) -> bytes:
    """Each line as one run for each channel, in pieces of 100."""
    line = b"\x02\x02" + width.to_bytes(2, "big")
    for value in rgbe:
        left = width
        while left:
            run = min(left, 100)
            line += bytes([128 + run, value])
            left -= run
    return HEAD + b"-Y %d +X %d\n" % (height, width) + line * height


def test_runs_are_unrolled(tmp_path: Path) -> None:
    file = tmp_path / "a.hdr"
    file.write_bytes(coded(3, 250, (128, 64, 0, 129)))
    pixels = read_hdr(file)
    assert pixels.shape == (3, 250, 3)
    assert pixels[1, 200] == pytest.approx([128.5 / 128, 64.5 / 128, 0.5 / 128])


def test_literal_bytes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.hdr"
    line = b"\x02\x02\x00\x08" + b"".join(bytes([8, *range(8)]) for _ in range(3)) + bytes([8] + [136] * 8)
    file.write_bytes(HEAD + b"-Y 1 +X 8\n" + line)
    assert read_hdr(file)[0, :, 0] == pytest.approx(np.arange(8) + 0.5)


def test_an_exponent_of_0_is_black(tmp_path: Path) -> None:
    file = tmp_path / "a.hdr"
    file.write_bytes(coded(1, 16, (200, 200, 200, 0)))
    assert (read_hdr(file) == 0).all()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"GIF89a", "is not a Radiance"),
        (HEAD + b"+Y 8 +X 8\n", "no size line"),
        (HEAD + b"-Y 999999 +X 999999\n", "999999×999999"),
        (HEAD + b"-Y 8 +X 16\n" + b"\x00" * 20, "ends too early"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "a.hdr"
    file.write_bytes(content)
    with pytest.raises(AssetError, match=says):
        read_hdr(file)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 200), flip=st.integers(0, 199), value=st.integers(0, 255))
def test_a_damaged_file_gives_a_picture_or_one_error(tmp_path: Path, cut: int, flip: int, value: int) -> None:
    content = bytearray(coded(4, 30, (10, 20, 30, 128))[:cut])
    if flip < len(content):
        content[flip] = value
    file = tmp_path / "a.hdr"
    file.write_bytes(bytes(content))
    try:
        assert read_hdr(file).ndim == 3
    except AssetError as error:
        assert "a.hdr" in str(error)
