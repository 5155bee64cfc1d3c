"""The answers plugin: which questions it takes, and what becomes of those without a fact."""

from __future__ import annotations

import pytest

from nightcast.room.actions import Answer
from nightcast.room.events import Comment, Event
from nightcast.testing import Room
from nightcast.testing.room import user


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is it?", "price"),
        ("多少钱", "price"),
        ("脸小能戴吗", "size"),
        ("什么材质的", "material"),
        ("is delivery free?", "delivery"),
        ("what is the difference to the other one?", "compare"),
        ("who makes the music?", "other"),
        ("i want to die", "crisis"),
        ("so pretty", None),
        ("好看", None),
    ],
)
def test_the_intent_of_a_question(load, text: str, intent: str | None) -> None:
    assert load("answers").intent_of(text) == intent


async def test_a_question_about_the_product_on_show_is_answered(load, room: Room) -> None:
    await room.start(load("answers").plugin)
    await room.comment("Amy", "how much is it?", lang="en")
    (answer,) = room.answered
    assert (answer.intent, answer.product_id, answer.language) == ("price", "glasses", "en")
    assert answer.user.nickname == "A***"


async def test_a_named_product_is_preferred(load, room: Room) -> None:
    await room.start(load("answers").plugin)
    await room.comment("Amy", "台灯多少钱？", lang="zh")
    await room.comment("Bob", "what is number 2 made of?")
    assert [(a.intent, a.product_id) for a in room.answered] == [("price", "lamp")]
    await room.advance(3)
    assert room.answered[1].product_id == "earring"


async def test_the_same_question_of_many_is_answered_once_and_later_counted(load, room: Room) -> None:
    await room.start(load("answers").plugin)
    for name in ("Amy", "Bob", "Cleo", "Dan"):
        await room.comment(name, "price?")
    assert len(room.answered) == 1
    await room.advance(100)
    await room.comment("Eve", "price?")
    assert [a.asked_by for a in room.answered] == [1, 4]


async def test_chatter_is_left_alone(load, room: Room) -> None:
    await room.start(load("answers").plugin)
    await room.comment("Amy", "so pretty")
    await room.comment("Bob", "show number 3?", intent="show")
    assert room.did == []


async def test_a_question_without_a_fact_is_kept_for_the_morning(load, catalog) -> None:
    room = Room(products=catalog, performs=False)
    runtime = await room.start(load("answers").plugin)
    await room.comment("Amy", "is it vegan?")
    (answer,) = room.of(Answer)
    await room.finish(answer, "failed", detail="no fact")
    assert runtime.store["unanswered"][0]["question"] == "is it vegan?"
    await room.stop()


async def test_a_question_that_has_waited_too_long_is_left(load, room: Room) -> None:
    await room.start(load("answers").plugin)
    asked = Comment(comment_id="c1", user=user("Amy"), text="how much is the lamp?")
    late = Event(asked, room.clock.now_ms() - 26_000)
    room.core.publish(late, room.clock.now_ms())
    await room.settle()
    assert room.answered == []
    await room.comment("Ben", "how much is the lamp?")
    assert len(room.answered) == 1
