"""The protocol as JSON Schema 2020-12, made from the pydantic models.

`$defs` holds every frame (`frame.*`), event (`event.*`) and action (`action.*`) with what it is made of. Keywords
that begin with `x-` say what JSON Schema cannot: direction, delivery class, scope, lease, rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nightcast.room.actions import ACTIONS, SCOPES, ActionData
from nightcast.room.events import EVENTS, EventData
from nightcast.room.folding import GiftRaw, LikeRaw
from nightcast.room.protocol import (
    AFTER_CLOSE,
    HUB_FRAMES,
    PATH,
    PLUGIN_FRAMES,
    SUBPROTOCOL,
    VERSION,
    Close,
    Limits,
)
from nightcast.room.signals import RAW_TYPES

__all__ = ["protocol_schema"]


def protocol_schema() -> dict[str, Any]:
    """The whole protocol in one schema; a message is one of `frame.*`."""
    names = _names()
    shapes, shared = models_json_schema([(m, "validation") for m in names], ref_template="#/$defs/{model}")
    defs: dict[str, Any] = dict(shared.get("$defs", {}))
    published: dict[str, Any] = {}
    inner = {shapes[(model, "validation")]["$ref"].removeprefix("#/$defs/"): name for model, name in names.items()}
    for key, shape in defs.items():
        published[inner.get(key, f"part.{key}")] = _renamed(shape, inner)
    for model, name in names.items():
        published[name].pop("title", None)
        published[name] |= _annotations(model)
        if name.startswith(
            "frame."
        ):  # `op` names the frame, so that it has a value in the model and is needed on the wire
            published[name]["required"] = ["op", *published[name].get("required", ())]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Nightcast plugin protocol",
        "version": VERSION,
        "x-path": PATH,
        "x-subprotocol": SUBPROTOCOL,
        "x-scopes": dict(SCOPES),
        "x-close-codes": {str(int(c)): {"name": c.name.lower(), "client": AFTER_CLOSE[c]} for c in Close},
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in sorted(published) if name.startswith("frame.")],
        "$defs": {name: published[name] for name in sorted(published)},
    }


def _names() -> dict[type[BaseModel], str]:
    """Every published model with its name; a frame both sides send is listed once."""
    names: dict[type[BaseModel], str] = {}
    names |= {frame: f"frame.{op}" for op, frame in PLUGIN_FRAMES.items()}
    names |= {frame: f"frame.{op}" for op, frame in HUB_FRAMES.items()}
    names |= {data: f"event.{name}" for name, data in EVENTS.items()}
    names |= {data: f"signal.{name}" for name, data in RAW_TYPES.items()}
    names |= {data: f"action.{name}" for name, data in ACTIONS.items()}
    names[Limits] = "limits"
    return names


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    if issubclass(model, EventData):
        return {"x-class": model.delivery, "x-scope": model.scope, "x-ttl-ms": model.ttl_ms, "x-sums": list(model.sums)}
    if issubclass(model, ActionData):
        rate = {"every_ms": model.rate.every_ms, "burst": model.rate.burst}
        return {"x-scope": model.scope, "x-lease": model.lease, "x-rate": rate, "x-idem": model.needs_idem}
    if issubclass(model, LikeRaw | GiftRaw | Limits):
        return {}
    by_plugin = model in PLUGIN_FRAMES.values()
    by_hub = model in HUB_FRAMES.values()
    return {"x-from": "both" if by_plugin and by_hub else "plugin" if by_plugin else "hub"}


def _renamed(shape: Any, inner: Mapping[str, str]) -> Any:
    """The shape with references to published names; other parts go under `part.`."""
    if isinstance(shape, list):
        return [_renamed(item, inner) for item in shape]
    if not isinstance(shape, dict):
        return shape
    renamed: dict[str, Any] = {}
    for key, value in shape.items():
        if key == "$ref" and isinstance(value, str):
            name = value.removeprefix("#/$defs/")
            renamed[key] = f"#/$defs/{inner.get(name, f'part.{name}')}"
        elif key == "title" and isinstance(value, str):
            continue  # pydantic's titles repeat the names
        else:
            renamed[key] = _renamed(value, inner)
    return renamed
