"""hello, identify, resume: who is let in, and what each answer is."""

from __future__ import annotations

import pytest

from nightcast.room.events import LikeWindow, RoomStats
from nightcast.room.log import SqliteLog
from nightcast.room.protocol import Limits


def test_the_hub_speaks_first_and_tells_its_limits(bench) -> None:
    hello = bench.socket().read("hello")
    assert hello["proto"] == [1]
    assert hello["limits"]["frame_bytes"] == 65536
    assert hello["actions"]["speech.say"] == {"every_ms": 2000, "burst": 3}
    assert hello["epoch"] == "memory"


def test_ready_tells_what_was_granted_and_what_was_not(bench) -> None:
    bench.allow("p", ("speech:write",))
    socket = bench.socket()
    socket.identify(
        "p",
        bench.tokens["p"],
        scopes=["speech:write", "order:read"],
        subs=[{"type": "order.paid"}, {"type": "nonsense"}],
    )
    ready = socket.read("ready")
    assert ready["granted"] == ["speech:write"]
    assert ready["denied"] == ["order:read", "order.paid", "nonsense"]
    assert ready["seq"] == 0


def test_the_snapshot_holds_the_newest_state(bench) -> None:
    bench.publish(RoomStats(viewers=1), RoomStats(viewers=7), LikeWindow(delta=1, total=3))
    state = bench.plugin("p").ready["snapshot"]["state"]
    assert state["room.stats"]["d"]["viewers"] == 7
    assert state["like.window"]["d"]["total"] == 3


def test_a_bearer_header_serves_as_token(bench) -> None:
    socket = bench.socket(bearer=bench.allow("p"))
    socket.identify("p", "")
    assert socket.read("ready")["session"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": "identify", "proto": 1, "plugin": {"id": "p"}, "token": "wrong"}, 4004),
        ({"op": "identify", "proto": 1, "plugin": {"id": "stranger"}, "token": "x"}, 4004),
        ({"op": "identify", "proto": 2, "plugin": {"id": "p"}, "token": "x"}, 4005),
        ({"op": "ack", "seq": 1}, 4001),
        ({"op": "resume", "session": "ses_9", "epoch": "memory"}, 4007),
        ({"op": "resume", "session": "ses_9", "epoch": "other"}, 4007),
    ],
)
def test_who_is_not_let_in(bench, frame, code) -> None:
    bench.allow("p")
    socket = bench.socket()
    socket.send(**frame)
    assert socket.closed == code


def test_a_token_under_another_id_is_told_whose_it_is(bench) -> None:
    bench.allow("q")
    socket = bench.socket()
    socket.identify("q", bench.allow("p"))
    assert bench.core.closing(socket.conn) == (4004, "this token is for plugin 'p'; identify by that id")


@pytest.mark.parametrize("text", ["", "[]", "3", "{", '"x"', "nul", '{"op":' + "[" * 30 + "]" * 30 + "}", b"\x00"])
def test_what_is_no_frame_closes_with_4002(bench, text) -> None:
    socket = bench.socket()
    socket.raw(text)
    assert socket.closed == 4002


def test_silence_before_identify_closes_with_4003(bench) -> None:
    socket = bench.socket()
    bench.pass_s(9.9)
    assert socket.closed is None
    bench.pass_s(0.2)
    assert socket.closed == 4003


def test_identifying_twice_closes_with_4001(bench) -> None:
    socket = bench.plugin("p")
    socket.identify("p", bench.tokens["p"])
    assert socket.closed == 4001


def test_a_newer_connection_replaces_the_older(bench) -> None:
    older = bench.plugin("p")
    newer = bench.plugin("p")
    assert older.closed == 4006
    assert newer.closed is None


def test_a_quiet_plugin_is_pinged_and_then_closed_with_4009(bench) -> None:
    socket = bench.plugin("p")
    bench.pass_s(16)
    assert socket.read("ping")["t"]
    socket.send(op="pong")
    bench.pass_s(36)
    assert socket.closed is None
    bench.pass_s(2)
    assert socket.closed == 4009


