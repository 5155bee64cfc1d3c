"""The bench, small: that it measures what it says, and that nothing is lost while it does."""

from __future__ import annotations

import pytest

from nightcast.room.bench import run


@pytest.mark.slow
def test_the_bench_loses_nothing() -> None:
    figures = run(seconds=0.5, rounds=1, plugins=6, per_s=60, disconnects=40, likes_s=2, hours=1)
    assert figures.fan_out.delivered == figures.fan_out.expected == 6 * 30
    assert figures.with_stalled.delivered == figures.with_stalled.expected == 5 * 30
    assert figures.drops.disconnects == 40
    assert figures.drops.class_a_sent > 40
    assert (figures.drops.class_a_lost, figures.drops.class_a_twice) == (0, 0)
    assert figures.likes.counted == figures.likes.sent == 40_000
    assert figures.memory.events > 500
    assert set(figures.to_json()) == {"fan_out", "with_stalled", "stalled_moves_p99", "drops", "likes", "memory"}
