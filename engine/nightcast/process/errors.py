"""Errors of this package. Each keeps its data and builds its sentence: what, where, what to do next."""

from __future__ import annotations

from pathlib import Path


class ProcessError(Exception):
    """Base of all errors of `nightcast.process`."""


class ChannelError(ProcessError):
    """Something that came over a channel cannot be used. The channel itself goes on."""


class InvalidMessage(ChannelError):  # noqa: N818 - read as a noun: what came, not what failed
    def __init__(self, line: bytes, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"dropped a message that cannot be read: {self.reason}; it begins {self.line[:120]!r}"


class LineTooLong(ChannelError):  # noqa: N818
    def __init__(self, head: bytes, limit: int) -> None:
        super().__init__(head, limit)
        self.head = head
        self.limit = limit

    def __str__(self) -> str:
        return f"dropped a line longer than {self.limit} bytes; it begins {self.head[:120]!r}"


class TornLine(ChannelError):  # noqa: N818
    """The peer went away in the middle of a line."""

    def __init__(self, line: bytes) -> None:
        super().__init__(line)
        self.line = line

    def __str__(self) -> str:
        return f"the peer closed inside a message; its {len(self.line)} bytes begin {self.line[:120]!r}"


class AddressInUse(ProcessError):  # noqa: N818
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"another process already serves {self.path}; stop it, or choose another run directory"


class AddressTooLong(ProcessError):  # noqa: N818
    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(path, limit)
        self.path = path
        self.limit = limit

    def __str__(self) -> str:
        return f"a socket's path may have {self.limit} bytes: {self.path}; choose a shorter run directory"


class SharedBlockError(ProcessError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"shared memory {self.name}: {self.reason}"


class ChildStartError(ProcessError):
    def __init__(self, name: str, argv: tuple[str, ...], reason: str) -> None:
        super().__init__(name, argv, reason)
        self.name = name
        self.argv = argv
        self.reason = reason

    def __str__(self) -> str:
        return f"cannot start {self.name} ({self.argv[0]}): {self.reason}"
