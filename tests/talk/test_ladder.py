"""When a voice fails, the next one speaks; when it is well again, it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nightcast.talk.errors import NoVoiceLeftError, VoiceError
from nightcast.talk.records import SpeechRequest
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.ladder import Rung, VoiceLadder
from nightcast.talk.voice.mastering import NATURAL
from nightcast.talk.voice.studio import StudioVoice
from nightcast.talk.voice.take import Take, Utterance
from tests.clock import Clock
from tests.talk.voices import StubEngine


def ladder(folder: Path, clock: Clock, *engines: StubEngine, timeout_s: float = 5.0) -> VoiceLadder:
    store = AudioStore(folder)
    rungs = tuple(
        Rung(engine.name, StudioVoice(engine, store, Speller(), NATURAL), timeout_s, {"en": f"{engine.name}-voice"})
        for engine in engines
    )
    return VoiceLadder(rungs, clock)


def request(text: str, engine: str = "neural") -> SpeechRequest:
    return SpeechRequest(text, text, "en", engine)


async def test_the_next_voice_speaks_and_the_reason_is_kept(tmp_path: Path, clock: Clock) -> None:
    neural = StubEngine("neural", failures=[VoiceError("neural", "refused")])
    voices = ladder(tmp_path, clock, neural, StubEngine("plain"))
    speech = await voices.synthesise(request("One."))
    assert speech.engine == "plain"
    assert "refused" in voices.fallbacks.pop("One.")


async def test_a_failed_voice_rests_and_returns(tmp_path: Path, clock: Clock) -> None:
    neural = StubEngine("neural", failures=[VoiceError("neural", "refused")])
    voices = ladder(tmp_path, clock, neural, StubEngine("plain"))
    assert (await voices.synthesise(request("One."))).engine == "plain"
    assert (await voices.synthesise(request("Two."))).engine == "plain"
    assert neural.spoken == 0, "while it rests it is not even asked"
    clock.now_s = 21.0
    assert (await voices.synthesise(request("Three."))).engine == "neural"
    assert voices.health["neural"].is_well(clock.now_s)


async def test_it_rests_longer_each_time_it_fails(tmp_path: Path, clock: Clock) -> None:
    neural = StubEngine("neural", failures=[VoiceError("neural", "refused") for _ in range(2)])
    voices = ladder(tmp_path, clock, neural, StubEngine("plain"))
    await voices.synthesise(request("One."))
    clock.now_s = 21.0
    await voices.synthesise(request("Two."))
    clock.now_s = 45.0
    assert (await voices.synthesise(request("Three."))).engine == "plain"
    clock.now_s = 62.0
    assert (await voices.synthesise(request("Four."))).engine == "neural"


async def test_a_voice_that_hangs_is_given_up(tmp_path: Path, clock: Clock) -> None:
    class Hanging(StubEngine):
        async def take(self, utterance: Utterance) -> Take:
            await asyncio.Event().wait()
            raise AssertionError

    voices = ladder(tmp_path, clock, Hanging("neural"), StubEngine("plain"), timeout_s=0.2)
    assert (await voices.synthesise(request("One."))).engine == "plain"
    assert "longer than" in voices.health["neural"].last_error


async def test_when_all_fail_the_error_names_each(tmp_path: Path, clock: Clock) -> None:
    engines = [StubEngine(name, failures=[VoiceError(name, f"{name} broke")] * 2) for name in ("neural", "plain")]
    with pytest.raises(NoVoiceLeftError, match=r"neural broke.*plain broke"):
        await ladder(tmp_path, clock, *engines).synthesise(request("One."))


async def test_a_line_under_which_the_last_voice_broke_is_spoken_at_the_second_try(
    tmp_path: Path, clock: Clock
) -> None:
    plain = StubEngine("plain", failures=[VoiceError("plain", "gave no answer")])
    voices = ladder(tmp_path, clock, plain)
    assert (await voices.synthesise(request("One."))).engine == "plain"
    assert voices.fallbacks == {}, "no other voice spoke"
    assert voices.health["plain"].is_well(clock.now_s)


async def test_what_the_last_voice_can_never_speak_is_not_tried_again(tmp_path: Path, clock: Clock) -> None:
    plain = StubEngine("plain", failures=[VoiceError("plain", "has no voice 'x'", retry=False)])
    with pytest.raises(NoVoiceLeftError):
        await ladder(tmp_path, clock, plain).synthesise(request("One."))
    assert len(plain.asked) == 1


async def test_a_fallback_keeps_its_own_voice_name(tmp_path: Path, clock: Clock) -> None:
    asked: list[str | None] = []

    class Listening(StubEngine):
        async def take(self, utterance: Utterance) -> Take:
            asked.append(utterance.voice)
            return await super().take(utterance)

    neural = Listening("neural", failures=[VoiceError("neural", "refused")])
    voices = ladder(tmp_path, clock, neural, Listening("plain"))
    await voices.synthesise(SpeechRequest("a", "One.", "en", "neural", "Ava"))
    assert asked[-1] == "plain-voice"
