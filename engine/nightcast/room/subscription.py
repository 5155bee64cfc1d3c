"""Which events a plugin gets, and how often: matching of types and fields, and reduction to a rate.

Pure: time is passed in as milliseconds. A shaper holds at most one event of a subscription back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nightcast.room.events import EVENTS, Event
from nightcast.room.protocol import Condition, Subscription

#: Types that a pattern leaves out; they are only sent to who asks for them by name.
OPT_IN = frozenset({"gift.progress"})


def types_of(pattern: str) -> tuple[str, ...]:
    """The event types a subscription's `type` names: one, a family (`order.*`), or all (`*`)."""
    if pattern in EVENTS:
        return (pattern,)
    if pattern == "*" or pattern.endswith(".*"):
        prefix = pattern[:-1]
        return tuple(name for name in EVENTS if name.startswith(prefix) and name not in OPT_IN)
    return ()


def matches(where: Mapping[str, Condition], event: Event) -> bool:
    """Whether every condition holds. A path that the event does not have matches nothing."""
    return all(_holds(condition, _at(event.data, path)) for path, condition in where.items())


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return value


def _holds(condition: Condition, value: Any) -> bool:
    if isinstance(condition, list):
        return value in condition
    if not isinstance(condition, dict):
        return bool(value == condition)
    for operator, operand in condition.items():
        if operator == "contains":
            if not isinstance(value, str) or str(operand).casefold() not in value.casefold():
                return False
        elif (
            not isinstance(value, int | float)
            or not isinstance(operand, int | float)
            or (operator == "gte" and value < operand)
            or (operator == "lte" and value > operand)
        ):
            return False
    return True


class Shaper:
    """Lets events of one subscription through at most `rate_hz` a second, folding the rest into the next."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self._interval_ms = 0.0 if subscription.rate_hz is None else 1000 / subscription.rate_hz
        self._due_ms = 0.0
        self._held: Event | None = None

    def offer(self, event: Event, now_ms: int) -> Event | None:
        """The event to send now, if any."""
        if self._interval_ms == 0 or event.data.delivery == "A":  # class A is never folded
            return event
        self._held = event if self._held is None else reduced(self._held, event, self.subscription.reduce)
        return self.flush(now_ms)

    def flush(self, now_ms: int) -> Event | None:
        """The held event, once its time has come."""
        if self._held is None or now_ms < self._due_ms:
            return None
        event, self._held = self._held, None
        self._due_ms = now_ms + self._interval_ms
        return event


def reduced(older: Event, newer: Event, how: str) -> Event:
    """Two events of one type as one: the newer, with the summable fields added or the larger kept."""
    if how == "last" or not newer.data.sums:
        return newer
    fields: dict[str, int] = {}
    for name in newer.data.sums:
        was, now = getattr(older.data, name), getattr(newer.data, name)
        fields[name] = max(was, now) if how == "max" else was + now
    return replace(newer, data=newer.data.model_copy(update=fields))
