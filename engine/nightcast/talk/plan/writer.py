"""The offline writer: a segment from phrase banks, with a memory of what was said. No network, no model.

It builds paragraphs, as a person would: a look, a use, the practical side, the price; each keeps to one feature or one
material, its order differs from time to time, and a turn of phrase rests as long as there is another one.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from operator import itemgetter

from nightcast.talk.errors import PlanError
from nightcast.talk.fill import fill_text, slots
from nightcast.talk.plan.brief import Brief, Desk, estimate_s
from nightcast.talk.plan.grammar import CannotSay, Context, can_say, expand, related
from nightcast.talk.plan.memory import opening, sentence_key
from nightcast.talk.plan.phrases import Bank, Beat, Shape
from nightcast.talk.records import Language, Line, Segment

_TRIES = 6
_CANDIDATES = 12  #: phrases of a beat that are looked at; those after them were used lately
_ROUNDS = 2  #: how often a segment goes through its paragraphs
_NOW_AND_THEN = 0.45
_PAUSE_S = {"lively": 0.45, "soft": 0.95}
_PARAGRAPH_PAUSE_S = 0.9
_LONG_AGO_S = 48 * 3600.0
_PHRASE_REST_S = 900.0  #: before a turn of phrase is used again, for whatever product
#: Kinds that are written again from older sentences; the others are left out when nothing fresh is left.
_NEVER_EMPTY = ("opening", "product", "bridge", "closing")
_AGAIN = (".price", ".offer", ".offer_ends")
_NAME_REST = 3  #: lines before a product is called by its name again, and not "this lamp"
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*")


class OfflineWriter:
    """`sentence_rest` is how long a sentence must not be heard again."""

    def __init__(self, banks: Mapping[Language, Bank], sentence_rest: timedelta = timedelta(hours=2)) -> None:
        self._banks = banks
        self._rest = sentence_rest

    def write(self, brief: Brief, desk: Desk) -> Segment:
        """Raises PlanError where nothing at all can be said."""
        lines = _as_written(brief) if brief.words else list(self._lines(brief, desk, self._rest))
        if not lines and brief.kind in _NEVER_EMPTY:  # better a sentence again after half an hour than nobody speaking
            lines = list(self._lines(brief, desk, self._rest / 4))
        if not lines:
            raise PlanError(f"there is nothing fresh to say in a {brief.kind} of {brief.language}")
        if brief.kind == "try_on" and brief.product:
            lines[0] = replace(lines[0], wear=brief.product.id)
            lines[-1] = replace(lines[-1], wear="") if len(lines) > 1 else lines[-1]
        numbered = tuple(replace(line, id=f"{brief.id}-{index:02d}") for index, line in enumerate(lines, 1))
        product_id = brief.product.id if brief.product else None
        return Segment(brief.id, brief.kind, numbered, product_id, brief.reason, "offline", brief.slot, brief.due)

    def _lines(self, brief: Brief, desk: Desk, rest: timedelta) -> Iterator[Line]:
        session = _Session(brief, desk, self._banks[brief.language], rest)
        shape = session.shape
        closing = list(session.beats(shape.close))
        session.since_named = _NAME_REST  # the closing was written first, but is heard last
        room_s = min(brief.target_s, brief.max_s) - sum(session.length_s(line) for line in closing)
        spoken_s = 0.0
        for line in chain(session.beats(shape.open), session.paragraphs()):
            if spoken_s and spoken_s + session.length_s(line) > max(room_s, 0):
                break
            spoken_s += session.length_s(line)
            yield line
        yield from closing


def _holds(kind: str, word: str) -> bool:
    """Whether a product's kind holds a word: whole words of English, any character of Chinese."""
    return word in kind.split() if word.isascii() else word in kind


def _as_written(brief: Brief) -> list[Line]:
    """Words of a policy or of the brand, sentence by sentence, as they are."""
    return [
        Line("", sentence.strip(), brief.language, slots(sentence), mandatory=brief.mandatory, pause_after_s=0.5)
        for sentence in _SENTENCE.findall(brief.words)
        if sentence.strip()
    ]


