"""A night from its start to its end, with processes that do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.director.test_run import free_port

from nightcast.director import start
from nightcast.director.messages import Status
from nightcast.director.page import Page
from nightcast.show.script import Output


@pytest.fixture(autouse=True)
def _beside_a_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another night, on this machine, may have the room's port."""
    monkeypatch.setattr(start, "is_free", lambda *_: True)


def test_stream_keys_are_on_the_disk_for_as_long_as_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_MODULES", {"director": "json.tool"})  # prints what it was given, and ends in order
    night = start.prepare(
        state=tmp_path, outputs=(Output(rtmp="rtmp://127.0.0.1/live/sesame"),), page=Page(port=free_port())
    )
    assert night.start(lambda _: None) == 0
    assert "sesame" in (tmp_path / "logs/director.log").read_text("utf-8")
    (tmp_path / "logs/director.log").unlink()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"sesame" in file.read_bytes()]


def test_a_damaged_journal_is_told_to_whoever_starts_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_MODULES", {"director": "json.tool"})
    (tmp_path / "night.db").write_bytes(b"torn" * 1000)
    told: list[Status] = []
    assert start.prepare(state=tmp_path, page=Page(port=free_port())).start(told.append) == 0
    assert "is damaged" in told[0].warning
