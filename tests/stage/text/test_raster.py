"""Texts as pixels."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.stage import text
from nightcast.stage.text import TextStyle, Typesetter, parse_colour
from nightcast.stage.text.fonts import FontBook


def test_colour_is_premultiplied_by_coverage(typesetter: Typesetter) -> None:
    pixels = typesetter.set("灯笼 Lantern", TextStyle(30, "#ff8000")).bitmap.pixels.astype(int)
    assert (pixels[..., :3] <= pixels[..., 3:] + 1).all()
    solid = pixels[pixels[..., 3] == 255]
    assert len(solid) > 20
    assert (solid[:, :3] == (255, 128, 0)).all()


def test_a_text_is_drawn_once(typesetter: Typesetter) -> None:
    style = TextStyle(20)
    assert typesetter.set("again", style) is typesetter.set("again", style)
    assert typesetter.set("again", style).bitmap.key != typesetter.set("again", TextStyle(21)).bitmap.key


def test_of_a_night_s_texts_those_that_were_drawn_last_are_kept(
    typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small their pictures are: a layout takes memory, too."""
    monkeypatch.setattr(text, "_CACHE_TEXTS", 8)
    style = TextStyle(9)
    drawn = [typesetter.set(f"comment {number}", style) for number in range(20)]
    assert len(typesetter._cache) == 8
    assert typesetter.set("comment 19", style) is drawn[19]
    assert typesetter.set("comment 0", style) is not drawn[0]


def test_bold_has_more_ink_than_regular(typesetter: Typesetter) -> None:
    def ink(weight: int) -> float:
        return float(typesetter.set("价格 Price", TextStyle(40, weight=weight)).bitmap.pixels[..., 3].sum())

    assert ink(700) > ink(400) * 1.15


def test_an_outline_surrounds_the_letters(typesetter: Typesetter) -> None:
    pixels = typesetter.set("I", TextStyle(60, "#ffffff", outline_px=4, outline_colour="#ff0000")).bitmap.pixels
    row = pixels[pixels.shape[0] // 2]
    opaque = np.flatnonzero(row[:, 3] > 200)
    assert tuple(row[opaque[1], :3]) == (255, 0, 0)
    assert tuple(row[opaque[len(opaque) // 2], :3]) == (255, 255, 255)


def test_a_strike_crosses_the_digits(typesetter: Typesetter) -> None:
    plain = typesetter.set("299", TextStyle(30)).bitmap.pixels[..., 3]
    struck = typesetter.set("299", TextStyle(30, strike=True)).bitmap.pixels[..., 3]
    full_rows = ((struck > 0).sum(axis=1) > (plain > 0).any(axis=0).sum()).sum()
    assert full_rows >= 2


def test_emoji_keep_their_colours(typesetter: Typesetter) -> None:
    text = typesetter.set("😍", TextStyle(40))
    if not text.layout.lines[0].glyphs[0].font.colour:
        pytest.skip("no colour emoji font here")
    pixels = text.bitmap.pixels
    opaque = pixels[pixels[..., 3] > 250]
    assert len(np.unique(opaque[:, :3], axis=0)) > 50


def test_a_missing_glyph_is_named_once_and_drawn_as_a_box(typesetter: Typesetter, font_warnings: list[str]) -> None:
    for _ in range(2):
        drawn = typesetter.set("\U00012000", TextStyle(24))
        typesetter.set("\U00012000!", TextStyle(25))
    assert drawn.layout.width_px > 0
    assert len(font_warnings) == 1
    assert "U+12000" in font_warnings[0]
    assert "assets/fonts" in font_warnings[0]


def test_missing_glyphs_are_told_in_one_sentence_and_again_when_they_are_twice_as_many(
    typesetter: Typesetter, font_warnings: list[str]
) -> None:
    cuneiform = [chr(0x12000 + n) for n in range(40)]
    typesetter.set("".join(cuneiform[:12]), TextStyle(24))
    assert "12 characters" in font_warnings[0]
    assert "U+12000" in font_warnings[0]
    assert "U+1200B" not in font_warnings[0], "some examples are enough"
    for char in cuneiform[12:]:
        typesetter.set(char, TextStyle(24))
    assert len(font_warnings) == 2
    assert "24 characters" in font_warnings[1]


def test_a_broken_font_of_the_show_is_left_out_with_its_name(tmp_path, font_warnings: list[str]) -> None:  # type: ignore[no-untyped-def]
    from nightcast.stage.text.fonts import font_book

    (tmp_path / "torn.ttf").write_bytes(b"not a font")
    book = font_book(tmp_path, font_warnings.append)
    assert isinstance(book, FontBook)
    assert any("torn.ttf" in warning for warning in font_warnings)


@pytest.mark.parametrize("colour", ["red", "#12", "#1234567"])
def test_a_wrong_colour_says_how_to_write_one(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        parse_colour(colour)
