"""How names are said: YAML files of a show, one per language, from what is written to what is heard.

language: en
say: {Nightcast: night cast, Huayu: hwah yoo}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import ValidationError

from nightcast.show.fields import Part
from nightcast.talk.errors import PackError
from nightcast.talk.records import Language


class LexiconFile(Part):
    """One file of a lexicon."""

    language: Language
    say: dict[str, str]


@dataclass(frozen=True)
class Lexicon:
    """Longest entry first; case matters only where an entry has capitals inside (LED, iPad)."""

    entries: Mapping[Language, Mapping[str, str]] = field(default_factory=dict)

    def pattern(self, language: Language) -> re.Pattern[str] | None:
        words = sorted(self.entries.get(language, {}), key=len, reverse=True)
        if not words:
            return None
        return re.compile("|".join(map(_bounded, words)))

    def said(self, written: str, language: Language) -> str:
        return self.entries[language][written]


def _bounded(word: str) -> str:
    """A Latin name is matched as a whole word; Chinese has no word boundaries in writing."""
    escaped = re.escape(word)
    return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])" if word.isascii() else escaped


def load(folder: Path) -> Lexicon:
    """Read every `*.yaml` of a folder. A missing folder is an empty lexicon. Raises PackError."""
    entries: dict[Language, dict[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            file = LexiconFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError) as error:
            raise PackError(path, str(error)) from error
        entries.setdefault(file.language, {}).update(file.say)
    return Lexicon(entries)
