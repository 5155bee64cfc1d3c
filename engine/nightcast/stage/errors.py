"""What can go wrong on the stage.

    StageError
     ├─ GpuError          no usable OpenGL device
     ├─ AssetError        a file cannot be drawn: too large, broken, unreadable
     ├─ FrameError        a description of a picture contradicts itself
     └─ WindowError       there is no screen for a window

Each keeps its data and says what, where, and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class StageError(Exception):
    """Base of everything the stage raises on purpose."""


class GpuError(StageError):
    """No OpenGL context could be made.

    `attempts` pairs what was tried with what the driver said.
    """

    def __init__(self, problem: str, attempts: Sequence[tuple[str, str]], remedy: str) -> None:
        super().__init__(problem, attempts, remedy)
        self.problem = problem
        self.attempts = tuple(attempts)
        self.remedy = remedy

    def __str__(self) -> str:
        tried = "".join(f"\n  {what}: {answer}" for what, answer in self.attempts)
        return f"{self.problem}{tried}\n{self.remedy}"


class AssetError(StageError):
    """A file that should be drawn cannot be."""

    def __init__(self, path: Path | str, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = Path(path)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path.name}: {self.problem}. {self.remedy}"


class FrameError(StageError):
    """A picture was described in a way that cannot be drawn."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


class WindowError(StageError):
    """No window can be opened here."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"The window cannot be opened: {self.reason}. {self.remedy}"
