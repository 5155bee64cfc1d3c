"""A library's objects as plain values, so that a mapping can read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["plain"]

_DEPTH = 5


def plain(value: Any, depth: int = _DEPTH) -> Any:
    """Public attributes by name, those that are None or empty left out; lists of such; and anything else that JSON does
    not know as its text.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth == 0:
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item, depth - 1) for item in value]
    slots = [getattr(kind, "__slots__", ()) for kind in type(value).__mro__]
    names = [name for some in slots for name in ((some,) if isinstance(some, str) else some)]
    names += getattr(value, "__dict__", {})
    public = [name for name in dict.fromkeys(names) if not name.startswith("_") and hasattr(value, name)]
    found = {name: getattr(value, name) for name in public}
    kept = {
        name: plain(item, depth - 1) for name, item in found.items() if item is not None and item not in ("", [], {})
    }
    return kept if public else str(value)
