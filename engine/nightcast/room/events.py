"""What happens in the room, as typed events: the one source of names, fields, delivery classes and scopes.

Times are milliseconds since the Unix epoch; money is an integer of the currency's minor unit. Unknown fields
of an event are ignored and unknown types passed by, so that an older plugin lives with a newer hub.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from nightcast.room.errors import UnknownTypeError

#: A: never lost silently, acknowledged and replayed. B: ordered, short replay. C: state, coalesced, not
#: replayed.
Delivery = Literal["A", "B", "C"]


class Part(BaseModel):
    """Base of what events are made of."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class User(Part):
    """A viewer. `ref` is opaque and scoped to the platform; names are masked unless `room.user:read` is
    granted.
    """

    ref: str = Field(max_length=128)
    nickname: str = Field("", max_length=128)
    avatar: str | None = Field(None, max_length=1024)
    fan_level: int = Field(0, ge=0)
    member: bool = False
    is_anchor: bool = False

    def masked(self) -> User:
        """The same viewer with the first letter of the name and no picture."""
        return self.model_copy(update={"nickname": f"{self.nickname[:1]}***", "avatar": None})


class Contact(Part):
    """Where an order goes. Only plugins with `order.pii:read` see it."""

    name: str = ""
    phone: str = ""
    address: str = ""


class OrderLine(Part):
    product_id: str
    sku_id: str | None = None
    title: str = ""
    qty: int = Field(1, ge=1)
    price_minor: int = Field(0, ge=0)


class EventData(Part):
    """Base of all events; a subclass states its `type`, its delivery class and the scope that may read it."""

    type: ClassVar[str]
    delivery: ClassVar[Delivery]
    scope: ClassVar[str | None]
    ttl_ms: ClassVar[int | None]
    state_key: ClassVar[tuple[str, ...]]  #: fields that name what a class C event is the newest state of
    sums: ClassVar[tuple[str, ...]]  #: fields that add up when a subscription asks for `reduce: sum`

    @classmethod
    def __init_subclass__(
        cls,
        *,
        type: str | None = None,  # noqa: A002 - the wire's own word
        delivery: Delivery = "B",
        scope: str | None = None,
        ttl_ms: int | None = None,
        state_key: tuple[str, ...] = (),
        sums: tuple[str, ...] = (),
    ) -> None:
        super().__init_subclass__()
        if type is None:  # a shared base, not an event
            return
        cls.type, cls.delivery, cls.scope, cls.ttl_ms = type, delivery, scope, ttl_ms
        cls.state_key, cls.sums = state_key, sums
        _registry[type] = cls

    def coalesce_key(self) -> str:
        """What a newer class C event replaces in a queue."""
        return ":".join([self.type, *(str(getattr(self, name)) for name in self.state_key)])


_registry: dict[str, type[EventData]] = {}

#: Every event type by its wire name.
EVENTS: Mapping[str, type[EventData]] = MappingProxyType(_registry)

COMMENT, USER, ORDER = "room.comment:read", "room.user:read", "order:read"


# -- the room itself --


class RoomStart(EventData, type="room.start", delivery="A"):
    """The show is on air."""

    title: str = ""


class RoomEnd(EventData, type="room.end", delivery="A"):
    """The show is over."""

    reason: str = ""


class RoomPause(EventData, type="room.pause", delivery="A"):
    """The picture is held (`paused`) or goes on again."""

    paused: bool


class RoomStats(EventData, type="room.stats", delivery="C"):
    """How many are watching, and the likes since the start."""

    viewers: int = Field(0, ge=0)
    likes_total: int = Field(0, ge=0)


# -- viewers --


class Comment(EventData, type="comment.new", scope=COMMENT, ttl_ms=30_000):
    """A viewer wrote something. `intent` and `lang` are filled where the host could tell them."""

    comment_id: str
    user: User
    text: str = Field(max_length=2000)
    mentions: tuple[str, ...] = ()
    emoji: tuple[str, ...] = ()
    intent: str | None = None
    lang: Literal["en", "zh"] | None = None


class CommentDeleted(EventData, type="comment.delete", scope=COMMENT):
    """A comment was taken back or removed."""

    comment_id: str


class Join(EventData, type="user.join", delivery="C", sums=("others",)):
    """A viewer came in. Joins are folded: `others` more came in the same window."""

    user: User
    others: int = Field(0, ge=0)
    source: str | None = None


class Follow(EventData, type="user.follow"):
    """A viewer follows the room."""

    user: User


class Share(EventData, type="user.share"):
    """A viewer shared the room."""

    user: User
    target: str | None = None


class FansClub(EventData, type="user.fansclub"):
    """A viewer joined the fan club or rose in it."""

    user: User
    level: int = Field(1, ge=0)
    reason: Literal["join", "upgrade", "renew"] = "join"


