"""Written text to pieces that can be said. Rules are tried at each position in order; the first that fits wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nightcast.talk.records import Language
from nightcast.talk.spoken import chinese, english
from nightcast.talk.spoken.lexicon import Lexicon
from nightcast.talk.spoken.pieces import Piece, Spoken

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

#: Pictographs, flags, joiners, variation selectors: seen, not said, unless the lexicon says how.
_SILENT = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\u200d\ufe0e\ufe0f\u20e3]+")
_SPACE = re.compile(r"\s+")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_PAUSES = {
    "…": ", ",
    "—": ", ",
    "–": ", ",
    "|": ", ",
    "•": ", ",
    "~": "",
    "～": "",
    "*": "",
    "_": " ",
    "/": " ",
    "#": "",
}

_RULES: dict[Language, Sequence[Rule]] = {"en": english.RULES, "zh": chinese.RULES}


class Speller:
    """Turns text into what a voice is given. Cheap to make, safe to share."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or Lexicon()
        self._names = {language: self._lexicon.pattern(language) for language in _RULES}

    def spell(self, text: str, language: Language) -> Spoken:
        pieces: list[Piece] = []
        position = 0
        while position < len(text):
            piece = self._next(text, position, language)
            pieces.append(piece)
            position += len(piece.written)
        return Spoken(tuple(pieces))

    def _next(self, text: str, position: int, language: Language) -> Piece:
        names = self._names[language]
        if names and (match := names.match(text, position)):
            return Piece(match[0], self._lexicon.said(match[0], language))
        for pattern, say in _RULES[language]:
            if match := pattern.match(text, position):
                return Piece(match[0], say(match))
        if match := _SILENT.match(text, position):
            return Piece(match[0], "", shown=False)
        if match := _SPACE.match(text, position):
            return Piece(match[0], " ", shown=False)
        if match := _HAN.match(text, position):
            return Piece(match[0], match[0])
        if match := _WORD.match(text, position):
            return Piece(match[0], _lettered(match[0]))
        return Piece(text[position], _PAUSES.get(text[position], text[position]), shown=False)


def _lettered(word: str) -> str:
    """LED and USB are spelled letter by letter; capitals with vowels that make a word (AURORA) are read as one."""
    if 2 <= len(word) <= 4 and word.isascii() and word.isupper():
        return " ".join(word)
    return word.replace("’", "'")
