"""The journal: what was planned, spoken, asked, sold and broken, in SQLite.

WAL: an acknowledged write survives `kill -9`. Loss of power takes at most what came after the last `commit_line`, which
alone waits for the disk: calls come from the director's loop, and all that plays waits with it. A reserve of one
megabyte is given up when the disk is full; after that, entries wait in memory until there is room. One connection, one
thread.

The contract of resuming: a line's speech is written with the hash of its audio *before* it is spoken (`commit_line`)
and marked when it was (`mark_aired`). `unspoken` gives the lines that were written but not marked.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightcast.director.errors import DamagedJournalError, JournalError, NewerJournalError
from nightcast.process.kept import damage, is_damage
from nightcast.show.fields import Text
from nightcast.talk.records import Line, Segment, Speech, Verdict, VisemeKey, WordMark

__all__ = ["Journal", "JournalLine"]

_RESERVE_BYTES = 1 << 20
_MOST_WAITING = 100_000  # entries in memory: more than a night's, some 50 MB

#: SQL, and the values for its places.
Statement = tuple[str, tuple[Any, ...]]

#: What makes of a journal of version n, its place here, one of version n + 1; the file keeps its version (SQLite's
#: `user_version`). Whatever an earlier Nightcast would misread is a new step, a new meaning of a line's field too.
#: The first step is also for journals from before there were versions: it changes nothing in those.
_STEPS = (
    """
