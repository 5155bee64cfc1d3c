"""Errors about a show: every problem of a file at once, each with its place and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Problem", "ShowError"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place. `line` and `column` count from 1; 0 where a file has no such place."""

    file: Path
    line: int
    column: int
    path: str  #: the field's path, e.g. "shots.close.fov"
    found: str
    expected: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else str(self.file)
        where = f" {self.path}:" if self.path else ""
        what = f" found {self.found};" if self.found else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}:{where}{what} expected {self.expected}.{remedy}"


class ShowError(Exception):
    """A show cannot be used as it is written. `problems` holds all that was found, in file order.

    `missing` are the files that it names and that are not there; when they come, it may be right as it is.
    """

    def __init__(self, problems: list[Problem], missing: tuple[Path, ...] = ()) -> None:
        super().__init__(problems, missing)
        self.problems = problems
        self.missing = missing

    @property
    def files(self) -> set[Path]:
        """What to look at: once one of them changes, the show may be right."""
        return {*self.missing, *(problem.file for problem in self.problems)}

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
