"""Quality gives way before the frame rate does."""

from __future__ import annotations

from collections.abc import Callable

from nightcast.stage.governor import LADDER, Governor, Quality


def settled() -> Governor:
    """A governor after a night's start, in which all frames were in time."""
    governor = Governor(30)
    run(governor, by_pixels(0.01), 13)
    return governor


def run(governor: Governor, took_s: Callable[[Quality], float], seconds: float) -> list[Quality]:
    """The qualities chosen while frames take `took_s` of the quality they are drawn at."""
    chosen, passed_s = [], 0.0
    while passed_s < seconds:
        spent_s = took_s(governor.quality)
        passed_s += max(spent_s, governor.quality.stride / 30)
        changed = governor.observe(spent_s)
        if changed is not None:
            chosen.append(changed)
    return chosen


def by_pixels(full_s: float) -> Callable[[Quality], float]:
    return lambda quality: full_s * quality.scale**2 * (0.7 if quality.plain else 1.0)


def test_a_machine_with_room_is_left_alone() -> None:
    assert run(settled(), by_pixels(0.015), 60) == []


def test_at_the_start_of_a_night_it_waits_and_sees() -> None:
    governor = Governor(30)
    assert run(governor, by_pixels(0.2), 11) == []
    assert run(governor, by_pixels(0.2), 5) != []


def test_light_gets_plain_and_the_picture_small_until_frames_are_in_time() -> None:
    governor = settled()
    assert run(governor, by_pixels(0.055), 10)[:2] == [Quality(plain=True), Quality(0.55, plain=True)]
    tries = run(governor, by_pixels(0.055), 120)  # it looks ever more seldom whether there is room again
    assert len(tries) <= 8
    assert run(governor, by_pixels(0.055), 40) == []


def test_the_frame_rate_goes_last() -> None:
    chosen = run(settled(), by_pixels(0.2), 30)
    assert [quality.stride for quality in chosen] == [1, 1, 2]


def test_at_the_bottom_of_the_ladder_it_stays() -> None:
    governor = settled()
    run(governor, by_pixels(9.0), 4000)
    assert governor.quality == LADDER[-1]


def test_it_climbs_back_when_the_load_is_gone() -> None:
    governor = settled()
    run(governor, by_pixels(0.045), 10)
    assert run(governor, by_pixels(0.012), 5) == []
    assert run(governor, by_pixels(0.012), 45)[-1] == Quality()


def test_single_late_frames_change_nothing() -> None:
    governor = settled()
    for number in range(900):
        assert governor.observe(0.2 if number % 20 == 0 else 0.01) is None


def test_a_climb_that_had_to_be_undone_makes_it_patient() -> None:
    """Where a step is dearer than its pixels say, it must not swing for ever."""
    governor = settled()
    chosen = run(governor, lambda quality: 0.04 if quality.scale == 1 else 0.015, 600)
    assert len(chosen) < 16
