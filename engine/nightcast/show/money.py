"""Currencies of ISO 4217: which there are, how many decimals they have, how a sum is written."""

from __future__ import annotations

import difflib
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

__all__ = ["Currency", "Minor", "format_money", "known_currency", "minor_digits"]

#: The currencies that are money in shops today, by their number of decimals (ISO 4217, list one, 2025).
_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD "
    "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO "
    "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_DIGITS = {code: digits for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()}
#: What people write instead.
_USUAL_SLIPS = {"RMB": "CNY", "CNH": "CNY", "YEN": "JPY", "NTD": "TWD", "EURO": "EUR", "UKP": "GBP"}
_MARKS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def known_currency(code: str) -> str:
    """`code` itself. Raises `ValueError`, with the code that was meant, where ISO 4217 has no such currency."""
    if code in _DIGITS:
        return code
    near = [_USUAL_SLIPS[code]] if code in _USUAL_SLIPS else difflib.get_close_matches(code, _DIGITS, n=1)
    raise ValueError("a currency of ISO 4217, like CNY or USD" + (f"; {near[0]} may be meant" if near else ""))


def _whole(value: object) -> object:
    if isinstance(value, float) or (isinstance(value, str) and not value.isdecimal()):
        raise ValueError("a whole number of minor units (fen, cents): 19900 for 199.00")
    return value


Currency = Annotated[str, AfterValidator(known_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]

#: A sum as it is written. `199.00` is refused: read as a whole number it would be sold for 1.99.
Minor = Annotated[int, BeforeValidator(_whole)]


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit stands for: 2 for fen and cents, 0 for yen."""
    return _DIGITS.get(currency, 2)


def format_money(minor: int, currency: str) -> str:
    """A price as it is written on a card: `¥129`, `$12.50`. `minor` is in minor units."""
    digits = minor_digits(currency)
    major, rest = divmod(minor, 10**digits)
    amount = f"{major:,}" if not rest else f"{major:,}.{rest:0{digits}d}"
    mark = _MARKS.get(currency)
    return f"{mark}{amount}" if mark else f"{amount} {currency}"
