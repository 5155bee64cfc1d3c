"""A question now and then; the first three who know the answer are named. Questions are in `quiz.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("quiz", scopes=["room.comment:read", "speech:write", "overlay:write"])

EVERY_S = 40 * 60
OPEN_S = 40
FIRST = 3
WORDS = {
    "en": {"won": "{names}: right! It is {answer}.", "nobody": "The answer is {answer}.", "and": ", "},
    "zh": {"won": "{names}答对了！答案是{answer}。", "nobody": "答案是{answer}。", "and": "、"},
}
QUESTIONS: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("quiz.yaml").read_text("utf-8"))

_right: list[str] = []
_winners: dict[str, str] = {}


@plugin.every(EVERY_S)
async def ask(ctx: Context) -> None:
    language = ctx.room.language
    asked: list[int] = ctx.store.setdefault(f"asked_{language}", [])
    left = [n for n in range(len(QUESTIONS[language])) if n not in asked]
    if not left:
        asked.clear()
        left = list(range(len(QUESTIONS[language])))
    number = ctx.random.choice(left)
    question = QUESTIONS[language][number]
    if not await ctx.say(question["ask"], ttl=15):
        return
    asked.append(number)
    _winners.clear()
    _right[:] = [str(answer).casefold() for answer in question["right"]]
    await ctx.overlay("lower_third", {"title": question["ask"]}, hold=OPEN_S)
    await ctx.sleep(OPEN_S)
    _right.clear()
    words = WORDS[language]
    names = words["and"].join(_winners.values())
    text = words["won" if names else "nobody"].format(names=names, answer=question["right"][0])
    await ctx.say(text, expression="happy" if names else None, ttl=20)


@plugin.on(Comment)
async def on_comment(ctx: Context, comment: Comment) -> None:
    if comment.text.strip().casefold() in _right and len(_winners) < FIRST:
        _winners.setdefault(comment.user.ref, comment.user.nickname)


if __name__ == "__main__":
    plugin.run()
