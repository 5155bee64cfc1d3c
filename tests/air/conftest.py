"""Python programs that these tests start find the same `nightcast` as the tests themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

import nightcast


@pytest.fixture(autouse=True)
def _children_find_nightcast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(nightcast.__file__).parents[1]))
