"""The plugin's side of the protocol as a state machine: handshake, sequence, acknowledgement, resume. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from nightcast import __version__
from nightcast.room.protocol import (
    AFTER_CLOSE,
    FEATURES,
    VERSION,
    Ack,
    Frame,
    Identify,
    PluginInfo,
    Pong,
    Resume,
    Snapshot,
    Subscribe,
    Subscription,
    encode,
)


@dataclass(frozen=True)
class Opened:
    """The session is open: `how` is ready, resumed or resync. `snapshot` is the room now."""

    how: str
    snapshot: Snapshot
    lost: tuple[dict[str, Any], ...] = ()
    denied: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrived:
    """An event, as it was on the wire. It must be acknowledged with `handled` when its handlers are done."""

    seq: int
    wire: dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """A `result` frame."""

    fields: dict[str, Any]


@dataclass(frozen=True)
class Lost:
    """Frames that will not come, explained by the hub."""

    by_type: dict[str, int]
    reason: str


@dataclass(frozen=True)
class Refused:
    """An `error` frame, or scopes that were revoked."""

    detail: str


@dataclass(frozen=True)
class Broken:
    """A hole in the sequence that nobody explained: the connection must be closed and resumed."""

    expected: int
    got: int


Happening = Opened | Arrived | Answered | Lost | Refused | Broken


@dataclass
class ClientCore:
    """`receive` takes a message and yields what happened; `outgoing` collects what must be sent."""

    plugin: PluginInfo
    token: str
    scopes: tuple[str, ...]
    subs: tuple[Subscription, ...]
    session: str | None = None
    epoch: str | None = None
    seq: int | None = None  #: the last frame seen; None until the session is open in this process
    off: int | None = None
    open: bool = False
    heartbeat_ms: int = 15_000
    outgoing: list[str] = field(default_factory=list)
    _pending: set[int] = field(default_factory=set)
    _acked: int = 0
    _unacked: int = 0

    def connected(self) -> None:
        """A new socket: the hub speaks first."""
        self.open = False
        self.outgoing.clear()

    def closed(self, code: int) -> str:
        """A socket was closed: what to do now, one of resume, identify, stop, back_off."""
        self.open = False
        what = AFTER_CLOSE.get(code, "resume")
        if what == "identify":
            self.session = None
        return what

    def receive(self, message: str | bytes) -> Iterator[Happening]:
        """Take one message of the hub in."""
        frame = from_json(message)
        frames = frame["frames"] if frame.get("op") == "batch" else [frame]
        for one in frames:
            yield from self._frame(one)

    def handled(self, seq: int) -> None:
        """The handlers of an event are done; `ack_due` says when to send the acknowledgement."""
        self._pending.discard(seq)

    def ack(self) -> None:
        """Acknowledge all that is handled without a hole."""
        if not self.open or self.seq is None:
            return
        upto = min(self._pending) - 1 if self._pending else self.seq
        if upto > self._acked:
            self._acked = upto
            self._unacked = 0
            self.send(Ack(seq=upto))

    def send(self, frame: Frame) -> None:
        self.outgoing.append(encode(frame))

    @property
    def ack_due(self) -> bool:
        return self._unacked >= 64

    def _frame(self, frame: dict[str, Any]) -> Iterator[Happening]:
        match frame.get("op"):
            case "event":
                yield from self._event(frame)
            case "flow":
                if self.seq is None or frame["to"] > self.seq:
                    self.seq = frame["to"]
                    yield Lost(frame["by_type"], frame["reason"])
            case "hello":
                self._hello(frame)
            case "ready":
                self.session = frame["session"]
                yield from self._opened(frame, frame["seq"])
            case "resumed":
                yield from self._opened(frame, self.seq)
            case "resync":
                yield from self._opened(frame, frame["seq"])
            case "result":
                yield Answered(frame)
            case "ping":
                self.send(Pong(t=frame.get("t")))
            case "error":
                yield Refused(f"{frame.get('code')}: {frame.get('detail')}")
            case "revoke":
                yield Refused(f"revoked: {', '.join(frame['scopes'])}")
            case _:
                pass  # reconnect is followed by a close; an op of a later version is not for us

    def _hello(self, frame: dict[str, Any]) -> None:
        self.heartbeat_ms = frame.get("heartbeat_ms", self.heartbeat_ms)
        epoch = frame["epoch"]
        if self.session is not None and self.epoch in (None, epoch):
            self.send(Resume(session=self.session, epoch=epoch, token=self.token, seq=self.seq, off=self.off))
        else:
            self.session = None
            self.send(
                Identify(
                    proto=VERSION, plugin=self.plugin, token=self.token, scopes=self.scopes, subs=self.subs,
                    features=FEATURES,
                )
            )  # fmt: skip
        self.epoch = epoch

    def _opened(self, frame: dict[str, Any], seq: int | None) -> Iterator[Happening]:
        if frame["op"] == "resumed" and self.seq is None:  # taken over from a process with other handlers
            self.send(Subscribe(id="takeover", subs=self.subs, replace=True))
        if frame["op"] != "resumed":
            self._pending.clear()
            self._acked = seq or 0
        self.token = frame.get("token") or self.token
        self.seq = seq
        self.open = True
        snapshot = Snapshot.model_validate(frame["snapshot"])
        yield Opened(frame["op"], snapshot, tuple(frame.get("lost", ())), tuple(frame.get("denied", ())))

    def _event(self, frame: dict[str, Any]) -> Iterator[Happening]:
        seq = frame["seq"]
        if self.seq is not None:
            if seq <= self.seq:
                return  # a repeat
            if seq > self.seq + 1:
                yield Broken(self.seq + 1, seq)
                return
        self.seq, self.off = seq, frame["off"]
        self._pending.add(seq)
        self._unacked += 1
        yield Arrived(seq, frame)


def sdk_name() -> str:
    return f"nightcast-python/{__version__}"
