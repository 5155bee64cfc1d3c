"""What an engine is asked for and what it hands back, before mastering.

Times are seconds from the first sample of the take; `samples` is float32 of shape (n,), mono, about -1..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nightcast.talk.records import Language
from nightcast.talk.spoken.pieces import Spoken

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Phone:
    """One phoneme in IPA as espeak-ng writes it, without stress marks; "" is a pause."""

    start_s: float
    end_s: float
    ipa: str


@dataclass(frozen=True)
class TakeWord:
    """A word heard, as a half-open range of characters of the spoken text."""

    start_s: float
    end_s: float
    begin: int
    end: int


@dataclass(frozen=True)
class Utterance:
    """A text made ready for speaking. `voice` is the engine's own name; None lets it choose by language."""

    spoken: Spoken
    language: Language
    voice: str | None = None
    rate: float = 1.0


@dataclass(frozen=True)
class Take:
    samples: Samples
    sample_rate_hz: int
    phones: tuple[Phone, ...]
    words: tuple[TakeWord, ...]


class Engine(Protocol):
    """A speech engine. `name` and `revision` identify its sound: both are part of the store's key."""

    name: str
    revision: str

    async def take(self, utterance: Utterance) -> Take:
        """Speak. Raises VoiceError; never hands back a part of the text as the whole."""

    async def close(self) -> None:
        """Let go of processes and connections."""
