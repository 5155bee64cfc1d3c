"""The hub on real sockets, with the SDK and the simulator at its ends."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from nightcast.room.arbiter import Change
from nightcast.room.events import GiftFinal, User
from nightcast.room.protocol import SUBPROTOCOL, Limits
from nightcast.room.sdk import Comment, Plugin
from nightcast.room.sdk.runner import serve
from nightcast.room.simulation import SimProduct, Simulator, load_profile


async def test_simulated_viewers_are_answered_over_a_real_socket(live, until) -> None:
    plugin = Plugin("answers", scopes=["room.comment:read", "speech:write"])

    @plugin.on(Comment, where={"text": {"contains": "?"}})
    async def answer(ctx, comment):
        await ctx.answer(comment.comment_id, comment.text, product_id="lamp")

    serving = asyncio.create_task(serve(plugin, live.url, live.allow(plugin)))
    await until(lambda: len(live.core._sessions) == 1)
    lamp = SimProduct("lamp", "Lantern lamp", "台灯", 1, 8900)
    audience = Simulator(load_profile("hot_sale"), [lamp], seed=3, start_ms=0)
    live.hub.ingest(audience.until(60_000))
    await until(lambda: any(c.state == "done" and c.action.data.type == "speech.answer" for c in live.changes))
    live.hub.revoke("answers")
    assert await serving == 4011


async def test_a_session_survives_its_socket(live, until) -> None:
    plugin = Plugin("gifts")
    got: list[int] = []

    @plugin.on(GiftFinal)
    async def gift(ctx, e):
        got.append(e.count)

    serving = asyncio.create_task(serve(plugin, live.url, live.allow(plugin)))
    await until(lambda: len(live.core._sessions) == 1)
    session = live.core.session_of("gifts")[0]
    for count in range(1, 21):
        data = GiftFinal(combo_id=f"k{count}", user=User(ref="u"), gift_id="rose", count=count)
        live.hub.publish(data)
        if count % 5 == 0:
            for socket in list(live.hub._sockets.values()):
                socket.transport.abort()
            await asyncio.sleep(0)
    await until(lambda: len(got) == 20)
    assert got == list(range(1, 21))
    assert live.core.session_of("gifts")[0] == session
    live.hub.revoke("gifts")
    await serving


@pytest.mark.parametrize(
    "live_options", [{"limits": Limits(queue_soft=50, queue_hard=200, slow_ms=300, window=10_000)}]
)
async def test_a_plugin_that_does_not_read_is_named_and_closed_while_others_go_on(live, until) -> None:
    live.grants.allow("sleeper", ["room.comment:read"])
    notices = live.notices
    good = Plugin("good", scopes=["room.comment:read"])
    seen: list[str] = []

    @good.on(Comment)
    async def see(ctx, comment):
        seen.append(comment.comment_id)

    serving = asyncio.create_task(serve(good, live.url, live.allow(good)))
    async with connect(live.url, subprotocols=[SUBPROTOCOL], max_queue=1, close_timeout=0.1) as sleeper:
        await sleeper.recv()
        frame = {
            "op": "identify", "proto": 1, "plugin": {"id": "sleeper"}, "token": live.grants.issue("sleeper"),
            "scopes": ["room.comment:read"], "subs": [{"type": "gift.final"}, {"type": "comment.new"}],
        }  # fmt: skip
        await sleeper.send(json.dumps(frame))
        await sleeper.recv()
        await until(lambda: len(live.core._sessions) == 2)
        for count in range(3000):
            gift = GiftFinal(combo_id=f"k{count}", user=User(ref="u" * 100), gift_id="rose" * 300, count=1)
            live.hub.publish(gift)
            if count % 100 == 0:
                comment = Comment(comment_id=f"c{count}", user=User(ref="u"), text="hi")
                live.hub.publish(comment)
                await asyncio.sleep(0)
        await until(lambda: any(n.kind == "closed" and n.plugin_id == "sleeper" for n in notices))
        await until(lambda: len(seen) == 30)
    slow = next(n for n in notices if n.kind == "slow")
    assert slow.plugin_id == "sleeper"
    assert "gift.final" in slow.detail
    assert any(n.kind == "closed" and "4010" in n.detail for n in notices)
    live.hub.revoke("good")
    await serving


async def test_one_bad_turn_does_not_stop_the_hub(live, until, caplog: pytest.LogCaptureFixture) -> None:
    turns = []

    def tick(now_ms: int, real=live.core.tick) -> None:
        turns.append(now_ms)
        if len(turns) == 1:
            raise OSError("no space left")
        real(now_ms)

    live.core.tick = tick
    await until(lambda: len(turns) > 2)
    assert "no space left" in caplog.text


async def test_a_fault_of_the_director_costs_the_one_action_and_closes_nobody(
    live, until, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = Plugin("thanks", scopes=["room.comment:read", "overlay:write"])

    @plugin.on(Comment)
    async def show(ctx, comment):
        await ctx.overlay("lower_third", {"title": comment.text}, hold=1)

    serving = asyncio.create_task(serve(plugin, live.url, live.allow(plugin)))
    await until(lambda: len(live.core._sessions) == 1)
    act, failures = live.hub._on_action, iter([ZeroDivisionError("by a bug")])

    def faulty(change: Change) -> None:
        for error in failures:
            raise error
        act(change)

    live.hub._on_action = faulty
    _, conn = live.core.session_of("thanks")
    for number in (1, 2):
        live.hub.publish(Comment(comment_id=str(number), user=User(ref="u"), text=f"Hello {number}"))
    await until(lambda: len(live.changes) > 0)
    assert live.core.session_of("thanks")[1] == conn, "its socket is the same"
    assert "by a bug" in caplog.text
    live.hub.revoke("thanks")
    assert await serving == 4011


async def test_browsers_of_other_origins_and_other_paths_are_refused(live, until) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(live.url, subprotocols=[SUBPROTOCOL], origin="https://elsewhere.example"):
            pass
    with pytest.raises(InvalidStatus):
        async with connect(live.url.replace("/plugin/v1", "/other"), subprotocols=[SUBPROTOCOL]):
            pass


async def test_a_restart_asks_plugins_to_come_back(live, until) -> None:
    async with connect(live.url, subprotocols=[SUBPROTOCOL]) as socket:
        assert json.loads(await socket.recv())["op"] == "hello"
        await live.hub.stop()
        assert json.loads(await socket.recv())["op"] == "reconnect"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1012
