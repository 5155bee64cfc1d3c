"""YAML with places: plain data, and for each field's path the line and column it was written at."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nightcast.show.errors import Problem, ShowError

__all__ = ["PlacedYaml", "dotted", "read_yaml"]

_MAX_BYTES = 4_000_000
_MAX_DEPTH = 60
_MAX_NODES = 200_000  # aliases of aliases can write a book in ten lines
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MERGE = "tag:yaml.org,2002:merge"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_OCTAL = re.compile(r"[-+]?0[0-9_]+")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_SHOWN = 60

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


def dotted(path: FieldPath) -> str:
    """A field's path as people read it: `slots[0].product`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_yaml(file: Path, environ: Mapping[str, str] | None = None) -> PlacedYaml:
    """Read one YAML file. `${NAME}` in a string is taken from `environ` (default: the process's environment).

    Raises `ShowError` with every problem found: no such file, not UTF-8, not YAML, a key twice, a missing variable.
    """
    environ = os.environ if environ is None else environ
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no file but a pipe or device"
            raise ShowError([Problem(file, 0, 0, "", what, "a YAML file")])
        if found.st_size > _MAX_BYTES:
            raise ShowError([Problem(file, 0, 0, "", f"{found.st_size:,} bytes", f"at most {_MAX_BYTES:,}")])
        raw = file.read_bytes()
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
        found_there, expected = _as_problem(error.problem or "broken YAML")
        raise ShowError([Problem(file, line, column, "", found_there, expected, _remedy(text, line))]) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        what = f"the character U+{ord(text[error.position]):04X}"
        remedy = "Delete it; most editors do not show it."
        raise ShowError([Problem(file, line, column, "", what, "text that can be seen", remedy)]) from error
    except RecursionError as error:
        raise ShowError(
            [Problem(file, 0, 0, "", "lists in lists without end", f"at most {_MAX_DEPTH} levels")]
        ) from error
    reader = _Reader(file, environ)
    data = reader.read(root, ()) if root is not None else {}
    if reader.problems:
        raise ShowError(reader.problems)
    return PlacedYaml(file, data, reader.places, reader.keys, frozenset(reader.secrets))


def _as_problem(sentence: str) -> tuple[str, str]:
    """What was found and what was expected, of what PyYAML says: "expected X, but found Y", "found Z"."""
    both = re.fullmatch(r"expected (.+), but (?:found|got) (.+)", sentence)
    if both:
        return both[2], both[1]
    return re.sub(r"^(but )?found ", "", sentence), "valid YAML"


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
        self._take(node, path, data, ())
        return data

    def _take(
        self, node: yaml.MappingNode, path: FieldPath, data: dict[Hashable, Any], mergers: tuple[yaml.Node, ...]
    ) -> None:
        """Put a mapping's keys into `data`, then what it merges by `<<`; what `mergers` said themselves stays."""
        written: set[str] = set()
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key_node.tag == _MERGE:
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(path, place, "a list or mapping as a key", "a word as a key")
                continue
            key = str(key_node.value)
            if key in written:
                first = self.keys[(*path, key)][0]
                self._complain(
                    (*path, key),
                    place,
                    f"the key {key!r} twice",
                    "each key once",
                    f"It stands on line {first} already.",
                )
                continue
            written.add(key)
            if key not in data:
                self.keys[(*path, key)] = place
                data[key] = self.read(value_node, (*path, key))
        for base in merged:
            if isinstance(base, yaml.MappingNode) and base not in (node, *mergers):
                self._take(base, path, data, (node, *mergers))
            else:
                place = (base.start_mark.line + 1, base.start_mark.column + 1)
                self._complain((*path, "<<"), place, "no mapping that can be merged", "another mapping, like <<: *name")

    def _scalar(self, node: yaml.Node, path: FieldPath, place: tuple[int, int]) -> Any:
        if node.tag in _NUMBERS and ":" in node.value:
            return node.value  # a time of day: YAML 1.1 would count 22:00 as 1320
        if node.tag in _NUMBERS and _OCTAL.fullmatch(node.value):
            remedy = "YAML reads it to base 8. Leave out the zeros, or put it in quotes."
            self._complain(path, place, f"{node.value} with a zero in front", "a number as it is written", remedy)
            return None
        try:
            value = self._construct(node)
        except (yaml.YAMLError, ValueError) as error:
            shown = repr(node.value[:_SHOWN]) + ("…" if len(node.value) > _SHOWN else "")
            self._complain(path, place, shown, "a plain value", " ".join(str(error).split()))
            return None
        if isinstance(value, str) and _HALF_CHARACTER.search(value):
            self._complain(path, place, "half a character", "whole ones", "Write it as it is, without \\u escapes.")
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
        self.problems.append(Problem(self._file, *place, dotted(path), found, expected, remedy))
