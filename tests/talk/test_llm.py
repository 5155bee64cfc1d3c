"""Language models behind a server that speaks OpenAI's protocol, and behaves as servers do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nightcast.show.catalog import Catalog
from nightcast.show.script import PlannerSettings, Script
from nightcast.talk.errors import PlanError
from nightcast.talk.gate import Gate, Policy
from nightcast.talk.plan import Memory, NightPlanner, PlanRequest
from nightcast.talk.plan.brief import Brief, Desk, Persona
from nightcast.talk.plan.llm import Budget, LlmWriter, why_unusable
from nightcast.talk.plan.phrases import Bank
from nightcast.talk.plan.rundown import Rundown
from nightcast.talk.plan.writers import build_writers
from nightcast.talk.records import Language
from tests.clock import Clock

GOOD = [
    {"text": "Look at how the glass holds the light.", "gesture": "point", "shot": "product"},
    {"text": "It is made of {moss_lamp.material_1}, and no two are alike.", "expression": "happy"},
    {"text": "On the card it says {moss_lamp.price}, and that is what you pay."},
]


@dataclass
class Model:
    """The server's answers in order (the last one again and again): a list of lines, or a fault by name."""

    answers: list[Any] = field(default_factory=lambda: [GOOD])
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def model() -> Iterator[Model]:
    state = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = state.next()
            if answer == "refused":
                self._send(503, b'{"error": {"message": "overloaded"}}')
                return
            if answer == "slow":
                time.sleep(1.5)
                answer = GOOD
            if answer == "half":
                content = '{"lines": [{"text": "Look at the gl'
            elif answer == "prose":
                content = "Of course! Here is your segment: look at this lamp."
            else:
                content = json.dumps({"lines": answer}, ensure_ascii=False)
            self._send(200, json.dumps(_completion(content)).encode())

        def _send(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                return  # the client gave up, as it should when we are slow

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def _completion(content: str) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }


@pytest.fixture
def make_writer(model: Model, gate: Gate, clock: Clock) -> Callable[..., LlmWriter]:
    def make(
        *,
        budget: Budget | None = None,
        cache: Path | None = None,
        timeout_s: float = 20.0,
        requests_per_min: float = 6000,
    ) -> LlmWriter:
        settings = PlannerSettings(
            model="openai:m", base_url=model.url, timeout_s=timeout_s, requests_per_min=requests_per_min
        )
        return LlmWriter("openai:m", settings, gate, budget or Budget(10**6), clock, cache)

    return make


@pytest.fixture
def brief(catalog: Catalog, now: datetime) -> Brief:
    return Brief("s1", "product", "en", now, 30.0, 300.0, 0.9, "test", catalog.product("moss_lamp"))


@pytest.fixture
def desk(catalog: Catalog, persona: Persona) -> Desk:
    return Desk(catalog, persona, Memory(), Random(1))


def test_a_good_draft_becomes_a_segment_that_cites_its_facts(
    make_writer: Callable[..., LlmWriter], brief: Brief, desk: Desk
) -> None:
    segment = make_writer().write(brief, desk)
    assert segment.writer == "openai:m"
    assert [line.fact_ids for line in segment.lines] == [(), ("moss_lamp.material_1",), ("moss_lamp.price",)]
    assert (segment.lines[0].gesture, segment.lines[0].shot, segment.lines[1].expression) == (
        "point",
        "product",
        "happy",
    )


