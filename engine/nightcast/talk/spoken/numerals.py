"""Numbers to words in English and Chinese, and digits read one by one. Pure functions on decimal strings."""

from __future__ import annotations

from decimal import Decimal

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_UNITS = ((10**8, "亿"), (10**4, "万"))


def english(number: Decimal | int) -> str:
    """399 to "three hundred ninety-nine", 1.5 to "one point five"."""
    value = Decimal(number)
    if value < 0:
        return f"minus {english(-value)}"
    whole = int(value)
    digits = str(value.normalize().__format__("f")).partition(".")[2]
    words = _english_whole(whole)
    return f"{words} point {' '.join(_ONES[int(digit)] for digit in digits)}" if digits else words


def english_ordinal(number: int) -> str:
    head, separator, last = _last_word(english(number))
    ordinal = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{separator}{ordinal}"


def english_year(year: int) -> str:
    """2026 to "twenty twenty-six", 2005 to "two thousand five"."""
    if year % 1000 < 10 or not 1000 <= year <= 2999:
        return english(year)
    high, low = divmod(year, 100)
    tail = "hundred" if low == 0 else f"oh {_ONES[low]}" if low < 10 else english(low)
    return f"{english(high)} {tail}"


def english_digits(digits: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in digits)


def chinese(number: Decimal | int) -> str:
    """399 to 三百九十九, 1.5 to 一点五."""
    value = Decimal(number)
    if value < 0:
        return f"负{chinese(-value)}"
    digits = str(value.normalize().__format__("f")).partition(".")[2]
    whole = _chinese_whole(int(value))
    return f"{whole}点{chinese_digits(digits)}" if digits else whole


def chinese_count(number: Decimal | int) -> str:
    """As `chinese`, before a measure word: 2 is 两."""
    return "两" if number == 2 else chinese(number)


def chinese_digits(digits: str) -> str:
    return "".join(_HAN_DIGITS[int(digit)] for digit in digits)


def _english_whole(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    scale, name = next(entry for entry in _SCALES if number >= entry[0])
    high, low = divmod(number, scale)
    return f"{_english_whole(high)} {name}" + (f" {_english_whole(low)}" if low else "")


def _last_word(words: str) -> tuple[str, str, str]:
    cut = max(words.rfind(" "), words.rfind("-"))
    return (words[:cut], words[cut], words[cut + 1 :]) if cut >= 0 else ("", "", words)


def _chinese_whole(number: int) -> str:
    for scale, unit in _HAN_UNITS:
        if number >= scale:
            high, low = divmod(number, scale)
            gap = "零" if 0 < low < scale // 10 else ""
            return _chinese_below(high, leading=True) + unit + gap + (_chinese_whole_tail(low) if low else "")
    return _chinese_below(number, leading=True)


def _chinese_whole_tail(number: int) -> str:
    return _chinese_whole(number) if number >= 10_000 else _chinese_below(number, leading=False)


def _chinese_below(number: int, *, leading: bool) -> str:
    """Numbers under ten thousand. `leading` drops the 一 of 一十 at the start."""
    if number == 0:
        return "零"
    words, pending_zero = "", False
    for scale, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            digit_word = "两" if digit == 2 and scale >= 100 else _HAN_DIGITS[digit]
            if digit == 1 and scale == 10 and not words and leading:
                digit_word = ""
            words += ("零" if pending_zero else "") + digit_word + unit
        pending_zero = bool(words) and not digit and number > 0
    return words