def test_unknown_fields_are_ignored_and_unknown_ops_answered(bench) -> None:
    socket = bench.plugin("p")
    socket.send(op="ping", t=5, colour="red")
    assert socket.read("pong")["t"] == 5
    socket.send(op="dance")
    error = socket.read("error")
    assert (error["code"], error["path"]) == ("unknown_op", "op")
    assert socket.closed is None


def test_wrong_fields_are_named_by_their_path_and_closed_only_when_repeated(bench) -> None:
    socket = bench.plugin("p")
    socket.send(op="action", id="a", type="speech.say", d={}, ttl_ms="soon")
    assert socket.read("error")["path"] == "ttl_ms"
    for _ in range(18):
        socket.send(op="ack")
    assert socket.closed is None
    socket.send(op="ack")
    assert socket.closed == 4001


def test_a_one_time_token_serves_once_and_is_replaced(bench) -> None:
    bench.grants.allow("p", ())
    once = bench.grants.issue("p", once=True)
    first = bench.socket()
    first.identify("p", once)
    lasting = first.read("ready")["token"]
    again = bench.socket()
    again.identify("p", once)
    assert again.closed == 4004
    third = bench.socket()
    third.identify("p", lasting)
    assert "token" not in third.read("ready")


def test_resume_with_nothing_missed(bench, gift) -> None:
    socket = bench.plugin("p", "gift.final")
    bench.publish(gift(1))
    assert [e["seq"] for e in socket.events()] == [1]
    socket.cut()
    back = resumed(bench, socket, 1)
    answer = back.read("resumed")
    assert (answer["replayed"], answer["lost"]) == (0, [])


def test_resume_replays_class_a_and_tells_what_else_is_lost(bench, gift) -> None:
    socket = bench.plugin("p", "gift.final", "like.window")
    bench.publish(gift(1), gift(2))
    socket.cut()  # both were queued, none was read
    bench.publish(LikeWindow(delta=1, total=1), LikeWindow(delta=1, total=2), gift(3))
    back = resumed(bench, socket, 0)
    frames = back.frames()
    answer = next(f for f in frames if f["op"] == "resumed")
    assert answer["replayed"] == 3
    assert answer["lost"] == [{"from": 3, "to": 4, "by_type": {"like.window": 2}, "reason": "offline"}]
    assert answer["snapshot"]["state"]["like.window"]["d"]["total"] == 2
    rest = [(f["op"], f.get("seq", f.get("to"))) for f in frames if f["op"] in ("event", "flow")]
    assert rest == [("event", 1), ("event", 2), ("flow", 4), ("event", 5)]


def test_resume_from_the_last_acknowledged_frame(bench, gift) -> None:
    socket = bench.plugin("p", "gift.final")
    bench.publish(gift(1), gift(2), gift(3))
    assert len(socket.events()) == 3
    socket.send(op="ack", seq=2)
    back = resumed(bench, socket, None)  # a new process takes over beside the old one
    assert socket.closed == 4006
    assert [e["seq"] for e in back.events()] == [3]


@pytest.mark.parametrize("seq", [9, 1])
def test_a_seq_that_cannot_be_is_closed_with_4007(bench, gift, seq) -> None:
    socket = bench.plugin("p", "gift.final")
    bench.publish(gift(1), gift(2), gift(3))
    socket.events()
    socket.send(op="ack", seq=2)
    socket.cut()
    assert resumed(bench, socket, seq).closed == 4007


def test_too_much_missed_is_a_resync(new_bench, gift) -> None:
    bench = new_bench(limits=Limits(ring_a=5))
    socket = bench.plugin("p", "gift.final")
    socket.cut()
    bench.publish(*(gift(n) for n in range(1, 11)))
    bench.pass_s(1)
    back = resumed(bench, socket, 0)
    answer = back.read("resync")
    assert answer["snapshot"]["room"] == "main"
    bench.publish(gift(11))
    assert [e["seq"] for e in back.events()] == [answer["seq"] + 1]


