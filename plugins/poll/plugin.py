"""Lets the room choose what to see next: three products, one vote a viewer, by writing its number."""

from __future__ import annotations

from collections import Counter

from nightcast.room.protocol import ProductCard
from nightcast.room.sdk import ClosePoll, Comment, Context, OpenPoll, Plugin

plugin = Plugin("poll", scopes=["room.comment:read", "speech:write", "overlay:write", "game:write", "product:write"])

EVERY_S = 45 * 60
OPEN_S = 45
WORDS = {
    "en": {"ask": "What shall we see next? Write {options}.", "won": "You have chosen: {title}!", "or": ", "},
    "zh": {"ask": "接下来想看哪一款？请打{options}。", "won": "大家选的是{title}！", "or": "，"},
}

_poll_id: str | None = None
_choices: list[ProductCard] = []
_votes: dict[str, int] = {}


@plugin.every(EVERY_S)
async def ask(ctx: Context) -> None:
    global _poll_id
    others = [p for p in ctx.room.products.values() if p.id != ctx.room.product_id and p.stock != 0]
    if len(others) < 2:
        return
    _choices[:] = ctx.random.sample(others, min(3, len(others)))
    _votes.clear()
    words, now_ms = WORDS[ctx.room.language], ctx.now_ms()
    options = words["or"].join(f"{n} {p.title}" for n, p in enumerate(_choices, 1))
    poll_id = f"poll{now_ms}"
    question = words["ask"].format(options=options)
    titles = tuple(p.title[:40] for p in _choices)
    ends_at = now_ms + OPEN_S * 1000
    if not await ctx.poll(OpenPoll(poll_id=poll_id, question=question, options=titles, ends_at=ends_at)):
        return
    _poll_id = poll_id
    await ctx.say(question, ttl=20)
    for _ in range(OPEN_S // 3):
        await ctx.sleep(3)
        standing = " · ".join(f"{title} {votes}" for title, votes in tally().items())
        await ctx.overlay("lower_third", {"title": question, "subtitle": standing}, hold=6)
    await close(ctx, question)


async def close(ctx: Context, question: str) -> None:
    global _poll_id
    counts = tally()
    await ctx.poll(ClosePoll(poll_id=_poll_id or "", question=question, counts=counts))
    _poll_id = None
    if not _votes:
        return
    chosen = _choices[Counter(_votes.values()).most_common(1)[0][0]]
    await ctx.say(WORDS[ctx.room.language]["won"].format(title=chosen.title), ttl=20)
    await ctx.product(chosen.id)


def tally() -> dict[str, int]:
    return {p.title[:40]: sum(v == n for v in _votes.values()) for n, p in enumerate(_choices)}


@plugin.on(Comment, concurrency=4, key="user.ref")
async def vote(ctx: Context, comment: Comment) -> None:
    text = comment.text.strip()
    if _poll_id is not None and text.isdecimal() and 1 <= int(text) <= len(_choices):
        _votes[comment.user.ref] = int(text) - 1  # who changes their mind is counted once


if __name__ == "__main__":
    plugin.run()
