"""A writer that asks a language model, through langchain: any `provider:model`, any OpenAI-compatible `base_url`.

The model sees the brief and the facts with their ids, never a viewer's words. What it sends is checked line by line
(`draft`); it is told once what was wrong; then it is somebody else's turn. Blocking: call it off the event loop.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nightcast.show.script import PlannerSettings
from nightcast.talk.errors import PlanError
from nightcast.talk.gate import Gate
from nightcast.talk.plan.brief import Brief, Desk
from nightcast.talk.plan.draft import Draft, sift
from nightcast.talk.records import Segment

log = logging.getLogger(__name__)

_ATTEMPTS = 2
_ENOUGH = 0.6  #: share of a draft's lines that must stand
_WORDS_PER_LINE_S = 4.5
_RESTS_S = (30.0, 600.0)
_KINDS = ("opening", "product", "try_on", "offer", "bridge", "story", "question", "closing")
_NOT_LATELY = 24

_RULES = """\
You write what the host of a calm live shopping stream says next. Rules:
- Write in {language} only. One spoken sentence per line, under 30 words, plain and specific, no lists, no emoji.
- You may use only the facts given. Put a fact in by writing its id in braces, like {{lamp.price}}; the value is \
inserted later, so build the sentence around it.
- Never write a digit, a number word, a price, a percentage, a date or a size yourself.
- You are {host}, a digital host, openly artificial: {manner}. You have never used, worn or tasted anything.
- No superlatives, no health claims, no pressure, no countdowns, no other shops, no contact details.
- Vary how sentences begin. Talk to somebody who listens; be friendly, dry humour is welcome.
"""


@dataclass
class Budget:
    """What a night may cost. Shared by all models; restored from the journal by setting what was spent."""

    max_tokens: int
    max_usd: float | None = None
    usd_per_million_in: float = 0.0
    usd_per_million_out: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    @classmethod
    def of(cls, settings: PlannerSettings) -> Budget:
        return cls(
            settings.max_tokens_night,
            settings.max_cost_night,
            settings.usd_per_million_in or 0.0,
            settings.usd_per_million_out or 0.0,
        )

    @property
    def spent_usd(self) -> float:
        return (self.tokens_in * self.usd_per_million_in + self.tokens_out * self.usd_per_million_out) / 1e6

    @property
    def is_spent(self) -> bool:
        over_money = self.max_usd is not None and self.spent_usd >= self.max_usd
        return over_money or self.tokens_in + self.tokens_out >= self.max_tokens

    def pay(self, usage: Mapping[str, Any] | None, prompt: str, answer: str) -> None:
        """Count a call; where the server told no usage, four characters are taken for a token."""
        told = usage or {}
        self.tokens_in += int(told.get("input_tokens") or len(prompt) // 4)
        self.tokens_out += int(told.get("output_tokens") or len(answer) // 4)


class LlmWriter:
    """One model. After a failure it rests for a while, so that a dead server costs little."""

    def __init__(
        self,
        model: str,
        settings: PlannerSettings,
        gate: Gate,
        budget: Budget,
        monotonic: Callable[[], float],
        cache: Path | None = None,
        sentence_rest: timedelta = timedelta(hours=2),
    ) -> None:
        self.model = model
        self._settings = settings
        self._gate = gate
        self._budget = budget
        self._monotonic = monotonic
        self._cache = cache
        self._rest = sentence_rest
        self._chat: Any = None
        self._resting_until_s = float("-inf")
        self._rest_s = _RESTS_S[0]

    def write(self, brief: Brief, desk: Desk) -> Segment:
        """Raises PlanError: not this model's business, over budget, resting, or no usable draft."""
        if brief.words or brief.kind not in _KINDS:
            raise PlanError(f"a {brief.kind} of set words needs no model")
        if self._budget.is_spent:
            raise PlanError("the night's budget for language models is spent")
        if self._monotonic() < self._resting_until_s:
            raise PlanError(f"{self.model} rests after a failure")
        try:
            segment = self._attempts(brief, desk)
        except PlanError as error:
            log.warning("%s wrote no %s: %s", self.model, brief.kind, error)
            self._resting_until_s = self._monotonic() + self._rest_s
            self._rest_s = min(self._rest_s * 2, _RESTS_S[1])
            raise
        self._rest_s = _RESTS_S[0]
        return segment

    def _attempts(self, brief: Brief, desk: Desk) -> Segment:
        messages = [("system", _rules(brief, desk)), ("human", _task(brief, desk))]
        problems: list[str] = []
        for _ in range(_ATTEMPTS):
            draft = self._ask(messages)
            lines, problems = sift(draft, brief, desk, self._gate, self._rest)
            if len(lines) >= max(1, _ENOUGH * len(draft.lines)):
                return self._segment(lines, brief)
            # The model's own words go back to it, never a viewer's.
            told = "\n".join(problems[:8])
            messages = [
                *messages[:2],
                ("human", f"Your last draft broke rules:\n{told}\nWrite it again, keeping them."),
            ]
        raise PlanError(f"the drafts broke rules: {'; '.join(problems[:3])}")

    def _segment(self, lines: list[Any], brief: Brief) -> Segment:
        if brief.kind == "try_on" and brief.product:
            lines[0] = replace(lines[0], wear=brief.product.id)
            if len(lines) > 1:
                lines[-1] = replace(lines[-1], wear="")
        numbered = tuple(replace(line, id=f"{brief.id}-{index:02d}") for index, line in enumerate(lines, 1))
        product_id = brief.product.id if brief.product else None
        return Segment(brief.id, brief.kind, numbered, product_id, brief.reason, self.model, brief.slot, brief.due)

    def _ask(self, messages: list[tuple[str, str]]) -> Draft:
        prompt = json.dumps([self.model, messages], ensure_ascii=False)
        file = self._cache / f"{hashlib.sha256(prompt.encode()).hexdigest()}.json" if self._cache else None
        if file and file.exists():
            try:
                return Draft.model_validate_json(file.read_bytes())
            except ValidationError:
                file.unlink()
        try:
            answer = self._structured().invoke(messages)
        except Exception as error:
            raise PlanError(f"{self.model} failed ({type(error).__name__}: {str(error)[:200]})") from error
        raw = answer["raw"]
        self._budget.pay(getattr(raw, "usage_metadata", None), prompt, str(raw.content))
        draft = answer["parsed"]
        if not isinstance(draft, Draft):
            raise PlanError(f"{self.model} sent no usable draft ({answer['parsing_error']})")
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(draft.model_dump_json(), encoding="utf-8")
        return draft

    def _structured(self) -> Any:
        if self._chat is None:
            self._chat = _chat_model(self.model, self._settings).with_structured_output(Draft, include_raw=True)
        return self._chat


