"""Viewers check in once a night by writing "check in" or 签到; the plugin counts nights in a row.

A night is named by the day it began on, so that one that goes past midnight counts once. What is kept is the viewer's
opaque ref and two numbers, for thirty days.
"""

from __future__ import annotations

import datetime as dt

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("check_in", scopes=["room.comment:read", "speech:write"])

TELL_EVERY_S = 120
STREAK = 7  # nights in a row that are worth a word of their own
KEEP_DAYS = 30
WORDS = {
    "en": {
        "some": "{count} have checked in tonight. Thank you for coming!",
        "streak": "{name}: {days} nights in a row!",
    },
    "zh": {"some": "今晚已有{count}位朋友签到，谢谢你们来！", "streak": "{name}连续签到{days}天！"},
}

_told = 0


@plugin.command("check in", "checkin", "签到", cooldown=60)
async def check_in(ctx: Context, comment: Comment, rest: str) -> None:
    tonight = night_of(ctx.now_ms())
    book = ctx.store.setdefault("book", {})
    last, days = book.get(comment.user.ref, (0, 0))
    if last == tonight:
        return
    days = days + 1 if last == tonight - 1 else 1
    book[comment.user.ref] = (tonight, days)
    if days % STREAK == 0:
        text = WORDS[ctx.room.language]["streak"].format(name=comment.user.nickname, days=days)
        await ctx.say(text, idem=f"streak-{comment.user.ref}-{tonight}", ttl=30)


@plugin.every(TELL_EVERY_S)
async def tell(ctx: Context) -> None:
    global _told
    tonight = night_of(ctx.now_ms())
    book = ctx.store.setdefault("book", {})
    for ref in [ref for ref, (night, _) in book.items() if tonight - night > KEEP_DAYS]:
        del book[ref]
    count = sum(night == tonight for night, _ in book.values())
    if (
        count > _told
        and count >= 3
        and await ctx.say(WORDS[ctx.room.language]["some"].format(count=count), pri="ambience", ttl=10)
    ):
        _told = count


def night_of(now_ms: int) -> int:
    """The number of the night: it changes at noon, local time."""
    local = dt.datetime.fromtimestamp(now_ms / 1000) - dt.timedelta(hours=12)
    return local.toordinal()


if __name__ == "__main__":
    plugin.run()
