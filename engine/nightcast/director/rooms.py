"""The room of a live night: hub, simulated audience and plugin processes, opened and closed with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import AsyncIterator

from nightcast.director.audience import Audience
from nightcast.director.floor import Floor
from nightcast.director.live import Live
from nightcast.director.run import Run
from nightcast.director.simulated import has_connector, is_real, make_simulator
from nightcast.room import events as e
from nightcast.room.arbiter import Change
from nightcast.room.core import HubCore, Notice
from nightcast.room.grants import Budget, Grants
from nightcast.room.hub import Hub
from nightcast.room.log import SqliteLog
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.protocol import ProductCard, Snapshot
from nightcast.show import Show
from nightcast.show.system import refusal

__all__ = ["Rooms"]

log = logging.getLogger(__name__)

_SIMULATE_S = 0.1
_LIKES = "likes"  # what the journal remembers them by, for the director that comes after this one


class Rooms:
    """`floor` is set before `open`: the hub's actions go there."""

    floor: Floor
    plugins: PluginManager

    def __init__(self, run: Run, show: Show, live: Live, audience: Audience, seed: int) -> None:
        self._run = run
        self._show = show
        self._live = live
        self._audience = audience
        self.grants = Grants(run.state / "grants.json")
        core = HubCore(
            self.grants,
            new_id=lambda: secrets.token_hex(8),
            log=SqliteLog(run.state / "room.db"),
            snapshot=self._snapshot,
            retention_ms=show.script.room.retention_days * 86_400_000,
            likes_total=int(live.journal.recall(_LIKES) or 0),
        )
        self.hub = Hub(core, on_action=self._action, on_notice=self._notice)
        self._rng = random.Random(seed)
        self._simulator = None if has_connector(show) else make_simulator(show, seed, live.desk.now())

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hub, plugins and audience, for as long as the block runs."""
        self.hub.core.observers += [self.floor.event, self._play_along, self._remember_likes]
        url = await self._listen()
        starting: asyncio.Task[None] | None = None
        playing = asyncio.create_task(self._play())
        try:
            self.plugins = PluginManager(self.hub, url, self._run.state / "plugins", rng=self._rng)
            for entry in self._show.script.plugins:
                folder = self._show.path(self._show.file, entry.plugin)
                self.plugins.add(folder, grant=entry.grant, budget=Budget.model_validate(entry.budget))
            starting = asyncio.create_task(self._start_plugins())
            yield
        finally:
            playing.cancel()
            if starting is not None:
                starting.cancel()
            await self.plugins.stop()
            await self.hub.stop()

    async def _listen(self) -> str:
        """The hub's address: on its port, or on any where that was taken since the night was checked."""
        port = self._run.hub_port
        try:
            return await self.hub.start(port=port)
        except OSError as error:
            reason = refusal(error)
            self._live.state.warn(
                "room",
                en=f"Only the show's own plugins come into the room: port {port} is not free ({reason.en}).",
                zh=f"只有本场自带的插件能进直播间：端口 {port} 用不了（{reason.zh}）。",
            )
            return await self.hub.start()

    def _remember_likes(self, event: e.Event) -> None:
        if isinstance(event.data, e.LikeWindow):
            self._live.journal.remember(_LIKES, event.data.total)

    def _play_along(self, event: e.Event) -> None:
        """The simulated audience takes part in what the room is invited to, and leaves where a real one comes."""
        if self._simulator is None:
            return
        if is_real(event):
            log.info("a live room is connected: the simulated audience leaves")
            self._simulator = None
            return
        now_ms = self.hub.clock()
        match event.data:
            case e.PollState(phase="open", counts=counts):
                for option in counts:
                    self._simulator.invite(option, now_ms, share=0.2 / len(counts))
            case e.FlashSaleState(phase="open", product_id=product):
                self._simulator.burst(product, now_ms, orders=max(3, self._simulator.viewers // 5))

    async def _start_plugins(self) -> None:
        """When the first sentence is on its way: until then the processors belong to picture and voice."""
        await self._live.began.wait()
        self.plugins.start()

    def switched(self, product_id: str) -> None:
        if self._simulator is not None:
            self._simulator.switched(product_id)

    def _action(self, change: Change) -> None:
        self.floor.change(change)

    def _notice(self, notice: Notice) -> None:
        body = {"plugin": notice.plugin_id, "kind": notice.kind, "detail": notice.detail}
        self._live.journal.note(self._live.desk.now().isoformat(), "plugin", body)

    async def _play(self) -> None:
        while self._simulator is not None:
            await asyncio.sleep(_SIMULATE_S)
            try:
                if self._simulator is not None:
                    self.hub.ingest(self._simulator.until(self.hub.clock()))
            except Exception:
                log.exception("the simulated audience stumbled; it goes on")

    def _snapshot(self) -> Snapshot:
        catalog, now = self._live.desk.catalog, self._live.desk.now()
        language = "zh" if self._run.language == "zh" else "en"
        cards = []
        for number, product in enumerate(catalog.products, 1):
            topics = sorted({fact.kind for fact in catalog.facts(product, now).values()})
            cards.append(
                ProductCard(
                    id=product.id, title=product.name.in_language(language), number=number,
                    names=tuple({product.name.en, product.name.zh, product.kind.en, product.kind.zh} - {""}),
                    price_minor=product.price_now(now), list_price_minor=product.list_price, currency=catalog.currency,
                    stock=product.stock, wear=product.wear.kind if product.wear else None, topics=tuple(topics),
                )
            )  # fmt: skip
        return Snapshot(
            title=self._show.script.title.in_language(language),
            language=language,
            host=self._show.avatar.name.in_language(language),
            scene=self._live.staging.scene_name,
            product_id=self._audience.shown,
            products=tuple(cards),
        )
