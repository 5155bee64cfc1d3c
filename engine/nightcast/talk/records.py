"""What the talk track is made of, from the plan to the sound.

A planner yields `Segment`s of `Line`s; the gate lets a line be spoken; a voice turns it into `Speech`. Times are
seconds from the first sample of the line's audio; audio is mono, 48 kHz.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from nightcast.show.fields import Text

SegmentKind = Literal[
    "opening", "product", "try_on", "offer", "answer", "game", "bridge", "closing", "notice", "story", "question"
]
Language = Literal["en", "zh"]

#: The fifteen visemes of OVR LipSync (also XrFaceTrackingVisemeMETA), our one vocabulary for mouths.
VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")


@dataclass(frozen=True)
class Line:
    """One sentence to be spoken, or two that belong together.

    In a plan `text` is a template: `{lamp.price}` stands for a fact of the catalog, and `nightcast.talk.fill` puts it
    in at the last moment. What is spoken and shown has no slots left.
    """

    id: str
    text: str
    language: Language
    fact_ids: tuple[str, ...] = ()
    expression: str | None = None  #: an expression name of the avatar, e.g. "happy"
    gesture: str | None = None  #: a gesture name, e.g. "present"
    shot: str | None = None  #: a shot name of the scene, e.g. "product"
    wear: str | None = None  #: id of a product put on the host as this line begins; "" takes everything off
    mandatory: bool = False  #: exempt from the rule against repetition (AI notice, legal words)
    counts: bool = False  #: tells counts of the room (gifts, orders), which no fact of the catalog holds
    pause_after_s: float = 0.25
    phrase: str = ""  #: where it comes from in the phrase bank, so that the same turn is not used again soon


@dataclass(frozen=True)
class Segment:
    """A run of lines with one purpose. `reason` says why it stands where it does, for a person to read."""

    id: str
    kind: SegmentKind
    lines: tuple[Line, ...]
    product_id: str | None = None
    reason: Text | None = None
    writer: str = "offline"  #: who wrote it: "offline", or "provider:model"
    slot: str = ""  #: the mandatory slot of the script that this segment keeps
    due: datetime | None = None  #: when its slot should begin; once this is past, it goes before all that waits


@dataclass(frozen=True)
class VisemeKey:
    """From `at_s` on the mouth goes to `viseme`, until the next key. `weight` is in 0..1."""

    at_s: float
    viseme: str
    weight: float = 1.0


@dataclass(frozen=True)
class WordMark:
    """A word of the line as it is heard; `text` as written, for captions and gestures."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class SpeechRequest:
    """What a voice is asked for. `voice` is the engine's own voice name; None lets the engine choose by language."""

    line_id: str
    text: str
    language: Language
    engine: str = "espeak"
    voice: str | None = None
    rate: float = 1.0


@dataclass(frozen=True)
class Speech:
    """A line as sound: a WAV or FLAC file in the content-addressed store, named by the SHA-256 of its samples."""

    line_id: str
    audio_sha256: str
    path: str
    duration_s: float
    visemes: tuple[VisemeKey, ...]
    words: tuple[WordMark, ...]
    engine: str
    loudness_lufs: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The gate's answer. Where `passed` is false, `text` holds the rewritten line if a remedy was found, else None."""

    passed: bool
    text: str | None
    rules: tuple[str, ...] = ()  #: ids of the rules that objected or rewrote
    reason: Text | None = None  #: None where it passed
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def english_reason(self) -> str:
        """As logs and reports keep it; "" where it passed."""
        return self.reason.en if self.reason is not None else ""
