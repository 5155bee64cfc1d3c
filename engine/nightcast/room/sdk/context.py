"""`Context`: what a handler may do. Each call is an action of the protocol; none reaches the air without the
host.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from nightcast.room import actions
from nightcast.room.events import ActionState, Event, User
from nightcast.room.protocol import Priority
from nightcast.room.sdk.room import RoomView

if TYPE_CHECKING:
    from nightcast.room.sdk.runtime import Runtime

T = TypeVar("T")
Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Outcome:
    """The first answer to an action. True when it was accepted; `code` says why not."""

    accepted: bool
    code: str | None = None
    detail: str = ""
    retry_after_ms: int | None = None
    dup: bool = False
    _ended: asyncio.Future[ActionState] | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.accepted

    async def end(self) -> str:
        """Wait for how the action ended: done, cancelled, superseded, expired or failed."""
        if self._ended is None:
            return "rejected"
        return (await asyncio.shield(self._ended)).state


@dataclass(frozen=True)
class Context:
    """`event` is the envelope of the event being handled; None in timers."""

    runtime: Runtime
    event: Event | None = None

    @property
    def room(self) -> RoomView:
        """Products, the one on show, the language."""
        return self.runtime.room

    @property
    def random(self) -> random.Random:
        """The plugin's own chance, seeded in tests."""
        return self.runtime.random

    @property
    def store(self) -> dict[str, Any]:
        """What the plugin remembers; kept in a file between restarts where the host gave it a folder."""
        return self.runtime.store

    def now_ms(self) -> int:
        return self.runtime.clock.now_ms()

    async def sleep(self, seconds: float) -> None:
        """Wait on the plugin's clock (virtual in tests)."""
        await self.runtime.clock.sleep(seconds)

    def log(self, message: str) -> None:
        """A line for the operator."""
        self.runtime.log(message)

    # -- actions --

    async def say(
        self,
        text: str,
        *,
        language: Language | None = None,
        expression: str | None = None,
        gesture: str | None = None,
        idem: str | None = None,
        ttl: float = 15.0,
        pri: Priority = "plugin",
    ) -> Outcome:
        """Let the host say `text`, within `ttl` seconds or not at all."""
        data = actions.Say(text=text, language=language, expression=expression, gesture=gesture)
        return await self.act(data, idem=idem, ttl=ttl, pri=pri)

    async def answer(
        self,
        question_id: str,
        question: str,
        *,
        intent: str | None = None,
        product_id: str | None = None,
        language: Language | None = None,
        user: User | None = None,
        asked_by: int = 1,
        ttl: float = 20.0,
    ) -> Outcome:
        """Let the host answer a question from the catalog's facts."""
        data = actions.Answer(
            question_id=question_id, question=question, intent=intent, product_id=product_id,
            language=language, user=user, asked_by=asked_by,
        )  # fmt: skip
        return await self.act(data, idem=f"answer-{question_id}", ttl=ttl)

    async def product(self, product_id: str, *, if_rev: int | None = None, ttl: float = 15.0) -> Outcome:
        """Put a product on show; with `if_rev` only if the product on show is still the one you saw."""
        return await self.act(actions.SwitchProduct(product_id=product_id), ttl=ttl, if_rev=if_rev)

    async def explain(self, product_id: str, topic: str | None = None, *, ttl: float = 60.0) -> Outcome:
        """Let the host talk about a product."""
        return await self.act(actions.ExplainProduct(product_id=product_id, topic=topic), ttl=ttl)

    async def try_on(self, product_id: str | None, *, variant: str | None = None, ttl: float = 15.0) -> Outcome:
        """Put a product on the host, or with None take off what it wears."""
        data: actions.ActionData = actions.StopTryOn()
        if product_id is not None:
            data = actions.StartTryOn(product_id=product_id, variant=variant)
        return await self.act(data, ttl=ttl)

    async def overlay(self, overlay: str, data: Mapping[str, Any], *, hold: float = 10.0) -> Outcome:
        """Show an overlay for `hold` seconds; a newer call replaces an older one of this plugin."""
        show = actions.ShowOverlay(overlay=overlay, data=dict(data), hold_s=hold)
        return await self.act(show, on_busy="replace", ttl=5)

    async def hide(self, overlay: str) -> Outcome:
        """Hide an overlay."""
        return await self.act(actions.HideOverlay(overlay=overlay), ttl=5)

    async def gesture(self, name: str, *, target: str | None = None) -> Outcome:
        """Let the host make a gesture."""
        return await self.act(actions.Gesture(name=name, target=target), ttl=5)

    async def camera(self, shot: str, *, hold: float = 6.0) -> Outcome:
        """Cut to a shot for `hold` seconds."""
        return await self.act(actions.CutCamera(shot=shot, hold_s=hold), ttl=3)

    async def coupon(
        self,
        coupon_id: str,
        value_minor: int,
        count: int,
        *,
        idem: str,
        currency: str = "CNY",
        product_id: str | None = None,
        seconds: float = 300.0,
    ) -> Outcome:
        """Give out coupons, within the budget the operator granted."""
        data = actions.OfferCoupon(
            coupon_id=coupon_id, value_minor=value_minor, count=count, currency=currency,
            product_id=product_id, seconds=seconds,
        )  # fmt: skip
        return await self.act(data, idem=idem, ttl=30)

    async def flash_sale(self, sale: actions.FlashSale, *, idem: str) -> Outcome:
        """Announce, open or close a flash sale."""
        return await self.act(sale, idem=idem, ttl=10)

    async def lottery(self, lottery: actions.OpenLottery | actions.DrawLottery, *, idem: str) -> Outcome:
        """Open a lottery, or draw it."""
        return await self.act(lottery, idem=idem, ttl=30)

    async def poll(self, poll: actions.OpenPoll | actions.ClosePoll) -> Outcome:
        """Open a poll, or tell its result."""
        return await self.act(poll, ttl=10)

    async def moderate(
        self,
        user: User,
        verb: Literal["flag", "warn", "mute", "block", "delete"],
        reason: str,
        *,
        comment_id: str | None = None,
        seconds: int | None = None,
    ) -> Outcome:
        """Flag a viewer for a person, or take a measure."""
        data = actions.Moderate(user=user, verb=verb, reason=reason, comment_id=comment_id, seconds=seconds)
        return await self.act(data, ttl=60)

    async def act(
        self,
        data: actions.ActionData,
        *,
        idem: str | None = None,
        ttl: float = 15.0,
        pri: Priority = "plugin",
        on_busy: Literal["queue", "reject", "replace"] = "queue",
        if_rev: int | None = None,
    ) -> Outcome:
        """Any action of the protocol."""
        return await self.runtime.act(data, idem=idem, ttl_s=ttl, pri=pri, on_busy=on_busy, if_rev=if_rev)

    async def publish(self, signals: list[dict[str, Any]]) -> Outcome:
        """Bring events into the room (connectors)."""
        return await self.runtime.publish(signals)

    def call_threadsafe(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call of this context from a handler that is a plain function, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(call, self.runtime.loop).result()
