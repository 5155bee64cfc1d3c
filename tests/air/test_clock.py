"""The programme clock: when frames are due, what a stall does, how a restart goes on."""

from __future__ import annotations

import pytest

from nightcast.air.clock import MAX_CATCH_UP_S, ProgrammeClock, Reanchored, StageLead
from nightcast.process.shared import ClockReading


def test_frames_are_due_at_the_frame_rate_without_drift() -> None:
    clock = ProgrammeClock(30, 100.0)
    for _ in range(30 * 3600 * 8):
        clock.advance()
    assert clock.due_s(clock.next_frame) == pytest.approx(100.0 + 8 * 3600, abs=1e-6)
    assert clock.sample_of(clock.next_frame) == 8 * 3600 * 48_000
    assert clock.frame_of(clock.sample_of(7) + 1599) == 7


def test_it_waits_for_a_frame_that_is_not_due() -> None:
    clock = ProgrammeClock(30, 10.0, next_frame=3)
    assert clock.wait_s(10.0) == 0
    clock.advance()
    assert clock.wait_s(10.0) == pytest.approx(1 / 30)


def test_a_short_stall_is_caught_up_frame_by_frame() -> None:
    clock = ProgrammeClock(30, 0.0)
    assert clock.settle(1.5) is None
    made = 0
    while clock.wait_s(1.5) == 0:
        clock.advance()
        made += 1
    assert made == 46


def test_a_long_stall_moves_the_epoch_and_says_how_long_it_was() -> None:
    clock = ProgrammeClock(30, 0.0)
    for _ in range(30):
        clock.advance()
    assert clock.settle(3601.0) == Reanchored(at_sample=48_000, lost_s=3600.0)
    assert clock.wait_s(3601.0) == 0
    assert clock.behind_s(3601.0) == pytest.approx(0.0, abs=1e-9)
    assert clock.next_frame == 30, "not a sample is skipped"


def page(last_frame: int, epoch_s: float) -> ClockReading:
    return ClockReading((last_frame + 1) * 1600, 30, epoch_s, 3, last_frame)


def test_after_a_quick_restart_the_clock_is_where_the_wall_says() -> None:
    clock = ProgrammeClock.resumed(page(last_frame=299, epoch_s=50.0), now_s=61.0)
    assert clock.next_frame == 330
    assert clock.wait_s(61.0) == 0


def test_after_a_long_absence_the_clock_goes_on_where_it_stopped() -> None:
    now_s = 60.0 + MAX_CATCH_UP_S + 100
    clock = ProgrammeClock.resumed(page(last_frame=299, epoch_s=50.0), now_s)
    assert clock.next_frame == 300
    assert clock.wait_s(now_s) == 0


def test_a_restart_never_goes_back() -> None:
    clock = ProgrammeClock.resumed(page(last_frame=299, epoch_s=50.0), now_s=55.0)
    assert clock.next_frame == 300


def test_a_rate_that_does_not_divide_the_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="divide"):
        ProgrammeClock(29, 0.0)


def test_a_late_stage_is_sent_further_ahead_and_called_back_when_it_has_long_been_in_time() -> None:
    lead = StageLead(3, most=5)
    for lag_frames, expected in ((0, 3), (2, 4), (1, 5), (1, 5)):
        lead.judge(lag_frames)
        assert lead.frames == expected
    for _ in range(59):
        lead.judge(0)
    assert lead.frames == 5
    lead.judge(0)
    assert lead.frames == 4
    for _ in range(200):
        lead.judge(0)
    assert lead.frames == 3
