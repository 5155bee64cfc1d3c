"""Raw audience signals become few events: likes by window, joins by window, a gift combo to exactly one
final.

Platforms repeat frames, reorder them and lose the last one. Likes are summed without loss; a combo whose end
never comes is closed by timeout; frames that arrive after it count only for what they add. Pure; times are
milliseconds.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import Field

from nightcast.room.events import (
    Event,
    GiftFinal,
    GiftProgress,
    Join,
    LikeWindow,
    Part,
    RoomStats,
    Source,
    User,
)

LIKE_WINDOW_MS = 1_000
JOIN_WINDOW_MS = 2_000
COMBO_TIMEOUT_MS = 5_000
_REMEMBER_MS = 600_000
_REMEMBER_MESSAGES = 50_000


class LikeRaw(Part):
    """`count` likes of a viewer. A platform's running total, where it has one, mends what was cut."""

    user: User | None = None
    count: int = Field(1, ge=0)
    platform_total: int | None = Field(None, ge=0)


class GiftRaw(Part):
    """A frame of a gift combo: `count` is the combo's size so far, or with `adds` what this frame adds."""

    user: User
    gift_id: str
    name: str = ""
    combo_id: str | None = None  #: None: not a combo, final at once
    count: int = Field(1, ge=1)
    adds: bool = False
    end: bool = False
    timeout_ms: int = Field(COMBO_TIMEOUT_MS, gt=0, le=60_000)
    unit_minor: int = Field(0, ge=0)
    currency: str = "CNY"
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw signal with its envelope."""

    data: LikeRaw | GiftRaw
    ts_ms: int
    src: Source | None = None
    test: bool = False


@dataclass(slots=True)
class _Combo:
    raw: GiftRaw
    combo_id: str
    count: int
    base: int  # gifts of the same combo that an earlier final has told
    last_ms: int
    src: Source | None
    test: bool

    def fields(self) -> dict[str, object]:
        count = self.count - self.base
        raw = self.raw
        return {
            "combo_id": self.combo_id, "user": raw.user, "gift_id": raw.gift_id, "name": raw.name, "count": count,
            "unit_minor": raw.unit_minor, "value_minor": raw.unit_minor * count, "currency": raw.currency,
            "paid": raw.paid,
        }  # fmt: skip


class Folder:
    """Folds one room's raw signals. `feed` and `tick` return events in the order they are due.

    `likes_total` is what the room was given before, where it goes on after a restart.
    """

    def __init__(self, room: str = "main", likes_total: int = 0) -> None:
        self.room = room
        self.likes_total = likes_total
        self._likes: Counter[str] = Counter()
        self._likers: dict[str, User] = {}
        self._like_delta = 0
        self._like_since_ms: int | None = None
        self._knows_total = False
        self._join: Event | None = None
        self._join_others = 0
        self._join_open_ms = -JOIN_WINDOW_MS
        self._combos: dict[tuple[str, str, str], _Combo] = {}
        self._finished: OrderedDict[tuple[str, str, str], tuple[int, int, int]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._single = 0

    def feed(self, signal: Raw | Event, now_ms: int) -> list[Event]:
        """Take one signal in; repeats of a platform's message are dropped."""
        if self._repeated(signal.src):
            return []
        if isinstance(signal, Event):
            return self._joined(signal, now_ms) if isinstance(signal.data, Join) else [self._with_total(signal)]
        if isinstance(signal.data, LikeRaw):
            self._liked(signal.data, now_ms)
            return []
        return self._given(signal, signal.data, now_ms)

    def tick(self, now_ms: int) -> list[Event]:
        """Close what is due."""
        return [*self._like_window(now_ms), *self._join_window(now_ms), *self._timeouts(now_ms)]

    def _repeated(self, src: Source | None) -> bool:
        if src is None or src.msg_id is None:
            return False
        key = (src.platform, src.msg_id)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > _REMEMBER_MESSAGES:
            self._seen.popitem(last=False)
        return False

    def _with_total(self, event: Event) -> Event:
        if isinstance(event.data, RoomStats) and event.data.likes_total < self.likes_total:
            return replace(event, data=event.data.model_copy(update={"likes_total": self.likes_total}))
        return event

    # -- likes --

    def _liked(self, raw: LikeRaw, now_ms: int) -> None:
        count = raw.count
        if raw.platform_total is not None and not self._knows_total:  # what was liked before we came is no news
            self._knows_total = True
            self.likes_total = max(self.likes_total, raw.platform_total - count - self._like_delta)
        if raw.platform_total is not None:  # cut per-viewer counts: the total is the truth
            count = max(count, raw.platform_total - self.likes_total - self._like_delta)
        self._like_delta += count
        if raw.user is not None:
            self._likes[raw.user.ref] += raw.count
            self._likers[raw.user.ref] = raw.user
        if self._like_since_ms is None:
            self._like_since_ms = now_ms

    def _like_window(self, now_ms: int) -> Iterable[Event]:
        if self._like_since_ms is None or now_ms - self._like_since_ms < LIKE_WINDOW_MS:
            return
        self.likes_total += self._like_delta
        top = tuple(self._likers[ref] for ref, _ in self._likes.most_common(3))
        window_ms = now_ms - self._like_since_ms
        data = LikeWindow(delta=self._like_delta, total=self.likes_total, window_ms=window_ms, top_users=top)
        self._like_delta, self._like_since_ms = 0, None
        self._likes.clear()
        self._likers.clear()
        yield Event(data, now_ms, room=self.room)

    # -- joins --

    def _joined(self, event: Event, now_ms: int) -> list[Event]:
        if self._join is None and now_ms - self._join_open_ms >= JOIN_WINDOW_MS:
            self._join_open_ms = now_ms
            return [event]
        self._join_others += 0 if self._join is None else 1
        self._join = event
        return []

    def _join_window(self, now_ms: int) -> Iterable[Event]:
        if self._join is None or now_ms - self._join_open_ms < JOIN_WINDOW_MS:
            return
        event, others = self._join, self._join_others
        self._join, self._join_others, self._join_open_ms = None, 0, now_ms
        yield replace(event, data=event.data.model_copy(update={"others": others}))

    # -- gifts --

    def _given(self, signal: Raw, raw: GiftRaw, now_ms: int) -> list[Event]:
        if raw.combo_id is None:
            self._single += 1
            combo = _Combo(raw, f"single-{now_ms}-{self._single}", raw.count, 0, now_ms, signal.src, signal.test)
            return [self._event(combo, GiftFinal(**combo.fields()), now_ms)]
        key = (raw.user.ref, raw.gift_id, raw.combo_id)
        combo_or_none = self._combos.get(key) or self._reopened(key, signal, raw, now_ms)
        if combo_or_none is None:
            return []
        combo = combo_or_none
        grown = combo.count + raw.count if raw.adds else max(combo.count, raw.count)
        is_new = grown > combo.count
        combo.count, combo.last_ms, combo.raw = grown, now_ms, raw
        if raw.end:
            return [self._close(key, "platform", now_ms)]
        return [self._event(combo, GiftProgress(**combo.fields()), now_ms)] if is_new else []

    def _reopened(self, key: tuple[str, str, str], signal: Raw, raw: GiftRaw, now_ms: int) -> _Combo | None:
        told, parts, _ = self._finished.get(key, (0, 0, 0))
        if parts and not raw.adds and raw.count <= told:
            return None  # a late repeat of what the final has told
        combo_id = key[2] if parts == 0 else f"{key[2]}+{parts}"
        combo = _Combo(raw, combo_id, told, told, now_ms, signal.src, signal.test)
        self._combos[key] = combo
        return combo

    def _timeouts(self, now_ms: int) -> list[Event]:
        due = [key for key, c in self._combos.items() if now_ms - c.last_ms >= c.raw.timeout_ms]
        while self._finished:
            key, (_, _, when) = next(iter(self._finished.items()))
            if now_ms - when < _REMEMBER_MS:
                break
            del self._finished[key]
        return [self._close(key, "timeout", now_ms) for key in due]

    def _close(self, key: tuple[str, str, str], by: str, now_ms: int) -> Event:
        combo = self._combos.pop(key)
        parts = self._finished.pop(key, (0, 0, 0))[1] + 1
        self._finished[key] = (combo.count, parts, now_ms)
        return self._event(combo, GiftFinal(**combo.fields(), ended_by=by), now_ms)

    def _event(self, combo: _Combo, data: GiftProgress | GiftFinal, now_ms: int) -> Event:
        key = f"combo:{combo.raw.user.ref}:{combo.raw.gift_id}:{combo.combo_id}"
        return Event(data, now_ms, room=self.room, src=combo.src, key=key, test=combo.test)
