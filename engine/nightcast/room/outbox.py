"""What waits for one plugin, and what it has not acknowledged yet: a queue in which no frame vanishes
unexplained.

`seq` counts a session's frames without holes. A frame that will not be sent leaves a hole that remembers its
type and reason; `take` turns holes into `flow` frames. Pure; times are milliseconds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic_core import to_json

from nightcast.room.events import Event
from nightcast.room.privacy import seen_with
from nightcast.room.protocol import Limits, Loss, LossReason


class Record:
    """An event as it is sent: encoded once for each view of personal data, shared by all sessions."""

    __slots__ = ("_texts", "born_ms", "event")

    def __init__(self, event: Event, born_ms: int) -> None:
        self.event = event
        self.born_ms = born_ms
        self._texts: dict[tuple[bool, bool], str] = {}

    def text(self, view: tuple[bool, bool], scopes: frozenset[str]) -> str:
        """The JSON of the event after its `seq`, without the opening brace."""
        text = self._texts.get(view)
        if text is None:
            wire = self.event.to_wire()
            wire["d"] = seen_with(self.event.data, scopes).model_dump(mode="json", exclude_none=True)
            text = self._texts[view] = to_json(wire).decode()[1:]
        return text


@dataclass(slots=True)
class Hole:
    """Frames `first`..`last` that will not be sent."""

    first: int
    last: int
    reason: LossReason
    by_type: Counter[str] = field(default_factory=Counter)

    def to_loss(self) -> Loss:
        return Loss(from_=self.first, to=self.last, by_type=dict(self.by_type), reason=self.reason)


@dataclass(slots=True)
class Entry:
    seq: int
    record: Record
    text: str
    alive: bool = True
    reason: LossReason = "coalesced"


class Outbox:
    """One session's frames. `seq` is the last number given; `sent` the last one taken for sending."""

    def __init__(self, limits: Limits, scopes: frozenset[str], view: tuple[bool, bool]) -> None:
        self.limits = limits
        self.scopes = scopes
        self.view = view
        self.seq = 0
        self.sent = 0
        self.acked = 0
        self.acked_off = 0
        self.online = True
        self.queued_bytes = 0
        self.queued = 0  # live entries in _waiting
        self.over_soft_since_ms: int | None = None
        self._waiting: deque[Entry | Hole] = deque()
        self._unacked: deque[Entry | Hole] = deque()
        self._state: dict[str, Entry] = {}  # class C entries waiting, by what they are the state of
        self._sheddable: deque[Entry] = deque()  # class B entries waiting

    # -- in --

    def put(self, record: Record, now_ms: int) -> None:
        """Queue an event under the next `seq`; while the plugin is away, class C is left to the next
        snapshot.
        """
        self.seq += 1
        data = record.event.data
        if data.delivery == "C" and not self.online:
            self._hole(self._waiting, self.seq, data.type, "offline")
            return
        entry = Entry(self.seq, record, record.text(self.view, self.scopes))
        if data.delivery == "C":
            key = data.coalesce_key()
            older = self._state.get(key)
            if older is not None:
                self._drop(older, "coalesced")
            self._state[key] = entry
        elif data.delivery == "B":
            self._sheddable.append(entry)
        self._waiting.append(entry)
        self.queued += 1
        self.queued_bytes += len(entry.text)
        self._shed(now_ms)

    def _shed(self, now_ms: int) -> None:
        """Keep within the soft bounds by dropping the oldest class B frames; class A is never dropped here."""
        limits = self.limits
        allowed = limits.queue_soft if self.online else limits.ring_b
        while self._sheddable and (self.queued > allowed or self.queued_bytes > limits.queue_soft_bytes):
            self._drop(self._sheddable.popleft(), "slow" if self.online else "offline")
        over = self.queued > limits.queue_soft or self.queued_bytes > limits.queue_soft_bytes
        if not over:
            self.over_soft_since_ms = None
        elif self.over_soft_since_ms is None:
            self.over_soft_since_ms = now_ms

    def _drop(self, entry: Entry, reason: LossReason) -> None:
        if entry.alive:
            entry.alive = False
            entry.reason = reason
            self.queued -= 1
            self.queued_bytes -= len(entry.text)
            entry.text = ""

    # -- out --

    def take(self, now_ms: int, frames: int = 64, bytes_: int = 256 * 1024) -> list[str]:
        """The next `event` and `flow` frames to send, at most so many and so large together."""
        out: list[str] = []
        hole: Hole | None = None
        size = 0
        while self._waiting and len(out) < frames and size < bytes_ and len(self._unacked) < self.limits.window:
            entry = self._waiting.popleft()
            if isinstance(entry, Entry) and entry.alive and self._stale(entry, now_ms):
                self._drop(entry, "expired")
            if isinstance(entry, Entry) and entry.alive:
                if hole is not None:
                    out.append(_flow(hole))
                    hole = None
                text = f'{{"op":"event","seq":{entry.seq},{entry.text}'
                self._sent_entry(entry)
                out.append(text)
                size += len(text)
                continue
            found = _as_hole(entry)
            self.sent = found.last
            self._keep_hole(found)
            if hole is not None and hole.reason != found.reason:
                out.append(_flow(hole))
                hole = None
            hole = found if hole is None else _joined(hole, found)
        if hole is not None:
            out.append(_flow(hole))
        if self.queued <= self.limits.queue_soft and self.queued_bytes <= self.limits.queue_soft_bytes:
            self.over_soft_since_ms = None
        return out

    def _sent_entry(self, entry: Entry) -> None:
        self.sent = entry.seq
        self.queued -= 1
        self.queued_bytes -= len(entry.text)
        data = entry.record.event.data
        if data.delivery == "C":
            key = data.coalesce_key()
            if self._state.get(key) is entry:
                del self._state[key]
        elif data.delivery == "B" and self._sheddable and self._sheddable[0] is entry:
            self._sheddable.popleft()
        self._unacked.append(entry)

    def _keep_hole(self, hole: Hole) -> None:
        last = self._unacked[-1] if self._unacked else None
        if isinstance(last, Hole) and last.reason == hole.reason:
            self._unacked[-1] = _joined(last, hole)
        else:
            self._unacked.append(hole)

    def _stale(self, entry: Entry, now_ms: int) -> bool:
        event = entry.record.event
        if event.data.delivery == "A":
            return False
        ttl_ms = event.data.ttl_ms or self.limits.ring_b_ms
        return now_ms - entry.record.born_ms > ttl_ms

    @property
    def pending(self) -> bool:
        """Whether `take` would give something."""
        return bool(self._waiting) and len(self._unacked) < self.limits.window

    def narrow(self, scopes: frozenset[str], view: tuple[bool, bool], may_read: Callable[[str], bool]) -> None:
        """Scopes were taken away: what waits is dropped or shown with less."""
        self.scopes, self.view = scopes, view
        for entry in list(self._live()):
            if not may_read(entry.record.event.type):
                self._drop(entry, "drop")
                continue
            text = entry.record.text(view, scopes)
            self.queued_bytes += len(text) - len(entry.text)
            entry.text = text

    # -- acknowledgement and resume --

    def ack(self, seq: int) -> bool:
        """Forget all up to `seq`. False if it was never sent."""
        if seq > self.sent:
            return False
        self.acked = max(self.acked, seq)
        while self._unacked and _last(self._unacked[0]) <= seq:
            entry = self._unacked.popleft()
            if isinstance(entry, Entry):
                self.acked_off = max(self.acked_off, entry.record.event.off)
        return True

    def go_offline(self, now_ms: int) -> None:
        """The socket is gone: state still waiting is left to the next snapshot."""
        self.online = False
        self.over_soft_since_ms = None
        for entry in self._state.values():
            self._drop(entry, "offline")
        self._state.clear()
        self._shed(now_ms)

    def resume(self, seq: int, now_ms: int) -> tuple[int, list[Loss]]:
        """Put back what was sent after `seq`: (frames that come again, what is lost)."""
        self.ack(seq)
        again: deque[Entry | Hole] = deque()
        for entry in self._unacked:
            if isinstance(entry, Hole):
                again.append(entry)
            elif entry.record.event.data.delivery == "C" or self._stale(entry, now_ms):
                reason: LossReason = "offline" if entry.record.event.data.delivery == "C" else "expired"
                self._hole(again, entry.seq, entry.record.event.type, reason)
            else:
                again.append(entry)
                self.queued += 1
                self.queued_bytes += len(entry.text)
        again.extend(self._waiting)
        self._unacked.clear()
        self._waiting = again
        self._sheddable = deque(e for e in self._live() if e.record.event.data.delivery == "B")
        self.sent = seq
        self.online = True
        for entry in list(self._live()):
            if self._stale(entry, now_ms):
                self._drop(entry, "expired")
        losses = [h.to_loss() for h in _merged(self._waiting)]
        return self.queued, losses

    def restart(self, seq: int, off: int) -> None:
        """Begin again after `seq`, as after a restart of the hub; what follows is put anew."""
        self.seq = self.sent = self.acked = seq
        self.acked_off = off
        self._waiting.clear()
        self._unacked.clear()
        self._state.clear()
        self._sheddable.clear()
        self.queued = self.queued_bytes = 0
        self.online = True

    def oldest_waiting_ms(self) -> int | None:
        """When the oldest class A frame that still waits was born."""
        return next(
            (e.record.born_ms for e in self._live() if e.record.event.data.delivery == "A"),
            None,
        )

    def top_types(self, count: int = 3) -> list[tuple[str, int]]:
        """The types that wait most, for the operator's warning."""
        return Counter(e.record.event.type for e in self._live()).most_common(count)

    def _live(self) -> Iterator[Entry]:
        return (e for e in self._waiting if isinstance(e, Entry) and e.alive)

    def _hole(self, into: deque[Entry | Hole], seq: int, type_: str, reason: LossReason) -> None:
        last = into[-1] if into else None
        if isinstance(last, Hole) and last.reason == reason and last.last == seq - 1:
            last.last = seq
            last.by_type[type_] += 1
        else:
            into.append(Hole(seq, seq, reason, Counter({type_: 1})))


def _last(entry: Entry | Hole) -> int:
    return entry.seq if isinstance(entry, Entry) else entry.last


def _as_hole(entry: Entry | Hole) -> Hole:
    if isinstance(entry, Hole):
        return entry
    return Hole(entry.seq, entry.seq, entry.reason, Counter({entry.record.event.type: 1}))


def _joined(first: Hole, second: Hole) -> Hole:
    return Hole(first.first, second.last, first.reason, first.by_type + second.by_type)


def _merged(entries: deque[Entry | Hole]) -> list[Hole]:
    holes: list[Hole] = []
    for entry in entries:
        if isinstance(entry, Entry) and entry.alive:
            continue
        hole = _as_hole(entry)
        if holes and holes[-1].reason == hole.reason and holes[-1].last == hole.first - 1:
            holes[-1] = _joined(holes[-1], hole)
        else:
            holes.append(hole)
    return holes


def _flow(hole: Hole) -> str:
    loss = hole.to_loss()
    return f'{{"op":"flow",{loss.model_dump_json(by_alias=True)[1:]}'
