"""Text as the gate reads it: what looks the same becomes the same, and what nobody sees is gone.

Comments come from strangers and lines from models; both can hold full-width letters, Cyrillic look-alikes, zero-width
joiners, traditional characters, or characters kept apart by dots and hearts. `canonical` is for matching only; what is
spoken is the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nightcast.talk.gate.traditional import SIMPLIFIED

#: Letters of other scripts that are drawn like Latin ones (a part of Unicode's confusables, UTS #39).
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвнкмтАВЕКМНОРСТУХІЈЅαοινρτυχκΑΒΕΖΗΙΚΜΝΟΡΤΥΧıȷ",
    "aeopcyxijsdhlqwbhkmtABEKMHOPCTYXIJSaoivptuxkABEZHIKMNOPTYXij",
)
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
#: What is put between characters to part a word: blanks, dots, dashes, hearts and smileys.
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])[\s.*_|/\\·•~^+=\u2190-\u2bff\U0001f000-\U0001faff-]+(?=[{_HAN}])")
_SPREAD_LATIN = re.compile(r"\b(?:[a-z][\s.*_-]){3,}[a-z]\b")


@lru_cache(maxsize=4096)  # names and facts come again with every line
def canonical(text: str) -> str:
    """Folded, lower case, look-alikes mapped, hidden characters dropped, spread-out words closed."""
    # A full-width comma parts two numbers, an ASCII one may stand within a number.
    folded = _HIDDEN.sub("", unicodedata.normalize("NFKC", text.replace("，", "， ")))
    folded = "".join(c for c in unicodedata.normalize("NFD", folded) if unicodedata.category(c) != "Mn")
    folded = unicodedata.normalize("NFC", folded).translate(_LOOK_ALIKES).translate(SIMPLIFIED).lower()
    folded = _BETWEEN_HAN.sub("", folded)
    return _SPREAD_LATIN.sub(lambda match: re.sub(r"[\s.*_-]", "", match[0]), folded)
