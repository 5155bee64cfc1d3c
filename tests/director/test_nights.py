"""A night that broke off goes on; after one that ended the next evening is a new one, and does not repeat it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightcast.director.journal import Journal
from nightcast.director.nights import end_in_order, said_before, set_aside, set_damaged_aside
from nightcast.director.planning import PlanAhead, Words, build_planner
from nightcast.director.policy import load_policy
from nightcast.show import Show
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import RoomWants
from nightcast.talk.records import Line, Segment, Speech

EVENING = datetime(2026, 11, 27, 20, tzinfo=UTC)
MORNING = EVENING - timedelta(hours=14)
SEGMENTS = (
    Segment("1-o", "opening", (Line("1-o1", "Good evening, everybody.", "en"),)),
    Segment("1-n", "notice", (Line("1-n1", "A program speaks here.", "en"),), slot="ai notice"),
    Segment("1-c", "closing", (Line("1-c1", "That was our night, good night!", "en"),)),
)


@pytest.fixture
def last_night(tmp_path: Path) -> Journal:
    """Opening and notice were heard in the morning; the closing was not."""
    journal = Journal(tmp_path / "night.db")
    journal.remember("runs", 1)
    for segment in SEGMENTS:
        journal.plan(segment)
        (line,) = segment.lines
        journal.ready(line.id, line.text, Speech(line.id, "0" * 64, "x.wav", 2.0, (), (), "espeak"))
        journal.note(MORNING.isoformat(), "verdict", {"line": line.id})
        if segment.kind != "closing":
            journal.mark_aired(line.id, MORNING.isoformat())
    return journal


def unspoken(state: Path) -> list[str]:
    journal = Journal(state / "night.db")
    try:
        return [entry.line.id for entry in journal.unspoken()]
    finally:
        journal.close()


def test_after_a_night_that_ended_the_next_one_has_a_journal_of_its_own(last_night: Journal, tmp_path: Path) -> None:
    end_in_order(last_night)
    last_night.close()
    set_aside(tmp_path, MORNING + timedelta(minutes=5), fresh=False)
    (kept,) = (tmp_path / "nights").glob("*/night.db")
    assert [item.name for item in kept.parent.iterdir()] == ["night.db"]
    assert unspoken(tmp_path) == []
    assert unspoken(kept.parent) == ["1-c1"]


@pytest.mark.parametrize(("hours", "left"), [(0.5, ["1-c1"]), (5.5, ["1-c1"]), (14, [])])
def test_a_night_that_broke_off_goes_on_unless_that_was_hours_ago(
    last_night: Journal, tmp_path: Path, hours: float, left: list[str]
) -> None:
    last_night.close()
    set_aside(tmp_path, MORNING + timedelta(hours=hours), fresh=False)
    assert unspoken(tmp_path) == left


def _torn(file: Path) -> bytes:
    """What a disk leaves that lost its power: the beginning, cut in the middle of a line."""
    whole = file.read_bytes()
    return whole[: len(whole) // 2 + 100]


def _scribbled(file: Path) -> bytes:
    """As long as it was, with noughts where a page stood."""
    whole = file.read_bytes()
    return whole[:8192] + bytes(8192) + whole[16384:]


def _foreign(_file: Path) -> bytes:
    return b"this is no journal" * 1000


@pytest.mark.parametrize("damaged", [_torn, _scribbled, _foreign])
def test_a_damaged_journal_is_kept_and_the_night_begins_anew_and_says_so(
    last_night: Journal, tmp_path: Path, damaged: Callable[[Path], bytes]
) -> None:
    last_night.close()
    file = tmp_path / "night.db"
    left = damaged(file)
    file.write_bytes(left)
    warning = set_aside(tmp_path, MORNING + timedelta(minutes=5), fresh=False)
    assert "is damaged" in warning
    assert "begins anew" in warning
    (kept,) = (tmp_path / "nights").glob("*/night.db")
    assert kept.read_bytes() == left
    assert unspoken(tmp_path) == []


def test_a_journal_that_was_torn_while_a_director_ran_is_kept_before_the_next_one_opens_it(
    last_night: Journal, tmp_path: Path
) -> None:
    assert set_damaged_aside(tmp_path) is None
    assert unspoken(tmp_path) == ["1-c1"], "a whole one goes on"
    last_night.close()
    (tmp_path / "night.db").write_bytes(left := _scribbled(tmp_path / "night.db"))
    told = set_damaged_aside(tmp_path)
    assert told is not None
    assert "begins anew" in told.en
    assert "从头开始" in told.zh
    (kept,) = (tmp_path / "nights").glob("*/night.db")
    assert kept.read_bytes() == left
    assert set_damaged_aside(tmp_path) is None
    assert unspoken(tmp_path) == []


def test_an_earlier_night_that_is_damaged_is_not_remembered(last_night: Journal, tmp_path: Path) -> None:
    last_night.close()
    set_aside(tmp_path, MORNING + timedelta(minutes=5), fresh=True)
    assert [segment.id for _, segment, _ in said_before(tmp_path, datetime.now(UTC))] == ["1-o", "1-n"]
    (file,) = (tmp_path / "nights").glob("*/night.db")
    file.write_bytes(_scribbled(file))
    assert list(said_before(tmp_path, datetime.now(UTC))) == []


def test_a_night_that_was_taken_up_again_after_its_end_counts_as_broken_off(
    last_night: Journal, tmp_path: Path
) -> None:
    end_in_order(last_night)
    last_night.remember("runs", 2)
    last_night.close()
    set_aside(tmp_path, MORNING + timedelta(minutes=5), fresh=False)
    assert unspoken(tmp_path) == ["1-c1"]


def test_a_fresh_night_is_begun_even_where_the_journal_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "night.db").write_bytes(b"no database at all" * 100)
    set_aside(tmp_path, EVENING, fresh=True)
    assert unspoken(tmp_path) == []


def test_the_next_evening_opens_anew_and_remembers_what_was_said(
    last_night: Journal, tmp_path: Path, show_root: Path
) -> None:
    end_in_order(last_night)
    last_night.close()
    os.utime(tmp_path / "night.db", times=(MORNING.timestamp(),) * 2)
    set_aside(tmp_path, EVENING, fresh=False)
    memory = Memory.restore((), before=said_before(tmp_path, EVENING))
    assert memory.said_within("Good evening, everybody.", EVENING, timedelta(hours=24))
    show = Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})
    planner = build_planner(show, Words.of_show(show), load_policy(show), EVENING)
    plan = PlanAhead(planner, memory, 1, "1-", lambda: EVENING, lambda: show.catalog, RoomWants)
    opened = [segment.kind for _ in range(2) if (segment := plan.next()) is not None]
    assert opened == ["notice", "opening"]
    assert not list(said_before(tmp_path, EVENING + timedelta(days=1)))


def test_an_earlier_night_that_cannot_be_read_does_not_keep_the_next_one_from_beginning(tmp_path: Path) -> None:
    broken = tmp_path / "nights" / "2026-11-27_060000" / "night.db"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no database at all" * 100)
    assert list(said_before(tmp_path, datetime.fromtimestamp(broken.stat().st_mtime).astimezone())) == []
