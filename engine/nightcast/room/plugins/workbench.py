"""`nightcast plugin run FOLDER`: one plugin in a simulated room, reloaded when its files change.

The host here speaks nothing aloud; what it was asked for is printed as it happens.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from nightcast.room.actions import Answer, Say
from nightcast.room.arbiter import Change
from nightcast.room.core import HubCore, Notice
from nightcast.room.events import Comment, Event, GiftFinal, OrderPaid, ProductSwitched, User
from nightcast.room.grants import Budget, Grants
from nightcast.room.hub import Hub
from nightcast.room.plugins.manager import PluginManager
from nightcast.room.plugins.manifest import load_plugin
from nightcast.room.protocol import ProductCard, Snapshot
from nightcast.room.simulation import SimProduct, Simulator, load_profile

__all__ = ["run_plugin"]

_SPEECH_S = 2.5
_BEFORE_MS = 15 * 60_000
_BUDGET = Budget(coupon_value_minor=1_000_000, flash_sales=100, lottery_prizes=100)
_CARDS = (
    ProductCard(id="lantern_lamp", title="Lantern lamp", names=("灯笼灯",), number=1, price_minor=8_900, stock=40),
    ProductCard(id="glasses", title="Aurora glasses", names=("眼镜",), number=2, price_minor=29_900, wear="glasses"),
    ProductCard(id="earrings", title="Moon earrings", names=("耳环",), number=3, price_minor=15_900, stock=9),
)


async def run_plugin(folder: Path, profile: str, seed: int, write: Callable[..., None]) -> int:
    """Run until interrupted; returns an exit status."""
    plugin = load_plugin(folder)
    bench = _Workbench(profile, seed, write)
    with tempfile.TemporaryDirectory(prefix="nightcast-plugin-") as data:
        url = await bench.hub.start()
        manager = PluginManager(bench.hub, url, Path(data), rng=random.Random(seed), watch=True)
        manager.add(plugin.folder, grant=plugin.manifest.scopes, budget=_BUDGET)
        write(f"{plugin.id} runs in a simulated room ({profile}). Change its files and it is reloaded.")
        write("Type a comment and press Enter to be a viewer yourself. Ctrl-C ends.")
        manager.start()
        try:
            await bench.play(Path(data) / plugin.id / "plugin.log")
        finally:
            await manager.stop()
            await bench.hub.stop()
    return 0


class _Workbench:
    def __init__(self, profile: str, seed: int, write: Callable[..., None]) -> None:
        self._write = write
        ids = itertools.count(1)
        core = HubCore(Grants(), new_id=lambda: f"{next(ids)}", snapshot=self._snapshot)
        core.observers.append(self._observe)
        self.hub = Hub(core, on_action=self._act, on_notice=self._notice)
        self._shown = _CARDS[0].id
        self._rev = 0
        goods = [SimProduct(c.id, c.title, c.names[-1], c.number or 1, c.price_minor, c.stock or 10) for c in _CARDS]
        now_ms = self.hub.clock()
        self._audience = Simulator(load_profile(profile), goods, seed=seed, start_ms=now_ms - _BEFORE_MS)
        for _ in self._audience.until(now_ms):
            pass  # the room has filled before we came
        self._typed = 0
        self._logged = 0

    async def play(self, log: Path) -> None:
        if sys.stdin.isatty():
            asyncio.get_running_loop().add_reader(sys.stdin, self._type)
        while True:
            await asyncio.sleep(0.1)
            self.hub.ingest(self._audience.until(self.hub.clock()))
            self._copy(log)

    def _type(self) -> None:
        """A line was typed: it is a comment."""
        text = sys.stdin.readline().strip()
        if text:
            self._typed += 1
            you = User(ref="you", nickname="You")
            self.hub.publish(Comment(comment_id=f"typed-{self._typed}", user=you, text=text))

    def _act(self, change: Change) -> None:
        data = change.action.data
        if change.state != "started":
            return
        what = data.text if isinstance(data, Say) else data.question if isinstance(data, Answer) else None
        self._write(f"  → {data.type}  {what or data.model_dump(exclude_none=True)}", "green")
        pause_s = _SPEECH_S if change.action.lease == "speech" else 0.0
        asyncio.get_running_loop().call_later(pause_s, self._done, change)

    def _done(self, change: Change) -> None:
        self.hub.report(change.action.id, "done")
        product_id = getattr(change.action.data, "product_id", None)
        if change.action.data.type == "product.switch" and product_id in {card.id for card in _CARDS}:
            self._shown, self._rev = product_id, self._rev + 1
            self._audience.switched(product_id)
            self.hub.publish(ProductSwitched(product_id=product_id, rev=self._rev))

    def _observe(self, event: Event) -> None:
        match event.data:
            case Comment() as comment:
                self._write(f"{comment.user.nickname}: {comment.text}", "dim")
            case GiftFinal() as gift:
                self._write(f"{gift.user.nickname} sends {gift.count} {gift.name}", "dim")
            case OrderPaid() as order:
                self._write(f"{order.buyer.nickname} has paid order {order.order_id}", "dim")

    def _notice(self, notice: Notice) -> None:
        if notice.kind != "gone":
            self._write(f"  · {notice.plugin_id} {notice.kind}: {notice.detail}", "yellow")

    def _copy(self, log: Path) -> None:
        """Show what the plugin itself has written."""
        if not log.exists():
            return
        text = log.read_text("utf-8", errors="replace")
        for line in text[self._logged :].splitlines():
            self._write(f"  | {line}", "red" if "ERROR" in line or "Error" in line else "")
        self._logged = len(text)

    def _snapshot(self) -> Snapshot:
        return Snapshot(language="en", products=_CARDS, product_id=self._shown, rev=self._rev)
