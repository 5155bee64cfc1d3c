"""`Plugin`: what a plugin reacts to, said with decorators. Subscriptions are derived from them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from nightcast.room.actions import SCOPES
from nightcast.room.events import Comment, EventData
from nightcast.room.protocol import Condition, PluginInfo, Subscription

if TYPE_CHECKING:
    from nightcast.room.sdk.context import Context

E = TypeVar("E", bound=EventData)
Handler = Callable[..., Awaitable[None] | None]
Where = dict[str, Any]

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)

#: Every plugin follows what is on show, so that `ctx.room` is true.
FOLLOWED = ("product.*", "stock.*")


class PluginMistake(TypeError):  # noqa: N818 - it names what the author did
    """A decorator used wrongly; found when the plugin is imported."""


@dataclass(frozen=True)
class Rule:
    """One handler and when it runs."""

    handler: Handler
    event: type[EventData] | None  #: None: whatever `pattern` names
    where: Where = field(default_factory=dict)
    rate_hz: float | None = None
    reduce: Literal["last", "sum", "max"] = "last"
    key: str | None = None
    concurrency: int = 1
    timeout_s: float = 30.0
    command: str | None = None
    cooldown_s: float = 0.0
    pattern: str = ""

    @property
    def name(self) -> str:
        return getattr(self.handler, "__name__", repr(self.handler))

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.handler)


@dataclass(frozen=True)
class Timer:
    handler: Handler
    every_s: float


def Intent(*names: str) -> Where:  # noqa: N802 - reads as a type beside event classes
    """Comments whose intent is one of these, for `where=`."""
    return {"intent": list(names)}


class Plugin:
    """A plugin: an id, the scopes it asks for, and its handlers.

    A handler gets `(ctx, event)`. Async handlers run in the loop, plain functions in threads. An event is
    acknowledged when all its handlers are done, so a crash before that brings it again.
    """

    def __init__(self, plugin_id: str, *, scopes: Iterable[str] = (), version: str = "1") -> None:
        self.info = PluginInfo(id=plugin_id, version=version)
        self.scopes = tuple(scopes)
        for scope in self.scopes:
            if scope not in SCOPES:
                raise PluginMistake(f"{scope!r} is no scope; there are {', '.join(SCOPES)}")
        self.rules: list[Rule] = []
        self.timers: list[Timer] = []
        self.at_start: list[Handler] = []

    @property
    def id(self) -> str:
        return self.info.id

    def on(
        self,
        event: type[E],
        *,
        where: Where | None = None,
        rate_hz: float | None = None,
        reduce: Literal["last", "sum", "max"] = "last",
        key: str | None = None,
        concurrency: int = 1,
        timeout: float = 30.0,
    ) -> Callable[[Callable[[Context, E], Any]], Callable[[Context, E], Any]]:
        """Run the handler for each `event` that matches `where`.

        `rate_hz` and `reduce` let the hub fold events before they are sent; the class can have no other handler
        then. `key` (a path such as "user.ref") keeps events with the same value in order while up to `concurrency`
        others run beside them.
        """
        if not (inspect.isclass(event) and issubclass(event, EventData) and hasattr(event, "type")):
            raise PluginMistake(f"@plugin.on takes an event class such as Comment, not {event!r}")

        def add(handler: Callable[[Context, E], Any]) -> Callable[[Context, E], Any]:
            _takes(handler, 2, "(ctx, event)")
            for name in (*(where or ()), *([key] if key else ())):
                if name.partition(".")[0] not in event.model_fields:
                    fields = ", ".join(event.model_fields)
                    raise PluginMistake(f"{event.__name__} has no field {name!r}; it has {fields}")
            _check_where(where or {})
            self._add(Rule(handler, event, where or {}, rate_hz, reduce, key, concurrency, timeout))
            return handler

        return add

    def _add(self, rule: Rule) -> None:
        alike = [rule, *(other for other in self.rules if other.event is rule.event)]
        if len(alike) > 1 and any(other.rate_hz is not None for other in alike):
            raise PluginMistake(
                f"{rule.name}: the hub sends a type once, so rate_hz needs the only handler of its event class; "
                f"there is {alike[1].name} as well"
            )
        self.rules.append(rule)

    def on_any(self, pattern: str = "*") -> Callable[[Handler], Handler]:
        """Run the handler for every type that `pattern` names (`*`, `order.*`); it gets `(ctx, event)` with the
        envelope, an `Event`."""

        def add(handler: Handler) -> Handler:
            _takes(handler, 2, "(ctx, event)")
            self.rules.append(Rule(handler, None, pattern=pattern))
            return handler

        return add

    def command(self, *words: str, cooldown: float = 0.0) -> Callable[[Handler], Handler]:
        """Run the handler for comments that begin with one of `words`; it gets `(ctx, comment, rest)`.

        The same viewer is heard once per `cooldown` seconds. Needs `room.comment:read`.
        """
        if not words:
            raise PluginMistake("@plugin.command needs at least one word")

        def add(handler: Handler) -> Handler:
            _takes(handler, 3, "(ctx, comment, rest)")
            for word in words:
                self._add(Rule(handler, Comment, command=word, cooldown_s=cooldown))
            return handler

        return add

    def every(self, seconds: float) -> Callable[[Handler], Handler]:
        """Run the handler every so many seconds while the session is open; it gets `(ctx)`."""
        if seconds <= 0:
            raise PluginMistake(f"@plugin.every({seconds}): seconds must be above 0")

        def add(handler: Handler) -> Handler:
            _takes(handler, 1, "(ctx)")
            self.timers.append(Timer(handler, seconds))
            return handler

        return add

    def on_start(self, handler: Handler) -> Handler:
        """Run the handler once, when the session is first open; it gets `(ctx)`."""
        _takes(handler, 1, "(ctx)")
        self.at_start.append(handler)
        return handler

    def subscriptions(self) -> tuple[Subscription, ...]:
        """What the hub is asked for: one subscription a type, as narrow as the rules for it allow."""
        by_type: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_type.setdefault(rule.pattern if rule.event is None else rule.event.type, []).append(rule)
        subs = [Subscription(type=name) for name in FOLLOWED]
        for name, rules in by_type.items():
            alone = rules[0] if len(rules) == 1 else None
            subs.append(
                Subscription(
                    type=name,
                    where=alone.where if alone else {},
                    rate_hz=alone.rate_hz if alone else None,
                    reduce=alone.reduce if alone else "last",
                )
            )
        return tuple(subs)

    def run(self) -> None:
        """Connect to the hub of the environment and serve until told to stop. This is a plugin's last line."""
        from nightcast.room.sdk.runner import main

        main(self)


def _takes(handler: Callable[..., Any], count: int, shape: str) -> None:
    parameters = inspect.signature(handler).parameters.values()
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]
    if len(plain) != count:
        name = getattr(handler, "__name__", repr(handler))
        raise PluginMistake(f"{name} takes {len(plain)} arguments; a handler of this kind takes {shape}")


def _check_where(where: Where) -> None:
    for name, condition in where.items():
        try:
            _CONDITION.validate_python(condition)
        except ValidationError:
            raise PluginMistake(
                f"where={{{name!r}: {condition!r}}} says no condition; "
                "it takes a value, a list of values, {'contains': …} or {'gte': …, 'lte': …}"
            ) from None
