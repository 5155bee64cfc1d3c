"""The protocol as an AsyncAPI 3.0 document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nightcast import __version__

__all__ = ["asyncapi"]


def asyncapi(schema: Mapping[str, Any]) -> dict[str, Any]:
    """One channel, two operations: what a plugin sends and what it receives."""
    defs: Mapping[str, Mapping[str, Any]] = schema["$defs"]
    frames = {name.removeprefix("frame."): shape for name, shape in defs.items() if name.startswith("frame.")}
    messages = {
        op: {
            "name": op,
            "summary": str(shape.get("description", op)).split("\n")[0],
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/frame.{op}"},
        }
        for op, shape in frames.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": schema["title"],
            "version": f"{schema['version']}.0.0",
            "description": f"Written by Nightcast {__version__}. The reference page is docs/protocol.md.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "hub": {
                "host": "127.0.0.1:8765",
                "protocol": "ws",
                "description": f"Subprotocol {schema['x-subprotocol']}",
                "security": [{"type": "http", "scheme": "bearer"}],
            }
        },
        "channels": {
            "plugin": {
                "address": schema["x-path"],
                "messages": {op: {"$ref": f"#/components/messages/{op}"} for op in messages},
            }
        },
        "operations": {
            "send": _operation("send", "what a plugin sends", frames, "hub"),
            "receive": _operation("receive", "what the hub sends", frames, "plugin"),
        },
        "components": {"messages": messages, "schemas": _moved(defs)},
    }


def _operation(action: str, summary: str, frames: Mapping[str, Mapping[str, Any]], not_from: str) -> dict[str, Any]:
    mine = [op for op, shape in frames.items() if shape.get("x-from") != not_from]
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/plugin"},
        "messages": [{"$ref": f"#/channels/plugin/messages/{op}"} for op in mine],
    }


def _moved(shape: Any) -> Any:
    """The shapes with references to where AsyncAPI keeps them."""
    if isinstance(shape, list):
        return [_moved(item) for item in shape]
    if not isinstance(shape, Mapping):
        return shape
    return {
        key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(value)
        for key, value in shape.items()
    }
