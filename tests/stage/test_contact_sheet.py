"""All of a scene in one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nightcast.stage.contact_sheet import contact_sheet
from nightcast.stage.errors import GpuError
from nightcast.stage.production import Production
from nightcast.stage.samples import guest_cue
from nightcast.stage.shot import picture_size, save


@pytest.mark.slow
def test_a_sheet_shows_shots_and_overlays_in_both_shapes(show_folder: Path, tmp_path: Path) -> None:
    try:
        sheet, warnings = contact_sheet(Production.of_scene(show_folder / "scenes/stall.yaml"), language="zh")
    except GpuError as error:
        pytest.skip(str(error))
    save(sheet, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.size == (sheet.shape[1], sheet.shape[0])
    background = sheet[2, 2]
    used = (sheet != background).any(axis=2)
    # Two shots and two overlays with all of them together, once lying and once upright.
    assert used.any(axis=1).sum() > 2 * (247 + 440)
    assert any("box.glb cannot be a host" in warning for warning in warnings)


def test_a_guest_in_the_sheet_is_an_outline_that_can_be_read(tmp_path: Path) -> None:
    cue = guest_cue(0, tmp_path)
    assert cue.picture is not None
    with Image.open(cue.picture) as picture:
        assert len(picture.getcolors() or ()) == 2


def test_portrait_swaps_the_sides() -> None:
    assert picture_size((1280, 720), True) == (720, 1280)
    assert picture_size((1280, 720), False) == (1280, 720)
    assert np.prod(picture_size((720, 1280), True)) == 720 * 1280
