"""What a segment has to be: handed from the rundown to whichever writer fills it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

from nightcast.show.catalog import Catalog, Fact, Product
from nightcast.show.fields import Text
from nightcast.talk.plan.memory import Memory
from nightcast.talk.records import Language, Segment, SegmentKind

#: How fast a host speaks, for planning only: English words and Chinese characters in a second.
_WORDS_PER_S, _HAN_PER_S = 2.6, 4.4
_SLOT_WORDS = 3


@dataclass(frozen=True)
class Persona:
    """Who speaks: the host's name and manner, the shop's name, by language."""

    host: Mapping[str, str]
    manner: Mapping[str, str]
    shop: Mapping[str, str]


@dataclass(frozen=True)
class Brief:
    """One segment to be written.

    `at` is when it will begin, in the night's time zone; it should last about `target_s` and never longer than
    `max_s`. `energy` runs from 0 (softly, at three) to 1 (lively, at ten). `words` are said as they are.
    `due` is the moment of its slot; `asked` where the room asked for the product.
    """

    id: str
    kind: SegmentKind
    language: Language
    at: datetime
    target_s: float
    max_s: float
    energy: float
    reason: Text
    product: Product | None = None
    game: str = ""
    slot: str = ""
    due: datetime | None = None
    asked: bool = False
    words: str = ""
    mandatory: bool = False


@dataclass(frozen=True)
class Desk:
    """What a writer may lean on besides the brief."""

    catalog: Catalog
    persona: Persona
    memory: Memory
    random: Random

    def facts(self, brief: Brief) -> dict[str, Fact]:
        return self.catalog.facts(brief.product, brief.at) if brief.product else {}


class Writer(Protocol):
    """Fills a brief with lines. Text is templates: numbers stay slots until the last moment."""

    def write(self, brief: Brief, desk: Desk) -> Segment:
        """Raises PlanError where it cannot."""


def estimate_s(template: str, language: Language) -> float:
    """About how long a line takes to say, its pause left out."""
    if language == "zh":
        said, slot_count = 0, template.count("{")
        inside = False
        for character in template:
            inside = (inside or character == "{") and character != "}"
            said += not inside and character.isalnum()
        return (said + slot_count * _SLOT_WORDS * 1.5) / _HAN_PER_S
    return (len(template.split()) + template.count("{") * (_SLOT_WORDS - 1)) / _WORDS_PER_S
