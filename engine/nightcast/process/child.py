"""Starting and stopping child processes: each in a session of its own, its output in a log file, none left
behind.

Unless told otherwise a child dies with its parent (Linux: PR_SET_PDEATHSIG), so a killed supervisor leaves no
orphans. The kernel ties that to the thread that started the child: start children from the main thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nightcast.process.errors import ChildStartError
from nightcast.process.heartbeat import Watch

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_MAX_LOG_BYTES = 10 << 20
# Loaded here because nothing may be imported between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _dying_with_parent() -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_child


@dataclass
class Child:
    """One child process; `start` may be called again after it ended.

    argv: program and arguments, never a shell line. outlives: keep running when this process is killed.
    """

    name: str
    argv: Sequence[str]
    log_path: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    outlives: bool = False
    started_s: float = field(default=0.0, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _watch: Watch | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Raises ChildStartError when the program cannot be run."""
        self.trim_log()
        self.started_s = time.monotonic()
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            watch = Watch(self.started_s)
            try:
                with self.log_path.open("ab") as log:
                    self._process = subprocess.Popen(
                        list(self.argv),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env={**os.environ, **self.environment, **watch.environment},
                        pass_fds=[watch.write_fd],
                        start_new_session=True,
                        preexec_fn=None if self.outlives else _dying_with_parent(),
                    )
            finally:
                watch.child_started()
        except (OSError, subprocess.SubprocessError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ChildStartError(self.name, tuple(self.argv), reason) from error
        if self._watch is not None:
            self._watch.close()
        self._watch = watch

    def trim_log(self) -> None:
        """Keep the log below twice its limit: one that is too long becomes the older one, also while it is written."""
        with contextlib.suppress(OSError):  # somebody has moved it away, or may not let us
            if self.log_path.stat().st_size <= _MAX_LOG_BYTES:
                return
            with contextlib.suppress(OSError):  # at a full disk the older one is given up, to make room
                # Copied, not renamed: the child goes on appending to the file that it has open.
                shutil.copyfile(self.log_path, self.log_path.with_suffix(self.log_path.suffix + ".1"))
            os.truncate(self.log_path, 0)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs (or was never started); negative: the signal that ended it."""
        return self._process.poll() if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def silent_s(self, now_s: float) -> float:
        """Seconds since its last heartbeat."""
        return self._watch.silent_s(now_s) if self._watch else 0.0

    @property
    def heard(self) -> bool:
        """Whether a heartbeat came since it was started; what has not beaten yet is still getting ready."""
        return self._watch is not None and self._watch.heard

    def signal(self, number: signal.Signals) -> None:
        """To the child alone; its own children are its own business."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it and everything in its session, now."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def stop(children: Iterable[Child], grace_s: float = 5.0) -> None:
    """Ask all to end (SIGTERM), wait together for at most `grace_s`, kill those still there."""
    running = [child for child in children if child.running]
    for child in running:
        child.signal(signal.SIGTERM)
    deadline_s = time.monotonic() + grace_s
    for child in running:
        if child._process is not None:
            try:
                child._process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
