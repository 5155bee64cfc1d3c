"""The last rung of the ladder: when no voice speaks any more, what was said before is said again, from stored sound.

Only sentences that lean on no fact: a price or a stock that was true an hour ago may not be true now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nightcast.director.journal import Journal
from nightcast.director.night import ReadyLine
from nightcast.show.fields import Text
from nightcast.talk.records import Segment

__all__ = ["evergreen"]

_KINDS = ("opening", "product", "bridge", "story", "question")
_WHY = Text(en="no voice answers; from stored sound", zh="语音没有应答，重播存下的声音")


def evergreen(journal: Journal, segment_id: str, used: Collection[str]) -> ReadyLine | None:
    """The oldest line that can be heard again and is not in `used` (hashes of audio); None where there is none."""
    found = (
        line_id
        for line_id, text, sound in journal.repeatable(_KINDS, used)
        if not any(character.isdigit() for character in text) and sound.exists()
    )
    entry = journal.line(next(found, ""))
    if entry is None or entry.speech is None:
        return None
    line = replace(entry.line, id=f"{segment_id}.1", text=entry.text, wear=None)
    again = Segment(segment_id, "bridge", (line,), reason=_WHY)
    return ReadyLine(line, again, replace(entry.speech, line_id=line.id))
