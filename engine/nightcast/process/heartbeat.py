"""A child's sign of life: a byte a second, written on progress and never by a timer, to a pipe it inherited.

The child calls `Heartbeat.beat` where its work goes on; the parent asks a `Watch` how long it has been
silent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

_VARIABLE = "NIGHTCAST_HEARTBEAT_FD"


class Heartbeat:
    """The child's side. Without a pipe (started by hand) it does nothing."""

    def __init__(
        self, fd: int | None, *, interval_s: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._fd = fd
        self._interval_s = interval_s
        self._monotonic = monotonic
        self._next_s = float("-inf")
        if fd is not None:
            os.set_blocking(fd, False)

    @classmethod
    def inherited(cls, environment: Mapping[str, str] = os.environ) -> Heartbeat:
        value = environment.get(_VARIABLE)
        return cls(int(value) if value else None)

    def beat(self) -> None:
        """Progress was made. At most one byte per interval goes out."""
        now_s = self._monotonic()
        if self._fd is None or now_s < self._next_s:
            return
        self._next_s = now_s + self._interval_s
        try:
            os.write(self._fd, b".")
        except BlockingIOError:
            return  # the parent is busy; what it has not read yet says the same
        except OSError:
            self._fd = None  # the parent is gone, or this is no pipe of ours


class Watch:
    """The parent's side: a pipe, and when something last came through it. The child inherits `write_fd`."""

    def __init__(self, now_s: float) -> None:
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        self._heard_s = now_s
        self.heard = False  #: anything at all, since the start

    @property
    def environment(self) -> dict[str, str]:
        return {_VARIABLE: str(self.write_fd)}

    def child_started(self) -> None:
        """The child has the writing end now; ours is closed so that its death shows."""
        os.close(self.write_fd)

    def silent_s(self, now_s: float) -> float:
        """Seconds since the last sign of life (or since the start)."""
        try:
            while os.read(self._read_fd, 4096):
                self._heard_s = now_s
                self.heard = True
        except BlockingIOError:
            pass
        return now_s - self._heard_s

    def close(self) -> None:
        os.close(self._read_fd)
