"""What is written is said as people say it, and captions can still be timed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.talk.errors import PackError
from nightcast.talk.gate.quantities import chinese_value, english_value
from nightcast.talk.records import Language
from nightcast.talk.spoken import lexicon, numerals
from nightcast.talk.spoken.normalise import Speller

ENGLISH = {
    "It costs $49.90.": "It costs forty-nine dollars ninety.",
    "¥1,299 or £1": "one thousand two hundred ninety-nine yuan or one pound",
    "save 30%": "save thirty percent",
    "30×40 cm": "thirty by forty centimeters",
    "1 kg, 1.5 kg": "one kilogram, one point five kilograms",
    "in 3-5 days": "in three to five days",
    "until 2026-11-26": "until November twenty-sixth, twenty twenty-six",
    "at 21:30, or 9:05 am": "at nine thirty P M, or nine oh five A M",
    "at 00:00": "at midnight",
    "the 21st": "the twenty-first",
    "model NC-200": "model N C two hundred",
    "in 2026": "in twenty twenty-six",
    "made in a row": "made in a row",
    "LED & USB": "L E D and U S B",
    "nice 😀!": "nice !",
}
CHINESE = {
    "¥399": "三百九十九元",
    "49.90元": "四十九块九",
    "49.05元": "四十九块零五分",
    "省30%": "省百分之三十",
    "30×40cm": "三十乘四十厘米",
    "2个": "两个",
    "3-5天": "三到五天",
    "2026-11-26": "二零二六年十一月二十六日",
    "2026年": "二零二六年",
    "晚上21:30": "晚上九点半",
    "22:05": "晚上十点零五分",
    "型号NC-200": "型号N C 二零零",
    "10020件": "一万零二十件",
    "第2款": "第二款",
    "好看😀。": "好看。",
}


@pytest.mark.parametrize(("written", "said"), ENGLISH.items())
def test_english_is_said_as_people_say_it(written: str, said: str) -> None:
    assert Speller().spell(written, "en").text == said


@pytest.mark.parametrize(("written", "said"), CHINESE.items())
def test_chinese_is_said_as_people_say_it(written: str, said: str) -> None:
    assert Speller().spell(written, "zh").text == said


@given(st.text(max_size=60), st.sampled_from(["en", "zh"]))
def test_no_written_character_is_lost(written: str, language: Language) -> None:
    assert Speller().spell(written, language).written == written


@given(st.integers(0, 10**9))
def test_number_words_read_back_as_the_number(number: int) -> None:
    words = numerals.english(number).replace("-", " ").split()
    assert english_value(words) == number
    assert chinese_value(numerals.chinese(number)) == number


def test_fractions_are_read_digit_by_digit() -> None:
    assert numerals.english(Decimal("1.05")) == "one point zero five"
    assert numerals.chinese(Decimal("1.05")) == "一点零五"


def test_a_show_says_how_its_names_are_spoken(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text("language: en\nsay: {Huayu: hwah yoo, NC: en see}\n", "utf-8")
    speller = Speller(lexicon.load(tmp_path))
    assert speller.spell("Huayu by NC, not Huayuan", "en").text == "hwah yoo by en see, not Huayuan"


def test_a_broken_lexicon_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("language: fr\nsay: {}\n", "utf-8")
    with pytest.raises(PackError, match=r"bad\.yaml"):
        lexicon.load(tmp_path)
