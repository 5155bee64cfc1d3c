"""Errors of the director: why a night does not start, or cannot go on."""

from __future__ import annotations

from pathlib import Path

from nightcast.show.fields import Text

__all__ = [
    "DamagedJournalError",
    "DirectorError",
    "ForbiddenNightError",
    "ForeignAddressError",
    "JournalError",
    "LeaseHeldError",
    "LicenceError",
    "LipsUnseenError",
    "NewerJournalError",
    "NoRoomError",
    "PortInUseError",
    "StateFolderError",
    "UnspokenError",
]


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


class LipsUnseenError(DirectorError):
    """Lips cannot be measured on pictures of this avatar."""

    def __init__(self, model: Path) -> None:
        super().__init__(model)
        self.model = model

    def __str__(self) -> str:
        return (
            f"{self.model}: no opening of this mouth can be made out in pictures. "
            "`nightcast avatar FILE` says which mouth shapes the file has."
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


class DamagedJournalError(JournalError):
    """The file is torn, or no journal at all."""

    def __str__(self) -> str:
        return f"{self.file} is damaged ({self.reason})."


class NewerJournalError(JournalError):
    """A newer Nightcast wrote the journal, in a way that this one would misread."""

    def __init__(self, file: Path, version: int, known: int) -> None:
        super().__init__(file, f"its version is {version}, and this Nightcast knows up to {known}")
        self.version = version
        self.known = known

    def __str__(self) -> str:
        return (
            f"{self.file} was written by a newer Nightcast ({self.reason}). Update Nightcast to go on with that night, "
            "or begin a new one with --fresh: the journal is kept under nights/."
        )


class StateFolderError(DirectorError):
    """No night can be kept in a folder."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(folder, reason)
        self.folder = folder
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.folder}: a night keeps its journal and its speech here, and it cannot be written ({self.reason}). "
            "Let it be written, or give --state FOLDER one that can."
        )


class NoRoomError(DirectorError):
    """The disk is so full that the host could not speak."""

    def __init__(self, folder: Path, free_bytes: int, needed_bytes: int) -> None:
        super().__init__(folder, free_bytes, needed_bytes)
        self.folder = folder
        self.free_bytes = free_bytes
        self.needed_bytes = needed_bytes

    def __str__(self) -> str:
        free_mb, needed_mb = self.free_bytes // 10**6, -(-self.needed_bytes // 10**6)
        return (
            f"{self.folder}: {free_mb} MB are free here, and a night needs {needed_mb} MB for what the host says, its "
            "journal and the live picture. Make room, or give --state FOLDER one on another disk."
        )


class PortInUseError(DirectorError):
    """A port that the night needs is taken."""

    def __init__(self, port: int, setting: str, by: str = "another program") -> None:
        super().__init__(port, setting, by)
        self.port = port
        self.setting = setting
        self.by = by

    def __str__(self) -> str:
        return f"Port {self.port} is in use by {self.by}. Choose another with {self.setting}."


class ForeignAddressError(DirectorError):
    """The page cannot listen on an address, since it is none of this machine's."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The page cannot listen on {self.address!r} ({self.reason}). "
            "Give --address one of this machine's, or 0.0.0.0 for all of them."
        )


class UnspokenError(DirectorError):
    """No voice could speak a line."""

    def __init__(self, line_id: str, reason: Text) -> None:
        super().__init__(line_id, reason)
        self.line_id = line_id
        self.reason = reason

    def __str__(self) -> str:
        return f"The line {self.line_id} could not be spoken: {self.reason.en}."
