"""Where class A events, sessions and used idempotency keys outlive the hub.

`SqliteLog` keeps them beside the night's journal, `MemoryLog` serves tests and rehearsals. Calls come from one thread.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nightcast.process.kept import damage
from nightcast.room.errors import LogError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """What the hub must know of a session after a restart."""

    session: str
    plugin_id: str
    scopes: tuple[str, ...]
    subs: tuple[dict[str, Any], ...]
    acked_off: int
    token_id: str | None = None


@dataclass(frozen=True, slots=True)
class IdemRow:
    """An idempotency key that was used, by whom, for what, until when."""

    plugin_id: str
    idem: str
    digest: str
    action_id: str
    until_ms: int


class Log(Protocol):
    """Durable memory of the hub. What `append` and `remember` took must survive a kill of the process."""

    @property
    def epoch(self) -> str:
        """Names this line of offsets; changes only when the log is lost."""

    def reserve(self, count: int) -> int:
        """The first of `count` room offsets never given before."""

    def append(self, off: int, ts_ms: int, plugin_id: str | None, wire: dict[str, Any]) -> None:
        """Keep a class A event; `plugin_id` names the only plugin it is for, if it is not for all."""

    def since(self, off: int) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Kept events after `off`, oldest first, each with the plugin it is for."""

    def addressed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Kept events that are for one plugin alone, oldest first, each with that plugin."""

    def save_session(self, row: SessionRow) -> None: ...

    def drop_session(self, session: str) -> None: ...

    def sessions(self) -> list[SessionRow]: ...

    def remember(self, row: IdemRow) -> None: ...

    def recall(self, plugin_id: str, idem: str) -> IdemRow | None: ...

    def spend(self, plugin_id: str, kind: str, amount: int) -> None:
        """Add to what a plugin has given away. Raises LogError where that cannot be kept."""

    def spent(self, plugin_id: str, kind: str) -> int: ...

    def prune(self, before_ms: int, now_ms: int) -> None:
        """Forget events older than `before_ms` and keys that are out of date."""


class MemoryLog:
    """A log for tests and rehearsals; handing it to a second hub plays a restart."""

    def __init__(self, epoch: str = "memory") -> None:
        self._epoch = epoch
        self._next = 1
        self._events: dict[int, tuple[int, str | None, dict[str, Any]]] = {}
        self._sessions: dict[str, SessionRow] = {}
        self._idem: dict[tuple[str, str], IdemRow] = {}
        self._spent: Counter[tuple[str, str]] = Counter()

    @property
    def epoch(self) -> str:
        return self._epoch

    def reserve(self, count: int) -> int:
        first, self._next = self._next, self._next + count
        return first

    def append(self, off: int, ts_ms: int, plugin_id: str | None, wire: dict[str, Any]) -> None:
        self._events[off] = (ts_ms, plugin_id, wire)

    def since(self, off: int) -> Iterator[tuple[str | None, dict[str, Any]]]:
        return ((plugin_id, wire) for at, (_, plugin_id, wire) in list(self._events.items()) if at > off)

    def addressed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((plugin_id, wire) for plugin_id, wire in self.since(0) if plugin_id is not None)

    def save_session(self, row: SessionRow) -> None:
        self._sessions[row.session] = row

    def drop_session(self, session: str) -> None:
        self._sessions.pop(session, None)

    def sessions(self) -> list[SessionRow]:
        return list(self._sessions.values())

    def remember(self, row: IdemRow) -> None:
        self._idem[row.plugin_id, row.idem] = row

    def recall(self, plugin_id: str, idem: str) -> IdemRow | None:
        return self._idem.get((plugin_id, idem))

    def spend(self, plugin_id: str, kind: str, amount: int) -> None:
        self._spent[plugin_id, kind] += amount

    def spent(self, plugin_id: str, kind: str) -> int:
        return self._spent[plugin_id, kind]

    def prune(self, before_ms: int, now_ms: int) -> None:
        self._events = {off: row for off, row in self._events.items() if row[0] >= before_ms}
        self._idem = {key: row for key, row in self._idem.items() if row.until_ms > now_ms}


_VERSION = 1  # of what is in the file: one more whenever an earlier Nightcast would misread it
_SCHEMA = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists event (off integer primary key, ts_ms integer not null, plugin text, wire text not
null); create index if not exists event_by_time on event (ts_ms); create table if not exists session (id text
primary key, row text not null) without rowid; create table if not exists idem (
    plugin text, key text, digest text not null, action text not null, until_ms integer not null,
    primary key (plugin, key)) without rowid;
create table if not exists spent (
    plugin text, kind text, amount integer not null, primary key (plugin, kind)) without rowid;
"""


