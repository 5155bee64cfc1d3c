"""The phoneme clock of voices that give sound without times: espeak-ng speaks the same text beside them.

Where espeak-ng cannot speak, a take goes on without phones, and its mouth is heard from the sound (`heard`).
"""

from __future__ import annotations

from nightcast.talk.errors import VoiceError
from nightcast.talk.voice.completeness import check_length
from nightcast.talk.voice.take import Engine, Samples, Take, TakeWord, Utterance
from nightcast.talk.voice.warp import speech_span, spread, warp


async def reference(clock: Engine, utterance: Utterance) -> Take | None:
    """The same text as the clock speaks it; None where it cannot."""
    try:
        return await clock.take(Utterance(utterance.spoken, utterance.language, rate=utterance.rate))
    except VoiceError:
        return None


def timed(engine: str, samples: Samples, rate_hz: int, clocked: Take | None,
          words: tuple[TakeWord, ...] | None = None) -> Take:  # fmt: skip
    """A take with phones warped into `words`; None: into the whole of the speech, which then must be complete.

    Raises IncompleteSpeechError.
    """
    if words is None:
        check_length(engine, samples, rate_hz, clocked)
        words = spread(clocked, *speech_span(samples, rate_hz)) if clocked else ()
    phones = warp(clocked, words, len(samples) / rate_hz) if clocked else ()
    return Take(samples, rate_hz, phones, words)
