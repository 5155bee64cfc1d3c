"""Shipped plugins are loaded from their folders, as the host starts them: each test gets a fresh module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from nightcast.testing import load_module
from nightcast.testing.fixtures import catalog, room

__all__ = ["catalog", "room"]

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    return lambda name: load_module(PLUGINS / name / "plugin.py")
