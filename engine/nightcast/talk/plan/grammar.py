"""From a phrase of the bank to a template that can be filled: words and ways are chosen, the product's slots are bound.

Pure; the random generator is passed in. A bound slot is a fact's id, `{lamp.material_2}`; names and the grammar of the
product (this or these, it or they) are put in at once, for they do not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from nightcast.show.catalog import Catalog, Fact, Product
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.phrases import Bank, needed_slots
from nightcast.talk.records import Language

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(r"<(\w+)>")
_SLOT = re.compile(r"\{(\w+)\}")
#: Where a product's name may be left out, and what stands there instead; not where it is quoted or sought.
_NAMED = {"en": re.compile(r"\b[Tt]he \{name\}"), "zh": re.compile(r"(?<![叫搜找“：])\{name\}")}
_BY_KIND = {"en": "{this} {kind}", "zh": "这{mw}{kind}"}
#: Slots that stand for one of several facts, by the beginning of their keys.
_FAMILIES = {"material": "material_", "size": "size_", "use": "use_", "variant": "variant_", "claim": "claim_"}
_FEATURE_SIDES = ("feature", "advantage", "benefit")
#: How a thing is put on and taken off, by where it is worn; `wear` in English, the others in Chinese.
_WEARING = {
    "shoe": ("wear", "穿", "脱"), "garment": ("wear", "穿", "脱"), "bag": ("carry", "背", "取"),
    "makeup": ("wear", "涂", "擦"),
}  # fmt: skip
_ELSE_WORN = ("wear", "戴", "摘")
#: Things that a buyer may hesitate between: what goes on the head, what shines, what one goes out with.
_GROUPS = (
    ("glasses", "hat", "headband"), ("earring", "necklace", "ring", "bracelet", "watch"),
    ("shoe", "bag", "garment"), ("makeup",),
)  # fmt: skip
_SINGULAR_IN_S = ("glass", "dress", "lens", "canvas", "compass", "necklace", "brass", "moss", "harness")


#: Facts of a product that stand under their own name.
_SINGLE_FACTS = (
    "price", "list_price", "offer", "offer_ends", "offer_condition", "stock", "origin", "care", "delivery",
    "delivery_days", "delivery_free_over", "returns_days",
)  # fmt: skip
_OF_THE_SHOW = ("host", "shop", "clock")
_OF_THE_PRODUCT = ("name", "kind", "brand", "mw", "s", "es", "wear", "put", "off")


class CannotSay(Exception):  # noqa: N818  an answer, not an error
    """The product has nothing for a slot of this phrase."""


@dataclass
class Context:
    """What slots stand for. `chosen` keeps a choice (a feature, a material) through a paragraph.

    Where the product was just `named`, it is called by its kind: "this lamp", 这盏台灯.
    """

    language: Language
    facts: Mapping[str, Fact]
    catalog: Catalog
    persona: Persona
    random: Random
    bank: Bank
    product: Product | None = None
    other: Product | None = None
    other_facts: Mapping[str, Fact] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    named: bool = False


def can_say(phrase: tuple[str, ...], context: Context) -> bool:
    """Whether the product has all that the phrase asks for, outside of its optional ways."""
    return all(_options(slot, context) for text in phrase for slot in needed_slots(text))


def expand(text: str, context: Context) -> str:
    """Choose ways and words, bind slots. Raises CannotSay."""
    for _ in range(8):  # ways may hold words, and words ways
        before = text
        text = _CHOICE.sub(lambda match: _way(match[1].split("|"), context), text)
        text = _WORD.sub(lambda match: context.random.choice(context.bank.words[match[1]]), text)
        if text == before:
            break
    if context.named and "{kind}" not in text:  # "this cap is a cap" says nothing
        text = _NAMED[context.language].sub(_BY_KIND[context.language], text)
    text = _SLOT.sub(lambda match: _bind(match[1], context), text)
    return _tidy(text, context.language)


def _way(ways: list[str], context: Context) -> str:
    """One of the ways that the product can fill."""
    possible = [way for way in ways if can_say((way,), context)]
    if not possible:
        raise CannotSay(ways[0])
    return context.random.choice(possible)


def _bind(slot: str, context: Context) -> str:
    options = _options(slot, context)
    if not options:
        raise CannotSay(slot)
    bound = options[0] if len(options) == 1 else context.random.choice(options)
    if slot in _FEATURE_SIDES:
        context.chosen["feature"] = bound.strip("{}").removesuffix("_advantage").removesuffix("_benefit")
    elif slot.removeprefix("other_") in _FAMILIES:
        context.chosen[slot] = bound
    return bound


def _options(slot: str, context: Context) -> Sequence[str]:
    """All that a slot can stand for; empty where the product has nothing for it."""
    for binder in (_persona, _grammar):
        bound = binder(slot, context)
        if bound is not None:
            return (bound,)
    product, facts, key = context.product, context.facts, slot
    if slot.startswith("other") and context.other is not None:
        if slot in ("other", "other_kind"):
            named = context.other.name if slot == "other" else context.other.kind
            return (named.in_language(context.language),)
        product, facts, key = context.other, context.other_facts, slot.removeprefix("other_")
    if product is None:
        return ()
    if slot in _FEATURE_SIDES:
        return _feature_options(slot, product, facts, context.chosen.get("feature"))
    family = _FAMILIES.get(key)
    if family is None:
        fact_id = f"{product.id}.{key}"
        return (f"{{{fact_id}}}",) if fact_id in facts else ()
    start = f"{product.id}.{family}"
    ids = [f"{{{fact_id}}}" for fact_id in facts if fact_id.startswith(start) and not fact_id.endswith("_price")]
    kept = context.chosen.get(slot)
    return (kept,) if kept in ids else ids


def _feature_options(side: str, product: Product, facts: Mapping[str, Fact], kept: str | None) -> Sequence[str]:
    """Feature, advantage and benefit of the same feature through a paragraph."""
    start = f"{product.id}.feature_"
    names = [key for key in facts if key.startswith(start) and not key.endswith(("_advantage", "_benefit"))]
    if kept in names:
        names = [kept]
    ids = names if side == "feature" else [f"{name}_{side}" for name in names if f"{name}_{side}" in facts]
    return [f"{{{fact_id}}}" for fact_id in ids]


def _persona(slot: str, context: Context) -> str | None:
    persona, language = context.persona, context.language
    match slot:
        case "host":
            return persona.host[language]
        case "shop":
            return persona.shop[language]
        case "clock":
            return "{now.clock}"
    return None


def _grammar(slot: str, context: Context) -> str | None:
    product = context.product
    if product is None:
        return None
    kind = product.kind.in_language(context.language)
    many = is_plural(kind)
    match slot:
        case "name":
            return product.name.in_language(context.language)
        case "kind":
            return kind
        case "brand":
            return product.brand.in_language(context.language) if product.brand else None
        case "mw":
            return measure_word(kind, context.bank.measures)
        case "s" | "es":
            return "" if many else slot
        case "wear" | "put" | "off":
            words = _WEARING.get(product.wear.kind, _ELSE_WORN) if product.wear else None
            return words and words[("wear", "put", "off").index(slot)]
    return (_PLURALS if many else _SINGULARS).get(slot)


_SINGULARS = {
    "this": "this", "it": "it", "is": "is", "was": "was", "them": "it", "its": "its", "has": "has", "does": "does",
    "that": "that", "a": "a", "one": "one",
}  # fmt: skip
_PLURALS = {
    "this": "these", "it": "they", "is": "are", "was": "were", "them": "them", "its": "their", "has": "have",
    "does": "do", "that": "those", "a": "a pair of", "one": "pair",
}  # fmt: skip


def related(product: Product, products: Sequence[Product]) -> tuple[Product, ...]:
    """Products that are worth comparing with this one: worn about the same place, or not worn either."""
    others = [item for item in products if item.id != product.id]
    group = next((group for group in _GROUPS if product.wear and product.wear.kind in group), ())
    same = [item for item in others if item.wear and item.wear.kind in group]
    if not product.wear:
        same = [item for item in others if not item.wear]
    return tuple(same)


def known_slots(more_facts: Iterable[str] = ()) -> tuple[str, ...]:
    """All that a phrase may ask for. `more_facts` are names that a catalog gives to facts of its own (`extra`)."""
    facts = (*_SINGLE_FACTS, *_FAMILIES, *more_facts)
    others = ("other", "other_kind", *(f"other_{fact}" for fact in facts))
    return (*_OF_THE_SHOW, *_OF_THE_PRODUCT, *_SINGULARS, *_FEATURE_SIDES, *facts, *others)


@lru_cache(maxsize=256)
def is_plural(kind: str) -> bool:
    """Sunglasses are, a necklace is."""
    last = kind.lower().split()[-1] if kind.split() else ""
    return last.endswith("s") and not last.endswith("ss") and last not in _SINGULAR_IN_S


def measure_word(kind: str, measures: Mapping[str, str]) -> str:
    """The measure word of a Chinese kind: the longest entry that the kind ends with, or holds."""
    for key in sorted(measures, key=len, reverse=True):
        if kind.endswith(key):
            return measures[key]
    return measures.get("", "款")


def _tidy(text: str, language: Language) -> str:
    """White space and capitals after choices that chose nothing."""
    if language == "zh":
        text = re.sub(r"\s+", "", text) if not re.search(r"[A-Za-z]", _SLOT.sub("", text)) else text.strip()
        return re.sub(r"([，、])(?=[，。！？、])", "", text.lstrip("，、"))
    text = re.sub(r"\s+([,.!?;:…])", r"\1", re.sub(r"\s{2,}", " ", text)).strip()
    text = re.sub(r"^[,;]\s*", "", text)
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda match: match[1] + match[2].upper(), text)
