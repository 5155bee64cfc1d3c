"""From a comment to an answer: intent, product, facts, words of our own. The viewer's words go no further than this.

A comment is sorted by patterns; what is said comes from the phrase bank and the catalog, and passes the gate as all
else does. Nothing a viewer writes can change a price, a persona or a rule, because no part of it is ever spoken or
given to a model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal, get_args

import yaml

from nightcast.show.catalog import Catalog, Product
from nightcast.talk.errors import PackError
from nightcast.talk.fill import fill, slots
from nightcast.talk.gate.canonical import canonical
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.grammar import CannotSay, Context, can_say, expand, related
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.phrases import Bank, Beat
from nightcast.talk.records import Language, Line

Intent = Literal[
    "crisis", "who", "health", "compare", "try_on", "offer", "price", "size", "material", "stock", "delivery",
    "returns", "care", "colour", "origin", "feature", "order", "farewell", "thanks", "greet", "question",
]  # fmt: skip
#: Intents that need no product.
_SOCIAL: tuple[Intent, ...] = ("crisis", "who", "farewell", "thanks", "greet")
#: Pleasantries are left out where nothing fresh can be said; a question of facts is always answered.
_PLEASANT: tuple[Intent, ...] = ("farewell", "thanks", "greet")
_MAX_COMMENT = 300
_TRIES = 4  #: wordings of a phrase that are looked at
_SENTENCE_REST = timedelta(hours=2)
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Answer:
    """A line to be filled and gated. `try_on` is the product the host should put on, where that was asked."""

    intent: Intent
    line: Line
    product_id: str | None = None
    try_on: str | None = None

    @property
    def known(self) -> bool:
        """Whether a fact answered it, or only an honest line."""
        return not self.line.phrase.startswith(("answer_unknown", "answer_missing"))


@dataclass(frozen=True)
class Patterns:
    """What comments ask, in order: intent, language, expressions."""

    rules: tuple[tuple[Intent, Language, tuple[re.Pattern[str], ...]], ...]

    @classmethod
    def load(cls, path: Path) -> Patterns:
        """Read `scripts/phrases/intents.yaml`. Raises PackError."""
        try:
            written = yaml.safe_load(path.read_text(encoding="utf-8"))
            rules = tuple(
                (intent, language, tuple(re.compile(pattern) for pattern in patterns))
                for intent, by_language in written.items()
                for language, patterns in by_language.items()
            )
        except (OSError, yaml.YAMLError, re.error, AttributeError, TypeError) as error:
            raise PackError(path, str(error)) from error
        unknown = {intent for intent, _, _ in rules} - set(get_args(Intent))
        if unknown:
            raise PackError(path, f"unknown intents: {', '.join(sorted(unknown))}")
        return cls(rules)

    def intent(self, plain: str, language: Language) -> Intent | None:
        """The first that fits a canonical comment, or None for chatter that asks nothing."""
        for intent, of_language, patterns in self.rules:
            if of_language == language and any(pattern.search(plain) for pattern in patterns):
                return intent
        return None


@dataclass
class Answers:
    """Answers comments of one night. `banks` hold the `answer_…` beats; `memory` what was answered lately."""

    patterns: Patterns
    banks: Mapping[Language, Bank]
    persona: Persona
    memory: Memory = field(default_factory=Memory)

    def answer(
        self, comment: str, catalog: Catalog, now: datetime, *, on_table: str | None = None, seed: int | str = 0
    ) -> Answer | None:
        """An answer, or None where a comment asks nothing. `on_table` is the product that is being shown.

        What was said lately is worded otherwise as long as the bank knows another way: tell `note` what is spoken.
        """
        plain = canonical(comment[:_MAX_COMMENT])
        language: Language = "zh" if _HAN.search(plain) else "en"
        if language not in self.banks:
            return None
        intent = self.patterns.intent(plain, language)
        if intent is None:
            return None
        named = mentioned(plain, catalog)
        product = named[0] if named else catalog.product(on_table) if on_table else None
        context = self._context(language, product, named[1:], catalog, now, Random(f"{seed}/{plain}"))
        for beat in self._beats(intent, product):
            line = self._say(beat, context, now, again=intent not in _PLEASANT)
            if line is not None:
                wears = intent == "try_on" and product is not None and product.host_wears
                product_id = product.id if product and intent not in _SOCIAL else None
                return Answer(intent, line, product_id, product_id if wears else None)
        return None

    def back(
        self, language: Language, product: Product | None, catalog: Catalog, now: datetime, seed: int | str = 0
    ) -> Line | None:
        """A line that leads back to what an answer cut into; None where all such lines were said lately."""
        context = self._context(language, product, (), catalog, now, Random(f"{seed}/back"))
        return self._say("back" if product else "back.nothing", context, now, again=False)

    def correction(
        self, language: Language, product: Product, catalog: Catalog, now: datetime, seed: int | str = 0
    ) -> Line | None:
        """A line that says what a product costs now, where another price was just heard."""
        context = self._context(language, product, (), catalog, now, Random(f"{seed}/correction"))
        return self._say("correction.offer", context, now) or self._say("correction", context, now)

    def note(self, line: Line, catalog: Catalog, now: datetime) -> None:
        """A line of an answer, or back from it, will be spoken."""
        self.memory.note_line(fill(line, catalog, now) or line, None, now)

    def _say(self, name: str, context: Context, now: datetime, *, again: bool = True) -> Line | None:
        """A line of a beat that was not heard lately; `again` repeats one where there is no other, and says so."""
        beat = context.bank.beats.get(name)
        phrases = [(index, phrase) for index, phrase in enumerate(beat.say) if can_say(phrase, context)] if beat else []
        context.random.shuffle(phrases)
        heard: Line | None = None
        for index, phrase in phrases:
            for _ in range(_TRIES):
                line = _line(f"{name}#{index}", phrase, beat, context) if beat else None
                if line is None:
                    break
                if self._is_fresh(line, context, now):
                    return line
                heard = heard or line
        return self._repeated(heard, context, now) if heard and again else None

    def _is_fresh(self, line: Line, context: Context, now: datetime) -> bool:
        spoken = fill(line, context.catalog, now) or line
        return not self.memory.said_within(spoken.text, now, _SENTENCE_REST)

    def _repeated(self, heard: Line, context: Context, now: datetime) -> Line:
        """The line with words before it that own up to the repetition; as it was where these are worn out, too."""
        beat = context.bank.beats.get("answer_again")
        if beat is None:
            return heard
        between = " " if context.language == "en" else ""
        for phrase in context.random.sample(beat.say, len(beat.say)):
            for _ in range(_TRIES):
                opening = _line(heard.phrase, phrase, beat, context)
                if opening is None:
                    break
                fact_ids = (*opening.fact_ids, *heard.fact_ids)
                line = replace(heard, text=f"{opening.text}{between}{heard.text}", fact_ids=fact_ids)
                if self._is_fresh(line, context, now):
                    return line
        return heard

    def _beats(self, intent: Intent, product: Product | None) -> Sequence[str]:
        """Beats to try in order: the answer itself, then the honest line."""
        if intent in _SOCIAL:
            return (f"answer_{intent}",)
        if intent == "question":
            return ("answer_unknown",)
        if product is None:
            return ("answer_health", "answer_unknown") if intent == "health" else ("answer_which",)
        if intent == "try_on" and not product.host_wears:
            return ("answer_try_on.no",)
        first = {"offer": ("answer_offer.on", "answer_offer"), "price": ("answer_price.offer", "answer_price")}
        return (*first.get(intent, (f"answer_{intent}",)), "answer_missing", "answer_unknown")

    def _context(
        self,
        language: Language,
        product: Product | None,
        others: Sequence[Product],
        catalog: Catalog,
        now: datetime,
        random: Random,
    ) -> Context:
        rest = [item for item in related(product, catalog.products) if item.featured] if product else []
        other = others[0] if others else random.choice(rest) if rest else None
        return Context(
            language=language,
            facts=catalog.facts(product, now) if product else {},
            catalog=catalog,
            persona=self.persona,
            random=random,
            bank=self.banks[language],
            product=product,
            other=other,
            other_facts=catalog.facts(other, now) if other else {},
        )


def mentioned(plain: str, catalog: Catalog) -> list[Product]:
    """Products whose name or kind stands in a canonical comment, the most exact first."""
    found: list[tuple[int, int, Product]] = []
    for place, product in enumerate(catalog.products):
        words = {canonical(word) for text in (product.name, product.kind) for word in (text.en, text.zh) if word}
        words |= {word.split()[-1] for word in words if " " in word} | {canonical(tag) for tag in product.tags}
        hits = [len(word) for word in words if _stands(word, plain)]
        if hits:
            found.append((-max(hits), place, product))
    return [product for _, _, product in sorted(found, key=lambda entry: entry[:2])]


def _stands(word: str, plain: str) -> bool:
    if _HAN.search(word):
        return word in plain
    return re.search(rf"\b{re.escape(word)}(?:s|es)?\b", plain) is not None


def _line(phrase_id: str, phrase: tuple[str, ...], beat: Beat, context: Context) -> Line | None:
    context.chosen.clear()
    try:
        text = " ".join(expand(part, context) for part in phrase)
    except CannotSay:
        return None
    return Line(
        id="",
        text=text,
        language=context.language,
        fact_ids=slots(text),
        expression=beat.expression,
        gesture=context.random.choice(beat.gesture) if beat.gesture else None,
        shot=beat.shot,
        phrase=phrase_id,
    )
