"""A host's face, mouth and hands on one sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.host.performance import load_motions
from nightcast.stage.avatar_sheet import avatar_sheet
from nightcast.stage.errors import GpuError
from nightcast.stage.thumbs import GAP_PX, SHEET_PX


def test_a_mouth_that_cannot_move_is_not_drawn_fifteen_times(repository: Path, samples: Path) -> None:
    try:
        sheet, lacks = avatar_sheet(samples / "avatars/cryptovoxels.vrm", {}, repository / "assets/fonts")
    except GpuError as error:
        pytest.skip(str(error))
    assert "it has no mouth shapes; its lips cannot speak" in lacks
    thumb_px = (SHEET_PX - GAP_PX) // 6 - GAP_PX
    assert 2 * thumb_px < sheet.shape[0] < 4 * thumb_px  # the figure, and a face that only looks about


@pytest.mark.slow
def test_a_sheet_shows_a_different_picture_for_every_row(repository: Path) -> None:
    gestures = load_motions(repository / "avatars/gestures")
    two = {name: gestures[name] for name in ("wave", "heart")}
    try:
        sheet, lacks = avatar_sheet(repository / "avatars/lan/host.vrm", two, repository / "assets/fonts")
    except GpuError as error:
        pytest.skip(str(error))
    assert lacks == ()
    assert sheet.shape[1] == SHEET_PX
    thumb_px = (SHEET_PX - GAP_PX) // 6 - GAP_PX
    # Figure and gestures in a row each, two rows of expressions, three of visemes.
    assert sheet.shape[0] > 7 * thumb_px
    drawn = (sheet != sheet[2, 2]).any(axis=2)
    left, right = drawn[:, : SHEET_PX // 3].any(axis=1), drawn[:, -SHEET_PX // 3 :].any(axis=1)
    assert left.sum() > 7 * thumb_px
    assert 4 * thumb_px < right.sum() < left.sum()  # the last rows of visemes and gestures are not full
    spread = [float(np.std(sheet[row : row + 60, GAP_PX : GAP_PX + 250, :3])) for row in (200, 620, 1000, 1400)]
    assert min(spread) > 5
