"""Words move the head where a speaker would mark them."""

from __future__ import annotations

import numpy as np

from nightcast.host.prosody import SpokenBody, find_accents

EN = [
    (0.0, 0.3, "Only"),
    (0.35, 0.5, "the"),
    (0.5, 1.1, "beautiful"),
    (1.2, 1.6, "earrings"),
    (2.2, 2.6, "now!"),
]
ZH = [(0.0, 0.4, "今晚"), (0.4, 0.5, "的"), (0.6, 1.1, "耳环"), (1.6, 2.0, "只要"), (2.2, 2.8, "99元！")]


def test_stress_falls_on_words_with_meaning_and_not_on_each() -> None:
    for words in (EN, ZH):
        accents = find_accents(10.0, words, seed=1)
        times = [accent.at_s for accent in accents]
        assert 1 <= len(accents) <= 4
        assert np.diff(times).min(initial=1.0) >= 0.85
        assert any(abs(at - 12.2) < 0.2 for at in times)
        assert not any(abs(at - 10.35) < 0.05 for at in times)


def test_the_nod_is_deepest_at_the_accent_and_gone_soon_after() -> None:
    body = SpokenBody(10.0, 13.0, EN, seed=1)
    accent = body.accents[-1]
    assert body.motion(accent.at_s).nod_deg > 2
    assert body.motion(accent.at_s).nod_deg > body.motion(accent.at_s - 0.1).nod_deg
    assert body.motion(accent.at_s + 0.6).nod_deg < 0.5


def test_a_question_tilts_the_head_at_its_end() -> None:
    asked = SpokenBody(0.0, 2.0, [(0.0, 0.5, "Shall"), (0.6, 1.9, "we?")], seed=1)
    assert abs(asked.motion(1.9).tilt_deg) > 2
    assert abs(asked.motion(0.5).tilt_deg) < 0.5
    assert SpokenBody(0.0, 2.0, EN, seed=1).motion(1.9).tilt_deg == 0


def test_liveliness_rises_with_speech_and_falls_after_a_stop() -> None:
    body = SpokenBody(10.0, 13.0, EN, seed=1)
    assert body.motion(9.0).liveliness == 0
    assert body.motion(11.0).liveliness == 1
    body.stop(11.0)
    assert body.motion(12.0).liveliness == 0
    assert body.motion(12.3).nod_deg == 0
