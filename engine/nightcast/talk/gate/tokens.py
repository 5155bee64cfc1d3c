"""Whole words: where a term stands as a word of its own. English by word boundary, Chinese by jieba."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

_HAN = re.compile("[\u4e00-\u9fff]")


def find_term(text: str, term: str) -> Iterator[tuple[int, int]]:
    """Spans of `term` in `text` (both canonical) that begin and end where words do."""
    boundaries = _boundaries(text) if _HAN.search(term) else None
    start = text.find(term)
    while start >= 0:
        end = start + len(term)
        if _is_word(text, start, end) if boundaries is None else {start, end} <= boundaries:
            yield start, end
        start = text.find(term, start + 1)


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not _latin(before) and not _latin(after)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


@lru_cache(maxsize=512)
def _boundaries(text: str) -> frozenset[int]:
    cuts, position = {0}, 0
    for token in _tokenizer().cut(text, HMM=False):
        position += len(token)
        cuts.add(position)
    return frozenset(cuts)


@cache
def _tokenizer() -> Any:
    """jieba with its own dictionary; loading takes most of a second, once."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer
