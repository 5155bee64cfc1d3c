"""Whether an SQLite file, which a process may have left in the middle of a write or a disk may have torn, is whole."""

from __future__ import annotations

import sqlite3

__all__ = ["damage", "is_damage"]


def damage(database: sqlite3.Connection) -> str:
    """What is wrong with the file, or "" where it is whole. Reads all of it: a tenth of a second for a night's.

    Raises `sqlite3.DatabaseError` where it cannot be read for another reason.
    """
    try:
        told = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return "" if told == "ok" else told


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is torn, or no database at all."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
