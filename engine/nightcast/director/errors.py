"""Errors of the director: why a night does not start, or cannot go on."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DirectorError", "ForbiddenNightError", "JournalError", "LeaseHeldError", "LicenceError", "StartError"]


class DirectorError(Exception):
    """Base of what this package raises."""


class ForbiddenNightError(DirectorError):
    """The policy packs of the script do not let this night start."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "This night may not start:\n" + "\n".join(f"  - {reason}" for reason in self.reasons)


class LicenceError(DirectorError):
    """The avatar's licence does not allow a selling stream."""

    def __init__(self, model: Path, reason: str) -> None:
        super().__init__(model, reason)
        self.model = model
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.model}: the licence in this model does not allow it on a selling stream ({self.reason}). "
            "If you have the permission otherwise, write `licence_override: true` in the script; you answer for it."
        )


class LeaseHeldError(DirectorError):
    """Another Nightcast runs this night already; two would push to one stream key."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(folder, pid)
        self.folder = folder
        self.pid = pid

    def __str__(self) -> str:
        return (
            f"Another Nightcast (process {self.pid}) runs this night from {self.folder}. "
            "Stop it first, or start this one with --state FOLDER for a night of its own."
        )


class JournalError(DirectorError):
    """The journal cannot be read or written."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}. Free some space or move the file away; a new journal begins a new night."


class StartError(DirectorError):
    """A process of the night did not come up."""

    def __init__(self, process: str, detail: str, log: Path | None = None) -> None:
        super().__init__(process, detail)
        self.process = process
        self.detail = detail
        self.log = log

    def __str__(self) -> str:
        log = f" Its log is {self.log}." if self.log else ""
        return f"The {self.process} process did not start: {self.detail}.{log} `nightcast doctor` may say why."
