"""Chinese: how numbers, prices, sizes, dates and times are said. Each rule is a pattern and what to say for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from nightcast.talk.spoken.numerals import chinese, chinese_count, chinese_digits

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_FREE = r"(?<![\d.A-Za-z])"
_CURRENCIES = {"¥": "元", "￥": "元", "$": "美元", "US$": "美元", "€": "欧元", "£": "英镑"}
_UNITS = {
    "mm": "毫米",
    "cm": "厘米",
    "m": "米",
    "km": "公里",
    "g": "克",
    "kg": "公斤",
    "ml": "毫升",
    "mL": "毫升",
    "l": "升",
    "L": "升",
    "W": "瓦",
    "V": "伏",
    "K": "开",
    "lm": "流明",
    "mAh": "毫安时",
    "Hz": "赫兹",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
    "℃": "摄氏度",
    "°C": "摄氏度",
    "°": "度",
    "oz": "盎司",
}
_MEASURES = "个件盏条双只把副顶对款色位块张套瓶盒包袋天晚年次种层档倍份小分支台部本米斤"
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SIGN = r"US\$|[$€£¥￥]"
_TO = r"\s?(?:-|–|—|~|～|至|到)\s?"


def number(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def money(unit: str, digits: str) -> str:
    """399 is 三百九十九元; 49.90 is 四十九块九, as people say it."""
    amount = number(digits)
    if amount == int(amount):
        return chinese_count(int(amount)) + unit
    if unit != "元":
        return chinese(amount) + unit
    cents = f"{int(amount * 100 % 100):02d}".rstrip("0")
    whole = f"{chinese_count(int(amount))}块"
    return whole + ("零" + chinese_digits(cents[1:]) + "分" if cents.startswith("0") else chinese_digits(cents))


def clock(hour: int, minute: int) -> str:
    part = "凌晨" if hour < 5 else "早上" if hour < 11 else "中午" if hour < 13 else "下午" if hour < 18 else "晚上"
    return part + hour_and_minute(hour, minute)


def hour_and_minute(hour: int, minute: int) -> str:
    told = chinese_count(hour if hour <= 12 else hour - 12)
    minutes = "" if minute == 0 else "半" if minute == 30 else ("零" if minute < 10 else "") + chinese(minute) + "分"
    return f"{told}点{minutes}"


def _rule(pattern: str, say: Callable[[re.Match[str]], str]) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    return re.compile(pattern), say


RULES = (
    _rule(
        rf"({_SIGN})\s?({_NUMBER}){_TO}(?:{_SIGN})?\s?({_NUMBER})(?:元)?",
        lambda m: f"{chinese(number(m[2]))}到{money(_CURRENCIES[m[1]], m[3])}",
    ),
    _rule(rf"({_SIGN})\s?({_NUMBER})(?:元)?", lambda m: money(_CURRENCIES[m[1]], m[2])),
    _rule(
        rf"{_FREE}({_NUMBER})\s?(元|块钱|块|美元|欧元)",
        lambda m: money(m[2], m[1]) if m[2] in ("元", "美元", "欧元") else chinese_count(number(m[1])) + m[2],
    ),
    _rule(
        rf"{_FREE}(\d{{4}})(?:-|年)(0?[1-9]|1[0-2])(?:-|月)(\d{{1,2}})[日号]?",
        lambda m: f"{chinese_digits(m[1])}年{chinese(int(m[2]))}月{chinese(int(m[3]))}日",
    ),
    _rule(rf"{_FREE}(\d{{4}})年", lambda m: f"{chinese_digits(m[1])}年"),
    _rule(
        r"(凌晨|早上|上午|中午|下午|晚上|今晚|夜里)\s?(\d{1,2})[:：]([0-5]\d)",
        lambda m: m[1] + hour_and_minute(int(m[2]), int(m[3])),
    ),
    _rule(rf"{_FREE}([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)", lambda m: clock(int(m[1]) % 24, int(m[2]))),
    _rule(
        rf"{_FREE}({_NUMBER})\s?[×xX*]\s?({_NUMBER})(?:\s?[×xX*]\s?({_NUMBER}))?(?:\s?({_UNIT})(?![A-Za-z]))?",
        lambda m: "乘".join(chinese(number(side)) for side in m.groups()[:3] if side) + _UNITS.get(m[4] or "", ""),
    ),
    _rule(
        rf"{_FREE}({_NUMBER})\s?%?{_TO}({_NUMBER})\s?%",
        lambda m: f"百分之{chinese(number(m[1]))}到百分之{chinese(number(m[2]))}",
    ),
    _rule(
        rf"{_FREE}({_NUMBER}){_TO}({_NUMBER})(?:\s?({_UNIT})(?![A-Za-z]))?(?![\d-])",
        lambda m: f"{chinese(number(m[1]))}到{chinese(number(m[2]))}{_UNITS.get(m[3] or '', '')}",
    ),
    _rule(rf"{_FREE}({_NUMBER})\s?[%％]", lambda m: f"百分之{chinese(number(m[1]))}"),
    _rule(rf"{_FREE}({_NUMBER})\s?({_UNIT})(?![A-Za-z])", lambda m: chinese_count(number(m[1])) + _UNITS[m[2]]),
    _rule(r"([A-Za-z]{1,4})-?(\d{1,6})(?![\d.])", lambda m: f"{' '.join(m[1].upper())} {chinese_digits(m[2])}"),
    _rule(rf"第({_NUMBER})", lambda m: f"第{chinese(number(m[1]))}"),
    _rule(rf"{_FREE}({_NUMBER})(?=[{_MEASURES}])", lambda m: chinese_count(number(m[1]))),
    _rule(
        _NUMBER,
        lambda m: (
            chinese_digits(m[0]) if m[0].isdigit() and (len(m[0]) > 8 or m[0][0] == "0") else chinese(number(m[0]))
        ),
    ),
    _rule(r"&", lambda m: "和"),
    _rule(r"\+", lambda m: "加"),
    _rule(r"×", lambda m: "乘"),
    _rule(r"%", lambda m: "百分之"),
)
