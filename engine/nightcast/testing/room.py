"""`Room`: a hub in memory with plugins connected to it, for tests. No sockets, no waiting, the same every
time.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass
from typing import Any

from nightcast.room.actions import ActionData, Answer, Say
from nightcast.room.arbiter import Action
from nightcast.room.core import HubCore
from nightcast.room.events import (
    ActionPhase,
    Comment,
    Event,
    EventData,
    Join,
    LikeWindow,
    OrderLine,
    OrderPaid,
    ProductSwitched,
    User,
)
from nightcast.room.folding import GiftRaw, LikeRaw, Raw
from nightcast.room.grants import Budget, Grants
from nightcast.room.log import Log, MemoryLog
from nightcast.room.protocol import Limits, ProductCard, Snapshot
from nightcast.room.sdk.plugin import Plugin
from nightcast.room.sdk.runtime import Runtime
from nightcast.testing.clock import VirtualClock

_STEP_MS = 100
_LONG_STEP_MS = 1_000
_PLENTY = Budget(coupon_value_minor=10**9, flash_sales=1000, lottery_prizes=1000)


def product(product_id: str, title: str, **fields: Any) -> ProductCard:
    """A product for the room's snapshot."""
    return ProductCard(id=product_id, title=title, **fields)


@dataclass(frozen=True)
class Done:
    """An action the host has taken up: who asked, what, and how it ended (None while it goes on)."""

    plugin_id: str
    data: ActionData
    state: ActionPhase


