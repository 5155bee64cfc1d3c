"""Where actions are asked for: fields, scope, rate, idempotency, budget and lease, in this order.

Pure; times are milliseconds. An action that passes is handed to the arbiter; the answer says at once whether
it did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from nightcast.room.actions import ActionData, action_class
from nightcast.room.arbiter import Action, Arbiter, Busy, Change
from nightcast.room.errors import LogError, UnknownTypeError
from nightcast.room.grants import Grant
from nightcast.room.log import IdemRow, Log
from nightcast.room.protocol import ActionFrame, ErrorCode, Limits, Result, field_error


class Bucket:
    """A token bucket on a passed-in clock."""

    def __init__(self, every_ms: int, burst: int) -> None:
        self._every_ms = every_ms
        self._burst = burst
        self._free_at_ms = 0  # when the bucket would be full again

    def take(self, now_ms: int, count: int = 1) -> int:
        """Take tokens: 0 if there were enough, else the milliseconds to wait."""
        free_at = max(self._free_at_ms, now_ms) + count * self._every_ms
        wait_ms = free_at - now_ms - self._burst * self._every_ms
        if wait_ms > 0:
            return wait_ms
        self._free_at_ms = free_at
        return 0


@dataclass(frozen=True, slots=True)
class Asker:
    """The plugin that asks, with what it may."""

    plugin_id: str
    scopes: frozenset[str]
    grant: Grant


class Desk:
    """Takes actions in for one room."""

    def __init__(self, arbiter: Arbiter, log: Log, limits: Limits, new_id: Callable[[], str]) -> None:
        self.arbiter = arbiter
        self._log = log
        self._limits = limits
        self._new_id = new_id
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def ask(self, frame: ActionFrame, asker: Asker, rev: int, now_ms: int) -> tuple[Result, list[Change]]:
        """The first answer to an action, and what it changed."""
        try:
            kind = action_class(frame.type)
            data = kind.model_validate(frame.d)
        except UnknownTypeError as error:
            return _no(frame, "unknown_type", str(error), path="type"), []
        except ValidationError as error:
            problem = field_error(error, "d")
            return _no(frame, "bad_request", problem.detail, path=problem.path), []
        refusal = self._allowed(frame, data, asker)
        if refusal is not None:
            return refusal, []
        digest = _digest(frame)
        known = None if frame.idem is None else self._log.recall(asker.plugin_id, frame.idem)
        if known is not None and known.until_ms > now_ms:
            if known.digest != digest:
                return _no(frame, "idem_conflict", "this key was used for another body", path="idem"), []
            return Result(id=frame.id, state="accepted", dup=True), []
        refusal = self._in_time(frame, data, asker, now_ms)
        if refusal is not None:
            return refusal, []
        if frame.when is not None and frame.when.rev != rev:
            return _no(frame, "stale_state", f"the product on show is at rev {rev}", path="if.rev"), []
        refusal = self._affordable(frame, data, asker)
        if refusal is not None:
            return refusal, []
        return self._take(frame, data, asker, digest, now_ms)

    def _allowed(self, frame: ActionFrame, data: ActionData, asker: Asker) -> Result | None:
        if data.scope not in asker.scopes:
            return _no(frame, "forbidden_scope", f"{data.type} needs {data.scope}")
        if frame.pri not in asker.grant.priorities:
            return _no(frame, "forbidden_scope", f"priority {frame.pri!r} is not granted", path="pri")
        if data.needs_idem and frame.idem is None:
            return _no(frame, "bad_request", f"{data.type} needs an idempotency key", path="idem")
        return None

    def _in_time(self, frame: ActionFrame, data: ActionData, asker: Asker, now_ms: int) -> Result | None:
        if self.arbiter.find(asker.plugin_id, frame.id) is not None:
            return _no(frame, "bad_request", "this id is in use", path="id")
        every = self._limits.actions_every_ms, self._limits.actions_burst
        wait_ms = self._bucket(asker.plugin_id, "*", *every).take(now_ms)
        wait_ms = wait_ms or self._bucket(asker.plugin_id, data.type, data.rate.every_ms, data.rate.burst).take(now_ms)
        return _no(frame, "rate_limited", f"{data.type} is too frequent", retry=wait_ms) if wait_ms else None

    def _bucket(self, plugin_id: str, name: str, every_ms: int, burst: int) -> Bucket:
        return self._buckets.setdefault((plugin_id, name), Bucket(every_ms, burst))

    def _affordable(self, frame: ActionFrame, data: ActionData, asker: Asker) -> Result | None:
        cost = data.cost()
        if cost is None:
            return None
        kind, amount = cost
        left = getattr(asker.grant.budget, kind) - self._log.spent(asker.plugin_id, kind)
        return None if amount <= left else _no(frame, "budget_exceeded", f"{kind}: {amount} asked, {left} left")

    def _take(
        self, frame: ActionFrame, data: ActionData, asker: Asker, digest: str, now_ms: int
    ) -> tuple[Result, list[Change]]:
        action = Action(
            id=self._new_id(),
            client_id=frame.id,
            plugin_id=asker.plugin_id,
            data=data,
            priority=frame.pri,
            accepted_ms=now_ms,
            expires_ms=now_ms + frame.ttl_ms,
            on_busy=frame.on_busy,
            idem=frame.idem,
            lease=data.leased(),
        )
        cost = data.cost()
        try:
            if cost is not None:
                self._log.spend(asker.plugin_id, *cost)
            changes = self.arbiter.offer(action, now_ms)
        except LogError as error:
            return _no(frame, "internal", str(error)), []
        except Busy:  # what costs needs no lease, so nothing was spent
            return _no(frame, "busy", f"{action.lease} is taken", retry=1_000), []
        if frame.idem is not None:
            until_ms = now_ms + self._limits.idem_ms
            self._log.remember(IdemRow(asker.plugin_id, frame.idem, digest, action.id, until_ms))
        return Result(id=frame.id, state="accepted"), changes


def _no(
    frame: ActionFrame, code: ErrorCode, detail: str, *, path: str | None = None, retry: int | None = None
) -> Result:
    return Result(id=frame.id, state="rejected", code=code, detail=detail, path=path, retry_after_ms=retry)


def _digest(frame: ActionFrame) -> str:
    body = json.dumps([frame.type, frame.d], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()
