"""Policy packs as they are written: rules of a market, rules and mode of a platform. YAML in `scripts/policies/`.

A rule carries its source, its date, and examples that pass and fail; the examples are its tests.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from nightcast.show.catalog import FactKind
from nightcast.show.fields import Part, Text
from nightcast.talk.errors import PackError
from nightcast.talk.records import Language

Mode = Literal["unattended", "operator_present", "human_voice", "forbidden", "unverified"]
Place = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
P = TypeVar("P", bound="_Written")


class _Written(Part):
    """What stands in a pack."""


class Remedy(_Written):
    """How a text is mended: words replaced, or the offending sentence left out. Neither: the text is blocked."""

    replace: dict[str, str] = Field(default_factory=dict)
    drop_sentence: bool = False

    @property
    def mends(self) -> bool:
        return bool(self.replace) or self.drop_sentence


class Examples(_Written):
    passes: tuple[str, ...] = Field(min_length=1)
    fails: tuple[str, ...] = Field(min_length=1)


class Rule(_Written):
    """`terms` match whole words (tokens, in Chinese); `patterns` are regular expressions on the canonical text."""

    id: str = Field(pattern=r"^[a-z_]+(\.[a-z0-9_]+)+$")
    title: Text
    source: str = Field(min_length=5, description="law and article, or the platform's page")
    dated: date = Field(description="in force since, or seen on")
    languages: tuple[Language, ...] = ("en", "zh")
    terms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    unless: tuple[str, ...] = Field((), description="expressions in which the same words are harmless")
    needs_fact: tuple[FactKind | Literal["delivery_free_over", "room"], ...] = Field(
        (), description="passes where the line cites such a fact; room: where it tells what happened in the room"
    )
    fact_says: tuple[FactKind, ...] = Field((), description="passes where a cited fact of these kinds has the words")
    remedy: Remedy = Remedy()
    examples: Examples

    @field_validator("patterns", "unless")
    @classmethod
    def _compile(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"a regular expression; {value!r} is none ({error})") from error
        return values

    @field_validator("needs_fact", "fact_says", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _something(self) -> Rule:
        if not (self.terms or self.patterns):
            raise ValueError("terms or patterns")
        return self


class Words(_Written):
    en: str
    zh: str

    def said_in(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Label(_Written):
    """The mark that this is AI: drawn last, always. `height` is the share of the picture's short side."""

    text: Words
    height: float = Field(0.05, ge=0.02, le=0.25)
    place: Place = "top-left"


class Notice(_Written):
    """The spoken notice that the host is AI."""

    text: Words
    every_min: float = Field(gt=0, le=240)
    at_start: bool = True


class Market(_Written):
    market: str
    title: str
    includes: tuple[str, ...] = ()
    label: Label | None = None
    notice: Notice | None = None
    safe_line: Words | None = Field(None, description="said where a text was blocked and nothing else is at hand")
    rules: tuple[Rule, ...] = ()


class Platform(_Written):
    platform: str
    title: str
    mode: Mode
    seen: Literal["primary", "press", "none"] = Field(description="how the platform's rule is known to us")
    source: str
    dated: date
    why: str
    label: Label | None = None
    notice: Notice | None = None
    loudness_lufs: float = Field(-16.0, ge=-30, le=-9, description="of each line; AES TD1004 asks streams for -16")
    true_peak_db: float = Field(-1.0, ge=-9, le=-0.5)
    reminders: tuple[Words, ...] = Field((), description="for the brand, before the night starts")
    rules: tuple[Rule, ...] = ()


def read_market(folder: Path, name: str) -> Market:
    """A market with the rules of those it includes. Raises PackError."""
    market = _read(folder / "markets" / f"{name}.yaml", Market)
    included = [read_market(folder, other) for other in market.includes]
    first = {field: getattr(market, field) for field in ("label", "notice", "safe_line")}
    for other in included:
        first = {field: value or getattr(other, field) for field, value in first.items()}
    rules = (*(rule for other in included for rule in other.rules), *market.rules)
    return market.model_copy(update={**first, "rules": rules})


def read_platform(folder: Path, name: str) -> Platform:
    """Raises PackError."""
    return _read(folder / "platforms" / f"{name}.yaml", Platform)


def _read(path: Path, model: type[P]) -> P:
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml"))) or "none"
        raise PackError(path, f"there is no such pack; there are: {known}") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise PackError(path, str(error)) from error
