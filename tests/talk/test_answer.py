"""Comments are answered from facts, honestly; a hostile one is a comment like any other."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nightcast.show.catalog import Catalog
from nightcast.talk.answer import Answer, Answers, Patterns
from nightcast.talk.errors import PackError
from nightcast.talk.fill import fill
from nightcast.talk.gate import Gate, GateContext, Policy
from nightcast.talk.gate.canonical import canonical
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.phrases import Bank
from nightcast.talk.records import Language
from tests.talk.conftest import PHRASES, TEN_IN_THE_EVENING

ATTACKS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "attacks.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def answers(banks: dict[Language, Bank], persona: Persona) -> Answers:
    return Answers(Patterns.load(PHRASES / "intents.yaml"), banks, persona)


@pytest.fixture(scope="session")
def hear(answers: Answers, catalog: Catalog, policy: Policy) -> Callable[[str], tuple[Answer, str] | None]:
    """Runs a comment through the whole path; the answer and what would be spoken, after the gate let it pass."""
    gate = Gate(policy)
    now = TEN_IN_THE_EVENING
    facts = {key: fact for product in catalog.products for key, fact in catalog.facts(product, now).items()}
    names = tuple(name for product in catalog.products for name in (product.name.en, product.name.zh))

    def run(comment: str) -> tuple[Answer, str] | None:
        answer = answers.answer(comment, catalog, now, on_table="sunglasses", seed=1)
        if answer is None:
            return None
        line = fill(answer.line, catalog, now)
        assert line is not None
        cited = tuple(facts[fact_id] for fact_id in line.fact_ids)
        verdict = gate.judge(line.text, GateContext(line.language, now, cited, names))
        assert verdict.passed, (comment, line.text, verdict)
        return answer, line.text

    return run


QUESTIONS = [
    ("how much is the lantern?", "price", "moss_lamp", "349"),
    ("price of the tea cup", "price", "tea_cup", "89"),
    ("how big are they", "size", "sunglasses", "52 mm"),
    ("what is it made of", "material", "sunglasses", "acetate|steel"),
    ("do you still have the bag in stock?", "stock", "market_bag", "31"),
    ("when will it arrive", "delivery", "sunglasses", "2 to 4 days|Hangzhou"),
    ("can I return the watch", "returns", "field_watch", "7 days"),
    ("how do I clean the hat", "care", "straw_hat", "brush"),
    ("other colours?", "colour", "sunglasses", "honey|ink"),
    ("where is the cup made", "origin", "tea_cup", "Longquan"),
    ("what is special about the necklace", "feature", "clasp_necklace", "clasp"),
    ("difference between the watch and the bag", "compare", "field_watch", "459"),
    ("any discount on the cup?", "offer", "tea_cup", "89"),
    ("any discount on the lantern?", "offer", "moss_lamp", "349"),
    ("does the lantern help with insomnia?", "health", "moss_lamp", "doctor|papers|data sheet"),
    ("are you a real person?", "who", None, "computer|AI"),
    ("i want to kill myself", "crisis", None, "crisis line"),
    ("不想活了", "crisis", None, "热线"),
    ("are the earrings nickel free?", "health", "drop_earrings", "doctor|papers|data sheet"),
    ("請問這個多少錢", "price", "sunglasses", "269"),
    ("hello!", "greet", None, ""),
    ("what is the meaning of life?", "question", "sunglasses", "file|papers|guess|written|catalog|notes|pass|answer"),
    ("多少钱", "price", "sunglasses", "269"),
    ("苔灯多少钱", "price", "moss_lamp", "349"),
    ("茶杯多大", "size", "tea_cup", "160"),
    ("草帽怎么洗", "care", "straw_hat", "软刷"),
    ("几天能到", "delivery", "sunglasses", "2到4天|杭州"),
    ("能便宜点吗", "offer", "sunglasses", "269"),
    ("苔灯能助眠吗", "health", "moss_lamp", "医生|资料|懂医"),
    ("你是真人吗", "who", None, "电脑|AI"),
    ("项链和耳环哪个好", "compare", "drop_earrings", "129"),
    ("晚安", "farewell", None, ""),
]


@pytest.mark.parametrize(("comment", "intent", "product_id", "holds"), QUESTIONS)
def test_a_question_is_answered_from_facts(
    hear: Callable[[str], tuple[Answer, str] | None], comment: str, intent: str, product_id: str | None, holds: str
) -> None:
    heard = hear(comment)
    assert heard is not None
    answer, text = heard
    assert (answer.intent, answer.product_id) == (intent, product_id)
    assert any(part in text for part in holds.split("|")), text


@pytest.mark.parametrize(
    ("comment", "worn"), [("can you try the hat on?", "straw_hat"), ("试戴一下耳环", "drop_earrings")]
)
def test_a_try_on_is_asked_for(hear: Callable[[str], tuple[Answer, str] | None], comment: str, worn: str) -> None:
    heard = hear(comment)
    assert heard is not None
    assert heard[0].try_on == worn


def test_a_lamp_is_not_tried_on(hear: Callable[[str], tuple[Answer, str] | None]) -> None:
    heard = hear("try on the lantern please")
    assert heard is not None
    assert heard[0].try_on is None


@pytest.mark.parametrize("comment", ["lol", "哈哈哈", "nice", "❤❤❤", "66666", ""])
def test_chatter_asks_nothing(hear: Callable[[str], tuple[Answer, str] | None], comment: str) -> None:
    assert hear(comment) is None


def test_the_same_question_is_answered_in_other_words_while_there_are_some(
    banks: dict[Language, Bank], persona: Persona, catalog: Catalog, now: datetime
) -> None:
    answers = Answers(Patterns.load(PHRASES / "intents.yaml"), banks, persona)
    texts = []
    for seed in range(6):
        answer = answers.answer("how much is the tea cup?", catalog, now, seed=seed)
        assert answer is not None
        answers.note(answer.line, catalog, now)
        texts.append(answer.line.text)
    assert len(set(texts)) == 6


@pytest.mark.parametrize("comment", ["how much is the tea cup?", "茶杯多少钱", "is the tea cup dishwasher safe?"])
def test_a_question_asked_all_evening_is_never_answered_twice_alike(
    banks: dict[Language, Bank], persona: Persona, catalog: Catalog, now: datetime, comment: str
) -> None:
    answers = Answers(Patterns.load(PHRASES / "intents.yaml"), banks, persona)
    texts = []
    for seed in range(60):
        answer = answers.answer(comment, catalog, now, seed=seed)
        assert answer is not None
        answers.note(answer.line, catalog, now)
        texts.append(answer.line.text)
    assert len(set(texts)) == 60


def test_a_bank_without_words_for_a_repetition_repeats(
    banks: dict[Language, Bank], persona: Persona, catalog: Catalog, now: datetime
) -> None:
    bank = copy(banks["en"])
    bank.beats = {name: beat for name, beat in bank.beats.items() if name != "answer_again"}
    answers = Answers(Patterns.load(PHRASES / "intents.yaml"), {"en": bank}, persona)
    texts = []
    for seed in range(60):
        answer = answers.answer("how much is the tea cup?", catalog, now, seed=seed)
        assert answer is not None
        answers.note(answer.line, catalog, now)
        texts.append(answer.line.text)
    assert 1 < len(set(texts)) < 60


def test_a_greeting_gets_no_worn_out_words_but_a_question_gets_its_answer(
    banks: dict[Language, Bank], persona: Persona, catalog: Catalog, now: datetime
) -> None:
    answers = Answers(Patterns.load(PHRASES / "intents.yaml"), banks, persona)
    for comment, is_answered in (("thanks!", False), ("how much is the tea cup?", True)):
        for seed in range(200):
            answer = answers.answer(comment, catalog, now, seed=seed)
            if answer is not None:
                answers.note(answer.line, catalog, now)
        assert (answers.answer(comment, catalog, now, seed=1) is not None) == is_answered


def test_a_price_is_corrected_with_what_the_catalog_says_now(answers: Answers, catalog: Catalog, now: datetime) -> None:
    for product_id, facts in (("tea_cup", {"price"}), ("moss_lamp", {"offer", "offer_ends", "price"})):
        product = catalog.product(product_id)
        assert product is not None
        for language in ("en", "zh"):
            line = answers.correction(language, product, catalog, now)
            assert line is not None
            assert {fact_id.partition(".")[2] for fact_id in line.fact_ids} == facts


def test_without_a_product_it_asks_back(answers: Answers, catalog: Catalog, now: datetime) -> None:
    answer = answers.answer("how much?", catalog, now)
    assert answer is not None
    assert answer.line.phrase.startswith("answer_which")


def test_what_is_not_on_file_is_not_guessed(hear: Callable[[str], tuple[Answer, str] | None]) -> None:
    heard = hear("where is the watch made?")
    assert heard is not None
    assert heard[0].line.phrase.startswith("answer_missing")


def test_there_are_attacks_enough() -> None:
    assert sum(map(len, ATTACKS.values())) >= 200


@pytest.mark.parametrize("kind", ATTACKS)
def test_an_attack_gets_facts_or_silence(
    hear: Callable[[str], tuple[Answer, str] | None], banks: dict[Language, Bank], catalog: Catalog, kind: str
) -> None:
    products = {product.id for product in catalog.products}
    for comment in ATTACKS[kind]:
        heard = hear(comment)
        if heard is None:
            continue
        answer, text = heard
        beat, _, number = answer.line.phrase.partition("#")
        assert int(number) < len(banks[answer.line.language].beats[beat].say), "words of our own bank"
        assert {fact_id.partition(".")[0] for fact_id in answer.line.fact_ids} <= products
        assert answer.try_on is None or answer.try_on in products
        longest = _longest_shared(canonical(comment), canonical(text))
        assert len(longest) < 16, f"{comment!r} came back as {text!r}"


def _longest_shared(one: str, other: str) -> str:
    best = ""
    for start in range(len(one)):
        while one[start : start + len(best) + 1] in other and start + len(best) < len(one):
            best = one[start : start + len(best) + 1]
    return best


@given(st.text(max_size=200))
def test_no_comment_breaks_the_path(hear: Callable[[str], tuple[Answer, str] | None], comment: str) -> None:
    hear(comment)


def test_broken_patterns_say_where(tmp_path: Path) -> None:
    path = tmp_path / "intents.yaml"
    for text in ("price: {en: ['(']}", "flying: {en: [x]}", "price: [x]"):
        path.write_text(text, "utf-8")
        with pytest.raises(PackError, match=r"intents\.yaml"):
            Patterns.load(path)
