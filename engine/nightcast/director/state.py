"""The folder in which a night keeps what it must remember: where it is, and whether it can be worked in."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nightcast.director.errors import LeaseHeldError, NoRoomError, StateFolderError
from nightcast.director.lease import Lease
from nightcast.talk.store import SPARE_BYTES, AudioStore

__all__ = ["check_state", "state_folder"]

_LEAST_SPEECH_BYTES = 16 << 20  # three minutes of it: what waits to be heard, and answers


def state_folder(script: Path, root: Path) -> Path:
    """The folder of a script's nights, made if need be: beside the show, or where we are if the show cannot be written.

    It is named by the script and where that is in the show, so that it goes with a show that moves. One that was named
    by the script alone, as once they were, is taken over. Raises `StateFolderError` where none can be made.
    """
    refused: StateFolderError | None = None
    for base in _bases(root):
        place = script.relative_to(base) if script.is_relative_to(base) else script
        digest = hashlib.sha256(place.as_posix().encode()).hexdigest()[:8]
        folder = base / ".nightcast" / f"{script.stem}-{digest}"
        try:
            _make_writable(folder.parent)
        except StateFolderError as error:
            refused = refused or error
        else:
            return _taken_over(base / ".nightcast" / script.stem, folder, script)
    assert refused is not None  # there is a base
    raise refused


def check_state(folder: Path, free_bytes: int | None = None) -> None:
    """Make the folder if need be. Raises `StateFolderError` and `NoRoomError` where no night could be held in it.

    `free_bytes` are those of its disk, which is asked where they are not given.
    """
    _make_writable(folder)
    free_bytes = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    old_speech_bytes = AudioStore(folder / "speech").used_bytes  # gives way to new
    needed_bytes = SPARE_BYTES + _LEAST_SPEECH_BYTES - old_speech_bytes
    if free_bytes < needed_bytes:
        raise NoRoomError(folder, free_bytes, needed_bytes)


def _bases(root: Path) -> Iterator[Path]:
    if Path(__file__).resolve().parents[1] not in root.parents:  # the demo inside the package is not ours to fill
        yield root
    yield Path.cwd()
    yield Path.home()


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StateFolderError(folder, error.strerror or str(error)) from error


def _taken_over(former: Path, folder: Path, script: Path) -> Path:
    """The folder, with what the former one holds of this script's night. While that night is held, the former one."""
    if not folder.exists() and (former / "night.db").exists() and _is_of(former, script):
        try:
            lease = Lease(former)
        except LeaseHeldError:
            return former
        former.rename(folder)
        lease.release()
    folder.mkdir(exist_ok=True)
    return folder


def _is_of(former: Path, script: Path) -> bool:
    """Whether the last night in a folder was this script's; it is not known of every one."""
    try:
        theirs = Path(json.loads((former / "run.json").read_text("utf-8"))["script"])
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return theirs == script or not theirs.exists()
