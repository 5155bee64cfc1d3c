"""The simulated audience: viewers who come, write, like, give, buy and leave, as one queue of things to
happen.

Pure and seeded: the same seed, profile, products and calls give the same signals. Times are milliseconds.
Live it is asked every 100 ms; a rehearsal asks it on a virtual clock, thousands of times faster.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from nightcast.room.events import (
    Comment,
    Event,
    EventData,
    Follow,
    Join,
    OrderCreated,
    OrderLine,
    OrderPaid,
    Restocked,
    RoomStats,
    SoldOut,
    Source,
    StockChanged,
    StockLow,
    User,
)
from nightcast.room.folding import GiftRaw, LikeRaw, Raw
from nightcast.room.simulation.profiles import Phrases, Profile, phrases

Told = EventData | GiftRaw | LikeRaw
Happen = Callable[[int], Iterator[Told]]

_MINUTE_MS = 60_000
_STATS_MS = 10_000
_RESTOCK_MS = 10 * _MINUTE_MS
_LOW = 5
_LOST_END = 0.2  # share of gift combos whose last frame a platform forgets
_GIFTS = (("heart", 10), ("rose", 100), ("lantern", 520), ("ship", 6_600))
_NAMES_EN = (
    "Amy",
    "Ben",
    "Chloe",
    "Dan",
    "Ella",
    "Finn",
    "Grace",
    "Hugo",
    "Ivy",
    "Jack",
    "Kira",
    "Leo",
    "Mia",
    "Noah",
)
_NAMES_ZH = (
    "小雨",
    "阿明",
    "林夕",
    "晓晓",
    "老王",
    "橙子",
    "大壮",
    "静静",
    "花花",
    "北方的狼",
    "月半",
    "可乐",
)


@dataclass(slots=True)
class SimProduct:
    """What viewers know of a product, and how many there are."""

    id: str
    name_en: str
    name_zh: str
    number: int
    price_minor: int
    stock: int = 50
    currency: str = "CNY"
    full_stock: int = 0

    def __post_init__(self) -> None:
        self.full_stock = self.full_stock or self.stock


@dataclass(slots=True)
class _Viewer:
    user: User
    language: Literal["en", "zh"]
    leaves_ms: int
    troll: bool


class Simulator:
    """One simulated room. `languages` is the share of Chinese among the viewers."""

    def __init__(
        self,
        profile: Profile,
        products: Sequence[SimProduct],
        *,
        seed: int,
        start_ms: int,
        chinese: float = 0.5,
        utc_offset_h: float = 0.0,
        platform: str = "simulator",
    ) -> None:
        self.profile = profile
        self.products = {product.id: product for product in products}
        self.product_id = products[0].id if products else None
        self.viewers = 0
        self._rng = random.Random(seed)
        self._seed = seed
        self._chinese = chinese
        self._utc_offset_ms = int(utc_offset_h * 3_600_000)
        self._platform = platform
        self._order = itertools.count()
        self._numbers = itertools.count(1)
        self._queue: list[tuple[int, int, Happen]] = []
        self._kind = {h: _weighted({k: p for k, p in phrases().items() if p.hostile is h}) for h in (False, True)}
        self._likes_total = 0
        self._start(start_ms)

    def until(self, now_ms: int) -> Iterator[Raw | Event]:
        """What happens up to `now_ms`, in order."""
        while self._queue and self._queue[0][0] <= now_ms:
            at_ms, _, happen = heapq.heappop(self._queue)
            for data in happen(at_ms):
                src = Source(platform=self._platform, msg_id=f"{self._seed}-{next(self._numbers)}", ts=at_ms)
                yield Event(data, at_ms, src=src) if isinstance(data, EventData) else Raw(data, at_ms, src)

    def switched(self, product_id: str) -> None:
        """The host shows another product: most questions are about it from now on."""
        self.product_id = product_id

    def invite(self, text: str, now_ms: int, *, share: float = 0.2, within_s: float = 20.0) -> None:
        """Something asks viewers to write a word (a poll, a lottery, a check-in): some of them do."""
        for _ in range(round(self.viewers * share)):
            at_ms = now_ms + int(self._rng.random() * within_s * 1000)
            self._at(at_ms, _just(self._comment(self._someone(), text, None)))

    def burst(self, product_id: str, now_ms: int, *, orders: int, within_s: float = 15.0) -> None:
        """A flash sale opens: so many orders come within a moment."""
        for _ in range(orders):
            at_ms = now_ms + int(self._rng.random() ** 2 * within_s * 1000)
            self._at(at_ms, partial(self._buy, viewer=self._someone(), product_id=product_id))

    # -- the queue --

    def _at(self, at_ms: int, happen: Happen) -> None:
        heapq.heappush(self._queue, (at_ms, next(self._order), happen))

    def _wait_ms(self, per_min: float) -> int:
        """A Poisson process's next waiting time."""
        return max(1, int(self._rng.expovariate(per_min) * _MINUTE_MS))

    def _start(self, start_ms: int) -> None:
        self._at(start_ms, self._arrive)
        self._at(start_ms + _STATS_MS, self._stats)
        for per_hour, happen in (
            (self.profile.like_storms_per_hour, self._storm),
            (self.profile.order_bursts_per_hour, self._order_burst),
        ):
            if per_hour:
                self._at(start_ms + self._wait_ms(per_hour / 60), happen)

    # -- viewers --

    def _arrive(self, now_ms: int) -> Iterator[Told]:
        hour = (now_ms + self._utc_offset_ms) // 3_600_000 % 24
        self._at(now_ms + self._wait_ms(self.profile.arrivals_per_min * self.profile.day[hour]), self._arrive)
        viewer = self._someone()
        # lognormal: many look in, few stay long; mu keeps the mean at stay_min
        stay_ms = int(self._rng.lognormvariate(math.log(self.profile.stay_min) - 0.5, 1.0) * _MINUTE_MS)
        viewer.leaves_ms = now_ms + max(3_000, stay_ms)
        viewer.troll = self._rng.random() < self.profile.trolls
        self.viewers += 1
        self._at(viewer.leaves_ms, self._leave)
        habits: list[tuple[float, Callable[[int, _Viewer], Iterator[Told]]]] = [
            (self.profile.comments * (8 if viewer.troll else 1), self._write),
            (self.profile.likes, self._like),
            (self.profile.gifts, self._give),
            (self.profile.follows, self._follow),
            (self.profile.orders, self._order_now),
        ]
        for per_min, habit in habits:
            self._again(now_ms, viewer, per_min, habit)
        yield Join(user=viewer.user)

    def _again(
        self,
        now_ms: int,
        viewer: _Viewer,
        per_min: float,
        habit: Callable[[int, _Viewer], Iterator[Told]],
    ) -> None:
        """Schedule a viewer's habit, if its next time comes before the viewer leaves."""
        if per_min <= 0:
            return
        at_ms = now_ms + self._wait_ms(per_min)
        if at_ms >= viewer.leaves_ms:
            return

        def happen(t_ms: int) -> Iterator[Told]:
            self._again(t_ms, viewer, per_min, habit)
            return habit(t_ms, viewer)

        self._at(at_ms, happen)

    def _leave(self, _now_ms: int) -> Iterator[EventData]:
        self.viewers -= 1
        return iter(())

    def _someone(self) -> _Viewer:
        chinese = self._rng.random() < self._chinese
        number = self._rng.randrange(100_000)
        name = self._rng.choice(_NAMES_ZH if chinese else _NAMES_EN)
        user = User(ref=f"sim-{number}", nickname=f"{name}{number % 1000}", fan_level=number % 12)
        return _Viewer(user, "zh" if chinese else "en", 0, False)

    def _stats(self, now_ms: int) -> Iterator[EventData]:
        self._at(now_ms + _STATS_MS, self._stats)
        yield RoomStats(viewers=self.viewers, likes_total=self._likes_total)

    # -- what they do --

    def _write(self, now_ms: int, viewer: _Viewer) -> Iterator[EventData]:
        kinds, weights = self._kind[viewer.troll]
        intent = self._rng.choices(kinds, weights)[0]
        template = self._rng.choice(getattr(phrases()[intent], viewer.language))
        repeats = self._rng.randrange(3, 9) if viewer.troll and intent == "spam" else 1
        text = self._filled(template, viewer.language)
        yield self._comment(viewer, text, viewer.language)
        for number in range(1, repeats):
            again = self._comment(viewer, text, viewer.language)
            self._at(now_ms + number * 700, _just(again))

    def _comment(self, viewer: _Viewer, text: str, language: Literal["en", "zh"] | None) -> Comment:
        return Comment(comment_id=f"sim-c{next(self._numbers)}", user=viewer.user, text=text, lang=language)

    def _filled(self, template: str, language: str) -> str:
        if not self.products:
            return template.replace("{product}", "it").replace("{number}", "1")
        current = self.products.get(self.product_id or "")
        product = current if current is not None and self._rng.random() < 0.7 else self._any_product()
        name = product.name_zh if language == "zh" else product.name_en
        return template.replace("{product}", name).replace("{number}", str(product.number))

    def _any_product(self) -> SimProduct:
        return self._rng.choice(list(self.products.values()))

    def _like(self, _now_ms: int, viewer: _Viewer) -> Iterator[LikeRaw]:
        yield self._liked(self._rng.randrange(1, 16), viewer.user)

    def _liked(self, count: int, user: User | None) -> LikeRaw:
        self._likes_total += count
        return LikeRaw(user=user, count=count)

    def _storm(self, now_ms: int) -> Iterator[LikeRaw]:
        self._at(now_ms + self._wait_ms(self.profile.like_storms_per_hour / 60), self._storm)
        for step in range(self._rng.randrange(20, 60)):
            self._at(now_ms + step * 100, _just(self._liked(self._rng.randrange(20, 400), None)))
        return iter(())

    def _give(self, now_ms: int, viewer: _Viewer) -> Iterator[GiftRaw]:
        gift, unit_minor = self._rng.choices(_GIFTS, (50, 30, 15, 5))[0]
        length = min(99, int(self._rng.paretovariate(1.2)))
        ended = self._rng.random() >= _LOST_END
        combo = f"k{next(self._numbers)}"
        at_ms = now_ms
        for count in range(1, length + 1):
            raw = GiftRaw(
                user=viewer.user, gift_id=gift, name=gift, combo_id=combo, count=count, unit_minor=unit_minor,
                end=ended and count == length,
            )  # fmt: skip
            self._at(at_ms, _just(raw))
            at_ms += self._rng.randrange(300, 900)
        return iter(())

    def _follow(self, _now_ms: int, viewer: _Viewer) -> Iterator[EventData]:
        yield Follow(user=viewer.user)

    # -- orders --

    def _order_now(self, now_ms: int, viewer: _Viewer) -> Iterator[EventData]:
        wanted = self.product_id if self._rng.random() < 0.8 else None
        return self._buy(now_ms, viewer, wanted)

    def _order_burst(self, now_ms: int) -> Iterator[EventData]:
        self._at(now_ms + self._wait_ms(self.profile.order_bursts_per_hour / 60), self._order_burst)
        if self.product_id is not None:
            self.burst(self.product_id, now_ms, orders=self._rng.randrange(10, 60))
        return iter(())

    def _buy(self, now_ms: int, viewer: _Viewer, product_id: str | None) -> Iterator[EventData]:
        if not self.products:
            return
        product = self.products.get(product_id or "") or self._any_product()
        if product.stock <= 0:
            yield self._comment(viewer, "还有货吗" if viewer.language == "zh" else "sold out already?", viewer.language)
            return
        product.stock -= 1
        order_id = f"sim-o{next(self._numbers)}"
        line = OrderLine(product_id=product.id, title=product.name_en, qty=1, price_minor=product.price_minor)
        fields = {"order_id": order_id, "lines": (line,), "amount_minor": product.price_minor,
                  "currency": product.currency, "buyer": viewer.user}  # fmt: skip
        yield OrderCreated.model_validate(fields)
        yield from self._stock_events(now_ms, product)
        if self._rng.random() < 0.85:
            paid = OrderPaid.model_validate(fields)
            self._at(now_ms + self._rng.randrange(3_000, 60_000), _just(paid))

    def _stock_events(self, now_ms: int, product: SimProduct) -> Iterator[EventData]:
        fields = {"product_id": product.id, "available": product.stock}
        yield StockChanged.model_validate(fields)
        if product.stock == 0:
            yield SoldOut.model_validate(fields)
            self._at(now_ms + _RESTOCK_MS, lambda _t: iter([self._restock(product)]))
        elif product.stock == _LOW:
            yield StockLow.model_validate(fields)

    def _restock(self, product: SimProduct) -> Restocked:
        product.stock = product.full_stock
        return Restocked(product_id=product.id, available=product.stock)


def _weighted(entries: dict[str, Phrases]) -> tuple[list[str], list[float]]:
    return list(entries), [entry.weight for entry in entries.values()]


def _just(data: Told) -> Happen:
    return lambda _now_ms: iter((data,))
