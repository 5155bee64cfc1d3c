"""The simulated audience of a show: its catalog, its languages, its hour of the day."""

from __future__ import annotations

from datetime import datetime

from nightcast.room.events import Event
from nightcast.room.simulation.audience import SimProduct, Simulator
from nightcast.room.simulation.profiles import load_profile
from nightcast.show import Show

__all__ = ["has_connector", "is_real", "make_simulator"]

_SIMULATED = "simulator"
_STOCK = 50  # of a product whose stock the catalog does not count


def has_connector(show: Show) -> bool:
    """Whether one of the script's plugins may bring a live room in: then nobody is simulated beside it."""
    return any("room:publish" in entry.grant for entry in show.script.plugins)


def is_real(event: Event) -> bool:
    """Whether an event came in from outside: from a platform, not from the simulation, a recording or a test."""
    told = event.src is not None and event.src.platform != _SIMULATED
    return told and not event.test and not event.replay


def make_simulator(show: Show, seed: int, now: datetime) -> Simulator | None:
    """An audience as the script asks for it, beginning at `now` (aware); None where it wants none."""
    if show.script.room.simulate == "off":
        return None
    products = [
        SimProduct(
            product.id,
            product.name.in_language("en"),
            product.name.in_language("zh"),
            number,
            product.price,
            stock=_STOCK if product.stock is None else product.stock,
            currency=show.catalog.currency,
        )
        for number, product in enumerate(show.catalog.products, 1)
    ]
    spoken = show.script.spoken_languages
    offset = now.utcoffset()
    return Simulator(
        load_profile(show.script.room.simulate),
        products,
        seed=seed,
        start_ms=int(now.timestamp() * 1000),
        chinese=0.1 if "zh" not in spoken else 0.9 if "en" not in spoken else 0.5,
        utc_offset_h=offset.total_seconds() / 3600 if offset else 0.0,
        platform=_SIMULATED,
    )
