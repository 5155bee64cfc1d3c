"""A shop's export becomes a catalog, and what does not fit is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.show import ShowError
from nightcast.show.importing import Imported, import_catalog

DAY = date(2026, 11, 26)

SHOPIFY = """\
Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,\
Variant Inventory Qty,SEO Title
dusk-tumbler,Dusk Tumbler,Lantern,Tumbler,Color,Jade,T-1,129.00,159.00,12,x
dusk-tumbler,,,,,Night,T-2,139.00,,5,
night-cap,Night Cap,Lantern,Cap,Title,Default Title,C-1,"1,089.50",,free,
no-price,Ghost,,,,,,,,,
"""
TAOBAO = "宝贝名称\t宝贝价格\t原价\t宝贝数量\t材质\n暮色随行杯\t129\t99\t40\t不锈钢;硅胶\n"


def read(tmp_path: Path, name: str, content: bytes) -> Imported:
    file = tmp_path / name
    file.write_bytes(content)
    return import_catalog(file, brand="Lantern Street", currency="CNY", as_of=DAY)


def test_rows_of_one_handle_are_variants_of_one_product(tmp_path: Path) -> None:
    result = read(tmp_path, "shop.csv", SHOPIFY.encode())
    tumbler, cap = result.catalog.products
    assert (tumbler.id, tumbler.price, tumbler.list_price, tumbler.stock) == ("dusk_tumbler", 12_900, 15_900, 17)
    assert [(item.name.en, item.price, item.stock) for item in tumbler.variants] == [
        ("Jade", None, 12),
        ("Night", 13_900, 5),
    ]
    assert (cap.price, cap.stock, cap.variants) == (108_950, None, ())


def test_rows_that_share_one_sku_are_told_apart_by_their_colours(tmp_path: Path) -> None:
    text = "SKU,Title,Price,Colour,Stock\nA1,Scarf,19.90,Red,3\nA1,Scarf,19.90,Blue,2\n"
    (scarf,) = read(tmp_path, "shop.csv", text.encode()).catalog.products
    assert [(item.id, item.name.en, item.stock) for item in scarf.variants] == [("red", "Red", 3), ("blue", "Blue", 2)]


def test_colours_and_selling_points_in_one_cell_are_each_kept(tmp_path: Path) -> None:
    text = "货号,商品名称,价格,颜色,卖点\nG3,宽檐帽,129,驼色|黑色,挡风；可折叠\nG4,发带,49,红,软\n"
    hat, band = read(tmp_path, "shop.csv", text.encode()).catalog.products
    assert [item.name.zh for item in hat.variants] == ["驼色", "黑色"]
    assert [item.feature.zh for item in hat.features] == ["挡风", "可折叠"]
    assert [item.name.zh for item in band.variants] == ["红"]


def test_what_does_not_fit_is_named_with_row_and_column(tmp_path: Path) -> None:
    told = [str(misfit) for misfit in read(tmp_path, "shop.csv", SHOPIFY.encode()).misfits]
    assert any(text.startswith("column SEO Title: means nothing") for text in told)
    assert "row 3, stock: is no count (free)" in told
    assert any(text.startswith("row 4, price: missing") for text in told)


def test_a_chinese_export_in_gb18030_with_tabs_is_read(tmp_path: Path) -> None:
    result = read(tmp_path, "taobao.csv", TAOBAO.encode("gb18030"))
    (cup,) = result.catalog.products
    assert (cup.name.zh, cup.price, cup.stock) == ("暮色随行杯", 12_900, 40)
    assert [text.zh for text in cup.materials] == ["不锈钢", "硅胶"]
    assert cup.list_price is None
    assert any("not above the price" in str(misfit) for misfit in result.misfits)


def test_a_chinese_spreadsheet_keeps_its_numbers_weights_and_the_first_price_that_is_one(tmp_path: Path) -> None:
    sheet = (
        "商品名称,商品编号,价格,库存,重量\n竹编台灯,A-01,89,35,0.8kg\n丝绸发带,A-03,两三十,10,\n丝绸发带,A-03,28,10,\n"
    )
    result = read(tmp_path, "sheet.csv", sheet.encode())
    lamp, ribbon = result.catalog.products
    assert (lamp.id, lamp.extra["weight"].zh) == ("a_01", "0.8kg")
    assert (ribbon.id, ribbon.price) == ("a_03", 2_800)
    price, english = map(str, result.misfits)
    assert price == "row 2, price: is no amount of money (两三十)"
    assert english.startswith("column name: is Chinese in English sentences too")


def test_a_column_for_each_language_gives_every_text_in_both(tmp_path: Path) -> None:
    sheet = (
        "商品名称,英文名,价格,类目,类目（英文）,材质,Material (EN),产地,origin_en,颜色,英文颜色\n"
        "竹编台灯,Bamboo lamp,89,台灯,lamp,竹;铜,Bamboo;Brass,杭州,Hangzhou,原色,Natural\n"
        "竹编台灯,Bamboo lamp,89,台灯,lamp,竹;铜,Bamboo;Brass,杭州,Hangzhou,深褐,Dark brown\n"
    )
    result = read(tmp_path, "both.csv", sheet.encode())
    (lamp,) = result.catalog.products
    assert result.misfits == []
    texts = (lamp.name, lamp.kind, *lamp.materials, lamp.origin, *(variant.name for variant in lamp.variants))
    assert [(text.en, text.zh) for text in texts if text] == [
        ("Bamboo lamp", "竹编台灯"),
        ("lamp", "台灯"),
        ("Bamboo", "竹"),
        ("Brass", "铜"),
        ("Hangzhou", "杭州"),
        ("Natural", "原色"),
        ("Dark brown", "深褐"),
    ]


def test_json_is_read_from_a_list_or_from_a_field_that_holds_one(tmp_path: Path) -> None:
    body = b'{"total": 1, "products": [{"title": "Cup", "price": "12,50", "sku": "A 1"}]}'
    (cup,) = read(tmp_path, "shop.json", body).catalog.products
    assert (cup.id, cup.price) == ("a_1", 1_250)


WOO = """\
ID,Type,SKU,Name,Published,Stock,"Sale price","Regular price",Categories,Parent,\
"Attribute 1 name","Attribute 1 value(s)","Date sale price ends"
7,variable,HOOD,Moon Hoodie,1,,,,"Clothing > Hoodies, Sale",,Colour,"Ink, Sand",
8,variation,HOOD-1,Moon Hoodie - Ink,1,4,,45,,id:7,Colour,Ink,
9,variation,HOOD-2,Moon Hoodie - Sand,1,3,,47,,HOOD,Colour,Sand,
10,simple,MUG,Dusk Mug,1,20,12,15,Kitchen > Mugs,,,,
11,simple,BAG,Night Bag,1,9,30,38,Bags,,,,2026-12-31
"""
SHOPIFY_JSON = """
{"products": [{"id": 1, "title": "Dusk Tee", "handle": "dusk-tee", "vendor": "Lantern", "product_type": "T-shirt",
  "options": [{"name": "Size"}, {"name": "Color"}], "images": [{"src": "x.jpg"}],
  "variants": [
    {"id": 11, "title": "S / Jade", "option1": "S", "option2": "Jade", "sku": "T-S-J", "price": "89.00",
     "compare_at_price": "99.00", "inventory_quantity": 3},
    {"id": 12, "title": "M / Ink", "option1": "M", "option2": "Ink", "sku": "T-M-I", "price": "92.00",
     "compare_at_price": null, "inventory_quantity": 5}]}]}
