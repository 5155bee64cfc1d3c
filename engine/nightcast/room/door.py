"""The hub's door: who is let in by `identify` and `resume`, with which session and which answer. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nightcast.room.grants import Grants
from nightcast.room.protocol import VERSION, Close, Frame, Identify, Limits, Ready, Resume, Resumed, Resync, Snapshot
from nightcast.room.session import Session
from nightcast.room.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Admitted:
    """A session and the frame that says so. `older` are sessions of the same plugin that end now."""

    session: Session
    answer: Callable[[Snapshot], Frame]
    how: str
    batch: bool
    older: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The code to close with."""

    code: Close
    reason: str
    plugin_id: str = "unidentified"


class Door:
    def __init__(
        self, sessions: Sessions, grants: Grants, limits: Limits, epoch: str, new_id: Callable[[], str]
    ) -> None:
        self._sessions = sessions
        self._grants = grants
        self._limits = limits
        self._epoch = epoch
        self._new_id = new_id

    def knock(self, frame: Frame, bearer: str, now_ms: int, newest_off: int) -> Admitted | Refused:
        """Judge the first frame of a connection."""
        if not isinstance(frame, Identify | Resume):
            return Refused(Close.PROTOCOL, "identify or resume first")
        if frame.proto != VERSION:
            return Refused(Close.VERSION, f"this hub speaks protocol {VERSION}")
        if isinstance(frame, Identify):
            return self._identify(frame, bearer, now_ms)
        return self._resume(frame, bearer, now_ms, newest_off)

    def _identify(self, frame: Identify, bearer: str, now_ms: int) -> Admitted | Refused:
        checked = self._grants.check(frame.plugin.id, frame.token or bearer, now_ms)
        if checked is None:
            owner = self._grants.owner(frame.token or bearer)
            mistaken = owner is not None and owner != frame.plugin.id
            why = f"this token is for plugin {owner!r}; identify by that id" if mistaken else "token not accepted"
            return Refused(Close.BAD_TOKEN, why, frame.plugin.id)
        grant, lasting = checked
        older = tuple(s for s in self._sessions if s.plugin.id == frame.plugin.id)
        granted = grant.scopes & frozenset(frame.scopes)
        session = Session(f"ses_{self._new_id()}", frame.plugin, granted, self._limits, now_ms)
        denied = (*sorted(set(frame.scopes) - granted), *session.subscribe(frame.subs))
        self._sessions.add(session)
        scopes = tuple(sorted(granted))

        def answer(snapshot: Snapshot) -> Frame:
            return Ready(
                session=session.id, granted=scopes, denied=denied, snapshot=snapshot, seq=session.outbox.seq,
                token=lasting,
            )  # fmt: skip

        return Admitted(session, answer, f"scopes {', '.join(scopes) or 'none'}", "batch" in frame.features, older)

    def _resume(self, frame: Resume, bearer: str, now_ms: int, newest_off: int) -> Admitted | Refused:
        session = self._sessions.get(frame.session)
        if session is None or frame.epoch != self._epoch:
            return Refused(Close.BAD_SESSION, "this session is not known here; identify")
        checked = self._grants.check(session.plugin.id, frame.token or bearer, now_ms)
        if checked is None:
            return Refused(Close.BAD_TOKEN, "token not accepted", session.plugin.id)
        lasting = checked[1]
        outbox = session.outbox
        if session.conn is not None:
            outbox.go_offline(now_ms)
        if session.rebuild:
            outcome = self._sessions.rebuild(session, frame, now_ms, newest_off)
        else:
            seq = outbox.acked if frame.seq is None else frame.seq
            if not outbox.acked <= seq <= outbox.sent:
                return Refused(Close.BAD_SESSION, "seq was never sent, or was acknowledged before", session.plugin.id)
            outcome = outbox.resume(seq, now_ms)

        def answer(snapshot: Snapshot) -> Frame:
            if outcome is None:
                reason = "what was missed cannot be sent again"
                return Resync(session=session.id, reason=reason, snapshot=snapshot, seq=outbox.seq, token=lasting)
            replayed, lost = outcome
            return Resumed(session=session.id, replayed=replayed, lost=tuple(lost), snapshot=snapshot, token=lasting)

        return Admitted(session, answer, "resumed", batch=True)
