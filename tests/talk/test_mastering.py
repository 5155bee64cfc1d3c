"""Every line leaves at the same loudness, under the true-peak ceiling, without silence at its ends."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from nightcast.talk.voice import loudness
from nightcast.talk.voice.mastering import NATURAL, SYNTHETIC, Colour, Preset, master, to_pcm16
from nightcast.talk.voice.take import Phone, Samples, Take, TakeWord

RATE = 48_000


def babble(seconds: float, level: float, seed: int = 1, rate: int = RATE) -> Samples:
    """Noise in syllables, loud and soft, like speech."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * rate)) / rate
    envelope = np.clip(np.sin(2 * np.pi * 3.1 * time_s), 0.05, 1) * (1 + 0.5 * np.sin(2 * np.pi * 0.7 * time_s))
    voice = np.sign(np.sin(2 * np.pi * 150 * time_s)) * 0.5 + rng.standard_normal(len(time_s)) * 0.3
    return (voice * envelope * level).astype(np.float32)


@pytest.mark.parametrize(("seconds", "level"), [(0.5, 0.02), (1.2, 0.5), (6.0, 0.1)])
def test_our_meter_agrees_with_an_independent_one(seconds: float, level: float) -> None:
    sound = babble(seconds, level)
    theirs = pyloudnorm.Meter(RATE).integrated_loudness(sound.astype(np.float64))
    assert loudness.integrated_lufs(sound) == pytest.approx(theirs, abs=0.3)


@pytest.mark.parametrize("colour", [SYNTHETIC, NATURAL])
@pytest.mark.parametrize("level", [0.005, 0.1, 0.9])
def test_a_line_is_at_its_loudness_and_under_its_ceiling(colour: Colour, level: float) -> None:
    take = Take(babble(3.0, level, rate=22_050), 22_050, (), ())
    mastered = master(take, colour, Preset(lufs=-16, true_peak_db=-1))
    written = to_pcm16(mastered.samples) / 32768.0
    assert pyloudnorm.Meter(RATE).integrated_loudness(written) == pytest.approx(-16, abs=1.0)
    assert 20 * np.log10(loudness.true_peak(written.astype(np.float32))) <= -1.0


def test_a_limited_peak_does_not_pass_the_ceiling_between_samples() -> None:
    time_s = np.arange(RATE) / RATE
    sound = (1.4 * np.sin(2 * np.pi * 11_999.0 * time_s + 0.8)).astype(np.float32)
    assert loudness.true_peak(loudness.limit(sound, 0.8)) <= 0.8 * 1.02


def test_silence_is_trimmed_and_times_move_along() -> None:
    silence = np.zeros(RATE, np.float32)
    take = Take(
        np.concatenate([silence, babble(1.0, 0.3), silence]),
        RATE,
        (Phone(1.0, 2.0, "a"),),
        (TakeWord(1.0, 2.0, 0, 3),),
    )
    mastered = master(take, NATURAL, Preset())
    assert len(mastered.samples) / RATE < 1.3
    assert mastered.phones[0].start_s == pytest.approx(0.03, abs=0.02)
    assert mastered.words[0].end_s == pytest.approx(1.03, abs=0.03)


def test_silence_stays_silence() -> None:
    mastered = master(Take(np.zeros(RATE, np.float32), RATE, (), ()), NATURAL, Preset())
    assert not mastered.samples.any()
    assert mastered.lufs == float("-inf")
