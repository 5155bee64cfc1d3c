"""A mouth that knows the sound alone, against the phonemes that espeak-ng knows."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.talk.errors import VoiceError
from nightcast.talk.records import Language
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.voice import visemes
from nightcast.talk.voice.clock import reference, timed
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.heard import heard
from nightcast.talk.voice.mastering import SYNTHETIC, Master, Preset, master
from nightcast.talk.voice.take import Take, Utterance

LINES: tuple[tuple[Language, str], ...] = (
    ("en", "People may buy a small paper lamp, and a bigger one, for the same money."),
    ("zh", "妈妈给宝宝买了一把小白伞，朋友们都说漂亮。"),
)
OPEN = {"aa", "E", "oh"}


async def spoken(espeak: Espeak, language: Language, text: str) -> Master:
    return master(await espeak.take(Utterance(Speller().spell(text, language), language)), SYNTHETIC, Preset())


def shape_at(keys: tuple[visemes.VisemeKey, ...], times_s: np.ndarray) -> list[str]:
    starts = [key.at_s for key in keys]
    return [keys[max(int(np.searchsorted(starts, t, side="right")) - 1, 0)].viseme for t in times_s]


@pytest.mark.parametrize(("language", "text"), LINES)
async def test_the_mouth_opens_where_the_phonemes_open_it(espeak: Espeak, language: Language, text: str) -> None:
    line = await spoken(espeak, language, text)
    duration_s = len(line.samples) / 48_000
    times_s = np.arange(0.0, duration_s, 0.01)
    knows = np.array([name in OPEN for name in shape_at(visemes.timeline(line.phones, duration_s), times_s)])
    hears = np.array([name in OPEN for name in shape_at(heard(line.samples, 48_000), times_s)])
    assert np.corrcoef(knows, hears)[0, 1] > 0.4


@pytest.mark.parametrize(("language", "text"), LINES)
async def test_most_closures_are_heard(espeak: Espeak, language: Language, text: str) -> None:
    line = await spoken(espeak, language, text)
    closed = [key.at_s for key in heard(line.samples, 48_000) if key.viseme == "PP"]
    wanted = [key.at_s for key in visemes.timeline(line.phones, 60.0) if key.viseme == "PP"]
    found = sum(any(abs(at_s - other_s) < 0.09 for other_s in closed) for at_s in wanted)
    assert found / len(wanted) >= 0.6


@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.8])
def test_silence_and_noise_are_no_error_and_end_at_rest(seconds: float) -> None:
    count = round(seconds * 48_000)
    noise = np.random.default_rng(1).standard_normal(count).astype(np.float32) * 0.1
    for samples in (np.zeros(count, np.float32), noise):
        keys = heard(samples, 48_000)
        assert keys[0].at_s == 0.0
        assert keys[-1].viseme == "sil"
        assert all(0.0 <= key.weight <= 1.0 for key in keys)
    assert {key.viseme for key in heard(np.zeros(count, np.float32), 48_000)} == {"sil"}


class NoClock:
    name, revision = "none", "1"

    async def take(self, utterance: Utterance) -> Take:
        raise VoiceError(self.name, f"cannot speak {utterance.language}")

    async def close(self) -> None: ...


async def test_a_voice_without_a_clock_still_has_a_mouth(espeak: Espeak) -> None:
    utterance = Utterance(Speller().spell("The lantern is warm.", "en"), "en")
    sound = await espeak.take(utterance)
    quiet_end = np.concatenate((sound.samples, np.zeros(4000, np.float32)))
    take = timed("tested", quiet_end, sound.sample_rate_hz, await reference(NoClock(), utterance))
    assert (take.phones, take.words) == ((), ())
    assert len({key.viseme for key in heard(take.samples, take.sample_rate_hz)}) > 4
