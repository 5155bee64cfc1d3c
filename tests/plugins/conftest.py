"""Shipped plugins are loaded from their folders, as the host starts them: each test gets a fresh module."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from nightcast.testing.fixtures import catalog, room

__all__ = ["catalog", "room"]

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    def fresh(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"plugin_{name}", PLUGINS / name / "plugin.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return fresh
