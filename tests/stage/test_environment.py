"""Light from all around keeps its energy and its direction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.stage.environment import (
    LEVELS,
    gradient_environment,
    irradiance_sh,
    lamp_levels,
    lamp_sh,
    level_directions,
    load_environment,
    panorama_directions,
    prefilter,
    sh_basis,
    turned,
)
from nightcast.stage.errors import AssetError


def diffuse(sh: np.ndarray, direction: tuple[float, float, float]) -> np.ndarray:
    return sh_basis(np.float32([direction]))[0] @ sh


def one_bright_wall() -> np.ndarray:
    """Light from +X only."""
    directions = panorama_directions(64, 128)
    return np.maximum(directions[..., :1], 0).repeat(3, axis=2) ** 4


def test_even_light_stays_even_at_every_roughness() -> None:
    made = gradient_environment((1, 2, 3), (1, 2, 3), (1, 2, 3))
    for level in made.levels:
        assert level == pytest.approx(np.broadcast_to([1, 2, 3], level.shape), rel=1e-3)
    assert diffuse(made.sh, (0, 1, 0)) == pytest.approx([1, 2, 3], rel=1e-2)


def test_directions_of_a_level_have_length_1_and_cover_the_sphere() -> None:
    for level in range(LEVELS):
        directions = level_directions(level)[1:-1, 1:-1].reshape(-1, 3)
        assert np.linalg.norm(directions, axis=1) == pytest.approx(1, abs=1e-5)
        assert np.abs(directions.mean(axis=0)).max() < 0.02


def test_light_comes_from_where_it_is() -> None:
    made = prefilter(one_bright_wall(), "wall")
    assert diffuse(made.sh, (1, 0, 0))[0] > 5 * diffuse(made.sh, (-1, 0, 0))[0]
    for level, picture in enumerate(made.levels[:4]):
        brightest = level_directions(level).reshape(-1, 3)[picture[..., 0].argmax()]
        assert brightest[0] > 0.9


def test_rougher_levels_are_blurrier() -> None:
    spreads = [float(level.max() - level.min()) for level in prefilter(one_bright_wall(), "wall").levels]
    assert spreads == sorted(spreads, reverse=True)


def test_a_quarter_turn_takes_x_to_minus_z() -> None:
    made = turned(prefilter(one_bright_wall(), "wall"), 90)
    assert diffuse(made.sh, (0, 0, -1))[0] > 5 * diffuse(made.sh, (1, 0, 0))[0] * 0.5
    brightest = level_directions(1).reshape(-1, 3)[made.levels[1][..., 0].argmax()]
    assert brightest[2] < -0.9


def test_a_lamp_lights_what_faces_it_about_as_lambert_says() -> None:
    sh = lamp_sh(np.float32([0, 1, 0]), np.float32([np.pi, np.pi, np.pi]))
    assert diffuse(sh, (0, 1, 0))[0] == pytest.approx(1, abs=0.1)
    assert abs(diffuse(sh, (0, -1, 0))[0]) < 0.1


def test_a_lamps_highlight_is_sharper_on_smoother_levels() -> None:
    levels = lamp_levels(np.float32([0, 1, 0]), np.float32([1, 1, 1]))
    peaks = [float(level.max()) for level in levels]
    assert peaks == sorted(peaks, reverse=True)


def test_half_a_bright_sky_gives_half_the_light() -> None:
    panorama = np.zeros((32, 64, 3), np.float32)
    panorama[:16] = 1
    sh = irradiance_sh(panorama)
    assert diffuse(sh, (0, 1, 0))[0] == pytest.approx(1, abs=0.03)
    assert diffuse(sh, (1, 0, 0))[0] == pytest.approx(0.5, abs=0.03)


def test_the_second_load_comes_from_the_cache(tmp_path: Path) -> None:
    file = write_flat_hdr(tmp_path / "sky.hdr")
    first = load_environment(file, tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    second = load_environment(file, tmp_path / "cache")
    assert second.levels[2] == pytest.approx(first.levels[2], rel=1e-2)
    kept.write_bytes(b"torn")
    third = load_environment(file, tmp_path / "cache")
    assert (third.sh == first.sh).all()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"gone\.hdr.*cannot be read"):
        load_environment(tmp_path / "gone.hdr")


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sky.png"
    file.write_bytes(b"not a picture")
    with pytest.raises(AssetError, match=r"sky\.png: is no picture"):
        load_environment(file)


def write_flat_hdr(path: Path) -> Path:
    pixels = np.tile(np.uint8([128, 64, 32, 130]), (8 * 16, 1))
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n" + pixels.tobytes())
    return path


def test_turned_light_keeps_small_lamps() -> None:
    """A lamp of a few pixels must not be lost between others."""
    panorama = np.full((256, 512, 3), 0.1, np.float32)
    panorama[101, 203] = 20000.0
    environment = prefilter(panorama, "lamp")
    quarter = turned(environment, 90)
    np.testing.assert_allclose(quarter.sh, irradiance_sh(quarter.panorama), rtol=0.02, atol=0.02)


def test_a_lamp_above_lights_what_looks_up_and_hardly_anything_that_looks_aside_or_down() -> None:
    up, aside, down = sh_basis(np.array([[0, 1, 0], [0.6, 0, 0.8], [0, -1, 0]], np.float32)) @ lamp_sh(
        np.array([0, 1, 0], np.float32), np.full(3, np.pi, np.float32)
    )
    assert up == pytest.approx(1, abs=0.05)
    assert aside == pytest.approx(0, abs=0.07)
    assert down == pytest.approx(0, abs=0.07)
