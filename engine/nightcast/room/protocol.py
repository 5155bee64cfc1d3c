"""The frames of the plugin protocol, version 1: one JSON object a message, named by `op`.

These models are the one source of the published schema. Unknown fields are ignored; an unknown `op` is
answered with `error` and never closes the connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from nightcast.room.errors import FrameError

VERSION = 1
PATH = "/plugin/v1"
SUBPROTOCOL = "nightcast.v1.json"
FEATURES = ("batch", "publish")

Priority = Literal["operator", "compliance", "order", "script", "plugin", "ambience"]
#: From what must be heard first to what only fills silence.
PRIORITIES: tuple[Priority, ...] = ("operator", "compliance", "order", "script", "plugin", "ambience")

ErrorCode = Literal[
    "bad_request", "unknown_op", "unknown_type", "forbidden_scope", "rate_limited", "busy", "stale_state", "expired",
    "idem_conflict", "too_large", "not_found", "unsafe_content", "budget_exceeded", "timeout", "internal",
]  # fmt: skip
LossReason = Literal["coalesced", "expired", "slow", "offline", "restart", "drop"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Close(IntEnum):
    """Close codes and what a client does on each."""

    GOING_AWAY = 1001  # resume, with jitter
    RESTART = 1012  # resume, with jitter
    PROTOCOL = 4001  # stop
    DECODE = 4002  # stop
    NOT_IDENTIFIED = 4003  # stop
    BAD_TOKEN = 4004  # stop, pair again
    VERSION = 4005  # stop
    REPLACED = 4006  # stop
    BAD_SESSION = 4007  # identify
    RATE_ABUSE = 4008  # back off
    HEARTBEAT = 4009  # resume
    SLOW = 4010  # resume, with fewer subscriptions
    REVOKED = 4011  # stop


#: What the close codes ask of a client.
AFTER_CLOSE: Mapping[int, Literal["resume", "identify", "stop", "back_off"]] = MappingProxyType(
    {
        Close.GOING_AWAY: "resume", Close.RESTART: "resume", Close.PROTOCOL: "stop", Close.DECODE: "stop",
        Close.NOT_IDENTIFIED: "stop", Close.BAD_TOKEN: "stop", Close.VERSION: "stop", Close.REPLACED: "stop",
        Close.BAD_SESSION: "identify", Close.RATE_ABUSE: "back_off", Close.HEARTBEAT: "resume",
        Close.SLOW: "resume", Close.REVOKED: "stop",
    }
)  # fmt: skip


class Limits(BaseModel):
    """What the hub allows; published in `hello`."""

    model_config = ConfigDict(frozen=True)

    frame_bytes: int = 64 * 1024
    depth: int = 16
    subscriptions: int = 64
    identify_ms: int = 10_000
    heartbeat_ms: int = 15_000
    actions_every_ms: int = 50
    actions_burst: int = 40
    publish_every_ms: int = 1  # one event a millisecond
    publish_burst: int = 2_000
    ack_every: int = 64
    ack_ms: int = 1_000
    window: int = 4_096  # frames sent and not acknowledged
    queue_soft: int = 1_024
    queue_soft_bytes: int = 4 * 1024 * 1024
    queue_hard: int = 4_096
    queue_hard_bytes: int = 16 * 1024 * 1024
    slow_ms: int = 5_000
    ring_a: int = 10_000
    ring_a_ms: int = 30 * 60_000
    ring_b: int = 2_048
    ring_b_ms: int = 60_000
    idem_ms: int = 24 * 3_600_000
    strikes: int = 20  # refused frames in ten seconds before the connection is closed


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    op: str


# -- from the plugin --


Scalar = str | int | float | bool
Condition = Scalar | list[Scalar] | dict[Literal["gte", "lte", "contains"], Scalar]


class Subscription(BaseModel):
    """Which events: a type or `family.*`, where fields match, at most `rate_hz` a second by `reduce`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Name
    where: dict[Name, Condition] = Field(default_factory=dict, max_length=8)
    rate_hz: float | None = Field(None, gt=0, le=1000)
    reduce: Literal["last", "sum", "max"] = "last"


class PluginInfo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    version: str = Field("0", max_length=32)
    sdk: str = Field("", max_length=64)