class SqliteLog:
    """A log in one SQLite file (WAL). Each call commits: a killed process loses nothing.

    `synchronous=normal` may lose the last moments in a power cut, not in a crash; that is the price of not
    waiting for the disk in the hub's event loop. A file that is damaged, or a newer Nightcast's, is kept as
    `.broken` and begun anew: the room goes on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failing = False
        self._next_off = 0
        path.touch(mode=0o600)  # orders are in it, with where they go
        if unusable := _why_unusable(path):
            log.error(
                "%s %s; it is kept as %s. Plugins begin anew, and what they have given away counts from nothing.",
                path,
                unusable,
                _set_aside(path),
            )
            path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        if _version(self._db) != _VERSION:  # else nothing is written: the disk may be full
            self._db.executescript(f"{_SCHEMA} pragma user_version = {_VERSION};")
        fresh = ("epoch", secrets.token_hex(8))
        self._db.execute("insert or ignore into meta values (?, ?)", fresh)
        self._epoch = str(self._meta("epoch"))

    def close(self) -> None:
        self._db.close()

    def _meta(self, name: str) -> str | None:
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _write(self, statement: str, values: tuple[Any, ...]) -> bool:
        """Write if the disk lets us; the first failure and the recovery are logged."""
        try:
            self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            if not self._failing:
                log.error("%s cannot be written: %s. Class A events are not kept until it can.", self._path, error)
            self._failing = True
            return False
        if self._failing:
            log.warning("%s is written again", self._path)
        self._failing = False
        return True

    @property
    def epoch(self) -> str:
        return self._epoch

    def reserve(self, count: int) -> int:
        first = max(self._next_off, int(self._meta("next_off") or 1))
        self._next_off = first + count
        self._write("insert or replace into meta values ('next_off', ?)", (str(self._next_off),))
        return first

    def append(self, off: int, ts_ms: int, plugin_id: str | None, wire: dict[str, Any]) -> None:
        text = json.dumps(wire, ensure_ascii=False, separators=(",", ":"))
        self._write("insert or ignore into event values (?, ?, ?, ?)", (off, ts_ms, plugin_id, text))

    def since(self, off: int) -> Iterator[tuple[str | None, dict[str, Any]]]:
        rows = self._db.execute("select plugin, wire from event where off > ? order by off", (off,))
        return ((plugin, json.loads(wire)) for plugin, wire in rows)

    def addressed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        rows = self._db.execute("select plugin, wire from event where plugin is not null order by off")
        return ((plugin, json.loads(wire)) for plugin, wire in rows)

    def save_session(self, row: SessionRow) -> None:
        text = json.dumps({name: getattr(row, name) for name in SessionRow.__slots__})
        self._write("insert or replace into session values (?, ?)", (row.session, text))

    def drop_session(self, session: str) -> None:
        self._write("delete from session where id = ?", (session,))

    def sessions(self) -> list[SessionRow]:
        rows = [json.loads(text) for (text,) in self._db.execute("select row from session")]
        return [SessionRow(**{**r, "scopes": tuple(r["scopes"]), "subs": tuple(r["subs"])}) for r in rows]

    def remember(self, row: IdemRow) -> None:
        values = (row.plugin_id, row.idem, row.digest, row.action_id, row.until_ms)
        self._write("insert or replace into idem values (?, ?, ?, ?, ?)", values)

    def recall(self, plugin_id: str, idem: str) -> IdemRow | None:
        found = self._db.execute("select * from idem where plugin = ? and key = ?", (plugin_id, idem)).fetchone()
        return None if found is None else IdemRow(*found)

    def spend(self, plugin_id: str, kind: str, amount: int) -> None:
        upsert = "insert into spent values (?, ?, ?) on conflict do update set amount = amount + excluded.amount"
        if not self._write(upsert, (plugin_id, kind, amount)):
            raise LogError(self._path, "what was given away cannot be written down")

    def spent(self, plugin_id: str, kind: str) -> int:
        row = self._db.execute("select amount from spent where plugin = ? and kind = ?", (plugin_id, kind)).fetchone()
        return 0 if row is None else int(row[0])

    def prune(self, before_ms: int, now_ms: int) -> None:
        self._write("delete from event where ts_ms < ?", (before_ms,))
        self._write("delete from idem where until_ms <= ?", (now_ms,))


def _why_unusable(path: Path) -> str:
    """Why a log's file cannot be gone on with; "" where it can. Reads all of it."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        if told := damage(database):
            return f"is damaged ({told})"
        version = _version(database)
    return f"is a newer Nightcast's (version {version}, known is {_VERSION})" if version > _VERSION else ""


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


def _set_aside(path: Path) -> Path:
    kept = path.with_suffix(".broken")
    path.replace(kept)
    for part in ("-wal", "-shm"):  # else a fresh file would be read with them
        path.with_name(path.name + part).unlink(missing_ok=True)
    return kept
