"""Actions through the hub: results, states, idempotency, budgets, leases, scopes, limits."""

from __future__ import annotations

import pytest

from nightcast.room.events import ProductSwitched

SAY = {"text": "Good evening"}


def started(bench) -> list[str]:
    """What the director was told to begin."""
    found = [c.action.data.type for c in bench.core.changes if c.state == "started"]
    bench.core.changes.clear()
    return found


def running(bench, kind: str):
    return next(a for a in bench.core.actions() if a.data.type == kind)


def test_an_action_is_accepted_started_and_done(bench) -> None:
    socket = bench.plugin("p")
    assert socket.action("speech.say", SAY)["state"] == "accepted"
    assert socket.states() == ["queued", "started"]
    bench.core.report(running(bench, "speech.say").id, "done", bench.now_ms)
    assert socket.states() == ["done"]
    assert started(bench) == ["speech.say"]


@pytest.mark.parametrize(
    ("kind", "d", "fields", "code", "path"),
    [
        ("speech.sing", {}, {}, "unknown_type", "type"),
        ("speech.say", {}, {}, "bad_request", "d.text"),
        ("speech.say", {"text": "x" * 401}, {}, "bad_request", "d.text"),
        ("overlay.show", {"overlay": "card", "hold_s": -1}, {}, "bad_request", "d.hold_s"),
        ("tryon.start", {"product_id": "x"}, {}, "forbidden_scope", None),
        ("speech.say", SAY, {"pri": "operator"}, "forbidden_scope", "pri"),
        ("promo.coupon", {"coupon_id": "c", "value_minor": 10, "count": 1}, {}, "bad_request", "idem"),
        ("promo.coupon", {"coupon_id": "c", "value_minor": 1000, "count": 11}, {"idem": "k"}, "budget_exceeded", None),
        ("speech.say", SAY, {"if": {"rev": 7}}, "stale_state", "if.rev"),
    ],
)
def test_what_is_refused_and_why(bench, kind, d, fields, code, path) -> None:
    result = bench.plugin("p").action(kind, d, **fields)
    assert (result["state"], result["code"], result.get("path")) == ("rejected", code, path)
    assert started(bench) == []


def test_a_retry_with_the_same_key_is_done_once(bench) -> None:
    socket = bench.plugin("p")
    socket.action("overlay.show", {"overlay": "card"}, id="a1", idem="k1")
    assert socket.action("overlay.show", {"overlay": "card"}, id="a2", idem="k1")["dup"] is True
    other = socket.action("overlay.show", {"overlay": "other"}, id="a3", idem="k1")
    assert other["code"] == "idem_conflict"
    assert started(bench) == ["overlay.show"]


def test_a_key_is_known_after_a_restart_and_forgotten_after_a_day(bench) -> None:
    bench.plugin("p").action("overlay.show", {"overlay": "card"}, idem="k1")
    bench = bench.restarted()
    assert bench.plugin("p").action("overlay.show", {"overlay": "card"}, idem="k1")["dup"] is True
    bench.now_ms += 25 * 3_600_000
    assert bench.plugin("p").action("overlay.show", {"overlay": "card"}, id="b", idem="k1")["dup"] is False


def test_a_budget_is_spent_once_and_survives_a_restart(bench) -> None:
    coupon = {"coupon_id": "c", "value_minor": 1000, "count": 6}
    assert bench.plugin("p").action("promo.coupon", coupon, idem="k1")["state"] == "accepted"
    bench = bench.restarted()
    socket = bench.plugin("p")
    assert socket.action("promo.coupon", coupon, id="b", idem="k1")["dup"] is True
    bench.now_ms += 60_000
    assert socket.action("promo.coupon", coupon, id="c", idem="k2")["code"] == "budget_exceeded"


def test_the_revision_guards_against_acting_on_an_old_product(bench) -> None:
    socket = bench.plugin("p")
    bench.publish(ProductSwitched(product_id="lamp", rev=7))
    assert socket.action("speech.say", SAY, **{"if": {"rev": 7}})["state"] == "accepted"


def test_rates_are_published_and_kept(bench) -> None:
    socket = bench.plugin("p")
    cut = {"shot": "wide"}
    assert socket.action("camera.cut", cut, id="a1")["state"] == "accepted"
    refused = socket.action("camera.cut", cut, id="a2")
    assert (refused["code"], refused["retry_after_ms"]) == ("rate_limited", 3000)
    bench.now_ms += 3000
    assert socket.action("camera.cut", cut, id="a3")["state"] == "accepted"


def test_only_repeated_excess_closes_the_connection(bench) -> None:
    socket = bench.plugin("p")
    for number in range(30):
        socket.send(op="action", id=f"a{number}", type="camera.cut", d={"shot": "wide"})
    assert socket.closed == 4008


def test_one_speaks_at_a_time_in_order_of_priority(bench) -> None:
    bench.allow("shop", priorities=["order"])
    shop, chat = bench.plugin("shop"), bench.plugin("chat")
    chat.action("speech.say", {"text": "one"}, id="c1")
    chat.action("speech.say", {"text": "two"}, id="c2")
    shop.action("speech.say", {"text": "sold"}, id="s1", pri="order")
    spoken = []
    for _ in range(3):
        action = next(a for a in bench.core.actions() if a.state == "started")
        spoken.append(action.data.text)
        bench.core.report(action.id, "done", bench.now_ms)
    assert spoken == ["one", "sold", "two"]


