"""The embedded voice: the same text is the same sound, and a crash is one lost line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from nightcast.talk.errors import VoiceError
from nightcast.talk.records import Language, SpeechRequest
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.mastering import SYNTHETIC
from nightcast.talk.voice.studio import StudioVoice
from nightcast.talk.voice.take import Utterance


def utterance(text: str, language: Language = "en", voice: str | None = None) -> Utterance:
    return Utterance(Speller().spell(text, language), language, voice)


@pytest.mark.parametrize(("language", "text"), [("en", "Good evening, everyone."), ("zh", "晚上好，欢迎大家。")])
async def test_the_same_text_is_the_same_sound(espeak: Espeak, language: Language, text: str) -> None:
    first = await espeak.take(utterance(text, language))
    await espeak.take(utterance("Something in between.", "en"))
    again = await espeak.take(utterance(text, language))
    assert np.array_equal(first.samples, again.samples)
    assert first.phones == again.phones


@pytest.mark.parametrize(("language", "text"), [("en", "Maybe Bob may pay."), ("zh", "妈妈跑步买包。")])
async def test_phonemes_follow_each_other_within_the_sound(espeak: Espeak, language: Language, text: str) -> None:
    take = await espeak.take(utterance(text, language))
    length_s = len(take.samples) / take.sample_rate_hz
    assert all(before.end_s == after.start_s for before, after in zip(take.phones, take.phones[1:], strict=False))
    assert take.phones[0].start_s >= 0
    assert take.phones[-1].end_s <= length_s
    assert all(word.start_s < word.end_s <= length_s for word in take.words)


async def test_a_bilabial_is_where_the_sound_closes(espeak: Espeak) -> None:
    take = await espeak.take(utterance("A pot, a pan, a pit."))
    rate = take.sample_rate_hz
    level = np.sqrt(np.convolve(np.square(take.samples), np.ones(rate // 100) / (rate // 100), "same"))
    closures = [phone for phone in take.phones if phone.ipa == "p"]
    assert len(closures) == 3
    for phone in closures:
        during = level[int(phone.start_s * rate) : int((phone.start_s + 0.04) * rate)]
        assert during.min() < 0.15 * level.max()


async def test_a_woman_and_a_man_sound_different(espeak: Espeak) -> None:
    woman = await espeak.take(utterance("Good evening.", voice="woman"))
    man = await espeak.take(utterance("Good evening.", voice="man"))
    assert _pitch_hz(woman.samples, woman.sample_rate_hz) > 1.4 * _pitch_hz(man.samples, man.sample_rate_hz)


def _pitch_hz(samples: np.ndarray, rate: int) -> float:
    pitches = []
    for start in range(0, len(samples) - 1024, 512):
        block = samples[start : start + 1024] * np.hanning(1024)
        if np.sqrt(np.square(block).mean()) < 0.03:
            continue
        echo = np.correlate(block, block, "full")[1023:]
        pitches.append(rate / (rate // 350 + echo[rate // 350 : rate // 65].argmax()))
    return float(np.median(pitches))


async def test_an_unknown_voice_is_an_error_not_a_crash(espeak: Espeak) -> None:
    with pytest.raises(VoiceError, match="no voice"):
        await espeak.take(utterance("Hello.", voice="nobody-of-this-name"))
    assert len((await espeak.take(utterance("Hello."))).samples)


async def test_a_killed_child_costs_one_line(espeak: Espeak) -> None:
    await espeak.take(utterance("One."))
    assert espeak._process is not None
    espeak._process.kill()
    await espeak._process.wait()
    assert len((await espeak.take(utterance("Two."))).samples)


async def test_a_child_that_does_not_start_is_told(tmp_path: Path) -> None:
    engine = Espeak(command=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(VoiceError, match="espeak"):
        await engine.take(utterance("Hello."))
    await engine.close()


async def test_a_line_is_made_once_and_captions_show_what_was_written(espeak: Espeak, tmp_path: Path) -> None:
    voice = StudioVoice(espeak, AudioStore(tmp_path), Speller(), SYNTHETIC)
    first = await voice.synthesise(SpeechRequest("a", "The lantern is $49 tonight.", "en"))
    again = await voice.synthesise(SpeechRequest("b", "The lantern is $49 tonight.", "en"))
    assert [mark.text for mark in first.words] == ["The", "lantern", "is", "$49", "tonight"]
    assert (again.line_id, again.audio_sha256) == ("b", first.audio_sha256)
    assert first.loudness_lufs == pytest.approx(-16, abs=1)


async def test_every_chinese_character_has_a_time(espeak: Espeak, tmp_path: Path) -> None:
    voice = StudioVoice(espeak, AudioStore(tmp_path), Speller(), SYNTHETIC)
    speech = await voice.synthesise(SpeechRequest("a", "今晚欢迎大家，灯399元。", "zh"))
    assert "".join(mark.text for mark in speech.words) == "今晚欢迎大家灯399元"
    starts = [mark.start_s for mark in speech.words]
    assert starts == sorted(starts)
