"""The lease of a night: one Nightcast at a time, so that no stream key has two publishers.

A lock of the operating system on a file in the night's folder: it is gone with the process that held it, however
that process ended, so that a night can always be resumed.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from nightcast.director.errors import LeaseHeldError

__all__ = ["Lease"]


class Lease:
    """Held from construction to `release`. Raises `LeaseHeldError` where another process holds it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / "lease", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            raise LeaseHeldError(folder, int(holder) if holder.isdigit() else 0) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        os.close(self._file)
