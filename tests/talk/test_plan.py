"""Phrases, memory, rundown and writer: what is said is fresh, true, in order, and has a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from nightcast.show.catalog import Catalog, Product
from nightcast.show.script import Script
from nightcast.talk.errors import PackError, PlanError
from nightcast.talk.fill import fill, slots
from nightcast.talk.gate import Gate, GateContext, Policy
from nightcast.talk.plan import Memory, NightPlanner, PlanRequest, RoomWants
from nightcast.talk.plan.brief import Brief, Desk, Persona
from nightcast.talk.plan.grammar import is_plural, measure_word
from nightcast.talk.plan.phrases import Bank, load_bank
from nightcast.talk.plan.planner import duration_s
from nightcast.talk.plan.rundown import NOTICE_SLOT, Rundown, energy
from nightcast.talk.plan.writer import OfflineWriter
from nightcast.talk.plan.writers import write_product
from nightcast.talk.records import Language, Line, Segment
from nightcast.talk.repetition import self_repetition
from tests.talk.conftest import SHOW

Plan = list[tuple[datetime, Segment]]


@pytest.fixture
def plan_night(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], policy: Policy, now: datetime
) -> Callable[..., Plan]:
    """Plans some hours and hands back each segment with the moment it begins."""

    def plan(script: Script, hours: float, *, demand: dict[str, float] | None = None, sold: Catalog = catalog) -> Plan:
        planner = NightPlanner(Rundown(script, sold, policy.notice, now), (OfflineWriter(banks),), persona)
        request = PlanRequest(now, hours * 3600, 7, Memory(), sold, RoomWants(demand or {}))
        at, planned = now, []
        for segment in planner.plan(request):
            planned.append((at, segment))
            at += timedelta(seconds=duration_s(segment))
        return planned

    return plan


def heard(plan: Plan, catalog: Catalog) -> list[tuple[datetime, Line]]:
    lines = []
    for at, segment in plan:
        for line in segment.lines:
            filled = fill(line, catalog, at)
            assert filled is not None
            lines.append((at, filled))
    return lines


@pytest.mark.slow
@pytest.mark.parametrize(("language", "limit"), [("en", 0.25), ("zh", 0.30)])
def test_a_whole_day_stays_fresh_true_and_lawful(
    plan_night: Callable[..., Plan],
    make_script: Callable[..., Script],
    catalog: Catalog,
    gate: Gate,
    language: Language,
    limit: float,
) -> None:
    script = make_script(language=language, night={"from": "22:10", "to": "22:10"})
    lines = heard(plan_night(script, 24), catalog)
    assert self_repetition(line.text for _, line in lines) <= limit
    last: dict[str, datetime] = {}
    # The shop's one offer runs through the whole day, so its facts are the same at any moment of it.
    facts = {key: fact for product in catalog.products for key, fact in catalog.facts(product, lines[0][0]).items()}
    names = tuple(name for product in catalog.products for name in (product.name.en, product.name.zh))
    for at, line in lines:
        cited = tuple(facts[fact_id] for fact_id in line.fact_ids)
        verdict = gate.judge(line.text, GateContext(language, at, cited, names))
        assert verdict.passed, (line.text, verdict)
        if not line.mandatory:
            assert at - last.get(line.text, at - timedelta(hours=3)) >= timedelta(hours=2), line.text
            last[line.text] = at
    openings = Counter(" ".join(line.text.split()[:2]) if language == "en" else line.text[:3] for _, line in lines)
    assert openings.most_common(1)[0][1] < 0.04 * len(lines), "no opening wears out"


def test_a_plan_in_one_go_and_a_plan_in_steps_begin_alike(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script]
) -> None:
    whole = plan_night(make_script(), 0.5)
    assert whole == plan_night(make_script(), 0.5)
    assert whole[: len(plan_night(make_script(), 0.2))] == plan_night(make_script(), 0.2)


def test_every_segment_says_why_it_stands_there(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script]
) -> None:
    planned = plan_night(make_script(), 1)
    assert all(segment.reason for _, segment in planned)
    assert {segment.kind for _, segment in planned} >= {
        "notice",
        "opening",
        "product",
        "try_on",
        "offer",
        "game",
        "story",
    }


def test_the_ai_notice_comes_first_and_comes_again(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script], policy: Policy
) -> None:
    planned = plan_night(make_script(), 1)
    notices = [at for at, segment in planned if segment.slot == NOTICE_SLOT]
    assert planned[0][1].slot == NOTICE_SLOT
    assert policy.notice is not None
    longest = max(after - before for before, after in pairwise(notices))
    assert longest <= timedelta(minutes=policy.notice.every_min + 3)


def test_a_slot_at_a_time_of_the_clock_is_kept(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script], now: datetime
) -> None:
    slots_of_night = [
        {"name": "half past", "at": "22:30", "do": "offer", "product": "tea_cup"},
        {
            "name": "house",
            "every_min": 20,
            "do": "story",
            "text": {"en": "We began as one stall.", "zh": "我们从一个摊子开始。"},
        },
    ]
    planned = plan_night(make_script(slots=slots_of_night), 1)
    at, segment = next((at, segment) for at, segment in planned if segment.slot == "half past")
    assert abs((at - now.replace(hour=22, minute=30)).total_seconds()) <= 60
    assert (segment.kind, segment.product_id) == ("offer", "tea_cup")
    told = [(at, segment) for at, segment in planned if segment.slot == "house"]
    assert told[0][0] - now <= timedelta(minutes=21)
    assert all(after - before <= timedelta(minutes=21) for (before, _), (after, _) in pairwise(told))
    assert told[0][1].lines[0].text == "We began as one stall."
    assert told[0][1].lines[0].mandatory


def test_products_rest_and_weight_counts(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script], catalog: Catalog
) -> None:
    heavy = catalog.model_copy(
        update={
            "products": tuple(
                product.model_copy(update={"weight": 6.0 if product.id == "tea_cup" else 1.0, "featured": True})
                for product in catalog.products
            )
        }
    )
    planned = plan_night(make_script(), 3, sold=heavy)
    turns = [(at, segment.product_id) for at, segment in planned if segment.kind == "product"]
    for product in catalog.products:
        times = [at for at, product_id in turns if product_id == product.id]
        assert times, f"{product.id} is never shown"
        assert all(after - before >= timedelta(minutes=6) for before, after in pairwise(times))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_product_is_not_called_by_its_name_in_every_sentence(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script], catalog: Catalog, language: Language
) -> None:
    shown = [segment for _, segment in plan_night(make_script(language=language), 2) if segment.kind == "product"]
    named = again = 0
    for segment in shown:
        product = catalog.product(str(segment.product_id))
        assert product is not None
        name = product.name.in_language(language)
        calls = [name in line.text for line in segment.lines]
        assert any(calls[:2]), "who comes in hears what this is"
        named += sum(calls)
        again += sum(before and after for before, after in pairwise(calls))
    lines = sum(len(segment.lines) for segment in shown)
    assert named / lines < 0.35
    assert again / lines < 0.06


def test_a_turn_of_phrase_rests_also_between_two_products(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script]
) -> None:
    used: dict[str, datetime] = {}
    soon = count = 0
    for at, segment in plan_night(make_script(), 4):
        for phrase in dict.fromkeys(line.phrase for line in segment.lines if line.phrase and segment.product_id):
            count += 1
            soon += phrase in used and at - used[phrase] < timedelta(minutes=15)
            used[phrase] = at
    assert soon / count < 0.06


def test_what_the_room_asks_for_comes_forward(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script]
) -> None:
    planned = plan_night(make_script(), 0.2, demand={"field_watch": 7.0})
    first = next(segment for _, segment in planned if segment.kind == "product")
    assert first.product_id == "field_watch"
    assert "the room asks" in first.reason.en
    assert "观众想看" in first.reason.zh


def test_a_try_on_puts_the_product_on_and_takes_it_off(
    plan_night: Callable[..., Plan], make_script: Callable[..., Script]
) -> None:
    tried = [segment for _, segment in plan_night(make_script(), 0.6) if segment.kind == "try_on"]
    assert tried
    for segment in tried:
        assert (segment.lines[0].wear, segment.lines[-1].wear) == (segment.product_id, "")
        assert segment.product_id != "moss_lamp", "a lamp is not worn"


def test_languages_take_turns_by_round(plan_night: Callable[..., Plan], make_script: Callable[..., Script]) -> None:
    script = make_script(languages=["en", "zh"], night={"from": "22:00", "to": "06:00", "loop_min": 10})
    languages = [segment.lines[0].language for _, segment in plan_night(script, 1)]
    changes = sum(before != after for before, after in pairwise(languages))
    assert set(languages) == {"en", "zh"}
    assert changes <= 8, "by rounds, not by sentences"


def test_the_night_closes_and_then_is_over(plan_night: Callable[..., Plan], make_script: Callable[..., Script]) -> None:
    planned = plan_night(make_script(night={"from": "22:00", "to": "23:00"}), 5)
    assert planned[-1][1].kind == "closing"
    assert planned[-1][0].hour == 22
    assert planned[-1][0].minute >= 55


def test_it_is_livelier_at_ten_than_at_three(now: datetime) -> None:
    assert energy(now.replace(hour=22)) > 0.8
    assert energy(now.replace(hour=3, minute=0)) == pytest.approx(0.25)
    assert all(0 <= energy(now.replace(hour=hour, minute=minute)) <= 1 for hour in range(24) for minute in (0, 30))


# -- facts into lines ----------------------------------------------------------------------------------------


def line(text: str, language: Language = "en", *fact_ids: str) -> Line:
    return Line("x", text, language, fact_ids)


def test_a_fact_is_filled_in_at_the_last_moment(catalog: Catalog, now: datetime) -> None:
    dearer = catalog.model_copy(
        update={"products": tuple(product.model_copy(update={"price": 99_00}) for product in catalog.products[-1:])}
    )
    written = line("It costs {tea_cup.price}.")
    before, after = fill(written, catalog, now), fill(written, dearer, now)
    assert before is not None
    assert after is not None
    assert (before.text, after.text) == ("It costs ¥89.", "It costs ¥99.")
    assert before.fact_ids == ("tea_cup.price",)


def test_an_offer_that_ended_takes_its_lines_with_it(catalog: Catalog, now: datetime) -> None:
    written = line("Now {moss_lamp.offer}.")
    assert fill(written, catalog, now) is not None
    assert fill(written, catalog, now + timedelta(days=30)) is None
    assert fill(line("Cheaper today.", "en", "moss_lamp.offer"), catalog, now + timedelta(days=30)) is None
    assert fill(line("It costs {nothing.price}."), catalog, now) is None


def test_facts_fit_into_their_sentence(catalog: Catalog, now: datetime) -> None:
    shouted = catalog.products[0].model_copy(
        update={"materials": (catalog.products[0].materials[0].model_copy(update={"en": "Oiled oak."}),)}
    )
    shop = catalog.model_copy(update={"products": (shouted,)})

    def said(text: str) -> str:
        filled = fill(line(text), shop, now)
        assert filled is not None
        return filled.text

    assert said("Made of {sunglasses.material_1}, look.") == "Made of oiled oak, look."
    assert said("{sunglasses.material_1}. Look.") == "Oiled oak. Look."
    assert said("A {sunglasses.material_1} ring.") == "An oiled oak. ring."
    assert said("It is past {now.clock}.") == "It is past 22:10."


# -- the offline writer --------------------------------------------------------------------------------------


def brief(catalog: Catalog, now: datetime, **fields: object) -> Brief:
    product = catalog.product("moss_lamp")
    plain = Brief("s1", "product", "en", now, 90.0, 300.0, 0.9, "test", product)
    return replace(plain, **fields)


def desk(catalog: Catalog, persona: Persona, seed: int = 1) -> Desk:
    return Desk(catalog, persona, Memory(), Random(seed))


def test_lines_cite_the_facts_they_hold_and_no_others(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    for language in ("en", "zh"):
        segment = OfflineWriter(banks).write(brief(catalog, now, language=language), desk(catalog, persona))
        for written in segment.lines:
            assert written.fact_ids == slots(written.text)
            assert "[" not in written.text
            assert "<" not in written.text


def test_a_segment_keeps_to_its_time(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    for target_s in (30.0, 90.0, 200.0):
        segment = OfflineWriter(banks).write(brief(catalog, now, target_s=target_s), desk(catalog, persona))
        assert duration_s(segment) <= target_s * 1.25 + 10


def test_words_of_the_brand_are_said_as_they_are(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    told = brief(catalog, now, kind="story", words="One stall. Then two!", mandatory=True)
    segment = OfflineWriter(banks).write(told, desk(catalog, persona))
    assert [written.text for written in segment.lines] == ["One stall.", "Then two!"]


def test_a_feature_stays_the_same_through_its_paragraph(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    segment = OfflineWriter(banks).write(brief(catalog, now, target_s=300.0), desk(catalog, persona))
    features = [fact_id for written in segment.lines for fact_id in written.fact_ids if "feature_" in fact_id]
    assert features
    shown = features[0]
    for fact_id in features:
        if not fact_id.endswith(("_advantage", "_benefit")):
            shown = fact_id
        assert fact_id.startswith(shown)


def test_nothing_to_say_is_told(catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime) -> None:
    with pytest.raises(PlanError, match="no shape"):
        OfflineWriter(banks).write(brief(catalog, now, game="chess"), desk(catalog, persona))


def test_the_grammar_of_a_product() -> None:
    assert [kind for kind in ("sunglasses", "earrings", "cap", "necklace", "glass") if is_plural(kind)] == [
        "sunglasses",
        "earrings",
    ]
    measures = {"": "件", "镜": "副", "灯": "盏"}
    assert [measure_word(kind, measures) for kind in ("太阳镜", "台灯", "毛毯")] == ["副", "盏", "件"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("beats: {a: {say: ['<nowhere> ']}}", "nowhere"),
        ("beats: {a: {say: ['[open']}}", "bracket"),
        ("beats: {a: {say: [x]}}\nshapes: {product: {open: [b]}}", "a beat of this bank"),
        ("beats: {a: {sing: [x]}}", "sing"),
    ],
)
def test_a_broken_bank_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "bank.yaml").write_text(text, "utf-8")
    with pytest.raises(PackError, match=told):
        load_bank(tmp_path, "en")


def test_both_languages_have_the_same_shapes(banks: dict[Language, Bank]) -> None:
    assert banks["en"].shapes.keys() == banks["zh"].shapes.keys()


def test_what_would_be_said_of_a_product(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    product = catalog.product("sunglasses")
    assert product is not None
    lines = write_product(product, catalog, persona, banks, language="en", at=now, seed=1)
    assert len(lines) > 20
    assert any("sunglasses.price" in written.fact_ids for written in lines)


def test_nobody_is_asked_to_look_at_a_product_without_a_model(
    catalog: Catalog, persona: Persona, banks: dict[Language, Bank], now: datetime
) -> None:
    seen = catalog.product("tea_cup")
    assert seen is not None
    unseen = seen.model_copy(update={"model": None})
    for language, bank in banks.items():

        def looks(product: Product, language: Language = language, bank: Bank = bank) -> bool:
            lines = write_product(product, catalog, persona, banks, language=language, at=now, seed=1)
            return any(bank.beats[line.phrase.partition("#")[0]].seen for line in lines)

        assert looks(seen)
        assert not looks(unseen)


# -- memory --------------------------------------------------------------------------------------------------


def test_memory_is_restored_from_what_was_spoken(now: datetime) -> None:
    spoken = Segment("s", "product", (Line("l", "The glass is warm.", "en", phrase="look#1"),), "moss_lamp")
    memory = Memory.restore([(now, spoken, 60.0)])
    later = now + timedelta(hours=1)
    assert memory.said_within("the glass is warm", later, timedelta(hours=2))
    assert not memory.said_within("The glass is warm.", now + timedelta(hours=2), timedelta(hours=2))
    assert memory.phrase_age_s("look#1", later, "moss_lamp") == 3600
    assert memory.phrase_age_s("look#1", later, "tea_cup") == float("inf")
    assert memory.last(kind="product", product_id="moss_lamp") == now
    assert memory.airtime_s("moss_lamp") == 60.0
    assert memory.recent(5) == ["The glass is warm."]


def test_gestures_of_the_phrases_are_those_that_the_host_has(banks: dict[Language, Bank]) -> None:
    known = {path.stem for path in (SHOW / "avatars" / "gestures").glob("*.yaml")}
    asked = {gesture for bank in banks.values() for beat in bank.beats.values() for gesture in beat.gesture if gesture}
    assert asked <= known
