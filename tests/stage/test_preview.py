"""The preview window, with SDL's dummy driver."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import pygame
from tests.clock import Clock

from nightcast.stage.cues import ShotCue
from nightcast.stage.display import open_display
from nightcast.stage.errors import WindowError
from nightcast.stage.preview import Preview
from nightcast.stage.production import Production
from nightcast.stage.studio import Studio


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


def save(shown: Preview, clock: Clock, file: Path, text: str, stamp_s: int) -> None:
    """As an editor does, and wait until notices of it are gone; errors stay."""
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(stamp_s * 10**9, stamp_s * 10**9))
    shown.picture()
    clock.now_s += 5.0


def dark_corner(pixels: bytes) -> bool:
    """Whether a panel lies in the upper left corner."""
    corner = 3 * (320 * 22 + 22)
    return sum(pixels[corner : corner + 3]) < 100


def panel_height_px(quiet: bytes, loud: bytes) -> int:
    """How many rows differ much, in the column where panels are."""
    left = [slice(3 * (320 * row + 24), 3 * (320 * row + 25)) for row in range(180)]
    return sum(abs(sum(quiet[at]) - sum(loud[at])) > 60 for at in left)


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
        save(shown, clock, scene_file, body, number)
        return dark_corner(marked(shown))

    assert not panel_is_there(text, 1)
    assert panel_is_there(text.replace("fov: 34", "fov: x"), 2)
    assert not panel_is_there(text, 3)


def test_an_edit_is_on_the_next_picture_though_it_was_saved_within_a_tick_of_the_clock_of_files(
    shown: Preview, studio: Studio, scene_file: Path
) -> None:
    shown.picture()
    ticked_ns = scene_file.stat().st_mtime_ns
    scene_file.write_text(scene_file.read_text(encoding="utf-8").replace("fov: 34", "fov: 34.5"), encoding="utf-8")
    os.utime(scene_file, ns=(ticked_ns, ticked_ns))
    shown.picture()
    assert 34.5 in [shot.fov for shot in studio.world.scene.shots.values()]


def test_a_model_that_comes_after_the_line_that_names_it_mends_the_scene(
    shown: Preview, clock: Clock, scene_file: Path, show_folder: Path
) -> None:
    text = scene_file.read_text(encoding="utf-8").replace(
        "{model: ../assets/box.glb, at", "{model: ../assets/late.glb, at"
    )
    scene_file.write_text(text, encoding="utf-8")
    os.utime(scene_file, ns=(4 * 10**9, 4 * 10**9))
    try:
        with_error = marked(shown)
        (show_folder / "assets/late.glb").write_bytes((show_folder / "assets/box.glb").read_bytes())
        clock.now_s += 5.0
        shown.picture()
        clock.now_s += 5.0
        assert dark_corner(with_error)
        assert not dark_corner(marked(shown))
    finally:
        (show_folder / "assets/late.glb").unlink(missing_ok=True)


def test_an_edited_catalog_and_avatar_are_taken_in_and_the_shot_stays(
    shown: Preview, studio: Studio, clock: Clock, show_folder: Path
) -> None:
    catalog, avatar = show_folder / "assets/catalog.yaml", show_folder / "avatars/box.yaml"
    shown.picture()

    def panel_is_there(file: Path, old: str, new: str) -> bool:
        text = file.read_text(encoding="utf-8").replace(old, new)
        save(shown, clock, file, text, file.stat().st_mtime_ns // 10**9 + 1)
        return dark_corner(marked(shown))

    assert not panel_is_there(catalog, "price: 12900", "price: 5500")
    assert studio.production.catalog is not None
    assert studio.production.catalog.products[0].price == 5500
    assert panel_is_there(catalog, "price: 5500", "price: dear")
    assert not panel_is_there(catalog, "price: dear", "price: 12900")
    shown.key(pygame.K_2)
    shown.picture()
    panel_is_there(avatar, "name: Box", "name: Crate")
    assert studio.production.avatar is not None
    assert studio.production.avatar.name.in_language("en") == "Crate"
    assert studio.state is not None
    assert studio.state.shot == "product"
    panel_is_there(avatar, "name: Crate", "name: Box")


def test_a_catalog_that_was_wrong_from_the_start_is_told_until_it_is_mended(
    shown: Preview, studio: Studio, clock: Clock, show_folder: Path, tmp_path: Path
) -> None:
    catalog = show_folder / "assets/catalog.yaml"
    written = catalog.read_text(encoding="utf-8")
    before = studio.production
    try:
        catalog.write_text(written.replace("price: 12900", "price: dear"), encoding="utf-8")
        studio.recast(Production.of_scene(show_folder / "scenes/stall.yaml"))
        opened = Preview(studio, tmp_path, clock)
        assert dark_corner(marked(opened))
        save(opened, clock, catalog, written, catalog.stat().st_mtime_ns // 10**9 + 1)
        assert not dark_corner(marked(opened))
        assert studio.production.catalog is not None
    finally:
        catalog.write_text(written, encoding="utf-8")
        studio.recast(before)


def test_another_rate_goes_on_from_the_same_moment(
    shown: Preview, studio: Studio, clock: Clock, scene_file: Path
) -> None:
    for _ in range(30):
        shown.picture()
    text = scene_file.read_text(encoding="utf-8")
    assert "fps: 30" in text
    scene_file.write_text(text.replace("fps: 30", "fps: 60"), encoding="utf-8")
    os.utime(scene_file, ns=(9 * 10**9, 9 * 10**9))
    clock.now_s += 0.3
    shown.picture()
    assert studio.fps == 60
    assert studio.state is not None
    assert studio.state.time_s == pytest.approx(1.0)


def test_what_is_left_out_of_an_edited_scene_is_told_until_it_is_mended(
    shown: Preview, studio: Studio, clock: Clock, scene_file: Path
) -> None:
    """Also of a model that the catalog names, which was told before."""
    studio.prepare()
    studio.take_warnings()
    text = scene_file.read_text(encoding="utf-8")

    def told(body: str, number: int) -> bool:
        save(shown, clock, scene_file, body, number)
        shown.key(pygame.K_SPACE)
        bare = pygame.image.frombuffer(shown.picture().tobytes(), (320, 180), "RGBA").convert()
        with_marks = marked(shown)
        shown.key(pygame.K_SPACE)
        return with_marks != pygame.image.tobytes(bare, "RGB")

    assert told(text.replace("../assets/box.glb, at", "../assets/torn.glb, at"), 11)
    assert not told(text, 12)


def test_a_screenshot_never_takes_the_place_of_another(shown: Preview, tmp_path: Path) -> None:
    shown.picture()
    shown.key(pygame.K_SPACE)
    shown.key(pygame.K_s)
    shown.key(pygame.K_s)
    assert len(list((tmp_path / "pictures").iterdir())) == 2


def test_all_that_went_wrong_in_one_picture_is_told(shown: Preview, studio: Studio, clock: Clock) -> None:
    clock.now_s += 5.0
    quiet = marked(shown)
    studio.apply([ShotCue(at=0, shot="left"), ShotCue(at=0, shot="right")])
    both = panel_height_px(quiet, marked(shown))
    clock.now_s += 5.0
    studio.apply([ShotCue(at=0, shot="left")])
    assert both > panel_height_px(quiet, marked(shown)) > 0


def test_marks_fit_on_the_smallest_picture(shown: Preview) -> None:
    shown.key(pygame.K_h)
    shown.picture()
    shown.marks(pygame.Surface((64, 64)))


def test_where_nobody_would_see_a_window_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setattr(pygame.display, "init", lambda: None)
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "offscreen")
    with pytest.raises(WindowError, match=r"there is no display\. Draw instead"):
        open_display("Draw instead.")


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="there is no X server to look at")
@pytest.mark.parametrize("flags", [pygame.RESIZABLE, pygame.RESIZABLE | pygame.SCALED])
def test_a_window_shows_its_picture_beside_a_gl_context(flags: int) -> None:
    shown = """
import sys, pygame
from PIL import ImageGrab
from nightcast.stage.display import open_display
from nightcast.stage.gpu import Gpu
open_display("")
window = pygame.display.set_mode((320, 180), int(sys.argv[1]))
with Gpu() as gpu:
    scope = gpu.scope()
    drawn = scope.framebuffer([scope.texture((8, 8), 4)])
    for number in range(40):
        pygame.event.get()
        drawn.use()
        drawn.clear(0, 1, 0, 1)
        drawn.read()
        window.fill((number, 30, 30) if number < 20 else (200, 30, 30))
        pygame.display.flip()
        brightest = ImageGrab.grab(xdisplay="").getextrema()[0][1]
    print(brightest)
"""
    environment = {name: value for name, value in os.environ.items() if name != "SDL_VIDEODRIVER"}
    command = ["xvfb-run", "-a", sys.executable, "-c", shown, str(flags)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    assert said.split()[-1] == "200"


def test_q_asks_to_quit(shown: Preview) -> None:
    assert not shown.quit
    shown.key(pygame.K_q)
    assert shown.quit
