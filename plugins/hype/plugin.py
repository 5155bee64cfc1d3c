"""Reacts when the room warms up: storms of likes, milestones of viewers, a rush in the comments.

Each is measured against what is usual in this room, so that it works in a room of ten and in one of ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

from nightcast.room.sdk import Comment, Context, LikeWindow, Plugin, RoomStats

plugin = Plugin("hype", scopes=["room.comment:read", "speech:write", "avatar:write", "camera:write"])

PAUSE_MS = 90_000
MILESTONES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
WORDS = {
    "en": {
        "likes": "Look at those likes! Thank you!",
        "comments": "You are lively tonight - I love it!",
        "viewers": "There are {viewers} of us now. Welcome, everybody!",
    },
    "zh": {
        "likes": "点赞刷起来了，谢谢大家！",
        "comments": "今晚大家好热情，太开心了！",
        "viewers": "直播间已经有{viewers}位朋友了，欢迎大家！",
    },
}


@dataclass
class Usual:
    """A running mean; `surge` tells when a value stands out from it."""

    least: float
    mean: float = 0.0
    seen: int = 0

    def surge(self, value: float) -> bool:
        is_surge = self.seen >= 5 and value > max(self.least, 4 * self.mean)
        self.seen += 1
        self.mean += (value - self.mean) * max(0.1, 1 / self.seen) * (0.2 if is_surge else 1.0)
        return is_surge


_likes, _comments = Usual(least=100), Usual(least=10)
_count = 0
_quiet_until_ms = 0


@plugin.on(LikeWindow, rate_hz=0.5, reduce="sum")
async def on_likes(ctx: Context, likes: LikeWindow) -> None:
    if _likes.surge(likes.delta):
        await cheer(ctx, "likes")


@plugin.on(Comment)
async def on_comment(ctx: Context, comment: Comment) -> None:
    global _count
    _count += 1


@plugin.every(10)
async def count_comments(ctx: Context) -> None:
    global _count
    count, _count = _count, 0
    if _comments.surge(count):
        await cheer(ctx, "comments")


@plugin.on(RoomStats, rate_hz=0.2)
async def on_stats(ctx: Context, stats: RoomStats) -> None:
    reached = max((m for m in MILESTONES if m <= stats.viewers), default=0)
    if reached > ctx.store.setdefault("milestone", reached) and await cheer(ctx, "viewers", viewers=reached):
        ctx.store["milestone"] = reached


async def cheer(ctx: Context, what: str, **numbers: int) -> bool:
    global _quiet_until_ms
    if ctx.now_ms() < _quiet_until_ms:
        return False
    text = WORDS[ctx.room.language][what].format(**numbers)
    if not await ctx.say(text, expression="happy", pri="ambience", ttl=8):
        return False
    _quiet_until_ms = ctx.now_ms() + PAUSE_MS
    await ctx.gesture("clap")
    await ctx.camera("close", hold=5)
    return True


if __name__ == "__main__":
    plugin.run()
