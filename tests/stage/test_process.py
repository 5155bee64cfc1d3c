"""The stage's loop: which frame is drawn when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import nightcast
from nightcast.process.channel import Client
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage, ClockReading, FrameRing, Layout
from nightcast.show.errors import Problem, ShowError
from nightcast.stage.cues import Cue
from nightcast.stage.messages import TO_STAGE
from nightcast.stage.process import Pace, StageProcess

#: A child finds the package where this process found it.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(nightcast.__file__).parents[1])}


def test_frames_are_drawn_one_after_the_other_up_to_the_wanted_one() -> None:
    pace = Pace(slack=3, last=9)
    drawn = []
    while (frame := pace.next(12)) is not None:
        drawn.append(frame)
    assert drawn == [10, 11, 12]
    assert pace.skipped == 0


def test_a_stage_that_fell_behind_leaves_frames_out_and_counts_them() -> None:
    pace = Pace(slack=3, last=9)
    assert pace.next(20) == 20
    assert pace.skipped == 10


def test_a_hitch_is_made_up_for_only_by_a_stage_that_is_fast_enough() -> None:
    fast, slow = Pace(slack=1, last=9), Pace(slack=1, last=9)
    for _ in range(15):
        fast.took(0.02)
        slow.took(0.05)
    assert fast.next(11) == 10
    assert slow.next(11) == 11


def test_a_stage_that_begins_late_begins_with_the_wanted_frame() -> None:
    pace = Pace(slack=3)
    assert pace.next(5000) == 5000
    assert pace.skipped == 0


def test_a_clock_that_begins_anew_is_followed() -> None:
    pace = Pace(slack=3, last=5000)
    assert pace.next(4999) is None
    assert pace.next(3) is None
    assert pace.next(3) == 3


def test_a_stride_draws_evenly_spaced_frames() -> None:
    pace = Pace(slack=3, last=9, stride=2)
    assert [pace.next(10), pace.next(11), pace.next(12), pace.next(13)] == [None, 11, None, 13]
    assert pace.skipped == 0


def test_percentiles_are_of_the_last_draws() -> None:
    pace = Pace(slack=3)
    assert pace.percentiles_ms() == (0.0, 0.0)
    for frame in range(100):
        pace.took(0.010 if frame % 10 else 0.030)
    assert pace.percentiles_ms() == pytest.approx((10, 30))


class CountingStudio:
    """A studio that paints the frame's number; its next reload may fail."""

    live_objects = 0
    most_in_flight = 2
    state = None
    device = "none"

    def __init__(self) -> None:
        self.applied: list[Cue] = []
        self.begun: list[int] = []
        self.problem: Problem | None = None
        self.warnings: list[str] = []

    class renderer:  # noqa: N801 - stands for an attribute
        air_layout = "rgba"

        class figures:  # noqa: N801
            draw_calls = 0

    def apply(self, cues: list[Cue]) -> None:
        self.applied += cues

    def begin(self, index: int, layout: Layout) -> None:
        self.begun.append(index)

    def wait(self, most_s: float) -> bool:
        return True

    def finish(self, into: memoryview) -> None:
        np.frombuffer(into, np.uint8)[:] = self.begun.pop(0) % 256

    def reload(self) -> bool:
        if self.problem:
            raise ShowError([self.problem])
        return False

    def prepare_next(self) -> bool:
        return False

    def take_warnings(self) -> list[str]:
        taken, self.warnings = self.warnings, []
        return taken


@pytest.fixture
def clock() -> Iterator[ClockPage]:
    page = ClockPage.create(fps=30, stage_lead_frames=3)
    yield page
    page.close()


@pytest.fixture
def ring() -> Iterator[FrameRing]:
    frames = FrameRing.create(8, 4)
    yield frames
    frames.close()


def at_frame(clock: ClockPage, last: int) -> None:
    clock.write(ClockReading((last + 1) * 1600, 30, 0.0, 3, last))


def test_the_loop_draws_ahead_of_the_air_and_then_waits(clock: ClockPage, ring: FrameRing, tmp_path: Path) -> None:
    studio = CountingStudio()
    channel = Client(tmp_path / "s", "stage", TO_STAGE)
    process = StageProcess(studio, channel, clock, ring, Heartbeat(None))  # type: ignore[arg-type]
    at_frame(clock, 99)
    while process.turn():
        pass
    assert ring.newest == 103
    at_frame(clock, 101)
    while process.turn():
        pass
    assert ring.newest == 105
    frame = ring.at(105)
    assert frame is not None
    assert (frame.pixels == 105).all()


