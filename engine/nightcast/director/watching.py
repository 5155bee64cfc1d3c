"""Watching a running night from outside: start it, read its journal and figures, end it. For benchmarks and soaks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightcast.director.errors import DirectorError
from nightcast.director.journal import Journal

__all__ = ["NightEndedError", "Watched", "night_under_watch"]


class NightEndedError(DirectorError):
    """The night that was to be watched ended by itself."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output

    def __str__(self) -> str:
        return f"The night ended by itself:\n{self.output.strip()}"


@dataclass
class Watched:
    """A night in a process of its own."""

    process: subprocess.Popen[bytes]
    told: Path  #: what it told its terminal
    state: Path
    port: int
    started_s: float  #: monotonic

    def figures(self) -> dict[str, Any] | None:
        """What its page knows; None while there is no page yet. Raises `NightEndedError`."""
        self._alive()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/state", timeout=5) as answer:
                figures: dict[str, Any] = json.load(answer)
                return figures
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return None

    @property
    def hub_port(self) -> int:
        """Where its hub listens. The night must have begun."""
        return int(json.loads((self.state / "run.json").read_text("utf-8"))["hub_port"])

    def playlist(self) -> Path:
        return self.state / "live" / "live.m3u8"

    def first_sentence_sample(self) -> int | None:
        """The sample of the first sentence, as soon as it is on its way to be heard."""
        self._alive()
        if not (self.state / "night.db").exists():
            return None
        journal = Journal(self.state / "night.db", reserve=False)
        try:
            committed = [*journal.spoken(), *(entry for entry in journal.unspoken() if entry.state == "committed")]
            return min((entry.at_sample for entry in committed if entry.at_sample is not None), default=None)
        finally:
            journal.close()

    def memory_mib(self) -> dict[str, float]:
        """Resident memory of each of its processes."""
        found: dict[str, float] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                if str(self.state) not in " ".join(command) or "nightcast" not in " ".join(command):
                    continue
                pages = int((folder / "statm").read_text().split()[1])
            except (OSError, IndexError, ValueError):
                continue
            name = command[2].removeprefix("nightcast.") if len(command) > 2 and command[1] == "-m" else "other"
            name = {"nightcast": "supervisor", "talk.voice_process": "voice", "console": "director"}.get(name, name)
            found[name] = found.get(name, 0.0) + pages * os.sysconf("SC_PAGESIZE") / 2**20
        return found

    def _alive(self) -> None:
        if self.process.poll() is not None:
            raise NightEndedError(self.told.read_text("utf-8", "replace"))


@contextmanager
def night_under_watch(script: Path, state: Path, arguments: list[str]) -> Iterator[Watched]:
    """A fresh night of `script`, ended in order when the block is left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "nightcast",
        "run",
        str(script),
        "--state",
        str(state),
        "--port",
        str(port),
        "--fresh",
    ]
    state.mkdir(parents=True, exist_ok=True)
    told = state / "logs" / "terminal.log"
    told.parent.mkdir(exist_ok=True)
    started_s = time.monotonic()
    with told.open("wb") as terminal:  # not a pipe: nobody reads while the night goes on, and it would fill
        process = subprocess.Popen([*command, *arguments], stdout=terminal, stderr=terminal)
    try:
        yield Watched(process, told, state, port, started_s)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
