"""What connectors and recordings bring in: our events by name, and the raw signals that are folded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nightcast.room.errors import FrameError
from nightcast.room.events import ActionState, Event, Source
from nightcast.room.folding import GiftRaw, LikeRaw, Raw

#: Signals that only come in; what goes out of them is `like.window` and `gift.*`.
RAW_TYPES: Mapping[str, type[LikeRaw | GiftRaw]] = MappingProxyType({"like.raw": LikeRaw, "gift.raw": GiftRaw})


def signal_from_wire(wire: Mapping[str, Any], now_ms: int, platform: str = "unknown") -> Raw | Event:
    """Read a signal. Offsets, ids and times of the writer are not trusted: the hub stamps its own.

    Raises UnknownTypeError, FrameError or pydantic.ValidationError.
    """
    src = Source.model_validate({"platform": platform, **(wire.get("src") or {})})
    raw = RAW_TYPES.get(str(wire.get("type")))
    test = wire.get("test") is True
    if raw is not None:
        return Raw(raw.model_validate(wire.get("d", {})), now_ms, src, test)
    event = Event.from_wire({**wire, "src": None, "id": "", "off": 0, "ts": now_ms})
    if isinstance(event.data, ActionState):
        raise FrameError("action.state is the hub's own word", path="type")
    return Event(event.data, now_ms, src=src, key=event.key, test=test, replay=event.replay)


def signal_to_wire(signal: Raw | Event) -> dict[str, Any]:
    """The opposite: a signal as a connector sends it."""
    if isinstance(signal, Event):
        wire = signal.to_wire()
        return {name: wire[name] for name in ("type", "src", "key", "test", "replay", "d") if name in wire}
    name = next(name for name, kind in RAW_TYPES.items() if isinstance(signal.data, kind))
    wire = {"type": name, "d": signal.data.model_dump(mode="json", exclude_none=True)}
    if signal.src is not None:
        wire["src"] = signal.src.model_dump(exclude_none=True)
    if signal.test:
        wire["test"] = True
    return wire