def why_unusable(model: str, settings: PlannerSettings) -> str:
    """Why a model could not even be asked (its provider's package or key is missing); "" where it could."""
    try:
        _chat_model(model, settings)
    except Exception as error:  # noqa: BLE001  each provider's package has errors of its own
        return f"{model}: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
    return ""


def _chat_model(model: str, settings: PlannerSettings) -> Any:
    # More than a second of import, and only where a model is wanted.
    from langchain.chat_models import init_chat_model
    from langchain_core.rate_limiters import InMemoryRateLimiter

    options: dict[str, Any] = {}
    if settings.base_url:
        options["base_url"] = settings.base_url
        if model.startswith("openai:") and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = "none"  # servers of one's own ask for no key, the client insists on one
    return init_chat_model(
        model,
        temperature=settings.temperature,
        timeout=settings.timeout_s,
        max_retries=0,  # the next writer is quicker than a retry
        rate_limiter=InMemoryRateLimiter(requests_per_second=settings.requests_per_min / 60, max_bucket_size=2),
        **options,
    )


def _rules(brief: Brief, desk: Desk) -> str:
    return _RULES.format(
        language="Chinese (Mandarin, simplified)" if brief.language == "zh" else "English",
        host=desk.persona.host[brief.language],
        manner=desk.persona.manner[brief.language] or "friendly and clear",
    )


def _task(brief: Brief, desk: Desk) -> str:
    """The brief and the facts as JSON. All of it comes from the show; nothing from the room."""
    product = brief.product
    task = {
        "segment": brief.kind,
        "shop": desk.persona.shop[brief.language],
        "time": f"{brief.at:%A %H:%M}",
        "mood": "lively" if brief.energy >= 0.7 else "calm" if brief.energy >= 0.4 else "very soft, it is deep night",
        "lines": max(2, round(min(brief.target_s, brief.max_s) / _WORDS_PER_LINE_S)),
        "product": product
        and {
            "name": product.name.in_language(brief.language),
            "kind": product.kind.in_language(brief.language),
            "worn_by_the_host_now": brief.kind == "try_on",
        },
        "facts": [
            {"id": fact.id, "kind": fact.kind, "value": fact.text.in_language(brief.language)}
            for fact in desk.facts(brief).values()
        ],
        "said_lately_do_not_repeat": desk.memory.recent(_NOT_LATELY),
    }
    return json.dumps(task, ensure_ascii=False)
