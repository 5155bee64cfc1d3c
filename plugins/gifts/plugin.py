"""Thanks for gifts: big ones at once, small ones together, and in the quiet hours only the big ones aloud.

The host folds combos, so there is exactly one `GiftFinal` for each, also when a platform forgets to end it.
"""

from __future__ import annotations

import time

from nightcast.room.sdk import Context, GiftFinal, Plugin

plugin = Plugin("gifts", scopes=["speech:write", "overlay:write", "avatar:write"])

BIG_MINOR = 2_000
TOGETHER_S = 30
QUIET_HOURS = range(2, 6)  # local time; at four in the morning a shop does not shout

WORDS = {
    "en": {
        "big": "{name}, thank you so much for {count} {gift}!",
        "few": "Thank you for the gifts, {names}!",
        "many": "Thank you for the gifts, {names} and {others} more!",
    },
    "zh": {
        "big": "谢谢{name}送的{count}个{gift}，太有心了！",
        "few": "谢谢{names}的礼物！",
        "many": "谢谢{names}，还有另外{others}位朋友的礼物！",
    },
}

_waiting: dict[str, str] = {}  # viewer -> name, in order of arrival


@plugin.on(GiftFinal)
async def on_gift(ctx: Context, gift: GiftFinal) -> None:
    shown = {"title": gift.user.nickname, "subtitle": f"{gift.name or gift.gift_id} × {gift.count}"}
    await ctx.overlay("lower_third", shown, hold=5)
    if gift.value_minor < BIG_MINOR:
        _waiting[gift.user.ref] = gift.user.nickname
        return
    words = WORDS[ctx.room.language]["big"]
    text = words.format(name=gift.user.nickname, count=gift.count, gift=gift.name or gift.gift_id)
    if await ctx.say(text, expression="happy", idem=f"gift-{gift.combo_id}", ttl=30):
        await ctx.gesture("thank")


@plugin.every(TOGETHER_S)
async def thank_together(ctx: Context) -> None:
    if not _waiting or is_quiet(ctx.now_ms()):
        return
    names, others = list(_waiting.values())[:3], max(0, len(_waiting) - 3)
    words = WORDS[ctx.room.language]["many" if others else "few"]
    joined = ("、" if ctx.room.language == "zh" else ", ").join(names)
    if await ctx.say(words.format(names=joined, others=others), ttl=20):
        _waiting.clear()


def is_quiet(now_ms: int) -> bool:
    return time.localtime(now_ms / 1000).tm_hour in QUIET_HOURS


if __name__ == "__main__":
    plugin.run()
