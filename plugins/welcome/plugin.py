"""Welcomes who comes in: at most every forty seconds, members first, and not while the room is busy with itself."""

from __future__ import annotations

from nightcast.room.sdk import Comment, Context, Join, Plugin, User

plugin = Plugin("welcome", scopes=["room.comment:read", "speech:write"])

EVERY_S = 40
BUSY_COMMENTS = 12  # within EVERY_S
REMEMBER = 5_000

WORDS = {
    "en": {
        "one": "Welcome, {name}!",
        "member": "{name}, good to have you back!",
        "more": "Welcome, {name}, and everybody who just came in!",
    },
    "zh": {
        "one": "欢迎{name}来到直播间！",
        "member": "{name}，欢迎回家！",
        "more": "欢迎{name}，也欢迎刚进来的各位朋友！",
    },
}

_newest: tuple[User, int] | None = None
_greeted: dict[str, None] = {}
_comments = 0


@plugin.on(Join)
async def on_join(ctx: Context, join: Join) -> None:
    global _newest
    if join.user.ref in _greeted:
        return
    kept, others = _newest or (join.user, 0)
    best = kept if rank(kept) > rank(join.user) else join.user
    _newest = (best, others + join.others + (0 if _newest is None else 1))


@plugin.on(Comment)
async def on_comment(ctx: Context, comment: Comment) -> None:
    global _comments
    _comments += 1


@plugin.every(EVERY_S)
async def greet(ctx: Context) -> None:
    global _newest, _comments
    busy, _comments = _comments >= BUSY_COMMENTS, 0
    if _newest is None or busy:
        return
    user, others = _newest
    kind = "member" if user.member else "more" if others else "one"
    if await ctx.say(WORDS[ctx.room.language][kind].format(name=user.nickname), pri="ambience", ttl=10):
        _greeted[user.ref] = None
        if len(_greeted) > REMEMBER:
            del _greeted[next(iter(_greeted))]
    _newest = None


def rank(user: User) -> tuple[bool, int]:
    return user.member, user.fan_level


if __name__ == "__main__":
    plugin.run()
