"""What was said lately, so that it is not said again: sentences, turns of phrase, openings, products, slots.

Filled as segments are planned, restored from the journal after a restart. Times are aware datetimes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nightcast.talk.records import Line, Segment, SegmentKind

_KEEP = timedelta(hours=3)
_OPENINGS_KEPT = 8
_RECENT_KEPT = 40
_UNHEARD = re.compile(r"[^\w{}.-]+|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Planned:
    """A segment that was planned, and when it begins."""

    at: datetime
    kind: SegmentKind
    product_id: str | None
    slot: str
    duration_s: float


@dataclass
class Memory:
    """Lines are remembered as they are heard, with their facts filled in."""

    _sentences: dict[str, datetime] = field(default_factory=dict)
    _phrases: dict[tuple[str, str | None], datetime] = field(default_factory=dict)
    _openings: deque[str] = field(default_factory=lambda: deque(maxlen=_OPENINGS_KEPT))
    _order: deque[tuple[datetime, str]] = field(default_factory=deque)
    _recent: deque[str] = field(default_factory=lambda: deque(maxlen=_RECENT_KEPT))
    segments: list[Planned] = field(default_factory=list)

    @classmethod
    def restore(
        cls,
        segments: Iterable[tuple[datetime, Segment, float]],
        before: Iterable[tuple[datetime, Segment, float]] = (),
    ) -> Memory:
        """From the journal: when each segment began, what it was, how long it took (seconds).

        Of what was heard `before` this night the words are remembered, not that its slots and products had their turn.
        """
        memory = cls()
        for at, segment, _ in before:
            for line in segment.lines:
                memory.note_line(line, segment.product_id, at)
        for at, segment, duration_s in segments:
            memory.note(segment, at, duration_s)
        return memory

    def note(self, segment: Segment, at: datetime, duration_s: float) -> None:
        """A segment was planned for `at`."""
        for line in segment.lines:
            self.note_line(line, segment.product_id, at)
        self.segments.append(Planned(at, segment.kind, segment.product_id, segment.slot, duration_s))

    def note_line(self, line: Line, product_id: str | None, at: datetime) -> None:
        key = sentence_key(line.text)
        self._sentences[key] = at
        self._order.append((at, key))
        self._openings.append(opening(line.text))
        self._recent.append(line.text)
        if line.phrase:
            self._phrases[line.phrase, None] = at
            self._phrases[line.phrase, product_id] = at
        self._forget(at)

    def set_back(self, by: timedelta) -> None:
        """The clock was set back: all that was said stays as long ago as it was."""
        self._sentences = {key: at - by for key, at in self._sentences.items()}
        self._phrases = {key: at - by for key, at in self._phrases.items()}
        self._order = deque((at - by, key) for at, key in self._order)
        self.segments = [replace(planned, at=planned.at - by) for planned in self.segments]

    def said_within(self, text: str, now: datetime, window: timedelta) -> bool:
        last = self._sentences.get(sentence_key(text))
        return last is not None and now - last < window

    def recent(self, count: int) -> list[str]:
        """The last sentences, newest last."""
        return list(self._recent)[-count:]

    def opened_alike(self, text: str, last: int = _OPENINGS_KEPT) -> bool:
        """Whether one of the last lines began with the same words."""
        return opening(text) in list(self._openings)[-last:]

    def phrase_age_s(self, phrase: str, now: datetime, product_id: str | None = None) -> float:
        """Seconds since a turn of phrase was used, for this product or at all; infinite where it was not."""
        last = self._phrases.get((phrase, product_id))
        return (now - last).total_seconds() if last else float("inf")

    def last(
        self, *, kind: SegmentKind | None = None, product_id: str | None = None, slot: str = ""
    ) -> datetime | None:
        """When a segment like this was last planned."""
        for planned in reversed(self.segments):
            if (
                (kind is None or planned.kind == kind)
                and (product_id is None or planned.product_id == product_id)
                and (not slot or planned.slot == slot)
            ):
                return planned.at
        return None

    def airtime_s(self, product_id: str) -> float:
        return sum(planned.duration_s for planned in self.segments if planned.product_id == product_id)

    def _forget(self, now: datetime) -> None:
        while self._order and now - self._order[0][0] > _KEEP:
            at, key = self._order.popleft()
            if self._sentences.get(key) == at:
                del self._sentences[key]


def sentence_key(text: str) -> str:
    """Two lines with the same key sound the same."""
    return _UNHEARD.sub("", text.lower())


def opening(text: str) -> str:
    """How a line begins: its first two words, or its first three Chinese characters."""
    words = text.lower().split()[:2]
    if words and any("\u4e00" <= character <= "\u9fff" for character in words[0]):
        return "".join(character for character in text if character.isalnum())[:3]
    return " ".join(word.strip(",.!?…") for word in words)
