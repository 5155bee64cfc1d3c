"""A rehearsal is the night without picture and sound: repeatable, judged, and written down."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nightcast.director.moment import beginning_of_night
from nightcast.director.rehearsal_report import as_json, as_page
from nightcast.director.rehearse import Rehearsal, rehearse
from nightcast.show import Show

ENV = {"RTMP_URL": "rtmp://127.0.0.1/a/b"}
SLOTS = """
slots:
  - {name: half past, at: "22:30", do: offer, product: tumbler}
  - {name: story, every_min: 20, do: story}
limits: {slot_late_s: 60}
brand_story: {en: We began as one stall by the canal., zh: 我们最早只是河边的一个小摊。}
"""


def night(show_root: Path, extra: str = SLOTS) -> Show:
    script = show_root / "scripts/night.yaml"
    script.write_text(script.read_text() + extra)
    return Show.load(script, environ=ENV)


@pytest.fixture
def rehearsal(show_root: Path) -> tuple[Show, Rehearsal]:
    show = night(show_root)
    return show, rehearse(show, 1.0, 7, beginning_of_night(show))


def test_an_hour_is_spoken_through_without_a_long_silence(rehearsal: tuple[Show, Rehearsal]) -> None:
    _, result = rehearsal
    assert result.heard[-1].at_s > 3500
    assert result.longest_silence_s < 3.0
    assert {line.kind for line in result.heard} >= {"notice", "opening", "product", "offer", "answer"}
    assert result.repeated_within_rest == 0


def test_slots_come_when_they_are_due(rehearsal: tuple[Show, Rehearsal]) -> None:
    _, result = rehearsal
    assert set(result.slot_lateness_s) == {"half past", "story", "ai notice"}
    assert max(late_s for late in result.slot_lateness_s.values() for late_s in late) < 60, "though the room asks much"
    assert len(result.slot_lateness_s["story"]) >= 2


def test_every_price_that_is_said_is_one_of_the_catalog(rehearsal: tuple[Show, Rehearsal]) -> None:
    _, result = rehearsal
    said = {price for line in result.heard for price in re.findall(r"¥[\d,.]*\d", line.text)}
    assert said
    assert said <= {"¥129", "¥159", "¥89", "¥99"}


def test_the_same_seed_gives_the_same_night(show_root: Path) -> None:
    show = night(show_root)
    first, second = (rehearse(show, 0.3, 5, beginning_of_night(show)) for _ in range(2))
    assert first.heard == second.heard
    other = rehearse(show, 0.3, 6, beginning_of_night(show))
    assert [line.text for line in other.heard] != [line.text for line in first.heard]


def test_a_limit_that_is_not_kept_is_named(show_root: Path) -> None:
    show = night(show_root, "limits: {repetition: 0.0, silence_s: 0.01}\n")
    result = rehearse(show, 0.5, 7, beginning_of_night(show))
    assert any(item.startswith("limits.silence_s: ") for item in result.broken)


def test_the_reports_hold_the_figures(rehearsal: tuple[Show, Rehearsal]) -> None:
    show, result = rehearsal
    report = json.loads(json.dumps(as_json(result, show), default=str))
    assert report["verdicts"]["passed"] > 100
    assert report["airtime_s"]["tumbler"] > 0
    assert report["heard"][0]["kind"] == "notice"
    page = as_page(result, show)
    assert page.count("<svg") == 7
    assert sum(report["questions_by_hour"]) == report["questions"]
    assert max(report["silence_by_hour"]) == report["longest_silence_s"]
    assert page.count("<circle") == sum(map(len, result.slot_times_s.values()))
    assert "This night keeps" in page, result.broken
    assert "half past" in page
