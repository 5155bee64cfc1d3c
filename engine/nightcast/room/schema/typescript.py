"""The protocol as TypeScript declarations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["typescript"]

#: Frames whose `d` is known by their `type`, and what their references become.
_TYPED = {"frame.event": "TypedEvent", "frame.action": "TypedAction"}


def typescript(schema: Mapping[str, Any]) -> str:
    """Declarations for all of `$defs`, with unions over frames by who sends them and maps of events and actions."""
    defs: Mapping[str, Mapping[str, Any]] = schema["$defs"]
    blocks = [
        f"// Nightcast plugin protocol, version {schema['version']}.\n"
        "// Made by `nightcast protocol export`; do not edit.\n"
        f'export const SUBPROTOCOL = "{schema["x-subprotocol"]}";\n'
        f'export const PATH = "{schema["x-path"]}";'
    ]
    blocks += [_declaration(name, shape) for name, shape in defs.items()]
    for side, others in (("Plugin", "hub"), ("Hub", "plugin")):
        frames = [n for n, s in defs.items() if n.startswith("frame.") and s.get("x-from") != others]
        blocks.append(f"export type {side}Message = {' | '.join(_reference(n) for n in frames)};")
    for kind in ("event", "action", "signal"):
        members = [n for n in defs if n.startswith(f"{kind}.")]
        lines = [f"  {json.dumps(n.removeprefix(f'{kind}.'))}: {_type_name(n)};" for n in members]
        blocks.append("\n".join([f"export interface {kind.capitalize()}s {{", *lines, "}"]))
    for frame, name in _TYPED.items():
        kinds = f"{frame.removeprefix('frame.').capitalize()}s"
        blocks.append(
            f"/** {_type_name(frame)} with the `d` of its `type`. */\n"
            f"export type {name} = {{\n"
            f'  [T in keyof {kinds}]: Omit<{_type_name(frame)}, "type" | "d"> & {{ type: T; d: {kinds}[T] }};\n'
            f"}}[keyof {kinds}];"
        )
    return "\n\n".join(blocks) + "\n"


def _declaration(name: str, shape: Mapping[str, Any]) -> str:
    comment = _comment(shape, "")
    if "properties" not in shape and shape.get("type") != "object":
        return f"{comment}export type {_type_name(name)} = {_type(shape)};"
    return f"{comment}export interface {_type_name(name)} {_fields(shape)}"


def _fields(shape: Mapping[str, Any]) -> str:
    required = set(shape.get("required", ()))
    lines = ["{"]
    for name, field in shape.get("properties", {}).items():
        must = name in required or name == "op"
        lines.append(f"{_comment(field, '  ')}  {_key(name)}{'' if must else '?'}: {_type(field)};")
    return "\n".join([*lines, "}"])


def _type(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return _reference(str(shape["$ref"]).removeprefix("#/$defs/"))
    if "const" in shape:
        return json.dumps(shape["const"])
    if "enum" in shape:
        return " | ".join(json.dumps(value) for value in shape["enum"])
    for key in ("anyOf", "oneOf"):
        if key in shape:
            return " | ".join(dict.fromkeys(_type(variant) for variant in shape[key]))
    match shape.get("type"):
        case "string":
            return "string"
        case "integer" | "number":
            return "number"
        case "boolean":
            return "boolean"
        case "null":
            return "null"
        case "array":
            inner = _type(shape.get("items") or {})
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "object":
            values = shape.get("additionalProperties")
            return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    return "unknown"


def _comment(shape: Mapping[str, Any], indent: str) -> str:
    text = " ".join(str(shape.get("description", "")).split())
    return f"{indent}/** {text} */\n" if text else ""


def _reference(name: str) -> str:
    return _TYPED.get(name) or _type_name(name)


def _type_name(name: str) -> str:
    kind, _, rest = name.partition(".")
    words = re.split(r"[._]", rest if kind == "part" else f"{rest}.{kind}" if rest else kind)
    return "".join(word[:1].upper() + word[1:] for word in words)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)