class SlowStudio(CountingStudio):
    """Its device takes `device_s` for a frame, one after the other, and this thread `thread_s` to begin it."""

    most_in_flight = 3

    def __init__(self, device_s: float, thread_s: float) -> None:
        super().__init__()
        self.now_s = 0.0
        self._device_s, self._thread_s = device_s, thread_s
        self._there_s: list[float] = []
        self.order: list[str] = []

    def begin(self, index: int, layout: Layout) -> None:
        super().begin(index, layout)
        self.order.append(f"begin {index}")
        self.now_s += self._thread_s
        self._there_s.append(max(self.now_s, *self._there_s[-1:], 0.0) + self._device_s)

    def wait(self, most_s: float) -> bool:
        there_s = self._there_s[-len(self.begun)]
        waited = self.now_s + most_s >= there_s
        self.now_s = max(self.now_s, there_s) if waited else self.now_s + most_s
        return waited

    def finish(self, into: memoryview) -> None:
        self.now_s = max(self.now_s, self._there_s[-len(self.begun)])
        self.order.append(f"finish {self.begun[0]}")
        super().finish(into)


def night(studio: SlowStudio, clock: ClockPage, ring: FrameRing, folder: Path, until_s: float) -> list[float]:
    """Run the loop beside an air that keeps time; returns what each frame took, in seconds."""
    channel = Client(folder / "s", "stage", TO_STAGE)
    process = StageProcess(studio, channel, clock, ring, Heartbeat(None), lambda: studio.now_s)  # type: ignore[arg-type]
    took_s: list[float] = []
    process._pace.took = took_s.append  # type: ignore[method-assign]
    while studio.now_s < until_s:
        at_frame(clock, int(studio.now_s * 30))
        if not process.turn():
            studio.now_s += 0.004
    return took_s


def test_a_frame_is_begun_when_it_is_due_also_while_the_one_before_is_drawn(
    clock: ClockPage, ring: FrameRing, tmp_path: Path
) -> None:
    studio = SlowStudio(device_s=0.030, thread_s=0.010)
    took_s = night(studio, clock, ring, tmp_path, 2.0)
    begun = [int(line.split()[1]) for line in studio.order if line.startswith("begin")]
    finished = [int(line.split()[1]) for line in studio.order if line.startswith("finish")]
    assert begun == list(range(begun[0], begun[0] + len(begun))), "none is left out at 40 ms from end to end"
    assert finished == begun[: len(finished)]
    assert all(studio.order.index(f"begin {k + 1}") < studio.order.index(f"finish {k}") for k in finished[5:-1])
    assert max(took_s[5:]) <= 0.0401
    assert sum(took_s[5:]) / len(took_s[5:]) <= 1 / 30 + 0.001


def test_a_frame_that_is_there_is_not_kept_waiting_for_the_next(
    clock: ClockPage, ring: FrameRing, tmp_path: Path
) -> None:
    studio = SlowStudio(device_s=0.010, thread_s=0.005)
    took_s = night(studio, clock, ring, tmp_path, 1.0)
    pairs = list(zip(studio.order[20::2], studio.order[21::2], strict=False))
    assert all(one.split()[1] == other.split()[1] for one, other in pairs), "each is finished before the next is begun"
    assert max(took_s[5:]) == pytest.approx(0.015)


def test_a_device_that_is_too_slow_is_told_as_slow(clock: ClockPage, ring: FrameRing, tmp_path: Path) -> None:
    studio = SlowStudio(device_s=0.050, thread_s=0.010)
    took_s = night(studio, clock, ring, tmp_path, 2.0)
    assert sum(took_s[5:]) / len(took_s[5:]) == pytest.approx(0.050, abs=0.003)


def test_a_wrong_edit_does_not_stop_the_loop(clock: ClockPage, ring: FrameRing, tmp_path: Path) -> None:
    studio = CountingStudio()
    studio.problem = Problem(Path("a.yaml"), 3, 1, "shots", "1", "2")
    process = StageProcess(studio, Client(tmp_path / "s", "stage", TO_STAGE), clock, ring, Heartbeat(None))  # type: ignore[arg-type]
    for last in range(5):
        at_frame(clock, last)
        while process.turn():
            pass
    assert ring.newest == 8


@pytest.mark.slow
def test_the_process_fills_the_ring_and_ends_when_asked(
    show_folder: Path, clock: ClockPage, tmp_path: Path, opened_stall: object
) -> None:
    frames = FrameRing.create(320, 180)
    run = {
        "script": str(show_folder / "scripts/night.yaml"),
        "root": str(show_folder),
        "state": str(tmp_path),
        "socket": str(tmp_path / "director.sock"),
        "scene": "scenes/stall.yaml",
        "clock": clock.name,
        "ring": frames.name,
        "seed": 1,
        "language": "en",
        "label": {"text": "AI", "height": 0.06, "place": "top-left"},
    }
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-m", "nightcast.stage", str(tmp_path / "run.json")], env=ENVIRONMENT)
    try:
        deadline_s = time.monotonic() + 60
        while frames.newest < 3 and child.poll() is None and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert frames.newest == 3
        picture = frames.at(3)
        assert picture is not None
        assert picture.pixels.std() > 5
        child.terminate()
        assert child.wait(20) == 0
    finally:
        child.kill()
        child.wait()
        frames.close()


def test_a_run_that_cannot_be_read_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    command = [sys.executable, "-m", "nightcast.stage", str(tmp_path / "run.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "script" in done.stderr
