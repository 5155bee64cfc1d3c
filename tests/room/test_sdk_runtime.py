"""A plugin's handlers at work in the in-memory room."""

from __future__ import annotations

import asyncio

import pytest

from nightcast.room.sdk import Comment, Context, GiftFinal, LikeWindow, OrderPaid, Plugin, PluginMistake
from nightcast.room.sdk.runner import pause_s
from nightcast.testing import Room


def greeter() -> Plugin:
    plugin = Plugin("greeter", scopes=["room.comment:read", "speech:write", "order:read"])

    @plugin.on(Comment, where={"text": {"contains": "hello"}})
    async def hello(ctx, comment):
        await ctx.say(f"Hello {comment.user.nickname}")

    return plugin


async def test_a_comment_leads_to_speech_with_a_masked_name(room: Room) -> None:
    await room.start(greeter())
    await room.comment("Amy", "hello there")
    await room.comment("Bob", "how much?")
    assert room.said == ["Hello A***"]


async def test_full_names_need_the_scope(room: Room) -> None:
    plugin = greeter()
    plugin.scopes += ("room.user:read",)
    await room.start(plugin)
    await room.comment("Amy", "hello")
    assert room.said == ["Hello Amy"]


async def test_what_is_not_granted_is_not_delivered(room: Room) -> None:
    runtime = await room.start(greeter(), scopes=("speech:write",))
    await room.comment("Amy", "hello")
    assert room.said == []
    assert any("room.comment:read" in note for note in runtime.notes)


async def test_an_outcome_tells_why_not_and_how_it_ended(room: Room) -> None:
    plugin = Plugin("talker", scopes=["room.comment:read", "speech:write"])
    seen = []

    @plugin.on(Comment)
    async def talk(ctx, comment):
        outcomes = [await ctx.say(f"line {n}") for n in range(5)]
        seen.append([o.code for o in outcomes])
        seen.append(await outcomes[0].end())

    await room.start(plugin)
    await room.comment("Amy", "go")
    await room.advance(3)
    assert seen == [[None, None, None, "rate_limited", "rate_limited"], "done"]


async def test_a_handler_that_raises_harms_nobody(room: Room) -> None:
    plugin = greeter()

    @plugin.on(Comment)
    async def broken(ctx, comment):
        raise ValueError("oops")

    runtime = await room.start(plugin)
    await room.comment("Amy", "hello")
    assert room.said == ["Hello A***"]
    assert "oops" in runtime.errors[0]
    assert runtime.idle


async def test_a_handler_that_hangs_is_cancelled(room: Room) -> None:
    plugin = Plugin("slow", scopes=["room.comment:read"])

    @plugin.on(Comment, timeout=5)
    async def hang(ctx, comment):
        await asyncio.Event().wait()

    runtime = await room.start(plugin)
    await room.comment("Amy", "hello")
    assert not runtime.idle
    await room.advance(6)
    assert runtime.idle
    assert "longer than 5 s" in runtime.errors[0]


async def test_plain_functions_run_in_threads(room: Room) -> None:
    plugin = Plugin("plain", scopes=["order:read", "speech:write"])

    @plugin.on(OrderPaid)
    def paid(ctx, order):
        ctx.call_threadsafe(ctx.say(f"Order {order.order_id}"))

    await room.start(plugin)
    await room.order("Amy", "lamp")
    assert room.said == ["Order o1"]


async def test_a_key_keeps_order_while_others_run_beside(room: Room) -> None:
    plugin = Plugin("keyed", scopes=["room.comment:read"])
    log = []

    @plugin.on(Comment, key="user.ref", concurrency=8)
    async def work(ctx, comment):
        log.append(("begin", comment.text))
        await ctx.sleep(1)
        log.append(("end", comment.text))

    await room.start(plugin)
    await room.comment("Amy", "a1")
    await room.comment("Amy", "a2")
    await room.comment("Bob", "b1")
    assert log == [("begin", "a1"), ("begin", "b1")]
    await room.advance(2.5)
    assert log.index(("end", "a1")) < log.index(("begin", "a2"))


