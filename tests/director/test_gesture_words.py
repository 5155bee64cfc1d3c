"""Gestures fall on the words they belong to."""

from __future__ import annotations

import pytest

from nightcast.director.gesture_words import stroke_s
from nightcast.talk.records import WordMark


def marks(text: str) -> list[WordMark]:
    """Each word of the text lasts for half a second."""
    return [WordMark(0.5 * k, 0.5 * k + 0.5, word) for k, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("gesture", "text", "word"),
    [
        ("wave", "Good evening and welcome back", 0),
        ("present", "Now have a look at this lamp", 3),
        ("thank", "Oh my, “thank you, Mia!", 2),
        ("count_2", "It has two pockets", 2),
        ("thank", "真的 非常 感谢 大家", 2),
        ("hold_up", "各位 请看 这款 杯子", 1),
    ],
)
def test_a_gesture_falls_on_its_own_word(gesture: str, text: str, word: int) -> None:
    assert stroke_s(gesture, marks(text)) == pytest.approx(0.5 * word)


def test_without_such_a_word_it_falls_on_the_first_weighty_one() -> None:
    assert stroke_s("present", marks("Canvas is for a handsome bag")) == pytest.approx(2.0)


def test_a_line_without_words_has_it_at_once() -> None:
    assert stroke_s("wave", []) == 0
