"""YAML with places: plain data, and for each field's path the line and column it was written at."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nightcast.show.errors import Problem, ShowError

__all__ = ["PlacedYaml", "read_yaml"]

_MAX_BYTES = 4_000_000
_MAX_DEPTH = 60
_MAX_NODES = 200_000  # aliases of aliases can write a book in ten lines
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class PlacedYaml:
    """`data` is plain Python; `places` gives (line, column), from 1, of each value and `keys` of each key, by path."""

    file: Path
    data: Any
    places: Mapping[FieldPath, tuple[int, int]]
    keys: Mapping[FieldPath, tuple[int, int]]
    secrets: frozenset[str] = field(default_factory=frozenset)  #: values that came from the environment

    def place(self, path: FieldPath) -> tuple[int, int]:
        """The nearest place known for `path`: its own, or that of what holds it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_yaml(file: Path, environ: Mapping[str, str] | None = None) -> PlacedYaml:
    """Read one YAML file. `${NAME}` in a string is taken from `environ` (default: the process's environment).

    Raises `ShowError` with every problem found: no such file, not UTF-8, not YAML, a key twice, a missing variable.
    """
    environ = os.environ if environ is None else environ
    try:
        raw = file.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise ShowError([Problem(file, 0, 0, "", f"{len(raw):,} bytes", f"at most {_MAX_BYTES:,}")])
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ShowError([Problem(file, 0, 0, "", error.strerror or "no file", "a file that can be read")]) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ShowError([Problem(file, line, 1, "", "bytes that are not UTF-8", "a file saved as UTF-8")]) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ShowError(
            [Problem(file, line, column, "", error.problem or "broken YAML", "valid YAML", _remedy(text, line))]
        ) from error
    except yaml.YAMLError as error:
        raise ShowError([Problem(file, 0, 0, "", " ".join(str(error).split()), "valid YAML")]) from error
    except RecursionError as error:
        raise ShowError(
            [Problem(file, 0, 0, "", "lists in lists without end", f"at most {_MAX_DEPTH} levels")]
        ) from error
    reader = _Reader(file, environ)
    data = reader.read(root, ()) if root is not None else {}
    if reader.problems:
        raise ShowError(reader.problems)
    return PlacedYaml(file, data, reader.places, reader.keys, frozenset(reader.secrets))


def _remedy(text: str, line: int) -> str:
    lines = text.splitlines()
    if 0 < line <= len(lines) and "\t" in lines[line - 1]:
        return "YAML is indented with spaces, not tabs."
    return "Look for a missing colon, quote or bracket on this line or the one above."


class _Reader:
    """Turns composed nodes into data, and notes where each stands."""

    def __init__(self, file: Path, environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ
        self._construct: Callable[[yaml.Node], Any] = yaml.SafeLoader("").construct_object
        self.places: dict[FieldPath, tuple[int, int]] = {}
        self.keys: dict[FieldPath, tuple[int, int]] = {}
        self.secrets: set[str] = set()
        self.problems: list[Problem] = []
        self._nodes = 0

    def read(self, node: yaml.Node, path: FieldPath) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.places[path] = place
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            if self._nodes == _MAX_NODES + 1:
                self._complain(path, place, "too many values", f"at most {_MAX_NODES:,} in one file")
            return None
        if len(path) > _MAX_DEPTH:
            self._complain(path, place, "lists in lists", f"at most {_MAX_DEPTH} levels")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path, place)

    def _mapping(self, node: yaml.MappingNode, path: FieldPath) -> dict[Hashable, Any]:
        data: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(path, place, "a list or mapping as a key", "a word as a key")
                continue
            key = str(key_node.value)
            if key in data:
                first = self.keys[(*path, key)][0]
                self._complain(
                    (*path, key),
                    place,
                    f"the key {key!r} twice",
                    "each key once",
                    f"It stands on line {first} already.",
                )
                continue
            self.keys[(*path, key)] = place
            data[key] = self.read(value_node, (*path, key))
        return data

    def _scalar(self, node: yaml.Node, path: FieldPath, place: tuple[int, int]) -> Any:
        try:
            value = self._construct(node)
        except (yaml.YAMLError, ValueError) as error:
            self._complain(path, place, f"{node.value!r}", "a plain value", " ".join(str(error).split()))
            return None
        return self._fill(value, path, place) if isinstance(value, str) and "${" in value else value

    def _fill(self, value: str, path: FieldPath, place: tuple[int, int]) -> str:
        def variable(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in self._environ:
                remedy = f"Set it before you start: export {name}=…"
                self._complain(path, place, f"${{{name}}}, which is not set", "an environment variable", remedy)
                return ""
            self.secrets.add(self._environ[name])
            return self._environ[name]

        return _VARIABLE.sub(variable, value)

    def _complain(self, path: FieldPath, place: tuple[int, int], found: str, expected: str, remedy: str = "") -> None:
        dotted = ".".join(str(part) for part in path)
        self.problems.append(Problem(self._file, *place, dotted, found, expected, remedy))
