"""Slots: when the time of one has come, what waits for it goes before everything else.

The planner puts a slot where it should begin; answers to the room may have pushed it back since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from nightcast.director.night import ReadyLine

__all__ = ["overdue"]

_STILL_DUE = timedelta(hours=1)


def overdue(waiting: Iterable[ReadyLine], now: datetime) -> str | None:
    """The segment of the first waiting line whose slot should have begun by `now` (aware)."""
    for ready in waiting:
        due = ready.segment.due
        if due is not None and timedelta(0) <= now - due < _STILL_DUE:
            return ready.segment.id
    return None
