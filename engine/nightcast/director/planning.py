"""The plan as the night needs it: one segment at a time, from a planner that plans in stretches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from nightcast.show import Catalog
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import Planner, PlanRequest, RoomWants
from nightcast.talk.records import Segment

__all__ = ["PlanAhead"]

_STRETCH_S = 180.0


@dataclass
class PlanAhead:
    """Asks the planner for the next stretch when the last one is used up.

    `begins` is when the next segment will be heard; `prefix` makes ids unique among all runs of a night.
    """

    planner: Planner
    memory: Memory
    seed: int
    prefix: str
    begins: Callable[[], datetime]
    catalog: Callable[[], Catalog]
    wants: Callable[[], RoomWants]
    _stretch: Iterator[Segment] = field(default_factory=lambda: iter(()))

    def next(self) -> Segment | None:
        """The next segment; None when the night has no more."""
        segment = next(self._stretch, None)
        if segment is None:
            request = PlanRequest(self.begins(), _STRETCH_S, self.seed, self.memory, self.catalog(), self.wants())
            self._stretch = self.planner.plan(request)
            segment = next(self._stretch, None)
        return segment and _named(segment, self.prefix)


def _named(segment: Segment, prefix: str) -> Segment:
    lines = tuple(replace(line, id=f"{prefix}{line.id}") for line in segment.lines)
    return replace(segment, id=f"{prefix}{segment.id}", lines=lines)
