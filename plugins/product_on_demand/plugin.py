"""Shows or tries on what viewers ask for: "show number 3", "try on the glasses", 看一下3号, 试戴眼镜.

One wish is enough; between two switches lie at least twenty seconds, and the product most asked for meanwhile comes
first. What was put on is taken off after a minute.
"""

from __future__ import annotations

import re
from collections import Counter

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("product_on_demand", scopes=["room.comment:read", "product:write", "tryon:write"])

PAUSE_S = 20
WORN_S = 60
TRY_ON = re.compile(r"\btry (?:it |them )?on\b|\bput .*\bon\b|\bwear\b|试戴|试穿|试一下|戴上|穿上", re.IGNORECASE)
SHOW = re.compile(r"\bshow\b|\b(?:can|could) we see\b|\bback to\b|看一下|看看|讲一下|再看|想看", re.IGNORECASE)

_wishes: Counter[tuple[str, str]] = Counter()
_next_ms = 0
_off_ms: int | None = None


@plugin.on(Comment)
async def on_comment(ctx: Context, comment: Comment) -> None:
    wish = wish_of(ctx, comment.text)
    if wish is not None:
        _wishes[wish] += 1


@plugin.every(1)
async def fulfil(ctx: Context) -> None:
    global _next_ms, _off_ms
    now_ms = ctx.now_ms()
    if _off_ms is not None and now_ms >= _off_ms:
        _off_ms = None
        await ctx.try_on(None)
    if not _wishes or now_ms < _next_ms:
        return
    (verb, product_id), _ = _wishes.most_common(1)[0]
    _wishes.clear()
    _next_ms = now_ms + PAUSE_S * 1000
    if verb == "try_on":
        outcome = await ctx.try_on(product_id)
        if outcome and await outcome.end() == "done":
            _off_ms = now_ms + WORN_S * 1000
    elif product_id != ctx.room.product_id:
        await ctx.product(product_id)


def wish_of(ctx: Context, text: str) -> tuple[str, str] | None:
    """(try_on or show, product) where a comment asks for one that is there."""
    wants_on, wants_show = TRY_ON.search(text), SHOW.search(text)
    if not wants_on and not wants_show:
        return None
    product = ctx.room.mentioned(text) or (ctx.room.product if wants_on else None)
    if product is None:
        return None
    return ("try_on" if wants_on and product.wear else "show", product.id)


if __name__ == "__main__":
    plugin.run()
