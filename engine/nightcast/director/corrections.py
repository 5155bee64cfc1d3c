"""A price that changed just after it was heard, or while it was: the host says what it is now."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field, replace

from nightcast.director.live import Live
from nightcast.director.night import Begun, Cut, Happening, ReadyLine
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.talk.answer import Answers
from nightcast.talk.records import Segment

__all__ = ["Corrections"]

_JUST_HEARD_S = 45.0
_KEPT = 40
_PRICES = ("price", "list_price", "offer", "offer_ends")


@dataclass
class Corrections:
    """Remembers which prices were heard lately. All calls come from the director's loop."""

    live: Live
    answers: Answers
    prefix: str
    _heard: deque[tuple[ReadyLine, int]] = field(default_factory=lambda: deque(maxlen=_KEPT))  # and its last sample
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.live.listeners.append(self._hear)

    def _hear(self, happening: Happening) -> None:
        ready = happening.ready
        match happening:
            case Begun() if any(_is_price(fact_id) for fact_id in ready.line.fact_ids):
                self._heard.append((ready, happening.at + ready.samples))
            case Cut(begun=False):
                self._heard = deque((item for item in self._heard if item[0] is not ready), maxlen=_KEPT)

    async def correct(self, changed: set[str]) -> None:
        """Say at the next sentence end what each price is now that was just heard and is among `changed` (fact ids)."""
        since = self.live.now - round(_JUST_HEARD_S * SAMPLE_RATE_HZ)
        stale: dict[str, ReadyLine] = {}
        for ready, end in self._heard:
            for fact_id in changed.intersection(ready.line.fact_ids):
                if end >= since and _is_price(fact_id):
                    stale[fact_id.partition(".")[0]] = ready
        for product_id, ready in stale.items():
            desk = self.live.desk
            product = desk.catalog.product(product_id)
            number = next(self._numbers)
            line = product and self.answers.correction(ready.line.language, product, desk.catalog, desk.now(), number)
            if line:
                name = f"{self.prefix}correction{number:04d}"
                told = replace(line, id=f"{name}.1", mandatory=True)
                why = "its price changed when it was just heard"
                await self.live.interject(Segment(name, "answer", (told,), product_id, why), urgent=True)


def _is_price(fact_id: str) -> bool:
    key = fact_id.partition(".")[2]
    return key in _PRICES or key.endswith("_price")
