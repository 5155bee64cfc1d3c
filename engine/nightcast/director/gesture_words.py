"""The word of a line that a gesture belongs to: a wave to the greeting, an open palm to "this", two fingers to "two".

Pure; times in seconds from the line's first sample.
"""

from __future__ import annotations

from collections.abc import Sequence

from nightcast.talk.records import WordMark

__all__ = ["stroke_s"]

_SHOWING = ("this", "these", "here", "look", "see", "meet", "这", "看", "瞧", "来")

#: How the words begin that a gesture goes with; Chinese ones may stand anywhere in a word.
_WORDS: dict[str, tuple[str, ...]] = {
    "present": _SHOWING,
    "point": (*_SHOWING, "there", "那"),
    "hold_up": _SHOWING,
    "wave": ("hello", "hi", "hey", "welcome", "good", "bye", "欢迎", "大家好", "你好", "晚上好", "再见", "拜拜"),
    "thank": ("thank", "grateful", "谢", "感谢", "多谢"),
    "heart": ("love", "heart", "dear", "爱", "喜欢", "心"),
    "clap": ("congratulat", "bravo", "well", "winner", "恭喜", "祝贺", "太好"),
    "think": ("think", "wonder", "maybe", "hm", "想", "也许", "可能"),
    "laugh": ("ha", "fun", "laugh", "joke", "哈", "笑"),
    "nod": ("yes", "right", "sure", "exactly", "indeed", "是", "对", "没错"),
    "shake": ("no", "not", "never", "don't", "不", "没", "别"),
    "count_1": ("one", "first", "1", "一", "第一"),
    "count_2": ("two", "second", "2", "二", "两"),
    "count_3": ("three", "third", "3", "三"),
    "count_4": ("four", "fourth", "4", "四"),
    "count_5": ("five", "fifth", "5", "五"),
}

#: A line whose words say nothing of its gesture has it on the first weighty word after this.
_SETTLED_S = 0.5


def stroke_s(gesture: str, words: Sequence[WordMark]) -> float:
    """When the stroke of `gesture` is to fall: on its own word, else on the first weighty one, else at once."""
    marks = [(word.start_s, _bare(word.text)) for word in words]
    own = next((start_s for start_s, text in marks if _belongs(gesture, text)), None)
    if own is not None:
        return own
    return next((start_s for start_s, text in marks if start_s >= _SETTLED_S and _is_weighty(text)), 0.0)


def _belongs(gesture: str, text: str) -> bool:
    return any(text.startswith(word) if word.isascii() else word in text for word in _WORDS.get(gesture, ()))


def _is_weighty(text: str) -> bool:
    return len(text) >= (5 if text.isascii() else 2)


def _bare(text: str) -> str:
    return text.lower().strip(" \"'“”‘’.,!?;:…，。！？；：、（）()")
