"""Numbers in a text, however they are written: digits, English words, Chinese numerals, "half price", 八折.

The gate compares the quantities of a line with those of the facts it cites. What counts as a quantity is strict for
money, shares and measures, and lenient for small words that only count ("two things", 一起, 三个问题). A number that a
word of buying makes a price ("it costs nine", 只要九) is money without its sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from nightcast.talk.gate import units

Kind = Literal["money", "percent", "discount", "clock", "plain"]


@dataclass(frozen=True)
class Quantity:
    """`value` is None where no number can be made of it ("a few dollars"): such a quantity never traces to a fact.

    `unit` is the currency of money or the measure of a plain number, as `units` names them; "" where none is told.
    """

    kind: Kind
    value: Decimal | None
    written: str
    unit: str = ""


_EN_SMALL = {
    word: value
    for value, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
            "nineteen",
        )
    )
}
_EN_TENS = {
    word: value
    for value, word in zip(
        range(20, 100, 10), ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], strict=True
    )
}
_EN_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_EN_WORD = "|".join(sorted((*_EN_SMALL, *_EN_TENS, *_EN_SCALES, "dozen"), key=len, reverse=True))
_EN_NUMBER = (
    rf"(?:(?:a|half a)\s+(?=hundred|thousand|million|dozen))?(?:{_EN_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_EN_WORD}))*"
)

_ZH_DIGITS = {c: v for v, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_ZH_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_ZH_SCALES = {"十": 10, "百": 100, "千": 1000}
_ZH_NUMBER = "[零〇一二两三四五六七八九十百千万亿]"

_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_CLOCK = re.compile(r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\d:])")
_DIGIT_QUANTITY = re.compile(
    rf"(?P<sign>{units.MONEY_SIGN})?\s?(?P<number>{_DIGITS})\s?(?P<scale>[kw万千亿](?![a-z]))?"
    rf"\s?-?(?:(?P<percent>%|percent|per cent|pct|个点)|(?P<money>{units.MONEY_WORD})|(?P<measure>{units.MEASURE}))?"
)
_EN_QUANTITY = re.compile(
    rf"(?<![a-z])(?P<number>{_EN_NUMBER})(?![a-z])"
    rf"(?:\s+point\s+(?P<fraction>(?:(?:{_EN_WORD})\s*)+))?"
    rf"(?:[\s-]+(?:(?P<percent>percent|per cent|%)|(?P<money>{units.MONEY_WORD})|(?P<measure>{units.MEASURE})))?"
)
_ZH_QUANTITY = re.compile(
    rf"(?P<share>百分之)?(?P<few>[几数好]|上)?(?P<number>{_ZH_NUMBER}+)(?P<about>[几多来余]*)"
    rf"(?:点(?P<fraction>[零一二三四五六七八九]+))?"
    rf"(?:个点(?P<percent>)|(?P<money>{units.MONEY_WORD})(?P<cents>[一二三四五六七八九][零一二三四五六七八九]?)?"
    rf"|个?(?P<measure>{units.MEASURE}))?"
)
#: Chinese words that hold a numeral without counting anything.
_ZH_IDIOMS = re.compile(
    f"(?<!{_ZH_NUMBER})(?:"  # 万一 is an idiom, 一万一千 a number
    + "|".join(
        (
            "一(?:块儿|起|样|下|直|定|点儿?|些|边|般|会儿?|切|旦|向|共|旁|路|面|方面|身|大早|觉|整|同|番|阵|心)",
            "一(?:口气|眼|抹|生|辈子|年四季|日三餐|天到晚|举两得|目了然|五一十|步步|遍|模一样|应俱全|流|手|律)",
            "一(?:时间|致|来|进|到|看|开始|夜|晚上?|早|半|层|侧|头|端|圈|声|笔)",
            "万(?:一|分|物|事|能)|千万(?!元|块)|百(?:搭|货|姓|看|年好合|年)|十(?:分|足|字)(?!之)",
            "四(?:季|周|处|面|角|肢)|五(?:官|颜六色|金|彩|湖四海)|两(?:边|侧|用|端|者)|三(?:角|餐|明治|三两两)",
            "七(?:夕|上八下)|八(?:卦|字)|九宫|不三不四|乱七八糟|(?:星期|周|礼拜)[一二三四五六]",
            "第[一二三四五六七八九十]+|再一次|独一无二|统一|唯一|万家|千家万户|成千上万|亿万",
            "零(?:食|钱|件|散|碎|售|星)|半(?:天|夜|透明|身)",
        )
    )
    + ")"
)
_SMALL = 10


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a canonical text (see `canonical`), in no order that matters."""
    rest = text.translate(_ZH_FORMAL)
    found: list[Quantity] = []
    for pattern, kind in _WITHOUT_A_VALUE:
        found += [Quantity(kind, None, match[0]) for match in pattern.finditer(rest)]
        rest = pattern.sub("〜", rest)
    rest = _ZH_IDIOMS.sub("〜", rest)
    for reader, pattern in ((_clock_times, _CLOCK), (_digit_quantities, _DIGIT_QUANTITY)):
        found += reader(rest)
        rest = pattern.sub(lambda match: "〜" * len(match[0]), rest)
    return (*found, *_english_quantities(rest), *_chinese_quantities(rest))


_WITHOUT_A_VALUE: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (units.DISCOUNT, "discount"),
    (units.VAGUE_MONEY, "money"),
)


