"""Gives out coupons when the room has earned them: so many for each ten thousand likes, within the budget.

The budget is the operator's: without one the hub refuses (`budget_exceeded`), and the plugin says so once.
"""

from __future__ import annotations

from nightcast.room.sdk import Context, CouponClaimed, LikeWindow, Plugin

plugin = Plugin("coupons", scopes=["speech:write", "overlay:write", "promo:write"])

LIKES_EACH = 10_000
VALUE_MINOR = 1_000
COUNT = 20
SECONDS = 300

WORDS = {
    "en": {
        "say": "{likes} likes! Coupons are open for five minutes - take yours in the shopping bag.",
        "title": "Coupons",
        "left": "{left} left",
    },
    "zh": {
        "say": "点赞到{likes}啦！优惠券开放五分钟，在购物袋里领取。",
        "title": "优惠券",
        "left": "还剩{left}张",
    },
}


@plugin.on(LikeWindow, rate_hz=0.5, reduce="sum")
async def on_likes(ctx: Context, likes: LikeWindow) -> None:
    reached = likes.total // LIKES_EACH
    if reached <= ctx.store.setdefault("reached", reached):
        return  # also: what was liked before the plugin began earns nothing
    wave = f"likes-{reached}"
    currency = ctx.room.currency
    outcome = await ctx.coupon(wave, VALUE_MINOR, COUNT, currency=currency, idem=f"coupon-{wave}", seconds=SECONDS)
    if outcome.code == "rate_limited":
        return  # the next window tries again
    ctx.store["reached"] = reached
    if not outcome:
        if not ctx.store.get("told"):
            ctx.log(f"no coupons: {outcome.detail or outcome.code}")
            ctx.store["told"] = True
        return
    if await outcome.end() == "done":
        await show(ctx, COUNT)
        await ctx.say(WORDS[ctx.room.language]["say"].format(likes=reached * LIKES_EACH), ttl=30)


@plugin.on(CouponClaimed)
async def on_claim(ctx: Context, claim: CouponClaimed) -> None:
    if claim.left is not None and claim.left % 5 == 0:
        await show(ctx, claim.left)


async def show(ctx: Context, left: int) -> None:
    words = WORDS[ctx.room.language]
    await ctx.overlay("lower_third", {"title": words["title"], "subtitle": words["left"].format(left=left)}, hold=10)


if __name__ == "__main__":
    plugin.run()
