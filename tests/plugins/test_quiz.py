"""The quiz plugin."""

from __future__ import annotations

from nightcast.testing import Room


async def test_the_first_who_know_are_named(load, room: Room) -> None:
    module = load("quiz")
    module.QUESTIONS["en"] = [{"ask": "Glass or paper?", "right": ["glass"]}]
    await room.start(module.plugin)
    await room.comment("Zoe", "glass")
    await room.advance(40 * 60)
    for name, text in (("Amy", "paper"), ("Ben", "GLASS"), ("Ben", "glass"), ("Cleo", " glass "), ("Dan", "glass"),
                       ("Eve", "glass")):  # fmt: skip
        await room.comment(name, text)
    await room.advance(41)
    assert room.said == ["Glass or paper?", "B***, C***, D***: right! It is glass."]


async def test_no_question_comes_twice_before_all_have_come(load, room: Room) -> None:
    module = load("quiz")
    await room.start(module.plugin)
    await room.advance(40 * 60 * 3 + 300)
    asked = [text for text in room.said if "?" in text]
    assert len(asked) == len(set(asked)) == 3
