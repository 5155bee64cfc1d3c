"""Likes, joins and gifts: many signals, few events, nothing lost and nothing twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nightcast.room.events import Comment, Event, GiftFinal, GiftProgress, Join, LikeWindow, RoomStats, Source, User
from nightcast.room.folding import Folder, GiftRaw, LikeRaw, Raw

AMY = User(ref="amy", nickname="Amy")


def give(folder: Folder, now_ms: int, count: int, *, combo: str | None = "k", **fields) -> list[Event]:
    raw = GiftRaw(user=AMY, gift_id="rose", combo_id=combo, count=count, unit_minor=100, **fields)
    return folder.feed(Raw(raw, now_ms), now_ms)


def finals(events: list[Event]) -> list[GiftFinal]:
    return [e.data for e in events if isinstance(e.data, GiftFinal)]


def test_a_combo_shows_its_progress_and_ends_once() -> None:
    folder = Folder()
    assert [e.data.count for e in give(folder, 0, 1)] == [1]
    assert [type(e.data) for e in give(folder, 400, 2)] == [GiftProgress]
    assert give(folder, 500, 2) == []  # a repeat
    (final,) = finals(give(folder, 900, 3, end=True))
    assert (final.count, final.value_minor, final.ended_by) == (3, 300, "platform")
    assert give(folder, 1000, 3, end=True) == []
    assert folder.tick(60_000) == []


def test_a_combo_whose_end_is_lost_is_closed_by_timeout() -> None:
    folder = Folder()
    give(folder, 0, 7)
    assert folder.tick(4_999) == []
    (final,) = finals(folder.tick(5_000))
    assert (final.count, final.ended_by) == (7, "timeout")


def test_frames_after_the_timeout_count_only_for_what_they_add() -> None:
    folder = Folder()
    give(folder, 0, 7)
    folder.tick(5_000)
    assert give(folder, 5_100, 7, end=True) == []
    (late,) = finals(give(folder, 5_200, 9, end=True))
    assert (late.combo_id, late.count, late.value_minor) == ("k+1", 2, 200)


def test_reordered_frames_never_make_a_combo_smaller() -> None:
    folder = Folder()
    give(folder, 0, 5)
    assert give(folder, 10, 2) == []
    (final,) = finals(give(folder, 20, 4, end=True))
    assert final.count == 5


def test_a_platform_that_tells_differences() -> None:
    folder = Folder()
    give(folder, 0, 2, adds=True)
    (final,) = finals(give(folder, 10, 3, adds=True, end=True))
    assert final.count == 5


def test_a_single_gift_is_final_at_once() -> None:
    folder = Folder()
    first, second = finals(give(folder, 0, 1, combo=None)), finals(give(folder, 0, 1, combo=None))
    assert first[0].combo_id != second[0].combo_id


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 30), st.booleans()), min_size=1, max_size=40))
def test_whatever_comes_each_gift_is_told_exactly_once(frames: list[tuple[int, int, bool]]) -> None:
    """Rising counts, repeated and reordered, with the end anywhere: the finals add up to the largest count."""
    folder, now_ms, told = Folder(), 0, []
    for wait_ms, count, end in frames:
        now_ms += wait_ms
        told += finals(folder.tick(now_ms))
        told += finals(give(folder, now_ms, count, end=end))
    told += finals(folder.tick(now_ms + 10_000))
    assert sum(final.count for final in told) == max(count for _, count, _ in frames)
    assert len({final.combo_id for final in told}) == len(told)
    assert folder.tick(now_ms + 20_000) == []


@given(st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 500)), min_size=1, max_size=60))
def test_likes_are_folded_without_losing_one(likes: list[tuple[int, int]]) -> None:
    folder, now_ms, told = Folder(), 0, []
    for wait_ms, count in likes:
        now_ms += wait_ms
        told += folder.tick(now_ms)
        folder.feed(Raw(LikeRaw(user=AMY, count=count), now_ms), now_ms)
    told += folder.tick(now_ms + 1_000)
    windows = [e.data for e in told if isinstance(e.data, LikeWindow)]
    assert sum(w.delta for w in windows) == sum(count for _, count in likes) == windows[-1].total


def test_what_was_liked_before_we_came_is_in_the_total_and_no_news() -> None:
    folder = Folder()
    folder.feed(Raw(LikeRaw(user=AMY, count=3, platform_total=100_000), 0), 0)
    (window,) = folder.tick(1_000)
    assert isinstance(window.data, LikeWindow)
    assert (window.data.delta, window.data.total) == (3, 100_000)


def test_a_platform_total_mends_what_was_cut() -> None:
    folder = Folder()
    folder.feed(Raw(LikeRaw(user=AMY, count=15, platform_total=15), 0), 0)
    folder.feed(Raw(LikeRaw(user=AMY, count=15, platform_total=90), 10), 10)
    (window,) = folder.tick(1_000)
    assert window.data.total == 90


def test_joins_are_folded_by_window() -> None:
    folder = Folder()
    names = [str(n) for n in range(10)]
    shown = [e for n in names for e in folder.feed(Event(Join(user=User(ref=n)), 0), 0)] + folder.tick(2_000)
    assert [(e.data.user.ref, e.data.others) for e in shown] == [("0", 0), ("9", 8)]


def test_a_repeated_message_of_a_platform_is_dropped() -> None:
    folder = Folder()
    src = Source(platform="douyin", msg_id="1")
    event = Event(Comment(comment_id="c", user=AMY, text="hi"), 0, src=src)
    assert folder.feed(event, 0) == [event]
    assert folder.feed(event, 5) == []
    assert folder.feed(Raw(LikeRaw(count=5), 0, src), 5) == []


def test_the_likes_of_a_room_never_go_back() -> None:
    folder = Folder()
    folder.feed(Raw(LikeRaw(count=50), 0), 0)
    folder.tick(1_000)
    (stats,) = folder.feed(Event(RoomStats(viewers=3, likes_total=10), 2_000), 2_000)
    assert stats.data.likes_total == 50
