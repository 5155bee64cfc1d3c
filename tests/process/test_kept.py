"""A file that is torn is told from one that is whole, and from one that cannot be read just now."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nightcast.process.kept import damage, is_damage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table line (number integer primary key, text text)")
        database.executemany("insert into line (text) values (?)", [("a sentence " * 20,)] * 500)
    return path


def test_a_whole_file_has_no_damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        assert damage(database) == ""


@pytest.mark.parametrize("start", [0, 5000])  # no database at all; one with a page that is none
def test_a_torn_file_is_damaged(file: Path, start: int) -> None:
    torn = bytearray(file.read_bytes())
    torn[start : start + 6000] = b"\xa5" * 6000
    file.write_bytes(torn)
    with closing(sqlite3.connect(file)) as database:
        assert damage(database)


def test_what_another_holds_is_not_damaged(file: Path) -> None:
    with closing(sqlite3.connect(file)) as holder, closing(sqlite3.connect(file, timeout=0)) as database:
        holder.execute("begin exclusive")
        with pytest.raises(sqlite3.OperationalError) as caught:
            damage(database)
        assert not is_damage(caught.value)
