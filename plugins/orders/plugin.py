"""Congratulates buyers, and goes on to another product when the one on show is sold out.

Each order is thanked once, however often the plugin is restarted: the order's number is the idempotency key. In a
rush buyers are thanked together.
"""

from __future__ import annotations

from nightcast.room.sdk import Context, OrderPaid, Plugin, SoldOut, StockLow

plugin = Plugin("orders", scopes=["order:read", "speech:write", "product:write", "overlay:write"])

RUSH = 3  # orders within RUSH_MS
RUSH_MS = 15_000

WORDS = {
    "en": {
        "one": "Congratulations, {name}, the {product} is yours!",
        "rush": "{count} orders just now - thank you all!",
        "low": "There are not many of the {product} left.",
        "out": "The {product} is sold out - thank you! Let me show you something else.",
        "gone": "The {product} is sold out - thank you!",
    },
    "zh": {
        "one": "恭喜{name}，{product}是你的了！",
        "rush": "刚刚又有{count}单，谢谢大家！",
        "low": "{product}快卖完了。",
        "out": "{product}卖完了，谢谢大家！我们看看下一款。",
        "gone": "{product}卖完了，谢谢大家！",
    },
}

_recent_ms: list[int] = []
_untold = 0


@plugin.on(OrderPaid)
async def on_paid(ctx: Context, order: OrderPaid) -> None:
    global _untold
    now_ms = ctx.now_ms()
    _recent_ms[:] = [t for t in _recent_ms if now_ms - t < RUSH_MS] + [now_ms]
    product = title(ctx, order.lines[0].product_id if order.lines else None)
    await ctx.overlay("lower_third", {"title": product, "subtitle": order.buyer.nickname}, hold=6)
    if len(_recent_ms) > RUSH:
        _untold += 1
        return
    text = WORDS[ctx.room.language]["one"].format(name=order.buyer.nickname, product=product)
    await ctx.say(text, expression="happy", pri="order", idem=f"order-{order.order_id}", ttl=40)


@plugin.every(RUSH_MS / 1000)
async def thank_the_rush(ctx: Context) -> None:
    global _untold
    if _untold and await ctx.say(WORDS[ctx.room.language]["rush"].format(count=_untold), pri="order", ttl=15):
        _untold = 0


@plugin.on(StockLow)
async def on_low(ctx: Context, stock: StockLow) -> None:
    if stock.product_id == ctx.room.product_id:
        text = WORDS[ctx.room.language]["low"].format(product=title(ctx, stock.product_id))
        await ctx.say(text, pri="order", idem=f"low-{stock.product_id}-{stock.rev}", ttl=30)


@plugin.on(SoldOut)
async def on_sold_out(ctx: Context, stock: SoldOut) -> None:
    if stock.product_id != ctx.room.product_id:
        return
    rev = ctx.room.rev
    follower = next((p for p in ctx.room.products.values() if p.stock != 0 and p.id != stock.product_id), None)
    words = WORDS[ctx.room.language]["out" if follower else "gone"]
    await ctx.say(words.format(product=title(ctx, stock.product_id)), pri="order", ttl=20)
    if follower is not None:
        await ctx.product(follower.id, if_rev=rev)  # not if somebody has switched meanwhile


def title(ctx: Context, product_id: str | None) -> str:
    card = ctx.room.products.get(product_id or "")
    return card.title if card else {"en": "piece", "zh": "宝贝"}[ctx.room.language]


if __name__ == "__main__":
    plugin.run()
