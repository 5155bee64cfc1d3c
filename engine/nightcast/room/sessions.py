"""All sessions of a room: found by id or plugin, kept in the log, read again from it after a restart. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from nightcast.room.errors import UnknownTypeError
from nightcast.room.events import Event
from nightcast.room.grants import Grants
from nightcast.room.log import Log, SessionRow
from nightcast.room.outbox import Record
from nightcast.room.protocol import Limits, Loss, PluginInfo, Resume, Subscription
from nightcast.room.session import Session
from nightcast.room.subscription import Shaper

_LIFE_MS = 24 * 3_600_000


class Sessions:
    """The book of sessions. Those found in the log have no frames in memory: `rebuild` reads them on resume."""

    def __init__(self, log: Log, limits: Limits, grants: Grants) -> None:
        self._log = log
        self._limits = limits
        self._by_id: dict[str, Session] = {}
        self._wanting: dict[str, list[tuple[Session, list[Shaper]]]] = {}
        for row in log.sessions():
            if row.plugin_id in grants:
                self._by_id[row.session] = self._restored(row, grants)

    def _restored(self, row: SessionRow, grants: Grants) -> Session:
        scopes = frozenset(row.scopes) & grants[row.plugin_id].scopes
        session = Session(row.session, PluginInfo(id=row.plugin_id), scopes, self._limits, 0)
        session.subscribe(Subscription.model_validate(sub) for sub in row.subs)
        session.outbox.acked_off = row.acked_off
        session.outbox.online = False
        session.rebuild = True
        return session

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, session_id: str) -> Session | None:
        return self._by_id.get(session_id)

    def of_plugin(self, plugin_id: str) -> Session | None:
        return next((s for s in self._by_id.values() if s.plugin.id == plugin_id), None)

    def add(self, session: Session) -> None:
        self._by_id[session.id] = session
        self.save(session)

    def end(self, session: Session) -> None:
        self._by_id.pop(session.id, None)
        self._log.drop_session(session.id)
        self.changed()

    def save(self, session: Session) -> None:
        """Write what must be known after a restart; to be called when subscriptions or scopes have changed."""
        subs = tuple(sub.model_dump(mode="json", exclude_none=True) for sub in session.subs)
        scopes = tuple(sorted(session.scopes))
        self._log.save_session(SessionRow(session.id, session.plugin.id, scopes, subs, session.outbox.acked_off))
        self.changed()

    def changed(self) -> None:
        """Who wants what is to be found out again."""
        self._wanting.clear()

    def who_wants(self, event_type: str) -> list[tuple[Session, list[Shaper]]]:
        """Sessions with the subscriptions that include a type."""
        wanting = self._wanting.get(event_type)
        if wanting is None:
            asked = ((s, s.wants(event_type)) for s in self._by_id.values() if not s.rebuild)
            wanting = self._wanting[event_type] = [(session, shapers) for session, shapers in asked if shapers]
        return wanting

    def is_forgotten(self, session: Session, now_ms: int) -> bool:
        """Whether a plugin has been away for so long that its session ends."""
        return session.conn is None and not session.rebuild and now_ms - session.seen_ms > _LIFE_MS

    def trim(self, session: Session, now_ms: int) -> None:
        """Free the memory of a plugin that is long away; its class A frames are still in the log."""
        outbox, limits = session.outbox, self._limits
        oldest_ms = outbox.oldest_waiting_ms()
        if outbox.queued <= limits.ring_a and (oldest_ms is None or now_ms - oldest_ms <= limits.ring_a_ms):
            return
        outbox.restart(outbox.seq, outbox.acked_off)
        outbox.online = False
        session.rebuild = True
        self.changed()

    def rebuild(self, session: Session, frame: Resume, now_ms: int, newest_off: int) -> tuple[int, list[Loss]] | None:
        """Read a session's class A frames again from the log: (frames, losses).

        None where they are too many, or one is of another Nightcast and not to be read.
        """
        outbox = session.outbox
        seq = frame.seq or 0
        session.rebuild = False
        outbox.restart(seq, outbox.acked_off if frame.off is None else frame.off)
        for plugin_id, wire in self._log.since(outbox.acked_off):
            try:
                event = Event.from_wire({**wire, "replay": True})
            except (UnknownTypeError, ValidationError):
                outbox.restart(seq, newest_off)
                return None
            record = Record(event, now_ms)
            if plugin_id == session.plugin.id:
                outbox.put(record, now_ms)
            elif plugin_id is None:
                session.offer(session.wants(event.type), record, now_ms)
            if outbox.queued > self._limits.ring_a:
                outbox.restart(seq, newest_off)
                return None
        return outbox.queued, [Loss(from_=0, to=0, by_type={}, reason="restart")]
