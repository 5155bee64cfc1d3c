"""The run of the night on the programme clock: which line is spoken next, and at which sample it begins.

Pure: no clock, no files, no sockets. `step(now)` is called as often as one likes and answers with what must happen;
all times are samples at 48 kHz. Live, rendered and rehearsed nights all go through here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from dataclasses import dataclass, field

from nightcast.talk.records import Line, Segment, Speech

__all__ = ["Begun", "Cut", "Ended", "Happening", "Interjection", "Night", "ReadyLine"]

SAMPLE_RATE_HZ = 48_000

_BREATH = round(0.15 * SAMPLE_RATE_HZ)  # between a sentence and what goes between, however long it would have rested


@dataclass(frozen=True)
class ReadyLine:
    """A line that may be spoken at any moment: gated, filled and synthesised."""

    line: Line
    segment: Segment
    speech: Speech

    @property
    def sound_samples(self) -> int:
        """Length of its sound."""
        return round(self.speech.duration_s * SAMPLE_RATE_HZ)

    @property
    def samples(self) -> int:
        """Length of its sound and the pause after it."""
        return round((self.speech.duration_s + self.line.pause_after_s) * SAMPLE_RATE_HZ)


@dataclass(frozen=True)
class Interjection:
    """Lines that go before what was planned, at the next sentence end. `bridge` leads back to what was cut into."""

    lines: tuple[ReadyLine, ...]
    bridge: tuple[ReadyLine, ...] = ()
    urgent: bool = False  #: goes before other interjections


@dataclass(frozen=True)
class Begun:
    """A line is to be spoken from sample `at`. `opens` where it is the first one heard of its segment, or again."""

    ready: ReadyLine
    at: int
    opens: bool


@dataclass(frozen=True)
class Ended:
    """A line was heard to its end."""

    ready: ReadyLine
    at: int


@dataclass(frozen=True)
class Cut:
    """A line is silenced at sample `at`, before its end or before it began."""

    ready: ReadyLine
    at: int
    begun: bool


Happening = Begun | Ended | Cut


@dataclass
class _OnAir:
    ready: ReadyLine
    start: int
    said: bool = False  # heard to its end; only its pause is left

    @property
    def sound_end(self) -> int:
        return self.start + self.ready.sound_samples

    @property
    def end(self) -> int:
        return self.start + self.ready.samples


@dataclass
class Night:
    """Lines in their order, interjections between them, on one clock.

    `lead` is how far ahead of now a line must be announced, so that sound and picture both have it in time;
    `horizon` is how far ahead of the end of a line the next one is decided. A small horizon answers viewers sooner.
    """

    lead: int
    horizon: int
    _queue: deque[ReadyLine] = field(default_factory=deque)
    _interjections: deque[Interjection] = field(default_factory=deque)
    _running: deque[ReadyLine] = field(default_factory=deque)  # rest of the interjection being spoken
    _bridge: tuple[ReadyLine, ...] = ()
    _on_air: deque[_OnAir] = field(default_factory=deque)
    _last_segment: str | None = None
    _interrupted: str | None = None
    _paused: bool = False
    _held_until: int = 0  # planned lines wait until then
    _promoted: str = ""  # the segment whose slot is due
    _planned: int = 0  # samples begun of what was planned, and of what came between
    _interjected: int = 0

    # -- what is to come -----------------------------------------------------------------------------------------

    def offer(self, ready: ReadyLine) -> None:
        """Add a planned line behind the others."""
        self._queue.append(ready)

    def interject(self, interjection: Interjection) -> None:
        if interjection.urgent:
            self._interjections.appendleft(interjection)
        else:
            self._interjections.append(interjection)

    def hold(self, until: int) -> None:
        """Begin no planned line before then: what goes between is being made, and would have to wait for its end."""
        self._held_until = until

    def lead_back(self, bridge: tuple[ReadyLine, ...]) -> None:
        """The bridge from the interjections that wait or are spoken; one that comes too late is never heard."""
        self._bridge = bridge

    @property
    def free_at(self) -> int:
        """When the last sentence that is on air or announced has been heard; in the past where the host is silent."""
        return self._on_air[-1].sound_end if self._on_air else 0

    @property
    def ready_s(self) -> float:
        """Seconds of speech that wait to be spoken."""
        interjections = tuple(self._interjections)  # whole at once: the planner's thread asks, too
        waiting = [*self._queue, *self._running, *(ready for item in interjections for ready in item.lines)]
        return sum(ready.samples for ready in waiting) / SAMPLE_RATE_HZ

    @property
    def stretch(self) -> float:
        """How many times its own length what is planned takes on air, by how much came between until now; 1 to 2."""
        return 1.0 + min(self._interjected / self._planned if self._planned else 0.0, 1.0)

    @property
    def delay_s(self) -> float:
        """When a line offered now will begin, about."""
        return self.ready_s * self.stretch

    @property
    def waiting(self) -> tuple[ReadyLine, ...]:
        """Planned lines that are ready, in order."""
        return tuple(self._queue)

    @property
    def pending(self) -> tuple[ReadyLine, ...]:
        """All lines that wait, planned or to come between."""
        between = (ready for item in self._interjections for ready in (*item.lines, *item.bridge))
        return (*self._running, *between, *self._queue)

    @property
    def expected(self) -> set[str]:
        """Ids of all lines that wait, or are on air."""
        on_air = {item.ready.line.id for item in self._on_air if not item.said}
        return {ready.line.id for ready in self.pending} | on_air

    @property
    def interjections(self) -> int:
        """Interjections that wait, the one being spoken not counted."""
        return len(self._interjections)

    def withdraw(self, line_ids: set[str]) -> list[ReadyLine]:
        """Take planned lines back, because what they say is no longer true. Lines on air stay."""
        taken = [ready for ready in self._queue if ready.line.id in line_ids]
        self._queue = deque(ready for ready in self._queue if ready.line.id not in line_ids)
        return taken

    def restore(self, ready: ReadyLine, ahead: Set[str]) -> None:
        """Put a withdrawn line back: behind those of the lines `ahead` (ids) that still wait, before all others."""
        places = [place for place, item in enumerate(self._queue, 1) if item.line.id in ahead]
        self._queue.insert(max(places, default=0), ready)

    def recall(self, line_ids: set[str]) -> list[Interjection]:
        """Take back what was to come between and holds one of these lines, because it is no longer true.

        Of one that is being spoken, what is left comes back.
        """

        def holds(lines: tuple[ReadyLine, ...]) -> bool:
            return any(ready.line.id in line_ids for ready in lines)

        taken = [item for item in self._interjections if holds((*item.lines, *item.bridge))]
        self._interjections = deque(item for item in self._interjections if item not in taken)
        if holds(tuple(self._running)):
            taken.insert(0, Interjection(tuple(self._running), urgent=True))
            self._running.clear()
        return taken

    def promote(self, segment_id: str) -> None:
        """Let a segment's waiting lines go before the other planned ones; what is interrupted goes on after them.

        It begins at the next sentence end, before any answer, and then takes turns with them. Set words are not torn
        apart.
        """
        if segment_id != self._promoted:
            self._promoted = segment_id
            first = self.withdraw({ready.line.id for ready in self._queue if ready.segment.id == segment_id})
            self._queue.extendleft(reversed(first))

    def skip_segment(self, segment_id: str) -> list[ReadyLine]:
        """Take back all waiting lines of a segment, planned or to come between."""
        theirs = {ready.line.id for ready in self.pending if ready.segment.id == segment_id}
        return [*(ready for item in self.recall(theirs) for ready in item.lines), *self.withdraw(theirs)]

    @property
    def on_air(self) -> ReadyLine | None:
        """The line that is heard now, or the next one announced."""
        return next((item.ready for item in self._on_air if not item.said), None)

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self, paused: bool) -> None:
        """Begin no further line until told otherwise; the line on air is heard to its end."""
        self._paused = paused

    @property
    def quiet(self) -> bool:
        """Nothing is being said or announced."""
        return self.on_air is None

    # -- the clock ---------------------------------------------------------------------------------------------------

    def step(self, now: int, mixed: int | None = None) -> list[Happening]:
        """What happens until `now`, and what must be announced at `now`.

        `mixed` is how far air has come, where that may be less: a line was heard when air has mixed its end.
        """
        mixed = now if mixed is None else mixed
        happened: list[Happening] = []
        while self._on_air and self._on_air[0].sound_end <= mixed:
            first = self._on_air[0]
            if not first.said:
                first.said = True
                happened.append(Ended(first.ready, first.sound_end))
            if first.end > mixed and len(self._on_air) == 1:
                break  # its pause still holds the next line back
            self._on_air.popleft()
        while not self._paused:
            free_at = self._next_at(now)
            if free_at - now > self.horizon:
                break
            presses = self._presses
            between = bool(self._running or self._interjections) and not presses
            if not between and not presses and now < self._held_until:
                break
            following = self._next()
            if following is None:
                break
            if between:
                self._interjected += following.samples
            else:
                self._planned += following.samples
            start = max(free_at, now + self.lead)
            opens = following.segment.id != self._last_segment
            self._last_segment = following.segment.id
            self._on_air.append(_OnAir(following, start))
            happened.append(Begun(following, start, opens))
        return happened

    def cut(self, now: int) -> list[Happening]:
        """Silence at once. The segment that was cut goes on with its next sentence, by a bridge if one comes."""
        happened: list[Happening] = [
            Cut(item.ready, max(now, item.start), item.start <= now) for item in self._on_air if not item.said
        ]
        not_begun = [item.ready for item in self._on_air if item.start > now]
        self._on_air.clear()
        if self._running:
            self._running.extendleft(reversed(not_begun))
        else:
            self._queue.extendleft(reversed(not_begun))
        return happened

    def _next_at(self, now: int) -> int:
        if not self._on_air:
            return now
        last = self._on_air[-1]
        begins_between = bool(self._interjections) and not self._running and not self._presses
        return min(last.end, last.sound_end + _BREATH) if begins_between else last.end

    @property
    def _presses(self) -> bool:
        """Whether the planned line goes before what waits to come between: a slot is due, or set words go on."""
        if self._running or not self._queue:
            return False
        planned = self._queue[0]
        goes_on = planned.segment.id == self._last_segment
        return planned.line.mandatory if goes_on else planned.segment.id == self._promoted

    def _next(self) -> ReadyLine | None:
        if self._presses:
            return self._queue.popleft()
        if self._running:
            return self._running.popleft()
        if self._interjections:
            item = self._interjections.popleft()
            if self._interrupted is None and self._queue and self._queue[0].segment.id == self._last_segment:
                self._interrupted = self._queue[0].segment.id
            if item.bridge:
                self._bridge = item.bridge
            self._running.extend(item.lines)
            return self._next()
        bridge, self._bridge = self._bridge, ()
        interrupted, self._interrupted = self._interrupted, None
        if bridge and interrupted is not None and self._queue and self._queue[0].segment.id == interrupted:
            self._running.extend(bridge)
            return self._running.popleft()
        return self._queue.popleft() if self._queue else None
