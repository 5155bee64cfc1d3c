"""Captions in time with the voice."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.stage.overlays.captions import phrases, timed_words
from nightcast.stage.state import Caption

ENGLISH = "Tonight these sunglasses are $129, down from $199. The lenses cut glare from wet streets."
CHINESE = "这副太阳镜今晚只要129元，原价199元，喜欢的朋友可以点下方链接。"


def spoken(text: str, words: list[str], seconds: float = 6.0) -> Caption:
    step = seconds / len(words)
    marks = tuple((i * step, (i + 1) * step, word) for i, word in enumerate(words))
    return Caption(text, 0.0, seconds, marks)


def test_words_are_found_in_the_text_as_written() -> None:
    caption = spoken("Only $129, only tonight", ["only", "129", "only", "tonight"])
    assert [caption.text[a:b] for a, b, *_ in timed_words(caption)] == ["Only", "129", "only", "tonight"]


def test_marks_that_are_not_in_the_text_are_left_out() -> None:
    caption = spoken("It costs $129", ["it", "costs", "one hundred and twenty-nine", "dollars"])
    assert [caption.text[a:b] for a, b, *_ in timed_words(caption)] == ["It", "costs"]


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_phrases_hold_the_whole_line_in_order(text: str) -> None:
    found = phrases(spoken(text, text.split()), 30)
    assert "".join(text[p.start : p.end] for p in found) == text
    assert found[0].from_s == 0
    assert all(a.until_s == b.from_s for a, b in itertools.pairwise(found))


def test_a_sentence_ends_its_phrase() -> None:
    found = phrases(spoken(ENGLISH, ENGLISH.split()), 100)
    assert [ENGLISH[p.start : p.end].strip() for p in found] == [
        "Tonight these sunglasses are $129, down from $199.",
        "The lenses cut glare from wet streets.",
    ]


def test_a_phrase_begins_when_its_first_word_is_heard() -> None:
    caption = Caption(
        "one two. three four", 0.0, 4.0, ((0, 1, "one"), (1, 2, "two"), (2.5, 3, "three"), (3, 4, "four"))
    )
    assert [p.from_s for p in phrases(caption, 40)] == [0.0, 2.5]


@settings(max_examples=60)
@given(st.text(st.sampled_from("中文字，。！ab 12.5%$—…"), max_size=60), st.integers(4, 60))
def test_no_line_is_lost_and_time_only_runs_forward(text: str, most: int) -> None:
    found = phrases(Caption(text, 0.0, 5.0), most)
    shown = "".join(text[p.start : p.end] for p in found)
    assert shown.split() == text.split()
    assert all(p.until_s >= p.from_s for p in found)
