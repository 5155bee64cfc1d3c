"""The outbox: whatever is put, sent, lost, acknowledged and resumed, every number is accounted for."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nightcast.room.events import Comment, Event, EventData, Follow, GiftFinal, LikeWindow, User
from nightcast.room.outbox import Outbox, Record
from nightcast.room.protocol import Limits

AMY = User(ref="u")
KINDS: dict[str, EventData] = {
    "A": GiftFinal(combo_id="k", user=AMY, gift_id="g", count=1),
    "B": Follow(user=AMY),
    "b": Comment(comment_id="c", user=AMY, text="x"),
    "C": LikeWindow(delta=1, total=1),
}

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(sorted(KINDS))),
        st.tuples(st.just("take"), st.integers(1, 20)),
        st.tuples(st.just("ack"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([100, 40_000, 70_000])),
        st.tuples(st.just("reconnect"), st.integers(0, 10)),
        st.tuples(st.just("away"), st.integers(0, 10)),
    ),
    max_size=120,
)


class Reader:
    """A client that checks the sequence as it reads."""

    def __init__(self) -> None:
        self.seq = 0
        self.class_a: set[int] = set()

    def read(self, texts: list[str]) -> None:
        for text in texts:
            frame: dict[str, Any] = json.loads(text)
            first, last = (frame["seq"], frame["seq"]) if frame["op"] == "event" else (frame["from"], frame["to"])
            assert first == self.seq + 1, "a gap nobody explained"
            assert last >= first
            if frame["op"] == "flow":
                assert sum(frame["by_type"].values()) == last - first + 1
                assert "gift.final" not in frame["by_type"]
            elif frame["type"] == "gift.final":
                self.class_a.add(frame["seq"])
            self.seq = last


@given(STEPS)
def test_no_number_vanishes_and_no_class_a_frame_is_lost(steps: list[tuple[str, Any]]) -> None:
    limits = Limits(queue_soft=8, ring_b=6, window=64)
    box = Outbox(limits, frozenset(), (False, False))
    reader = Reader()
    now_ms, acked = 0, 0
    sent_a: set[int] = set()
    for step, value in steps:
        if step == "put":
            box.put(Record(Event(KINDS[value], now_ms), now_ms), now_ms)
            if value == "A":
                sent_a.add(box.seq)
        elif step == "take" and box.online:
            reader.read(box.take(now_ms, frames=value))
        elif step == "ack":
            acked = max(acked, reader.seq - value)
            assert box.ack(acked)
        elif step == "wait":
            now_ms += value
        elif step == "away":
            box.go_offline(now_ms)
        elif step == "reconnect":
            box.go_offline(now_ms)
            reader.seq = max(acked, reader.seq - value)  # what was sent and never arrived
            replayed, _ = box.resume(reader.seq, now_ms)
            assert replayed == box.queued
    if not box.online:
        box.resume(reader.seq, now_ms)
    while box.pending:
        reader.read(box.take(now_ms))
        box.ack(reader.seq)
    assert reader.seq == box.seq
    assert reader.class_a == sent_a
    assert (box.queued, box.queued_bytes) == (0, 0)


def test_an_acknowledgement_of_what_was_never_sent_is_refused() -> None:
    box = Outbox(Limits(), frozenset(), (False, False))
    box.put(Record(Event(KINDS["A"], 0), 0), 0)
    assert not box.ack(1)
    box.take(0)
    assert box.ack(1)


def test_an_event_is_encoded_once_for_all_who_see_it_alike() -> None:
    record = Record(Event(KINDS["b"], 0), 0)
    assert record.text((False, False), frozenset()) is record.text((False, False), frozenset())
