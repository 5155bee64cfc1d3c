"""A cursor over parsed JSON that knows where it stands, so that every wrong value becomes one clear error.

Nothing here trusts the file: a missing key, a wrong type, a negative index or an infinite number raises
ModelError with the place in the document.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from nightcast.gltf.errors import ModelError

S = TypeVar("S")
T = TypeVar("T")

#: What no name may hold: it would steer a terminal, or cannot be written as UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Place:
    """A value of the document, with the file and the path that lead to it."""

    __slots__ = ("file", "path", "value")

    def __init__(self, file: Path, path: str, value: Any) -> None:
        self.file = file
        self.path = path
        self.value = value

    def error(self, problem: str) -> ModelError:
        return ModelError(self.file, self.path, problem)

    def _child(self, key: str | int) -> Place:
        path = f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}" if self.path else key
        return Place(self.file, path, self.value[key])

    def has(self, key: str) -> bool:
        if not isinstance(self.value, dict):
            raise self.error("must be an object")
        return self.value.get(key) is not None

    def maybe(self, key: str) -> Place | None:
        """The child, or None where it is missing."""
        return self._child(key) if self.has(key) else None

    def at(self, key: str) -> Place:
        """The child, which must be there."""
        if not self.has(key):
            raise self.error(f"lacks {key!r}")
        return self._child(key)

    def items(self, key: str) -> list[Place]:
        """The elements of a child list; none where the list is missing."""
        child = self.maybe(key)
        if child is None:
            return []
        if not isinstance(child.value, list):
            raise child.error("must be a list")
        return [child._child(i) for i in range(len(child.value))]

    def entries(self, key: str) -> Iterator[tuple[str, Place]]:
        """Names and values of a child object; none where it is missing."""
        child = self.maybe(key)
        if child is None:
            return
        if not isinstance(child.value, dict):
            raise child.error("must be an object")
        for key, value in child.value.items():
            if value is not None:
                name = _printable(key)
                yield name, Place(self.file, f"{child.path}.{name}", value)

    def extension(self, name: str) -> Place | None:
        extensions = self.maybe("extensions")
        return None if extensions is None else extensions.maybe(name)

    def as_integer(self, low: int = 0, high: int | None = None) -> int:
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error("must be a whole number")
        if value < low or (high is not None and value > high):
            limits = f"at least {low}" if high is None else f"{low} to {high}"
            raise self.error(f"is {value}, must be {limits}")
        return value

    def as_index(self, count: int, what: str) -> int:
        """An index into a list of `count`."""
        value = self.as_integer()
        if value >= count:
            raise self.error(f"names {what} {value}, but there are {count}")
        return value

    def as_number(self) -> float:
        value = self.value
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.error("must be a number")
        try:
            number = float(value)
        except OverflowError:
            raise self.error("is too large a number") from None
        if not math.isfinite(number) or abs(number) > 1e30:
            raise self.error("is too large a number")
        return number

    def as_text(self) -> str:
        if not isinstance(self.value, str):
            raise self.error("must be text")
        return _printable(self.value)

    def integer(self, key: str, default: int = 0, low: int = 0, high: int | None = None) -> int:
        child = self.maybe(key)
        return default if child is None else child.as_integer(low, high)

    def index(self, key: str, count: int, what: str) -> int | None:
        child = self.maybe(key)
        return None if child is None else child.as_index(count, what)

    def indices(self, key: str, count: int, what: str) -> tuple[int, ...]:
        return tuple(item.as_index(count, what) for item in self.items(key))

    def number(self, key: str, default: float) -> float:
        child = self.maybe(key)
        return default if child is None else child.as_number()

    def fraction(self, key: str, default: float) -> float:
        """A number, brought into 0..1."""
        return min(max(self.number(key, default), 0.0), 1.0)

    def flag(self, key: str, default: bool = False) -> bool:
        child = self.maybe(key)
        if child is None:
            return default
        if not isinstance(child.value, bool):
            raise child.error("must be true or false")
        return child.value

    def text(self, key: str, default: str = "") -> str:
        child = self.maybe(key)
        return default if child is None else child.as_text()

    def choice(self, key: str, words: tuple[str, ...], default: str) -> str:
        word = self.text(key, default)
        if word not in words:
            raise self.error(f"{key} is {word!r}, must be one of {', '.join(words)}")
        return word

    def numbers(self, key: str, size: int, default: tuple[float, ...]) -> tuple[float, ...]:
        """A list of exactly `size` numbers."""
        if not self.has(key):
            return default
        found = tuple(item.as_number() for item in self.items(key))
        if len(found) != size:
            raise self.error(f"{key} has {len(found)} numbers, must have {size}")
        return found

    def pair(self, key: str, default: tuple[float, float]) -> tuple[float, float]:
        a, b = self.numbers(key, 2, default)
        return a, b

    def triple(self, key: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
        a, b, c = self.numbers(key, 3, default)
        return a, b, c

    def quadruple(self, key: str, default: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        a, b, c, d = self.numbers(key, 4, default)
        return a, b, c, d


class Sieve:
    """Reads what a file can do without: an avatar is more than its worst bind."""

    def __init__(self) -> None:
        self._refused: list[ModelError] = []

    def each(self, places: Iterable[S], read: Callable[[S], T]) -> list[T]:
        """What `read` makes of these places, without those that it refuses."""
        found = []
        for place in places:
            try:
                found.append(read(place))
            except ModelError as error:
                self._refused.append(error)
        return found

    def one(self, place: Place | None, read: Callable[[Place], T], instead: S) -> T | S:
        """What `read` makes of a place; `instead` where there is none or it is refused."""
        return next(iter(self.each([] if place is None else [place], read)), instead)

    def sentences(self) -> list[str]:
        """At most one, about all that was left out."""
        if not self._refused:
            return []
        first, more = self._refused[0], len(self._refused) - 1
        return [f"{first.place} {first.problem}; left out" + (f", and {more} more of its kind" if more else "")]


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)
