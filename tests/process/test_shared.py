"""Shared memory: what is written is read whole, by name, across the death of either side."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightcast.process.errors import SharedBlockError
from nightcast.process.shared import ClockPage, ClockReading, FrameRing, remove_stale_blocks


@pytest.fixture
def ring() -> Iterator[FrameRing]:
    ring = FrameRing.create(8, 4, slots=4)
    yield ring
    ring.close()


def picture(value: int) -> np.ndarray:
    return np.full((4, 8, 4), value, np.uint8)


def test_the_clock_is_read_as_written_by_whoever_attaches() -> None:
    page = ClockPage.create(fps=30, stage_lead_frames=3)
    other = ClockPage.attach(page.name)
    written = ClockReading(48_000, 30, 12.5, 3, 29)
    page.write(written)
    assert other.read() == written
    assert other.read().frame_to_draw == 33
    assert other.read().sample_at(13.5) == 48_000
    other.close()
    page.close()
    assert not os.path.exists(page.name)


def test_the_clock_refuses_a_rate_that_does_not_divide_the_samples() -> None:
    with pytest.raises(ValueError, match="divide"):
        ClockPage.create(fps=29)


def test_a_frame_or_the_newest_older_one_is_found(ring: FrameRing) -> None:
    assert ring.at(0) is None
    for index in (10, 11, 13):
        ring.write(index, picture(index))
    for asked, found in ((10, 10), (11, 11), (12, 11), (13, 13), (99, 13)):
        frame = ring.at(asked)
        assert frame is not None
        assert (frame.index, int(frame.pixels[0, 0, 0])) == (found, found)
    assert ring.at(9) is None
    assert ring.newest == 13


def test_a_frame_that_is_overwritten_while_in_use_says_so(ring: FrameRing) -> None:
    ring.write(1, picture(1))
    frame = ring.at(1)
    assert frame is not None
    assert frame.intact()
    ring.write(5, picture(5))
    assert not frame.intact()


def test_a_half_written_frame_is_never_seen_and_its_slot_heals(ring: FrameRing) -> None:
    ring.write(1, picture(1))
    with pytest.raises(RuntimeError), ring.writing(2):
        raise RuntimeError("the renderer failed")
    found = ring.at(2)
    assert found is not None
    assert found.index == 1
    ring.write(2, picture(2))
    assert ring.newest == 2


def test_pixels_cannot_be_changed_by_a_reader(ring: FrameRing) -> None:
    ring.write(0, picture(0))
    frame = ring.at(0)
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[:] = 1


def test_the_picture_survives_the_death_of_its_writer(ring: FrameRing) -> None:
    code = (
        "import os, sys, numpy as np\n"
        "from nightcast.process.shared import FrameRing\n"
        "ring = FrameRing.attach(sys.argv[1])\n"
        "ring.write(7, np.full((4, 8, 4), 7, np.uint8))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, ring.name], timeout=30, check=False)
    assert ended.returncode == -9
    frame = ring.at(7)
    assert frame is not None
    assert int(frame.pixels.min()) == 7
    assert Path(ring.name).exists()


def test_blocks_of_a_killed_supervisor_are_removed_and_live_ones_are_kept(ring: FrameRing) -> None:
    code = (
        "import os\n"
        "from nightcast.process.shared import ClockPage\n"
        "print(ClockPage.create().name, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    stale = ended.stdout.strip()
    assert os.path.exists(stale)
    remove_stale_blocks()
    assert not os.path.exists(stale)
    assert os.path.exists(ring.name)


def test_attaching_to_nothing_says_what_to_look_at() -> None:
    with pytest.raises(SharedBlockError, match="supervisor"):
        FrameRing.attach("/nowhere/frames")


def test_a_block_of_another_kind_is_refused(ring: FrameRing) -> None:
    with pytest.raises(SharedBlockError, match="no clock page"):
        ClockPage.attach(ring.name)


def test_a_frame_is_read_in_the_layout_it_was_written_in(ring: FrameRing) -> None:
    ring.write(1, picture(1))
    with ring.writing(2, "nv12") as slot:
        slot[:] = 2
    ring.write(5, picture(5))
    shapes = {index: frame.pixels.shape for index in (2, 5) if (frame := ring.at(index))}
    assert shapes == {2: (6, 8), 5: (4, 8, 4)}
    found = ring.at(2)
    assert found is not None
    assert (found.pixels == 2).all()
