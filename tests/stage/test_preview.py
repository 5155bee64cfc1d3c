"""The preview window, with SDL's dummy driver."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import pygame

from nightcast.stage.preview import Preview
from nightcast.stage.studio import Studio


class Clock:
    """Time that passes only when it is told to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(stall: Studio) -> Iterator[Studio]:
    pygame.display.init()
    pygame.display.set_mode((320, 180))
    yield stall
    pygame.display.quit()


@pytest.fixture
def shown(studio: Studio, clock: Clock, tmp_path: Path) -> Preview:
    return Preview(studio, tmp_path / "pictures", clock)


def marked(shown: Preview) -> bytes:
    picture = pygame.image.frombuffer(shown.picture().tobytes(), (320, 180), "RGBA").convert()
    shown.marks(picture)
    return pygame.image.tobytes(picture, "RGB")


def test_a_number_cuts_to_a_shot(shown: Preview, studio: Studio) -> None:
    shown.key(pygame.K_2)
    shown.picture()
    assert studio.state is not None
    assert studio.state.shot == "product"


def test_a_pause_holds_the_picture(shown: Preview, studio: Studio) -> None:
    shown.picture()
    shown.key(pygame.K_SPACE)
    held_at = studio.state
    shown.picture()
    assert studio.state is held_at


def test_every_key_of_the_help_does_something_without_complaint(shown: Preview) -> None:
    for key in "pwelotcogags h123456789xyz":
        shown.key(ord(key))
        marked(shown)


def test_a_screenshot_is_written_and_named(shown: Preview, tmp_path: Path) -> None:
    shown.picture()
    shown.key(pygame.K_s)
    assert [file.suffix for file in (tmp_path / "pictures").iterdir()] == [".png"]


def test_a_saved_mistake_shows_on_the_picture_until_it_is_mended(
    shown: Preview, clock: Clock, scene_file: Path
) -> None:
    text = scene_file.read_text(encoding="utf-8")

    def panel_is_there(body: str, number: int) -> bool:
        scene_file.write_text(body, encoding="utf-8")
        os.utime(scene_file, ns=(number * 10**9, number * 10**9))
        clock.now_s += 0.3
        shown.picture()
        clock.now_s += 5.0  # notices are gone, errors stay
        corner = 3 * (320 * 22 + 22)
        return sum(marked(shown)[corner : corner + 3]) < 100

    assert not panel_is_there(text, 1)
    assert panel_is_there(text.replace("fov: 34", "fov: x"), 2)
    assert not panel_is_there(text, 3)


def test_q_asks_to_quit(shown: Preview) -> None:
    assert not shown.quit
    shown.key(pygame.K_q)
    assert shown.quit
