"""Errors of the room. Each keeps its data and builds its sentence when it is shown."""

from __future__ import annotations

from pathlib import Path


class RoomError(Exception):
    """Base of everything the room raises on purpose."""


class FrameError(RoomError):
    """A frame that cannot be read. `fatal` tells a text that is no JSON object from one with a wrong field."""

    def __init__(self, detail: str, *, path: str | None = None, fatal: bool = False) -> None:
        super().__init__(detail, path)
        self.detail = detail
        self.path = path
        self.fatal = fatal

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"frame not understood{where}: {self.detail}"


class UnknownTypeError(RoomError):
    """An event or action type that this version of the protocol does not have."""

    def __init__(self, kind: str, name: str, nearest: str | None = None) -> None:
        super().__init__(kind, name, nearest)
        self.kind = kind
        self.name = name
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"unknown {self.kind} type {self.name!r}{hint}"


class ManifestError(RoomError):
    """A plugin folder that cannot be started."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}. {self.remedy}"


class RecordingError(RoomError):
    """A line of a recording that cannot be played."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path = path
        self.line = line
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.problem}. Remove the line, or record the session again."


class LogError(RoomError):
    """The hub's log could not be written, and what was asked must not be done without it."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}. Make room on the disk; the show goes on meanwhile."


class MappingError(RoomError):
    """A platform mapping that does not fit our events."""

    def __init__(self, platform: str, rule: str, problem: str) -> None:
        super().__init__(platform, rule, problem)
        self.platform = platform
        self.rule = rule
        self.problem = problem

    def __str__(self) -> str:
        return f"mapping {self.platform!r}, rule {self.rule!r}: {self.problem}"


class ConnectorError(RoomError):
    """A live platform, or the library for it, that cannot be used now."""

    def __init__(self, platform: str, problem: str, remedy: str = "") -> None:
        super().__init__(platform, problem, remedy)
        self.platform = platform
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.platform} {self.problem}. {self.remedy}".strip()


class NotAdmittedError(RoomError):
    """The hub closed the door on a program of ours."""

    def __init__(self, hub: str, plugin_id: str, code: int) -> None:
        super().__init__(hub, plugin_id, code)
        self.hub = hub
        self.plugin_id = plugin_id
        self.code = code

    def __str__(self) -> str:
        return (
            f"The hub at {self.hub} closed the door on {self.plugin_id!r} ({self.code}). "
            f"Is the token right? Get one with: nightcast plugin token {self.plugin_id} SCOPE …"
        )
