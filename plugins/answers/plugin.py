"""Takes viewers' questions and lets the host answer them.

The plugin chooses: it drops what is no question, takes the same question of many viewers once, and prefers
the product on show. The host words the answer from the catalog's facts; where there is no fact, it says so
honestly, and the question is kept for the morning.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("answers", scopes=["room.comment:read", "speech:write"])

SAME_QUESTION_MS = 90_000
STALE_MS = 25_000  # an answer that comes later than that finds nobody who remembers the question
REMEMBER = 1_000
QUESTION = re.compile(r"[?？]|吗|^(how|what|when|where|which|who|can|is|are|do|does|will)\b", re.IGNORECASE)
NOT_OURS = {"show", "try_on", "praise", "greeting", "spam", "abuse"}
INTENTS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("intents.yaml").read_text("utf-8"))

_asked: dict[tuple[str, str | None], tuple[int, int]] = {}  # (intent, product) -> (when answered, asked since)


@plugin.on(Comment, concurrency=3, timeout=60)
async def on_comment(ctx: Context, comment: Comment) -> None:
    intent = comment.intent or intent_of(comment.text)
    if intent is None or intent in NOT_OURS or (ctx.event and ctx.now_ms() - ctx.event.ts_ms > STALE_MS):
        return
    product = ctx.room.mentioned(comment.text) or ctx.room.product
    topic = (intent if intent != "other" else comment.text.casefold(), product.id if product else None)
    when_ms, more = _asked.get(topic, (-SAME_QUESTION_MS, 0))
    if ctx.now_ms() - when_ms < SAME_QUESTION_MS:
        _asked[topic] = (when_ms, more + 1)
        return
    if len(_asked) > REMEMBER:
        del _asked[next(iter(_asked))]
    _asked[topic] = (ctx.now_ms(), 0)
    outcome = await ctx.answer(
        comment.comment_id,
        comment.text,
        intent=intent,
        product_id=topic[1],
        language=comment.lang,
        user=comment.user,
        asked_by=more + 1,
    )
    if not outcome:
        _asked[topic] = (when_ms, more + 1)  # nobody was answered: the next viewer may ask again
    elif await outcome.end() == "failed":
        unanswered = ctx.store.setdefault("unanswered", [])
        unanswered.append({"question": comment.text, "intent": intent, "product": topic[1], "ts": ctx.now_ms()})
        del unanswered[:-500]
        ctx.log(f"no answer to: {comment.text}")


def intent_of(text: str) -> str | None:
    """The intent of a question by its words; "other" for a question of no known kind, None for no question."""
    folded = text.casefold()
    for intent, words in INTENTS.items():
        if any(_has(word, folded) for word in words):
            return intent
    return "other" if QUESTION.search(text.strip()) else None


def _has(word: str, text: str) -> bool:
    return word in text if not word.isascii() else re.search(rf"\b{re.escape(word)}", text) is not None


if __name__ == "__main__":
    plugin.run()
