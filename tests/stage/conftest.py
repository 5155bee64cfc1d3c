"""A typesetter for the room's tests: the machine's own fonts, any warning kept."""

from __future__ import annotations

import pytest

from nightcast.stage.text import NoFontError, Typesetter


@pytest.fixture
def font_warnings() -> list[str]:
    return []


@pytest.fixture
def typesetter(font_warnings: list[str]) -> Typesetter:
    try:
        return Typesetter.find_fonts(None, font_warnings.append)
    except NoFontError as error:
        pytest.skip(str(error))