class Identify(Frame):
    """The first frame of a new session."""

    op: Literal["identify"] = "identify"
    proto: int
    plugin: PluginInfo
    token: str = Field("", max_length=256)
    scopes: tuple[Name, ...] = Field((), max_length=32)
    subs: tuple[Subscription, ...] = Field((), max_length=64)
    features: tuple[Name, ...] = Field((), max_length=32)


class Resume(Frame):
    """The first frame after a lost connection. `seq` null asks for all since the last acknowledged frame."""

    op: Literal["resume"] = "resume"
    proto: int = VERSION
    session: Name
    epoch: Name
    token: str = Field("", max_length=256)
    seq: int | None = Field(None, ge=0)
    off: int | None = Field(None, ge=0, description="`off` of the last event seen, to find the place after a restart")


class Subscribe(Frame):
    """Add subscriptions, or with `replace` put them in place of all there are."""

    op: Literal["subscribe"] = "subscribe"
    id: Name
    subs: tuple[Subscription, ...] = Field(max_length=64)
    replace: bool = False


class Unsubscribe(Frame):
    op: Literal["unsubscribe"] = "unsubscribe"
    id: Name
    types: tuple[Name, ...] = Field(max_length=64)


class Precondition(BaseModel):
    """What must still be true when the action is taken up."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    rev: int = Field(ge=0, description="`rev` of the product on show")


class ActionFrame(Frame):
    """Ask for something. The hub answers with `result`, then with `action.state` events."""

    op: Literal["action"] = "action"
    id: Name
    type: Name
    d: dict[str, Any] = Field(default_factory=dict)
    idem: str | None = Field(None, min_length=1, max_length=128)
    ttl_ms: int = Field(15_000, gt=0, le=600_000)
    pri: Priority = "plugin"
    on_busy: Literal["queue", "reject", "replace"] = "queue"
    when: Precondition | None = Field(None, alias="if")


class Cancel(Frame):
    """Take an action back, if it has not ended. What it would have said is not said, unless its sentence has begun."""

    op: Literal["cancel"] = "cancel"
    id: Name


class Ack(Frame):
    """All frames up to `seq` have been handled."""

    op: Literal["ack"] = "ack"
    seq: int = Field(ge=0)


class Publish(Frame):
    """Bring events into the room (connectors, with `room:publish`)."""

    op: Literal["publish"] = "publish"
    id: Name
    events: tuple[dict[str, Any], ...] = Field(max_length=500)


class Ping(Frame):
    op: Literal["ping"] = "ping"
    t: int | None = None


class Pong(Frame):
    op: Literal["pong"] = "pong"
    t: int | None = None


# -- from the hub --


class Hello(Frame):
    op: Literal["hello"] = "hello"
    proto: tuple[int, ...] = (VERSION,)
    server: str
    features: tuple[str, ...] = FEATURES
    limits: Limits
    actions: dict[str, dict[str, int]]
    heartbeat_ms: int
    epoch: str


class Loss(BaseModel):
    """Frames that will not come, by type, and why."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    from_: int = Field(alias="from")
    to: int
    by_type: dict[str, int]
    reason: LossReason


class ProductCard(BaseModel):
    """What a plugin may know of a product. Prices are for display; the host never speaks a plugin's number."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    title: str
    names: tuple[str, ...] = ()  #: other names viewers use, in any language
    number: int | None = None
    price_minor: int = 0
    list_price_minor: int | None = None
    currency: str = "CNY"
    stock: int | None = None
    wear: str | None = None
    topics: tuple[str, ...] = ()  #: which questions the catalog's facts can answer


class Snapshot(BaseModel):
    """The room as it stands."""

    model_config = ConfigDict(frozen=True, extra="allow")

    room: str = "main"
    title: str = ""
    language: Literal["en", "zh"] = "en"
    host: str = ""
    scene: str = ""
    product_id: str | None = None
    rev: int = 0
    products: tuple[ProductCard, ...] = ()
    state: dict[str, dict[str, Any]] = Field(default_factory=dict, description="newest class C event by its key")


class Ready(Frame):
    op: Literal["ready"] = "ready"
    session: str
    granted: tuple[str, ...]
    denied: tuple[str, ...]
    snapshot: Snapshot
    seq: int
    token: str | None = Field(None, description="replaces a one-time token")


class Resumed(Frame):
    op: Literal["resumed"] = "resumed"
    session: str
    replayed: int
    lost: tuple[Loss, ...]
    snapshot: Snapshot
    token: str | None = Field(None, description="replaces a one-time token")


class Resync(Frame):
    """What was missed cannot be replayed: take the snapshot and go on from `seq`."""

    op: Literal["resync"] = "resync"
    session: str
    reason: str
    snapshot: Snapshot
    seq: int
    token: str | None = Field(None, description="replaces a one-time token")


class EventFrame(Frame):
    op: Literal["event"] = "event"
    seq: int
    off: int
    id: str
    type: str
    room: str
    ts: int
    src: dict[str, Any] | None = None
    key: str | None = None
    delivery: Literal["A", "B", "C"] = Field(alias="class")
    ttl_ms: int | None = None
    test: bool = False
    replay: bool = False
    d: dict[str, Any]


class Flow(Frame):
    """Accounts for a gap in `seq`."""

    op: Literal["flow"] = "flow"
    from_: int = Field(alias="from")
    to: int
    by_type: dict[str, int]
    reason: LossReason


class Batch(Frame):
    """Several `event` and `flow` frames at once, in order."""

    op: Literal["batch"] = "batch"
    frames: tuple[EventFrame | Flow, ...]


class Result(Frame):
    """The first of an action's two answers, or the answer to subscribe, unsubscribe, publish and cancel."""

    op: Literal["result"] = "result"
    id: str
    state: Literal["accepted", "rejected"]
    code: ErrorCode | None = None
    detail: str | None = None
    path: str | None = None
    retry_after_ms: int | None = None
    dup: bool = False