"""
ASSISTANT = (
    "version 1.00\ntitle\tprice\tnum\tcid\n宝贝名称\t宝贝价格\t宝贝数量\t宝贝类目\n暮色随行杯\t129.00\t40\t杯子\n"
)


def test_variations_of_woocommerce_belong_to_their_product(tmp_path: Path) -> None:
    result = read(tmp_path, "woo.csv", WOO.encode())
    hoodie, mug, bag = result.catalog.products
    assert (hoodie.id, hoodie.name.en, hoodie.kind.en, hoodie.price, hoodie.stock) == (
        "hood", "Moon Hoodie", "Hoodies", 4_500, 7,
    )  # fmt: skip
    assert [(item.name.en, item.price, item.stock) for item in hoodie.variants] == [
        ("Ink", None, 4),
        ("Sand", 4_700, 3),
    ]
    assert (mug.kind.en, mug.price, mug.list_price) == ("Mugs", 1_200, 1_500)
    assert (bag.price, bag.list_price) == (3_800, None), "a sale that ends is an offer, and needs its end"
    assert any("until 2026-12-31: write it as the product's `offer`" in str(misfit) for misfit in result.misfits)


def test_variants_within_products_of_shopifys_json_are_read_by_the_names_of_their_options(tmp_path: Path) -> None:
    (tee,) = read(tmp_path, "products.json", SHOPIFY_JSON.encode()).catalog.products
    assert (tee.id, tee.kind.en, tee.price, tee.list_price, tee.stock) == ("dusk_tee", "T-shirt", 8_900, 9_900, 8)
    assert [size.en for size in tee.sizes] == ["S", "M"]
    assert [(item.name.en, item.price, item.stock) for item in tee.variants] == [("Jade", None, 3), ("Ink", 9_200, 5)]


def test_the_lines_above_the_header_of_taobaos_assistant_are_passed_over(tmp_path: Path) -> None:
    result = read(tmp_path, "assistant.csv", ASSISTANT.encode("utf-16"))
    (cup,) = result.catalog.products
    assert (cup.name.zh, cup.kind.zh, cup.price, cup.stock) == ("暮色随行杯", "杯子", 12_900, 40)
    assert [misfit.column for misfit in result.misfits] == ["name", "kind"]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1 234", 123400),
        ("1'234.50", 123450),
        ("1.299,00 €", 129900),
        (".5", 50),
        ("￥99起", 9900),
        ("1E+03", None),
        ("5/7", None),
        ("2件99元", None),
        ("0x10", None),
        ("-5", None),
        ("12 34", None),
    ],
)
def test_a_price_is_one_number_or_none_at_all(tmp_path: Path, text: str, minor: int | None) -> None:
    file = tmp_path / "shop.csv"
    file.write_text(f'title,price\nLamp,1\nSofa,"{text}"\n', encoding="utf-8")
    found = import_catalog(file, brand="B", currency="CNY", as_of=date(2026, 11, 26))
    assert [product.price for product in found.catalog.products[1:]] == ([] if minor is None else [minor])
    assert any(text in str(misfit) for misfit in found.misfits) is (minor is None)


def test_json_of_endless_depth_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text("[" * 100_000)
    with pytest.raises(ShowError, match="valid JSON"):
        import_catalog(tmp_path / "shop.json", brand="B", currency="CNY", as_of=date(2026, 11, 26))


def test_a_file_without_products_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ShowError, match="`title` and `price` or 名称 and 价格"):
        read(tmp_path, "shop.csv", b"a,b\n1,2\n")


@given(st.binary(max_size=400), st.sampled_from([".csv", ".json"]))
def test_any_bytes_give_a_catalog_or_a_show_error(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, ending: str
) -> None:
    try:
        result = read(tmp_path_factory.mktemp("import"), f"shop{ending}", raw)
    except ShowError:
        return
    assert result.catalog.products
