"""Where a night keeps what it must remember: a folder of its own, that can be written, with room in it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nightcast.director.errors import NoRoomError, StateFolderError
from nightcast.director.journal import Journal
from nightcast.director.lease import Lease
from nightcast.director.state import check_state, state_folder
from nightcast.talk.store import SPARE_BYTES, AudioStore

MIB = 1 << 20


@pytest.fixture
def show(tmp_path: Path) -> Path:
    for script in ("scripts/night.yaml", "scripts/autumn/night.yaml"):
        (tmp_path / script).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / script).touch()
    return tmp_path


def held_once(former: Path, script: Path | None) -> None:
    """A night as it was kept when folders were named by the script alone."""
    former.mkdir(parents=True)
    Journal(former / "night.db").close()
    if script is not None:
        (former / "run.json").write_text(json.dumps({"script": str(script)}), encoding="utf-8")


def test_two_scripts_of_one_name_have_a_folder_each_and_find_it_again(show: Path) -> None:
    scripts = [show / "scripts/night.yaml", show / "scripts/autumn/night.yaml"]
    folders = [state_folder(script, show) for script in scripts]
    assert folders[0] != folders[1]
    assert [folder.parent for folder in folders] == [show / ".nightcast"] * 2
    assert [state_folder(script, show) for script in scripts] == folders


def test_a_show_that_moves_takes_its_nights_with_it(show: Path) -> None:
    before = state_folder(show / "scripts/night.yaml", show)
    moved = show.rename(show.with_name("moved"))
    assert state_folder(moved / "scripts/night.yaml", moved).relative_to(moved) == before.relative_to(show)


@pytest.mark.parametrize("known", [True, False])
def test_a_night_in_a_folder_with_the_old_name_goes_on(show: Path, known: bool) -> None:
    script, former = show / "scripts/night.yaml", show / ".nightcast/night"
    held_once(former, script if known else None)
    folder = state_folder(script, show)
    assert (folder / "night.db").exists()
    assert not former.exists()
    assert state_folder(script, show) == folder


def test_the_night_of_another_script_of_the_name_is_left_to_it(show: Path) -> None:
    former = show / ".nightcast/night"
    held_once(former, show / "scripts/autumn/night.yaml")
    assert not (state_folder(show / "scripts/night.yaml", show) / "night.db").exists()
    assert (state_folder(show / "scripts/autumn/night.yaml", show) / "night.db").exists()


def test_a_folder_with_the_old_name_stays_where_it_is_while_its_night_is_on(show: Path) -> None:
    former = show / ".nightcast/night"
    held_once(former, None)
    lease = Lease(former)
    assert state_folder(show / "scripts/night.yaml", show) == former
    lease.release()
    assert state_folder(show / "scripts/night.yaml", show) != former


def test_a_show_that_cannot_be_written_keeps_its_nights_where_we_are(
    show: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(here)
    (show / ".nightcast").touch()  # a file, where the folder should be
    folders = {state_folder(show / name, show) for name in ("scripts/night.yaml", "scripts/autumn/night.yaml")}
    assert {folder.parent for folder in folders} == {here / ".nightcast"}
    assert len(folders) == 2


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateFolderError, match=r"file/night: .*Not a directory.*--state FOLDER"):
        check_state(tmp_path / "file/night")


def test_a_folder_that_takes_no_file_is_told_before_the_night() -> None:
    with pytest.raises(StateFolderError, match="cannot be written"):
        check_state(Path("/proc/self"))


def test_a_disk_on_which_the_host_could_not_speak_is_told_before_the_night(tmp_path: Path) -> None:
    with pytest.raises(NoRoomError, match="66 MB are free here, and a night needs 84 MB") as raised:
        check_state(tmp_path, free_bytes=SPARE_BYTES - 1 * MIB)
    check_state(tmp_path, free_bytes=raised.value.needed_bytes)


def test_old_speech_counts_as_room_since_it_gives_way_to_new(tmp_path: Path) -> None:
    AudioStore(tmp_path / "speech").put(np.arange(20 * MIB, dtype=np.int64).astype(np.int16))
    check_state(tmp_path, free_bytes=SPARE_BYTES - 20 * MIB)