@dataclass
class _Session:
    """The writing of one segment."""

    brief: Brief
    desk: Desk
    bank: Bank
    rest: timedelta

    def __post_init__(self) -> None:
        brief, desk = self.brief, self.desk
        others = related(brief.product, desk.catalog.products) if brief.product else ()
        other = desk.random.choice(others) if others else None
        self._context = Context(
            language=brief.language,
            facts=desk.facts(brief),
            catalog=desk.catalog,
            persona=desk.persona,
            random=desk.random,
            bank=self.bank,
            product=brief.product,
            other=other,
            other_facts=desk.catalog.facts(other, brief.at) if other else {},
        )
        self._facts = {**self._context.facts, **self._context.other_facts}
        self._mood = "lively" if brief.energy >= 0.5 else "soft"
        self._kind = brief.product.kind.in_language(brief.language).lower() if brief.product else ""
        last = desk.memory.last(product_id=brief.product.id) if brief.product else None
        self._shown = last is not None
        self._pause_s = _PAUSE_S["soft"] + (_PAUSE_S["lively"] - _PAUSE_S["soft"]) * brief.energy
        self._said: set[str] = set()
        self._phrases: set[str] = set()
        self._told: set[str] = set()
        self._openings: list[str] = []
        self._name = brief.product.name.in_language(brief.language) if brief.product else ""
        self.since_named = _NAME_REST  #: lines since the product was called by its name

    @property
    def shape(self) -> Shape:
        name = f"game_{self.brief.game}" if self.brief.game else self.brief.kind
        shape = self.bank.shapes.get(name)
        if shape is None:
            raise PlanError(f"the phrase bank has no shape {name!r} in {self.brief.language}")
        return shape

    def length_s(self, line: Line) -> float:
        return estimate_s(line.text, line.language) + line.pause_after_s

    def beats(self, names: tuple[str, ...], *, linked: bool = False) -> Iterator[Line]:
        """The lines of some beats in order. Where they are `linked`, none is said without the first."""
        self._context.chosen.clear()
        lines: list[Line] = []
        for name in names:
            if name.endswith("?") and self.desk.random.random() > _NOW_AND_THEN:
                if linked and name == names[0]:
                    return
                continue
            said = self._beat(name.rstrip("?"), needed=not linked)
            if not said and linked and name == names[0]:
                return  # what follows would lean on something that was not said
            lines += said
        if lines:
            lines[-1] = replace(lines[-1], pause_after_s=lines[-1].pause_after_s + _PARAGRAPH_PAUSE_S)
        yield from lines

    def paragraphs(self) -> Iterator[Line]:
        """The first paragraph, then the others in any order, and once more. Lazy: what is not asked for stays."""
        first, rest = self.shape.paragraphs[:1], list(self.shape.paragraphs[1:])
        for _ in range(_ROUNDS):
            self.desk.random.shuffle(rest)
            wrote = False
            for paragraph in (*first, *rest):
                for line in self.beats(paragraph, linked=True):
                    wrote = True
                    yield line
            if not wrote:
                return
            first = ()  # a second look comes at any time

    def _beat(self, name: str, *, needed: bool) -> list[Line]:
        """One phrase of a beat; nothing where nothing fresh can be said. A `needed` beat may use a tired phrase."""
        stale: list[Line] | None = None
        for phrase_id, beat, phrase in self._candidates(name, needed=needed):
            for lines in self._wordings(phrase_id, beat, phrase):
                if any(self._was_said(line.text) or self._tells_again(line) for line in lines):
                    continue
                if not self._opens_alike(lines[0].text):
                    return self._keep(phrase_id, lines)
                stale = stale or lines
        return self._keep(stale[0].phrase, stale) if stale else []

    def _wordings(self, phrase_id: str, beat: Beat, phrase: tuple[str, ...]) -> Iterator[list[Line]]:
        """Some ways to word a phrase, each once. Where the product was just named, those without its name first."""
        for named in (True, False) if self.since_named < _NAME_REST else (False,):
            self._context.named = named
            tried: set[str] = set()
            for _ in range(_TRIES):
                try:
                    lines = self._expand(phrase_id, beat, phrase)
                except CannotSay:
                    return
                if lines[0].text in tried:
                    break  # there are few ways to say this one
                tried.add(lines[0].text)
                yield lines

    def _candidates(self, name: str, *, needed: bool) -> list[tuple[str, Beat, tuple[str, ...]]]:
        """Phrases that fit, those first that rested longest; those that were just used for any product, last."""
        found = []
        for key, beat in self.bank.sisters(name):
            if not self._fits(beat):
                continue
            for index, phrase in enumerate(beat.say):
                phrase_id = f"{key}#{index}"
                if phrase_id in self._phrases or not can_say(phrase, self._context):
                    continue
                rested = self.desk.memory.phrase_age_s(phrase_id, self.brief.at) >= _PHRASE_REST_S
                if needed or rested:
                    found.append(((rested, self._rested(phrase_id)), phrase_id, beat, phrase))
        return [entry[1:] for entry in heapq.nlargest(_CANDIDATES, found, key=itemgetter(0))]

    def _rested(self, phrase_id: str) -> float:
        """How long a phrase rested, with some chance in it so that the order never settles."""
        memory, at = self.desk.memory, self.brief.at
        product_id = self.brief.product.id if self.brief.product else None
        here_s = min(memory.phrase_age_s(phrase_id, at, product_id), _LONG_AGO_S)
        anywhere_s = min(memory.phrase_age_s(phrase_id, at), _LONG_AGO_S)
        return (here_s + 2 * anywhere_s) * self.desk.random.uniform(0.7, 1.3)

    def _fits(self, beat: Beat) -> bool:
        product = self.brief.product
        if beat.wear and not (product and product.wear and product.wear.kind in beat.wear):
            return False
        if beat.seen and (product is None or product.model is None):
            return False
        if beat.tags and not (product and set(beat.tags) & set(product.tags)):
            return False
        if any(f"{product.id}.{fact}" in self._facts for fact in beat.without if product):
            return False
        if product and product.wear and product.wear.kind in beat.not_wear:
            return False
        if beat.kinds and not any(_holds(self._kind, kind) for kind in beat.kinds):
            return False
        if beat.shown not in (None, self._shown) or beat.asked not in (None, self.brief.asked):
            return False
        if beat.mood and beat.mood != self._mood:
            return False
        if beat.hours:
            start, end = beat.hours
            hour = self.brief.at.hour
            return start <= hour < end if start <= end else hour >= start or hour < end
        return True

    def _expand(self, phrase_id: str, beat: Beat, phrase: tuple[str, ...]) -> list[Line]:
        gesture = self.desk.random.choice(beat.gesture) if beat.gesture else None
        lines = []
        for place, text in enumerate(phrase):
            template = expand(text, self._context)
            lines.append(
                Line(
                    id="",
                    text=template,
                    language=self.brief.language,
                    fact_ids=slots(template),
                    expression=beat.expression,
                    gesture=gesture if place == 0 else None,
                    shot=beat.shot if place == 0 else None,
                    pause_after_s=round(self._pause_s * self.desk.random.uniform(0.8, 1.3), 2),
                    phrase=phrase_id,
                )
            )
        return lines

    def _was_said(self, text: str) -> bool:
        heard = self._heard(text)
        return sentence_key(heard) in self._said or self.desk.memory.said_within(heard, self.brief.at, self.rest)

    def _tells_again(self, line: Line) -> bool:
        """Whether a fact was told in this segment already; a price may be told twice."""
        return any(fact_id in self._told and not fact_id.endswith(_AGAIN) for fact_id in line.fact_ids)

    def _heard(self, template: str) -> str:
        """The line as the room would hear it now: two products with the same delivery must not say so alike."""
        return fill_text(template, self._facts, self.brief.language, self.brief.at)

    def _opens_alike(self, text: str) -> bool:
        return opening(text) in self._openings[-5:] or (
            len(self._openings) < 5 and self.desk.memory.opened_alike(text, 5 - len(self._openings))
        )

    def _keep(self, phrase_id: str, lines: list[Line]) -> list[Line]:
        self._phrases.add(phrase_id)
        for line in lines:
            self.since_named = 0 if self._name in line.text else self.since_named + 1
            self._said.add(sentence_key(self._heard(line.text)))
            self._openings.append(opening(line.text))
            self._told.update(line.fact_ids)
        return lines
