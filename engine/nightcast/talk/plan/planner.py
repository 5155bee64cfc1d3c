"""The planner: a request goes in, segments come out, each with its reason. One implementation for all writers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from nightcast.show.catalog import Catalog
from nightcast.talk.errors import PlanError
from nightcast.talk.fill import fill
from nightcast.talk.plan.brief import Brief, Desk, Persona, Writer, estimate_s
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.rundown import Rundown
from nightcast.talk.records import Segment


@dataclass(frozen=True)
class RoomWants:
    """What the room asked for lately: product id to a score (a question counts 1, an order 2). No viewer's words."""

    demand: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanRequest:
    """`now` is when the first segment will begin; segments are planned until `span_s` are covered.

    `memory` is what was said; the planner notes in it what it plans. `catalog` is as it is now. `stretch` is how many
    times their own length segments take on air, because answers come between (1: none do).
    """

    now: datetime
    span_s: float
    seed: int
    memory: Memory
    catalog: Catalog
    room: RoomWants = RoomWants()
    stretch: float = 1.0


class Planner(Protocol):
    def plan(self, request: PlanRequest) -> Iterator[Segment]:
        """Segments in their order. Ends early when the night is over."""


class NightPlanner:
    """A rundown, and writers in order of preference; the last one is the offline writer, which needs nothing."""

    def __init__(self, rundown: Rundown, writers: tuple[Writer, ...], persona: Persona) -> None:
        self._rundown = rundown
        self._writers = writers
        self._persona = persona

    def plan(self, request: PlanRequest) -> Iterator[Segment]:
        at, end = request.now, request.now + timedelta(seconds=request.span_s)
        self._rundown.catalog = request.catalog
        idle = 0
        while at < end and idle < 8:
            # A seed of its own for each moment: a plan made in one go and one made in steps are the same.
            random = Random(f"{request.seed}/{at.isoformat()}")
            brief = self._rundown.next(at, request.memory, request.room.demand, random)
            if brief is None:
                return
            desk = Desk(request.catalog, self._persona, request.memory, random)
            segment = self._write(replace(brief, max_s=brief.max_s / request.stretch), desk)
            if segment is None:
                idle += 1
                continue
            idle = 0
            length_s = duration_s(segment)
            request.memory.note(_as_heard(segment, request.catalog, at), at, length_s)
            yield segment
            at += timedelta(seconds=length_s * request.stretch)

    def _write(self, brief: Brief, desk: Desk) -> Segment | None:
        for writer in self._writers:
            try:
                return writer.write(brief, desk)
            except PlanError:
                continue
        return None


def _as_heard(segment: Segment, catalog: Catalog, at: datetime) -> Segment:
    return replace(segment, lines=tuple(fill(line, catalog, at) or line for line in segment.lines))


def duration_s(segment: Segment) -> float:
    """About how long a segment takes on air."""
    return sum(estimate_s(line.text, line.language) + line.pause_after_s for line in segment.lines)
