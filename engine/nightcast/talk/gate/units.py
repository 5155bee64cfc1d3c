"""What stands with a number: currencies and measures by their many names, and words that make a number a price.

All patterns are for canonical text (see `canonical`).
"""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = [
    "DISCOUNT",
    "MEASURE",
    "MONEY_SIGN",
    "MONEY_WORD",
    "PASSING",
    "VAGUE_MONEY",
    "currency",
    "is_a_price",
    "may_be_same",
    "measure",
]

#: Currency (ISO 4217) and what share of its major unit a word stands for, by pattern. The first that fits counts.
#: "$" alone is a dollar of any country, "¥" yuan or yen.
_CURRENCIES: tuple[tuple[str, str, Decimal], ...] = (
    ("USD", r"us\$|usd|美元|美金|刀(?![具刃片])", Decimal(1)),
    ("HKD", r"hk\$|hkd|港元|港币", Decimal(1)),
    ("$", r"\$|dollars?|bucks?|grand", Decimal(1)),
    ("EUR", r"€|euros?|eur|欧元", Decimal(1)),
    ("GBP", r"£|pounds?(?!\s+of)|quid|gbp|英镑", Decimal(1)),
    ("JPY", r"jpy|yen|日元|日圆", Decimal(1)),
    ("KRW", r"₩|krw|won|韩元", Decimal(1)),
    ("INR", r"₹|inr|rupees?|卢比", Decimal(1)),
    ("RUB", r"₽|rub|rou?bles?|卢布", Decimal(1)),
    ("THB", r"฿|thb|baht|泰铢", Decimal(1)),
    ("¥", r"¥", Decimal(1)),
    ("CNY", r"cny|rmb|yuan|kuai|人民币|块钱?|元", Decimal(1)),
    ("CNY", r"[毛角]钱|毛(?![衣巾发孔线绒呢料笔毛])|jiao", Decimal("0.1")),
    ("CNY", r"分钱|fen", Decimal("0.01")),
    ("GBP", r"pence|pennies|p", Decimal("0.01")),
    ("cent", r"cents?|¢|美分", Decimal("0.01")),
)
_SIGNS = ("us$", "hk$", "$", "€", "£", "¥", "₩", "₹", "₽", "฿", "usd", "eur", "gbp", "cny", "rmb", "jpy", "hkd", "krw")
MONEY_SIGN = rf"(?:{'|'.join(map(re.escape, _SIGNS))})"
MONEY_WORD = rf"(?:{'|'.join(pattern for _, pattern, _ in _CURRENCIES)})(?![a-z])"
_CURRENCY_OF = tuple((re.compile(pattern), code, share) for code, pattern, share in _CURRENCIES)
#: Signs that more than one currency has.
_SHARED = {"¥": ("CNY", "JPY"), "$": ("USD", "HKD"), "cent": ("USD", "HKD", "$", "EUR")}

_MEASURES: tuple[tuple[str, str], ...] = (
    ("mm", r"mm|millimet(?:er|re)s?|毫米"),
    ("cm", r"cm|centimet(?:er|re)s?|厘米|公分"),
    ("km", r"km|kilomet(?:er|re)s?|公里|千米"),
    ("m2", r"m2|square met(?:er|re)s?|平方米|平米"),
    ("in", r"inch(?:es)?|英寸"),
    ("ft", r"f(?:oo|ee)t|英尺"),
    ("m", r"m(?:et(?:er|re)s?)?|米(?![色白饭粒])"),
    ("mg", r"mg|milligram(?:me)?s?|毫克"),
    ("kg", r"kg|kilo(?:gram(?:me)?)?s?|公斤|千克"),
    ("jin", r"斤|jin"),
    ("g", r"g(?:ram(?:me)?s?)?|克(?!拉)"),
    ("t", r"tons?|tonnes?|吨"),
    ("oz", r"oz|ounces?|盎司"),
    ("ct", r"ct|carats?|克拉"),
    ("ml", r"ml|millilit(?:er|re)s?|毫升"),
    ("l", r"l(?:it(?:er|re)s?)?|升(?![级值])"),
    ("w", r"watts?|瓦"),
    ("mah", r"mah|毫安时?"),
    ("h", r"h(?:ours?)?|小时|钟头"),
    ("min", r"min(?:ute)?s?|分钟"),
    ("s", r"s(?:ec(?:ond)?s?)?|秒钟?"),
    ("d", r"d(?:ays?)?|天"),
    ("wk", r"weeks?|周(?![边围身])|星期"),
    ("mo", r"months?|个月"),
    ("y", r"years?(?! (?:ago|old|younger|older))|年(?![轻代级糕份纪前])"),
    ("x", r"times|fold|倍"),
)
#: Measures of time that passes while one talks.
PASSING = ("s", "min", "h", "d", "wk", "mo")
MEASURE = rf"(?:{'|'.join(pattern for _, pattern in _MEASURES)})(?![a-z])"
_MEASURE_OF = tuple((re.compile(pattern), name) for name, pattern in _MEASURES)

