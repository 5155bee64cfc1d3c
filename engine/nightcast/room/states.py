"""What the room is told when an action has been carried out: polls, lotteries, flash sales, try-on."""

from __future__ import annotations

from nightcast.room.actions import (
    ActionData,
    ClosePoll,
    DrawLottery,
    FlashSale,
    Moderate,
    OpenLottery,
    OpenPoll,
    StartTryOn,
    StopTryOn,
)
from nightcast.room.events import (
    ActionPhase,
    EventData,
    FlashSaleState,
    LotteryState,
    ModerationFlag,
    PollState,
    TryOnState,
)


def state_after(action: ActionData, phase: ActionPhase) -> EventData | None:
    """The event that tells the room of an action that is done; None where there is nothing to tell."""
    if isinstance(action, StartTryOn) and phase == "started":
        return TryOnState(product_id=action.product_id, phase="starting")
    if phase != "done":
        return None
    match action:
        case StartTryOn():
            return TryOnState(product_id=action.product_id, phase="on")
        case StopTryOn():
            return TryOnState(product_id=action.product_id, phase="off")
        case OpenPoll():
            counts = dict.fromkeys(action.options, 0)
            return PollState(
                poll_id=action.poll_id,
                phase="open",
                question=action.question,
                counts=counts,
                ends_at=action.ends_at,
            )
        case ClosePoll():
            return PollState(
                poll_id=action.poll_id, phase="closed", question=action.question, counts=dict(action.counts)
            )
        case OpenLottery():
            return LotteryState(
                lottery_id=action.lottery_id, phase="open", prize=action.prize, commitment=action.commitment,
                ends_at=action.ends_at,
            )  # fmt: skip
        case DrawLottery():
            return LotteryState(
                lottery_id=action.lottery_id, phase="drawn", prize=action.prize, winners=action.winners,
                entrants=action.entrants, seed=action.seed,
            )  # fmt: skip
        case FlashSale():
            return FlashSaleState(
                sale_id=action.sale_id, product_id=action.product_id, phase=action.phase,
                price_minor=action.price_minor, currency=action.currency, left=action.stock,
                starts_at=action.starts_at, ends_at=action.ends_at,
            )  # fmt: skip
        case Moderate():
            return ModerationFlag(
                user=action.user, reason=action.reason, verb=action.verb, comment_id=action.comment_id,
                seconds=action.seconds,
            )  # fmt: skip
    return None
