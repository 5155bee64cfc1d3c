"""The nights of one show, each with a journal of its own: which one goes on, which is over, what was said in them.

A night that broke off is taken up again where it was. One that ended in order, broke off long ago or has a damaged
journal is set aside under `nights/`, so that the next evening begins with a greeting and no journal grows for ever.
Nothing removes those: orders may have to be kept for years.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from nightcast.director.errors import DamagedJournalError, JournalError
from nightcast.director.journal import Journal
from nightcast.show.fields import Text
from nightcast.talk.records import Segment

__all__ = ["end_in_order", "said_before", "set_aside", "set_damaged_aside"]

log = logging.getLogger(__name__)

_OVER_AFTER = timedelta(hours=6)  # nobody waits any longer for the rest of a night that broke off
_LATELY = timedelta(hours=24)


def end_in_order(journal: Journal) -> None:
    """Note that the night is over: what was not spoken of it stays unspoken."""
    journal.remember("ended_in_order", journal.recall("runs"))


def set_aside(state: Path, now: datetime, *, fresh: bool) -> str:
    """To be asked before a night begins: moves the journal of one that is over out of the way, or any where `fresh`.

    A damaged one goes, too; what the operator should know of it is handed back. Raises `JournalError` where the journal
    cannot be read for another reason.
    """
    file = state / "night.db"
    if not file.exists():
        return ""
    ended = _changed(file)
    told = None if fresh else set_damaged_aside(state)
    if told is not None:
        return told.en
    if fresh or _is_over(file, now):
        _move(state, ended)
    return ""


def set_damaged_aside(state: Path) -> Text | None:
    """Moves a damaged journal out of the way, for a night that begins anew is better than none; what to tell of it.

    To be asked whenever a director begins: what was torn while one ran would end each that comes after it. Raises
    `JournalError` where the journal cannot be read for another reason.
    """
    file = state / "night.db"
    if not file.exists():
        return None
    ended = _changed(file)
    try:
        with contextlib.closing(Journal(file)) as journal:
            journal.check()
    except DamagedJournalError as error:
        kept = _move(state, ended)
        return Text(
            en=f"{error} The night begins anew; the file is kept under {kept}.",
            zh=f"{error.file} 已损坏（{error.reason}）。本场从头开始，损坏的文件保存在 {kept}。",
        )
    return None


def said_before(state: Path, now: datetime) -> Iterator[tuple[datetime, Segment, float]]:
    """What was heard lately in nights that were set aside, as `Journal.heard_segments` gives it, oldest first."""
    for file in sorted(state.glob("nights/*/night.db")):
        if now - _changed(file) < _LATELY:
            try:
                with contextlib.closing(Journal(file, reserve=False)) as journal:
                    journal.check()
                    yield from journal.heard_segments()
            except JournalError as error:
                log.warning("an earlier night is not remembered: %s", error)


def _is_over(file: Path, now: datetime) -> bool:
    with contextlib.closing(Journal(file)) as journal:
        runs, last = journal.recall("runs"), journal.last_noted()
        ended_in_order = runs is not None and journal.recall("ended_in_order") == runs
    return ended_in_order or (last is not None and now - last > _OVER_AFTER)


def _move(state: Path, ended: datetime) -> Path:
    """Where the journal is now."""
    kept = state / "nights" / f"{ended:%Y-%m-%d_%H%M%S}"
    kept.mkdir(parents=True, exist_ok=True)
    for part in state.glob("night.db*"):
        shutil.move(part, kept / part.name)
    return kept


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime).astimezone()
