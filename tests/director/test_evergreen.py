"""When no voice speaks any more, what was said before is said again, if it cannot have become untrue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nightcast.director.evergreen import evergreen
from nightcast.director.journal import Journal, _speech
from nightcast.talk.records import Line, Segment, Speech

SEGMENT = Segment(
    "s1",
    "product",
    (
        Line("l1", "It costs {cup.price}.", "en", ("cup.price",)),
        Line("l2", "Take your time.", "en", wear="cup"),
        Line("l3", "We have 3 left.", "en"),
        Line("l4", "Look at the rim.", "en"),
    ),
    "cup",
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "night.db")
    journal.plan(SEGMENT)
    for number, line in enumerate(SEGMENT.lines):
        sound = tmp_path / f"{number}.wav"
        sound.write_bytes(b"RIFF")
        journal.ready(line.id, line.text, Speech(line.id, f"{number}" * 64, str(sound), 1.0, (), (), "espeak"))
        journal.commit_line(line.id, number)
        journal.mark_aired(line.id, "2026-11-26T22:00:00+08:00")
    return journal


def test_lines_without_facts_or_numbers_come_again_oldest_first(journal: Journal) -> None:
    first = evergreen(journal, "again-1", ())
    assert first is not None
    assert (first.line.text, first.line.wear, first.speech.line_id) == ("Take your time.", None, "again-1.1")
    second = evergreen(journal, "again-2", {first.speech.audio_sha256})
    assert second is not None
    assert second.line.text == "Look at the rim."
    assert evergreen(journal, "again-3", {first.speech.audio_sha256, second.speech.audio_sha256}) is None


def test_of_a_long_night_only_the_line_that_is_said_again_is_read(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal._database.execute("PRAGMA synchronous = OFF")
    priced = tuple(Line(f"p{number}", "So much.", "en", ("cup.price",)) for number in range(150))
    unheard = tuple(Line(f"u{number}", "So it is.", "en") for number in range(150))
    journal.plan(Segment("s2", "product", (*priced, *unheard), "cup"))
    for line in (*priced, *unheard):
        journal.ready(line.id, line.text, Speech(line.id, line.id * 9, str(tmp_path / "gone"), 1.0, (), (), "espeak"))
        journal.mark_aired(line.id, "2026-11-26T22:00:00+08:00")
    read: list[str] = []

    def parse(body: dict[str, Any]) -> Speech:
        read.append(body["line_id"])
        return _speech(body)

    monkeypatch.setattr("nightcast.director.journal._speech", parse)
    assert evergreen(journal, "again-1", ()) is not None
    assert read == ["l2"]
    assert evergreen(journal, "again-2", {"1" * 64, "3" * 64}) is None
    assert read == ["l2"]


def test_a_line_whose_sound_is_gone_is_passed_over(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "1.wav").unlink()
    found = evergreen(journal, "again-1", ())
    assert found is not None
    assert found.line.text == "Look at the rim."
