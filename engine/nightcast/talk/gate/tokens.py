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
    stands_alone = _is_chinese_word if _HAN.search(term) else _is_word
    start = text.find(term)
    while start >= 0:
        end = start + len(term)
        if stands_alone(text, start, end):
            yield start, end
        start = text.find(term, start + 1)


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not _latin(before) and not _latin(after)


def _is_chinese_word(text: str, start: int, end: int) -> bool:
    return {start, end} <= _boundaries(text)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


@lru_cache(maxsize=512)
def _boundaries(text: str) -> frozenset[int]:
    cuts, position = {0}, 0
    for token in tokenizer().cut(text, HMM=False):
        position += len(token)
        cuts.add(position)
    return frozenset(cuts)


@cache
def tokenizer() -> Any:
    """jieba with its own dictionary. Loading takes most of a second, once, and happens when first asked for."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    made = jieba.Tokenizer()
    made.initialize()
    return made
