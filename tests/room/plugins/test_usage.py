"""What a process uses is measured, and one that takes too much is held back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightcast.room.plugins.usage import Meter, hold_back

pytestmark = pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="needs Linux")


@pytest.fixture
def spinner() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield process
    process.kill()
    process.wait()


def test_a_share_is_told_once_a_window_is_full(spinner) -> None:
    meter = Meter(spinner.pid, window_s=4.0)
    assert meter.share(100.0) is None
    assert meter.share(103.9) is None
    used = Path(f"/proc/{spinner.pid}/stat")
    before = used.read_text().split()[13]
    while used.read_text().split()[13] == before:
        time.sleep(0.01)
    share = meter.share(104.0)
    assert share is not None
    assert share > 0
    assert meter.share(105.0) is None  # the next window has begun


def test_a_process_that_has_ended_has_no_share(spinner) -> None:
    spinner.kill()
    spinner.wait()
    assert Meter(spinner.pid, window_s=1.0).share(0.0) is None
    assert not hold_back(spinner.pid)


def test_a_process_that_is_held_back_runs_only_where_nobody_else_wants_to(spinner) -> None:
    assert hold_back(spinner.pid)
    assert os.sched_getscheduler(spinner.pid) == os.SCHED_IDLE
