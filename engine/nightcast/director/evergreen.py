"""The last rung of the ladder: when no voice speaks any more, what was said before is said again, from stored sound.

Only sentences that lean on no fact: a price or a stock that was true an hour ago may not be true now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from nightcast.director.journal import Journal
from nightcast.director.night import ReadyLine
from nightcast.talk.records import Segment

__all__ = ["evergreen"]

_KINDS = ("opening", "product", "bridge", "story", "question")


def evergreen(journal: Journal, segment_id: str, used: Collection[str]) -> ReadyLine | None:
    """The oldest line that can be heard again and is not in `used` (hashes of audio); None where there is none."""
    for entry in journal.spoken():
        speech = entry.speech
        segment = journal.segment(entry.segment_id)
        if (
            entry.state != "aired"
            or speech is None
            or segment is None
            or segment.kind not in _KINDS
            or entry.line.fact_ids
            or any(character.isdigit() for character in entry.text)
            or speech.audio_sha256 in used
            or not Path(speech.path).exists()
        ):
            continue
        line = replace(entry.line, id=f"{segment_id}.1", text=entry.text, wear=None)
        again = Segment(segment_id, "bridge", (line,), reason="no voice answers; from stored sound")
        return ReadyLine(line, again, replace(speech, line_id=line.id))
    return None
