"""Slots at a time of the clock: when the time has come, what waits for them goes before everything else.

The planner puts a slot where it should begin; answers to the room may have pushed it back since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from nightcast.director.night import ReadyLine
from nightcast.show.script import Slot

__all__ = ["overdue"]

_STILL_DUE = timedelta(hours=1)


def overdue(waiting: Iterable[ReadyLine], slots: Iterable[Slot], now: datetime) -> str | None:
    """The segment of the first waiting line whose slot should have begun by `now` (aware, in the night's zone)."""
    clock = {slot.name: slot.at for slot in slots if slot.at is not None}
    for ready in waiting:
        at = clock.get(ready.segment.slot)
        if at is None:
            continue
        due = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
        if due > now:
            due -= timedelta(days=1)
        if now - due < _STILL_DUE:
            return ready.segment.id
    return None
