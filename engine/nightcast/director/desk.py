"""The desk: from a planned line to one that may be spoken. Facts are filled in, the gate judges, the journal notes.

Everything that is ever spoken passes here, whoever wrote it: planner, plugin, operator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from nightcast.director.journal import Journal
from nightcast.show import Catalog, Fact
from nightcast.show.fields import Text
from nightcast.talk.fill import fill
from nightcast.talk.gate.gate import Gate, GateContext
from nightcast.talk.records import Language, Line, Verdict

__all__ = ["Desk"]


@dataclass
class Desk:
    """`now` is the clock on the wall of the night's time zone; `catalog` may change while the night runs."""

    catalog: Catalog
    gate: Gate
    journal: Journal | None
    now: Callable[[], datetime]
    judged: Callable[[Line, Verdict], None] = lambda line, verdict: None
    edition: int = 0  #: grows when facts change: what was admitted before may no longer be true

    def __post_init__(self) -> None:
        self._known = self._texts()

    def admit(self, line: Line) -> Line | None:
        """The line as it may be spoken now, with its text filled in and mended; None where it may not be spoken."""
        now = self.now()
        filled = fill(line, self.catalog, now)
        if filled is None:
            self._drop(line, "a fact it leans on is gone", now)
            return None
        verdict = self.gate.judge(filled.text, self._context(filled, now))
        self.judged(filled, verdict)
        if self.journal is not None:
            self.journal.note_verdict(now.isoformat(), line.id, verdict)
        if verdict.text is None:
            self._drop(line, verdict.english_reason, now)
            return None
        return replace(filled, text=verdict.text)

    def objection_to_showing(self, text: str, language: Language) -> Text | None:
        """Why words that somebody wants on the picture may not be there; None where they may.

        The rules are those of speech. Counts are free (so many votes, so many winners); a price must be the catalog's.
        """
        now = self.now()
        names = [name for product in self.catalog.products for name in (product.name.en, product.name.zh) if name]
        context = GateContext(language, now, tuple(self.facts(now).values()), tuple(names), counts=True)
        return self.gate.judge(text, context).reason

    def facts(self, now: datetime) -> dict[str, Fact]:
        """All facts of all products, by id."""
        return {
            fact_id: fact
            for product in self.catalog.products
            for fact_id, fact in self.catalog.facts(product, now).items()
        }

    def change_catalog(self, catalog: Catalog) -> set[str]:
        """Take over a catalog; returns the ids of facts that are no longer as they were at the last call.

        With the same catalog, these are the facts of offers that have ended.
        """
        self.catalog = catalog
        before, self._known = self._known, self._texts()
        changed = {fact_id for fact_id, text in before.items() if self._known.get(fact_id) != text}
        if changed:
            self.edition += 1
        return changed

    def _texts(self) -> dict[str, Text]:
        return {fact_id: fact.text for fact_id, fact in self.facts(self.now()).items()}

    def _context(self, line: Line, now: datetime) -> GateContext:
        cited = {fact_id.partition(".")[0] for fact_id in line.fact_ids}
        facts = {
            fact_id: fact
            for product in self.catalog.products
            if product.id in cited
            for fact_id, fact in self.catalog.facts(product, now).items()
        }
        names = [name for product in self.catalog.products for name in (product.name.en, product.name.zh)]
        return GateContext(
            language=line.language,
            now=now,
            facts=tuple(facts[fact_id] for fact_id in line.fact_ids if fact_id in facts),
            names=tuple(name for name in names if name),
            counts=line.counts,
        )

    def _drop(self, line: Line, reason: str, now: datetime) -> None:
        if self.journal is not None:
            self.journal.drop(line.id, reason, now.isoformat())
