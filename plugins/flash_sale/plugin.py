"""Flash sales at the times and prices written in `sales.yaml`: announced, opened and closed to the second.

The plugin asks; the host checks the price against the catalog and refuses what is not offered there. A sale ends when
its time or its stock ends.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from nightcast.room.sdk import Context, FlashSale, Plugin, SoldOut

plugin = Plugin("flash_sale", scopes=["order:read", "speech:write", "overlay:write", "product:write", "promo:write"])

WORDS = {
    "en": {
        "announced": "In {seconds} seconds something happens with the {product}. Keep an eye on the card.",
        "open": "It's on: the {product}, {offer}, until {offer_ends}.",
        "closed": "That was it for the {product}. Thank you!",
    },
    "zh": {
        "announced": "{seconds}秒后看{product}的卡片，有变化。",
        "open": "开始了，{product}{offer}，到{offer_ends}为止。",
        "closed": "{product}的活动结束了，谢谢大家！",
    },
}

SALES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("sales.yaml").read_text("utf-8"))["sales"]

_running: dict[str, dict[str, Any]] = {}  # sale id -> sale


@plugin.every(1)
async def look_at_the_clock(ctx: Context) -> None:
    now_ms = ctx.now_ms()
    for sale in SALES:
        opens_ms = today_ms(now_ms, sale["at"])
        sale_id = f"{sale['product']}-{opens_ms}"
        announces_ms = opens_ms - sale.get("announce_s", 60) * 1000
        if announces_ms <= now_ms < opens_ms and sale_id not in _running:
            _running[sale_id] = {**sale, "opens": opens_ms, "closes": opens_ms + sale["seconds"] * 1000, "phase": ""}
    for sale_id, sale in list(_running.items()):
        if sale["phase"] in ("", "announced") and now_ms >= sale["opens"]:
            await enter(ctx, sale_id, "open")
        elif sale["phase"] == "":
            await enter(ctx, sale_id, "announced", seconds=round((sale["opens"] - now_ms) / 1000))
        elif sale["phase"] == "open" and now_ms >= sale["closes"]:
            await enter(ctx, sale_id, "closed")


@plugin.on(SoldOut)
async def on_sold_out(ctx: Context, stock: SoldOut) -> None:
    for sale_id, sale in list(_running.items()):
        if sale["product"] == stock.product_id and sale["phase"] == "open":
            await enter(ctx, sale_id, "closed")


async def enter(ctx: Context, sale_id: str, phase: Any, **numbers: int) -> None:
    sale = _running[sale_id]
    action = FlashSale(
        sale_id=sale_id, product_id=sale["product"], phase=phase, price_minor=sale["price_minor"],
        currency=ctx.room.currency, stock=sale.get("stock"), starts_at=sale["opens"], ends_at=sale["closes"],
    )  # fmt: skip
    outcome = await ctx.flash_sale(action, idem=f"{sale_id}-{phase}")
    if not outcome and outcome.code == "rate_limited":
        return  # again in a second
    if not outcome or await outcome.end() != "done":
        ctx.log(f"flash sale {sale_id} was refused: {outcome.code or 'by the host'} {outcome.detail}")
        sale["phase"] = "refused"
        return
    sale["phase"] = phase
    card = ctx.room.products.get(sale["product"])
    # An offer is spoken with its price and its end, and the host takes both from the catalog.
    facts = {name: f"{{{sale['product']}.{name}}}" for name in ("offer", "offer_ends")}
    title = card.title if card else sale["product"]
    words = WORDS[ctx.room.language][phase].format(product=title, **facts, **numbers)
    if phase == "open":
        await ctx.product(sale["product"])
    if phase != "closed":
        ends_at = sale["opens"] if phase == "announced" else sale["closes"]
        hold_s = max(1.0, (ends_at - ctx.now_ms()) / 1000)
        shown = {"title": card.title if card else sale["product"], "seconds": hold_s}
        await ctx.overlay("countdown", shown, hold=min(600.0, hold_s))
    await ctx.say(words, ttl=10, idem=f"{sale_id}-{phase}-say")


def today_ms(now_ms: int, clock: str) -> int:
    """The moment of "HH:MM" nearest to now, local time: a night has two dates."""
    hour, minute = map(int, clock.split(":"))
    now = time.localtime(now_ms / 1000)
    at_ms = int(time.mktime((*now[:3], hour, minute, 0, 0, 0, -1))) * 1000
    day_ms = 86_400_000
    return min((at_ms - day_ms, at_ms, at_ms + day_ms), key=lambda t: abs(t - now_ms))


if __name__ == "__main__":
    plugin.run()
