"""Phrase banks as they are written: YAML in `scripts/phrases/<language>/`, several files merged into one bank.

A phrase is a sentence, or a list of sentences that belong together. In it, `<word>` stands for one of the bank's words,
`[a|b|c]` for one of several ways to say it, `{material}` for something known of the product. A phrase whose slots
the product cannot fill is passed over, so nothing is ever said that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nightcast.talk.errors import PackError
from nightcast.talk.records import Language

_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[[^\[\]]*\]")


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Beat(_Written):
    """Phrases that do the same work. `glasses` after a dot in its name (tip.glasses) sets it beside its sisters."""

    say: tuple[tuple[str, ...], ...] = Field(min_length=1)
    wear: tuple[str, ...] = Field((), description="only for products worn like this")
    tags: tuple[str, ...] = Field((), description="only for products with one of these tags")
    without: tuple[str, ...] = Field((), description="only where the product has none of these facts now, e.g. offer")
    hours: tuple[int, int] | None = Field(None, description="only from this hour to that, over midnight if need be")
    mood: Literal["lively", "soft"] | None = None
    gesture: tuple[str | None, ...] = Field((), description="one of these; null: none this time")
    expression: str | None = None
    shot: str | None = None

    @field_validator("say", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return [[item] if isinstance(item, str) else item for item in value]

    @field_validator("gesture", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class Shape(_Written):
    """How a segment is built: beats that open it, paragraphs in any order, beats that close it.

    A `?` after a beat's name means now and then.
    """

    open: tuple[str, ...] = ()
    paragraphs: tuple[tuple[str, ...], ...] = ()
    close: tuple[str, ...] = ()


class _File(_Written):
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    measures: dict[str, str] = Field(default_factory=dict)
    beats: dict[str, Beat] = Field(default_factory=dict)
    shapes: dict[str, Shape] = Field(default_factory=dict)


class Bank:
    """All phrases of one language."""

    def __init__(self, language: Language, files: Mapping[Path, _File]) -> None:
        self.language = language
        self.words: dict[str, tuple[str, ...]] = {}
        self.measures: dict[str, str] = {}
        self.beats: dict[str, Beat] = {}
        self.shapes: dict[str, Shape] = {}
        for path, file in files.items():
            for mine, theirs in (
                (self.words, file.words),
                (self.measures, file.measures),
                (self.beats, file.beats),
                (self.shapes, file.shapes),
            ):
                twice = mine.keys() & theirs.keys()
                if twice:
                    raise PackError(path, f"{', '.join(sorted(twice))}: written in another file as well")
                mine.update(theirs)  # type: ignore[arg-type]

        self._families: dict[str, list[tuple[str, Beat]]] = {}
        for key, beat in self.beats.items():
            self._families.setdefault(key.partition(".")[0], []).append((key, beat))
        self._check(next(iter(files), Path(language)))

    def sisters(self, name: str) -> Sequence[tuple[str, Beat]]:
        """The beat of this name, and all that stand beside it: `tip`, `tip.glasses`, …"""
        return self._families.get(name, ())

    def _check(self, path: Path) -> None:
        """Every name that is used exists. Raises PackError."""
        for name, shape in self.shapes.items():
            for beat in (*shape.open, *(beat for paragraph in shape.paragraphs for beat in paragraph), *shape.close):
                if not self.sisters(beat.rstrip("?")):
                    raise PackError(path.parent, f"the shape {name!r} asks for a beat {beat!r} that is nowhere written")
        texts = [text for beat in self.beats.values() for phrase in beat.say for text in phrase]
        texts += [word for words in self.words.values() for word in words]
        for text in texts:
            for word in re.findall(r"<(\w+)>", text):
                if word not in self.words:
                    raise PackError(path.parent, f"{text!r} asks for words <{word}> that are nowhere written")
            if text.count("[") != text.count("]") or text.count("{") != text.count("}"):
                raise PackError(path.parent, f"{text!r} has a bracket without its partner")


@lru_cache(maxsize=8192)
def needed_slots(text: str) -> tuple[str, ...]:
    """Slots that a text cannot do without: those outside of its `[ways]`."""
    return tuple(dict.fromkeys(_SLOT.findall(_CHOICE.sub("", text))))


def load_bank(folder: Path, language: Language) -> Bank:
    """Read `folder/<language>/*.yaml`. Raises PackError."""
    files: dict[Path, _File] = {}
    for path in sorted((folder / language).glob("*.yaml")):
        try:
            files[path] = _File.model_validate(yaml.load(path.read_text(encoding="utf-8"), _LOADER))
        except (ValidationError, yaml.YAMLError) as error:
            raise PackError(path, str(error)) from error
    if not files:
        raise PackError(folder / language, "there are no phrases here")
    return Bank(language, files)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster on a bank, where libyaml is there
