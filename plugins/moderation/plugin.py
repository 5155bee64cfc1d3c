"""Deletes spam, mutes abuse, flags what a person should see, and blocks who does not stop. Rules: `rules.yaml`.

What it does are measures against comments, by the platform's opaque viewer ref. A sign that a minor is buying is
flagged for a person and never acted on alone.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import yaml

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("moderation", scopes=["room.comment:read", "moderation:write"])

BOOK: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text("utf-8"))
KEEP = 5_000  # viewers remembered


def compiled(rule: dict[str, Any]) -> re.Pattern[str]:
    words = [re.escape(word) for word in rule.get("words", [])]
    return re.compile("|".join([*words, *rule.get("patterns", [])]), re.IGNORECASE)


RULES = [(compiled(rule), rule) for rule in BOOK["rules"]]

_written: dict[str, deque[tuple[int, str]]] = defaultdict(lambda: deque(maxlen=20))
_measures: dict[str, int] = defaultdict(int)


@plugin.on(Comment, concurrency=8, key="user.ref")
async def on_comment(ctx: Context, comment: Comment) -> None:
    if comment.user.is_anchor:
        return
    rule = by_words(comment.text) or by_habit(comment, ctx.now_ms())
    if rule is None:
        return
    verb, seconds = rule["verb"], rule.get("seconds")
    if verb != "flag":
        _measures[comment.user.ref] += 1
        if _measures[comment.user.ref] > BOOK["block_after_measures"]:
            verb, seconds = "block", None
    await ctx.moderate(comment.user, verb, rule["reason"], comment_id=comment.comment_id, seconds=seconds)


def by_words(text: str) -> dict[str, Any] | None:
    return next((rule for pattern, rule in RULES if pattern.search(text)), None)


def by_habit(comment: Comment, now_ms: int) -> dict[str, Any] | None:
    written = _written[comment.user.ref]
    written.append((now_ms, comment.text))
    if len(_written) > KEEP:
        del _written[next(iter(_written))]
    for name in ("repeated", "flood"):
        rule: dict[str, Any] = BOOK[name]
        recent = [text for t_ms, text in written if now_ms - t_ms <= rule["within_s"] * 1000]
        if name == "repeated":
            recent = [text for text in recent if text == comment.text]
        if len(recent) >= rule["times"]:
            written.clear()
            return rule
    return None


if __name__ == "__main__":
    plugin.run()