def test_the_prompt_holds_facts_and_rules_and_nothing_of_the_room(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    make_writer().write(brief, desk)
    prompt = json.dumps(model.asked[0]["messages"], ensure_ascii=False)
    assert "moss_lamp.price" in prompt
    assert "Never write a digit" in prompt
    assert {message["role"] for message in model.asked[0]["messages"]} == {"system", "user"}


@pytest.mark.parametrize(
    "bad",
    [
        "refused",
        "half",
        "prose",
        [{"text": "Tonight it costs only 199 yuan."}, {"text": "Half price for everybody!"}],
        [{"text": "It costs {moss_lamp.secret}."}],
        [{"text": "这盏灯很好看。"}, {"text": "玻璃是手工吹的。"}],
        [{"text": "The best lamp in the world."}, {"text": "I've been using it for a year."}],
        [{"text": "Look at the glass, it holds the light so well tonight."}] * 5,
        [],
    ],
    ids=["refused", "half", "prose", "price", "fact", "language", "law", "repetition", "empty"],
)
def test_a_bad_model_is_never_believed(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk, bad: Any
) -> None:
    model.answers = [bad]
    with pytest.raises(PlanError):
        make_writer().write(brief, desk)


def test_a_slow_model_is_given_up(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    model.answers = ["slow"]
    with pytest.raises(PlanError, match=r"imeout|imed out"):
        make_writer(timeout_s=0.4).write(brief, desk)


def test_a_model_is_told_what_was_wrong_and_may_try_again(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    model.answers = [[{"text": "It costs 199 yuan."}], GOOD]
    segment = make_writer().write(brief, desk)
    assert len(segment.lines) == 3
    assert "a number of its own" in json.dumps(model.asked[1]["messages"])


def test_one_bad_line_among_good_ones_is_left_out(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    model.answers = [[*GOOD, {"text": "Hurry, last chance, only 3 left!"}]]
    assert len(make_writer().write(brief, desk).lines) == 3


def test_after_a_failure_it_rests(
    make_writer: Callable[..., LlmWriter], model: Model, clock: Clock, brief: Brief, desk: Desk
) -> None:
    model.answers = ["refused", GOOD]
    writer = make_writer()
    for _ in range(2):
        with pytest.raises(PlanError):
            writer.write(brief, desk)
    assert len(model.asked) == 1, "while it rests it is not asked"
    clock.now_s = 31.0
    assert writer.write(brief, desk).lines


def test_the_budget_of_a_night_is_kept(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    budget = Budget(max_tokens=10**9, max_usd=0.001, usd_per_million_in=0.5, usd_per_million_out=3.0)
    writer = make_writer(budget=budget)
    writer.write(brief, desk)
    assert (budget.tokens_in, budget.tokens_out) == (1000, 200)
    assert budget.spent_usd == pytest.approx(0.0011)
    with pytest.raises(PlanError, match="budget"):
        writer.write(brief, desk)
    assert len(model.asked) == 1


def test_a_budget_of_tokens_is_kept_too(make_writer: Callable[..., LlmWriter], brief: Brief, desk: Desk) -> None:
    writer = make_writer(budget=Budget(max_tokens=1_200))
    writer.write(brief, desk)
    with pytest.raises(PlanError, match="budget"):
        writer.write(brief, desk)


def test_a_model_is_not_asked_more_often_than_it_may_be(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk
) -> None:
    writer = make_writer(requests_per_min=240)
    began_s = time.monotonic()
    for number in range(3):
        writer.write(replace(brief, id=f"s{number}"), desk)
    assert len(model.asked) == 3
    assert time.monotonic() - began_s >= 0.5  # a quarter of a second each, but for what the limiter had saved up


def test_a_model_whose_provider_is_not_installed_says_what_to_install() -> None:
    assert "pip install langchain-" in why_unusable("anthropic:some-model", PlannerSettings())
    assert "provider" in why_unusable("no such thing", PlannerSettings())
    assert why_unusable("openai:m", PlannerSettings(base_url="http://127.0.0.1:1/v1")) == ""


def test_a_draft_that_was_paid_for_is_not_paid_for_again(
    make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk, tmp_path: Path
) -> None:
    first = make_writer(cache=tmp_path / "drafts").write(brief, desk)
    again = make_writer(cache=tmp_path / "drafts").write(brief, desk)
    assert first == again
    assert len(model.asked) == 1


def test_set_words_need_no_model(make_writer: Callable[..., LlmWriter], model: Model, brief: Brief, desk: Desk) -> None:
    with pytest.raises(PlanError, match="needs no model"):
        make_writer().write(replace(brief, kind="notice", words="I am a digital host."), desk)
    assert not model.asked


def test_when_both_models_fail_the_offline_writer_goes_on(
    model: Model,
    make_script: Callable[..., Script],
    catalog: Catalog,
    persona: Persona,
    banks: dict[Language, Bank],
    policy: Policy,
    now: datetime,
) -> None:
    model.answers = ["refused"]
    script = make_script(
        planner={"model": "openai:m", "second_model": "openai:n", "base_url": model.url, "requests_per_min": 6000}
    )
    writers = build_writers(script, Gate(policy), banks)
    planner = NightPlanner(Rundown(script, catalog, policy.notice, now), writers, persona)
    planned = list(planner.plan(PlanRequest(now, 600, 1, Memory(), catalog)))
    assert sum(len(segment.lines) for segment in planned) > 20
    assert {segment.writer for segment in planned} == {"offline"}
    assert {call["model"] for call in model.asked} == {"m", "n"}
