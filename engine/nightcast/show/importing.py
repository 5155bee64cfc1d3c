"""A catalog from what shops export: CSV or JSON, English or Chinese column names, one row for each variant or product.

Nothing is lost silently: every column that means nothing to us and every value that does not fit is in the report, and
what is left out can be written in by hand. Prices are read as decimal text, never as floating point.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nightcast.show.catalog import Catalog, Product, minor_digits
from nightcast.show.errors import Problem, ShowError
from nightcast.show.fields import Text

__all__ = ["Imported", "Misfit", "import_catalog"]

#: What shops call a field, folded to letters and digits: Shopify, WooCommerce, Amazon, Taobao, Youzan and spreadsheets.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "group": ("handle", "parent", "parentsku", "spu", "spuid", "商品编码", "宝贝id", "商品id", "itemid"),
    "id": ("id", "sku", "variantsku", "skuid", "货号", "商家编码", "规格编码", "productid"),
    "name": ("title", "name", "productname", "itemname", "名称", "商品名称", "商品标题", "宝贝名称", "标题"),
    "name_en": ("nameen", "titleen", "englishname", "英文名", "英文名称"),
    "name_zh": ("namezh", "titlezh", "namecn", "chinesename", "中文名", "中文名称"),
    "kind": ("type", "producttype", "category", "productcategory", "categories", "类目", "分类", "品类", "商品类目"),
    "price": ("price", "variantprice", "regularprice", "salesprice", "价格", "售价", "现价", "宝贝价格", "销售价"),
    "list_price": (
        "compareatprice",
        "variantcompareatprice",
        "listprice",
        "rrp",
        "msrp",
        "原价",
        "划线价",
        "市场价",
        "吊牌价",
    ),
    "stock": ("stock", "inventory", "quantity", "variantinventoryqty", "inventoryqty", "库存", "数量", "宝贝数量"),
    "material": ("material", "materials", "fabric", "材质", "面料", "材料"),
    "size": ("size", "sizes", "dimensions", "option2value", "尺码", "尺寸", "规格"),
    "variant": ("color", "colour", "option1value", "颜色", "颜色分类", "款式"),
    "origin": ("origin", "countryoforigin", "madein", "产地"),
    "care": ("care", "careinstructions", "保养", "洗涤说明"),
    "brand": ("vendor", "brand", "品牌"),
}
_FIELDS = {alias: name for name, aliases in _COLUMNS.items() for alias in aliases}
_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Misfit:
    """Something of the file that is not in the catalog. `row` counts from 1 without the header; 0: the whole column."""

    row: int
    column: str
    found: str
    why: str

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}" if self.row else f"column {self.column}"
        return f"{where}: {self.why}" + (f" ({self.found})" if self.found else "")


@dataclass
class Imported:
    catalog: Catalog
    rows: int
    misfits: list[Misfit] = field(default_factory=list)


def import_catalog(file: Path, *, brand: str, currency: str, as_of: date) -> Imported:
    """Read a shop's export. `as_of` is the day on which its facts are true.

    Raises `ShowError` where the file cannot be read, or holds no product with a name and a price.
    """
    rows = _rows(file)
    misfits: list[Misfit] = []
    fields = {column: _FIELDS.get(_folded(column)) for column in (rows[0] if rows else {})}
    for column, meant in fields.items():
        if meant is None and any(str(row.get(column) or "").strip() for row in rows):
            misfits.append(
                Misfit(0, column, "", "means nothing to Nightcast; write what matters into the catalog by hand")
            )
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    last = ""
    for number, raw in enumerate(rows, 1):
        row = {
            meant: text for column, meant in fields.items() if meant and (text := str(raw.get(column) or "").strip())
        }
        if not row:
            continue
        key = row.get("group") or row.get("name") or row.get("name_en") or row.get("name_zh") or row.get("id") or last
        last = key
        groups.setdefault(key, []).append((number, row))
    reader = _Reader(minor_digits(currency), as_of, misfits)
    products = [product for key, group in groups.items() if (product := reader.product(key, group)) is not None]
    if not products:
        expected = "rows with a name and a price, such as the columns `title` and `price` or 名称 and 价格"
        raise ShowError([Problem(file, 0, 0, "", f"{len(rows)} rows and no product among them", expected)])
    catalog = Catalog(brand=_text(brand), currency=currency, products=tuple(products))
    return Imported(catalog, len(rows), misfits)


@dataclass
class _Reader:
    """Makes products of rows; what does not fit goes to `misfits`."""

    digits: int
    as_of: date
    misfits: list[Misfit]
    _ids: set[str] = field(default_factory=set)

    def product(self, key: str, group: list[tuple[int, dict[str, str]]]) -> Product | None:
        number, first = group[0]
        whole = {name: text for _, row in reversed(group) for name, text in row.items()} | first
        name = whole.get("name") or whole.get("name_en") or whole.get("name_zh")
        price = self._money(number, "price", whole.get("price"))
        if name is None or price is None:
            self.misfits.append(
                Misfit(number, "name" if name is None else "price", key, "missing, so the product is left out")
            )
            return None
        list_price = self._money(number, "list_price", whole.get("list_price"))
        if list_price is not None and list_price <= price:
            self.misfits.append(
                Misfit(number, "list_price", whole["list_price"], "not above the price, so it is left out")
            )
            list_price = None
        stocks = [stock for at, row in group if (stock := self._count(at, row.get("stock"))) is not None]
        fields: dict[str, Any] = {
            "id": self._id(first.get("group") or first.get("id") or key),
            "name": {"en": whole.get("name_en") or name, "zh": whole.get("name_zh") or name},
            "kind": whole.get("kind") or name,
            "price": price,
            "list_price": list_price,
            "stock": sum(stocks) if stocks else None,
            "as_of": self.as_of,
            "materials": _unique(whole.get("material", "").split(";")),
            "sizes": _unique(row.get("size", "") for _, row in group),
            "origin": whole.get("origin"),
            "care": whole.get("care"),
            "brand": whole.get("brand"),
            "variants": self._variants(group, price),
        }
        try:
            return Product.model_validate({name: value for name, value in fields.items() if value is not None})
        except ValidationError as error:
            problem = error.errors()[0]
            column = ".".join(str(part) for part in problem["loc"])
            self.misfits.append(Misfit(number, column, key, f"{problem['msg']}, so the product is left out"))
            return None

    def _variants(self, group: list[tuple[int, dict[str, str]]], price: int) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for number, row in group:
            name = row.get("variant", "")
            if not name or name.lower() == "default title":
                continue
            own = self._money(number, "price", row.get("price"))
            entry: dict[str, Any] = {"id": _slug(row.get("id") or name) or f"v{number}", "name": name}
            entry |= {"price": own} if own is not None and own != price else {}
            stock = self._count(number, row.get("stock"))
            entry |= {"stock": stock} if stock is not None else {}
            found.setdefault(name, entry)
        return list(found.values()) if len(found) > 1 else []

    def _money(self, row: int, column: str, text: str | None) -> int | None:
        if not text:
            return None
        plain = re.sub(r"[^\d.,-]", "", text)
        if re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d{1,2}", plain):  # 1.299,00
            plain = plain.replace(".", "").replace(",", ".")
        try:
            minor = Decimal(plain.replace(",", "")).scaleb(self.digits)
        except InvalidOperation:
            self.misfits.append(Misfit(row, column, text, "is no amount of money"))
            return None
        if minor != minor.to_integral_value() or minor < 0:
            self.misfits.append(Misfit(row, column, text, "is no whole number of the currency's smallest unit"))
            return None
        return int(minor)

    def _count(self, row: int, text: str | None) -> int | None:
        if not text:
            return None
        if not re.fullmatch(r"\d{1,9}(\.0{1,4})?", text):
            self.misfits.append(Misfit(row, "stock", text, "is no count"))
            return None
        return int(text.partition(".")[0])

    def _id(self, wanted: str) -> str:
        base = _slug(wanted) or f"product_{len(self._ids) + 1}"
        name, number = base, 2
        while name in self._ids:
            name, number = f"{base}_{number}", number + 1
        self._ids.add(name)
        return name


def _rows(file: Path) -> list[Mapping[str, Any]]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ShowError([Problem(file, 0, 0, "", error.strerror or "no file", "a CSV or JSON file")]) from error
    if len(raw) > _MAX_BYTES:
        raise ShowError([Problem(file, 0, 0, "", f"{len(raw):,} bytes", f"at most {_MAX_BYTES:,}")])
    text = _decoded(raw)
    if file.suffix.lower() == ".json":
        try:
            data = json.loads(text)
        except ValueError as error:
            raise ShowError([Problem(file, 0, 0, "", str(error), "valid JSON")]) from error
        if isinstance(data, dict):
            data = next((value for value in data.values() if isinstance(value, list)), [])
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    try:
        rows = list(csv.DictReader(io.StringIO(text), dialect=dialect))
    except csv.Error as error:
        raise ShowError([Problem(file, 0, 0, "", str(error), "a CSV file")]) from error
    return [{key: value for key, value in row.items() if key} for row in rows]


def _decoded(raw: bytes) -> str:
    """UTF-8, or what Chinese spreadsheets write."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _folded(column: str) -> str:
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", column.lower())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _text(words: str) -> Text:
    return Text(en=words, zh=words)
