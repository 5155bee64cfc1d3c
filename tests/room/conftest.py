"""Fixtures of the room's tests. `live` and `wire` stand beside the tests, so they are loaded by their path."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nightcast.testing.fixtures import catalog, room

__all__ = ["catalog", "room"]


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"room_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_live = _beside("live")
_wire = _beside("wire")
_independent = _beside("independent")


@pytest.fixture
def bench() -> Any:
    """A hub core with a bare client, see wire.py."""
    return _wire.Bench()


@pytest.fixture
def new_bench() -> Any:
    return _wire.Bench


@pytest.fixture
def gift() -> Any:
    return _wire.gift


@pytest.fixture
def independent() -> ModuleType:
    """A client written from the schema alone, see independent.py."""
    return _independent


@pytest.fixture
def live_options() -> dict[str, Any]:
    """Options of the hub in `live`; parametrize it to change them."""
    return {}


@pytest.fixture
async def live(live_options: dict[str, Any]) -> AsyncIterator[Any]:
    made = _live.Live(**live_options)
    made.url = await made.hub.start()
    yield made
    await made.hub.stop()


@pytest.fixture
def until() -> Any:
    return _live.until
