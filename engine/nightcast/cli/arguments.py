"""What people type after a command, checked before anything starts: sizes, lengths, ports, moments, files to write."""

from __future__ import annotations

import argparse
import math
import re
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

__all__ = [
    "add_moment",
    "add_script",
    "amount",
    "angle",
    "count",
    "currency",
    "day",
    "hours",
    "hub",
    "minutes",
    "moment",
    "not_negative",
    "output_file",
    "picture_file",
    "picture_size",
    "port",
    "positive",
    "scope",
    "seconds",
    "words",
]

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_SIDES_PX = range(64, 4097)  # as a scene's

_NUMBER = r"(\d+(?:\.\d+)?)"
_LENGTH = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?", re.ASCII | re.IGNORECASE)
_HALF_TURN_DEG = 180
_MINUTE_S, _HOUR_S = 60, 3600


def add_script(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script", nargs="?", type=Path, help="a script's YAML, or a show that has one script; default: the demo show's"
    )


def add_moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at",
        type=moment,
        metavar="MOMENT",
        help="when the night is said to begin; default: the script's hour on the catalog's day",
    )


def picture_size(text: str) -> tuple[int, int]:
    """`1280x720`."""
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII | re.IGNORECASE)
    size = (int(sides[1]), int(sides[2])) if sides else (0, 0)
    if any(side not in _SIDES_PX or side % 2 for side in size):
        raise argparse.ArgumentTypeError(f"{text!r}: expected two even numbers from 64 to 4096, like 1280x720")
    return size


def port(text: str) -> int:
    """A port's number; 0 lets nobody find the page."""
    if not (text.isdecimal() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 1 to 65535")
    return int(text)


def hub(text: str) -> str:
    """The address of a hub."""
    address = urlsplit(text)
    if address.scheme not in ("ws", "wss") or not address.hostname:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an address like ws://127.0.0.1:8765/plugin/v1")
    return text


def seconds(text: str) -> float:
    """A length of time: `90`, `90s`, `10m`, `8h`, `1h30m`."""
    return _length_s(text, 1)


def minutes(text: str) -> float:
    """The same, where a bare number is minutes."""
    return _length_s(text, _MINUTE_S) / _MINUTE_S


def hours(text: str) -> float:
    """The same, where a bare number is hours."""
    return _length_s(text, _HOUR_S) / _HOUR_S


def positive(text: str) -> float:
    if not 0 < (number := _number(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number above 0")
    return number


def angle(text: str) -> float:
    """A field of view in degrees."""
    if not 0 < (number := _number(text)) < _HALF_TURN_DEG:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an angle above 0 and below {_HALF_TURN_DEG} degrees")
    return number


def not_negative(text: str) -> float:
    """A moment in seconds, or a speed that may stand still."""
    if not 0 <= (number := _number(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of 0 or more")
    return number


def count(text: str) -> int:
    """How many, one at least."""
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number above 0")
    return int(text)


def amount(text: str) -> int:
    """How many, or none."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of 0 or more")
    return int(text)


def moment(text: str) -> datetime:
    """A day and hour."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a moment like 2026-11-27T21:00") from error


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a day like 2026-11-27") from error


def currency(text: str) -> str:
    """ISO 4217, in any case."""
    from nightcast.show.money import known_currency

    try:
        return known_currency(text.upper())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from None


def scope(text: str) -> str:
    """What a plugin may do."""
    from nightcast.room.actions import SCOPES

    if text not in SCOPES:
        raise argparse.ArgumentTypeError(f"{text!r}: expected one of {', '.join(SCOPES)}")
    return text


def words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected words")
    return text


def output_file(text: str) -> Path:
    """A file to write."""
    if not text or Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a file's name; this is a folder")
    return Path(text)


def picture_file(text: str) -> Path:
    """A picture to write; its ending names the format."""
    file = output_file(text)
    if file.suffix.lower() not in _PICTURES:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a name that ends in {', '.join(_PICTURES)}")
    return file


def _length_s(text: str, bare_s: int) -> float:
    """Seconds; a number without a unit stands for so many times `bare_s`."""
    length_s = 0.0
    if re.fullmatch(_NUMBER, text, re.ASCII):
        length_s = float(text) * bare_s
    elif parts := _LENGTH.fullmatch(text):
        for part, unit_s in zip(parts.groups(), (_HOUR_S, _MINUTE_S, 1), strict=True):
            length_s += float(part or 0) * unit_s
    if not 0 < length_s < math.inf:
        unit = {1: "seconds", _MINUTE_S: "minutes", _HOUR_S: "hours"}[bare_s]
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected a length of time above 0, like 90s, 10m, 8h or 1h30m; a bare number is {unit}"
        )
    return length_s


def _number(text: str) -> float:
    """NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