_EN_COUNT = r"(?:one|two|three|four|five|six|ten|\d{1,2})"
_ZH_COUNT = r"[\d一二两三四五六七八九十]"
_LESS = r"(?:off|less|cheaper|discount|reduction|savings?|优惠|折扣)"
_PERCENT = r"(?:%|percent|per cent|pct)"
#: Ways to say that something costs less, or nothing, without a number that could be compared.
DISCOUNT = re.compile(
    "|".join(
        (
            rf"[\w.-]+\s?{_PERCENT}的?\s?{_LESS}|(?:saves?|down(?: by)?|reduced by|less|minus)\s[\w.]+\s?{_PERCENT}",
            r"(?:便宜|优惠|立?减|直降|降了?|省了?)(?:[\d.]+\s?%|百分之[一二三四五六七八九十]+)",
            r"百分之[一二三四五六七八九十]+的?(?:优惠|折扣)",
            r"半价|对折|(?:打)?[\d.一二三四五六七八九]{1,3}\s?折(?![叠痕射扇衣])|骨折价|白菜价|清仓价|腰斩",
            r"[一二三四五六七八九两]成(?:的?(?:优惠|折扣|价)|(?=[，。！？,.!?\s]|$))",
            r"(?:便宜|优惠|减|降|省)了?[一二三四五六七八九两]成",
            r"(?:便宜|优惠|减|降|省|砍)(?:了|掉)?(?:一半|对半|三分之一|四分之一)|(?:对半|一半)[砍价]|一半的?价",
            rf"[买拍]{_ZH_COUNT}[送赠得发]{_ZH_COUNT}|第[二三][件份个双副条支].{{0,3}}(?:半价|免费|不要钱)|立减|免单",
            r"[零0]元购|不要钱|白[送给拿捡]|免费[送领拿]|分文不[取收]",
            r"half[\s-]?(?:the\s(?:usual\s|normal\s)?)?(?:price|off)",
            r"(?:half|twice|double|triple)\s(?:the\s)?(?:price|discount)",
            r"half the (?:usual|normal|regular) price|pay (?:only |just )?half|twice as cheap",
            r"buy\s\w+,?\s(?:and\s)?get\s\w+|\bbogo\b",
            rf"{_EN_COUNT}[\s-]for[\s-]{_EN_COUNT}(?![\s-]?(?:people|years?|of\b))",
            rf"(?:take|get|grab) {_EN_COUNT},?\s(?:and\s)?pay\s(?:for\s)?{_EN_COUNT}|price of one",
            r"(?:second|third|next|other)(?: one| pair| piece| item)?(?: is| comes)?"
            r" (?:at half|half[ -](?:price|off)|free)\b",
            r"for free|free of charge|\bfreebie|for nothing|on the house|(?:no|without) charge\b|\bgratis\b",
            r"(?:it is|it's|they are|they're|that's|yours|absolutely|completely|totally)"
            r" free\b(?! (?:of|from|to)\b|[- ]standing)",
            r"(?:a|one) (?:third|quarter|fifth|tenth|half) (?:off|cheaper|less)|two[\s-]thirds off",
            r"(?:third|quarter|fifth|tenth|half) of the (?:usual |normal )?price",
            r"(?:[$€£¥]\s?)?\b(?:\d[\d.,]*|ten|twelve|a hundred|(?:fif|six|seven|eigh|nine)teen|"
            r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
            r"(?:\s(?:yuan|rmb|dollars|bucks|euros|pounds))?\s+off\b(?!-)",
        )
    )
)
#: Money without an amount that could be compared.
VAGUE_MONEY = re.compile(
    "|".join(
        (
            r"(?:a few|several|a couple of|some|couple|under a|less than a|only a|just a|tens of|hundreds of)\s+"
            r"(?:dollars?|bucks|euros?|pounds|quid|yuan|hundred)",
            r"(?:a|one|two|three|four|five|six|seven|eight|nine|ten|\d+) grand\b|a (?:buck|dollar|quid|penny)\b",
            r"\b(?:tenner|fiver|\w+ bob)\b|\b[ivxlcdm]{1,12}\s(?:yuan|rmb|dollars|euros|pounds)\b",
            r"[几数](?:十|百|千)?(?:元|块钱|块)|[廿卅](?:元|块)",
            rf"[一二三四五六七八九\d两]\s?(?:字头|开头的?价)|(?:个位数|{_ZH_COUNT}位数)的?价",
            # A price is that of one: for several, or by weight, it is another.
            r"(?:元|块钱?)\s?(?:[2-9]|[二两三四五六七八九十])\s?[件个双副条支瓶顶对盒]",
            r"(?:[2-9]|[二两三四五六七八九十])[件个双副条支瓶顶对盒]\s?¥?\d+",
            r"(?:元|块钱?|¥\s?[\d.]+)\s?(?:/|一|每)\s?(?:斤|公斤|千克|两|克|kg|g\b)",
            r"(?:一|每)(?:斤|公斤|千克|两|克)\s?¥?[\d一二三四五六七八九]",
            r"[\d.]+\s?(?:yuan |dollars |euros )?(?:/\s?|per |an? )"
            r"(?:kg|kilo|gram|g|pound|ounce|litre|liter|month|day|week)\b",
            r"(?:[¥$€£]\s?[\d.]+|yuan|dollars|euros|pounds)"
            r" for (?:two|three|four|five|[2-9]|both|all|the (?:two|pair of|set))\b",
            r"\b(?:two|three|four|five|[2-9]) \w+ for (?:[¥$€£]|[\d.]+ (?:yuan|dollars|euros|pounds))",
        )
    )
)
#: What makes a number after it a price.
_PRICE_BEFORE = re.compile(
    r"(?:(?:\b(?:costs?|charged?|charging|pay|paid|save[sd]?|saving|asking|worth|yours for|for (?:only|just)|"
    r"(?:get|take|have|grab) (?:it|them|one) for|down to|drops? to|goes for)|\bsells? (?:for|at)|"
    r"\bprice(?:d| (?:is|of|was|now|drops|dropped))?(?: at| to| down to)?)"
    r"(?: (?:you|me|us|only|just|now|about|around|exactly|tonight|today|under|over|less than|more than))*[\s:]*|"
    r"(?:只要|只需|仅需|售价|卖|价格?|到手|花|省下?|立?减|优惠|便宜)(?:了|是|为|要|您|你|：|:)*\s?)$"
)
#: After a small number: nothing that it could count.
_NOTHING_COUNTED = re.compile(
    r"\s*(?:$|[，。！？、,.!?;；~〜]|(?:each|now|tonight|today|only|for|flat)\b|[起就了吧啊包带哦哈呢])"
)
_ONLY = re.compile(r"\b(?:only|just)\s$")


def currency(written: str) -> tuple[str, Decimal]:
    """The currency of a sign or word, and its share of the major unit: ("CNY", 0.1) for 毛."""
    return next((code, share) for pattern, code, share in _CURRENCY_OF if pattern.fullmatch(written))


def may_be_same(one: str, other: str) -> bool:
    """Whether two currencies may be the same; "" is a price whose currency nobody told."""
    if not one or not other or one == other:
        return True
    return bool({one, *_SHARED.get(one, ())} & {other, *_SHARED.get(other, ())})


def measure(written: str) -> str:
    return next(name for pattern, name in _MEASURE_OF if pattern.fullmatch(written))


def is_a_price(match: re.Match[str]) -> bool:
    """Whether a bare number is a price: by what stands before it, and by nothing after it that it could count."""
    before, after = match.string[max(0, match.start() - 40) : match.start()], match.string[match.end() :]
    is_only = _ONLY.search(before) is not None and match["number"] not in ("one", "1")
    return (is_only or _PRICE_BEFORE.search(before) is not None) and _NOTHING_COUNTED.match(after) is not None
