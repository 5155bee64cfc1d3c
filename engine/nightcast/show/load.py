"""From a YAML file to a model, or to every problem in it at once."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nightcast.show.errors import Problem, ShowError
from nightcast.show.fields import FieldError, LooseEnd, Part
from nightcast.show.yaml_places import PlacedYaml, dotted, read_yaml

__all__ = ["asset_fields", "is_asset", "load_yaml", "loose_problem", "resolve"]

M = TypeVar("M", bound=Part)

#: What pydantic calls an error, and what we say was expected. `{name}` is filled from the error's context.
_EXPECTED = {
    "missing": "this field",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of {ge} or more",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of {le} or less",
    "literal_error": "one of {expected}",
    "string_type": "words",
    "string_pattern_mismatch": "words of the form {pattern}",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of names to values",
    "tuple_type": "a list",
    "too_short": "at least {min_length} of these",
    "too_long": "at most {max_length} of these",
    "date_from_datetime_parsing": "a date like 2026-11-26",
    "date_parsing": "a date like 2026-11-26",
    "finite_number": "a finite number",
}


def load_yaml(file: Path, model: type[M], root: Path, environ: Mapping[str, str] | None = None) -> M:
    """Read and validate one file of the show at `root`.

    Raises `ShowError` with every problem: YAML, unknown or wrong fields, assets that do not exist or lie outside.
    """
    placed = read_yaml(file, environ)
    try:
        value = model.model_validate(placed.data)
    except ValidationError as error:
        raise ShowError([_problem(placed, model, detail) for detail in _own_faults(error.errors())]) from error
    found = [(file.parent / asset, _asset_problem(placed, path, asset, root)) for path, asset in asset_fields(value)]
    problems = [problem for _, problem in found if problem is not None]
    problems += [loose_problem(placed, end) for end in value.loose_ends()]
    if problems:
        raise ShowError(problems, tuple(asset for asset, problem in found if problem is not None))
    return value


def _own_faults(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that are only too short because what they hold is wrong."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(len(loc) > len(detail["loc"]) and loc[: len(detail["loc"])] == detail["loc"] for loc in places)
    ]


def resolve(file: Path, asset: str) -> Path:
    """Where an asset path written in `file` points to."""
    return (file.parent / asset).resolve()


def asset_fields(value: BaseModel, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    """Every asset path in a model, with the path of its field as written."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    for name, info in type(value).model_fields.items():
        content = getattr(value, name)
        field_path = (*path, info.alias or name)
        if is_asset(info.annotation, info.metadata):
            items = (
                enumerate(content)
                if isinstance(content, tuple)
                else content.items()
                if isinstance(content, dict)
                else None
            )
            if items is not None:
                found += [((*field_path, key), item) for key, item in items]
            elif content is not None:
                found.append((field_path, content))
        else:
            found += _nested_assets(content, field_path)
    return found


def _nested_assets(content: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(content, BaseModel):
        return asset_fields(content, path)
    if isinstance(content, dict):
        return [asset for key, item in content.items() for asset in _nested_assets(item, (*path, key))]
    if isinstance(content, tuple):
        return [asset for index, item in enumerate(content) for asset in _nested_assets(item, (*path, index))]
    return []


def is_asset(annotation: Any, metadata: list[Any]) -> bool:
    """Whether a field's type is `AssetPath`, `AssetPath | None`, or a tuple or mapping of it."""
    if any(getattr(mark, "json_schema", {}) == {"type": "string", "format": "nightcast-asset"} for mark in metadata):
        return True
    inner = getattr(annotation, "__metadata__", None)
    if inner is not None:
        return is_asset(None, list(inner))
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, dict):
        return any(is_asset(part, []) for part in typing.get_args(annotation))
    return False


