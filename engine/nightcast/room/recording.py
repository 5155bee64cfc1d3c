"""Recordings of a room: JSON lines, a header and then events with their time since the start, no personal data.

{"nightcast_recording": 1, "room": "main", "started_ms": 1767225600000, "scrubbed": true}
{"at_ms": 1520, "type": "comment.new", "d": {…}}
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from nightcast.room.errors import FrameError, RecordingError, UnknownTypeError
from nightcast.room.events import ActionState, Event
from nightcast.room.folding import Raw
from nightcast.room.privacy import scrubbed
from nightcast.room.signals import signal_from_wire, signal_to_wire

__all__ = ["Recorder", "Timed", "read_recording"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Timed:
    """A signal and when it comes, in milliseconds since the recording's start."""

    at_ms: int
    signal: Raw | Event


class Recorder:
    """Writes a recording. Viewers' refs are hashed with a salt that is forgotten when the recording ends."""

    def __init__(self, file: Path, *, started_ms: int, room: str = "main", salt: str | None = None) -> None:
        self._salt = salt or secrets.token_hex(16)
        self._started_ms = started_ms
        self._out: IO[str] = file.open("w", encoding="utf-8")
        self.count = 0
        self._line({"nightcast_recording": _VERSION, "room": room, "started_ms": started_ms, "scrubbed": True})

    def write(self, event: Event) -> None:
        """Keep an event; states of plugins' own actions are left out."""
        if isinstance(event.data, ActionState):
            return
        clean = dataclasses.replace(event, data=scrubbed(event.data, self._salt), src=None, key=None)
        self._line({"at_ms": max(0, event.ts_ms - self._started_ms), **signal_to_wire(clean)})
        self.count += 1

    def close(self) -> None:
        self._out.close()

    def _line(self, value: dict[str, object]) -> None:
        self._out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def read_recording(file: Path) -> Iterator[Timed]:
    """The signals of a recording in order. Raises RecordingError for a line that cannot be played."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                wire = json.loads(line)
                if number == 1:
                    if not isinstance(wire, dict) or wire.get("nightcast_recording") != _VERSION:
                        raise RecordingError(file, 1, "this is no recording of this version")
                    continue
                signal = signal_from_wire({**wire, "replay": True}, 0, "recording")
                yield Timed(int(wire["at_ms"]), signal)
            except (ValueError, KeyError, TypeError, UnknownTypeError, FrameError, ValidationError) as error:
                raise RecordingError(file, number, str(error).splitlines()[0]) from error
