"""Processes that die or go silent come back; the night ends in order."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

import pytest

from nightcast.director.messages import Status
from nightcast.director.page import Page
from nightcast.director.run import Run
from nightcast.director.supervisor import Keeper, Supervised, Supervisor
from nightcast.process.child import Child

WORKER = """
import os, signal, sys, time
from pathlib import Path
from nightcast.process.heartbeat import Heartbeat
name, folder = sys.argv[1], Path(sys.argv[2])
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
(folder / f"{name}.pid").write_text(str(os.getpid()))
beat = Heartbeat.inherited()
while not ended:
    if not (folder / f"{name}.hang").exists():
        beat.beat()
        (folder / f"{name}.beat").touch()
    time.sleep(0.02)
with (folder / "order").open("a") as order:
    order.write(name + "\\n")
sys.exit((folder / f"{name}.crash").exists())
"""

SUPERVISOR = """
import signal, sys
from pathlib import Path
from random import Random
from nightcast.director.page import Page
from nightcast.director.run import Run
from nightcast.director.supervisor import Supervised, Supervisor
from nightcast.process.child import Child
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests may run under nohup
folder = Path(sys.argv[1])
run = Run(script=folder, root=folder, state=folder, scene="s", width_px=64, height_px=64, fps=30, seed=1, clock="c",
          ring="r", page=Page(port=0), hub_port=0, outputs=(), language="en")
def child(name):
    return Child(name, [sys.executable, str(folder / "worker.py"), name, str(folder)], folder / f"{name}.log")
names = ("voice", "director", "stage", "air")
sys.exit(Supervisor(run, [Supervised(child(name), 1.5) for name in names], lambda status: None, Random(1)).run())
"""


def wait_until(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


class Running:
    """A supervisor with four workers, as real processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "worker.py").write_text(WORKER)
        (folder / "supervisor.py").write_text(SUPERVISOR)
        self.process = subprocess.Popen(
            [sys.executable, str(folder / "supervisor.py"), str(folder)], env={**os.environ, "PYTHONPATH": "engine"}
        )
        wait_until(lambda: all((folder / f"{name}.pid").exists() for name in ("voice", "director", "stage", "air")))

    def pid(self, name: str) -> int:
        return int((self.folder / f"{name}.pid").read_text() or 0)


@pytest.fixture
def running(tmp_path: Path) -> object:
    run = Running(tmp_path)
    yield run
    run.process.kill()
    run.process.wait()


@pytest.mark.parametrize("name", ["voice", "director", "stage", "air"])
def test_a_killed_process_comes_back(running: Running, name: str) -> None:
    before = running.pid(name)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.pid(name) not in (0, before))


def test_a_silent_process_is_killed_and_comes_back(running: Running) -> None:
    before = running.pid("stage")
    wait_until(lambda: (running.folder / "stage.beat").exists())
    (running.folder / "stage.hang").touch()
    wait_until(lambda: running.pid("stage") not in (0, before))
    (running.folder / "stage.hang").unlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_night_ends_with_the_director_first_and_the_air_last(running: Running, number: signal.Signals) -> None:
    running.process.send_signal(number)
    assert running.process.wait(20) == 0
    order = (running.folder / "order").read_text().split()
    assert (order[0], order[-1]) == ("director", "air")
    assert sorted(order) == ["air", "director", "stage", "voice"]


def test_a_director_that_fails_while_it_ends_the_night_is_no_good_end(running: Running) -> None:
    (running.folder / "director.crash").touch()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 1


def test_no_child_outlives_a_killed_supervisor(running: Running) -> None:
    pids = [running.pid(name) for name in ("voice", "director", "stage", "air")]
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids))


def test_a_terminal_that_takes_nothing_holds_up_nobody(tmp_path: Path) -> None:
    run = Run(
        script=tmp_path, root=tmp_path, state=tmp_path, scene="s", width_px=64, height_px=64, fps=30, seed=1, clock="c",
        ring="r", page=Page(port=0), hub_port=0, outputs=(), language="en",
    )  # fmt: skip
    taken = threading.Event()

    def report(status: Status) -> None:
        assert taken.wait(20), "somebody waited for it"

    broken = Child("director", ["false"], tmp_path / "director.log")
    supervisor = Supervisor(run, [Supervised(broken, None)], report, Random(1))
    try:
        for second in range(0, 400, 20):  # a warning with each start after the third
            supervisor._keep(float(second))
            wait_until(lambda: not broken.running)
            supervisor._keep(float(second))
        assert supervisor._keepers["director"].restarts > 10
    finally:
        taken.set()


def test_a_process_that_cannot_be_started_is_tried_again_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(
        script=tmp_path, root=tmp_path, state=tmp_path, scene="s", width_px=64, height_px=64, fps=30, seed=1, clock="c",
        ring="r", page=Page(port=0), hub_port=0, outputs=(), language="en",
    )  # fmt: skip
    children = [Child(name, ["sleep", "60"], tmp_path / f"{name}.log") for name in ("director", "air")]
    told: list[str] = []
    supervisor = Supervisor(
        run, [Supervised(child, None) for child in children], lambda status: told.append(status.warning), Random(1)
    )
    director, air = children
    try:
        supervisor._keep(0.0)
        air.kill()
        with monkeypatch.context() as exhausted:
            exhausted.setattr(subprocess, "Popen", refuse)
            for second in range(1, 40):
                supervisor._keep(float(second))
        wait_until(lambda: any("air" in warning and "tried again" in warning for warning in told))
        assert (director.running, air.running) == (True, False)
        supervisor._keep(100.0)
        assert air.running
    finally:
        for child in children:
            child.kill()


def refuse(*_: object, **__: object) -> None:
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


def test_restarts_wait_longer_each_time_and_begin_anew_after_a_stable_time() -> None:
    keeper = Keeper(Random(1), silence_s=5)
    now, waits = 0.0, []
    assert keeper.decide(now, False, 0) == "start"
    for _ in range(6):
        died = now
        while keeper.decide(now, False, 0) != "start":
            now += 0.05
        waits.append(now - died)
    assert waits == sorted(waits)
    assert waits[-1] > 1.0
    assert keeper.decide(now + 60, True, 0) == "leave"
    died = now = now + 61
    while keeper.decide(now, False, 0) != "start":
        now += 0.05
    assert now - died < 0.5


def test_silence_counts_only_where_a_heartbeat_is_expected() -> None:
    keeper = Keeper(Random(1), silence_s=5)
    keeper.decide(0, False, 0)
    assert keeper.decide(20, True, 6) == "kill"
    assert Keeper(Random(1), silence_s=None).decide(0, True, 600) == "leave"


def test_a_process_that_still_starts_is_given_more_time() -> None:
    keeper = Keeper(Random(1), silence_s=5)
    keeper.decide(0, False, 0)
    assert keeper.decide(40, True, 40, heard=False) == "leave"
    assert keeper.decide(100, True, 100, heard=False) == "kill"
