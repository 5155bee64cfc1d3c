"""The hub as a state machine: connections, sessions, events out, actions in. No sockets and no clock.

The shell (`hub.py`), the test kit and the rehearsal feed it texts and times (milliseconds since the epoch,
never going back) and ask each connection for what to send. All methods are called from one thread.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from nightcast import __version__
from nightcast.room import actions
from nightcast.room.arbiter import Action, Arbiter, Change
from nightcast.room.conn import STRIKES_MS, Conn, Notice, slowness
from nightcast.room.desk import Asker, Bucket, Desk
from nightcast.room.door import Admitted, Door
from nightcast.room.errors import FrameError, UnknownTypeError
from nightcast.room.events import ActionPhase, ActionState, Event, EventData, ProductSwitched
from nightcast.room.folding import Folder, Raw
from nightcast.room.grants import Grants
from nightcast.room.log import Log, MemoryLog
from nightcast.room.outbox import Record
from nightcast.room.privacy import seen_with
from nightcast.room.protocol import (
    PLUGIN_FRAMES,
    Ack,
    ActionFrame,
    Cancel,
    Close,
    ErrorCode,
    ErrorFrame,
    Frame,
    Hello,
    Limits,
    Ping,
    Pong,
    Publish,
    Reconnect,
    Result,
    Revoke,
    Snapshot,
    Subscribe,
    UnknownOpError,
    Unsubscribe,
    decode,
    parse,
)  # fmt: skip
from nightcast.room.session import Session
from nightcast.room.sessions import Sessions
from nightcast.room.signals import signal_from_wire
from nightcast.room.states import state_after

__all__ = ["HubCore", "Notice"]

_OFFSETS_AT_ONCE = 4_096


class HubCore:
    """One room's hub.

    After each call the shell looks at `woken` (connections with something to send or to close), `changes`
    (what the director must do or leave) and `notices`. `observers` see each published event.
    """

    def __init__(
        self,
        grants: Grants,
        *,
        new_id: Callable[[], str],
        log: Log | None = None,
        limits: Limits | None = None,
        snapshot: Callable[[], Snapshot] = Snapshot,
        room: str = "main",
        retention_ms: int = 24 * 3_600_000,
        likes_total: int = 0,
    ) -> None:
        self.grants = grants
        self.limits = limits or Limits()
        self.log: Log = log if log is not None else MemoryLog()
        self.room = room
        self.woken: set[int] = set()
        self.changes: deque[Change] = deque()
        self.notices: deque[Notice] = deque()
        self.observers: list[Callable[[Event], None]] = []
        self.rev = 0
        self._snapshot = snapshot
        self._retention_ms = retention_ms
        self._folder = Folder(room, likes_total)
        self._desk = Desk(Arbiter(), self.log, self.limits, lambda: f"act_{new_id()}")
        self._conns: dict[int, Conn] = {}
        self._conn_ids = itertools.count(1)
        self._sessions = Sessions(self.log, self.limits, grants)
        self._door = Door(self._sessions, grants, self.limits, self.log.epoch, new_id)
        self._state: dict[str, Event] = {}
        self._publishers: dict[str, Bucket] = {}
        self._off_end = self._off = self.log.reserve(_OFFSETS_AT_ONCE)
        self._off_end += _OFFSETS_AT_ONCE
        self._next_prune_ms = 0
        self._next_look_ms = 0

        self._fail_unfinished()

    # -- for the director --

    def publish(self, data: EventData | Event, now_ms: int) -> Event:
        """Take an event as it is, stamp it, and send it to who wants it."""
        event = data if isinstance(data, Event) else Event(data, now_ms, room=self.room)
        event = self._stamp(event)
        kind = event.data
        if kind.delivery == "A":
            self.log.append(event.off, event.ts_ms, None, event.to_wire())
        elif kind.delivery == "C":
            self._state[kind.coalesce_key()] = event
        if isinstance(kind, ProductSwitched):
            self.rev = max(self.rev + 1, kind.rev)
        if wanting := self._sessions.who_wants(event.type):
            record = Record(event, now_ms)
            for session, shapers in wanting:
                if session.offer(shapers, record, now_ms):
                    self._wake(session)
        for observe in self.observers:
            observe(event)
        return event

    def ingest(self, signals: Iterable[Raw | Event], now_ms: int) -> None:
        """Take signals from outside: repeats are dropped, likes, joins and gifts folded, the rest published."""
        for signal in signals:
            for event in self._folder.feed(signal, now_ms):
                self.publish(event, now_ms)

    def report(
        self,
        action_id: str,
        state: ActionPhase,
        now_ms: int,
        *,
        code: ErrorCode | None = None,
        detail: str = "",
    ) -> None:
        """The director tells how an action ended."""
        self._apply(self._desk.arbiter.report(action_id, state, code, detail, now_ms), now_ms)

    def give_way(self, action_id: str, now_ms: int) -> None:
        """The director needs an action's lease no longer, though the action goes on: the next on it starts."""
        self._apply(self._desk.arbiter.give_way(action_id, now_ms), now_ms)

    def revoke(self, plugin_id: str, now_ms: int, scopes: Iterable[str] | None = None) -> None:
        """Take scopes away at once, or with None close the plugin out; its actions that need them are
        cancelled.
        """
        gone = None if scopes is None else frozenset(scopes)
        self.grants.revoke(plugin_id, gone)
        for action in self._desk.arbiter.running(plugin_id):
            if gone is None or action.data.scope in gone:
                self._apply(self._desk.arbiter.cancel(action, now_ms, "revoked"), now_ms)
        for session in (s for s in self._sessions if s.plugin.id == plugin_id):
            if gone is None:
                self._end_session(session, Close.REVOKED, "revoked by the operator")
            else:
                session.set_scopes(session.scopes - gone)
                self._sessions.save(session)
                if session.conn is not None:
                    self._conns[session.conn].send(Revoke(scopes=tuple(sorted(gone))))
                    self._wake(session)
        self.notices.append(Notice("revoked", plugin_id, "all" if gone is None else ", ".join(sorted(gone))))

    def actions(self) -> list[Action]:
        """Actions that have not ended."""
        return self._desk.arbiter.running()

    def session_of(self, plugin_id: str) -> tuple[str | None, int | None]:
        """The session of a plugin and the connection it has now."""
        found = self._sessions.of_plugin(plugin_id)
        return (None, None) if found is None else (found.id, found.conn)

    def behind(self, plugin_id: str) -> int:
        """How many of a plugin's frames are not on their way to it: they wait here, or were dropped for it."""
        found = self._sessions.of_plugin(plugin_id)
        return 0 if found is None else found.outbox.seq - found.outbox.sent

    def goodbye(self, within_ms: int = 2_000) -> None:
        """The hub is about to restart: ask every plugin to come back."""
        for conn in self._conns.values():
            conn.send(Reconnect(within_ms=within_ms))
            self._close(conn, Close.RESTART, "the hub restarts")

    def tick(self, now_ms: int) -> None:
        """Let time pass: windows, rates, leases, heartbeats, slow plugins, forgotten sessions."""
        for event in self._folder.tick(now_ms):
            self.publish(event, now_ms)
        self._apply(self._desk.arbiter.tick(now_ms), now_ms)
        for session in self._sessions:
            self._tick_session(session, now_ms)
        for conn in list(self._conns.values()):
            overdue = conn.overdue(self.limits, now_ms)
            if overdue is not None:
                self._close(conn, *overdue)
            if conn.out:
                self.woken.add(conn.id)
        if now_ms >= self._next_look_ms:
            self._next_look_ms = now_ms + 1_000
            if self.grants.refresh():
                self._regrant(now_ms)
        if now_ms >= self._next_prune_ms:
            self._next_prune_ms = now_ms + 60_000
            self.log.prune(now_ms - self._retention_ms, now_ms)

    # -- for the shell --

    def connect(self, now_ms: int, bearer: str = "") -> int:
        """A socket was opened; its id. `bearer` is the token of its HTTP header, if any."""
        conn = Conn(next(self._conn_ids), now_ms, now_ms, bearer)
        self._conns[conn.id] = conn
        conn.send(
            Hello(
                server=f"nightcast/{__version__}",
                limits=self.limits,
                actions=actions.resources(),
                heartbeat_ms=self.limits.heartbeat_ms,
                epoch=self.log.epoch,
            )
        )
        self.woken.add(conn.id)
        return conn.id

    def disconnect(self, conn_id: int, now_ms: int) -> None:
        """A socket is gone; its session stays."""
        conn = self._conns.pop(conn_id, None)
        self.woken.discard(conn_id)
        if conn is not None and conn.session is not None and conn.session.conn == conn_id:
            conn.session.conn = None
            conn.session.seen_ms = now_ms
            conn.session.outbox.go_offline(now_ms)
            self._sessions.save(conn.session)
            self.notices.append(Notice("gone", conn.session.plugin.id, "connection lost"))

    def receive(self, conn_id: int, raw: str | bytes, now_ms: int) -> None:
        """A socket sent a message. Never raises for what a plugin wrote."""
        conn = self._conns.get(conn_id)
        if conn is None or conn.closing is not None:
            return
        conn.heard_ms = now_ms
        self.woken.add(conn_id)
        try:
            frame = parse(decode(raw, self.limits), PLUGIN_FRAMES)
        except FrameError as error:
            self._bad_frame(conn, error, now_ms)
            return
        if isinstance(frame, Ping):
            conn.send(Pong(t=frame.t))
        elif isinstance(frame, Pong):
            pass
        elif conn.session is None:
            self._first_frame(conn, frame, now_ms)
        else:
            self._frame(conn, conn.session, frame, now_ms)

    def take(self, conn_id: int, now_ms: int) -> list[str]:
        """What to send on a socket now, in order; call again until it is empty."""
        conn = self._conns.get(conn_id)
        return [] if conn is None else conn.take(now_ms)

    def closing(self, conn_id: int) -> tuple[Close, str] | None:
        """The code to close a socket with, after what `take` gave was sent."""
        conn = self._conns.get(conn_id)
        return None if conn is None else conn.closing

    # -- handshake --

    def _first_frame(self, conn: Conn, frame: Frame, now_ms: int) -> None:
        judged = self._door.knock(frame, conn.bearer, now_ms, self._off)
        if not isinstance(judged, Admitted):
            if judged.code is Close.BAD_TOKEN:
                self.notices.append(Notice("refused", judged.plugin_id, judged.reason))
            self._close(conn, judged.code, judged.reason)
            return
        session = judged.session
        for older in judged.older:
            self._end_session(older, Close.REPLACED, "replaced by a newer connection")
        if session.conn is not None and session.conn in self._conns:
            self._close(self._conns[session.conn], Close.REPLACED, "replaced by a newer connection")
        conn.session, session.conn, conn.batch = session, conn.id, judged.batch
        session.seen_ms = now_ms
        session.warned_slow = False
        self._sessions.changed()
        conn.send(judged.answer(self._snapshot_for(session)))
        self.notices.append(Notice("connected", session.plugin.id, judged.how))
        self._wake(session)

    def _snapshot_for(self, session: Session) -> Snapshot:
        state: dict[str, dict[str, Any]] = {
            key: {"type": event.type, "d": seen_with(event.data, session.scopes).model_dump(mode="json")}
            for key, event in self._state.items()
            if session.may_read(event.type)
        }
        base = self._snapshot()
        return base.model_copy(update={"state": state, "rev": max(base.rev, self.rev)})

    # -- frames of an identified plugin --

    def _frame(self, conn: Conn, session: Session, frame: Frame, now_ms: int) -> None:
        if isinstance(frame, Ack):
            if not session.outbox.ack(frame.seq):
                self._close(conn, Close.BAD_SESSION, f"seq {frame.seq} was never sent")
        elif isinstance(frame, ActionFrame):
            self._action(conn, session, frame, now_ms)
        elif isinstance(frame, Cancel):
            action = self._desk.arbiter.find(session.plugin.id, frame.id)
            conn.send(_done(frame.id) if action else _refused(frame.id, "not_found", "no such action is going on"))
            if action is not None:
                self._apply(self._desk.arbiter.cancel(action, now_ms), now_ms)
        elif isinstance(frame, Subscribe):
            if frame.replace:
                session.unsubscribe([sub.type for sub in session.subs])
            refused = session.subscribe(frame.subs)
            self._sessions.save(session)
            text = f"refused: {', '.join(refused)}"
            conn.send(_refused(frame.id, "forbidden_scope", text) if refused else _done(frame.id))
        elif isinstance(frame, Unsubscribe):
            session.unsubscribe(frame.types)
            self._sessions.save(session)
            conn.send(_done(frame.id))
        elif isinstance(frame, Publish):
            self._publish_frame(conn, session, frame, now_ms)
        else:
            self._close(conn, Close.PROTOCOL, "already identified")

    def _action(self, conn: Conn, session: Session, frame: ActionFrame, now_ms: int) -> None:
        asker = Asker(session.plugin.id, session.scopes, self.grants[session.plugin.id])
        result, changes = self._desk.ask(frame, asker, self.rev, now_ms)
        conn.send(result)
        if result.code == "rate_limited":
            self._strike(conn, Close.RATE_ABUSE, now_ms)
        self._apply(changes, now_ms)

    def _publish_frame(self, conn: Conn, session: Session, frame: Publish, now_ms: int) -> None:
        if "room:publish" not in session.scopes:
            conn.send(_refused(frame.id, "forbidden_scope", "publish needs room:publish"))
            return
        limits = self.limits
        bucket = self._publishers.setdefault(session.plugin.id, Bucket(limits.publish_every_ms, limits.publish_burst))
        wait_ms = bucket.take(now_ms, len(frame.events))
        if wait_ms:
            conn.send(Result(id=frame.id, state="rejected", code="rate_limited", retry_after_ms=wait_ms))
            self._strike(conn, Close.RATE_ABUSE, now_ms)
            return
        try:
            signals = [signal_from_wire(wire, now_ms, session.plugin.id) for wire in frame.events]
        except (UnknownTypeError, ValidationError, FrameError) as error:
            detail = str(error).splitlines()[0][:200]
            conn.send(_refused(frame.id, "bad_request", detail))
            return
        self.ingest(signals, now_ms)
        conn.send(_done(frame.id))

    def _apply(self, changes: Iterable[Change], now_ms: int) -> None:
        """Tell the plugin, the log, the room and the director what became of actions."""
        for change in changes:
            action = change.action
            state = ActionState(
                action_id=action.client_id, action=action.data.type, state=change.state, code=change.code,
                detail=change.detail,
            )  # fmt: skip
            event = self._stamp(Event(state, now_ms, room=self.room))
            self.log.append(event.off, now_ms, action.plugin_id, event.to_wire())
            record = Record(event, now_ms)
            session = self._sessions.of_plugin(action.plugin_id)
            if session is not None and not session.rebuild:
                session.outbox.put(record, now_ms)
                self._wake(session)
            self.changes.append(change)
            told = state_after(action.data, change.state)
            if told is not None:
                self.publish(told, now_ms)

    def _fail_unfinished(self) -> None:
        """Actions that a hub before this one had accepted and never ended: their plugins are told."""
        unfinished: dict[tuple[str, str], tuple[int, ActionState]] = {}
        for plugin_id, wire in self.log.addressed():
            if wire["type"] != ActionState.type:
                continue
            state = ActionState.model_validate(wire["d"])
            if state.state in ("queued", "started"):
                unfinished[plugin_id, state.action_id] = (wire["ts"], state)
            else:
                unfinished.pop((plugin_id, state.action_id), None)
        for (plugin_id, _), (ts_ms, state) in unfinished.items():
            failed = state.model_copy(update={"state": "failed", "code": "internal", "detail": "the hub was restarted"})
            event = self._stamp(Event(failed, ts_ms, room=self.room))
            self.log.append(event.off, ts_ms, plugin_id, event.to_wire())

    # -- trouble --

    def _bad_frame(self, conn: Conn, error: FrameError, now_ms: int) -> None:
        if error.fatal:
            self._close(conn, Close.DECODE, error.detail)
            return
        code: ErrorCode = "unknown_op" if isinstance(error, UnknownOpError) else "bad_request"
        conn.send(ErrorFrame(code=code, detail=error.detail, path=error.path))
        self._strike(conn, Close.PROTOCOL, now_ms)

    def _strike(self, conn: Conn, code: Close, now_ms: int) -> None:
        count = conn.strike(now_ms)
        if count >= self.limits.strikes:
            self._close(conn, code, f"{count} refused frames in {STRIKES_MS // 1000} s")

    def _close(self, conn: Conn, code: Close, reason: str) -> None:
        if conn.closing is not None:
            return
        conn.closing = (code, reason)
        self.woken.add(conn.id)
        self.notices.append(Notice("closed", conn.who, f"{int(code)} {reason}"))

    def _end_session(self, session: Session, code: Close, reason: str) -> None:
        self._sessions.end(session)
        if session.conn is not None and session.conn in self._conns:
            self._close(self._conns[session.conn], code, reason)

    def _tick_session(self, session: Session, now_ms: int) -> None:
        if session.flush(now_ms):
            self._wake(session)
        if session.conn is None:
            if self._sessions.is_forgotten(session, now_ms):
                self._end_session(session, Close.GOING_AWAY, "forgotten")
            self._sessions.trim(session, now_ms)
            return
        slow = slowness(session, self.limits, now_ms)
        if slow is None:
            session.warned_slow = False
            return
        must_close, depth = slow
        if not session.warned_slow:
            session.warned_slow = True
            self.notices.append(Notice("slow", session.plugin.id, depth))
        if must_close:
            self._close(self._conns[session.conn], Close.SLOW, f"slow consumer, {depth}"[:120])

    def _regrant(self, now_ms: int) -> None:
        """Grants were changed by another process: close out and narrow who has lost something."""
        for session in self._sessions:
            plugin_id = session.plugin.id
            if plugin_id not in self.grants or self.grants[plugin_id].revoked:
                self.revoke(plugin_id, now_ms)
            elif lost := session.scopes - self.grants[plugin_id].scopes:
                self.revoke(plugin_id, now_ms, lost)

    # -- small things --

    def _wake(self, session: Session) -> None:
        if session.conn is not None:
            self.woken.add(session.conn)

    def _stamp(self, event: Event) -> Event:
        self._off += 1
        if self._off >= self._off_end:
            self._off = self.log.reserve(_OFFSETS_AT_ONCE)
            self._off_end = self._off + _OFFSETS_AT_ONCE
        return event.stamped(event.id or f"evt_{self.log.epoch}_{self._off}", self._off)


def _done(frame_id: str) -> Result:
    return Result(id=frame_id, state="accepted")


def _refused(frame_id: str, code: ErrorCode, detail: str) -> Result:
    return Result(id=frame_id, state="rejected", code=code, detail=detail)
