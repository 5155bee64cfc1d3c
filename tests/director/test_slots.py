"""A slot whose time has come is found among what waits; one of long ago, or of later, is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightcast.director.night import ReadyLine
from nightcast.director.slots import overdue
from nightcast.talk.records import Line, Segment, Speech

NOW = datetime(2026, 11, 26, 22, 30, tzinfo=UTC)


def waiting(segment_id: str, due: datetime | None) -> ReadyLine:
    line = Line(f"{segment_id}.1", "Our story.", "en")
    segment = Segment(segment_id, "story", (line,), slot="story", due=due)
    return ReadyLine(line, segment, Speech(line.id, "0" * 64, "x.wav", 2.0, (), (), "espeak"))


@pytest.mark.parametrize(("late_s", "found"), [(-1, None), (0, "slot"), (300, "slot"), (7200, None)])
def test_a_slot_is_overdue_from_its_moment_for_an_hour(late_s: float, found: str | None) -> None:
    lines = [waiting("plain", None), waiting("slot", NOW - timedelta(seconds=late_s))]
    assert overdue(lines, NOW) == found
