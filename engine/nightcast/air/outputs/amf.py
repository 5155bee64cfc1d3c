"""AMF0, the value encoding of RTMP commands: numbers, booleans, strings, objects, null. Pure.

Adobe, "Action Message Format -- AMF 0", 2007. Objects are dicts; undefined reads as None.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

Value: TypeAlias = "float | bool | str | dict[str, Value] | list[Value] | None"

_OBJECT_END = b"\x00\x00\x09"
_MAX_DEPTH = 8


def encode(*values: Value) -> bytes:
    return b"".join(map(_encode, values))


def _encode(value: Value) -> bytes:
    match value:
        case None:
            return b"\x05"
        case bool():
            return struct.pack(">BB", 1, value)
        case int() | float():
            return struct.pack(">Bd", 0, value)
        case str():
            return b"\x02" + _text(value)
        case dict():
            members = b"".join(_text(key) + _encode(member) for key, member in value.items())
            return b"\x03" + members + _OBJECT_END
        case list():
            return struct.pack(">BI", 10, len(value)) + encode(*value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def decode(data: bytes) -> list[Value]:
    """All values in `data`. Raises ValueError where it is not AMF0."""
    values: list[Value] = []
    at = 0
    try:
        while at < len(data):
            value, at = _decode(data, at, _MAX_DEPTH)
            values.append(value)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"broken AMF0 at byte {at}") from error
    return values


def _decode(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth == 0:
        raise ValueError("AMF0 nested too deeply")
    marker, at = data[at], at + 1
    match marker:
        case 0:
            return struct.unpack_from(">d", data, at)[0], at + 8
        case 1:
            return bool(data[at]), at + 1
        case 2:
            return _decode_text(data, at)
        case 3:
            return _decode_members(data, at, depth)
        case 5 | 6:
            return None, at
        case 8:  # an array with names; its count is only a hint
            return _decode_members(data, at + 4, depth)
        case 10:
            (count,) = struct.unpack_from(">I", data, at)
            at += 4
            items: list[Value] = []
            for _ in range(count):
                item, at = _decode(data, at, depth - 1)
                items.append(item)
            return items, at
    raise ValueError(f"AMF0 marker {marker} is not known")


def _decode_text(data: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from(">H", data, at)
    text = data[at + 2 : at + 2 + size]
    if len(text) < size:
        raise ValueError("AMF0 text is cut off")
    return text.decode(), at + 2 + size


def _decode_members(data: bytes, at: int, depth: int) -> tuple[dict[str, Value], int]:
    members: dict[str, Value] = {}
    while data[at : at + 3] != _OBJECT_END:
        key, at = _decode_text(data, at)
        members[key], at = _decode(data, at, depth - 1)
    return members, at + 3
