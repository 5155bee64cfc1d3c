"""A core of its own for each of the threads of a driver that draws on the processor.

They meet at the end of each scene. Where two of them wait on one core, the system may leave another one without work
for many milliseconds, since what ran a moment ago is thought to be better off where its memory is cached; measured in
`experiments/render-cpu.md`. So they are moved apart when this thread is about to wait for them. They stay free to go
where they like: beside an encoder, a thread that is tied to its core would wait for it there.
"""

from __future__ import annotations

import os
from pathlib import Path

#: A folder for each thread of this process; see proc(5).
TASKS = Path("/proc/self/task")

#: The field of a thread's `stat` that says where it ran last, counted from behind its name.
_PROCESSOR = 36


class Cores:
    """The threads of this process whose names begin with `prefix`; none where the system does not show them."""

    def __init__(self, prefix: str, tasks: Path = TASKS) -> None:
        self._tasks = [task for task in _folders(tasks) if _read(task / "comm").startswith(prefix)]

    def spread(self) -> None:
        """Move every thread that shares a core with another of them to one that none is on, if it may go there."""
        cores = {task: core for task in self._tasks if (core := _core(task)) is not None}
        taken: set[int] = set()
        for task, core in cores.items():
            if core in taken:
                _move(int(task.name), cores, task)
            taken.add(cores[task])


def _core(task: Path) -> int | None:
    """Where a thread ran last; None when it ended."""
    try:
        stat = _read(task / "stat")
    except OSError:
        return None
    return int(stat[stat.rindex(")") + 2 :].split()[_PROCESSOR])


def _move(thread: int, cores: dict[Path, int], task: Path) -> None:
    """Have a thread run where none is, and note where in `cores`."""
    try:
        allowed = os.sched_getaffinity(thread)
        free = allowed.difference(cores.values())
        if free:
            os.sched_setaffinity(thread, {min(free)})
            os.sched_setaffinity(thread, allowed)
            cores[task] = min(free)
    except OSError:  # it ended, or the system keeps it where it is
        pass


def _folders(tasks: Path) -> list[Path]:
    try:
        return sorted(tasks.iterdir())
    except OSError:
        return []


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
