"""The default neural voice: Microsoft Edge's reading service through edge-tts. Needs a network, asks for no key.

The service is unofficial and fails in its own ways: a cut connection ends without an error, a silent one never ends,
refusals come as aiohttp errors. So the ladder above gives it a timeout, and nothing leaves here that does not hold the
whole text. The service sends 24 kHz MP3 at a constant 48 kbit/s and word boundaries in ticks of 100 ns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nightcast.talk.errors import IncompleteSpeechError, VoiceError
from nightcast.talk.spoken.pieces import Spoken
from nightcast.talk.voice.clock import reference, timed
from nightcast.talk.voice.decode import decode
from nightcast.talk.voice.take import Engine, Take, TakeWord, Utterance

_TICKS_PER_S = 10_000_000
_BYTES_PER_S = 48_000 / 8
_SLACK_S = 0.25  # the service's last boundary may end a little behind its audio
_COVERAGE = 0.9
_CONNECT_TIMEOUT_S, _RECEIVE_TIMEOUT_S = 4, 6


@dataclass(frozen=True)
class Boundary:
    start_s: float
    end_s: float
    text: str


class Edge:
    """`clock` is the engine whose phonemes are bent into this voice's words."""

    name = "edge"
    revision = "1"

    def __init__(self, clock: Engine) -> None:
        self._clock = clock

    async def take(self, utterance: Utterance) -> Take:
        clocked, (audio, boundaries) = await asyncio.gather(reference(self._clock, utterance), self._listen(utterance))
        words = align(boundaries, utterance.spoken)
        if boundaries:
            _check(audio, boundaries, words, utterance.spoken)
        samples, rate_hz = decode(audio, self.name)
        return timed(self.name, samples, rate_hz, clocked, words if boundaries else None)

    async def close(self) -> None:
        """Each utterance has a connection of its own; there is nothing to let go of."""

    async def _listen(self, utterance: Utterance) -> tuple[bytes, Sequence[Boundary]]:
        import aiohttp
        from edge_tts import Communicate
        from edge_tts.exceptions import EdgeTTSException

        audio, boundaries = bytearray(), list[Boundary]()
        try:
            communicate = Communicate(
                utterance.spoken.text,
                utterance.voice or "en-US-AvaMultilingualNeural",
                rate=f"{round((utterance.rate - 1) * 100):+d}%",
                boundary="WordBoundary",
                connect_timeout=_CONNECT_TIMEOUT_S,
                receive_timeout=_RECEIVE_TIMEOUT_S,
            )
            async for chunk in communicate.stream():
                if chunk["type"] == "audio":
                    audio += chunk["data"]
                elif chunk["type"] == "WordBoundary":
                    start_s = chunk["offset"] / _TICKS_PER_S
                    boundaries.append(Boundary(start_s, start_s + chunk["duration"] / _TICKS_PER_S, chunk["text"]))
        except (EdgeTTSException, aiohttp.ClientError, OSError, ValueError, KeyError) as error:
            # ValueError and KeyError: the library's own parsing of what the service sent.
            raise VoiceError(self.name, f"failed ({type(error).__name__}: {error})") from error
        if not audio:
            raise IncompleteSpeechError(self.name, "sent no sound")
        return bytes(audio), boundaries


def align(boundaries: Sequence[Boundary], spoken: Spoken) -> tuple[TakeWord, ...]:
    """Where each boundary's word stands in the said text. Words that cannot be found are left out."""
    text = spoken.text.lower()
    words, cursor = list[TakeWord](), 0
    for boundary in boundaries:
        begin = text.find(boundary.text.lower(), cursor)
        if begin < 0:
            continue
        cursor = begin + len(boundary.text)
        words.append(TakeWord(boundary.start_s, boundary.end_s, begin, cursor))
    return tuple(words)


def _check(audio: bytes, boundaries: Sequence[Boundary], words: Sequence[TakeWord], spoken: Spoken) -> None:
    """The sound reaches the last word, and the words reach the end of the text. Raises IncompleteSpeechError."""
    sound_s, told_s = len(audio) / _BYTES_PER_S, boundaries[-1].end_s
    if sound_s < told_s - _SLACK_S:
        raise IncompleteSpeechError("edge", f"broke off: {sound_s:.1f} s of sound, words until {told_s:.1f} s")
    covered = sum(character.isalnum() for word in words for character in spoken.text[word.begin : word.end])
    letters = sum(character.isalnum() for character in spoken.text)
    if covered < _COVERAGE * letters:
        raise IncompleteSpeechError("edge", f"spoke {covered} of {letters} letters")
    rest = spoken.text[words[-1].end :] if words else spoken.text
    if sum(character.isalnum() for character in rest) > max(3, letters * (1 - _COVERAGE) / 2):
        raise IncompleteSpeechError("edge", f"left out the end: {rest.strip()!r}")