class Room:
    """An in-memory room.

    The host in it carries every action out: speech takes `speech_s` seconds, the rest is done at once. With
    `performs=False` actions wait for `finish`.
    """

    def __init__(
        self,
        *,
        products: tuple[ProductCard, ...] = (),
        language: str = "en",
        performs: bool = True,
        speech_s: float = 2.0,
        seed: int = 1,
        budget: Budget = _PLENTY,
        limits: Limits | None = None,
        log: Log | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.products = products
        self.product_id = products[0].id if products else None
        self.language = language
        self.log = log or MemoryLog()
        self.events: list[EventData] = []  #: all that was published
        self._performs = performs
        self._speech_ms = round(speech_s * 1000)
        self._seed = seed
        self._budget = budget
        ids = itertools.count(1)
        self.grants = Grants(new_token=lambda: f"token-{next(ids)}")
        self.core = HubCore(
            self.grants, new_id=lambda: f"{next(ids)}", log=self.log, limits=limits, snapshot=self._snapshot
        )
        self.core.observers.append(lambda event: self.events.append(event.data))
        self._links: dict[str, _Link] = {}
        self._running: dict[str, tuple[int, Action]] = {}
        self._done: list[tuple[Action, ActionPhase]] = []
        self._count = itertools.count(1)

    # -- plugins --

    async def start(
        self, plugin: Plugin, *, scopes: tuple[str, ...] | None = None, store: dict[str, Any] | None = None
    ) -> Runtime:
        """Connect a plugin; it is granted what it asks for, or `scopes`."""
        wanted = plugin.scopes if scopes is None else scopes
        self.grants.allow(plugin.id, wanted, budget=self._budget, priorities=["order"])
        token = self.grants.issue(plugin.id)
        rng = random.Random(f"{self._seed}:{plugin.id}")
        runtime = Runtime(plugin, self.clock, token=token, rng=rng, store=store)
        self._links[plugin.id] = _Link(runtime, self.core)
        self._links[plugin.id].connect(self.clock.now_ms())
        await self.settle()
        return runtime

    async def disconnect(self, plugin_id: str) -> None:
        """Cut a plugin's connection."""
        self._links[plugin_id].cut(self.clock.now_ms())
        await self.settle()

    async def reconnect(self, plugin_id: str) -> None:
        self._links[plugin_id].connect(self.clock.now_ms())
        await self.settle()

    def runtime(self, plugin_id: str) -> Runtime:
        return self._links[plugin_id].runtime

    async def stop(self) -> None:
        for link in self._links.values():
            await link.runtime.stop()

    # -- what happens --

    async def publish(self, data: EventData) -> None:
        """Let an event happen."""
        self.core.ingest([Event(data, self.clock.now_ms())], self.clock.now_ms())
        await self.settle()

    async def comment(self, name: str, text: str, **fields: Any) -> None:
        """A viewer writes something."""
        await self.publish(Comment(comment_id=f"c{next(self._count)}", user=user(name), text=text, **fields))

    async def join(self, name: str) -> None:
        await self.publish(Join(user=user(name)))

    async def likes(self, count: int) -> None:
        self.core.ingest([Raw(LikeRaw(count=count), self.clock.now_ms())], self.clock.now_ms())
        await self.settle()

    async def like_window(self, delta: int, total: int) -> None:
        await self.publish(LikeWindow(delta=delta, total=total))

    async def gift(self, name: str, gift: str, *, count: int = 1, unit_minor: int = 100, **fields: Any) -> None:
        """A viewer sends gifts; with `combo_id` as a frame of a combo, else final at once."""
        raw = GiftRaw(user=user(name), gift_id=gift, name=gift, count=count, unit_minor=unit_minor, **fields)
        self.core.ingest([Raw(raw, self.clock.now_ms())], self.clock.now_ms())
        await self.settle()

    async def order(self, name: str, product_id: str, *, qty: int = 1, amount_minor: int = 9900) -> None:
        """A viewer's order is paid."""
        line = OrderLine(product_id=product_id, qty=qty)
        order_id = f"o{next(self._count)}"
        await self.publish(OrderPaid(order_id=order_id, lines=(line,), amount_minor=amount_minor, buyer=user(name)))

    async def switch(self, product_id: str) -> None:
        """The host goes to another product."""
        self.product_id = product_id
        await self.publish(ProductSwitched(product_id=product_id, rev=self.core.rev + 1))

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        end_ms = self.clock.now_ms() + round(seconds * 1000)
        step_ms = _STEP_MS if seconds <= 60 else _LONG_STEP_MS
        while self.clock.now_ms() < end_ms:
            target_ms = min(end_ms, self.clock.now_ms() + step_ms)
            due_ms = self.clock.next_due_ms()
            self.clock.move_to(target_ms if due_ms is None else min(target_ms, max(due_ms, self.clock.now_ms())))
            self.core.tick(self.clock.now_ms())
            await self.settle()

    async def finish(self, data: ActionData, state: ActionPhase = "done", *, detail: str = "") -> None:
        """With `performs=False`: say how a started action ended."""
        action = next(a for _, a in self._running.values() if a.data == data)
        self.core.report(action.id, state, self.clock.now_ms(), detail=detail)
        await self.settle()

    # -- what came of it --

    @property
    def did(self) -> list[Done]:
        """All actions the host has taken up, in order of their start."""
        return [Done(action.plugin_id, action.data, action.state) for action, _ in self._done]

    @property
    def said(self) -> list[str]:
        """The texts of `speech.say`, in order."""
        return [d.data.text for d in self.did if isinstance(d.data, Say)]

    @property
    def answered(self) -> list[Answer]:
        """The questions the host was asked to answer."""
        return [d.data for d in self.did if isinstance(d.data, Answer)]

    def of(self, kind: type[ActionData]) -> list[Any]:
        """The actions of one kind, in order."""
        return [d.data for d in self.did if isinstance(d.data, kind)]

    # -- inside --

    async def settle(self) -> None:
        """Run until nothing more happens at this time."""
        quiet = 0
        while quiet < 6:
            await asyncio.sleep(0)
            moved = self._perform()
            for link in self._links.values():
                moved = link.exchange(self.clock.now_ms()) or moved
            if any(link.runtime.threads for link in self._links.values()):
                await asyncio.sleep(0.001)  # a plain function is at work in its thread
                moved = True
            quiet = 0 if moved else quiet + 1
        for link in self._links.values():
            link.runtime.acknowledge()
            link.exchange(self.clock.now_ms())

    def _perform(self) -> bool:
        moved = bool(self.core.changes)
        while self.core.changes:
            change = self.core.changes.popleft()
            action = change.action
            if change.state == "started":
                takes_ms = self._speech_ms if action.lease == "speech" else 0
                self._running[action.id] = (self.clock.now_ms() + takes_ms, action)
                self._done.append((action, change.state))
            elif change.ended:
                self._running.pop(action.id, None)
        if self._performs:
            for action_id, (due_ms, _) in list(self._running.items()):
                if self.clock.now_ms() >= due_ms:
                    self.core.report(action_id, "done", self.clock.now_ms())
                    moved = True
        self.core.notices.clear()
        return moved

    def _snapshot(self) -> Snapshot:
        return Snapshot.model_validate(
            {"language": self.language, "products": self.products, "product_id": self.product_id}
        )


def user(name: str) -> User:
    """A viewer of this name; the same name is the same viewer."""
    return User(ref=f"u-{name.casefold()}", nickname=name)


class _Link:
    """A plugin's connection, without a socket."""

    def __init__(self, runtime: Runtime, core: HubCore) -> None:
        self.runtime = runtime
        self._core = core
        self.conn: int | None = None
        self.close_code: int | None = None

    def connect(self, now_ms: int) -> None:
        self.runtime.client.connected()
        self.conn = self._core.connect(now_ms)
        self.close_code = None

    def cut(self, now_ms: int) -> None:
        if self.conn is not None:
            self._core.disconnect(self.conn, now_ms)
            self.conn = None
            self.runtime.lost_connection()

    def exchange(self, now_ms: int) -> bool:
        """Carry frames both ways; whether there were any."""
        if self.conn is None:
            return False
        moved = False
        for frame in self._core.take(self.conn, now_ms):
            moved = True
            if self.runtime.feed(frame) is not None:
                self.cut(now_ms)
                self.connect(now_ms)
                return True
        outgoing = self.runtime.client.outgoing
        while outgoing:
            moved = True
            self._core.receive(self.conn, outgoing.pop(0), now_ms)
        closing = self._core.closing(self.conn)
        if closing is not None:
            self.close_code = int(closing[0])
            self.cut(now_ms)
            self.runtime.client.closed(self.close_code)
        return moved
