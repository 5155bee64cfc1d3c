"""What a plugin may ask of the show, as typed actions: fields, scope, lease, rate and budget of each.

Nothing here reaches the air by itself. The hub checks scope, rate, budget and lease; the director then passes
every text through the gate and takes every price from the catalog.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nightcast.room.errors import UnknownTypeError
from nightcast.room.events import User

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: one action every `every_ms`, up to `burst` at once."""

    every_ms: int
    burst: int = 1


class ActionData(BaseModel):
    """Base of all actions; a subclass states its `type`, scope, lease and rate."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    scope: ClassVar[str]
    lease: ClassVar[str | None]  #: what only one action may hold at a time
    rate: ClassVar[Rate]
    queue: ClassVar[int]  #: how many of one plugin may wait for the lease
    hold_ms: ClassVar[int]  #: the lease falls back after this, should the director never report
    needs_idem: ClassVar[bool]

    @classmethod
    def __init_subclass__(
        cls,
        *,
        type: str,  # noqa: A002 - the wire's own word
        scope: str,
        rate: Rate,
        lease: str | None = None,
        queue: int = 3,
        hold_ms: int = 60_000,
        needs_idem: bool = False,
    ) -> None:
        super().__init_subclass__()
        cls.type, cls.scope, cls.rate, cls.lease = type, scope, rate, lease
        cls.queue, cls.hold_ms, cls.needs_idem = queue, hold_ms, needs_idem
        _registry[type] = cls

    def leased(self) -> str | None:
        """The lease this action needs."""
        return self.lease

    def cost(self) -> tuple[str, int] | None:
        """What it takes from a promotion budget: (kind, minor units or pieces)."""
        return None


_registry: dict[str, type[ActionData]] = {}

#: Every action type by its wire name.
ACTIONS: Mapping[str, type[ActionData]] = MappingProxyType(_registry)


class Say(ActionData, type="speech.say", scope="speech:write", lease="speech", rate=Rate(2_000, 3)):
    """The host says this text, if the gate lets it pass."""

    text: Text
    language: Language | None = None
    expression: str | None = None
    gesture: str | None = None


class Answer(ActionData, type="speech.answer", scope="speech:write", lease="speech", rate=Rate(1_000, 5)):
    """The host answers a viewer's question. The director words the answer from the catalog's facts."""

    question_id: Identifier
    question: Annotated[str, StringConstraints(max_length=500)]
    intent: str | None = None
    product_id: str | None = None
    language: Language | None = None
    user: User | None = None
    asked_by: int = Field(1, ge=1, description="how many viewers asked the same")


class SwitchProduct(ActionData, type="product.switch", scope="product:write", lease="stage.product", rate=Rate(5_000)):
    """Put this product on show."""

    product_id: Identifier
    variant: str | None = None


class ExplainProduct(ActionData, type="product.explain", scope="product:write", lease="speech", rate=Rate(10_000)):
    """The host talks about this product next, or about one topic of it."""

    product_id: Identifier
    topic: str | None = None


class StartTryOn(ActionData, type="tryon.start", scope="tryon:write", lease="avatar.body", rate=Rate(5_000)):
    """The host puts this product on."""

    product_id: Identifier
    variant: str | None = None


class StopTryOn(ActionData, type="tryon.stop", scope="tryon:write", lease="avatar.body", rate=Rate(5_000)):
    """The host takes it off again."""

    product_id: str | None = None


class ShowOverlay(
    ActionData,
    type="overlay.show",
    scope="overlay:write",
    lease="overlay.*",
    rate=Rate(1_000, 5),
    hold_ms=605_000,
):
    """Show an overlay of the scene with this data, for `hold_s` seconds. Each overlay is a lease of its own."""

    overlay: Identifier
    data: dict[str, str | int | float | bool | list[str] | None] = Field(default_factory=dict, max_length=32)
    hold_s: float = Field(10.0, gt=0, le=600)

    def leased(self) -> str | None:
        return f"overlay.{self.overlay}"


class HideOverlay(ActionData, type="overlay.hide", scope="overlay:write", rate=Rate(1_000, 5)):
    """Hide an overlay before its time."""

    overlay: Identifier


class Gesture(
    ActionData,
    type="avatar.gesture",
    scope="avatar:write",
    lease="avatar.body",
    rate=Rate(2_000, 3),
    hold_ms=10_000,
):
    """The host makes a gesture."""

    name: Identifier
    target: str | None = None


class CutCamera(ActionData, type="camera.cut", scope="camera:write", lease="camera", rate=Rate(3_000), hold_ms=35_000):
    """Cut to a shot of the scene for `hold_s` seconds; then the director chooses again."""

    shot: Identifier
    hold_s: float = Field(6.0, gt=0, le=30)


class OfferCoupon(ActionData, type="promo.coupon", scope="promo:write", rate=Rate(30_000), needs_idem=True):
    """Give out `count` coupons worth `value_minor` each."""

    coupon_id: Identifier
    value_minor: int = Field(gt=0, le=10_000_000)
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "CNY"
    count: int = Field(gt=0, le=100_000)
    product_id: str | None = None
    seconds: float = Field(300.0, gt=0, le=86_400)

    def cost(self) -> tuple[str, int] | None:
        return ("coupon_value_minor", self.value_minor * self.count)


class FlashSale(ActionData, type="promo.flash_sale", scope="promo:write", rate=Rate(30_000), needs_idem=True):
    """Open or close a flash sale. The price must be one the catalog allows; the director refuses another."""

    sale_id: Identifier
    product_id: Identifier
    phase: Literal["announced", "open", "closed"]
    price_minor: int = Field(gt=0)
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "CNY"
    stock: int | None = Field(None, ge=0)
    starts_at: int
    ends_at: int

    def cost(self) -> tuple[str, int] | None:
        return ("flash_sales", 1) if self.phase == "announced" else None


class OpenPoll(ActionData, type="poll.open", scope="game:write", rate=Rate(10_000, 2), lease="game", hold_ms=5_000):
    """Ask the room to choose."""

    poll_id: Identifier
    question: Text
    options: tuple[Annotated[str, StringConstraints(min_length=1, max_length=40)], ...] = Field(
        min_length=2, max_length=6
    )
    ends_at: int


class ClosePoll(ActionData, type="poll.close", scope="game:write", rate=Rate(10_000, 2), lease="game", hold_ms=5_000):
    """Tell the result of a poll."""

    poll_id: Identifier
    question: str = ""
    counts: dict[str, Annotated[int, Field(ge=0)]] = Field(max_length=6)


class OpenLottery(ActionData, type="lottery.open", scope="promo:write", rate=Rate(30_000), needs_idem=True):
    """Open a lottery; `commitment` is the SHA-256 of the seed that will draw it."""

    lottery_id: Identifier
    prize: Text
    winners: int = Field(1, ge=1, le=100)
    keyword: str | None = Field(None, max_length=40)
    commitment: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    ends_at: int

    def cost(self) -> tuple[str, int] | None:
        return ("lottery_prizes", self.winners)


class DrawLottery(ActionData, type="lottery.draw", scope="promo:write", rate=Rate(10_000), needs_idem=True):
    """Name the winners and show the seed, so that anybody can draw again and find the same."""

    lottery_id: Identifier
    prize: str = ""
    winners: tuple[User, ...] = Field(max_length=100)
    entrants: int = Field(0, ge=0)
    seed: Annotated[str, StringConstraints(max_length=128)]


class Moderate(ActionData, type="moderation.act", scope="moderation:write", rate=Rate(200, 20)):
    """Take a measure against a viewer's comments, or flag them for a person."""

    user: User
    verb: Literal["flag", "warn", "mute", "block", "delete"]
    reason: Text
    comment_id: str | None = None
    seconds: int | None = Field(None, gt=0, le=86_400)


