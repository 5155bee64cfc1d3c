"""How commands speak in a terminal: colours and tables where somebody looks, plain text where a program reads."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

__all__ = ["complain", "console", "counted", "print_json", "progress", "say", "table"]

#: A terminal of fewer columns would get tables with nothing in them.
_NARROWEST = 40


def console(*, errors: bool = False) -> Console:
    """Standard output, or standard error."""
    made = Console(stderr=errors, highlight=False, soft_wrap=True)
    if made.width < _NARROWEST:
        made.width = _NARROWEST
    return made


_out, _err = console(), console(errors=True)


def say(text: str, style: str = "") -> None:
    _out.print(Text(text, style=style))


def complain(text: str) -> None:
    """A problem, on standard error."""
    _err.print(Text(text, style="red"))


def counted(number: int, noun: str) -> str:
    """ "1 file", "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table; numbers are right-aligned."""
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(row[index].replace(".", "", 1).replace("-", "", 1).isdigit() for row in rows)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text.from_ansi(cell) for cell in row))
    _out.print(shown)


def print_json(value: Any) -> None:
    """JSON for programs: a dataclass, a mapping or a list."""
    data = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def progress() -> Progress:
    """A progress bar for long work; silent where the output is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_err,
        disable=not _err.is_terminal,
        transient=True,
    )
