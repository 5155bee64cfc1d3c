"""A live night as the console sees it, and what an operator may do to it."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nightcast.console import view as v
from nightcast.director.audience import Audience
from nightcast.director.floor import Floor
from nightcast.director.guests import GuestError, Guests
from nightcast.director.live import Live
from nightcast.director.night import ReadyLine
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.room import events as e
from nightcast.room.plugins.manager import PluginManager
from nightcast.show import Scene
from nightcast.show.fields import Text
from nightcast.stage.cues import CompareCue, GuestCue, ShotCue
from nightcast.talk.records import Line, Segment, Verdict
from nightcast.tryon.on_person import wearable

__all__ = ["LiveNight"]

_KEPT = 60
_NEXT_SHOWN = 6
_OPERATOR = Text(en="the operator", zh="操作员")
_LEAVES_S = 5.0  #: after its showing a guest's picture is deleted
_PLUGIN_STATES = {"quarantined": "stopped"}


@dataclass
class LiveNight:
    """Implements `NightView` over the director's own objects, in its loop."""

    live: Live
    floor: Floor
    audience: Audience
    plugins: PluginManager
    guests: Guests
    _feed: deque[v.FeedItem] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _verdicts: deque[v.VerdictView] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _objections: dict[str, Text | None] = field(default_factory=dict)  # to an operator's lines that are being judged
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.live.desk.judged = self._judged
        self.floor.hub.core.observers.append(self._hear)

    # -- what is to be seen ------------------------------------------------------------------------------------------

    def state(self) -> v.NightState:
        live, state = self.live, self.live.state
        show, scene = live.show, live.staging.scene
        language = state.line.line.language if state.line else "zh" if live.run_plan.language == "zh" else "en"
        phase = "paused" if live.night.paused and state.phase == "on_air" else state.phase
        return v.NightState(
            title=show.script.title,
            language=language,
            phase=phase,
            on_air_s=round(live.now / SAMPLE_RATE_HZ, 1),
            now=self._line(state.line) if state.line and not live.night.quiet else None,
            next=tuple(self._line(ready) for ready in live.night.waiting[:_NEXT_SHOWN]),
            ready_s=round(live.night.ready_s, 1),
            spoken=state.spoken,
            viewers=self.audience.viewers,
            orders=self.audience.orders,
            sales_minor=self.audience.sales_minor,
            currency=live.desk.catalog.currency,
            warning=state.warning,
            processes=tuple(self._processes()),
            outputs=tuple(v.OutputView(**item.model_dump()) for item in state.air.outputs) if state.air else (),
            figures=self._figures(),
            feed=tuple(reversed(self._feed)),
            verdicts=tuple(reversed(self._verdicts)),
            products=tuple(v.Choice(id=product.id, title=product.name) for product in live.desk.catalog.products),
            scenes=tuple(
                v.Choice(id=show.scene_name(path), title=item.title or Text.model_validate(path.stem))
                for path, item in show.scenes.items()
            ),
            for_guests=self._for_guests(),
            shots=tuple(_named(name) for name in scene.shots),
            overlays=tuple(_named(name) for name in scene.overlays if not _is_label(scene, name)),
            product=self.audience.shown,
            worn=self._worn(),
            scene=live.staging.scene_name,
            shot=live.staging.shot,
            shown_overlays=tuple(name for name in scene.overlays if name not in live.staging.hidden),
        )

    def _worn(self) -> v.Choice | None:
        product = self.live.desk.catalog.product(self.live.staging.worn or "")
        return v.Choice(id=product.id, title=product.name) if product is not None else None

    def _for_guests(self) -> tuple[v.Choice, ...]:
        if not self._shows_guests:
            return ()
        products = filter(wearable, self.live.desk.catalog.products)
        return tuple(v.Choice(id=product.id, title=product.name) for product in products)

    @property
    def _shows_guests(self) -> bool:
        return any(overlay.kind == "guest" for overlay in self.live.staging.scene.overlays.values())

    def _line(self, ready: ReadyLine) -> v.LineView:
        product = self.live.desk.catalog.product(ready.segment.product_id or "")
        return v.LineView(
            text=ready.line.text,
            segment=ready.segment.kind,
            product=product.name if product else None,
            reason=ready.segment.reason,
        )

    def _processes(self) -> list[v.ProcessView]:
        own = [
            v.ProcessView(name=item.name, state=item.state, restarts=item.restarts)
            for item in self.live.state.processes
        ]
        plugins = [
            v.ProcessView.model_validate(
                {
                    "name": f"plugin {item.id}",
                    "state": _PLUGIN_STATES.get(item.state, item.state),
                    "restarts": item.restarts,
                    "detail": item.detail,
                }
            )
            for item in self.plugins.status()
        ]
        return own + plugins

    def _figures(self) -> v.Figures:
        air, stage = self.live.state.air, self.live.state.stage
        return v.Figures(
            fps=stage.fps if stage else 0.0,
            draw_ms=stage.draw_ms_p50 if stage else 0.0,
            frames=air.frames if air else 0,
            repeated=air.repeated if air else 0,
            lag_frames=air.lag_frames if air else 0.0,
            encode_ms=air.encode_ms if air else 0.0,
            encoder=air.encoder if air else "",
            rms_db=air.rms_db if air else -120.0,
            peak_db=air.peak_db if air else -120.0,
        )

    # -- what happened -----------------------------------------------------------------------------------------------

    def _judged(self, line: Line, verdict: Verdict) -> None:
        outcome = "passed" if verdict.passed else "refused" if verdict.text is None else "rewritten"
        if verdict.text is None and line.id in self._objections:
            self._objections[line.id] = verdict.reason
        self._verdicts.append(
            v.VerdictView.model_validate(
                {
                    "at": _clock(self.live.desk.now()),
                    "outcome": outcome,
                    "text": verdict.text or line.text,
                    "reason": verdict.reason,
                    "rules": verdict.rules,
                }
            )
        )

    def _hear(self, event: e.Event) -> None:
        at = _clock(self.live.desk.now())
        match event.data:
            case e.Comment() as comment:
                item = v.FeedItem(at=at, kind="comment", who=comment.user.nickname, text=comment.text)
            case e.GiftFinal() as gift:
                item = v.FeedItem(at=at, kind="gift", who=gift.user.nickname, text=f"{gift.name} × {gift.count}")
            case e.OrderPaid() as order:
                money = self.live.desk.catalog.money(order.amount_minor)
                item = v.FeedItem(
                    at=at, kind="order", who=order.buyer.masked().nickname if order.buyer else "", text=money
                )
            case e.Follow() as follow:
                item = v.FeedItem(at=at, kind="follow", who=follow.user.nickname)
            case _:
                return
        self._feed.append(item)

    # -- what an operator may do -------------------------------------------------------------------------------------

    async def command(self, command: v.Command) -> v.CommandResult:
        live = self.live
        private = {"name", "photo"} if isinstance(command, v.ShowGuest) else None
        live.journal.note(live.desk.now().isoformat(), "operator", command.model_dump(exclude=private))
        match command:
            case v.Skip(what=what):
                heard = live.night.on_air or live.state.line  # the next line may be announced while this one is heard
                live.cut()
                if what == "segment" and heard is not None:
                    live.skip_segment(heard.segment.id, "the operator skipped it")
            case v.Hush():
                live.night.pause(True)
                live.cut()
            case v.Resume():
                if live.state.phase == "ending":
                    return _not_done("The night is ending.", "本场直播即将结束。")
                live.night.pause(False)
            case v.Say():
                return await self._say(command)
            case v.SwitchProduct(product=product):
                if live.desk.catalog.product(product) is None:
                    return _not_done(f"The catalog has no product {product!r}.", f"商品目录里没有 {product}。")
                self.floor.show_product(product)
            case v.SwitchScene(scene=scene):
                if live.show.scene(scene) is None:
                    return _not_done(f"This night has no scene {scene!r}.", f"本场直播没有场景 {scene}。")
                live.change_scene(scene)
            case v.CutShot(shot=shot):
                if shot not in live.staging.scene.shots:
                    return _not_done(f"This scene has no shot {shot!r}.", f"这个场景没有镜头 {shot}。")
                live.cue([ShotCue(at=live.soon, shot=shot)])
            case v.ShowOverlay(overlay=overlay, show=show):
                return self._overlay(overlay, show)
            case v.Compare(product=product, hold_s=hold_s):
                if live.staging.worn is None:
                    return _not_done("The host wears nothing to compare.", "主播没有试戴商品，无法对比。")
                live.cue([CompareCue(at=live.soon, product=product, hold_s=hold_s)])
            case v.ShowGuest():
                return await self._show_guest(command)
            case v.EndNight():
                live.end()
        return v.CommandResult(done=True)

    async def _say(self, command: v.Say) -> v.CommandResult:
        language = self.live.state.line.line.language if self.live.state.line else "en"
        name = f"{self.floor.prefix}operator{next(self._numbers):04d}"
        segment = Segment(name, "answer", (Line(f"{name}.1", command.text, language),), reason=_OPERATOR)
        self._objections[segment.lines[0].id] = None
        spoken = await self.live.interject(segment, urgent=True)
        why = self._objections.pop(segment.lines[0].id)
        if not spoken:
            if why is not None:
                return _not_done(f"The gate refused it: {why.en}", f"审核未通过：{why.zh}")
            return _not_done("It could not be spoken.", "这句话无法合成语音。")
        if command.at_once:
            self.live.cut()
        return v.CommandResult(done=True)

    async def show_guest(self, command: v.ShowGuest, photo: bytes) -> v.CommandResult:
        with self.guests.holding(photo) as file:
            return await self.command(command.model_copy(update={"photo": str(file)}))

    async def _show_guest(self, command: v.ShowGuest) -> v.CommandResult:
        live = self.live
        if not self._shows_guests:
            return _not_done("This scene has no overlay of kind guest.", "这个场景没有展示嘉宾的图层。")
        overlays = live.staging.scene.overlays
        if any(overlays[name].kind == "guest" for name in live.staging.hidden & overlays.keys()):
            return _not_done("You have hidden the guest's overlay; show it first.", "嘉宾图层被隐藏了，请先显示它。")
        language = live.state.line.line.language if live.state.line else "en"
        objection = live.desk.objection_to_showing(command.name, language) if command.name else None
        if objection is not None:
            return _not_done(
                f"The gate does not let the name be shown: {objection.en}",
                f"这个名字未通过审核，不能出镜：{objection.zh}",
            )
        try:
            picture = await self.guests.try_on(Path(command.photo), command.product, consent=command.consent)
        except GuestError as error:
            return v.CommandResult(done=False, text=error.told)
        live.cue(
            [
                GuestCue(
                    at=live.soon,
                    picture=str(picture),
                    consent=command.consent,
                    name=command.name,
                    product=command.product,
                    hold_s=command.hold_s,
                )
            ]
        )
        asyncio.get_running_loop().call_later(command.hold_s + _LEAVES_S, self.guests.forget, picture)
        return v.CommandResult(done=True)

    def _overlay(self, name: str, show: bool) -> v.CommandResult:
        scene = self.live.staging.scene
        if name not in scene.overlays:
            return _not_done(f"This scene has no overlay {name!r}.", f"这个场景没有图层 {name}。")
        if _is_label(scene, name) and not show:
            return _not_done(
                "The AI label stays on: law and platforms ask for it.", "AI 标识不能隐藏：法律和平台都要求显示。"
            )
        self.floor.show_overlay(name, show)
        return v.CommandResult(done=True)


def _not_done(en: str, zh: str) -> v.CommandResult:
    return v.CommandResult(done=False, text=Text(en=en, zh=zh))


def _is_label(scene: Scene, name: str) -> bool:
    return scene.overlays[name].kind == "ai_label"


def _named(name: str) -> v.Choice:
    """What has but the name that its scene gives it."""
    return v.Choice(id=name, title=Text.model_validate(name))


def _clock(now: datetime) -> str:
    return f"{now:%H:%M:%S}"