class Member(EventData, type="user.member"):
    """A viewer became a member of the brand or channel."""

    user: User
    level: int = Field(1, ge=0)
    months: int = Field(1, ge=0)


class LikeWindow(EventData, type="like.window", delivery="C", sums=("delta",)):
    """Likes of one window. Totals are exact; who liked how often is a hint, as platforms cut it."""

    delta: int = Field(ge=0)
    total: int = Field(ge=0)
    window_ms: int = Field(1000, gt=0)
    top_users: tuple[User, ...] = ()


# -- gifts and paid messages --


class Gift(EventData):
    """Shared fields of a gift combo."""

    combo_id: str
    user: User
    gift_id: str
    name: str = ""
    count: int = Field(ge=1)
    unit_minor: int = Field(0, ge=0)
    value_minor: int = Field(0, ge=0)
    currency: str = "CNY"
    paid: bool = True


class GiftProgress(Gift, type="gift.progress", ttl_ms=5_000):
    """A combo is growing; `count` is its size so far. Ask for it by name: `gift.*` does not include it."""


class GiftFinal(Gift, type="gift.final", delivery="A"):
    """A combo is over. Exactly one per combo; `ended_by` says whether the platform or our timeout closed it."""

    ended_by: Literal["platform", "timeout"] = "platform"


class Superchat(EventData, type="superchat.new", delivery="A", scope=COMMENT):
    """A paid message, pinned by the platform from `starts` to `ends`."""

    superchat_id: str
    user: User
    text: str = Field("", max_length=2000)
    value_minor: int = Field(0, ge=0)
    currency: str = "CNY"
    starts: int | None = None
    ends: int | None = None


class SuperchatDeleted(EventData, type="superchat.delete", delivery="A", scope=COMMENT):
    """A paid message was taken back."""

    superchat_id: str


# -- products --


class ProductEvent(EventData):
    """Shared fields of what happens to a product. `rev` rises with each change of the product on show."""

    product_id: str
    sku_id: str | None = None
    title: str = ""
    slot: int | None = None
    rev: int = Field(0, ge=0)


class ProductListed(ProductEvent, type="product.listed", delivery="A"):
    """A product can be bought in the room."""

    price_minor: int = Field(0, ge=0)
    list_price_minor: int | None = None
    currency: str = "CNY"


class ProductDelisted(ProductEvent, type="product.delisted", delivery="A"):
    """A product can no longer be bought in the room."""


class ProductSwitched(ProductEvent, type="product.switched", delivery="C"):
    """This product is on show now."""

    previous_id: str | None = None


class ExplainStart(ProductEvent, type="product.explain_start", delivery="C"):
    """The host begins to talk about a product."""


class ExplainEnd(ProductEvent, type="product.explain_end", delivery="C"):
    """The host has finished with a product."""


class PriceChanged(ProductEvent, type="product.price_changed", delivery="A"):
    """A price changed."""

    price_minor: int = Field(ge=0)
    list_price_minor: int | None = None
    currency: str = "CNY"


class CartEvent(EventData):
    """Shared fields of a cart change; platforms rarely say whose cart it is."""

    product_id: str
    sku_id: str | None = None
    qty: int = Field(1, ge=1)
    user: User | None = None


class CartAdded(CartEvent, type="cart.added"):
    """Something was put into a cart."""


class CartRemoved(CartEvent, type="cart.removed"):
    """Something was taken out of a cart."""


# -- orders and stock --


class Order(EventData):
    """Shared fields of an order. `src_status` keeps the platform's own word."""

    order_id: str
    lines: tuple[OrderLine, ...] = ()
    amount_minor: int = Field(0, ge=0)
    currency: str = "CNY"
    src_status: str = ""
    buyer: User
    contact: Contact | None = None


class OrderCreated(Order, type="order.created", delivery="A", scope=ORDER):
    """An order was placed, not yet paid."""


class OrderPaid(Order, type="order.paid", delivery="A", scope=ORDER):
    """An order was paid."""


class OrderCancelled(Order, type="order.cancelled", delivery="A", scope=ORDER):
    """An order was called off before it was paid or sent."""


class OrderRefunded(Order, type="order.refunded", delivery="A", scope=ORDER):
    """Money went back."""


class OrderFulfilled(Order, type="order.fulfilled", delivery="A", scope=ORDER):
    """An order was sent."""


class Stock(EventData):
    """Shared fields of a stock message."""

    product_id: str
    sku_id: str | None = None
    available: int = Field(0, ge=0)
    reserved: int = Field(0, ge=0)
    rev: int = Field(0, ge=0)


class StockChanged(Stock, type="stock.changed", delivery="A"):
    """The number that can be sold changed."""


class StockLow(Stock, type="stock.low", delivery="A"):
    """Few are left."""


class SoldOut(Stock, type="stock.sold_out", delivery="A"):
    """None is left."""


class Restocked(Stock, type="stock.restocked", delivery="A"):
    """There are some again."""


# -- promotions and games --


