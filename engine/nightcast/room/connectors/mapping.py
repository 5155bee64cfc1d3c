"""A platform's messages to our events, by rules in YAML.

A rule says which messages it is for (`when`), what they become (`type`), and where each of our fields comes from
(`d`). A field is a path into the message (`data.user.openid`), or a mapping with `path` and what is done on the way:
`scale` (a number; with `currency` for money), `map` (from their words to ours), `default`, or `value` (a constant).
`each` makes one event of every element of a list. Paths that are missing are left out, so that our defaults hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nightcast.room.errors import MappingError
from nightcast.room.events import EVENTS
from nightcast.room.signals import RAW_TYPES
from nightcast.show.money import minor_digits

__all__ = ["PlatformMapping", "load_mapping", "platforms"]

Reliability = Literal["reliable", "may_lose", "may_repeat", "delayed"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldRule(_Part):
    """Where one of our fields comes from."""

    path: str | None = None
    value: Any = None
    scale: float | None = None
    currency: str | None = None  #: path of the currency, where `scale` gives whole units: it becomes the minor unit
    map: dict[str, Any] = Field(default_factory=dict)
    default: Any = None
    hash: bool = False  #: an id that names a person elsewhere becomes one that does not
    text: bool = False  #: an id that comes as a number becomes text


class Rule(_Part):
    """Messages that become one of our types."""

    name: str
    when: dict[str, Any]
    type: str
    each: str | None = None
    msg_id: str | None = None
    ts: str | None = None  #: path to milliseconds
    d: dict[str, Any]
    reliability: Reliability = "reliable"
    example: dict[str, Any] | None = None


class PlatformMapping(_Part):
    """All rules of a platform."""

    platform: str
    about: str
    source: str = Field(description="where the shapes of its messages are documented, and how sure they are")
    rules: tuple[Rule, ...]

    def capabilities(self) -> dict[str, Reliability]:
        """What the platform tells, by our types, and how far that can be relied on."""
        return {rule.type: rule.reliability for rule in self.rules}

    def translate(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The signals (as `publish` takes them) that a message becomes; none where no rule is for it."""
        return [signal for rule in self.rules if _fits(rule, message) for signal in self._signals(rule, message)]

    def check(self) -> None:
        """Every rule makes sound signals of its own example. Raises MappingError."""
        for rule in self.rules:
            if rule.example is None:
                raise MappingError(self.platform, rule.name, "it has no example")
            made = [s for s in self.translate(rule.example) if s["type"] == rule.type]
            if not made:
                raise MappingError(self.platform, rule.name, "nothing comes of its own example")
            kind = RAW_TYPES.get(rule.type) or EVENTS.get(rule.type)
            if kind is None:
                raise MappingError(self.platform, rule.name, f"{rule.type!r} is none of our types")
            unknown = {name.split(".")[0] for name in rule.d} - kind.model_fields.keys()
            if unknown:
                raise MappingError(self.platform, rule.name, f"{rule.type} has no {', '.join(sorted(unknown))}")
            for signal in made:
                try:
                    kind.model_validate(signal["d"])
                except ValidationError as error:
                    raise MappingError(self.platform, rule.name, str(error).splitlines()[2].strip()) from error

    def _signals(self, rule: Rule, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        items = [message] if rule.each is None else _at(message, rule.each) or []
        for number, item in enumerate(items):
            scope = message if rule.each is None else {**message, "item": item}
            src: dict[str, Any] = {"platform": self.platform}
            msg_id = _at(scope, rule.msg_id) if rule.msg_id else None
            if msg_id is not None:
                src["msg_id"] = f"{msg_id}" if rule.each is None else f"{msg_id}#{number}"
            ts = _at(scope, rule.ts) if rule.ts else None
            if isinstance(ts, int | float):
                src["ts"] = int(ts)
            yield {"type": rule.type, "src": src, "d": _fields(rule.d, scope, self.platform)}


def _fields(rules: Mapping[str, Any], message: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """Our fields; a name with dots (`user.ref`) goes one level down."""
    made: dict[str, Any] = {}
    for name, rule in rules.items():
        value = _value(rule, message, platform)
        if value is None:
            continue
        *parents, last = name.split(".")
        into = made
        for parent in parents:
            into = into.setdefault(parent, {})
        into[last] = value
    return made


def _value(rule: Any, message: Mapping[str, Any], platform: str) -> Any:
    if isinstance(rule, str):
        return _at(message, rule)
    if isinstance(rule, list):  # a list of parts, as the lines of an order
        made = [_fields(part, message, platform) for part in rule]
        return [part for part in made if part]
    field = FieldRule.model_validate(rule)
    if field.value is not None:
        return field.value
    value = _at(message, field.path or "")
    if value is None:
        return field.default
    if field.map:
        return field.map.get(str(value), field.default)
    if field.scale is not None:
        digits = minor_digits(str(_at(message, field.currency))) if field.currency else 0
        return round(float(value) * field.scale * 10**digits)
    if field.hash:
        return hashlib.sha256(f"{platform}:{value}".encode()).hexdigest()[:24]
    return str(value) if field.text else value


def _fits(rule: Rule, message: Mapping[str, Any]) -> bool:
    for path, wanted in rule.when.items():
        value = _at(message, path)
        if wanted == "*":
            if value is None:
                return False
        elif isinstance(wanted, list):
            if value not in wanted:
                return False
        elif value != wanted:
            return False
    return True


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def platforms() -> list[str]:
    """The platforms that have a mapping."""
    folder = files(__package__).joinpath("mappings")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


@cache
def load_mapping(platform: str | Path) -> PlatformMapping:
    """A mapping by the platform's name, or from a file of your own. Raises MappingError, KeyError for no such name."""
    if isinstance(platform, Path):
        text = platform.read_text("utf-8")
    elif platform in platforms():
        text = files(__package__).joinpath("mappings", f"{platform}.yaml").read_text("utf-8")
    else:
        raise KeyError(f"no mapping for {platform!r}; there are {', '.join(platforms())}")
    try:
        return PlatformMapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise MappingError(str(platform), "-", str(error).splitlines()[1]) from error