async def test_timers_and_commands(room: Room) -> None:
    plugin = Plugin("game", scopes=["room.comment:read", "speech:write"])
    rests = []

    @plugin.every(10)
    async def tick(ctx):
        await ctx.say("tick")

    @plugin.command("抽奖", "draw", cooldown=5)
    async def draw(ctx, comment, rest):
        rests.append(rest)

    await room.start(plugin)
    for text in ("抽奖 一次", "Draw two", "I draw"):
        await room.comment("Amy", text)
    assert rests == ["一次", "two"]
    await room.comment("Amy", "draw three")
    assert rests == ["一次", "two"]
    await room.advance(21)
    assert room.said == ["tick", "tick"]


async def test_acknowledgement_waits_for_the_handler(room: Room) -> None:
    plugin = Plugin("acks", scopes=["room.comment:read"])

    @plugin.on(Comment)
    async def slow(ctx, comment):
        await ctx.sleep(5)

    await room.start(plugin)
    session = next(iter(room.core._sessions))
    await room.comment("Amy", "hello")
    assert (session.outbox.sent, session.outbox.acked) == (1, 0)
    await room.advance(6)
    assert session.outbox.acked == 1


async def test_gifts_missed_while_away_come_after_the_resume(room: Room) -> None:
    plugin = Plugin("gifts", scopes=[])
    got = []

    @plugin.on(GiftFinal)
    async def gift(ctx, e):
        got.append(e.count)

    @plugin.on(LikeWindow)
    async def likes(ctx, e):
        got.append("likes")

    await room.start(plugin)
    await room.gift("Amy", "rose", count=1)
    await room.disconnect("gifts")
    await room.gift("Amy", "rose", count=2)
    await room.likes(5)
    await room.advance(2)
    await room.gift("Amy", "rose", count=3)
    assert got == [1]
    await room.reconnect("gifts")
    assert got == [1, 2, 3]


def test_a_condition_that_is_none_is_found_at_import() -> None:
    plugin = Plugin("p")
    with pytest.raises(PluginMistake, match=r"where=\{'text': \{'contain': 'hi'\}\} says no condition; .*'contains'"):

        @plugin.on(Comment, where={"text": {"contain": "hi"}})
        async def hear(_ctx: Context, _comment: Comment) -> None: ...


@pytest.mark.parametrize("wrong", ["three", str, object()])
def test_a_wrong_event_class_is_found_at_import(wrong: object) -> None:
    with pytest.raises(PluginMistake, match="event class"):
        Plugin("p").on(wrong)  # type: ignore[arg-type]


def test_scopes_and_fields_that_do_not_exist_are_found_at_import() -> None:
    with pytest.raises(PluginMistake, match=r"'body:write' is no scope; there are .*avatar:write"):
        Plugin("p", scopes=["body:write"])
    with pytest.raises(PluginMistake, match=r"Comment has no field 'lng'; it has .*lang"):

        @Plugin("p").on(Comment, where={"lng": "zh"})
        async def handler(ctx, comment):
            pass


def test_a_rate_that_the_hub_could_not_keep_is_found_at_import() -> None:
    plugin = Plugin("p")

    @plugin.on(LikeWindow, rate_hz=0.5, reduce="sum")
    async def seldom(ctx, likes):
        pass

    with pytest.raises(PluginMistake, match="there is seldom as well"):

        @plugin.on(LikeWindow)
        async def always(ctx, likes):
            pass


def test_a_wrong_signature_is_found_at_import() -> None:
    with pytest.raises(PluginMistake, match=r"\(ctx, event\)"):

        @Plugin("p").on(Comment)
        async def handler(ctx):  # type: ignore[misc]
            pass


async def test_a_command_is_a_whole_word_in_letters_and_a_beginning_in_characters(room: Room) -> None:
    plugin = Plugin("draws", scopes=["room.comment:read"])
    heard: list[str] = []

    @plugin.command("draw", "抽奖")
    async def draw(ctx, comment, rest):
        heard.append(rest)

    await room.start(plugin)
    for text in ("drawing is fun", "draw me in", "Draw!", "抽奖我要", "redraw"):
        await room.comment("Amy", text)
    assert heard == ["me in", "!", "我要"]


def test_who_floods_again_and_again_stays_away_longer_each_time() -> None:
    assert pause_s(0, 0) < pause_s(0, 1) < pause_s(0, 2) < pause_s(0, 3) == pause_s(9, 9)
