"""A socket as the hub's core sees it, and what the core tells the operator."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from nightcast.room.protocol import Close, Frame, Limits, Ping, encode
from nightcast.room.session import Session

STRIKES_MS = 10_000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator should know about a plugin."""

    kind: Literal["connected", "gone", "refused", "slow", "closed", "revoked"]
    plugin_id: str
    detail: str


@dataclass(eq=False, slots=True)
class Conn:
    """One socket. `out` holds what goes before events; `closing` the code it is to be closed with."""

    id: int
    opened_ms: int
    heard_ms: int
    bearer: str = ""
    session: Session | None = None
    batch: bool = False
    out: deque[str] = field(default_factory=deque)
    closing: tuple[Close, str] | None = None
    _strikes: deque[int] = field(default_factory=deque)
    _pinged_ms: int = 0

    @property
    def who(self) -> str:
        return self.session.plugin.id if self.session else "unidentified"

    def send(self, frame: Frame) -> None:
        self.out.append(encode(frame))

    def take(self, now_ms: int) -> list[str]:
        """What to send now, in order."""
        texts = list(self.out)
        self.out.clear()
        if self.session is None or self.closing is not None:
            return texts
        frames = self.session.outbox.take(now_ms)
        if self.batch and len(frames) > 1:
            return [*texts, f'{{"op":"batch","frames":[{",".join(frames)}]}}']
        return texts + frames

    def strike(self, now_ms: int) -> int:
        """Count a refused frame; how many there were of late."""
        self._strikes.append(now_ms)
        while now_ms - self._strikes[0] > STRIKES_MS:
            self._strikes.popleft()
        return len(self._strikes)

    def overdue(self, limits: Limits, now_ms: int) -> tuple[Close, str] | None:
        """The code to close with where something has not come in time; a quiet plugin is pinged first."""
        if self.session is None and now_ms - self.opened_ms >= limits.identify_ms:
            return Close.NOT_IDENTIFIED, "not identified in time"
        quiet_ms = now_ms - self.heard_ms
        if quiet_ms > 2.5 * limits.heartbeat_ms:
            return Close.HEARTBEAT, f"nothing heard for {quiet_ms / 1000:.0f} s"
        if quiet_ms >= limits.heartbeat_ms and now_ms - self._pinged_ms >= limits.heartbeat_ms:
            self._pinged_ms = now_ms
            self.send(Ping(t=now_ms))
        return None


def slowness(session: Session, limits: Limits, now_ms: int) -> tuple[bool, str] | None:
    """None where a plugin keeps up; else whether it must be closed, and what waits for it."""
    outbox = session.outbox
    since_ms = outbox.over_soft_since_ms
    if since_ms is None:
        return None
    kinds = ", ".join(f"{name} x{count}" for name, count in outbox.top_types())
    depth = f"{outbox.queued} frames, {outbox.queued_bytes // 1024} KiB waiting: {kinds}"
    hard = outbox.queued > limits.queue_hard or outbox.queued_bytes > limits.queue_hard_bytes
    return hard or now_ms - since_ms > limits.slow_ms, depth
