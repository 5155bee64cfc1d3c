"""A text as pieces that know both how they are written and how they are said.

Voices speak the said text; captions and gestures show the written one. The pieces carry a time from one to the other.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True)
class Piece:
    """A run of text. `shown` is false for white space and marks, which captions do not time by themselves."""

    written: str
    said: str
    shown: bool = True


@dataclass(frozen=True)
class Spoken:
    pieces: tuple[Piece, ...]

    @cached_property
    def text(self) -> str:
        """What a voice says."""
        return "".join(piece.said for piece in self.pieces)

    @cached_property
    def written(self) -> str:
        return "".join(piece.written for piece in self.pieces)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.said) for piece in self.pieces)]

    def piece_at(self, position: int) -> int:
        """Index of the piece that holds character `position` of the said text."""
        return min(bisect_right(self._starts, position) - 1, len(self.pieces) - 1)
