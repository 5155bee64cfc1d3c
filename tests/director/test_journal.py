"""What was acknowledged is there again; a resumed night knows where it was."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from nightcast.director.errors import JournalError, NewerJournalError
from nightcast.director.journal import Journal
from nightcast.show.fields import Text
from nightcast.talk.records import Line, Segment, Speech, Verdict, VisemeKey, WordMark

SEGMENT = Segment(
    "seg1",
    "product",
    (
        Line("l1", "One {price}.", "en", ("tumbler.price",), expression="happy"),
        Line("l2", "二。", "zh", mandatory=True),
        Line("l3", "Three.", "en"),
    ),
    "tumbler",
    Text(en="first of the round", zh="first of the round"),  # kept in English
)
SPEECH = Speech(
    "l1",
    "ab" * 32,
    "store/ab.wav",
    1.5,
    (VisemeKey(0.1, "PP"), VisemeKey(0.2, "aa", 0.7)),
    (WordMark(0.1, 0.4, "One"),),
    "espeak",
)


def test_a_line_goes_from_plan_to_air(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.plan(SEGMENT)
    journal.ready("l1", "One ¥129.", SPEECH)
    journal.commit_line("l1", 48_000)
    assert [(entry.line.id, entry.state) for entry in journal.unspoken()] == [
        ("l1", "committed"),
        ("l2", "planned"),
        ("l3", "planned"),
    ]
    journal.mark_aired("l1", "2026-11-26T22:00:00+08:00")
    assert [entry.line.id for entry in journal.unspoken()] == ["l2", "l3"]
    (heard,) = journal.spoken()
    assert (heard.line, heard.text) == (SEGMENT.lines[0], "One ¥129.")
    assert heard.speech == SPEECH


def test_only_a_line_that_goes_on_air_waits_for_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    waits: dict[str, bool] = {}
    waiting = False

    def trace(statement: str) -> None:
        nonlocal waiting
        if statement.startswith("PRAGMA synchronous"):
            waiting = statement.endswith("FULL")
        elif statement.startswith(("INSERT", "UPDATE")):
            waits[statement] = waiting

    journal._database.set_trace_callback(trace)
    journal.plan(SEGMENT)
    journal.note_verdict("2026-11-26T22:00:00+08:00", "l1", Verdict(True, "One ¥129."))
    journal.ready("l1", "One ¥129.", SPEECH)
    journal.commit_line("l1", 48_000)
    journal.mark_aired("l1", "2026-11-26T22:00:00+08:00")
    assert len(waits) > 5
    assert [statement for statement, waited in waits.items() if waited and "'committed'" not in statement] == []
    assert any(waits.values())


def test_what_was_heard_of_a_segment_comes_back_with_its_words_moment_and_length(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.plan(SEGMENT)
    for line_id, text, spoken_at in (
        ("l1", "One ¥129.", "2026-11-26T22:00:01.5+08:00"),
        ("l2", "二。", "2026-11-26T22:00:03+08:00"),
    ):
        journal.ready(line_id, text, SPEECH)
        journal.mark_aired(line_id, spoken_at)
    ((began, heard, length_s),) = journal.heard_segments()
    assert began == datetime.fromisoformat("2026-11-26T22:00:00+08:00")
    first, second, _ = SEGMENT.lines
    assert heard == replace(SEGMENT, lines=(replace(first, text="One ¥129."), second))
    assert length_s == 3.0


def test_a_segment_comes_back_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.plan(SEGMENT)
    assert journal.segment("seg1") == SEGMENT
    assert journal.segment("other") is None


def test_a_dropped_line_is_not_spoken_and_says_why(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.plan(SEGMENT)
    journal.note_verdict(
        "t0", "l2", Verdict(False, None, ("cn.absolute",), Text(en="an absolute term", zh="绝对化用语"))
    )
    journal.drop("l2", "gate", "t1")
    assert [entry.line.id for entry in journal.unspoken()] == ["l1", "l3"]
    assert [(kind, body["line"]) for _, _, kind, body in journal.events()] == [("verdict", "l2"), ("dropped", "l2")]


def test_facts_of_the_night_are_remembered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    assert journal.recall("seed") is None
    journal.remember("seed", 7)
    assert Journal(tmp_path / "night.db").recall("seed") == 7


def test_a_folder_that_cannot_be_written_gives_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="file"):
        Journal(tmp_path / "file" / "night.db")


def test_on_a_full_disk_the_reserve_is_given_up_and_then_entries_wait_for_room(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal._database.execute("PRAGMA max_page_count = 12")
    journal.plan(SEGMENT)
    for number in range(200):
        journal.note("t", "filler", {"text": "x" * 500, "number": number})
    assert not (tmp_path / "night.reserve").exists()
    assert journal.behind > 0
    journal.commit_line("l1", 4800)
    assert journal.unspoken()[0].state == "planned"
    journal._database.execute("PRAGMA max_page_count = 100000")
    journal.note("t", "after", {})
    assert journal.behind == 0
    assert [body.get("number", "after") for _, _, _, body in journal.events()] == [*range(200), "after"]
    assert journal.unspoken()[0].state == "committed"


FULL = """
import resource, sys
from pathlib import Path
from nightcast.director.journal import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
journal = Journal(Path(sys.argv[1]))
for number in range(20):
    journal.note("t", "after", {"text": "x" * 2000})
