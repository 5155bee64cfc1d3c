"""A voice: an engine, its colour, the mastering and the store, behind one method."""

from __future__ import annotations

import asyncio
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.talk.records import Speech, SpeechRequest, WordMark
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.spoken.pieces import Spoken
from nightcast.talk.store import AudioStore
from nightcast.talk.voice import visemes
from nightcast.talk.voice.heard import heard
from nightcast.talk.voice.mastering import Colour, Preset, master, to_pcm16
from nightcast.talk.voice.take import Engine, TakeWord, Utterance

#: Each thread has a heap of its own, which keeps what its longest line took: with one, memory is flat at 240 to
#: 285 MiB, with asyncio's threads it grew to 430. The lines of a night come one after the other anyway.
_MASTERING = ThreadPoolExecutor(1, "mastering")


class Voice(Protocol):
    """The one interface of everything that speaks."""

    async def synthesise(self, request: SpeechRequest) -> Speech:
        """Text to stored sound with visemes and word marks. Raises VoiceError."""

    async def close(self) -> None:
        """Let go of processes and connections."""


class StudioVoice:
    """Speaks with one engine. A line that was spoken before, in the same voice, comes from the store."""

    def __init__(
        self, engine: Engine, store: AudioStore, speller: Speller, colour: Colour, preset: Preset | None = None
    ) -> None:
        self.engine = engine
        self._store = store
        self._speller = speller
        self._colour = colour
        self._preset = preset or Preset()

    async def synthesise(self, request: SpeechRequest) -> Speech:
        spoken = self._speller.spell(request.text, request.language)
        key = self._key(request, spoken)
        known = self._store.recall(key, request.line_id)
        if known:
            return known
        take = await self.engine.take(Utterance(spoken, request.language, request.voice, request.rate))
        loop = asyncio.get_running_loop()
        mastered = await loop.run_in_executor(_MASTERING, master, take, self._colour, self._preset)
        digest, path = self._store.put(to_pcm16(mastered.samples))
        duration_s = len(mastered.samples) / SAMPLE_RATE_HZ
        speech = Speech(
            line_id=request.line_id,
            audio_sha256=digest,
            path=str(path),
            duration_s=duration_s,
            visemes=visemes.timeline(mastered.phones, duration_s)
            if mastered.phones
            else heard(mastered.samples, SAMPLE_RATE_HZ),
            words=word_marks(spoken, mastered.words),
            engine=self.engine.name,
            loudness_lufs=round(mastered.lufs, 2),
        )
        self._store.remember(key, speech)
        return speech

    async def close(self) -> None:
        await self.engine.close()

    def _key(self, request: SpeechRequest, spoken: Spoken) -> str:
        identity = [
            self.engine.name,
            self.engine.revision,
            request.voice,
            request.rate,
            request.language,
            [(piece.written, piece.said) for piece in spoken.pieces],
            repr(self._colour),
            repr(self._preset),
        ]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def word_marks(spoken: Spoken, words: tuple[TakeWord, ...]) -> tuple[WordMark, ...]:
    """Words as heard to words as written: "$49" is one mark, however many words it took to say.

    Where a voice marks several written words as one (espeak-ng does so with Chinese compounds), each gets its share.
    """
    marks: dict[int, WordMark] = {}
    for index, word in enumerate(words):
        end = words[index + 1].begin if index + 1 < len(words) else len(spoken.text)
        pieces = range(spoken.piece_at(word.begin), spoken.piece_at(max(end - 1, word.begin)) + 1)
        shown = [piece for piece in pieces if spoken.pieces[piece].shown]
        share_s = (word.end_s - word.start_s) / max(len(shown), 1)
        for place, piece in enumerate(shown):
            start_s, end_s = word.start_s + place * share_s, word.start_s + (place + 1) * share_s
            if piece in marks:
                start_s = marks[piece].start_s
            marks[piece] = WordMark(round(start_s, 3), round(end_s, 3), spoken.pieces[piece].written)
    return tuple(marks[piece] for piece in sorted(marks))
