"""One example of every message type, for the reference page, for tests, and for clients in other languages."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nightcast.room.actions import ACTIONS
from nightcast.room.events import EVENTS, Event, Source
from nightcast.room.protocol import HUB_FRAMES, PLUGIN_FRAMES, Limits

__all__ = ["examples"]

_TS = 1_767_225_600_000

#: Values by the name of a field, so that examples read like a room.
_VALUES: Mapping[str, Any] = {
    "ref": "u-8f3a", "nickname": "Amy", "text": "how much is the lantern lamp?", "comment_id": "c-1042", "lang": "en",
    "intent": "price", "language": "en", "product_id": "lantern_lamp", "title": "Lantern lamp", "price_minor": 8900,
    "currency": "CNY", "rev": 88, "order_id": "o-5521", "amount_minor": 8900, "qty": 1, "src_status": "已付款",
    "viewers": 312, "likes_total": 48_200, "delta": 57, "total": 48_257, "window_ms": 1000, "combo_id": "k-77",
    "gift_id": "rose", "name": "rose", "count": 9, "unit_minor": 100, "value_minor": 900, "platform": "douyin",
    "available": 4, "poll_id": "poll-1", "lottery_id": "l-1", "sale_id": "lamp-2300", "prize": "a lantern",
    "question": "What shall we see next?", "options": ("Lantern lamp", "Moon earrings"), "reason": "spam",
    "counts": {"Lantern lamp": 12, "Moon earrings": 7}, "ends_at": _TS + 60_000, "starts_at": _TS, "shot": "close",
    "overlay": "price_card", "question_id": "c-1042", "coupon_id": "likes-5", "winners": 1, "keyword": "lantern",
    "commitment": "0" * 64, "seed": "9f86d081884c7d65", "action_id": "a17", "action": "speech.say", "gesture": "thank",
    "superchat_id": "s-9", "sku_id": "lamp-red", "level": 3, "phase": None, "session": "ses_4f1c", "epoch": "b7e2",
    "token": "…", "op": None, "proto": 1, "id": "a17", "idem": "ord88-thanks", "seq": 1042, "off": 99_181, "ts": _TS,
    "server": "nightcast/0.1.0", "heartbeat_ms": 15_000, "granted": ("speech:write",), "denied": ("order:read",),
    "scopes": ("room.comment:read", "speech:write"), "types": ("like.window",), "replayed": 3, "within_ms": 2000,
    "detail": "speech.say is too frequent", "t": _TS, "type": "comment.new", "room": "main", "host": "Lan",
    "scene": "night_market", "version": "1", "sdk": "nightcast-python/0.1.0", "by_type": {"like.window": 2},
    "from_": 1043, "to": 1044, "features": ("batch",), "limits": Limits(),
    "actions": {"speech.say": {"every_ms": 2000}},
    "state": None, "target": "product", "variant": "red", "emoji": ("🏮",), "user": None, "paused": True,
    "code": None, "replay": None, "test": None, "retry_after_ms": 1400, "path": None, "fatal": None, "asked_by": 3,
    "when": None, "where": {"intent": ["price", "size"]}, "rate_hz": 2.0, "names": ("lamp", "台灯"), "number": 3,
    "stock": 4, "topics": ("price", "size"), "list_price_minor": 12_900, "slot": 3, "key": None, "snapshot": None,
}  # fmt: skip


def examples() -> dict[str, Any]:
    """By name (`frame.…`, `event.…`, `action.…`), the message as it is on the wire."""
    found: dict[str, Any] = {}
    for op, frame in {**PLUGIN_FRAMES, **HUB_FRAMES}.items():
        found[f"frame.{op}"] = _model(frame).model_dump(mode="json", by_alias=True, exclude_none=True)
    for name, action in ACTIONS.items():
        found[f"action.{name}"] = {
            "op": "action", "id": "a17", "type": name, "idem": "ord88-thanks", "ttl_ms": 5000,
            "d": _model(action).model_dump(mode="json", exclude_none=True),
        }  # fmt: skip
    for number, (name, data) in enumerate(EVENTS.items(), 1):
        src = Source(platform="douyin", msg_id=f"m{number}", ts=_TS - 50)
        event = Event(_model(data), _TS, src=src).stamped(f"evt_b7e2_{number}", number)
        found[f"event.{name}"] = {"op": "event", "seq": number, **event.to_wire()}
    found["frame.event"] = found["event.gift.final"]
    found["frame.action"] = found["action.speech.say"]
    found["frame.batch"] = {"op": "batch", "frames": [found["event.comment.new"], found["frame.flow"]]}
    found["frame.result"] = {
        "op": "result", "id": "a17", "state": "rejected", "code": "rate_limited",
        "detail": "speech.say is too frequent", "retry_after_ms": 1400, "dup": False,
    }  # fmt: skip
    found["frame.identify"]["plugin"]["id"] = "thanks-bot"
    found["action.avatar.gesture"]["d"]["name"] = "thank"
    found["event.room.end"]["d"]["reason"] = "the night is over"
    found["frame.publish"] = {
        "op": "publish", "id": "p1",
        "events": [{"type": "comment.new", "src": {"platform": "douyin", "msg_id": "m1"},
                    "d": found["event.comment.new"]["d"]}],
    }  # fmt: skip
    return dict(sorted(found.items()))


def _model(model: type[Any]) -> Any:
    fields = {name: _value(name, info) for name, info in model.model_fields.items()}
    return model.model_validate({name: value for name, value in fields.items() if value is not None})


def _value(name: str, info: FieldInfo) -> Any:
    annotation = _inner(info.annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation)
    item = _item(annotation)
    if item is not None and isinstance(item, type) and issubclass(item, BaseModel):
        return (_model(item),)
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)[0]
    value = _VALUES.get(name)
    if value is not None and info.annotation is not None and _fits(info, value):
        return value
    return None if not info.is_required() else _plain(annotation)


def _fits(info: FieldInfo, value: Any) -> bool:
    annotation = _inner(info.annotation)
    if annotation in (int, float):
        return isinstance(value, int | float)
    if annotation is str:
        return isinstance(value, str)
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return isinstance(value, tuple) and _item(annotation) in (str, int) and isinstance(value[0], str | int)
    return origin is dict and isinstance(value, dict)


def _inner(annotation: Any) -> Any:
    """The type within `Annotated` and `… | None`."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _inner(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [a for a in typing.get_args(annotation) if a is not type(None)]
        return _inner(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _item(annotation: Any) -> Any:
    """The element of a homogeneous tuple."""
    if typing.get_origin(annotation) is not tuple:
        return None
    return _inner(typing.get_args(annotation)[0])


def _plain(annotation: Any) -> Any:
    if annotation is bool:
        return True
    if annotation in (int, float):
        return 1
    if typing.get_origin(annotation) is dict:
        return {}
    if typing.get_origin(annotation) is tuple:
        return ()
    return "x"