print(journal.recall("runs"), journal.behind > 0)
"""


def test_a_director_that_begins_anew_on_a_full_disk_goes_on_from_what_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db", reserve=False)
    journal.remember("runs", 3)
    journal.close()
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "night.db")], capture_output=True, text=True, timeout=30
    )
    assert ended.stdout.split() == ["3", "True"], ended.stderr


def test_reading_an_earlier_night_does_not_make_it_a_late_one(tmp_path: Path) -> None:
    file = tmp_path / "night.db"
    Journal(file).close()
    os.utime(file, (1000, 1000))
    Journal(file, reserve=False).close()
    assert file.stat().st_mtime == 1000


def test_nobody_else_on_the_machine_reads_what_viewers_bought(tmp_path: Path) -> None:
    Journal(tmp_path / "night.db").note("t", "order", {"who": "Ana"})
    assert {file.stat().st_mode & 0o077 for file in tmp_path.glob("night.db*")} == {0}


def test_a_plan_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.note("t", "filler", {"text": "x" * 30_000})
    pages = journal._database.execute("PRAGMA page_count").fetchone()[0]
    journal._database.execute(f"PRAGMA max_page_count = {pages + 1}")
    long = replace(SEGMENT, lines=tuple(replace(line, text="word " * 600) for line in SEGMENT.lines))
    journal.plan(long)
    assert journal.behind == 1
    assert journal.unspoken() == []
    assert journal.segment(SEGMENT.id) is None
    journal._database.execute("PRAGMA max_page_count = 100000")
    journal.note("t", "after", {})
    assert [entry.line.id for entry in journal.unspoken()] == [line.id for line in SEGMENT.lines]


def test_an_error_that_is_no_full_disk_is_raised_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal._database.execute("DROP TABLE event")
    with pytest.raises(JournalError, match="no such table"):
        journal.note("t", "lost", {})
    journal.plan(SEGMENT)
    assert journal.behind == 0


WRITER = """
import sys
from pathlib import Path
from nightcast.director.journal import Journal
journal = Journal(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    journal.note("t", "count", {"number": number})
    print(number, flush=True)
"""


def test_nothing_acknowledged_is_lost_by_kill_minus_nine(tmp_path: Path) -> None:
    file = tmp_path / "night.db"
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": "engine"},
        )
        assert child.stdout is not None
        acknowledged = 0
        for text in child.stdout:
            acknowledged = int(text)
            if acknowledged >= 50:
                break
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        child.wait()
        child.stdout.close()
        acknowledged = max([acknowledged, *(int(text) for text in rest)])
        numbers = [body["number"] for _, _, _, body in Journal(file).events("count")]
        last_run = numbers[len(numbers) - numbers[::-1].index(1) - 1 :]
        assert last_run == list(range(1, len(last_run) + 1))
        assert len(last_run) >= acknowledged


def _set_version(file: Path, version: int) -> None:
    database = sqlite3.connect(file)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()


def test_a_journal_from_before_journals_had_a_version_goes_on_and_has_one(tmp_path: Path) -> None:
    file = tmp_path / "night.db"
    journal = Journal(file)
    journal.plan(SEGMENT)
    journal.close()
    _set_version(file, 0)
    journal = Journal(file)
    assert [entry.line.id for entry in journal.unspoken()] == ["l1", "l2", "l3"]
    journal.close()
    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone() == (1,)


def test_a_journal_of_a_newer_nightcast_is_left_as_it_is_and_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "night.db"
    Journal(file).close()
    _set_version(file, 7)
    before = file.read_bytes()
    with pytest.raises(NewerJournalError, match=r"version is 7.*Update Nightcast.*--fresh") as raised:
        Journal(file)
    assert (raised.value.version, raised.value.known) == (7, 1)
    assert file.read_bytes() == before


def test_an_event_of_a_kind_that_nobody_knows_is_kept_and_handed_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night.db")
    journal.note("2026-11-26T22:00:00+08:00", "eclipse", {"moon": 1})
    assert list(journal.events()) == [(1, "2026-11-26T22:00:00+08:00", "eclipse", {"moon": 1})]
