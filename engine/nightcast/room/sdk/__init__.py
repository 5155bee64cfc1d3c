"""Write plugins for a Nightcast room.

from nightcast.room.sdk import Comment, Plugin

plugin = Plugin("hello", scopes=["room.comment:read", "speech:write"])

@plugin.on(Comment, where={"text": {"contains": "hello"}})
async def hello(ctx, comment):
    await ctx.say(f"Hello {comment.user.nickname}!")

if __name__ == "__main__":
    plugin.run()
"""

from nightcast.room.actions import ClosePoll, DrawLottery, FlashSale, OpenLottery, OpenPoll
from nightcast.room.events import (
    ActionState,
    Comment,
    CouponClaimed,
    FansClub,
    FlashSaleState,
    Follow,
    GiftFinal,
    GiftProgress,
    HostState,
    Join,
    LikeWindow,
    LotteryState,
    Member,
    ModerationFlag,
    OrderCancelled,
    OrderCreated,
    OrderPaid,
    OrderRefunded,
    PollState,
    PriceChanged,
    ProductSwitched,
    Restocked,
    RoomEnd,
    RoomStart,
    RoomStats,
    Share,
    SoldOut,
    StockChanged,
    StockLow,
    Superchat,
    TryOnState,
    User,
)
from nightcast.room.sdk.context import Context, Outcome
from nightcast.room.sdk.plugin import Intent, Plugin, PluginMistake

__all__ = [
    "ActionState", "ClosePoll", "Comment", "Context", "CouponClaimed", "DrawLottery", "FansClub", "FlashSale",
    "FlashSaleState", "Follow", "GiftFinal", "GiftProgress", "HostState", "Intent", "Join", "LikeWindow",
    "LotteryState", "Member", "ModerationFlag", "OpenLottery", "OpenPoll", "OrderCancelled", "OrderCreated",
    "OrderPaid", "OrderRefunded", "Outcome", "Plugin", "PluginMistake", "PollState", "PriceChanged",
    "ProductSwitched", "Restocked", "RoomEnd", "RoomStart", "RoomStats", "Share", "SoldOut", "StockChanged",
    "StockLow", "Superchat", "TryOnState", "User",
]  # fmt: skip
