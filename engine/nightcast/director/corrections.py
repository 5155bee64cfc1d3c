"""A price that changed just after it was heard, or while it was: the host says what it is now."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nightcast.director.live import Live
from nightcast.director.night import Begun, Cut, Happening, ReadyLine
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show.fields import Text
from nightcast.talk.answer import Answers
from nightcast.talk.records import Language, Segment

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
    _at_work: asyncio.Lock = field(default_factory=asyncio.Lock)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.live.listeners.append(self._hear)

    def _hear(self, happening: Happening) -> None:
        ready = happening.ready
        match happening:
            case Begun() if any(_is_price(fact_id) for fact_id in ready.line.fact_ids):
                self._heard.append((ready, happening.at + ready.samples))
            case Cut(begun=False):
                self._forget([ready])

    async def correct(self, changed: set[str]) -> None:
        """Say at the next sentence end what each price is now that was just heard and is among `changed` (fact ids).

        Where it changes once more before that, it is said once: the correction that waits is itself made anew.
        """
        async with self._at_work:
            since = self.live.now - round(_JUST_HEARD_S * SAMPLE_RATE_HZ)
            stale: dict[str, list[ReadyLine]] = {}
            for ready, end in self._heard:
                for fact_id in changed.intersection(ready.line.fact_ids):
                    if end >= since and _is_price(fact_id):
                        stale.setdefault(fact_id.partition(".")[0], []).append(ready)
            for product_id, wrong in stale.items():
                if await self._say(product_id, wrong[-1].line.language):
                    self._forget(wrong)

    async def _say(self, product_id: str, language: Language) -> bool:
        """Let the host say what a product costs; whether it will."""
        desk = self.live.desk
        product = desk.catalog.product(product_id)
        number = next(self._numbers)
        line = product and self.answers.correction(language, product, desk.catalog, desk.now(), number)
        if not line:
            return False
        name = f"{self.prefix}correction{number:04d}"
        told = replace(line, id=f"{name}.1", mandatory=True)
        why = Text(en="its price changed when it was just heard", zh="刚报过的价格变了，更正")
        return await self.live.interject(Segment(name, "answer", (told,), product_id, why), urgent=True) > 0

    def _forget(self, lines: Sequence[ReadyLine]) -> None:
        self._heard = deque((item for item in self._heard if item[0] not in lines), maxlen=_KEPT)


def _is_price(fact_id: str) -> bool:
    key = fact_id.partition(".")[2]
    return key in _PRICES or key.endswith("_price")
