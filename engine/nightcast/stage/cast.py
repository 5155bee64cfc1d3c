"""The host on stage: its model on the device, and the performer that moves it. GL thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from nightcast.show.load import resolve
from nightcast.stage.library import Library, Stocked
from nightcast.stage.performer import Absent, Performer
from nightcast.stage.production import Production

__all__ = ["Cast"]


@dataclass(eq=False)
class Cast:
    """Whoever stands at the mark. `stocked` is None where the show has no avatar, or one that cannot be drawn."""

    performer: Performer
    stocked: Stocked | None

    @classmethod
    def load(cls, production: Production, library: Library, warn: Callable[[str], None], seed: int) -> Self:
        avatar, file = production.avatar, production.avatar_file
        stocked = library.model(resolve(file, avatar.model), keep=True) if avatar and file else None
        return cls(Absent(), stocked)
