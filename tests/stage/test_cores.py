"""Threads that share a core are moved apart, and stay free to go elsewhere."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nightcast.stage.cores import TASKS, Cores

Moves = list[tuple[int, set[int]]]


@pytest.fixture
def tasks(tmp_path: Path) -> Callable[..., Path]:
    """A folder as the system shows it, of threads by their numbers: name and core."""

    def make(**threads: tuple[str, int]) -> Path:
        for number, (name, core) in threads.items():
            folder = tmp_path / number.removeprefix("t")
            folder.mkdir()
            (folder / "comm").write_text(f"{name}\n", encoding="utf-8")
            fields = ["S", *["0"] * 35, str(core), "0"]
            (folder / "stat").write_text(f"{folder.name} ({name}) {' '.join(fields)}", encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Moves:
    """What the system is told, on a machine of three cores."""
    told: Moves = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    monkeypatch.setattr(os, "sched_setaffinity", lambda thread, cores: told.append((thread, set(cores))))
    return told


def test_the_second_on_a_core_goes_to_a_free_one_and_may_leave_it(tasks: Callable[..., Path], moves: Moves) -> None:
    Cores("llvm", tasks(t7=("llvmpipe-0", 1), t8=("llvmpipe-1", 1), t9=("python", 0))).spread()
    assert moves == [(8, {0}), (8, {0, 1, 2})]


def test_threads_apart_stay_where_they_are(tasks: Callable[..., Path], moves: Moves) -> None:
    Cores("llvm", tasks(t7=("llvmpipe-0", 1), t8=("llvmpipe-1", 2))).spread()
    assert moves == []


def test_where_there_are_more_threads_than_cores_they_share(tasks: Callable[..., Path], moves: Moves) -> None:
    Cores("llvm", tasks(**{f"t{i}": ("llvmpipe-0", 0) for i in range(1, 6)})).spread()
    assert [(thread, cores) for thread, cores in moves if len(cores) == 1] == [(2, {1}), (3, {2})]


def test_a_name_with_brackets_and_spaces_is_no_field(tasks: Callable[..., Path], moves: Moves) -> None:
    Cores("odd", tasks(t7=("odd) 1 2", 1), t8=("odd) 1 2", 1))).spread()
    assert moves[0] == (8, {0})


def test_a_thread_that_ended_is_left_out(tasks: Callable[..., Path], moves: Moves) -> None:
    folder = tasks(t7=("llvmpipe-0", 1), t8=("llvmpipe-1", 1), t9=("llvmpipe-2", 1))
    cores = Cores("llvm", folder)
    (folder / "8" / "stat").unlink()
    cores.spread()
    assert [thread for thread, _ in moves] == [9, 9]


def test_a_system_that_does_not_show_its_threads_has_none_to_move(tmp_path: Path, moves: Moves) -> None:
    Cores("llvm", tmp_path / "missing").spread()
    assert moves == []


def test_only_doubles_move_and_not_to_where_another_is(tasks: Callable[..., Path], moves: Moves) -> None:
    Cores("llvm", tasks(t1=("llvmpipe-0", 1), t2=("llvmpipe-1", 1), t3=("llvmpipe-2", 0))).spread()
    assert moves == [(2, {2}), (2, {0, 1, 2})]


@pytest.mark.skipif(not TASKS.exists(), reason="the system does not show its threads")
def test_the_threads_of_this_process_may_go_afterwards_where_they_could_before() -> None:
    def allowed() -> dict[str, set[int]]:
        return {task.name: os.sched_getaffinity(int(task.name)) for task in TASKS.iterdir()}

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(hashlib.pbkdf2_hmac, "sha1", b"a", b"b", 300_000) for _ in range(4)]
        before = allowed()
        Cores("").spread()
        after = allowed()
        for future in futures:
            future.result()
    assert after == before
