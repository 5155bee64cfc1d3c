"""The floor: what plugins ask for becomes what the host says and does, and what happens is told to the room.

The hub has checked scope, rate, budget and lease before an action comes here. Words still go through desk and gate,
prices still come from the catalog. Each action ends in exactly one report.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import re
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcast.director.answering import Bridges, answer_segment, bridge_segment
from nightcast.director.audience import Audience
from nightcast.director.chat import Chat
from nightcast.director.live import Live
from nightcast.director.night import Begun, Cut, Ended, Happening
from nightcast.director.staging import price_card
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.room import actions as a
from nightcast.room import events as e
from nightcast.room.arbiter import Action, Change
from nightcast.room.hub import Hub
from nightcast.show import Product
from nightcast.show.fields import Text
from nightcast.stage.cues import GestureCue, OverlayCue, ProductCue, ShotCue, WearCue
from nightcast.talk.answer import Answers
from nightcast.talk.records import Language, Line, Segment

__all__ = ["Floor"]

log = logging.getLogger(__name__)

_ASKED_KEPT = 2_000
_HOSTS_OWN = frozenset({"price_card", "captions", "comments", "ai_label"})
_FIXED = frozenset({"qr_code", "logo", "image"})
_SPEAKS = re.compile("L|Sc")  # letters and signs of currencies: what has none of these, as a score, says nothing
_LISTEN = round(0.7 * SAMPLE_RATE_HZ)  # so long the plan waits for an answer that is being made


class RefusedError(Exception):
    """The floor will not do this; the text goes back to the plugin."""


@dataclass
class _Waiting:
    """The lines of an action that are still to be heard."""

    action_id: str
    lines: set[str]
    done: asyncio.Future[str]


@dataclass
class Floor:
    """One night's floor. All calls come from the director's loop."""

    live: Live
    hub: Hub
    answers: Answers
    audience: Audience
    prefix: str
    bridges: Bridges = field(default_factory=Bridges)
    switched: Callable[[str], None] = lambda product_id: None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    #: Comment to the sample at which it came, and that at which the host had said what was announced then.
    _asked: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)
    _answering: dict[str, str] = field(default_factory=dict)  # segment to the comment it answers
    _kept: dict[str, asyncio.Event] = field(default_factory=dict)  # places that are held, until they are given back
    _between_end: int = 0  # when what went between the plan's lines last was heard, in samples

    def __post_init__(self) -> None:
        self._chat = Chat(self.live)
        self.live.listeners.append(self.heard)

    # -- actions -----------------------------------------------------------------------------------------------------

    def change(self, change: Change) -> None:
        """The hub says that an action starts, or that it will not."""
        action = change.action
        if change.state == "started":
            task = asyncio.create_task(self._do(action), name=f"action {action.id}")
            self._tasks[action.id] = task
            task.add_done_callback(lambda _: self._tasks.pop(action.id, None))
        elif change.ended and (running := self._tasks.get(action.id)) is not None:
            running.cancel()

    async def close(self) -> None:
        """End what still runs, while the journal can take what is called off."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _do(self, action: Action) -> None:
        try:
            detail = await self._perform(action)
        except RefusedError as error:
            self.hub.report(action.id, "failed", str(error))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("action %s", action.data.type)
            self.hub.report(action.id, "failed", "the director could not do it; its log says why", code="internal")
        else:
            self.hub.report(action.id, "done", detail)

    async def _perform(self, action: Action) -> str:
        match action.data:
            case a.Say():
                return await self._say(action, action.data)
            case a.Answer():
                return await self._answer(action, action.data)
            case a.SwitchProduct():
                return self._switch(action.data)
            case a.ExplainProduct():
                self._known(action.data.product_id)
                self.audience.want(action.data.product_id, 6.0)
                return "planned"
            case a.StartTryOn():
                product = self._known(action.data.product_id)
                if not product.host_wears:
                    raise RefusedError(f"{product.id} is nothing that the host can put on")
                self._cue_wear(product.id, True, action.data.variant)
                return "on"
            case a.StopTryOn():
                self._cue_wear(action.data.product_id, False, None)
                return "off"
            case a.ShowOverlay() as show:
                self._show(show.overlay, show.data, show.hold_s)
                return await self._keep(f"overlay.{show.overlay}", show.hold_s)
            case a.HideOverlay() as hide:
                return self._hide(hide.overlay)
            case a.Gesture():
                self.live.cue([GestureCue(at=self.live.soon, name=action.data.name, target=action.data.target)])
                return ""
            case a.CutCamera():
                return await self._cut_camera(action.data)
            case a.Moderate():
                return ""
        return self._promote(action)

    async def _say(self, action: Action, data: a.Say) -> str:
        language = data.language or self._language
        line = Line(
            self._id("line"), data.text, language, expression=data.expression, gesture=data.gesture, counts=True
        )
        why = Text(en=f"plugin {action.plugin_id}", zh=f"插件 {action.plugin_id}")
        segment = Segment(self._id("say"), "answer", (line,), reason=why)
        return await self._speak(action, segment)

    async def _answer(self, action: Action, data: a.Answer) -> str:
        desk = self.live.desk
        shown = data.product_id or self.audience.shown
        number = next(self._numbers)
        answer = self.answers.answer(data.question, desk.catalog, desk.now(), on_table=shown, seed=number)
        if answer is None:
            raise RefusedError("it asks nothing that the host answers")
        self.live.night.hold(self.live.now + _LISTEN)
        note = {"intent": answer.intent, "product": answer.product_id, "known": answer.known, "asked_by": data.asked_by}
        self.live.journal.note(desk.now().isoformat(), "question", note)
        if answer.product_id:
            self.audience.want(answer.product_id, float(data.asked_by))
        bridge = None
        if self.bridges.wanted(time.monotonic()):
            product = desk.catalog.product(self.audience.shown or "")
            back = self.answers.back(answer.line.language, product, desk.catalog, desk.now(), number)
            if back is not None:
                bridge = bridge_segment(f"{self.prefix}bridge{number:05d}", back)
                self.answers.note(back, desk.catalog, desk.now())
        self.answers.note(answer.line, desk.catalog, desk.now())
        segment = answer_segment(f"{self.prefix}answer{number:05d}", answer)
        self._answering[segment.id] = data.question_id
        try:
            heard = await self._speak(action, segment, bridge)
        finally:
            self._answering.pop(segment.id, None)  # one that was refused never begins
        if not answer.known:
            raise RefusedError(f"no fact answers it ({answer.intent}); an honest line was said")
        return heard

    async def _speak(self, action: Action, segment: Segment, bridge: Segment | None = None) -> str:
        """Speak a segment and wait until it was heard. Raises `RefusedError` where nothing of it may be spoken.

        Cancelled, it takes back what is not announced yet; a sentence that has begun is heard to its end.
        """
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(action.id, {line.id for line in segment.lines}, done)
        self._waiting.append(waiting)
        try:
            count = await self.live.interject(segment, bridge)
            if count == 0:
                raise RefusedError("the gate let nothing of it pass, or no voice could speak it")
            waiting.lines &= self.live.night.expected
            if not waiting.lines and not done.done():
                done.set_result("spoken")
            return await done
        except asyncio.CancelledError:
            self.live.skip_segment(segment.id, "what had asked for it ended")
            raise
        finally:
            self._waiting.remove(waiting)

    def heard(self, happening: Happening) -> None:
        """A line began, ended or was cut: tell who waits for it, and the room."""
        line, segment = happening.ready.line, happening.ready.segment
        match happening:
            case Begun():
                self._note_delay(happening)
                for waiting in self._waiting:
                    if waiting.lines == {line.id}:  # its last one: the next action's words can be made meanwhile
                        self.hub.give_way(waiting.action_id)
                phase = "answering" if segment.kind == "answer" else "speaking"
                self.hub.publish(e.HostState(phase=phase, segment=segment.kind, line=line.id))
                if segment.product_id and happening.opens:
                    self._tell_product(segment.product_id)
            case Ended() | Cut():
                for waiting in self._waiting:
                    waiting.lines.discard(line.id)
                    if not waiting.lines and not waiting.done.done():
                        waiting.done.set_result("spoken" if isinstance(happening, Ended) else "cut")

    def _note_delay(self, begun: Begun) -> None:
        """How long a viewer waited for the first sample of an answer: at all, and since the host could be interrupted:
        at the end of the sentence that was on air or announced as the comment came, and of answers that went before.
        """
        if begun.ready.segment.kind not in ("answer", "bridge"):
            return
        between_end, self._between_end = self._between_end, begun.at + begun.ready.sound_samples
        comment = self._answering.pop(begun.ready.segment.id, "")
        if comment not in self._asked:
            return
        asked_at, said_at = self._asked[comment]
        delay = {
            "since_comment_s": round((begun.at - asked_at) / SAMPLE_RATE_HZ, 3),
            "since_free_s": round((begun.at - max(asked_at, said_at, between_end)) / SAMPLE_RATE_HZ, 3),
        }
        self.live.journal.note(self.live.desk.now().isoformat(), "answer_delay", delay)

    # -- the stage ---------------------------------------------------------------------------------------------------

    def _switch(self, data: a.SwitchProduct) -> str:
        return self.show_product(self._known(data.product_id).id, data.variant)

    def show_product(self, product_id: str, variant: str | None = None) -> str:
        """Put a product of the catalog on show, with its card."""
        product = self._known(product_id)
        at = self.live.soon
        self.live.cue([ProductCue(at=at, product=product.id, variant=variant)])
        card = self._card(product)
        for name, overlay in self.live.staging.scene.overlays.items():
            if overlay.kind == "price_card":
                self.live.cue([OverlayCue(at=at, overlay=name, data=card)])
        self.audience.want(product.id, 4.0)
        self._tell_product(product.id)
        return product.id

    def show_overlay(self, name: str, show: bool) -> None:
        """The operator shows or hides an overlay of the scene; a price card comes back with the price of now."""
        product = self.live.desk.catalog.product(self.audience.shown or "")
        is_card = self.live.staging.scene.overlays[name].kind == "price_card"
        self.live.show_overlay(name, show, self._card(product) if show and is_card and product is not None else {})

    def _card(self, product: Product) -> dict[str, Any]:
        return price_card(self.live.desk.catalog, product, self._language, self.live.desk.now())

    def _cue_wear(self, product_id: str | None, on: bool, variant: str | None) -> None:
        self.live.cue([WearCue(at=self.live.soon, product=product_id, on=on, variant=variant)])

    async def _cut_camera(self, data: a.CutCamera) -> str:
        if data.shot not in self.live.staging.scene.shots:
            raise RefusedError(
                f"this scene has no shot {data.shot!r}; it has {', '.join(self.live.staging.scene.shots)}"
            )
        self.live.cue([ShotCue(at=self.live.soon, shot=data.shot)])
        back = next(iter(self.live.staging.scene.shots))
        self.live.cue([ShotCue(at=self.live.soon + round(data.hold_s * SAMPLE_RATE_HZ), shot=back)])
        return await self._keep("camera", data.hold_s)

    async def _keep(self, lease: str, seconds: float) -> str:
        """Hold a place for so long, or until it is given back: the next plugin's turn comes after that."""
        given_back = self._kept[lease] = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(given_back.wait(), seconds)
        return "shown"

    def _hide(self, name: str) -> str:
        self._overlay_kind(name)
        self.live.cue([OverlayCue(at=self.live.soon, overlay=name, show=False)])
        if f"overlay.{name}" in self._kept:
            self._kept.pop(f"overlay.{name}").set()
        return "hidden"

    def _overlay_kind(self, name: str) -> str:
        """The kind of an overlay that plugins may use. Raises `RefusedError`."""
        spec = self.live.staging.scene.overlays.get(name)
        if spec is None:
            raise RefusedError(f"this scene has no overlay {name!r}")
        if spec.kind == "guest":
            raise RefusedError("guests are shown by the operator, who has their consent")
        if spec.kind in _HOSTS_OWN:
            raise RefusedError(f"{name!r} is the host's own: what is on it comes from the catalog and the room")
        return spec.kind

    def _show(self, name: str, data: Mapping[str, Any], hold_s: float) -> None:
        if self._overlay_kind(name) in _FIXED and data:
            raise RefusedError(f"what is on {name!r} stands in the scene: a plugin can only show and hide it")
        if name in self.live.staging.hidden:
            raise RefusedError(f"the operator keeps {name!r} off the picture")
        words = [str(item) for value in data.values() for item in (value if isinstance(value, list) else [value])]
        for text in (word for word in words if any(_SPEAKS.match(unicodedata.category(sign)) for sign in word)):
            objection = self.live.desk.objection_to_showing(text, self._language)
            if objection is not None:
                raise RefusedError(f"the gate does not let {text!r} be shown: {objection.en}")
        self.live.cue([OverlayCue(at=self.live.soon, overlay=name, data=dict(data), hold_s=hold_s)])

    def _promote(self, action: Action) -> str:
        """Coupons, sales, polls, lotteries: checked and noted. The hub tells the room when they are done; what they
        show and say, their plugin asks for."""
        match action.data:
            case a.FlashSale() as sale:
                product = self._known(sale.product_id)
                if sale.price_minor != product.price_now(self.live.desk.now()):
                    raise RefusedError(f"the catalog's price of {product.id} is another one now; put the offer there")
            case a.OpenPoll() | a.ClosePoll() | a.OpenLottery() | a.DrawLottery() | a.OfferCoupon():
                pass
            case other:
                raise RefusedError(f"the director does not know the action {other.type}")
        body = action.data.model_dump(mode="json")
        self.live.journal.note(self.live.desk.now().isoformat(), action.data.type, body)
        return ""

    # -- events ------------------------------------------------------------------------------------------------------

    def event(self, event: e.Event) -> None:
        """Every event of the room, as the hub publishes it."""
        now = self.live.desk.now().isoformat()
        self._chat.hear(event.data)
        match event.data:
            case e.Comment() as comment:
                self._asked[comment.comment_id] = (self.live.now, self.live.night.free_at)
                if len(self._asked) > _ASKED_KEPT:
                    self._asked.popitem(last=False)
            case e.OrderPaid() as order:
                body = {"order": order.order_id, "amount_minor": order.amount_minor, "currency": order.currency,
                        "products": [line.product_id for line in order.lines]}  # fmt: skip
                self.live.journal.note(now, "order", body)
        self.audience.hear(event)

    def _tell_product(self, product_id: str) -> None:
        if product_id != self.audience.shown:
            previous, self.audience.shown = self.audience.shown, product_id
            self.hub.core.rev += 1
            self.hub.publish(e.ProductSwitched(product_id=product_id, previous_id=previous, rev=self.hub.core.rev))
            self.switched(product_id)

    # -- small things ------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Language:
        line = self.live.state.line
        return line.line.language if line else "zh" if self.live.run_plan.language == "zh" else "en"

    def _known(self, product_id: str) -> Product:
        product = self.live.desk.catalog.product(product_id)
        if product is None:
            raise RefusedError(f"the catalog has no product {product_id!r}")
        return product

    def _id(self, what: str) -> str:
        return f"{self.prefix}{what}{next(self._numbers):05d}"