def test_what_memory_let_go_is_read_again_from_the_log(new_bench, gift) -> None:
    bench = new_bench(limits=Limits(ring_a_ms=1000))
    socket = bench.plugin("p", "gift.final")
    bench.publish(gift(1))
    (first,) = socket.events()
    socket.cut()
    bench.publish(gift(2), gift(3))
    bench.pass_s(5)
    back = resumed(bench, socket, 1, off=first["off"])
    frames = back.frames()
    assert next(f for f in frames if f["op"] == "resumed")["replayed"] == 2
    assert [(f["seq"], f["d"]["count"], f["replay"]) for f in frames if f["op"] == "event"] == [
        (2, 2, True),
        (3, 3, True),
    ]


@pytest.mark.parametrize("durable", [False, True])
def test_a_restart_of_the_hub_loses_no_class_a_event(new_bench, gift, tmp_path, durable) -> None:
    bench = new_bench(log=SqliteLog(tmp_path / "log.db") if durable else None)
    socket = bench.plugin("p", "gift.final", "like.window")
    bench.publish(gift(1), gift(2))
    last = socket.events()[-1]
    bench.publish(gift(3), LikeWindow(delta=1, total=1))
    if durable:  # a new process would open the file anew
        bench.log.close()
        bench.log = SqliteLog(tmp_path / "log.db")
    bench = bench.restarted()
    bench.publish(gift(4))
    back = resumed(bench, socket, last["seq"], off=last["off"])
    frames = back.frames()
    assert next(f for f in frames if f["op"] == "resumed")["lost"][0]["reason"] == "restart"
    assert [f["d"]["count"] for f in frames if f["op"] == "event"] == [3, 4]
    bench.publish(gift(5))
    assert [(e["seq"], e["d"]["count"]) for e in back.events()] == [(5, 5)]


def test_an_event_that_another_nightcast_wrote_costs_a_plugin_the_past_and_not_its_session(new_bench, gift) -> None:
    bench = new_bench()
    socket = bench.plugin("p", "gift.final")
    bench.publish(gift(1))
    last = socket.events()[-1]
    bench.log.append(last["off"] + 1, bench.now_ms, None, {"type": "comet.seen", "d": {}})
    bench = bench.restarted()
    back = resumed(bench, socket, last["seq"], off=last["off"])
    assert "snapshot" in back.read("resync")
    bench.publish(gift(2))
    assert [event["d"]["count"] for event in back.events()] == [2]


def test_a_revoked_plugin_may_not_resume(bench) -> None:
    socket = bench.plugin("p")
    bench.core.revoke("p", bench.now_ms)
    assert socket.closed == 4011
    assert resumed(bench, socket, 0).closed == 4007


def test_subscriptions_change_on_the_fly(bench, gift) -> None:
    socket = bench.plugin("p", scopes=())
    bench.publish(gift(1))
    socket.send(op="subscribe", id="s1", subs=[{"type": "gift.final"}])
    assert socket.read("result")["state"] == "accepted"
    bench.publish(gift(2))
    assert [e["d"]["count"] for e in socket.events()] == [2]
    socket.send(op="subscribe", id="s2", subs=[{"type": "comment.new"}])
    assert socket.read("result")["code"] == "forbidden_scope"
    socket.send(op="unsubscribe", id="s3", types=["gift.final"])
    socket.frames()
    bench.publish(gift(3))
    assert socket.events() == []


def test_a_goodbye_asks_everybody_back(bench) -> None:
    socket = bench.plugin("p")
    bench.core.goodbye()
    assert socket.read("reconnect")["within_ms"] == 2000
    assert socket.closed == 1012


def resumed(bench, old, seq, off=None):
    socket = bench.socket()
    socket.read("hello")
    fields = {"off": off} if off is not None else {}
    socket.send(
        op="resume", session=old.ready["session"], epoch=bench.log.epoch,
        token=bench.tokens["p"], seq=seq, **fields,
    )  # fmt: skip
    return socket
