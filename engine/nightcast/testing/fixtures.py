"""pytest fixtures for plugins. In conftest.py: `from nightcast.testing.fixtures import catalog, room`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from nightcast.room.protocol import ProductCard
from nightcast.testing.room import Room, product

CATALOG: tuple[ProductCard, ...] = (
    product(
        "glasses",
        "Aurora glasses",
        names=("glasses", "眼镜"),
        number=1,
        price_minor=29900,
        stock=20,
        wear="glasses",
    ),
    product(
        "earring",
        "Moon earrings",
        names=("earrings", "耳环"),
        number=2,
        price_minor=15900,
        stock=5,
        wear="ear",
    ),
    product("lamp", "Lantern lamp", names=("lamp", "台灯"), number=3, price_minor=8900, stock=50),
)


@pytest.fixture
def catalog() -> tuple[ProductCard, ...]:
    """The products of the `room` fixture; override it to sell your own."""
    return CATALOG


@pytest_asyncio.fixture
async def room(catalog: tuple[ProductCard, ...]) -> AsyncIterator[Room]:
    """A room with a small catalog and a host that carries every action out."""
    made = Room(products=catalog)
    yield made
    await made.stop()
