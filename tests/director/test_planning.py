"""The plan of a night whose clock does not only go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from nightcast.director.planning import PlanAhead, Words, build_planner
from nightcast.director.policy import load_policy
from nightcast.show import Show
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import RoomWants
from nightcast.talk.records import Segment

EVENING = datetime(2026, 11, 27, 20, tzinfo=UTC)


class Evening:
    """A night that is planned for two minutes at a time, by a clock that may jump."""

    def __init__(self, show_root: Path) -> None:
        self.show = Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})
        self.memory = Memory()
        self.now = EVENING
        self.gone = timedelta()
        self.notices: list[timedelta] = []  #: after how much time that went by
        self.segments: list[Segment] = []
        self.plan = self.restarted("1-")

    def restarted(self, prefix: str) -> PlanAhead:
        planner = build_planner(self.show, Words.of_show(self.show), load_policy(self.show), EVENING)
        return PlanAhead(planner, self.memory, 1, prefix, lambda: self.now, lambda: self.show.catalog, RoomWants)

    def pass_time(self, minutes: int) -> None:
        for _ in range(minutes // 2):
            segment = self.plan.next()
            assert segment is not None
            self.segments.append(segment)
            if segment.kind == "notice":
                self.notices.append(self.gone)
            self.now += timedelta(minutes=2)
            self.gone += timedelta(minutes=2)

    @property
    def longest_without_notice(self) -> timedelta:
        return max(later - earlier for earlier, later in pairwise([*self.notices, self.gone]))


@pytest.mark.parametrize("restarts", [False, True])
def test_a_clock_that_is_set_back_holds_no_notice_up_and_gives_no_name_twice(show_root: Path, restarts: bool) -> None:
    evening = Evening(show_root)
    evening.pass_time(90)
    usual = evening.longest_without_notice
    evening.now -= timedelta(hours=3)
    if restarts:
        evening.plan = evening.restarted("2-")
    evening.pass_time(90)
    assert evening.longest_without_notice <= usual + timedelta(minutes=2)  # what went by since the last segment is lost
    ids = [line.id for segment in evening.segments for line in segment.lines]
    assert len(set(ids)) == len(ids)


def test_a_clock_that_is_set_on_brings_the_notice_once_and_then_as_before(show_root: Path) -> None:
    evening = Evening(show_root)
    evening.pass_time(16)
    evening.now += timedelta(hours=2)
    evening.pass_time(18)
    assert evening.notices == [timedelta(minutes=minutes) for minutes in (0, 10, 16, 26)]