def untraced(text: Iterable[Quantity], facts: Iterable[Quantity]) -> Iterator[Quantity]:
    """Those quantities of a text that no fact holds. Money only traces to money, a share only to a share."""
    known = tuple(facts)
    yield from (quantity for quantity in text if not any(_traces(quantity, fact) for fact in known))


def _traces(told: Quantity, fact: Quantity) -> bool:
    if told.value is None or fact.value is None:
        return (told.kind, told.value, told.written) == (fact.kind, fact.value, fact.written)
    if told.value != fact.value:
        return False
    if told.kind == "plain" and not told.unit:
        return fact.kind != "clock"
    if told.kind != fact.kind:
        return False
    return told.unit == fact.unit or (told.kind == "money" and units.may_be_same(told.unit, fact.unit))


def _clock_times(text: str) -> Iterator[Quantity]:
    for match in _CLOCK.finditer(text):
        yield clock_time(int(match["hour"]), int(match["minute"]), match[0])


def clock_time(hour: int, minute: int, written: str = "") -> Quantity:
    """A time of day; the afternoon's hours are those of the morning, for "11:40" may be said of either."""
    return Quantity("clock", Decimal(hour % 12 * 60 + minute), written or f"{hour}:{minute:02d}")


def _digit_quantities(text: str) -> Iterator[Quantity]:
    for match in _DIGIT_QUANTITY.finditer(text):
        value = Decimal(match["number"].replace(",", "").rstrip("."))
        value *= {"k": 1000, "千": 1000, "w": 10**4, "万": 10**4, "亿": 10**8}.get(match["scale"] or "", 1)
        yield _quantity(match, value, percent=bool(match["percent"]), sign=match["sign"] or "")


def _english_quantities(text: str) -> Iterator[Quantity]:
    for match in _EN_QUANTITY.finditer(text):
        words = [word for word in re.split(r"[\s-]+", match["number"]) if word not in ("and", "a", "half")]
        value = english_value(words)
        if match["number"].startswith("half"):
            value /= 2
        if match["fraction"]:
            value += Decimal("0." + "".join(str(_EN_SMALL.get(word, 0)) for word in match["fraction"].split()))
        quantity = _quantity(match, value, percent=bool(match["percent"]))
        if not _only_counts(quantity, bool(match["fraction"])):
            yield quantity


def _quantity(match: re.Match[str], value: Decimal, *, percent: bool, sign: str = "") -> Quantity:
    """What a number is, by what stands with it; and by the words before it, where nothing does."""
    word, measure = match["money"], match["measure"]
    kind: Kind = "percent" if percent else "money" if sign or word else "plain"
    unit = ""
    if kind == "money":
        unit, share = units.currency(word or sign)
        value *= share
    elif kind == "plain" and measure:
        unit = units.measure(measure)
    elif kind == "plain" and units.is_a_price(match):
        kind = "money"
    return Quantity(kind, value.normalize(), match[0].strip(), unit)


def _only_counts(quantity: Quantity, has_fraction: bool) -> bool:
    """Small words without weight: two things, 三个问题, five minutes. A length or a weight is never one."""
    small = quantity.value is not None and quantity.value <= _SMALL and not has_fraction
    return small and quantity.kind == "plain" and (quantity.unit in ("", *units.PASSING) or quantity.value == 1)


def english_value(words: Iterable[str]) -> Decimal:
    total = current = 0
    for word in words:
        if word in _EN_SMALL or word in _EN_TENS:
            step = _EN_SMALL.get(word, _EN_TENS.get(word, 0))
            # "twenty nineteen", "one ninety nine": a second group that does not fit starts a new hundred.
            current = (
                current * 100 + step if current and (step >= 10 or current % 10) and current % 100 else current + step
            )
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            total, current = total + max(current, 1) * _EN_SCALES[word], 0
    return Decimal(total + current)


def _chinese_quantities(text: str) -> Iterator[Quantity]:
    for match in _ZH_QUANTITY.finditer(text):
        value = chinese_value(match["number"])
        for digits in (match["fraction"], match["cents"]):
            if digits:
                value += Decimal("0." + "".join(str(_ZH_DIGITS[c]) for c in digits))
        percent = bool(match["share"]) or match["percent"] is not None
        quantity = _quantity(match, value, percent=percent)
        if not _only_counts(quantity, bool(match["fraction"])):
            yield replace(quantity, value=None) if match["few"] or match["about"] else quantity


def chinese_value(numeral: str) -> Decimal:
    """两百 is 200, 二百五 is 250, 三千八 is 3800, 一九九 is 199, 三万五 is 35000."""
    if all(c in _ZH_DIGITS for c in numeral):
        return Decimal("".join(str(_ZH_DIGITS[c]) for c in numeral))
    total = section = digit = 0
    scale, zero = 1, False
    for character in numeral:
        if character in _ZH_DIGITS:
            digit = _ZH_DIGITS[character]
            zero = zero or character in "零〇"
        elif character in _ZH_SCALES:
            scale = _ZH_SCALES[character]
            section += (digit or 1) * scale
            digit, zero = 0, False
        else:
            scale = 10**4 if character == "万" else 10**8
            total = (total + section + digit) * scale if character == "亿" else total + max(section + digit, 1) * scale
            section, digit, zero = 0, 0, False
    if digit and scale > 10 and not zero:
        digit *= scale // 10
    return Decimal(total + section + digit)