CREATE TABLE IF NOT EXISTS facts_of_the_night (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segment (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, product TEXT, reason TEXT NOT NULL,
    writer TEXT NOT NULL, slot TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS line (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, segment TEXT NOT NULL, place INTEGER NOT NULL,
    text TEXT NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL, speech TEXT, audio_sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('planned', 'ready', 'committed', 'aired', 'cut', 'dropped')),
    at_sample INTEGER, spoken_at TEXT);
CREATE INDEX IF NOT EXISTS line_by_state ON line (state, number);
CREATE INDEX IF NOT EXISTS line_by_segment ON line (segment, place);
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_by_kind ON event (kind, number);
""",
)


@dataclass(frozen=True)
class JournalLine:
    """A line with what is known of it. `speech` is None until a voice has spoken it.

    `line` is as it was planned, with its slots for facts; `text` is what is (or was) spoken.
    """

    line: Line
    text: str
    segment_id: str
    place: int
    state: str
    speech: Speech | None
    at_sample: int | None
    spoken_at: str | None


class Journal:
    """The durable log of one night, in one file; `director.nights` says when another night begins."""

    def __init__(self, file: Path, *, reserve: bool = True) -> None:
        """Open or make the journal; one that is only read needs no `reserve`.

        One of an earlier version is brought to ours. Raises `JournalError` where the file cannot be used:
        `NewerJournalError` and `DamagedJournalError` where it is whole for others, or for nobody.
        """
        self.file = file
        self._reserve = file.with_suffix(".reserve")
        self._waiting: deque[tuple[Statement, ...]] = deque()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                file.touch(mode=0o600)  # it tells who bought what
            try:
                self._database = _opened(file)
            except sqlite3.Error as error:
                if not _has_no_room(error):
                    raise
                # Not even for the index that programs share: kept in memory, it is this program's alone.
                self._database = _opened(file, "PRAGMA locking_mode=EXCLUSIVE")
        except (OSError, sqlite3.Error) as error:
            raise _journal_error(file, error) from error
        with contextlib.suppress(OSError):  # no room for a reserve is no reason not to begin
            if reserve and not self._reserve.exists():
                self._reserve.write_bytes(b"\0" * _RESERVE_BYTES)

    def close(self) -> None:
        self._database.close()

    def check(self) -> None:
        """Read every page. Raises `DamagedJournalError`, or `JournalError` where it cannot be read."""
        try:
            told = damage(self._database)
        except sqlite3.DatabaseError as error:
            raise JournalError(self.file, str(error)) from error
        if told:
            raise DamagedJournalError(self.file, told)

    # -- the plan ------------------------------------------------------------------------------------------------

    def plan(self, segment: Segment) -> None:
        """Write a segment and its lines, in the order in which they will be spoken; of its reason, the English."""
        self._commit(
            (
                "INSERT OR IGNORE INTO segment (id, kind, product, reason, writer, slot) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    segment.id,
                    segment.kind,
                    segment.product_id,
                    segment.reason.en if segment.reason else "",
                    segment.writer,
                    segment.slot,
                ),
            ),
            *(
                (
                    "INSERT OR IGNORE INTO line (id, segment, place, text, language, body, state) "
                    "VALUES (?, ?, ?, ?, ?, ?, 'planned')",
                    (line.id, segment.id, place, line.text, line.language, _dump(asdict(line))),
                )
                for place, line in enumerate(segment.lines)
            ),
        )

    def ready(self, line_id: str, text: str, speech: Speech) -> None:
        """What will be spoken (after filling and gate), and its sound."""
        self._commit(
            (
                "UPDATE line SET text = ?, speech = ?, audio_sha256 = ?, state = 'ready' WHERE id = ?",
                (text, _dump(asdict(speech)), speech.audio_sha256, line_id),
            )
        )

    def commit_line(self, line_id: str, at_sample: int) -> None:
        """The line goes on air at this sample. Written before anything is heard."""
        self._database.execute("PRAGMA synchronous=FULL")  # the whole log up to here goes to the disk
        self._commit(("UPDATE line SET state = 'committed', at_sample = ? WHERE id = ?", (at_sample, line_id)))
        self._database.execute("PRAGMA synchronous=NORMAL")

    def mark_aired(self, line_id: str, spoken_at: str) -> None:
        self._commit(("UPDATE line SET state = 'aired', spoken_at = ? WHERE id = ?", (spoken_at, line_id)))

    def mark_cut(self, line_id: str, spoken_at: str) -> None:
        """The line was begun, and cut off by choice."""
        self._commit(("UPDATE line SET state = 'cut', spoken_at = ? WHERE id = ?", (spoken_at, line_id)))

    def drop(self, line_id: str, reason: str, at: str) -> None:
        """The line will not be spoken: the gate refused it, or it is stale."""
        self._commit(("UPDATE line SET state = 'dropped' WHERE id = ?", (line_id,)))
        self.note(at, "dropped", {"line": line_id, "reason": reason})

    # -- what happened ---------------------------------------------------------------------------------------------

    def note(self, at: str, kind: str, body: Mapping[str, Any]) -> None:
        """Write an event; its number grows by one with each."""
        self._commit(("INSERT INTO event (at, kind, body) VALUES (?, ?, ?)", (at, kind, _dump(dict(body)))))

    def note_verdict(self, at: str, line_id: str, verdict: Verdict) -> None:
        body = {"line": line_id, "passed": verdict.passed, "rules": verdict.rules, "reason": verdict.english_reason}
        self.note(at, "verdict", body)

    def remember(self, key: str, value: Any) -> None:
        """Keep a fact of the night, such as its seed."""
        self._commit(("INSERT OR REPLACE INTO facts_of_the_night (key, value) VALUES (?, ?)", (key, _dump(value))))

    def recall(self, key: str) -> Any:
        row = self._database.execute("SELECT value FROM facts_of_the_night WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    # -- reading -----------------------------------------------------------------------------------------------------

    def unspoken(self) -> list[JournalLine]:
        """Lines that were planned and not spoken to their end, in order: where a resumed night goes on."""
        return list(self._lines("state IN ('planned', 'ready', 'committed')"))

    def spoken(self, last: int | None = None) -> list[JournalLine]:
        """Lines that were heard, oldest first; only the `last` ones if given."""
        lines = list(self._lines("state IN ('aired', 'cut')"))
        return lines if last is None else lines[-last:]

    def repeatable(self, kinds: Collection[str], used: Collection[str]) -> Iterator[tuple[str, str, Path]]:
        """Lines that were heard to their end and lean on no fact, oldest first: id, text, and the file of their sound.

        Of segments of these kinds only, and without the sounds `used` (hashes). A night has thousands: take what is
        needed.
        """
        query = (
            "SELECT line.id, text, json_extract(speech, '$.path') FROM line JOIN segment ON segment.id = line.segment "
            "WHERE state = 'aired' AND kind IN (SELECT value FROM json_each(?)) "
            "AND audio_sha256 NOT IN (SELECT value FROM json_each(?)) AND json_array_length(body, '$.fact_ids') = 0 "
            "ORDER BY line.number"
        )
        for line_id, text, path in self._database.execute(query, (_dump(list(kinds)), _dump(list(used)))):
            yield line_id, text, Path(path)

    def line(self, line_id: str) -> JournalLine | None:
        return next(self._lines("id = ?", (line_id,)), None)

    def count_heard(self) -> int:
        """How many lines were heard to their end."""
        return int(self._database.execute("SELECT count(*) FROM line WHERE state = 'aired'").fetchone()[0])

    def segment(self, segment_id: str) -> Segment | None:
        """A segment with all its lines as they were planned."""
        row = self._database.execute(
            "SELECT id, kind, product, reason, writer, slot FROM segment WHERE id = ?", (segment_id,)
        ).fetchone()
        if row is None:
            return None
        lines = sorted(self._lines("segment = ?", (segment_id,)), key=lambda entry: entry.place)
        return _segment(row, tuple(entry.line for entry in lines))

    def heard_segments(self) -> list[tuple[datetime, Segment, float]]:
        """Segments that were heard, at least in part: when each began, what was heard of it, for how many seconds.

        Lines are as they were heard, with their facts filled in.
        """
        query = (
            "SELECT segment.id, kind, product, reason, writer, slot, body, text, spoken_at, "
            "json_extract(speech, '$.duration_s') FROM line JOIN segment ON segment.id = line.segment "
            "WHERE state IN ('aired', 'cut') ORDER BY line.number"
        )
        heard: dict[str, tuple[Segment, str, list[Line], list[float]]] = {}
        for *segment, body, text, spoken_at, duration_s in self._database.execute(query):
            _, _, lines, lengths_s = heard.setdefault(segment[0], (_segment(segment), spoken_at, [], []))
            lines.append(replace(_line(json.loads(body)), text=text))
            lengths_s.append(duration_s or 0.0)
        found = []
        for heard_segment, spoken_at, lines, lengths_s in heard.values():
            began = datetime.fromisoformat(spoken_at) - timedelta(seconds=sum(lengths_s) / len(lengths_s))
            found.append((began, replace(heard_segment, lines=tuple(lines)), sum(lengths_s)))
        return found

    def events(self, kind: str | None = None, after: int = 0) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
        """(number, moment, kind, body) of what happened, oldest first."""
        condition, values = ("kind = ? AND number > ?", (kind, after)) if kind else ("number > ?", (after,))
        query = f"SELECT number, at, kind, body FROM event WHERE {condition} ORDER BY number"
        for number, at, event_kind, body in self._database.execute(query, values):
            yield number, at, event_kind, json.loads(body)

    def last_noted(self) -> datetime | None:
        """When the last event was noted: with each line that is spoken there is one."""
        row = self._database.execute("SELECT at FROM event ORDER BY number DESC LIMIT 1").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def _lines(self, condition: str, values: tuple[Any, ...] = ()) -> Iterator[JournalLine]:
        query = (
            "SELECT body, text, segment, place, state, speech, at_sample, spoken_at FROM line "
            f"WHERE {condition} ORDER BY number"
        )
        for body, text, segment, place, state, speech, at_sample, spoken_at in self._database.execute(query, values):
            yield JournalLine(
                _line(json.loads(body)),
                text,
                segment,
                place,
                state,
                _speech(json.loads(speech)) if speech else None,
                at_sample,
                spoken_at,
            )

    # -- writing -----------------------------------------------------------------------------------------------------

    @property
    def behind(self) -> int:
        """Entries that wait in memory for room on the disk."""
        return len(self._waiting)

    def _commit(self, *statements: Statement) -> None:
        """Write statements that hold together, after those that wait.

        On a full disk the reserve is given up, then what cannot be written waits in memory: the night goes on, and
        only a crash before there is room again makes it repeat what was spoken meanwhile.
        """
        self._waiting.append(statements)
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except sqlite3.Error as error:
                if not _has_no_room(error) or len(self._waiting) > _MOST_WAITING:
                    self._waiting.popleft()
                    raise JournalError(self.file, str(error)) from error
                if not self._give_up_reserve():
                    return
            else:
                self._waiting.popleft()

    def _write(self, statements: Sequence[Statement]) -> None:
        if len(statements) == 1:  # committed at once
            self._database.execute(*statements[0])
            return
        with self._database:
            self._database.execute("BEGIN")
            for query, values in statements:
                self._database.execute(query, values)

    def _give_up_reserve(self) -> bool:
        try:
            self._reserve.unlink()
        except OSError:
            return False
        return True


def _opened(file: Path, *first: str) -> sqlite3.Connection:
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        for statement in (*first, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"):
            database.execute(statement)
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(_STEPS):
            raise NewerJournalError(file, version, len(_STEPS))
        for number, step in enumerate(_STEPS[version:], version + 1):
            database.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
    except (sqlite3.Error, JournalError):
        database.close()
        raise
    return database


def _journal_error(file: Path, error: OSError | sqlite3.Error) -> JournalError:
    return (DamagedJournalError if is_damage(error) else JournalError)(file, str(error))


def _has_no_room(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _segment(row: Sequence[Any], lines: tuple[Line, ...] = ()) -> Segment:
    """Of the columns id, kind, product, reason (in English), writer and slot."""
    name, kind, product, reason, writer, slot = row
    return Segment(name, kind, lines, product, Text.model_validate(reason) if reason else None, writer, slot)


def _line(body: dict[str, Any]) -> Line:
    return Line(**{**body, "fact_ids": tuple(body["fact_ids"])})


def _speech(body: dict[str, Any]) -> Speech:
    visemes = tuple(VisemeKey(**key) for key in body["visemes"])
    words = tuple(WordMark(**mark) for mark in body["words"])
    return Speech(**{**body, "visemes": visemes, "words": words})
