"""A core of its own for each of the threads of a driver that draws on the processor.

They meet at the end of each scene. Where two of them wait on one core, the system may leave another one without work
for many milliseconds, since what ran a moment ago is thought to be better off where its memory is cached; measured in
`experiments/render-cpu.md`. So they are moved apart when this thread is about to wait for them. They stay free to go
where they like: beside an encoder, a thread that is tied to its core would wait for it there.
"""

from __future__ import annotations

import os
from pathlib import Path

_TASKS = Path("/proc/self/task")

#: The field of a thread's `stat` that says where it ran last, counted from behind its name; see proc(5).
_PROCESSOR = 36


class Cores:
    """The threads of this process whose names begin with `prefix`; none where the system does not show them."""

    def __init__(self, prefix: str) -> None:
        self._threads = [int(task.name) for task in _tasks() if _read(task / "comm").startswith(prefix)]

    def spread(self) -> None:
        """Move every thread that shares a core with another to a free one, if there is one."""
        taken: set[int] = set()
        for thread in self._threads:
            try:
                core = self._core(thread)
                if core in taken:
                    allowed = os.sched_getaffinity(thread)
                    free = allowed - taken
                    if free:
                        core = min(free)
                        os.sched_setaffinity(thread, {core})
                        os.sched_setaffinity(thread, allowed)
            except OSError:  # it ended, or the system keeps it where it is
                continue
            taken.add(core)

    def _core(self, thread: int) -> int:
        stat = _read(_TASKS / str(thread) / "stat")
        return int(stat[stat.rindex(")") + 2 :].split()[_PROCESSOR])


def _tasks() -> list[Path]:
    try:
        return sorted(_TASKS.iterdir())
    except OSError:
        return []


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
