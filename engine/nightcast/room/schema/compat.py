"""Whether a changed protocol still serves those who were written for the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["breaking_changes"]

_FIXED = ("x-class", "x-scope", "x-lease", "x-idem", "x-from", "const")
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")


def breaking_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What would break an old plugin or an old hub, each with its place; empty where all is well.

    Added types, added optional fields and wider limits are well; what is removed, newly required of a plugin, no
    longer sent by the hub, of another type or narrower is not.
    """
    problems: list[str] = []
    for name, shape in old["$defs"].items():
        if name not in new["$defs"]:
            problems.append(f"{name}: removed")
            continue
        problems += _compare(shape, new["$defs"][name], name, from_hub=_from_hub(name, shape))
    for code in old["x-close-codes"].keys() - new["x-close-codes"].keys():
        problems.append(f"close code {code}: removed")
    for scope in old["x-scopes"].keys() - new["x-scopes"].keys():
        problems.append(f"scope {scope}: removed")
    return problems


def _from_hub(name: str, shape: Mapping[str, Any]) -> bool:
    return name.startswith("event.") or shape.get("x-from") == "hub"


def _compare(old: Mapping[str, Any], new: Mapping[str, Any], place: str, *, from_hub: bool) -> Iterator[str]:
    for key in _FIXED:
        if old.get(key) != new.get(key):
            yield f"{place}: {key} was {old.get(key)!r}, is {new.get(key)!r}"
    if old.get("type") != new.get("type") or old.get("$ref") != new.get("$ref"):
        yield f"{place}: type was {_kind(old)}, is {_kind(new)}"
        return
    for value in old.get("enum", ()):
        if value not in new.get("enum", ()):
            yield f"{place}: {value!r} is no longer allowed"
    if not from_hub:
        yield from _narrower(old, new, place)
    yield from _fields(old, new, place, from_hub=from_hub)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _compare(old["items"], new["items"], f"{place}[]", from_hub=from_hub)
    variants = [_kind(v) for v in new.get("anyOf", ())]
    for variant in old.get("anyOf", ()):
        if _kind(variant) not in variants:
            yield f"{place}: {_kind(variant)} is no longer allowed"


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], place: str, *, from_hub: bool) -> Iterator[str]:
    fields, now = old.get("properties", {}), new.get("properties", {})
    for name, shape in fields.items():
        if name not in now:
            yield f"{place}.{name}: removed"
        else:
            yield from _compare(shape, now[name], f"{place}.{name}", from_hub=from_hub)
    required, required_now = set(old.get("required", ())), set(new.get("required", ()))
    if from_hub:
        for name in sorted((required - required_now) & now.keys()):
            yield f"{place}.{name}: the hub need not send it any more"
    else:
        for name in sorted(required_now - required):
            yield f"{place}.{name}: newly required"


def _narrower(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
    for key in _UPPER:
        if key in new and (key not in old or new[key] < old[key]):
            yield f"{place}: {key} was {old.get(key)}, is {new[key]}"
    for key in _LOWER:
        if key in new and (key not in old or new[key] > old[key]):
            yield f"{place}: {key} was {old.get(key)}, is {new[key]}"
    if new.get("pattern") != old.get("pattern") and "pattern" in new:
        yield f"{place}: pattern changed"


def _kind(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if shape.get("type") == "array" and isinstance(shape.get("items"), dict):
        return f"{_kind(shape['items'])}[]"
    return str(shape.get("type") or shape.get("const") or "any")
