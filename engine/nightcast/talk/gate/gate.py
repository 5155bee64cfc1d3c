"""The one place that lets a text be spoken: grounding, law, platform policy.

`Gate.judge` is a pure function of text and context. It fails closed: a text that breaks a rule is mended where the rule
knows how and the mended text passes by itself; else it is not spoken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from nightcast.show.catalog import Fact
from nightcast.show.fields import Text
from nightcast.talk.gate.canonical import canonical
from nightcast.talk.gate.packs import Rule
from nightcast.talk.gate.policy import Policy
from nightcast.talk.gate.quantities import Quantity, clock_time, quantities, untraced
from nightcast.talk.gate.tokens import find_term
from nightcast.talk.records import Language, Verdict

MAX_CHARACTERS = 400
_SENTENCE = re.compile(r"[^.!?。！？；;\n]+(?:[.!?。！？；;\n]+|$)(?:(?<=\d\.)\d+[^.!?。！？；;\n]*[.!?。！？；;\n]*)*")
#: Words beside which a bare number may be heard as a price.
_ABOUT_MONEY = re.compile(
    r"\b(?:prices?d?|costs?|pay|paid|deals?|cheap\w*|off|yuan|rmb|bucks?|dollars?|euros?)\b|"
    r"\b(?:only|just)\W{0,3}\d|"
    r"价|元|块|钱|只要|仅|卖给|折|便宜"
)
_LAST_RESORT: Mapping[Language, str] = {
    "en": "Let's have another look at what is on the table.",
    "zh": "我们再来看看桌上的这件。",
}


@dataclass(frozen=True)
class GateContext:
    """What a text may lean on. `facts` are those that the line cites; `names` are written with their own numbers."""

    language: Language
    now: datetime
    facts: tuple[Fact, ...] = ()
    names: tuple[str, ...] = ()
    counts: bool = False  #: counts of the room need no fact, prices do
    extra: Mapping[str, str] = field(default_factory=dict)  #: carried into the verdict's data, for the journal


class Gate:
    """Rules of one market and one platform."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._rules = [_Matcher(rule) for rule in (*policy.market.rules, *policy.platform.rules)]

    @property
    def policy(self) -> Policy:
        return self._policy

    def judge(self, text: str, context: GateContext) -> Verdict:
        """Whether `text` may be spoken. Where not, the verdict may hold a mended text that may."""
        objections = list(self._objections(text, context))
        if not objections:
            return Verdict(True, text, data=context.extra)
        rules = tuple(dict.fromkeys(objection.rule_id for objection in objections))
        reasons = list(dict.fromkeys(objection.why for objection in objections))
        reason = Text(en="; ".join(why.en for why in reasons), zh="；".join(why.zh for why in reasons))
        mended = self._mended(text, objections)
        if mended is not None and any(self._objections(mended, context)):
            mended = None
        return Verdict(False, mended, rules, reason, context.extra)

    def safe_line(self, language: Language) -> str:
        """What can always be said instead."""
        words = self._policy.market.safe_line
        return words.said_in(language) if words else _LAST_RESORT[language]

    def _objections(self, text: str, context: GateContext) -> Iterator[_Objection]:
        problem = _form_problem(text, context.language)
        if problem is not None:
            yield _Objection("gate.form", problem)
            return
        plain = canonical(text)
        for quantity in _ungrounded(plain, context):
            written = quantity.written
            why = Text(en=f"no cited fact holds {written!r}", zh=f"引用的事实里没有“{written}”")
            yield _Objection("gate.grounding", why)
        cited = {fact.kind for fact in context.facts} | {fact.id.partition(".")[2] for fact in context.facts}
        cited |= {"room"} if context.counts else set()
        for matcher in self._rules:
            rule = matcher.rule
            if context.language not in rule.languages or cited.intersection(rule.needs_fact):
                continue
            on_file = [fact.text.in_language(context.language) for fact in context.facts if fact.kind in rule.fact_says]
            found = matcher.find(plain, [canonical(words) for words in on_file])
            if found is not None:
                why = Text(en=f"{rule.title.en}: {found!r}", zh=f"{rule.title.zh}：“{found}”")
                yield _Objection(rule.id, why, matcher)

    def _mended(self, text: str, objections: Iterable[_Objection]) -> str | None:
        for objection in objections:
            if objection.matcher is None or not objection.matcher.rule.remedy.mends:
                return None
            text = objection.matcher.mend(text)
        return text if text.strip() else None


