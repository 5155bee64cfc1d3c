"""The two logs keep the same promises."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from nightcast.room.errors import LogError
from nightcast.room.grants import Budget, Grants
from nightcast.room.log import IdemRow, Log, MemoryLog, SessionRow, SqliteLog


@pytest.fixture(params=["memory", "sqlite"])
def log(request, tmp_path: Path) -> Log:
    return MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.db")


def test_offsets_are_never_given_twice(log: Log) -> None:
    first, second = log.reserve(10), log.reserve(5)
    assert second == first + 10


def test_events_are_read_back_in_order_after_an_offset(log: Log) -> None:
    for off in (3, 5, 9):
        log.append(off, off * 100, "p" if off == 5 else None, {"n": off})
    assert list(log.since(3)) == [("p", {"n": 5}), (None, {"n": 9})]
    assert list(log.addressed()) == [("p", {"n": 5})]
    log.prune(before_ms=900, now_ms=0)
    assert list(log.since(0)) == [(None, {"n": 9})]


def test_sessions_are_kept_until_dropped(log: Log) -> None:
    row = SessionRow("ses_1", "p", ("order:read",), ({"type": "order.*"},), 7)
    log.save_session(SessionRow("ses_1", "p", (), (), 0))
    log.save_session(row)
    assert log.sessions() == [row]
    log.drop_session("ses_1")
    assert log.sessions() == []


def test_keys_expire(log: Log) -> None:
    row = IdemRow("p", "k", "digest", "act_1", 1_000)
    log.remember(row)
    assert log.recall("p", "k") == row
    assert log.recall("q", "k") is None
    log.prune(0, now_ms=1_000)
    assert log.recall("p", "k") is None


def test_what_was_given_away_adds_up(log: Log) -> None:
    log.spend("p", "lottery_prizes", 2)
    log.spend("p", "lottery_prizes", 3)
    assert (log.spent("p", "lottery_prizes"), log.spent("q", "lottery_prizes")) == (5, 0)


def test_a_file_is_found_again_with_its_epoch(tmp_path: Path) -> None:
    file = tmp_path / "log.db"
    first = SqliteLog(file)
    first.append(1, 1, None, {"text": "灯笼"})
    given = first.reserve(100)
    epoch = first.epoch
    first.close()
    second = SqliteLog(file)
    assert second.epoch == epoch
    assert list(second.since(0)) == [(None, {"text": "灯笼"})]
    assert second.reserve(1) == given + 100


def test_tokens_are_kept_as_hashes_in_a_file_of_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "grants.json"
    grants = Grants(file)
    grants.allow("p", ["order:read"], budget=Budget(lottery_prizes=2))
    token = grants.issue("p")
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Grants(file)
    grant, lasting = again.check("p", token, 0)
    assert (grant.budget.lottery_prizes, lasting) == (2, None)
    again.revoke("p")
    assert Grants(file).check("p", token, 0) is None


def test_tokens_run_out_and_unknown_scopes_are_refused() -> None:
    grants = Grants()
    grants.allow("p", [])
    token = grants.issue("p", expires_ms=100)
    assert grants.check("p", token, 99) is not None
    assert grants.check("p", token, 100) is None
    with pytest.raises(ValueError, match="unknown scopes"):
        grants.allow("p", ["everything"])


def test_a_full_disk_stops_neither_events_nor_sessions_only_spending(tmp_path: Path, caplog) -> None:
    log = SqliteLog(tmp_path / "log.db")
    log.append(1, 1, None, {"n": 1})
    log._db.execute("pragma max_page_count = 1")  # SQLite's own "database or disk is full"
    first = log.reserve(10)
    for off in range(2, 400):
        log.append(off, off, None, {"text": "x" * 400})
    log.save_session(SessionRow("ses_1", "p" * 5000, (), (), 0))
    with pytest.raises(LogError, match="Make room"):
        log.spend("p", "k" * 5000, 1)
    assert log.reserve(10) == first + 10
    assert sum("cannot be written" in record.message for record in caplog.records) == 1
    log._db.execute("pragma max_page_count = 100000")
    log.append(500, 500, None, {"n": 500})
    assert list(log.since(499)) == [(None, {"n": 500})]
    assert "is written again" in caplog.text


def test_nobody_else_on_the_machine_may_read_the_log(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "room.db")
    log.append(1, 1, None, {"type": "order.paid"})
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    log.close()


def _damaged(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2 + 100])


def _made_newer(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("pragma user_version = 9")
    database.close()


@pytest.mark.parametrize("spoil", [_damaged, _made_newer])
def test_a_log_that_cannot_be_used_is_kept_and_the_room_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    file = tmp_path / "room.db"
    first = SqliteLog(file)
    first.append(1, 1, None, {"n": 1})
    epoch = first.epoch
    first.close()
    spoil(file)
    left = file.read_bytes()
    second = SqliteLog(file)
    assert second.epoch != epoch
    second.append(2, 2, None, {"n": 2})
    assert list(second.since(0)) == [(None, {"n": 2})]
    second.close()
    assert (tmp_path / "room.broken").read_bytes() == left
    assert "is kept as" in caplog.text
    third = SqliteLog(file)  # and is not set aside again
    assert third.epoch == second.epoch
    third.close()
