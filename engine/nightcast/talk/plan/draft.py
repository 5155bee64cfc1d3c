"""What a language model hands in, and how it is checked before a word of it is believed.

The model phrases; the catalog speaks numbers. A draft's text holds slots, `{lamp.price}`, and no number of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nightcast.show.catalog import Fact
from nightcast.talk.fill import SLOT, fill_text, slots
from nightcast.talk.gate import Gate, GateContext
from nightcast.talk.gate.canonical import canonical
from nightcast.talk.gate.quantities import quantities
from nightcast.talk.plan.brief import Brief, Desk
from nightcast.talk.plan.memory import sentence_key
from nightcast.talk.records import Line
from nightcast.talk.repetition import tokens

Expression = Literal["neutral", "happy", "relaxed", "surprised"]
Gesture = Literal["none", "present", "point", "hold_up", "beat_right", "think", "wave", "thank", "laugh"]
Shot = Literal["any", "wide", "medium", "close", "product"]
_OVERLAP_WORDS = 8


class DraftLine(BaseModel):
    """One spoken sentence."""

    model_config = ConfigDict(extra="ignore")
    text: str = Field(max_length=300, description="the sentence; facts only as {fact.id}, no digits, no number words")
    expression: Expression = "neutral"
    gesture: Gesture = "none"
    shot: Shot = "any"


class Draft(BaseModel):
    """A segment of the talk track."""

    model_config = ConfigDict(extra="ignore")
    lines: list[DraftLine] = Field(min_length=1, max_length=40)


def sift(draft: Draft, brief: Brief, desk: Desk, gate: Gate, rest: timedelta) -> tuple[list[Line], list[str]]:
    """The lines that may stand, and what was wrong with the others (for the model's second try, and the log)."""
    facts = desk.facts(brief)
    names = tuple(name for product in desk.catalog.products for name in (product.name.en, product.name.zh))
    kept: list[Line] = []
    problems: list[str] = []
    heard: set[str] = set()
    grams: set[tuple[str, ...]] = set()
    for line in draft.lines:
        found = next(_problems(line, brief, desk, facts, gate, names, rest), None)
        key = sentence_key(line.text)
        own = _grams(line.text)
        if found is None and (key in heard or own & grams):
            found = "repeats another line of this segment"
        if found is not None:
            problems.append(f"{line.text[:60]!r}: {found}")
            continue
        heard.add(key)
        grams |= own
        kept.append(
            Line(
                id="",
                text=line.text.strip(),
                language=brief.language,
                fact_ids=slots(line.text),
                expression=None if line.expression == "neutral" else line.expression,
                gesture=None if line.gesture == "none" else line.gesture,
                shot=None if line.shot == "any" else line.shot,
                pause_after_s=round(0.95 - 0.5 * brief.energy, 2),
            )
        )
    return kept, problems


def _problems(
    line: DraftLine,
    brief: Brief,
    desk: Desk,
    facts: Mapping[str, Fact],
    gate: Gate,
    names: tuple[str, ...],
    rest: timedelta,
) -> Iterator[str]:
    unknown = [fact_id for fact_id in slots(line.text) if fact_id not in facts]
    if unknown:
        yield f"there is no fact {unknown[0]}"
        return
    bare = SLOT.sub(" ", line.text)
    for name in names:
        bare = bare.replace(name, " ") if name else bare
    numbers = quantities(canonical(bare))
    if numbers:
        yield f"a number of its own ({numbers[0].written}); numbers come from facts only"
    text = fill_text(line.text, facts, brief.language, brief.at)
    cited = tuple(facts[fact_id] for fact_id in slots(line.text))
    verdict = gate.judge(text, GateContext(brief.language, brief.at, cited, names))
    if verdict.reason is not None:
        yield verdict.reason.en
    if desk.memory.said_within(text, brief.at, rest):
        yield "was said a short while ago"


def _grams(text: str) -> set[tuple[str, ...]]:
    words = tokens(text)
    return {tuple(words[start : start + _OVERLAP_WORDS]) for start in range(len(words) - _OVERLAP_WORDS + 1)}
