"""The book of grants outlives bad files and full disks."""

from __future__ import annotations

import os
from pathlib import Path

from nightcast.room.grants import Grants


def granted(path: Path, *, plugin_id: str = "quiz") -> Grants:
    grants = Grants(path)
    grants.allow(plugin_id, ["room.comment:read"])
    return grants


def test_what_one_process_grants_another_takes_over(tmp_path: Path) -> None:
    hub = Grants(tmp_path / "grants.json")
    token = granted(tmp_path / "grants.json").issue("quiz")
    assert hub.refresh()
    assert hub.check("quiz", token, now_ms=0) is not None
    assert (tmp_path / "grants.json").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_read_changes_nothing_and_is_set_aside_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "grants.json"
    grants = granted(path)
    token = grants.issue("quiz")
    path.write_text("{ broken by an editor")
    assert not grants.refresh()
    assert grants.check("quiz", token, now_ms=0) is not None
    grants.allow("poll", ["room.comment:read"])
    assert (tmp_path / "grants.broken").read_text() == "{ broken by an editor"
    assert {"quiz", "poll"} <= set(Grants(path)._book.grants)


def test_what_cannot_be_written_holds_and_is_written_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "grants.json"
    grants = granted(path)
    os.symlink("/dev/full", tmp_path / "grants.new")
    token = grants.issue("quiz")
    assert grants.unwritten is not None
    assert grants.check("quiz", token, now_ms=0) is not None
    assert Grants(path).check("quiz", token, now_ms=0) is None
    (tmp_path / "grants.new").unlink()
    grants.refresh()
    assert grants.unwritten is None
    assert Grants(path).check("quiz", token, now_ms=0) is not None


def test_a_plugin_is_revoked_at_once_though_the_disk_is_full(tmp_path: Path) -> None:
    grants = granted(tmp_path / "grants.json")
    token = grants.issue("quiz")
    os.symlink("/dev/full", tmp_path / "grants.new")
    grants.revoke("quiz")
    assert grants.check("quiz", token, now_ms=0) is None
