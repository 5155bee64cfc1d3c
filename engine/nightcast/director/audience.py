"""What the room wants, as the planner may know it: scores by product and counts, and not a word of any viewer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from nightcast.director.journal import Journal
from nightcast.room import events as e
from nightcast.talk.plan.planner import RoomWants

__all__ = ["Audience"]

_HALF_LIFE_S = 300.0  # what was wanted five minutes ago counts half
_ORDER, _QUESTION = 2.0, 1.0


@dataclass
class Audience:
    """Folds events into demand. `now_s` is a monotonic clock, passed in."""

    now_s: Callable[[], float]
    shown: str | None = None
    viewers: int = 0
    orders: int = 0
    sales_minor: int = 0
    comments: int = 0
    _demand: dict[str, tuple[float, float]] = field(default_factory=dict)  # score, and when it was so

    @classmethod
    def of_night(cls, journal: Journal, now_s: Callable[[], float]) -> Audience:
        """The audience of a night that may go on after a restart: what was sold in it counts on."""
        amounts_minor = [body["amount_minor"] for _, _, _, body in journal.events("order")]
        return cls(now_s, orders=len(amounts_minor), sales_minor=sum(amounts_minor))

    def want(self, product_id: str, score: float) -> None:
        """Somebody wants this product."""
        self._demand[product_id] = (self._score(product_id) + score, self.now_s())

    def hear(self, event: e.Event) -> None:
        match event.data:
            case e.RoomStats(viewers=viewers):
                self.viewers = viewers
            case e.Comment():
                self.comments += 1
                if self.shown is not None and event.data.intent is not None:
                    self.want(self.shown, _QUESTION)
            case e.OrderPaid() as order:
                self.orders += 1
                self.sales_minor += order.amount_minor
                for line in order.lines:
                    self.want(line.product_id, _ORDER)
            case e.SoldOut() as gone:
                self._demand.pop(gone.product_id, None)

    def wants(self) -> RoomWants:
        """Also from the planner's thread, while the loop goes on counting."""
        return RoomWants({product: score for product in list(self._demand) if (score := self._score(product)) > 0.1})

    def _score(self, product_id: str) -> float:
        score, at_s = self._demand.get(product_id, (0.0, 0.0))
        return score * math.exp2((at_s - self.now_s()) / _HALF_LIFE_S)
