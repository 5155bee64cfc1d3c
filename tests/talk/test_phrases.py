"""Every phrase that ships may be spoken, in every market: said of every product of a shop, in one of its ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest

from nightcast.show.catalog import Catalog, Product
from nightcast.talk.fill import fill_text, slots
from nightcast.talk.gate import Gate, GateContext, Policy
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.grammar import CannotSay, Context, expand, related
from nightcast.talk.plan.phrases import Bank
from nightcast.talk.records import Language
from tests.talk.conftest import POLICIES


def said(
    bank: Bank, product: Product, catalog: Catalog, persona: Persona, now: datetime
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Where a phrase stands, its words as they are heard, and the facts that they cite."""
    others = related(product, catalog.products)
    facts = catalog.facts(product, now)
    other_facts = catalog.facts(others[0], now) if others else {}
    for key, beat in bank.beats.items():
        for number, phrase in enumerate(beat.say):
            random = Random(f"{product.id}/{key}/{number}")
            context = Context(
                bank.language,
                facts,
                catalog,
                persona,
                random,
                bank,
                product,
                others[0] if others else None,
                other_facts,
            )
            try:
                templates = [expand(text, context) for text in phrase]
            except CannotSay:
                continue
            for template in templates:
                yield f"{key}#{number}", fill_text(template, facts | other_facts, bank.language, now), slots(template)


@pytest.mark.parametrize("market", ["cn", "eu", "us"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phrase_that_ships_may_be_spoken(
    banks: dict[Language, Bank], catalog: Catalog, persona: Persona, now: datetime, market: str, language: Language
) -> None:
    gate = Gate(Policy.load(POLICIES, market, "own_site"))
    names = tuple(name for product in catalog.products for name in (product.name.en, product.name.zh))
    all_facts = {key: fact for product in catalog.products for key, fact in catalog.facts(product, now).items()}
    heard, refused = 0, []
    for product in catalog.products[:4]:
        for place, text, cited in said(banks[language], product, catalog, persona, now):
            heard += 1
            facts = tuple(all_facts[fact_id] for fact_id in cited)
            verdict = gate.judge(text, GateContext(language, now, facts, names))
            if not verdict.passed:
                refused.append((place, text, verdict.reason))
    assert refused == []
    assert heard > 2_000
