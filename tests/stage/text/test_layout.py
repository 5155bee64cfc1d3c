"""Shaping and setting of lines."""

from __future__ import annotations

import pytest

from nightcast.stage.text import Span, TextStyle, Typesetter

STYLE = TextStyle(24)


def written(typesetter: Typesetter, text: str, style: TextStyle, width_px: float | None) -> list[str]:
    layout = typesetter.measure(text, style, width_px)
    return [text[line.start : line.end] for line in layout.lines]


def test_lines_stay_within_the_width(typesetter: Typesetter) -> None:
    layout = typesetter.measure("夜市的灯笼亮了，welcome to Lantern Street，今晚的好东西。", STYLE, 200)
    assert len(layout.lines) > 2
    assert all(line.width_px <= 200 for line in layout.lines)


def test_no_line_begins_with_closing_punctuation(typesetter: Typesetter) -> None:
    for width_px in range(60, 240, 7):
        for line in written(typesetter, "真的很好看，买一副吧！“喜欢”就下单。", STYLE, width_px):
            assert line[0] not in "，！。”"


def test_a_word_too_long_for_its_line_breaks_between_letters(typesetter: Typesetter) -> None:
    lines = written(typesetter, "Donaudampfschifffahrtsgesellschaft", STYLE, 120)
    assert len(lines) > 2
    assert "".join(lines) == "Donaudampfschifffahrtsgesellschaft"


def test_a_newline_always_breaks(typesetter: Typesetter) -> None:
    assert written(typesetter, "a\nb", STYLE, None) == ["a", "b"]


def test_too_many_lines_end_in_an_ellipsis_within_the_width(typesetter: Typesetter) -> None:
    layout = typesetter.measure("one two three four five six seven eight", TextStyle(24, max_lines=2), 120)
    assert layout.truncated
    assert len(layout.lines) == 2
    last = layout.lines[-1].glyphs
    assert last[-1].index is None
    assert last[-1].x_px + last[-1].advance_px <= 120 + 0.01


def test_alignment_shares_out_the_slack(typesetter: Typesetter) -> None:
    left, centre, right = (
        typesetter.measure("ab", TextStyle(24, align=align), 300).lines[0].x_px for align in ("left", "center", "right")
    )
    assert left == 0
    assert centre == pytest.approx(right / 2)


def test_kerning_draws_a_pair_together(typesetter: Typesetter) -> None:
    def width(text: str) -> float:
        return typesetter.measure(text, TextStyle(100)).lines[0].width_px

    assert width("AV") < width("A") + width("V") - 1


def test_tabular_digits_are_equally_wide(typesetter: Typesetter) -> None:
    style = TextStyle(40, tabular=True)
    assert typesetter.measure("11:11", style).width_px == typesetter.measure("08:40", style).width_px


def test_a_span_keeps_its_own_colour(typesetter: Typesetter) -> None:
    layout = typesetter.measure([Span("ab", "#ff0000"), Span("c")], STYLE)
    assert [glyph.colour for glyph in layout.lines[0].glyphs] == ["#ff0000", "#ff0000", "#ffffff"]


def test_extents_find_where_a_word_stands(typesetter: Typesetter) -> None:
    layout = typesetter.measure("one two", STYLE)
    (number, left_px, right_px) = layout.extents(4, 7)[0]
    assert number == 0
    assert left_px > typesetter.measure("one", STYLE).lines[0].width_px
    assert right_px == pytest.approx(layout.lines[0].width_px)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "​", "\x00", "\ud83d"])
def test_odd_texts_are_set_without_complaint(typesetter: Typesetter, text: str) -> None:
    typesetter.set(text, TextStyle(20, strike=True, max_lines=1, shadow_px=3), 50)
