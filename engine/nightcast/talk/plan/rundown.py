"""The rundown as a constraint schedule: what comes next, and why.

Must-haves come first (the AI notice, slots at a time of the clock, slots every so often), then what the room asks for,
then the loop of the script. Products rest between two turns; the one with the most weight, the most demand and the
longest rest is next. Pure: time, memory and the room's wants are passed in, and a reason comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from nightcast.show.catalog import Catalog, Product
from nightcast.show.fields import Text
from nightcast.show.script import ForEach, Script, Slot
from nightcast.talk.gate.packs import Notice
from nightcast.talk.plan.brief import Brief
from nightcast.talk.plan.memory import Memory
from nightcast.talk.records import Language, SegmentKind

NOTICE_SLOT = "ai notice"
#: Share of a loop's time by kind of segment, before it is fitted to `loop_min`.
_WEIGHTS: Mapping[str, float] = {
    "opening": 0.5, "product": 2.2, "try_on": 0.7, "offer": 0.5, "bridge": 0.4, "story": 0.7, "question": 0.5,
    "game": 0.7, "closing": 0.5, "notice": 0.2,
}  # fmt: skip
_SHORTEST_S, _LONGEST_S = 20.0, 330.0
_CLOSING_S = 90.0
_DEMAND_NEEDED = 3.0
_EARLY_S = 20.0  #: a segment is not begun when a clock slot is due this soon
_SOON_S = 75.0  #: nor when one that comes every so often is: better a little early than in the middle of a product
#: How lively the night is, by hour; between them it is interpolated.
_ENERGY = ((0, 0.7), (3, 0.25), (5, 0.3), (7, 0.6), (9, 0.8), (12, 0.8), (18, 0.9), (21, 1.0), (24, 0.7))


@dataclass(frozen=True)
class Entry:
    """One step of the loop; `products` are those that a for_each may choose from."""

    kind: SegmentKind
    game: str = ""
    product_id: str | None = None


@dataclass
class Rundown:
    """The state that moves through the loop. `began` is when the night did."""

    script: Script
    catalog: Catalog
    notice: Notice | None
    began: datetime
    _queue: list[Entry] = field(default_factory=list)
    _rounds: int = 0
    _closed: bool = False
    _interval_s: float = float("inf")  # until the next slot of the kind "every so often"

    def next(self, at: datetime, memory: Memory, demand: Mapping[str, float], random: Random) -> Brief | None:
        """The segment that begins at `at`; None when the night is over."""
        at = at.astimezone(self._zone)
        self._interval_s = self._until_interval_s(at, memory)
        return (
            self._due_notice(at, memory)
            or self._due_slot(at, memory)
            or self._due_closing(at)
            or self._wanted(at, memory, demand)
            or (None if self._closed else self._from_loop(at, memory, demand, random))
        )

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.script.night.timezone)

    # -- what must be ----------------------------------------------------------------------------------------------

    def _due_notice(self, at: datetime, memory: Memory) -> Brief | None:
        if self.notice is None or self._closed:
            return None
        last = memory.last(slot=NOTICE_SLOT)
        due = at if last is None else last + timedelta(minutes=self.notice.every_min)
        if last is None:
            if not self.notice.at_start:
                return None
            why = Text(en="the policy wants it at the start", zh="规则要求开场时说明")
        elif due - at <= timedelta(seconds=_SOON_S):
            minutes = f"{self.notice.every_min:g}"
            why = Text(en=f"the policy wants it every {minutes} min", zh=f"规则要求每 {minutes} 分钟说明一次")
        else:
            return None
        words = self.notice.text.said_in(self._language())
        return self._brief("notice", at, why, slot=NOTICE_SLOT, due=due, words=words, mandatory=True)

    def _due_slot(self, at: datetime, memory: Memory) -> Brief | None:
        if self._closed:
            return None
        for slot in self.script.slots:
            last = memory.last(slot=slot.name)
            if slot.every_min is not None:
                due = (last or self.began) + timedelta(minutes=slot.every_min)
                if due - at > timedelta(seconds=_SOON_S):
                    continue
                why = Text(
                    en=f"slot {slot.name!r}, every {slot.every_min:g} min",
                    zh=f"定时环节 {slot.name}，每 {slot.every_min:g} 分钟一次",
                )
            else:
                moment = self._due_at(slot, at)
                if moment is None or (last is not None and last >= moment - timedelta(seconds=_EARLY_S)):
                    continue
                due = moment
                why = Text(en=f"slot {slot.name!r} at {slot.at}", zh=f"定时环节 {slot.name}，{slot.at}")
            product = self.catalog.product(slot.product) if slot.product else None
            if product is None and slot.do in ("offer", "product", "try_on"):
                product = self._choose(at, memory, {}, Random(at.isoformat()), self._featured())
            told = slot.text or (self.script.brand_story if slot.do == "story" else None)
            words = told.in_language(self._language()) if told else ""
            return self._brief(
                slot.do, at, why, product=product, slot=slot.name, due=due, words=words, mandatory=bool(words)
            )
        return None

    def _due_at(self, slot: Slot, at: datetime) -> datetime | None:
        """The moment of a clock slot that is due now: not more than an hour ago, nor further ahead than a breath."""
        for day in (at.date() - timedelta(days=1), at.date()):
            due = self._moment(day, str(slot.at))
            if due - timedelta(seconds=_EARLY_S) <= at < due + timedelta(hours=1) and due >= self.began:
                return due
        return None

    def _due_closing(self, at: datetime) -> Brief | None:
        if self._closed or not any(item.segment == "closing" for item in self.script.rundown):
            return None
        if self._end(at) - at > timedelta(seconds=_CLOSING_S + _EARLY_S):
            return None
        self._closed = True
        return self._brief("closing", at, Text(en="the night ends", zh="本场即将结束"))

    def _end(self, at: datetime) -> datetime:
        end = self._moment(self.began.astimezone(self._zone).date(), self.script.night.to)
        while end <= self.began:
            end += timedelta(days=1)
        return end if end >= at - timedelta(hours=1) else end + timedelta(days=1)

    def _moment(self, day: date, clock: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), self._zone)

    # -- what the room wants ---------------------------------------------------------------------------------------

    def _wanted(self, at: datetime, memory: Memory, demand: Mapping[str, float]) -> Brief | None:
        if self._closed:
            return None
        rest = timedelta(minutes=self.script.cooldowns.product_min)
        asked = sorted(demand.items(), key=lambda item: -item[1])
        for product_id, wish in asked:
            product = self.catalog.product(product_id)
            last = memory.last(product_id=product_id)
            if product is None or wish < _DEMAND_NEEDED or (last is not None and at - last < 2 * rest):
                continue
            why = Text(en=f"the room asks for it (demand {wish:.0f})", zh=f"观众想看（热度 {wish:.0f}）")
            return self._brief("product", at, why, product=product, asked=True)
        return None

    # -- the loop --------------------------------------------------------------------------------------------------

    def _from_loop(self, at: datetime, memory: Memory, demand: Mapping[str, float], random: Random) -> Brief | None:
        for _ in range(200):
            if not self._queue:
                self._queue = list(self._round(at, memory, demand, random))
                self._rounds += 1
            if not self._queue:
                return None
            entry = self._queue.pop(0)
            product = self.catalog.product(entry.product_id) if entry.product_id else None
            if entry.product_id and product is None:
                continue  # it left the catalog during the night
            if entry.kind == "try_on" and not (product and product.host_wears):
                continue
            if entry.kind == "product" and product and self._is_resting(product, at, memory):
                continue
            why = self._why(product, at, memory, demand)
            return self._brief(entry.kind, at, why, product=product, game=entry.game)
        return None

    def _round(self, at: datetime, memory: Memory, demand: Mapping[str, float], random: Random) -> Iterator[Entry]:
        """The entries of one round, its products in order of what they deserve now."""
        for item in self.script.rundown:
            if item.for_each is not None:
                products = self._named(item.for_each)
                order: list[Product] = []
                while products:
                    chosen = self._choose(at, memory, demand, random, products)
                    order.append(chosen)
                    products = [product for product in products if product.id != chosen.id]
                for product in order:
                    yield from (Entry(kind, product_id=product.id) for kind in item.for_each.do)
            elif item.game is not None:
                yield Entry("game", game=item.game)
            elif item.segment == "opening" and memory.last(kind="opening") is not None:
                yield Entry("bridge")
            elif item.segment not in (None, "closing"):
                yield Entry(item.segment)

    def _choose(
        self, at: datetime, memory: Memory, demand: Mapping[str, float], random: Random, products: list[Product]
    ) -> Product:
        """By weight, demand and rest, with some chance; a product sold out goes last."""

        def deserves(product: Product) -> float:
            last = memory.last(product_id=product.id)
            rested_min = (at - last).total_seconds() / 60 if last else 240.0
            fair = 1.0 / (1.0 + memory.airtime_s(product.id) / 600.0 / max(product.weight, 0.1))
            in_stock = 0.05 if product.stock == 0 else 1.0
            wish = 1.0 + min(demand.get(product.id, 0.0), 10.0) / 4
            return product.weight * min(rested_min, 240.0) * fair * wish * in_stock * random.uniform(0.7, 1.3)

        return max(products, key=deserves)

    def _why(self, product: Product | None, at: datetime, memory: Memory, demand: Mapping[str, float]) -> Text:
        en, zh = f"round {self._rounds}", f"第 {self._rounds} 轮"
        if product is not None:
            last = memory.last(product_id=product.id)
            rest_min = f"{(at - last).total_seconds() / 60:.0f}" if last else ""
            en += f": {product.id}, weight {product.weight:g}, {f'rested {rest_min} min' if last else 'not shown yet'}"
            zh += f"：{product.id}，权重 {product.weight:g}，{f'{rest_min} 分钟没讲' if last else '还没讲过'}"
            if wish := demand.get(product.id):
                en, zh = f"{en}, demand {wish:.0f}", f"{zh}，热度 {wish:.0f}"
        return Text(en=en, zh=zh)

    def _is_resting(self, product: Product, at: datetime, memory: Memory) -> bool:
        last = memory.last(kind="product", product_id=product.id)
        return last is not None and at - last < timedelta(minutes=self.script.cooldowns.product_min)

    def _named(self, each: ForEach) -> list[Product]:
        if each.product == "featured":
            return self._featured()
        if each.product == "all":
            return list(self.catalog.products)
        return [product for product in self.catalog.products if product.id in each.product]

    def _featured(self) -> list[Product]:
        return [product for product in self.catalog.products if product.featured] or list(self.catalog.products)

    # -- the brief -------------------------------------------------------------------------------------------------

    def _language(self) -> Language:
        spoken = self.script.spoken_languages
        return "zh" if spoken[max(self._rounds - 1, 0) % len(spoken)] == "zh" else "en"

    def _brief(
        self,
        kind: SegmentKind,
        at: datetime,
        reason: Text,
        *,
        product: Product | None = None,
        game: str = "",
        slot: str = "",
        due: datetime | None = None,
        asked: bool = False,
        words: str = "",
        mandatory: bool = False,
    ) -> Brief:
        return Brief(
            id=f"s{at:%d-%H%M%S}",
            kind=kind,
            language=self._language(),
            at=at,
            target_s=self._target_s(kind),
            max_s=self._room_s(at),
            energy=energy(at),
            reason=reason,
            product=product,
            game=game,
            slot=slot,
            due=due,
            asked=asked,
            words=words,
            mandatory=mandatory,
        )

    def _target_s(self, kind: SegmentKind) -> float:
        """So long that a round takes about `loop_min`."""
        total = 0.0
        for item in self.script.rundown:
            if item.for_each is not None:
                total += len(self._named(item.for_each)) * sum(_WEIGHTS[name] for name in item.for_each.do)
            elif item.game is not None or item.segment != "closing":
                total += _WEIGHTS[item.segment or "game"]
        share_s = self.script.night.loop_min * 60 * _WEIGHTS[kind] / max(total, 0.1)
        return min(max(share_s, _SHORTEST_S), _LONGEST_S)

    def _room_s(self, at: datetime) -> float:
        """Until the next slot."""
        ahead = [
            (due - at).total_seconds()
            for slot in self.script.slots
            if slot.at is not None
            for day in (at.date(), at.date() + timedelta(days=1))
            if (due := self._moment(day, slot.at)) > at + timedelta(seconds=_EARLY_S)
        ]
        return min([*ahead, self._interval_s], default=_LONGEST_S * 2)

    def _until_interval_s(self, at: datetime, memory: Memory) -> float:
        """Seconds until a slot that comes every so often is due again; what is due now does not count."""
        every_min = {slot.name: slot.every_min for slot in self.script.slots if slot.every_min is not None}
        if self.notice is not None:
            every_min[NOTICE_SLOT] = self.notice.every_min
        waits = [
            minutes * 60 - (at - (memory.last(slot=name) or self.began)).total_seconds()
            for name, minutes in every_min.items()
        ]
        return min((wait_s for wait_s in waits if wait_s > _SOON_S), default=_LONGEST_S * 2)


def energy(at: datetime) -> float:
    """How lively the host is at this time of day, 0 to 1."""
    hour = at.hour + at.minute / 60
    for (start, low), (end, high) in pairwise(_ENERGY):
        if start <= hour <= end:
            return low + (high - low) * (hour - start) / (end - start)
    return _ENERGY[-1][1]
