"""A bare protocol client on a `HubCore`: sends frames, reads frames, knows nothing."""

from __future__ import annotations

import itertools
import json
from typing import Any

from nightcast.room.core import HubCore
from nightcast.room.events import EventData, GiftFinal, User
from nightcast.room.grants import Budget, Grants
from nightcast.room.log import Log, MemoryLog
from nightcast.room.protocol import Limits

ALL = ("room.comment:read", "order:read", "speech:write", "overlay:write", "promo:write", "camera:write")


class Bench:
    """A hub core with a clock in hand."""

    def __init__(self, *, log: Log | None = None, limits: Limits | None = None, grants: Grants | None = None) -> None:
        self.now_ms = 1_000_000
        self.log = log or MemoryLog()
        self.ids = itertools.count(1)
        self.grants = grants or Grants(new_token=lambda: f"token-{next(self.ids)}")
        self.core = HubCore(self.grants, new_id=lambda: str(next(self.ids)), log=self.log, limits=limits)
        self.tokens: dict[str, str] = {}

    def allow(self, plugin_id: str, scopes: tuple[str, ...] = ALL, **options: Any) -> str:
        self.grants.allow(plugin_id, scopes, **options)
        self.tokens[plugin_id] = self.grants.issue(plugin_id)
        return self.tokens[plugin_id]

    def restarted(self) -> Bench:
        """The same log and grants under a new hub, as after a crash."""
        fresh = Bench(log=self.log, limits=self.core.limits, grants=self.grants)
        fresh.now_ms, fresh.tokens, fresh.ids = self.now_ms, self.tokens, self.ids
        return fresh

    def publish(self, *data: EventData) -> None:
        for one in data:
            self.core.publish(one, self.now_ms)

    def pass_s(self, seconds: float, step_ms: int = 100) -> None:
        end_ms = self.now_ms + round(seconds * 1000)
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + step_ms)
            self.core.tick(self.now_ms)

    def socket(self, bearer: str = "") -> Socket:
        return Socket(self, bearer)

    def plugin(self, plugin_id: str = "p", *types: str, scopes: tuple[str, ...] = ALL, **fields: Any) -> Socket:
        """An identified plugin with subscriptions; its handshake has been read."""
        if plugin_id not in self.tokens:
            self.allow(plugin_id, scopes, budget=Budget(coupon_value_minor=10_000, lottery_prizes=3))
        socket = self.socket()
        subs = [{"type": t} for t in types]
        socket.identify(plugin_id, self.tokens[plugin_id], scopes=scopes, subs=subs, **fields)
        socket.ready = socket.read("ready")
        return socket


class Socket:
    def __init__(self, bench: Bench, bearer: str = "") -> None:
        self.bench = bench
        self.conn = bench.core.connect(bench.now_ms, bearer)
        self.ready: dict[str, Any] = {}
        self._read: list[dict[str, Any]] = []

    def send(self, **frame: Any) -> None:
        self.raw(json.dumps(frame))

    def raw(self, text: str | bytes) -> None:
        self.bench.core.receive(self.conn, text, self.bench.now_ms)

    def frames(self) -> list[dict[str, Any]]:
        """What has come since the last call; batches unpacked."""
        while texts := self.bench.core.take(self.conn, self.bench.now_ms):
            self._read += [json.loads(text) for text in texts]
        found, self._read = self._read, []
        return [inner for f in found for inner in (f["frames"] if f["op"] == "batch" else [f])]

    def read(self, op: str) -> dict[str, Any]:
        """The only new frame of this op."""
        found = [f for f in self.frames() if f["op"] == op]
        assert len(found) == 1, found
        return found[0]

    def events(self) -> list[dict[str, Any]]:
        return [f for f in self.frames() if f["op"] in ("event", "flow")]

    @property
    def closed(self) -> int | None:
        closing = self.bench.core.closing(self.conn)
        return None if closing is None else int(closing[0])

    def cut(self) -> None:
        self.bench.core.disconnect(self.conn, self.bench.now_ms)

    def identify(self, plugin_id: str, token: str, **fields: Any) -> None:
        self.send(op="identify", proto=1, plugin={"id": plugin_id}, token=token, **fields)

    def action(self, kind: str, d: dict[str, Any], *, id: str = "a1", **fields: Any) -> dict[str, Any]:  # noqa: A002
        """Ask for an action; its result."""
        self.send(op="action", id=id, type=kind, d=d, **fields)
        found = self.frames()
        self._read = [f for f in found if f["op"] != "result"]
        return next(f for f in found if f["op"] == "result")

    def states(self) -> list[str]:
        """The states of own actions that have come."""
        return [e["d"]["state"] for e in self.events() if e.get("type") == "action.state"]


def gift(number: int, **fields: Any) -> GiftFinal:
    return GiftFinal(combo_id=f"k{number}", user=User(ref="u1", nickname="Amy"), gift_id="rose", count=number, **fields)
