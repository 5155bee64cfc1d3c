"""Facts into a line's slots, at the last moment before it is made into sound, so that nothing stale is ever spoken.

A slot is a fact's id in braces, `{lamp.price}`, or the clock, `{now.clock}`. Facts may be written with a capital and
a full stop; both are fitted to where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from nightcast.show.catalog import Catalog, Fact
from nightcast.talk.records import Line

SLOT = re.compile(r"\{([a-z0-9_\-]+)\.([a-z0-9_\-]+)\}")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+)$")
#: Words that keep their capital within a sentence, as far as descriptions of goods begin with them.
_ALWAYS_CAPITAL = frozenset(
    (
        *("American", "Belgian", "British", "Chinese", "Danish", "Dutch", "Egyptian", "English", "European", "Finnish"),
        *("French", "German", "Greek", "Indian", "Irish", "Italian", "Japanese", "Kashmir", "Korean", "Mongolian"),
        *("Norwegian", "Persian", "Peruvian", "Portuguese", "Scottish", "Spanish", "Swedish", "Swiss", "Turkish"),
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )
)
_CLOSED_BY = ".!?。！？,，;；:："


def slots(template: str) -> tuple[str, ...]:
    """Ids of the facts that a template asks for, in order, without the clock."""
    return tuple(f"{m[1]}.{m[2]}" for m in SLOT.finditer(template) if m[1] != "now")


def fill(line: Line, catalog: Catalog, now: datetime) -> Line | None:
    """The line with its facts as they are at `now`; None where one of them is not there (any more).

    Facts that the line cites without a slot must be there as well: an offer that ended takes its lines with it.
    """
    wanted = dict.fromkeys((*slots(line.text), *line.fact_ids))
    facts: dict[str, Fact] = {}
    for product_id in {fact_id.partition(".")[0] for fact_id in wanted}:
        product = catalog.product(product_id)
        if product is not None:
            facts |= catalog.facts(product, now)
    if not facts.keys() >= wanted.keys():
        return None
    return replace(line, text=fill_text(line.text, facts, line.language, now), fact_ids=tuple(wanted))


def fill_text(template: str, facts: Mapping[str, Fact], language: str, now: datetime) -> str:
    """Put facts into a template. Raises KeyError for one that is missing."""
    text = ""
    position = 0
    for match in SLOT.finditer(template):
        text += template[position : match.start()]
        position = match.end()
        if match[1] == "now":
            words = f"{now.hour}:{now.minute // 5 * 5:02d}"  # to five minutes: it is heard a little later
        else:
            words = facts[f"{match[1]}.{match[2]}"].text.in_language(language).strip()
        if template[position : position + 1] in tuple(_CLOSED_BY):
            words = words.rstrip(".。!！")
        if language == "en":
            words = _cased(words, starts=_SENTENCE_START.search(text) is not None)
        text += words
    text += template[position:]
    return _articled(text) if language == "en" else text


def _cased(words: str, *, starts: bool) -> str:
    """A capital at the start of a sentence, none within one, except where the word always has it."""
    if starts:
        return words[:1].upper() + words[1:]
    first = words.split(maxsplit=1)[0] if words else ""
    if first.istitle() and len(first) > 1 and first.rstrip(",.") not in _ALWAYS_CAPITAL:
        return words[:1].lower() + words[1:]
    if first == "A":
        return "a" + words[1:]
    return words


def _articled(text: str) -> str:
    """ "a enamel ring" is "an enamel ring"."""
    return re.sub(r"\b([Aa]) (?=[aeiAEI]|o(?!ne)|un(?!i)|um|hour|honest)", r"\1n ", text)
