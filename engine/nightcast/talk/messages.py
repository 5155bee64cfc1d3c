"""What the director and the voice worker say to each other, as pydantic mirrors of `talk.records`.

The records are plain dataclasses, so that everybody can use them without pydantic; these models cross the socket.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nightcast.show.fields import Text
from nightcast.talk import records
from nightcast.talk.records import Language


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Speak(_Message):
    """Director to voice: make this line into sound. Answers may come in another order."""

    kind: Literal["speak"] = "speak"
    line_id: str
    text: str
    language: Language
    engine: str = "espeak"
    voice: str | None = None
    rate: float = 1.0
    urgent: bool = False  #: goes before what waits: an answer, a correction

    @classmethod
    def of(cls, request: records.SpeechRequest, *, urgent: bool = False) -> Speak:
        return cls(
            line_id=request.line_id,
            text=request.text,
            language=request.language,
            engine=request.engine,
            voice=request.voice,
            rate=request.rate,
            urgent=urgent,
        )

    def request(self) -> records.SpeechRequest:
        return records.SpeechRequest(self.line_id, self.text, self.language, self.engine, self.voice, self.rate)


class Spoken(_Message):
    """Voice to director: the line is ready. `fell_back` says why another engine than the wanted one spoke."""

    kind: Literal["spoken"] = "spoken"
    line_id: str
    audio_sha256: str
    path: str
    duration_s: float
    visemes: tuple[tuple[float, str, float], ...]
    words: tuple[tuple[float, float, str], ...]
    engine: str
    loudness_lufs: float | None = None
    fell_back: str = ""

    @classmethod
    def of(cls, speech: records.Speech, fell_back: str = "") -> Spoken:
        return cls(
            line_id=speech.line_id,
            audio_sha256=speech.audio_sha256,
            path=speech.path,
            duration_s=speech.duration_s,
            visemes=tuple((key.at_s, key.viseme, key.weight) for key in speech.visemes),
            words=tuple((mark.start_s, mark.end_s, mark.text) for mark in speech.words),
            engine=speech.engine,
            loudness_lufs=speech.loudness_lufs,
            fell_back=fell_back,
        )

    def speech(self) -> records.Speech:
        return records.Speech(
            line_id=self.line_id,
            audio_sha256=self.audio_sha256,
            path=self.path,
            duration_s=self.duration_s,
            visemes=tuple(records.VisemeKey(*key) for key in self.visemes),
            words=tuple(records.WordMark(*mark) for mark in self.words),
            engine=self.engine,
            loudness_lufs=self.loudness_lufs,
        )


class Unspoken(_Message):
    """Voice to director: no engine could speak this line."""

    kind: Literal["unspoken"] = "unspoken"
    line_id: str
    reason: Text


class EngineHealth(_Message):
    name: str
    healthy: bool
    spoken: int
    failed: int
    last_error: str = ""


class VoiceHealth(_Message):
    """Voice to director: how the engines are; sent when something changes."""

    kind: Literal["voice_health"] = "voice_health"
    engines: tuple[EngineHealth, ...]


#: What the voice worker may hear.
to_voice: TypeAdapter[Speak] = TypeAdapter(Speak)
#: What the director may hear from the voice worker.
from_voice: TypeAdapter[Spoken | Unspoken | VoiceHealth] = TypeAdapter(
    Annotated[Spoken | Unspoken | VoiceHealth, Field(discriminator="kind")]
)
