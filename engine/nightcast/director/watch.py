"""Watching the catalog: a price that changes is never spoken stale, and one that was just heard is corrected."""

from __future__ import annotations

import asyncio
from pathlib import Path

from nightcast.director.corrections import Corrections
from nightcast.director.live import Live
from nightcast.room import events as e
from nightcast.room.hub import Hub
from nightcast.show import Catalog, Show, ShowError
from nightcast.show.load import load_yaml

__all__ = ["watch_catalog"]

_LOOK_S = 0.5


async def watch_catalog(show: Show, live: Live, hub: Hub, corrections: Corrections) -> None:
    """Take over the catalog whenever its file changes; a file with mistakes leaves the old one, and says so.

    An offer that ends is a change, too: what was made ready while it was on is not spoken after it.
    """
    seen = _changed_ns(show.catalog_file)
    while True:
        await asyncio.sleep(_LOOK_S)
        before = catalog = live.desk.catalog
        changed = _changed_ns(show.catalog_file)
        if changed not in (0, seen):
            seen = changed
            try:
                catalog = await asyncio.to_thread(load_yaml, show.catalog_file, Catalog, show.root)
            except ShowError as error:
                live.state.warn("catalog", f"The catalog was not taken over: {error.problems[0]}")
            else:
                live.state.well("catalog")
        facts = live.desk.change_catalog(catalog)
        if not facts:
            continue
        live.journal.note(live.desk.now().isoformat(), "catalog_changed", {"facts": sorted(facts)})
        for product in catalog.products:
            old = before.product(product.id)
            if old is not None and old.price != product.price:
                hub.publish(
                    e.PriceChanged(
                        product_id=product.id, title=product.name.in_language(live.run_plan.language),
                        price_minor=product.price, list_price_minor=product.list_price, currency=catalog.currency,
                    )
                )  # fmt: skip
        await asyncio.gather(live.catalog_changed(facts), corrections.correct(facts))


def _changed_ns(file: Path) -> int:
    """When the file was changed; 0 while it is not there, such as when an editor is replacing it."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
