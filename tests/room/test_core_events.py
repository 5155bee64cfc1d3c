"""Events through the hub: classes, coalescing, flow, privacy, publishing by connectors, slow plugins."""

from __future__ import annotations

from nightcast.room.events import Comment, Contact, LikeWindow, OrderPaid, User
from nightcast.room.protocol import Limits

AMY = User(ref="u1", nickname="Amy", avatar="https://example.org/a.png")


def comment(number: int) -> Comment:
    return Comment(comment_id=f"c{number}", user=AMY, text=f"hello {number}")


def likes(total: int) -> LikeWindow:
    return LikeWindow(delta=1, total=total)


def test_state_is_coalesced_and_the_gap_explained(bench, gift) -> None:
    socket = bench.plugin("p", "*")
    bench.publish(likes(1), gift(1), likes(2), likes(3))
    frames = socket.events()
    assert [(f["op"], f.get("seq")) for f in frames] == [("flow", None), ("event", 2), ("flow", None), ("event", 4)]
    assert frames[0] == {"op": "flow", "from": 1, "to": 1, "by_type": {"like.window": 1}, "reason": "coalesced"}
    assert frames[3]["d"]["total"] == 3


def test_comments_that_waited_too_long_are_not_shown_late(bench, gift) -> None:
    socket = bench.plugin("p", "comment.new", "gift.final")
    bench.publish(comment(1), gift(1))
    bench.now_ms += 31_000
    bench.publish(comment(2))
    frames = socket.events()
    assert [f.get("reason", f.get("type")) for f in frames] == ["expired", "gift.final", "comment.new"]


def test_a_flood_sheds_the_oldest_comments_and_no_gift(new_bench, gift) -> None:
    bench = new_bench(limits=Limits(queue_soft=10))
    socket = bench.plugin("p", "comment.new", "gift.final")
    for number in range(1, 31):
        bench.publish(comment(number), gift(number))
    frames = socket.events()
    assert [f["d"]["count"] for f in frames if f.get("type") == "gift.final"] == list(range(1, 31))
    lost = sum(f["by_type"]["comment.new"] for f in frames if f["op"] == "flow")
    shown = sum(f.get("type") == "comment.new" for f in frames)
    assert lost + shown == 30
    assert {f["reason"] for f in frames if f["op"] == "flow"} == {"slow"}


def test_a_plugin_that_does_not_acknowledge_is_sent_no_more_than_the_window(new_bench, gift) -> None:
    bench = new_bench(limits=Limits(window=5))
    socket = bench.plugin("p", "gift.final")
    bench.publish(*(gift(n) for n in range(1, 11)))
    assert [e["seq"] for e in socket.events()] == [1, 2, 3, 4, 5]
    socket.send(op="ack", seq=3)
    assert [e["seq"] for e in socket.events()] == [6, 7, 8]


def test_a_slow_plugin_is_named_then_closed(new_bench, gift) -> None:
    bench = new_bench(limits=Limits(queue_soft=10, slow_ms=2000))
    socket = bench.plugin("p", "gift.final")
    bench.publish(*(gift(n) for n in range(1, 21)))
    bench.pass_s(0.1)
    slow = next(n for n in bench.core.notices if n.kind == "slow")
    assert (slow.plugin_id, "gift.final x20" in slow.detail) == ("p", True)
    assert socket.closed is None
    bench.pass_s(2.2)
    assert socket.closed == 4010


def test_names_and_pictures_need_a_scope(bench) -> None:
    masked = bench.plugin("p", "comment.new")
    bench.allow("full", ("room.comment:read", "room.user:read"))
    full = bench.plugin("full", "comment.new", scopes=("room.comment:read", "room.user:read"))
    bench.publish(comment(1))
    assert masked.events()[0]["d"]["user"]["nickname"] == "A***"
    user = full.events()[0]["d"]["user"]
    assert (user["nickname"], user["avatar"]) == ("Amy", "https://example.org/a.png")


def test_addresses_need_their_own_scope(bench) -> None:
    bench.allow("post", ("order:read", "order.pii:read"))
    post = bench.plugin("post", "order.paid", scopes=("order:read", "order.pii:read"))
    thanks = bench.plugin("thanks", "order.paid")
    bench.publish(OrderPaid(order_id="o1", buyer=AMY, contact=Contact(phone="13800000000")))
    assert post.events()[0]["d"]["contact"]["phone"] == "13800000000"
    assert "contact" not in thanks.events()[0]["d"]


def test_filters_narrow_and_rates_fold(bench) -> None:
    socket = bench.plugin("p", scopes=("room.comment:read",))
    socket.send(
        op="subscribe", id="s",
        subs=[
            {"type": "comment.new", "where": {"text": {"contains": "HELLO 2"}}},
            {"type": "like.window", "rate_hz": 0.5, "reduce": "sum"},
        ],
    )  # fmt: skip
    socket.frames()
    bench.publish(comment(1), comment(2))
    frames = socket.events()
    for number in range(1, 6):
        bench.publish(likes(number))
        frames += socket.events()
        bench.pass_s(1)
    frames += socket.events()
    assert [f["d"]["text"] for f in frames if f["type"] == "comment.new"] == ["hello 2"]
    windows = [(f["d"]["delta"], f["d"]["total"]) for f in frames if f["type"] == "like.window"]
    assert windows == [(1, 1), (1, 2), (2, 4)]
    assert [f["seq"] for f in frames] == list(range(1, len(frames) + 1))


def test_many_frames_come_as_one_batch_where_that_was_agreed(bench, gift) -> None:
    socket = bench.plugin("p", "gift.final", features=["batch"])
    bench.publish(gift(1), gift(2))
    (text,) = bench.core.take(socket.conn, bench.now_ms)
    assert text.startswith('{"op":"batch"')


def test_a_connector_brings_events_in_and_repeats_are_dropped(bench) -> None:
    bench.allow("douyin", ("room:publish",))
    connector = bench.plugin("douyin", scopes=("room:publish",))
    watcher = bench.plugin("p", "comment.new", "gift.*")
    event = {
        "type": "comment.new", "src": {"platform": "douyin", "msg_id": "m1"},
        "d": {"comment_id": "c1", "user": {"ref": "u"}, "text": "hi"}, "off": 5, "id": "forged", "ts": 1,
    }  # fmt: skip
    combo = {
        "type": "gift.raw",
        "d": {"user": {"ref": "u"}, "gift_id": "rose", "combo_id": "k", "count": 3, "end": True},
    }
    connector.send(op="publish", id="p1", events=[event, event, combo])
    assert connector.read("result")["state"] == "accepted"
    comment_event, gift_event = watcher.events()
    assert comment_event["src"] == {"platform": "douyin", "msg_id": "m1"}
    assert comment_event["id"] != "forged"
    assert comment_event["ts"] == bench.now_ms
    assert (gift_event["type"], gift_event["d"]["count"]) == ("gift.final", 3)


def test_publishing_needs_its_scope_and_sound_events(bench) -> None:
    plain = bench.plugin("p")
    plain.send(op="publish", id="p1", events=[])
    assert plain.read("result")["code"] == "forbidden_scope"
    bench.allow("c", ("room:publish",))
    connector = bench.plugin("c", scopes=("room:publish",))
    for wrong in ({"type": "nonsense"}, {"type": "comment.new", "d": {}}, {"type": "action.state", "d": {}}):
        connector.send(op="publish", id="p2", events=[wrong])
        assert connector.read("result")["code"] == "bad_request"
