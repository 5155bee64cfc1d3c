"""Time that passes only when a test tells it to."""

from __future__ import annotations

import pytest

__all__ = ["Clock", "clock"]


class Clock:
    """A monotonic clock in hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()
