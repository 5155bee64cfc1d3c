"""Who may use the host's voice, body, product stand, camera and overlays: leases, priorities and times to
live.

Pure; times are milliseconds. The arbiter says when an action starts or will never start; the director says
how it ended. Only `operator` and `compliance` break into a running action; everything else waits its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from nightcast.room.actions import ActionData
from nightcast.room.events import ActionPhase
from nightcast.room.protocol import PRIORITIES, ErrorCode, Priority

_RANK: dict[str, int] = {name: rank for rank, name in enumerate(PRIORITIES)}
_BREAKS_IN = _RANK["compliance"]
_LEASE_QUEUE = 32


@dataclass(eq=False, slots=True)
class Action:
    """An accepted action. `id` is the hub's, `client_id` the plugin's own."""

    id: str
    client_id: str
    plugin_id: str
    data: ActionData
    priority: Priority
    accepted_ms: int
    expires_ms: int
    on_busy: Literal["queue", "reject", "replace"] = "queue"
    idem: str | None = None
    lease: str | None = None
    state: ActionPhase = "queued"
    started_ms: int | None = None

    @property
    def rank(self) -> int:
        return _RANK[self.priority]


@dataclass(frozen=True, slots=True)
class Change:
    """An action has come to a new state."""

    action: Action
    state: ActionPhase
    code: ErrorCode | None = None
    detail: str = ""

    @property
    def ended(self) -> bool:
        return self.state not in ("queued", "started")


class Busy(Exception):  # noqa: N818 - an answer, not an error
    """No room in the lease's queue, or the plugin would not wait."""


@dataclass(slots=True)
class _Lease:
    holder: Action | None = None
    waiting: list[Action] = field(default_factory=list)


class Arbiter:
    """All leases of one room."""

    def __init__(self) -> None:
        self._leases: dict[str, _Lease] = {}
        self._actions: dict[str, Action] = {}

    def offer(self, action: Action, now_ms: int) -> list[Change]:
        """Take an action in. Raises Busy where it can neither start nor wait."""
        if action.lease is None:
            self._actions[action.id] = action
            return [self._start(action, now_ms)]
        lease = self._leases.setdefault(action.lease, _Lease())
        changes = list(self._make_way(lease, action))
        free = lease.holder is None
        if not free:
            own = sum(a.plugin_id == action.plugin_id for a in lease.waiting)
            if action.on_busy == "reject" or own >= action.data.queue or len(lease.waiting) >= _LEASE_QUEUE:
                raise Busy
        self._actions[action.id] = action
        lease.waiting.append(action)
        lease.waiting.sort(key=lambda a: (a.rank, a.accepted_ms))
        changes.append(Change(action, "queued"))
        return changes + self._advance(lease, now_ms)

    def _make_way(self, lease: _Lease, action: Action) -> Iterator[Change]:
        holder = lease.holder
        if holder is not None:
            replaces = action.on_busy == "replace" and holder.plugin_id == action.plugin_id
            breaks_in = action.rank <= _BREAKS_IN and action.rank < holder.rank
            if replaces or breaks_in:
                yield self._end(holder, "superseded", detail=f"by {action.data.type}")
        if action.on_busy == "replace":
            for waiting in [a for a in lease.waiting if a.plugin_id == action.plugin_id]:
                yield self._end(waiting, "superseded", detail=f"by {action.data.type}")

    def report(
        self, action_id: str, state: ActionPhase, code: ErrorCode | None, detail: str, now_ms: int
    ) -> list[Change]:
        """The director says how an action goes; unknown ids are ignored, as it may have ended meanwhile."""
        action = self._actions.get(action_id)
        if action is None or state in ("queued", "started"):
            return []
        return [self._end(action, state, code, detail), *self._next(action, now_ms)]

    def give_way(self, action_id: str, now_ms: int) -> list[Change]:
        """An action goes on without its lease, so that the next can be made ready; unknown ids are ignored."""
        action = self._actions.get(action_id)
        if action is None or action.lease is None:
            return []
        lease = self._leases[action.lease]
        if lease.holder is action:
            lease.holder = None
        return self._advance(lease, now_ms)

    def cancel(self, action: Action, now_ms: int, detail: str = "") -> list[Change]:
        """End an action before its time."""
        if action.id not in self._actions:
            return []
        return [self._end(action, "cancelled", detail=detail), *self._next(action, now_ms)]

    def tick(self, now_ms: int) -> list[Change]:
        """Let time pass: what waited too long expires, what never reported an end fails."""
        changes: list[Change] = []
        for action in list(self._actions.values()):
            if action.started_ms is None and now_ms >= action.expires_ms:
                changes.append(self._end(action, "expired", "expired", "its time to live ran out in the queue"))
            elif action.started_ms is not None and now_ms - action.started_ms >= action.data.hold_ms:
                changes.append(self._end(action, "failed", "timeout", "the director never reported an end"))
        for lease in self._leases.values():
            changes += self._advance(lease, now_ms)
        return changes

    def running(self, plugin_id: str | None = None) -> list[Action]:
        """Actions that have not ended, of one plugin or of all."""
        return [a for a in self._actions.values() if plugin_id is None or a.plugin_id == plugin_id]

    def find(self, plugin_id: str, client_id: str) -> Action | None:
        return next((a for a in self._actions.values() if (a.plugin_id, a.client_id) == (plugin_id, client_id)), None)

    def _next(self, ended: Action, now_ms: int) -> list[Change]:
        return [] if ended.lease is None else self._advance(self._leases[ended.lease], now_ms)

    def _advance(self, lease: _Lease, now_ms: int) -> list[Change]:
        if lease.holder is not None or not lease.waiting:
            return []
        lease.holder = lease.waiting.pop(0)
        return [self._start(lease.holder, now_ms)]

    def _start(self, action: Action, now_ms: int) -> Change:
        action.state, action.started_ms = "started", now_ms
        return Change(action, "started")

    def _end(self, action: Action, state: ActionPhase, code: ErrorCode | None = None, detail: str = "") -> Change:
        action.state = state
        del self._actions[action.id]
        if action.lease is not None:
            lease = self._leases[action.lease]
            if lease.holder is action:
                lease.holder = None
            elif action in lease.waiting:
                lease.waiting.remove(action)
        return Change(action, state, code, detail)
