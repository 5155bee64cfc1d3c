"""The writers that a script asks for, in order, and what one of them would say of a product."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from nightcast.show.catalog import Catalog, Product
from nightcast.show.fields import Text
from nightcast.show.script import Script
from nightcast.talk.gate import Gate
from nightcast.talk.plan.brief import Brief, Desk, Persona, Writer
from nightcast.talk.plan.llm import Budget, LlmWriter
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.phrases import Bank
from nightcast.talk.plan.rundown import energy
from nightcast.talk.plan.writer import OfflineWriter
from nightcast.talk.records import Language, Line, SegmentKind

_TARGET_S, _LONGEST_S = 90.0, 300.0
_STRAY = timedelta(minutes=10)  #: how far a line may be heard from the moment it was planned for


def build_writers(
    script: Script,
    gate: Gate,
    banks: Mapping[Language, Bank],
    *,
    cache: Path | None = None,
    budget: Budget | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Writer, ...]:
    """Model, second model, offline writer. `cache` keeps drafts across a restart; `budget` is shared by the models."""
    settings = script.planner
    rest = timedelta(minutes=script.cooldowns.sentence_min) + _STRAY
    spent = budget or Budget.of(settings)
    models = [model for model in (settings.model, settings.second_model) if model]
    asked = [LlmWriter(model, settings, gate, spent, monotonic, cache, rest) for model in models]
    return (*asked, OfflineWriter(banks, rest))


def write_product(
    product: Product,
    catalog: Catalog,
    persona: Persona,
    banks: Mapping[Language, Bank],
    *,
    language: Language,
    at: datetime,
    seed: int,
) -> list[Line]:
    """What the offline writer would say of a product at `at`: its segment, try-on and offer. Templates, not filled."""
    writer, memory = OfflineWriter(banks), Memory()
    kinds: tuple[SegmentKind, ...] = ("product", "try_on", "offer") if product.host_wears else ("product", "offer")
    lines: list[Line] = []
    why = Text(en="asked for", zh="应要求")
    for kind in kinds:
        brief = Brief(kind, kind, language, at, _TARGET_S, _LONGEST_S, energy(at), why, product)
        segment = writer.write(brief, Desk(catalog, persona, memory, Random(f"{seed}/{kind}")))
        memory.note(segment, at, _TARGET_S)
        lines += segment.lines
    return lines