def test_an_operator_breaks_in(bench) -> None:
    bench.allow("console", priorities=["operator"])
    chat, console = bench.plugin("chat"), bench.plugin("console")
    chat.action("speech.say", {"text": "blah"})
    console.action("speech.say", {"text": "Stop"}, pri="operator")
    assert chat.states() == ["queued", "started", "superseded"]
    assert running(bench, "speech.say").data.text == "Stop"


def test_who_will_not_wait_is_told_busy(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY, id="a1")
    assert socket.action("speech.say", SAY, id="a2", on_busy="reject")["code"] == "busy"


def test_a_replacement_supersedes_its_older_self(bench) -> None:
    socket = bench.plugin("p")
    socket.action("overlay.show", {"overlay": "card", "data": {"n": 1}}, id="a1")
    socket.action("overlay.show", {"overlay": "card", "data": {"n": 2}}, id="a2", on_busy="replace")
    assert [(a.client_id, a.state) for a in bench.core.actions()] == [("a2", "started")]


def test_what_waits_too_long_expires(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY, id="a1")
    socket.action("speech.say", {"text": "old news"}, id="a2", ttl_ms=3000)
    socket.states()
    bench.pass_s(4)
    assert socket.states() == ["expired"]


def test_a_lease_falls_back_when_the_director_never_reports(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY, id="a1")
    socket.action("speech.say", {"text": "next"}, id="a2", ttl_ms=600_000)
    socket.states()
    socket.bench.pass_s(14)
    socket.send(op="pong")
    bench.pass_s(20)
    socket.send(op="pong")
    bench.pass_s(27)
    assert socket.states() == ["failed", "started"]


def test_an_action_can_be_taken_back(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY, id="a1")
    socket.states()
    socket.send(op="cancel", id="a1")
    frames = socket.frames()
    assert [f["d"]["state"] for f in frames if f["op"] == "event"] == ["cancelled"]
    socket.send(op="cancel", id="a1")
    assert socket.read("result")["code"] == "not_found"


def test_a_scope_revoked_in_the_middle_ends_what_it_allowed(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY)
    socket.states()
    bench.core.revoke("p", bench.now_ms, ["speech:write"])
    frames = socket.frames()
    assert [f["scopes"] for f in frames if f["op"] == "revoke"] == [["speech:write"]]
    assert [f["d"]["state"] for f in frames if f["op"] == "event"] == ["cancelled"]
    assert socket.action("speech.say", SAY, id="a2")["code"] == "forbidden_scope"
    assert socket.closed is None


def test_the_outcome_of_an_action_waits_for_a_plugin_that_is_away(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY)
    last = socket.events()[-1]
    socket.cut()
    bench.core.report(running(bench, "speech.say").id, "failed", bench.now_ms, code="unsafe_content", detail="a price")
    back = bench.socket()
    back.send(op="resume", session=socket.ready["session"], epoch="memory", token=bench.tokens["p"], seq=last["seq"])
    (event,) = [f for f in back.frames() if f["op"] == "event"]
    assert (event["d"]["state"], event["d"]["code"]) == ("failed", "unsafe_content")


def test_the_room_is_told_of_a_lottery_when_it_was_drawn(bench) -> None:
    watcher = bench.plugin("watcher", "lottery.state")
    socket = bench.plugin("p")
    draw = {"lottery_id": "l1", "winners": [{"ref": "u1", "nickname": "Amy"}], "seed": "s", "entrants": 9}
    socket.action("lottery.draw", draw, idem="l1-draw")
    assert watcher.events() == []
    bench.core.report(running(bench, "lottery.draw").id, "done", bench.now_ms)
    (event,) = watcher.events()
    assert (event["d"]["phase"], event["d"]["winners"][0]["nickname"]) == ("drawn", "A***")


def test_an_action_that_a_restart_cut_off_is_told_as_failed_once(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY)
    last = socket.events()[-1]
    bench = bench.restarted().restarted()
    back = bench.socket()
    back.send(
        op="resume", session=socket.ready["session"], epoch="memory", token=bench.tokens["p"], seq=last["seq"],
        off=last["off"],
    )  # fmt: skip
    assert [(e["d"]["state"], e["d"]["detail"]) for e in back.events()] == [("failed", "the hub was restarted")]


def test_an_action_that_gives_way_goes_on_while_the_next_is_made_ready(bench) -> None:
    socket = bench.plugin("p")
    socket.action("speech.say", SAY, id="a1")
    socket.action("speech.say", {"text": "And now?"}, id="a2")
    first = running(bench, "speech.say")
    assert started(bench) == ["speech.say"]
    bench.core.give_way(first.id, bench.now_ms)
    assert started(bench) == ["speech.say"]
    bench.core.give_way("act_gone", bench.now_ms)
    assert (first.state, [a.state for a in bench.core.actions()]) == ("started", ["started", "started"])
    bench.core.report(first.id, "done", bench.now_ms)
    assert started(bench) == []  # the lease is the second's now
