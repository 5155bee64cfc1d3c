"""How much of the processor a plugin's process uses, and holding one back. Linux tells and lets; elsewhere nothing is
known and nothing done.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Meter", "hold_back"]


@dataclass
class Meter:
    """The share of one core that a process used over the last `window_s` seconds."""

    pid: int
    window_s: float
    held_back: bool = False  #: it has been, and stays so while it runs
    _since: tuple[float, float] | None = None  # when, and the processor seconds until then

    def share(self, now_s: float) -> float | None:
        """None until a window is full, and where the system does not tell."""
        used_s = _used_s(self.pid)
        if used_s is None:
            return None
        if self._since is None:
            self._since = (now_s, used_s)
        begin_s, before_s = self._since
        if now_s - begin_s < self.window_s:
            return None
        self._since = (now_s, used_s)
        return (used_s - before_s) / (now_s - begin_s)


def hold_back(pid: int) -> bool:
    """Let a process run only where nobody else wants the processor; whether that could be done."""
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_IDLE, os.sched_param(0))
    except (OSError, AttributeError):  # it has ended, may not be touched, or this is no Linux
        return False
    return True


def _used_s(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime, proc(5)
