"""English: how numbers, prices, sizes, dates and times are said. Each rule is a pattern and what to say for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from nightcast.talk.spoken.numerals import english, english_digits, english_ordinal, english_year

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
#: Not in the middle of a longer number or word.
_FREE = r"(?<![\w.])"
_CURRENCIES = {
    "$": ("dollar", "cent"),
    "US$": ("dollar", "cent"),
    "USD": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "EUR": ("euro", "cent"),
    "£": ("pound", "pence"),
    "GBP": ("pound", "pence"),
    "¥": ("yuan", ""),
    "￥": ("yuan", ""),
    "CNY": ("yuan", ""),
    "RMB": ("yuan", ""),
}
_UNITS = {
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "km": "kilometer",
    "″": "inch",
    "ft": "foot",
    "g": "gram",
    "kg": "kilogram",
    "oz": "ounce",
    "lb": "pound",
    "ml": "milliliter",
    "mL": "milliliter",
    "l": "liter",
    "L": "liter",
    "W": "watt",
    "V": "volt",
    "K": "kelvin",
    "lm": "lumen",
    "mAh": "milliamp hour",
    "Hz": "hertz",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "°C": "degree Celsius",
    "°F": "degree Fahrenheit",
    "°": "degree",
}
_PLURALS = {"inch": "inches", "foot": "feet", "kelvin": "kelvin", "hertz": "hertz"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SIGN = r"US\$|[$€£¥￥]"
_CODE = r"USD|EUR|GBP|CNY|RMB"
_TO = r"\s?(?:-|–|—|~|to)\s?"


def number(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def money(currency: str, digits: str) -> str:
    major, minor = _CURRENCIES[currency]
    amount = number(digits)
    whole, cents = int(amount), int(amount * 100 % 100)
    name = major if major == "yuan" or whole == 1 else f"{major}s"
    if not cents:
        return f"{english(whole)} {name}"
    if not minor:
        return f"{english(amount)} {name}"
    if not whole:
        return f"{english(cents)} {minor if minor == 'pence' or cents == 1 else minor + 's'}"
    return f"{english(whole)} {name} {english(cents)}"


def measure(digits: str, unit: str) -> str:
    return f"{english(number(digits))} {_unit_name(unit, number(digits))}"


def _unit_name(unit: str, amount: Decimal) -> str:
    first, space, rest = _UNITS[unit].partition(" ")
    if amount == 1:
        return first + space + rest
    if first == "milliamp":
        return "milliamp hours"
    return _PLURALS.get(first, f"{first}s") + space + rest


def clock(hour: int, minute: int) -> str:
    if (hour, minute) in ((0, 0), (12, 0)):
        return "noon" if hour else "midnight"
    half = "a m" if hour < 12 else "p m"
    minutes = "" if minute == 0 else f" oh {english(minute)}" if minute < 10 else f" {english(minute)}"
    return f"{english((hour - 1) % 12 + 1)}{minutes} {half.upper()}"


def date(year: int, month: int, day: int) -> str:
    return f"{_MONTHS[month - 1]} {english_ordinal(day)}, {english_year(year)}"


def model(letters: str, digits: str) -> str:
    """X200 as "X two hundred", A1450 as "A fourteen fifty": the way people read model numbers."""
    if len(digits) == 4 and digits[1:] != "000" and digits[2] != "0":
        said = f"{english(int(digits[:2]))} {english(int(digits[2:]))}"
    elif digits.startswith("0") or len(digits) > 4:
        said = english_digits(digits)
    else:
        said = english(int(digits))
    return f"{' '.join(letters)} {said}"


def _rule(pattern: str, say: Callable[[re.Match[str]], str]) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    return re.compile(pattern), say


RULES = (
    _rule(
        rf"({_SIGN})\s?({_NUMBER}){_TO}(?:{_SIGN})?\s?({_NUMBER})",
        lambda m: f"{english(number(m[2]))} to {money(m[1], m[3])}",
    ),
    _rule(rf"({_SIGN})\s?({_NUMBER})", lambda m: money(m[1], m[2])),
    _rule(rf"{_FREE}({_NUMBER})\s?({_CODE})\b", lambda m: money(m[2], m[1])),
    _rule(rf"\b({_CODE})\s?({_NUMBER})", lambda m: money(m[1], m[2])),
    _rule(rf"{_FREE}(\d{{4}})-(0?[1-9]|1[0-2])-(\d{{1,2}})\b", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    _rule(
        rf"{_FREE}(\d{{1,2}}):([0-5]\d)\s?([ap])\.?m\b\.?",
        lambda m: clock(int(m[1]) % 12 + (12 if m[3] == "p" else 0), int(m[2])),
    ),
    _rule(rf"{_FREE}([01]?\d|2[0-4]):([0-5]\d)\b", lambda m: clock(int(m[1]) % 24, int(m[2]))),
    _rule(rf"{_FREE}24/7\b", lambda m: "twenty-four seven"),
    _rule(
        rf"{_FREE}({_NUMBER})\s?[×xX*]\s?({_NUMBER})(?:\s?[×xX*]\s?({_NUMBER}))?(?:\s?({_UNIT})(?![A-Za-z]))?",
        lambda m: (
            " by ".join(english(number(side)) for side in m.groups()[:3] if side)
            + (f" {_unit_name(m[4], Decimal(2))}" if m[4] else "")
        ),
    ),
    _rule(
        rf"{_FREE}({_NUMBER})\s?%?{_TO}({_NUMBER})\s?(?:%|percent)",
        lambda m: f"{english(number(m[1]))} to {english(number(m[2]))} percent",
    ),
    _rule(
        rf"{_FREE}({_NUMBER}){_TO}({_NUMBER})(?:\s?({_UNIT})(?![A-Za-z]))?(?![\d-])",
        lambda m: (
            f"{english(number(m[1]))} to {english(number(m[2]))}"
            + (f" {_unit_name(m[3], number(m[2]))}" if m[3] else "")
        ),
    ),
    _rule(rf"{_FREE}({_NUMBER})\s?%", lambda m: f"{english(number(m[1]))} percent"),
    _rule(rf"{_FREE}(\d+)(?:st|nd|rd|th)\b", lambda m: english_ordinal(int(m[1]))),
    _rule(rf"{_FREE}({_NUMBER})\s?({_UNIT})(?![A-Za-z])", lambda m: measure(m[1], m[2])),
    _rule(r"\b([A-Z]{1,4})-?(\d{1,6})\b(?!\.\d)", lambda m: model(m[1], m[2])),
    _rule(r"(?:#|\bNo\.)\s?(\d+)\b", lambda m: f"number {english(int(m[1]))}"),
    _rule(rf"{_FREE}(19\d\d|20\d\d)\b(?![,.]\d)", lambda m: english_year(int(m[1]))),
    _rule(
        _NUMBER, lambda m: english_digits(m[0]) if m[0].startswith("0") and m[0].isdigit() else english(number(m[0]))
    ),
    _rule(r"&", lambda m: "and"),
    _rule(r"\+", lambda m: "plus"),
    _rule(r"½", lambda m: "a half"),
    _rule(r"¼", lambda m: "a quarter"),
    _rule(r"\bvs\.?(?=\s)", lambda m: "versus"),
    _rule(r"%", lambda m: "percent"),
)
