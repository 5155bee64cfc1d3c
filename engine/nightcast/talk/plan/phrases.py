"""Phrase banks as they are written: YAML in `scripts/phrases/<language>/`, several files merged into one bank.

A phrase is a sentence, or a list of sentences that belong together. In it, `<word>` stands for one of the bank's words,
`[a|b|c]` for one of several ways to say it, `{material}` for something known of the product. A phrase whose slots
the product cannot fill is passed over, so nothing is ever said that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from nightcast.show.fields import Part
from nightcast.talk.errors import PackError
from nightcast.talk.records import Language

_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"<(\w+)>")
_CHOICE = re.compile(r"\[[^\[\]]*\]")


class _Written(Part):
    """What stands in a phrase bank."""


class Beat(_Written):
    """Phrases that do the same work. `glasses` after a dot in its name (tip.glasses) sets it beside its sisters."""

    say: tuple[tuple[str, ...], ...] = Field(min_length=1)
    wear: tuple[str, ...] = Field((), description="only for products worn like this")
    not_wear: tuple[str, ...] = Field((), description="not for products worn like this")
    tags: tuple[str, ...] = Field((), description="only for products with one of these tags")
    kinds: tuple[str, ...] = Field((), description="only for products whose kind holds one of these words")
    seen: bool = Field(False, description="only for a product that has a model, so that there is something to look at")
    shown: bool | None = Field(
        None, description="only for a product that was shown before tonight; false: that was not"
    )
    asked: bool | None = Field(None, description="only where the room asked for the product; false: where it did not")
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

    A `?` after a beat's name means now and then; YAML wants quotes around it.
    """

    open: tuple[str, ...] = ()
    paragraphs: tuple[tuple[str, ...], ...] = ()
    close: tuple[str, ...] = ()


class PhraseFile(_Written):
    """One file of a bank."""

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    measures: dict[str, str] = Field(default_factory=dict)
    beats: dict[str, Beat] = Field(default_factory=dict)
    shapes: dict[str, Shape] = Field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Something in a bank that cannot be used. `place` is the path within the file, as YAML has it."""

    file: Path
    place: tuple[str | int, ...]
    found: str
    expected: str
    choices: tuple[str, ...] = ()  #: what might have been meant


class Bank:
    """All phrases of one language."""

    def __init__(self, language: Language, files: Mapping[Path, PhraseFile]) -> None:
        """Raises PackError where a name is used that is nowhere written, or written twice."""
        fault = next(faults(files), None)
        if fault is not None:
            where = ".".join(map(str, fault.place))
            raise PackError(fault.file, f"{where}: found {fault.found}; expected {fault.expected}")
        self.language = language
        self.words = {name: words for file in files.values() for name, words in file.words.items()}
        self.measures = {name: word for file in files.values() for name, word in file.measures.items()}
        self.beats = {name: beat for file in files.values() for name, beat in file.beats.items()}
        self.shapes = {name: shape for file in files.values() for name, shape in file.shapes.items()}
        self._families: dict[str, list[tuple[str, Beat]]] = {}
        for key, beat in self.beats.items():
            self._families.setdefault(key.partition(".")[0], []).append((key, beat))

    def sisters(self, name: str) -> Sequence[tuple[str, Beat]]:
        """The beat of this name, and all that stand beside it: `tip`, `tip.glasses`, …"""
        return self._families.get(name, ())


def faults(files: Mapping[Path, PhraseFile]) -> Iterator[Fault]:
    """All that is wrong in a bank as a whole: names that are nowhere written, or twice, and brackets left open."""
    first: dict[tuple[str, str], Path] = {}
    for path, file in files.items():
        for kind, names in (("words", file.words), ("beats", file.beats), ("shapes", file.shapes)):
            for name in names:
                known = first.setdefault((kind, name), path)
                if known is not path:
                    yield Fault(path, (kind, name), f"{name!r} again", f"a name that {known.name} does not have, too")
    beats = tuple({name.partition(".")[0]: None for kind, name in first if kind == "beats"})
    words = tuple(name for kind, name in first if kind == "words")
    for path, file in files.items():
        for place, beat in _beats_asked(file):
            if beat not in beats:
                yield Fault(path, place, repr(beat), "a beat of this bank", beats)
        for place, text in _texts(file):
            for word in _WORD.findall(text):
                if word not in words:
                    yield Fault(path, place, f"<{word}>", "words of this bank", words)
            if text.count("[") != text.count("]") or text.count("{") != text.count("}"):
                yield Fault(path, place, repr(text), "each bracket with its partner")


def _beats_asked(file: PhraseFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, shape in file.shapes.items():
        for part, beats in (("open", shape.open), ("close", shape.close)):
            for number, beat in enumerate(beats):
                yield ("shapes", name, part, number), beat.rstrip("?")
        for paragraph, beats in enumerate(shape.paragraphs):
            for number, beat in enumerate(beats):
                yield ("shapes", name, "paragraphs", paragraph, number), beat.rstrip("?")


def _texts(file: PhraseFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, words in file.words.items():
        for number, text in enumerate(words):
            yield ("words", name, number), text
    for name, beat in file.beats.items():
        for number, phrase in enumerate(beat.say):
            for text in phrase:
                yield ("beats", name, "say", number), text


def slots_of(file: PhraseFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every slot that a file asks for, with its place."""
    for place, text in _texts(file):
        for slot in _SLOT.findall(text):
            yield place, slot


@lru_cache(maxsize=8192)
def needed_slots(text: str) -> tuple[str, ...]:
    """Slots that a text cannot do without: those outside of its `[ways]`."""
    return tuple(dict.fromkeys(_SLOT.findall(_CHOICE.sub("", text))))


def load_bank(folder: Path, language: Language) -> Bank:
    """Read `folder/<language>/*.yaml`. Raises PackError."""
    files: dict[Path, PhraseFile] = {}
    for path in sorted((folder / language).glob("*.yaml")):
        try:
            files[path] = PhraseFile.model_validate(yaml.load(path.read_text(encoding="utf-8"), _LOADER))
        except (ValidationError, yaml.YAMLError) as error:
            raise PackError(path, str(error)) from error
    if not files:
        raise PackError(folder / language, "there are no phrases here")
    return Bank(language, files)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster on a bank, where libyaml is there
