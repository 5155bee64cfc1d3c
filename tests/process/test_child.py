"""Children: started, watched, stopped, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from nightcast.process.backoff import Backoff
from nightcast.process.child import Child, stop
from nightcast.process.errors import ChildStartError
from nightcast.process.heartbeat import Heartbeat, Watch


def wait_for(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def alive(pid: int) -> bool:
    """Running, that is neither gone nor a zombie that its adoptive parent has yet to collect."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_writes_to_its_log_and_ends_when_asked(tmp_path: Path) -> None:
    child = Child("c", python("import time; print('here', flush=True); time.sleep(60)"), tmp_path / "logs" / "c.log")
    child.start()
    wait_for(lambda: "here" in child.log_path.read_text())
    stop([child])
    assert child.exit_code == -signal.SIGTERM


def test_a_log_stays_short_while_a_child_writes_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightcast.process.child._MAX_LOG_BYTES", 1000)
    child = Child("c", ["sh", "-c", "while :; do echo 0123456789; sleep 0.001; done"], tmp_path / "c.log")
    child.start()
    older = tmp_path / "c.log.1"
    try:
        for _ in range(3):
            wait_for(lambda: child.log_path.stat().st_size > 1000)
            child.trim_log()
            assert child.log_path.stat().st_size < 1000
            assert older.read_text().startswith("0123456789\n")
        wait_for(lambda: child.log_path.stat().st_size > 0)
        assert child.log_path.read_text().startswith("0123456789\n")
    finally:
        child.kill()


def test_a_child_that_will_not_end_is_killed_with_its_session(tmp_path: Path) -> None:
    child = Child(
        "c",
        python(
            "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
        ),
        tmp_path / "c.log",
    )
    child.start()
    wait_for(lambda: child.log_path.read_text().endswith("\n"))
    grandchild = int(child.log_path.read_text())
    stop([child], grace_s=0.1)
    assert child.exit_code == -signal.SIGKILL
    wait_for(lambda: not alive(grandchild))


def test_a_program_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    child = Child("voice", ["/nowhere/voice"], tmp_path / "c.log")
    with pytest.raises(ChildStartError, match="cannot start voice"):
        child.start()
    assert not child.running


def test_a_child_without_a_place_for_its_log_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    child = Child("voice", ["true"], tmp_path / "logs" / "c.log")
    with pytest.raises(ChildStartError, match="cannot start voice"):
        child.start()
    child.trim_log()


def test_the_parent_hears_the_childs_progress(tmp_path: Path) -> None:
    child = Child(
        "c",
        python("from nightcast.process.heartbeat import Heartbeat as H; H.inherited().beat(); input()"),
        tmp_path / "c.log",
    )
    child.start()
    late_s = child.started_s + 1000
    wait_for(lambda: child.exit_code is not None)
    assert child.silent_s(late_s) == 0.0
    assert child.silent_s(late_s + 5) == 5.0


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from nightcast.process.child import Child\n"
        f"child = Child('c', ['sleep', '60'], Path({str(tmp_path / 'c.log')!r})); child.start()\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert alive(pid)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    wait_for(lambda: not alive(pid))


def test_heartbeats_are_at_most_one_per_interval() -> None:
    times = iter([0.0, 0.1, 0.9, 1.0, 1.5, 2.1, 9.0])
    read_fd, write_fd = os.pipe()
    heart = Heartbeat(write_fd, monotonic=lambda: next(times))
    for _ in range(6):
        heart.beat()
    assert os.read(read_fd, 100) == b"..."
    os.close(read_fd)
    heart.beat()  # nobody reads any more: no signal, no error
    os.close(write_fd)


def test_a_watch_counts_silence_from_the_last_sign() -> None:
    watch = Watch(10.0)
    assert watch.silent_s(12.0) == 2.0
    os.write(watch.write_fd, b".")
    assert watch.silent_s(13.0) == 0.0
    assert watch.silent_s(14.5) == 1.5
    watch.child_started()
    assert watch.silent_s(15.0) == 2.0
    watch.close()


def test_backoff_doubles_to_its_cap_and_begins_anew_after_a_success() -> None:
    backoff = Backoff(Random(3), first_s=1.0, cap_s=8.0, jitter=0.25)
    delays = [backoff.next_s() for _ in range(2000)]
    for delay, nominal in zip(delays, [1, 2, 4, 8, 8, 8], strict=False):
        assert 0.75 * nominal <= delay <= 1.25 * nominal
    backoff.succeeded()
    assert backoff.next_s() <= 1.25