#: Scopes of reading and writing, and what an operator grants with each.
SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "room.comment:read": "read what viewers write",
        "room.user:read": "see viewers' full names and pictures",
        "order:read": "see orders with a masked buyer",
        "order.pii:read": "see the buyer's name, telephone and address",
        "room:publish": "bring events into the room (connectors)",
        "speech:write": "let the host speak, through the gate",
        "product:write": "change the product on show",
        "tryon:write": "let the host put products on",
        "overlay:write": "show overlays",
        "avatar:write": "let the host make gestures",
        "camera:write": "cut between shots",
        "game:write": "run polls and quizzes",
        "promo:write": "coupons, flash sales and lotteries, within a budget",
        "moderation:write": "mute, block and delete",
    }
)


def action_class(name: str) -> type[ActionData]:
    """The class of an action type. Raises UnknownTypeError with the nearest name."""
    found = _registry.get(name)
    if found is None:
        nearest = difflib.get_close_matches(name[:64], _registry, 1)
        raise UnknownTypeError("action", name[:64], nearest[0] if nearest else None)
    return found


def resources() -> dict[str, Any]:
    """The published limits by action type, for `hello`."""
    return {name: {"every_ms": a.rate.every_ms, "burst": a.rate.burst} for name, a in _registry.items()}
