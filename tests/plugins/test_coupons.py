"""The coupons plugin."""

from __future__ import annotations

from nightcast.room.actions import OfferCoupon, ShowOverlay
from nightcast.room.events import CouponClaimed
from nightcast.room.grants import Budget
from nightcast.testing import Room
from nightcast.testing.room import user


async def likes(room: Room, total: int) -> None:
    await room.like_window(100, total)
    await room.advance(3)


async def test_coupons_are_earned_by_likes_after_the_plugin_began(load, room: Room) -> None:
    await room.start(load("coupons").plugin)
    await likes(room, 15_000)
    assert room.of(OfferCoupon) == []
    await likes(room, 20_100)
    await likes(room, 20_200)
    (coupon,) = room.of(OfferCoupon)
    assert (coupon.coupon_id, coupon.value_minor * coupon.count) == ("likes-2", 20_000)
    assert room.said[0].startswith("20000 likes")


async def test_without_a_budget_the_operator_is_told_once(load, catalog) -> None:
    room = Room(products=catalog, budget=Budget())
    runtime = await room.start(load("coupons").plugin)
    for total in (9_000, 10_000, 20_000):
        await likes(room, total)
        await room.advance(31)
    assert room.did == []
    assert [n for n in runtime.notes if "no coupons" in n] == ["no coupons: coupon_value_minor: 20000 asked, 0 left"]
    await room.stop()


async def test_what_is_left_is_shown(load, room: Room) -> None:
    await room.start(load("coupons").plugin)
    await room.publish(CouponClaimed(coupon_id="likes-2", user=user("Amy"), left=15))
    await room.publish(CouponClaimed(coupon_id="likes-2", user=user("Ben"), left=14))
    assert [o.data["subtitle"] for o in room.of(ShowOverlay)] == ["15 left"]