class Revoke(Frame):
    """Scopes were taken away; what they covered has been cancelled and unsubscribed."""

    op: Literal["revoke"] = "revoke"
    scopes: tuple[str, ...]


class Reconnect(Frame):
    """The hub will close soon: connect again within `within_ms` and resume."""

    op: Literal["reconnect"] = "reconnect"
    within_ms: int


class ErrorFrame(Frame):
    op: Literal["error"] = "error"
    code: ErrorCode
    detail: str
    path: str | None = None
    retryable: bool = False
    retry_after_ms: int | None = None
    fatal: bool = False


_FROM_PLUGIN = (Identify, Resume, Subscribe, Unsubscribe, ActionFrame, Cancel, Ack, Publish, Ping, Pong)
_FROM_HUB = (
    Hello, Ready, Resumed, Resync, EventFrame, Batch, Result, Flow, Revoke, Reconnect, ErrorFrame, Ping, Pong,
)  # fmt: skip


def _by_op(frames: Iterable[type[Frame]]) -> Mapping[str, type[Frame]]:
    return MappingProxyType({frame.model_fields["op"].default: frame for frame in frames})


PLUGIN_FRAMES = _by_op(_FROM_PLUGIN)
HUB_FRAMES = _by_op(_FROM_HUB)


class UnknownOpError(FrameError):
    """A frame whose `op` is not of this version."""


def decode(raw: str | bytes, limits: Limits) -> dict[str, Any]:
    """A raw text as a JSON object. Raises FrameError (fatal) for what is no object or passes the limits."""
    if isinstance(raw, bytes):
        raise FrameError("binary frames are not spoken here; send JSON as text", fatal=True)
    if len(raw) > limits.frame_bytes:
        raise FrameError(f"{len(raw)} characters, the limit is {limits.frame_bytes} bytes", fatal=True)
    try:
        value = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise FrameError(f"not JSON: {error}", fatal=True) from None
    if not isinstance(value, dict):
        raise FrameError("a frame is a JSON object", fatal=True)
    if _depth_exceeds(value, limits.depth):
        raise FrameError(f"nested deeper than {limits.depth}", fatal=True)
    return value


def parse(fields: dict[str, Any], frames: Mapping[str, type[Frame]]) -> Frame:
    """The typed frame. Raises UnknownOpError or FrameError with the path of the first wrong field."""
    op = fields.get("op")
    model = frames.get(op) if isinstance(op, str) else None
    if model is None:
        raise UnknownOpError(f"unknown op {str(op)[:40]!r}", path="op")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise field_error(error) from None


def field_error(error: ValidationError, prefix: str = "") -> FrameError:
    """The first problem of a validation, as a FrameError with its path."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join([prefix, *map(str, first["loc"])]).strip(".")
    return FrameError(first["msg"], path=path or None)


def encode(frame: Frame) -> str:
    """A frame as the JSON text that is sent."""
    return frame.model_dump_json(by_alias=True, exclude_none=True)


def _depth_exceeds(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
