"""Where a line of text may be broken, for Latin and Chinese mixed.

Follows the rules of UAX #14 (https://www.unicode.org/reports/tr14/) that matter in a live stream:
no break before closing punctuation, small kana or units, none after opening brackets or currency
signs, none inside words, numbers and emoji; a break after spaces, hyphens and between ideographs.
Pure; positions are indices of code points.
"""

from __future__ import annotations

from functools import lru_cache

import regex

_CLASSES = (
    "BK", "CR", "LF", "NL", "SP", "ZW", "WJ", "GL", "CM", "ZWJ", "OP", "CL", "CP", "QU", "NS", "EX", "SY",
    "IS", "PR", "PO", "NU", "AL", "HL", "ID", "IN", "HY", "BA", "BB", "B2", "CJ", "H2", "H3", "JL", "JV",
    "JT", "RI", "EB", "EM", "SA",
)  # fmt: skip
_CLASS_PATTERNS = [(name, regex.compile(rf"\p{{Line_Break={name}}}")) for name in _CLASSES]

_NO_BREAK_BEFORE = frozenset({"CL", "CP", "EX", "SY", "IS", "NS", "CJ", "BA", "HY", "SP", "ZW", "WJ", "GL", "IN"})
_NO_BREAK_AFTER = frozenset({"OP", "GL", "WJ", "BB"})
_LETTERS = frozenset({"AL", "HL", "NU", "CM", "SA"})

# UAX #14 puts curly quotes in QU, which glues on both sides; Chinese has no spaces, so they must
# open or close.
_OPENING_QUOTES = frozenset("“‘「『《〈")
_CLOSING_QUOTES = frozenset("”’」』》〉")


@lru_cache(maxsize=4096)
def _line_break_class(char: str) -> str:
    if char in _OPENING_QUOTES:
        return "OP"
    if char in _CLOSING_QUOTES:
        return "CL"
    return next((name for name, pattern in _CLASS_PATTERNS if pattern.match(char)), "AL")


def graphemes(text: str) -> list[str]:
    """The user-perceived characters of `text` (UAX #29), so that emoji sequences stay whole."""
    return [match.group() for match in regex.finditer(r"\X", text)]


def break_opportunities(text: str) -> list[int]:
    """Indices before which `text` may be broken, ascending, without 0 and without len(text).

    Newlines are not handled here: split paragraphs first.
    """
    breaks = []
    index = 0
    previous: str | None = None  # class of the last code point that is no space
    after_space = False
    for cluster in graphemes(text):
        current = _line_break_class(cluster[0])
        if current == "SP":
            after_space = True
        elif previous is not None and _may_break(previous, current, after_space):
            breaks.append(index)
        if current != "SP":
            previous = "ID" if len(cluster) > 1 and current not in _LETTERS else current
            after_space = False
        index += len(cluster)
    return breaks


def _may_break(previous: str, current: str, after_space: bool) -> bool:
    if after_space:
        # Even after a space, punctuation may not begin a line (LB13), nor follow an opening one (LB14).
        return current not in {"CL", "CP", "EX", "IS", "SY", "WJ"} and previous != "OP"
    if current in _NO_BREAK_BEFORE or previous in _NO_BREAK_AFTER:
        return False
    if previous == "ZW":
        return True
    if previous == "QU" or current == "QU":
        return False
    if (previous, current) == ("B2", "B2") or (previous == "IN" and current in _LETTERS):
        return False
    if previous in {"PR", "PO"} and current in _LETTERS | {"OP"}:  # $5, ￥5, %5
        return False
    if previous in _LETTERS | {"CL", "CP"} and current in {"PO", "PR"}:  # 5%, 5℃
        return False
    if previous in {"HY", "IS", "SY"} and current == "NU":  # -5, 1,299, 1/2
        return False
    if previous == "IS" and current in _LETTERS:  # e.g., 7:30pm
        return False
    if previous in _LETTERS and current in _LETTERS:
        return False
    opens = previous in _LETTERS and current == "OP"
    closes = previous == "CP" and current in _LETTERS
    return not (opens or closes)
