"""A plugin's memory on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nightcast.room.sdk.runner import Store


def test_a_memory_is_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.json")
    store.data["晚安"] = 1
    store.save()
    assert Store(tmp_path / "store.json").data == {"晚安": 1}


@pytest.mark.parametrize("torn", [b"", b'{"points": {"a"', b"\xff\xfe", b"[1]"])
def test_a_torn_memory_is_set_aside_and_begun_anew(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "store.json"
    path.write_bytes(torn)
    store = Store(path)
    assert store.data == {}
    assert (tmp_path / "store.broken").read_bytes() == torn
    store.data["points"] = 3
    store.save()
    assert json.loads(path.read_text()) == {"points": 3}


def test_a_full_disk_costs_nothing_that_is_still_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(tmp_path / "store.json")
    os.symlink("/dev/full", tmp_path / "store.new")
    store.data["points"] = 3
    store.save()
    store.save()
    assert caplog.text.count("cannot be written") == 1
    (tmp_path / "store.new").unlink()
    store.save()
    assert Store(tmp_path / "store.json").data == {"points": 3}
