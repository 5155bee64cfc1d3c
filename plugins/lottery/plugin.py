"""A lottery every half hour that anybody can check.

When it opens, the plugin publishes the SHA-256 of a secret seed. Viewers enter by writing the keyword. At the end the
seed is shown; the winners are those whose SHA-256 of seed and ref is smallest. Nobody, the shop included, can choose
the seed after the entries are known.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from nightcast.room.sdk import Comment, Context, DrawLottery, OpenLottery, Plugin, User

plugin = Plugin("lottery", scopes=["room.comment:read", "speech:write", "overlay:write", "promo:write"])

EVERY_S = 30 * 60
OPEN_S = 60
WINNERS = 1
PRIZE = {"en": "a lantern", "zh": "灯笼一盏"}
KEYWORD = {"en": "lantern", "zh": "抽奖"}
WORDS = {
    "en": {
        "open": "Lottery time! Write {keyword} within a minute to win {prize}.",
        "won": "Congratulations, {names}, you have won {prize}!",
        "nobody": "Nobody entered this time. The next lottery comes soon.",
    },
    "zh": {
        "open": "抽奖时间到！一分钟内打“{keyword}”，有机会赢{prize}。",
        "won": "恭喜{names}中了{prize}！",
        "nobody": "这一轮没有人参加，下一轮再来。",
    },
}


@plugin.every(EVERY_S)
async def open_lottery(ctx: Context) -> None:
    language, now_ms = ctx.room.language, ctx.now_ms()
    seed = secrets.token_hex(16)  # not ctx.random: nobody may foresee it
    lottery: dict[str, Any] = {"id": f"l{now_ms}", "seed": seed, "ends": now_ms + OPEN_S * 1000, "entrants": {}}
    opening = OpenLottery(
        lottery_id=lottery["id"],
        prize=PRIZE[language],
        winners=WINNERS,
        keyword=KEYWORD[language],
        commitment=hashlib.sha256(seed.encode()).hexdigest(),
        ends_at=lottery["ends"],
    )
    outcome = await ctx.lottery(opening, idem=f"{lottery['id']}-open")
    if not outcome:
        ctx.log(f"no lottery: {outcome.code} {outcome.detail}")
        return
    ctx.store["lottery"] = lottery  # survives a restart in the middle
    words = WORDS[language]["open"].format(keyword=KEYWORD[language], prize=PRIZE[language])
    await ctx.say(words, ttl=20)
    await ctx.overlay("countdown", {"title": PRIZE[language], "seconds": OPEN_S}, hold=OPEN_S)


@plugin.on(Comment, concurrency=4, key="user.ref")
async def enter(ctx: Context, comment: Comment) -> None:
    lottery = ctx.store.get("lottery")
    if lottery and ctx.now_ms() < lottery["ends"] and comment.text.strip().casefold() in KEYWORD.values():
        lottery["entrants"][comment.user.ref] = comment.user.nickname  # once, however often it is written


@plugin.every(1)
async def draw_when_due(ctx: Context) -> None:
    lottery = ctx.store.get("lottery")
    if not lottery or ctx.now_ms() < lottery["ends"]:
        return
    language, entrants = ctx.room.language, lottery["entrants"]
    winners = drawn(lottery["seed"], entrants, WINNERS)
    users = tuple(User(ref=ref, nickname=entrants[ref]) for ref in winners)
    result = DrawLottery(
        lottery_id=lottery["id"], prize=PRIZE[language], winners=users, entrants=len(entrants), seed=lottery["seed"]
    )
    outcome = await ctx.lottery(result, idem=f"{lottery['id']}-draw")
    if outcome.code in ("rate_limited", "busy", "timeout"):
        return  # again in a second, with the same key
    del ctx.store["lottery"]
    if not outcome:
        ctx.log(f"lottery {lottery['id']} could not be drawn: {outcome.code} {outcome.detail}")
        return
    names = ", ".join(user.nickname for user in users)
    words = WORDS[language]["won" if users else "nobody"].format(names=names, prize=PRIZE[language])
    await ctx.say(words, expression="happy", ttl=30)


def drawn(seed: str, entrants: dict[str, str], count: int) -> list[str]:
    """The refs of the winners; the same for everybody who knows the seed and the entrants."""
    return sorted(entrants, key=lambda ref: hashlib.sha256(f"{seed}:{ref}".encode()).digest())[:count]


if __name__ == "__main__":
    plugin.run()
