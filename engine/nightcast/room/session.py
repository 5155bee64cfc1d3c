"""A plugin's session in the hub: who it is, what it may, what it wants, what waits for it. It outlives its
socket.
"""

from __future__ import annotations

from collections.abc import Iterable

from nightcast.room.events import EVENTS, Event
from nightcast.room.outbox import Outbox, Record
from nightcast.room.privacy import visibility
from nightcast.room.protocol import Limits, PluginInfo, Subscription
from nightcast.room.subscription import Shaper, matches, types_of


class Session:
    """Pure; times are milliseconds. `conn` is the id of its socket, None while it has none."""

    def __init__(
        self, session_id: str, plugin: PluginInfo, scopes: frozenset[str], limits: Limits, now_ms: int
    ) -> None:
        self.id = session_id
        self.plugin = plugin
        self.scopes = scopes
        self.limits = limits
        self.outbox = Outbox(limits, scopes, visibility(scopes))
        self.conn: int | None = None
        self.seen_ms = now_ms
        self.rebuild = False  #: its frames are to be read again from the log on resume
        self.warned_slow = False
        self._shapers: dict[str, Shaper] = {}

    @property
    def subs(self) -> tuple[Subscription, ...]:
        return tuple(shaper.subscription for shaper in self._shapers.values())

    def subscribe(self, subs: Iterable[Subscription]) -> list[str]:
        """Add or replace subscriptions by their type; returns what is refused: unknown types and missing
        scopes.
        """
        refused: list[str] = []
        for sub in subs:
            types = types_of(sub.type)
            if not any(self.may_read(name) for name in types) or len(self._shapers) >= self.limits.subscriptions:
                refused.append(sub.type)
            else:
                self._shapers[sub.type] = Shaper(sub)
        return refused

    def unsubscribe(self, patterns: Iterable[str]) -> None:
        for pattern in patterns:
            self._shapers.pop(pattern, None)

    def may_read(self, event_type: str) -> bool:
        scope = EVENTS[event_type].scope
        return scope is None or scope in self.scopes

    def set_scopes(self, scopes: frozenset[str]) -> None:
        """Scopes were taken away: what waits is shown as the rest allows."""
        self.scopes = scopes
        self.outbox.narrow(scopes, visibility(scopes), self.may_read)

    def wants(self, event_type: str) -> list[Shaper]:
        """The subscriptions that include a type, if its scope is granted."""
        if not self.may_read(event_type):
            return []
        return [s for pattern, s in self._shapers.items() if event_type in types_of(pattern)]

    def offer(self, shapers: Iterable[Shaper], record: Record, now_ms: int) -> bool:
        """Queue an event if one of the subscriptions lets it through."""
        event = record.event
        for shaper in shapers:
            if not matches(shaper.subscription.where, event):
                continue
            due = shaper.offer(event, now_ms)
            if due is not None:
                self.outbox.put(record if due is event else Record(due, now_ms), now_ms)
                return True
            return False
        return False

    def flush(self, now_ms: int) -> bool:
        """Queue what rate limits have held back and is due now."""
        due: list[Event] = [e for s in self._shapers.values() if (e := s.flush(now_ms)) is not None]
        for event in due:
            self.outbox.put(Record(event, now_ms), now_ms)
        return bool(due)