@dataclass(frozen=True)
class _Objection:
    rule_id: str
    why: Text
    matcher: _Matcher | None = None


class _Matcher:
    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._terms = tuple(canonical(term) for term in rule.terms)
        self._patterns = tuple(re.compile(pattern) for pattern in rule.patterns)
        self._unless = re.compile("|".join(rule.unless)) if rule.unless else None

    def find(self, plain: str, on_file: Iterable[str] = ()) -> str | None:
        """The first expression in a canonical text that breaks the rule and does not stand in a text `on_file`."""
        harmless = [match.span() for match in self._unless.finditer(plain)] if self._unless else []
        for start, end in self._spans(plain):
            found = plain[start:end]
            if not any(first <= start and end <= last for first, last in harmless) and not any(
                found.strip() in words for words in on_file
            ):
                return found
        return None

    def mend(self, text: str) -> str:
        """What the remedy makes of a text; a sentence is left out whatever a fact says."""
        remedy = self.rule.remedy
        for bad, good in remedy.replace.items():
            text = _replaced(text, bad, good)
        if remedy.drop_sentence:
            sentences = [match[0] for match in _SENTENCE.finditer(text)]
            text = "".join(sentence for sentence in sentences if self.find(canonical(sentence)) is None).strip()
        return text

    def _spans(self, plain: str) -> Iterator[tuple[int, int]]:
        for term in self._terms:
            yield from find_term(plain, term)
        for pattern in self._patterns:
            yield from (match.span() for match in pattern.finditer(plain))


def _replaced(text: str, bad: str, good: str) -> str:
    """Every `bad` becomes `good`, with a capital where there was one."""

    def like(match: re.Match[str]) -> str:
        return good[:1].upper() + good[1:] if match[0][:1].isupper() else good

    return re.sub(re.escape(bad), like, text, flags=re.IGNORECASE)


def _form_problem(text: str, language: Language) -> Text | None:
    if not text.strip():
        return Text(en="there is nothing to say", zh="没有内容可说")
    if len(text) > MAX_CHARACTERS:
        return Text(en=f"longer than {MAX_CHARACTERS} characters", zh=f"超过 {MAX_CHARACTERS} 个字符")
    if any(unicodedata.category(character) in ("Cc", "Co", "Cs") for character in text):
        return Text(en="control characters", zh="含有控制字符")
    if re.search(r"[{}<>\\]|\$\(|https?:|www\.", text):
        return Text(en="markup, an unfilled slot or an address", zh="含有标记、未填的空位或网址")
    letters = [character for character in text if character.isalpha()]
    han = sum("\u4e00" <= character <= "\u9fff" for character in letters)
    if language == "zh" and letters and han * 4 < len(letters):
        return Text(en="not in Chinese", zh="不是中文")
    if language == "en" and han * 4 > len(letters):
        return Text(en="not in English", zh="不是英文")
    return None


def _ungrounded(plain: str, context: GateContext) -> Iterator[Quantity]:
    for name in sorted(map(canonical, context.names), key=len, reverse=True):
        plain = plain.replace(name, " ") if name else plain
    found = quantities(plain)
    if not found:
        return
    known = _clock(context.now)
    for fact in context.facts:
        for words in {fact.text.en, fact.text.zh}:
            known += quantities(canonical(words))
    free = context.counts and not _ABOUT_MONEY.search(plain)
    yield from (item for item in untraced(found, known) if not (free and item.kind == "plain"))


def _clock(now: datetime) -> list[Quantity]:
    """Numbers that the time of day explains: the last quarter of an hour on the clock, the hour, the year."""
    moments = [now - timedelta(minutes=minutes) for minutes in range(16)]
    values = {now.year, *(m.hour for m in moments), *((m.hour - 1) % 12 + 1 for m in moments)}
    said = [Quantity("plain", Decimal(value).normalize(), str(value)) for value in sorted(values)]
    return [*said, *(clock_time(moment.hour, moment.minute) for moment in moments)]
