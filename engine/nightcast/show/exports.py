"""Rows of what shops export, whatever the file: encodings, lines before the header, variants within products.

What a column means is not decided here, except where one shop's file needs to be known to be read at all.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nightcast.show.errors import Problem, ShowError

__all__ = ["Row", "folded", "read_export"]

_MAX_BYTES = 50_000_000
_LINES_BEFORE_HEADER = 4  #: Taobao's assistant writes a version and its internal names above the header
_HEADER_WORDS = frozenset(
    (
        *("title", "name", "nameen", "namezh", "handle", "sku", "price", "variantprice", "regularprice", "stock"),
        *("宝贝名称", "名称", "商品名称", "商品标题", "标题", "价格", "宝贝价格", "售价", "现价"),
    )
)
_WOO_TYPES = frozenset(("simple", "variable", "variation", "grouped", "external", "simple, virtual"))
_NESTED = ("variants", "skus", "variations")
_OPTION = re.compile(r"(?:option|attribute)(\d)(name|values?|)$")


@dataclass
class Row:
    """A product or a variant. `cells` are by column as written, empty ones left out; `options` are (Color, Jade).

    `group` is the same for all rows of a product; "" where the file does not say.
    """

    cells: dict[str, str]
    options: list[tuple[str, str]] = field(default_factory=list)
    group: str = ""


def read_export(file: Path) -> list[Row]:
    """Raises `ShowError` where the file cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ShowError([Problem(file, 0, 0, "", error.strerror or "no file", "a CSV or JSON file")]) from error
    if len(raw) > _MAX_BYTES:
        raise ShowError([Problem(file, 0, 0, "", f"{len(raw):,} bytes", f"at most {_MAX_BYTES:,}")])
    text = _decoded(raw)
    found = list(_json_rows(file, text) if file.suffix.lower() == ".json" else _csv_rows(file, text))
    rows = [Row({column: told for column, value in row.items() if (told := _told(value))}) for row in found]
    _take_options(rows)
    if any(folded(column) == "type" and value in _WOO_TYPES for row in rows for column, value in row.cells.items()):
        _join_woo(rows)
    return rows


def folded(column: str) -> str:
    """A column's name to compare with: letters and digits only."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", column.lower())


def _told(value: Any) -> str:
    if isinstance(value, list | dict):
        words = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return ";".join(value) if words else f"({len(value)} entries)" if value else ""
    return "" if value is None else str(value).strip()


def _decoded(raw: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or what Chinese spreadsheets write."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _csv_rows(file: Path, text: str) -> Iterator[Mapping[str, Any]]:
    lines = text.splitlines(keepends=True)
    places = [(number, delimiter) for number in range(len(lines[: _LINES_BEFORE_HEADER + 1])) for delimiter in ",;\t"]
    start, delimiter = max(places, key=lambda place: (_known(lines[place[0]], place[1]), place[0]), default=(0, ","))
    if not lines or not _known(lines[start], delimiter):
        start = 0
    try:
        for row in csv.DictReader(io.StringIO("".join(lines[start:])), delimiter=delimiter):
            yield {key: value for key, value in row.items() if key}
    except csv.Error as error:
        raise ShowError([Problem(file, 0, 0, "", str(error), "a CSV file")]) from error


def _known(line: str, delimiter: str) -> int:
    """How many words of a header stand in a line."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return 0
    return sum(folded(cell) in _HEADER_WORDS for cell in cells)


def _json_rows(file: Path, text: str) -> Iterator[Mapping[str, Any]]:
    """A list of products, or a field that holds one; variants within a product become rows of their own."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ShowError([Problem(file, 0, 0, "", str(error), "valid JSON")]) from error
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), [])
    for product in data if isinstance(data, list) else []:
        if not isinstance(product, dict):
            continue
        variants = next(
            (
                [item for item in product[name] if isinstance(item, dict)]
                for name in _NESTED
                if isinstance(product.get(name), list)
            ),
            [],
        )
        if not variants:
            yield product
            continue
        handle = product.get("handle") or product.get("id") or product.get("title")
        options = {
            f"option{number} name": option["name"]
            for number, option in enumerate(product.get("options") or [], 1)
            if isinstance(option, dict) and "name" in option
        }
        own = {name: value for name, value in product.items() if name not in ("id", "options", *_NESTED)}
        for variant in variants:
            theirs = {name: value for name, value in variant.items() if name not in ("id", "title", "product_id")}
            yield own | {"handle": handle} | options | theirs


def _take_options(rows: list[Row]) -> None:
    """`Option1 Name: Color, Option1 Value: Jade` is a colour; a name stands for the rows of its product that follow."""
    names: dict[str, str] = {}
    handle = ""
    for row in rows:
        values: dict[str, str] = {}
        mine = next((value for column, value in row.cells.items() if folded(column) == "handle"), handle)
        if mine != handle:
            handle, names = mine, {}
        for column in list(row.cells):
            match = _OPTION.match(folded(column))
            if match is None:
                continue
            text = row.cells.pop(column)
            (names if match[2] == "name" else values)[match[1]] = text
        row.options = [
            (names.get(number, "color" if number == "1" else "size"), value)
            for number, value in values.items()
            if value.lower() != "default title"
        ]


def _join_woo(rows: list[Row]) -> None:
    """WooCommerce: a variation names its product by SKU or `id:7`; `Type` is no kind of goods."""
    groups: dict[str, str] = {}
    for row in rows:
        cells = {folded(column): value for column, value in row.cells.items()}
        number = f"id:{cells.get('id', '')}"
        groups[number] = cells.get("sku") or number
        row.group = cells.get("parent") or groups[number]
        if cells.get("type") == "variable":
            row.options = []  # a list of all that its variations have
        for column in [column for column in row.cells if folded(column) in ("type", "parent", "id")]:
            del row.cells[column]
    for row in rows:
        row.group = groups.get(row.group, row.group)
