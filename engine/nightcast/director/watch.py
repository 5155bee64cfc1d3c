"""The catalog's file during the night: edited facts are taken over, and what leans on the old ones is spoken anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from nightcast.director.corrections import Corrections
from nightcast.director.live import Live
from nightcast.room import events as e
from nightcast.room.hub import Hub
from nightcast.show import Catalog, Show, ShowError
from nightcast.show.load import load_yaml

__all__ = ["CatalogWatch"]

_LOOK_S = 0.5


@dataclass
class CatalogWatch:
    """Takes over the catalog whenever its file changes; a file with mistakes leaves the old one, and says so.

    An offer that ends is a change, too: what was made ready while it was on is not spoken after it.
    """

    show: Show
    live: Live
    hub: Hub
    corrections: Corrections
    _seen_ns: int = 0

    async def run(self) -> None:
        """Look until cancelled. What must be spoken anew may wait for a voice: the next change is seen meanwhile."""
        async with asyncio.TaskGroup() as renewing:
            while True:
                await asyncio.sleep(_LOOK_S)
                facts = await self._look()
                if facts:
                    renewing.create_task(self.live.catalog_changed(facts))
                    renewing.create_task(self.corrections.correct(facts))

    async def _look(self) -> set[str]:
        """Ids of the facts that are no longer what they were."""
        live, before = self.live, self.live.desk.catalog
        catalog = await self._load() or before
        facts = live.desk.change_catalog(catalog)
        if not facts:
            return facts
        live.journal.note(live.desk.now().isoformat(), "catalog_changed", {"facts": sorted(facts)})
        for product in catalog.products:
            old = before.product(product.id)
            if old is not None and old.price != product.price:
                self.hub.publish(
                    e.PriceChanged(
                        product_id=product.id, title=product.name.in_language(live.run_plan.language),
                        price_minor=product.price, list_price_minor=product.list_price, currency=catalog.currency,
                    )
                )  # fmt: skip
        return facts

    async def _load(self) -> Catalog | None:
        """The catalog, where its file was changed and is right."""
        file = self.show.catalog_file
        changed_ns = _changed_ns(file)
        if changed_ns in (0, self._seen_ns):
            return None
        self._seen_ns = changed_ns
        try:
            catalog = await asyncio.to_thread(load_yaml, file, Catalog, self.show.root)
        except ShowError as error:
            self.live.state.warn(
                "catalog",
                en=f"The catalog was not taken over: {error.problems[0]}",
                zh=f"商品目录有错，未采用：{error.problems[0]}",
            )
            return None
        self.live.state.well("catalog")
        return catalog


def _changed_ns(file: Path) -> int:
    """When the file was changed; 0 while it is not there, such as when an editor is replacing it."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
