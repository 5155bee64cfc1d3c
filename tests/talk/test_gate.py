"""The gate: every rule's examples, numbers that must trace, texts that must not be spoken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.show.catalog import Catalog, Fact, FactKind
from nightcast.show.fields import Text
from nightcast.talk.gate import Gate, GateContext, Policy, may_start, tokens
from nightcast.talk.gate.canonical import canonical
from nightcast.talk.gate.packs import Market, Platform, Rule, read_market, read_platform
from nightcast.talk.gate.quantities import quantities
from nightcast.talk.records import Language
from tests.talk.conftest import POLICIES, TEN_IN_THE_EVENING

MARKETS = [read_market(POLICIES, path.stem) for path in sorted((POLICIES / "markets").glob("*.yaml"))]
PLATFORMS = [read_platform(POLICIES, path.stem) for path in sorted((POLICIES / "platforms").glob("*.yaml"))]


def language_of(text: str) -> Language:
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


def examples() -> list[tuple[Policy, Rule, str, bool]]:
    """Every example of every rule, once, in the pack that holds it."""
    own_site = next(platform for platform in PLATFORMS if platform.platform == "own_site")
    found: dict[tuple[str, str], tuple[Policy, Rule, str, bool]] = {}
    packs: list[tuple[Market, Platform]] = [(market, own_site) for market in MARKETS]
    packs += [(MARKETS[1], platform) for platform in PLATFORMS]
    for market, platform in packs:
        for rule in (*market.rules, *platform.rules):
            for text, passes in [(t, True) for t in rule.examples.passes] + [(t, False) for t in rule.examples.fails]:
                if language_of(text) in rule.languages:
                    found[rule.id, text] = Policy(market, platform), rule, text, passes
    return list(found.values())


@pytest.mark.parametrize(("policy", "rule", "text", "passes"), examples(), ids=lambda value: getattr(value, "id", None))
def test_a_rules_examples_are_its_tests(policy: Policy, rule: Rule, text: str, passes: bool) -> None:
    verdict = Gate(policy).judge(text, GateContext(language_of(text), TEN_IN_THE_EVENING))
    assert (rule.id not in verdict.rules) == passes, verdict
    if not passes and verdict.text is not None:
        again = Gate(policy).judge(verdict.text, GateContext(language_of(text), TEN_IN_THE_EVENING))
        assert again.passed, "a mended text passes by itself"


def test_every_rule_has_a_title_in_both_languages() -> None:
    for _, rule, _, _ in examples():
        assert rule.title.en, rule.id
        assert rule.title.zh not in ("", rule.title.en), rule.id


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.market)
def test_what_a_pack_wants_said_passes_its_own_gate(market: Market) -> None:
    gate = Gate(Policy(market, PLATFORMS[0]))
    for words in (market.notice and market.notice.text, market.safe_line):
        for language in ("en", "zh") if words else ():
            verdict = gate.judge(words.said_in(language), GateContext(language, TEN_IN_THE_EVENING))
            assert verdict.passed, verdict


def context(
    catalog: Catalog, *fact_ids: str, language: Language = "en", now: datetime = TEN_IN_THE_EVENING
) -> GateContext:
    facts = {key: fact for product in catalog.products for key, fact in catalog.facts(product, now).items()}
    names = tuple(name for product in catalog.products for name in (product.name.en, product.name.zh))
    return GateContext(language, now, tuple(facts[fact_id] for fact_id in fact_ids), names)


@pytest.mark.parametrize(
    ("text", "fact_ids"),
    [
        ("The Moss lantern costs ¥399.", ["moss_lamp.price"]),
        ("It is three hundred ninety-nine yuan.", ["moss_lamp.price"]),
        ("It is 18 cm tall.", ["moss_lamp.size_1"]),
        ("Two things to look at, and one more.", []),
        ("It's a little past 22:05.", []),
        ("这盏灯399元。", ["moss_lamp.price"]),
        ("这盏灯三百九十九块。", ["moss_lamp.price"]),
        ("一起看看，有三个问题。", []),
        ("第一步，打开开关。", []),
        ("It was ¥329, now ¥269.", ["sunglasses.price", "sunglasses.list_price"]),
        ("A limited-time price of ¥349.", ["moss_lamp.offer", "moss_lamp.offer_ends"]),
    ],
)
def test_what_a_cited_fact_holds_may_be_said(gate: Gate, catalog: Catalog, text: str, fact_ids: list[str]) -> None:
    language = language_of(text)
    verdict = gate.judge(text, context(catalog, *fact_ids, language=language))
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("text", "fact_ids"),
    [
        ("The lantern costs ¥398.", ["moss_lamp.price"]),
        ("The lantern costs ¥399.", []),
        ("It costs 18 yuan.", ["moss_lamp.size_1"]),
        ("Only two hundred bucks.", ["moss_lamp.price"]),
        ("Half price tonight.", ["moss_lamp.price"]),
        ("It costs one ninety nine dollars.", ["moss_lamp.price"]),
        ("A dozen are left.", ["moss_lamp.price"]),
        ("Just a few dollars.", []),
        ("30 % off.", ["moss_lamp.price"]),
        ("只要两百块。", ["moss_lamp.price"]),
        ("打八折。", ["moss_lamp.price"]),
        ("半价给您。", ["moss_lamp.price"]),
        ("只要几十块。", []),
        ("只要１９９元。", []),
        ("只要壹佰元。", []),
        ("三百九十八块。", ["moss_lamp.price"]),
        ("买一送一。", []),
        ("百分之三十的人都买了。", []),
        ("It costs fifteen\u200b dollars.", []),
    ],
)
def test_a_number_without_its_fact_is_never_said(gate: Gate, catalog: Catalog, text: str, fact_ids: list[str]) -> None:
    verdict = gate.judge(text, context(catalog, *fact_ids, language=language_of(text)))
    assert not verdict.passed
    assert verdict.text is None


@pytest.mark.parametrize(
    "text", ["", "  ", "x" * 500, "It costs {moss_lamp.price}.", "See https://x.example", "bell \a", "<b>hi</b>"]
)
def test_a_text_that_is_no_sentence_is_never_said(gate: Gate, text: str) -> None:
    assert not gate.judge(text, GateContext("en", TEN_IN_THE_EVENING)).passed


def test_a_line_in_the_wrong_language_is_never_said(gate: Gate) -> None:
    assert not gate.judge("这盏灯很好看。", GateContext("en", TEN_IN_THE_EVENING)).passed
    assert not gate.judge("A very nice lamp.", GateContext("zh", TEN_IN_THE_EVENING)).passed


def test_a_sentence_is_left_out_and_the_rest_is_kept(gate: Gate) -> None:
    verdict = gate.judge(
        "The glass is warm. I've been using it for a week. Look.", GateContext("en", TEN_IN_THE_EVENING)
    )
    assert (verdict.passed, verdict.text) == (False, "The glass is warm. Look.")


def test_a_word_is_replaced_where_the_rule_knows_a_better_one(gate: Gate) -> None:
    assert gate.judge("这是最好的灯。", GateContext("zh", TEN_IN_THE_EVENING)).text == "这是很好的灯。"


@pytest.mark.parametrize(
    "text",
    [
        "最\u200b好的灯",
        "最 好 的 灯",
        "最.好的灯",
        "the b\u0435st lamp",
        "ｔｈｅ　ｂｅｓｔ　ｌａｍｐ",
        "the b e s t lamp",
    ],
)
def test_disguises_do_not_help(gate: Gate, text: str) -> None:
    assert not gate.judge(text, GateContext(language_of(text), TEN_IN_THE_EVENING)).passed


@given(st.text(max_size=80))
def test_canonical_is_settled_after_one_pass(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == canonical(canonical(once))


@given(st.integers(11, 99_999))
def test_a_number_is_found_however_it_is_written(number: int) -> None:
    from nightcast.talk.spoken import numerals

    for written in (str(number), f"{number:,}", numerals.english(number), numerals.chinese(number)):
        assert number in {quantity.value for quantity in quantities(canonical(written))}, written


def test_chinese_counts_as_a_superlative_only_as_a_word_of_its_own(gate: Gate) -> None:
    for text in ("最后一步，把灯罩扣上。", "最近天气转凉了。", "大家最关心的是尺寸。"):
        assert gate.judge(text, GateContext("zh", TEN_IN_THE_EVENING)).passed, text


def told(kind: FactKind, en: str, zh: str = "", key: str = "") -> Fact:
    return Fact(f"lamp.{key or kind}", kind, Text(en=en, zh=zh or en))


@pytest.mark.parametrize(
    "text",
    [
        *("It's $399.", "It's 399 dollars.", "It costs 399 rupees.", "399美元。", "三百九十九欧元。", "只要399泰铢。"),
        *("It costs 399 cents.", "三百九十九毛钱。"),
    ],
)
def test_a_price_traces_only_in_its_currency(gate: Gate, now: datetime, text: str) -> None:
    language = language_of(text)
    price = (told("price", "¥399"),)
    assert gate.judge("这件399元。" if language == "zh" else "It's 399 yuan.", GateContext(language, now, price)).passed
    assert not gate.judge(text, GateContext(language, now, price)).passed


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It is 12 mm wide.",
            "It's 12 inches.",
            "It is twelve metres long.",
            "It costs 12.",
            "12毫米宽。",
            "十二米长。",
        ),
        *("It lasts ten years.", "It is ten times stronger.", "质保十年。", "亮三倍。", "重三斤。"),
    ],
)
def test_a_measure_traces_only_in_its_unit(gate: Gate, now: datetime, text: str) -> None:
    language = language_of(text)
    facts = (told("size", "12 cm wide", "宽12厘米"), told("stock", "10"), told("feature", "3 legs", "三条腿"))
    assert gate.judge(
        "它宽12厘米。" if language == "zh" else "It is 12 cm wide.", GateContext(language, now, facts)
    ).passed
    assert not gate.judge(text, GateContext(language, now, facts)).passed


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It costs nine.",
            "Price: 7.",
            "You save ten.",
            "The price drops to nine.",
            "Only nine tonight.",
            "It's 20 off.",
        ),
        *(
            "It is a tenner.",
            "It's IX yuan.",
            "You pay half.",
            "A quarter off.",
            "Half the usual price.",
            "It is free.",
        ),
        *("Three for two.", "Take two, pay one.", "The second one is free.", "It's on the house.", "¥399/kg tonight."),
        *(
            "九毛九。",
            "廿元。",
            "只要九。",
            "买一赠一。",
            "便宜三成。",
            "便宜一半。",
            "五成优惠。",
            "白给。",
            "一斤399元。",
        ),
        *("399元两件。", "四字头的价格。", "30%优惠。", "It's 30% off.", "Two lamps for 399 yuan."),
    ],
)
def test_a_price_without_its_sign_is_a_price(gate: Gate, now: datetime, text: str) -> None:
    facts = (told("price", "¥399"), told("material", "30% linen", "30%亚麻"))
    assert now.minute != 20, "else the clock would tell the number"
    assert not gate.judge(text, GateContext(language_of(text), now, facts)).passed


def test_the_minutes_of_the_clock_are_no_price(gate: Gate, now: datetime) -> None:
    at = now.replace(hour=2, minute=20)
    assert gate.judge("It's a little past 2:15.", GateContext("en", at)).passed
    assert gate.judge("The offer ends at 2:15 PM.", GateContext("en", at, (told("offer", "14:15"),))).passed
    assert not gate.judge("It's twenty.", GateContext("en", at)).passed
    assert not gate.judge("It's a little past 3:15.", GateContext("en", at)).passed


@pytest.mark.parametrize(
    ("said", "true", "fact"),
    [
        ("It's pure silk.", "It's pure silk.", told("material", "Pure silk")),
        ("The strap is genuine leather.", "A leather strap.", told("material", "Leather strap")),
        ("It is clinically tested.", "It blocks light.", told("claim", "The lenses block light")),
        ("这是真丝的。", "这是亚麻的。", told("material", "linen", "亚麻")),
        ("Free delivery.", "It takes 2 to 4 days.", told("delivery", "2 to 4 days", key="delivery_days")),
        ("次日达。", "24小时内发货。", told("delivery", "sent within 24 hours", "24小时内发货")),
    ],
)
def test_citing_another_fact_does_not_make_a_claim_true(
    gate: Gate, now: datetime, said: str, true: str, fact: Fact
) -> None:
    language = language_of(said)
    assert gate.judge(true, GateContext(language, now, (fact,))).passed
    holds = said == true
    assert gate.judge(said, GateContext(language, now, (fact,))).passed == holds


# -- may the night start -------------------------------------------------------------------------------------


@pytest.fixture
def on() -> Callable[[str], Policy]:
    return lambda platform: Policy(MARKETS[1], read_platform(POLICIES, platform))


@pytest.mark.parametrize(
    ("platform", "answers", "allowed"),
    [
        ("own_site", {}, True),
        ("wechat_channels", {"operator_present": True, "accept_unverified": True}, False),
        ("tiktok_shop", {"operator_present": True, "accept_unverified": True}, False),
        ("douyin", {}, False),
        ("douyin", {"operator_present": True}, True),
        ("youtube", {}, False),
        ("youtube", {"accept_unverified": True}, True),
    ],
)
def test_a_night_starts_only_where_its_pack_allows(
    on: Callable[[str], Policy], platform: str, answers: dict[str, bool], allowed: bool
) -> None:
    permission = may_start(on(platform), **answers)
    assert permission.allowed == allowed
    assert permission.reason


def test_the_packs_that_the_design_names_are_there() -> None:
    named = {
        *("own_site", "douyin", "taobao_live", "kuaishou", "wechat_channels", "jd"),
        *("bilibili", "tiktok_shop", "youtube", "twitch", "amazon_live"),
    }
    assert named <= {platform.platform for platform in PLATFORMS}
    for platform in PLATFORMS:
        assert platform.seen != "none" or platform.mode == "unverified", "what nobody read is not verified"


def test_the_stricter_label_and_notice_win(on: Callable[[str], Policy]) -> None:
    policy = Policy(read_market(POLICIES, "eu"), read_platform(POLICIES, "douyin"))
    assert policy.label is not None
    assert policy.label.height == 0.05
    assert policy.notice is not None


def test_a_text_in_which_no_chinese_term_stands_needs_no_chinese_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted() -> None:
        raise AssertionError("the dictionary takes most of a second to load")

    monkeypatch.setattr(tokens, "tokenizer", unwanted)
    assert list(tokens.find_term("a plain english sentence", "最好")) == []
    with pytest.raises(AssertionError):
        list(tokens.find_term("这个最好用了吧, 真的", "最好"))


@pytest.mark.parametrize(
    ("text", "language", "passes"),
    [
        ("A***, thank you for 23 roses!", "en", True),
        ("刚刚又有23单，谢谢大家！", "zh", True),
        ("It costs 23 now.", "en", False),
        ("Only 23 for the cup.", "en", False),
        ("现在只要23。", "zh", False),
        ("Now 23 yuan.", "en", False),
        ("A third off for everybody.", "en", False),
    ],
)
def test_counts_of_the_room_are_free_and_prices_are_not(
    gate: Gate, now: datetime, text: str, language: Language, passes: bool
) -> None:
    assert gate.judge(text, GateContext(language, now, counts=True)).passed == passes
    assert not gate.judge(text, GateContext(language, now)).passed


@pytest.mark.parametrize(
    ("text", "language"),
    [("這是國家級的工藝。", "zh"), ("威♥信联系。", "zh"), ("絕😀對獨一無二。", "zh"), ("ｏｎｌｙ　３　ｌｅｆｔ", "en")],
)
def test_traditional_characters_hearts_and_wide_letters_hide_nothing(
    gate: Gate, now: datetime, text: str, language: Language
) -> None:
    assert not gate.judge(text, GateContext(language, now)).passed


def test_a_full_width_comma_parts_two_numbers(gate: Gate, now: datetime, catalog: Catalog) -> None:
    watch = catalog.product("field_watch")
    assert watch is not None
    price = catalog.facts(watch, now)["field_watch.price"]
    steel = replace(price, id="field_watch.material_1", kind="material", text=Text(en="316L steel", zh="316L不锈钢"))
    verdict = gate.judge(f"{price.text.zh}，316L不锈钢。", GateContext("zh", now, (price, steel)))
    assert verdict.passed, verdict.reason