def _asset_problem(placed: PlacedYaml, path: tuple[str | int, ...], asset: str, root: Path) -> Problem | None:
    line, column = placed.place(path)
    where = dotted(path)
    try:
        target = resolve(placed.file, asset)
        is_there = target.exists()
    except (OSError, RuntimeError) as error:
        why = f"It cannot be followed: {getattr(error, 'strerror', None) or 'its links lead in a circle'}."
        return Problem(placed.file, line, column, where, _cut(repr(asset)), "a path to a file", why)
    if not target.is_relative_to(root.resolve()):
        return Problem(placed.file, line, column, where, repr(asset), "a path inside the show", f"The show is {root}.")
    if is_there:
        return None
    siblings = [item.name for item in target.parent.iterdir()] if target.parent.is_dir() else []
    near = difflib.get_close_matches(target.name, siblings, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"There is no {target.name!r} in {target.parent.name or '.'}/."
    return Problem(placed.file, line, column, where, repr(asset), "a file that exists", remedy)


def loose_problem(placed: PlacedYaml, end: LooseEnd) -> Problem:
    """A name that stands for nothing, with what it may have been."""
    line, column = placed.place(end.path)
    near = difflib.get_close_matches(end.name, end.known, n=1, cutoff=0.5)
    remedy = f"Did you mean {near[0]!r}?" if near else ""
    return Problem(
        placed.file, line, column, dotted(end.path), repr(end.name), "one of " + ", ".join(end.known), remedy
    )


def _problem(placed: PlacedYaml, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    kind, context, found = detail["type"], dict(detail.get("ctx", {})), detail["input"]
    error = context.get("error")
    inner: tuple[Any, ...] = error.path if isinstance(error, FieldError) else ()
    for part in inner:
        found = found[part] if isinstance(found, dict | list) else None
    path = _written_path(placed, (*detail["loc"], *inner))
    if kind == "extra_forbidden":
        line, column = placed.keys.get(path, placed.place(path))
        names = _names_at(model, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
        return Problem(
            placed.file,
            line,
            column,
            dotted(path),
            f"the unknown field {path[-1]!r}",
            "one of " + ", ".join(names),
            remedy,
        )
    line, column = placed.place(path)
    if kind == "missing":
        return Problem(placed.file, line, column, dotted(path), "nothing", "this field")
    expected = _EXPECTED.get(kind)
    if expected is not None:
        whole = {name: f"{number:g}" for name, number in context.items() if isinstance(number, float)}
        expected = expected.format_map({**context, **whole})
    else:
        expected = str(error or detail["msg"][:1].lower() + detail["msg"][1:])
    remedy = ""
    if kind == "string_type" and isinstance(detail["input"], bool | int | float | date):
        remedy = "In quotes it is words."
    if kind == "literal_error":
        choices = [choice.strip(" '") for choice in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = difflib.get_close_matches(str(detail["input"]), choices, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
    shown = "" if error is not None and isinstance(found, dict) else _shown(found, placed)  # its parts are meant
    return Problem(placed.file, line, column, dotted(path), shown, expected, remedy)


def _shown(value: Any, placed: PlacedYaml) -> str:
    if isinstance(value, str) and any(secret and secret in value for secret in placed.secrets):
        return "a value from the environment"
    if value is None:
        return "nothing"
    if isinstance(value, list) and not all(isinstance(item, int | float) for item in value):
        return "a list"
    return "a mapping" if isinstance(value, dict | BaseModel) else _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _written_path(placed: PlacedYaml, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """pydantic's location without the names of union members, which nobody wrote."""
    path: tuple[str | int, ...] = ()
    for index, part in enumerate(loc):
        longer = (*path, part)
        last = index == len(loc) - 1
        if longer in placed.places or (last and not _names_a_type(part)):
            path = longer
    return path


def _names_a_type(part: str | int) -> bool:
    return isinstance(part, str) and (
        "[" in part or part in {"str", "int", "float", "bool", "tuple", "dict"} or part[:1].isupper()
    )


def _names_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The field names allowed at `path` below `model`."""
    current: list[type[BaseModel]] = [model]
    for part in path:
        following: list[type[BaseModel]] = []
        for candidate in current:
            for name, info in candidate.model_fields.items():
                if part in (name, info.alias):
                    following += _models_in(info.annotation)
        current = following or current
    return [info.alias or name for candidate in current for name, info in candidate.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]
