"""Phonemes become mouth shapes that can be seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.talk.records import VISEMES
from nightcast.talk.voice.take import Phone
from nightcast.talk.voice.visemes import MIN_CLOSURE_S, of_phoneme, timeline


@pytest.mark.parametrize(
    ("ipa", "visemes"),
    [
        ("ˈoʊ", ["oh", "ou"]),
        ("tʃ", ["CH"]),
        ("p", ["PP"]),
        ("ph", ["PP"]),
        ("ts.h", ["CH"]),
        ("tsh", ["SS"]),
        ("ˈi.", ["ih"]),
        ("ˈonɡ", ["oh", "kk"]),
        ("ˈuai", ["ou", "aa", "ih"]),
        ("ˈɔːɹ", ["oh", "RR"]),
        ("", []),
    ],
)
def test_english_and_mandarin_phonemes_have_their_shapes(ipa: str, visemes: list[str]) -> None:
    assert [viseme for viseme, _ in of_phoneme(ipa)] == visemes


def test_an_unknown_symbol_opens_the_mouth_a_little() -> None:
    assert of_phoneme("ʘ") == (("E", 0.4),)


def test_lips_stay_closed_long_enough_to_be_seen() -> None:
    phones = [Phone(0.0, 0.2, "a"), Phone(0.2, 0.21, "m"), Phone(0.21, 0.4, "a")]
    keys = timeline(phones, 0.5)
    closed = next(index for index, key in enumerate(keys) if key.viseme == "PP")
    assert keys[closed + 1].at_s - keys[closed].at_s >= MIN_CLOSURE_S - 1e-3


@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "a", "s.", "ˈuai", "", "m", "k", "ɹ"]), st.floats(0.005, 0.4)), max_size=30
    )
)
def test_keys_rise_start_at_zero_and_end_at_rest(sounds: list[tuple[str, float]]) -> None:
    phones, at_s = [], 0.0
    for ipa, length_s in sounds:
        phones.append(Phone(at_s, at_s + length_s, ipa))
        at_s += length_s
    keys = timeline(phones, at_s + 0.2)
    times = [key.at_s for key in keys]
    assert times[0] == 0.0
    assert times == sorted(set(times))
    assert keys[-1].viseme == "sil"
    assert all(key.viseme in VISEMES and 0 <= key.weight <= 1 for key in keys)