class CouponClaimed(EventData, type="promo.coupon_claimed", delivery="A"):
    """A viewer took a coupon; `left` remain."""

    coupon_id: str
    user: User
    left: int | None = None


class FlashSaleState(EventData, type="flash_sale.state", delivery="A"):
    """A flash sale was announced, runs, or is over."""

    sale_id: str
    product_id: str
    phase: Literal["announced", "open", "closed"]
    price_minor: int = Field(0, ge=0)
    currency: str = "CNY"
    left: int | None = None
    starts_at: int | None = None
    ends_at: int | None = None


class PollState(EventData, type="poll.state", delivery="C", state_key=("poll_id",)):
    """A poll and its counts by option."""

    poll_id: str
    phase: Literal["open", "closed"]
    question: str = ""
    counts: dict[str, int] = Field(default_factory=dict)
    ends_at: int | None = None


class LotteryState(EventData, type="lottery.state", delivery="A"):
    """A lottery opened, or was drawn. `commitment` is the SHA-256 of `seed`, told before anybody entered."""

    lottery_id: str
    phase: Literal["open", "drawn", "cancelled"]
    prize: str = ""
    winners: tuple[User, ...] = ()
    entrants: int = Field(0, ge=0)
    commitment: str | None = None
    seed: str | None = None
    ends_at: int | None = None


# -- the stage, and the plugin's own actions --


class TryOnState(EventData, type="tryon.state", delivery="C"):
    """A product is being put on, worn, or taken off."""

    product_id: str | None
    phase: Literal["starting", "on", "off", "failed"]
    detail: str = ""


class HostState(EventData, type="host.state", delivery="C"):
    """What the host is doing."""

    phase: Literal["speaking", "idle", "answering", "away"]
    segment: str | None = None
    line: str | None = None


ActionPhase = Literal["queued", "started", "done", "cancelled", "superseded", "expired", "failed"]


class ActionState(EventData, type="action.state", delivery="A"):
    """How far an action of this plugin has come. Sent to the plugin that asked, subscribed or not."""

    action_id: str
    action: str
    state: ActionPhase
    code: str | None = None
    detail: str = ""


class ModerationFlag(EventData, type="moderation.flag", delivery="A", scope=COMMENT):
    """Something a person should look at, or a measure that was taken."""

    user: User
    reason: str
    verb: Literal["flag", "warn", "mute", "block", "delete"] = "flag"
    comment_id: str | None = None
    seconds: int | None = None


# -- the envelope --


class Source(Part):
    """Where an event came from; `platform` and `msg_id` together name it once, so a repeat is dropped."""

    platform: str
    msg_id: str | None = None
    ts: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event with its envelope. `id` is empty and `off` 0 until the hub has taken it in."""

    data: EventData
    ts_ms: int
    room: str = "main"
    src: Source | None = None
    id: str = ""
    off: int = 0
    key: str | None = None
    test: bool = False
    replay: bool = False

    @property
    def type(self) -> str:
        return self.data.type

    def stamped(self, event_id: str, off: int) -> Event:
        return replace(self, id=event_id, off=off)

    def to_wire(self) -> dict[str, Any]:
        """The event as the protocol writes it, without `op` and `seq`."""
        wire: dict[str, Any] = {"off": self.off, "id": self.id, "type": self.type, "room": self.room}
        wire["ts"] = self.ts_ms
        if self.src is not None:
            wire["src"] = self.src.model_dump(exclude_none=True)
        if self.key is not None:
            wire["key"] = self.key
        wire["class"] = self.data.delivery
        if self.data.ttl_ms is not None:
            wire["ttl_ms"] = self.data.ttl_ms
        if self.test:
            wire["test"] = True
        if self.replay:
            wire["replay"] = True
        wire["d"] = self.data.model_dump(mode="json", exclude_none=True)
        return wire

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any], *, now_ms: int = 0) -> Event:
        """Read an event; `now_ms` stands in where the writer gave no time.

        Raises UnknownTypeError for a type that is not ours and pydantic.ValidationError for wrong fields.
        """
        src = wire.get("src")
        return cls(
            data=event_class(str(wire.get("type", ""))).model_validate(wire.get("d", {})),
            ts_ms=_whole(wire.get("ts"), now_ms),
            room=str(wire.get("room", "main")),
            src=None if src is None else Source.model_validate(src),
            id=str(wire.get("id", "")),
            off=_whole(wire.get("off"), 0),
            key=None if wire.get("key") is None else str(wire["key"]),
            test=wire.get("test") is True,
            replay=wire.get("replay") is True,
        )


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def event_class(name: str) -> type[EventData]:
    """The class of an event type. Raises UnknownTypeError with the nearest name."""
    found = _registry.get(name)
    if found is None:
        nearest = difflib.get_close_matches(name[:64], _registry, 1)
        raise UnknownTypeError("event", name[:64], nearest[0] if nearest else None)
    return found
