"""A catalog from what shops export: CSV or JSON, English or Chinese column names, one row for each variant or product.

Shopify, WooCommerce, Taobao's assistant and plain spreadsheets are known; `exports` makes rows of their files.

Nothing is lost silently: every column that means nothing to us and every value that does not fit is in the report, and
what is left out can be written in by hand. Prices are read as decimal text, never as floating point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nightcast.show.catalog import Catalog, Product
from nightcast.show.errors import Problem, ShowError
from nightcast.show.exports import Row, folded, read_export
from nightcast.show.fields import Text
from nightcast.show.money import minor_digits

__all__ = ["Imported", "Misfit", "import_catalog"]

#: What shops call a field, folded to letters and digits: Shopify, WooCommerce, Amazon, Taobao, Youzan and spreadsheets.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "group": ("handle", "parent", "parentsku", "spu", "spuid", "商品编码", "宝贝id", "商品id", "itemid"),
    "id": (
        *("id", "sku", "variantsku", "skuid", "skucode", "productid", "productcode", "itemcode"),
        *("货号", "款号", "编号", "商品编号", "商家编码", "规格编码"),
    ),
    "name": ("title", "name", "productname", "itemname", "名称", "商品名称", "商品标题", "宝贝名称", "标题", "名"),
    "kind": (
        *("type", "producttype", "category", "productcategory", "categories", "类目", "分类", "品类", "商品类目"),
        "宝贝类目",
    ),
    "price": ("price", "variantprice", "regularprice", "salesprice", "价格", "售价", "现价", "宝贝价格", "销售价"),
    "sale_price": ("saleprice", "促销价", "活动价"),
    "sale_ends": ("datesalepriceends", "促销结束时间"),
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
    "stock": (
        *("stock", "inventory", "quantity", "variantinventoryqty", "inventoryqty", "inventoryquantity"),
        *("库存", "数量", "宝贝数量"),
    ),
    "material": ("material", "materials", "fabric", "材质", "面料", "材料"),
    "size": ("size", "sizes", "dimensions", "尺码", "尺寸", "规格"),
    "variant": ("color", "colour", "颜色", "颜色分类", "款式"),
    "feature": (
        "feature",
        "features",
        "sellingpoints",
        "bulletpoints",
        "highlights",
        "卖点",
        "商品卖点",
        "特点",
        "亮点",
    ),
    "weight": ("weight", "netweight", "重量", "净重"),
    "origin": ("origin", "countryoforigin", "madein", "产地"),
    "care": ("care", "careinstructions", "保养", "洗涤说明"),
    "brand": ("vendor", "brand", "品牌"),
}
#: A number with its sign; of spaces and apostrophes only those before thousands belong to it.
_AMOUNT = re.compile(r"-?(?:\d+(?:[\s'’]\d{3}(?!\d))*|(?=[.,]\d))(?:[.,]\d+)*")
_HAN = re.compile("[\u4e00-\u9fff]")
_FIELDS = {alias: name for name, aliases in _COLUMNS.items() for alias in aliases}
#: Fields that may have a column for each language: "Material (EN)", 英文材质, name_zh.
_SPOKEN = ("name", "kind", "material", "size", "variant", "feature", "origin", "care", "brand", "weight")
_LANGUAGES = {"en": ("english", "英文", "英语", "en"), "zh": ("chinese", "中文", "zh", "cn")}


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
    rows = read_export(file)
    misfits: list[Misfit] = []
    for column in dict.fromkeys(column for row in rows for column in row.cells):
        if _meaning(column) is None:
            misfits.append(
                Misfit(0, column, "", "means nothing to Nightcast; write what matters into the catalog by hand")
            )
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    last = ""
    for number, raw in enumerate(rows, 1):
        row = _understood(raw)
        if not row:
            continue
        key = row.get("group") or _any(row, "name") or row.get("id") or last
        last = key
        groups.setdefault(key, []).append((number, row))
    reader = _Reader(minor_digits(currency), as_of, misfits)
    products = [product for key, group in groups.items() if (product := reader.product(key, group)) is not None]
    if not products:
        expected = "rows with a name and a price, such as the columns `title` and `price` or 名称 and 价格"
        raise ShowError([Problem(file, 0, 0, "", f"{len(rows)} rows and no product among them", expected)])
    for column, texts in _texts_by_column(products):
        chinese = sum(_HAN.search(text.en or "") is not None for text in texts)
        if chinese:
            why = f"is Chinese in English sentences too, {chinese} of {len(texts)}"
            misfits.append(Misfit(0, column, "", f"{why}: where the host speaks English, add a column `{column}_en`"))
    catalog = Catalog(brand=_text(brand), currency=currency, products=tuple(products))
    return Imported(catalog, len(rows), list(dict.fromkeys(misfits)))


def _meaning(column: str) -> str | None:
    """A column by our own name, with its language where it tells one: `material_en`."""
    name = folded(column)
    if name in _FIELDS:
        return _FIELDS[name]
    for language, marks in _LANGUAGES.items():
        for mark in marks:
            for bare in (name.removeprefix(mark), name.removesuffix(mark)):
                if bare != name and _FIELDS.get(bare) in _SPOKEN:
                    return f"{_FIELDS[bare]}_{language}"
    return None


def _any(row: dict[str, str], name: str) -> str | None:
    """A text in whatever language there is."""
    return row.get(name) or row.get(f"{name}_en") or row.get(f"{name}_zh")


def _texts_by_column(products: Iterable[Product]) -> Iterable[tuple[str, list[Text]]]:
    """What the products say of themselves, by the column it came from."""
    found: dict[str, list[Text]] = {}
    for product in products:
        variants = [variant.name for variant in product.variants]
        kind = None if product.kind == product.name else product.kind  # a shop without kinds
        single = [("name", product.name), ("kind", kind), ("origin", product.origin), ("care", product.care)]
        features = [feature.feature for feature in product.features]
        lists = (
            ("material", product.materials),
            ("size", product.sizes),
            ("variant", variants),
            ("feature", features),
        )
        for column, text in (*single, *((column, text) for column, texts in lists for text in texts)):
            if text is not None:
                found.setdefault(column, []).append(text)
    return found.items()


def _understood(raw: Row) -> dict[str, str]:
    """A row by our own names. Of two columns with one meaning the first that holds something counts."""
    row: dict[str, str] = {"group": raw.group} if raw.group else {}
    for column, text in raw.cells.items():
        meant = _meaning(column)
        if meant is not None:
            row.setdefault(meant, text)
    for name, value in raw.options:
        row["size" if _FIELDS.get(folded(name)) == "size" else "variant"] = value
    return row


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
        name = _any(whole, "name")
        self._settle_sales(group)
        whole |= {name: text for _, row in reversed(group) for name, text in row.items() if name == "list_price"}
        prices = (self._money(at, "price", row.get("price")) for at, row in group)
        price = next((price for price in prices if price is not None), None)
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
            "name": _words(whole, "name"),
            "kind": _words(whole, "kind", _last_part) or _words(whole, "name"),
            "price": price,
            "list_price": list_price,
            "stock": sum(stocks) if stocks else None,
            "as_of": self.as_of,
            "materials": _unique(_parts(whole, "material")),
            "sizes": _unique(_words(row, "size") for _, row in group),
            "features": [
                {"id": f"feature_{number}", "feature": text}
                for number, text in enumerate(_unique(_parts(whole, "feature")), 1)
            ],
            "origin": _words(whole, "origin"),
            "care": _words(whole, "care"),
            "brand": _words(whole, "brand"),
            "extra": {"weight": weight} if (weight := _words(whole, "weight")) else None,
            "variants": self._variants(group, price),
        }
        try:
            return Product.model_validate({name: value for name, value in fields.items() if value is not None})
        except ValidationError as error:
            problem = error.errors()[0]
            column = ".".join(str(part) for part in problem["loc"]) or "product"
            why = problem.get("ctx", {}).get("error") or problem["msg"]
            self.misfits.append(Misfit(number, column, key, f"{why}, so the product is left out"))
            return None

    def _settle_sales(self, group: list[tuple[int, dict[str, str]]]) -> None:
        """A sale without an end is the price, and the price before it the crossed-out one; one with an end is told."""
        for number, row in group:
            sale = row.pop("sale_price", None)
            if sale is None:
                continue
            if row.get("sale_ends"):
                why = f"is a price until {row['sale_ends']}: write it as the product's `offer`, with a time zone"
                self.misfits.append(Misfit(number, "sale_price", sale, why))
            elif "price" in row:
                row["list_price"], row["price"] = row["price"], sale
            else:
                row["price"] = sale

    def _variants(self, group: list[tuple[int, dict[str, str]]], price: int) -> list[dict[str, Any]]:
        """Colours and the like: a row for each, or several in one cell."""
        found: dict[str, dict[str, Any]] = {}
        own_ids = len({row.get("id") for _, row in group}) == len(group)
        for number, row in group:
            for text in _parts(row, "variant"):
                name = "" if text is None else text["en"]
                if text is None or name in found or name.lower() == "default title":
                    continue
                own_id = _slug(row.get("id", "")) if own_ids and len(group) > 1 else ""
                found[name] = {"id": own_id or _slug(name) or f"v{len(found) + 1}", "name": text}
                if len(group) > 1:
                    own = self._money(number, "price", row.get("price"))
                    stock = self._count(number, row.get("stock"))
                    found[name] |= {"price": own} if own is not None and own != price else {}
                    found[name] |= {"stock": stock} if stock is not None else {}
        return list(found.values())

    def _money(self, row: int, column: str, text: str | None) -> int | None:
        if not text:
            return None
        amounts = _AMOUNT.findall(text)
        if len(amounts) != 1:  # 1E+03, 5/7, 2件99元: joining their digits would make another price
            self.misfits.append(Misfit(row, column, text, "is no amount of money"))
            return None
        plain = re.sub(r"[^\d.,-]", "", amounts[0])
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


def _last_part(category: str) -> str:
    """The narrowest of a path of categories, of the first path where there are several: "Home > Cups, Sale"."""
    return re.split(r"[>/»]", category.split(",")[0])[-1].strip()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]


def _words(row: dict[str, str], name: str, narrowed: Callable[[str], str] = str.strip) -> dict[str, str] | None:
    """A text in both languages; where a row has it in one alone, that is said in both."""
    plain = _any(row, name)
    if plain is None:
        return None
    both = {language: narrowed(row.get(f"{name}_{language}") or row.get(name) or plain) for language in _LANGUAGES}
    return both if all(both.values()) else None


def _parts(row: dict[str, str], name: str) -> Iterable[dict[str, str] | None]:
    """The parts of a text that lists several, parted by `;` or `|`, each with its partner in the other language."""
    both = _words(row, name) or {}
    lists = {language: re.split("[;；|]", text) for language, text in both.items()}
    if len({len(parts) for parts in lists.values()}) > 1:  # nobody knows which belongs to which
        return [both]
    return [
        _words(dict(zip((f"{name}_en", f"{name}_zh"), pair, strict=True)), name)
        for pair in zip(*lists.values(), strict=True)
    ]


def _unique(texts: Iterable[dict[str, str] | None]) -> list[dict[str, str]]:
    return list({tuple(text.values()): text for text in texts if text}.values())


def _text(words: str) -> Text:
    return Text(en=words, zh=words)
