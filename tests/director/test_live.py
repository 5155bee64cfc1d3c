"""Lines stay true and in their order while the night goes on, and what fails is tried again."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.director.stand import NOW, Stand

from nightcast.air.clock import MAX_CATCH_UP_S
from nightcast.director import live as module
from nightcast.director.errors import UnspokenError
from nightcast.director.evergreen import evergreen
from nightcast.director.journal import Journal
from nightcast.director.live import OnAir
from nightcast.director.night import Cut, ReadyLine
from nightcast.process.shared import SAMPLE_RATE_HZ, ClockReading
from nightcast.show import Catalog
from nightcast.show.fields import Text
from nightcast.show.script import Output
from nightcast.stage.cues import OverlayCue
from nightcast.talk.records import Line, Segment, Speech

PITCH = Segment(
    "s1",
    "product",
    (
        Line("l1", "Look at this one.", "en"),
        Line("l2", "It is {tumbler.price}.", "en", ("tumbler.price",)),
        Line("l3", "Take it home.", "en"),
    ),
    "tumbler",
)


def cheaper(catalog: Catalog) -> Catalog:
    products = [item.model_copy(update={"price": 9900}) if item.id == "tumbler" else item for item in catalog.products]
    return catalog.model_copy(update={"products": tuple(products)})


def test_the_journal_keeps_the_names_of_recordings_and_no_stream_key(stand: Stand, tmp_path: Path) -> None:
    outputs = (Output(kind="rtmp", url="rtmp://h/app/SECRET"), Output(kind="file", path=str(tmp_path / "night.mp4")))
    stand.live.run_plan = stand.live.run_plan.model_copy(update={"outputs": outputs})
    opened = stand.live._output_specs(7)
    (tmp_path / "night.mp4").write_text("so far")
    assert stand.live._output_specs(7) == opened, "the same air goes on in the same file"
    assert stand.live._output_specs(8) != opened, "another one overwrites nothing"
    assert "SECRET" not in str(stand.journal.recall("outputs"))


async def test_what_keeps_every_sentence_from_being_spoken_is_told_once(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(line: Line, *, urgent: bool = False) -> Speech:
        raise UnspokenError(line.id, Text(en="there is too little room", zh="空间不够"))

    monkeypatch.setattr(stand.live.voices, "speak", no_room)
    told = set()
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        assert await stand.live.ready(line, PITCH) is None
        told.add(stand.live.state.warning)
    assert told == {
        Text(
            en="A sentence is left out, for it could not be spoken: there is too little room.",
            zh="有一句话无法合成语音，已略过：空间不够。",
        )
    }


def waiting(stand: Stand) -> list[str]:
    return [ready.line.text for ready in stand.live.night.waiting]


async def test_a_line_with_a_changed_price_is_spoken_anew_in_its_old_place(stand: Stand) -> None:
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        await stand.live._offer(line, PITCH)
    assert waiting(stand) == ["Look at this one.", "It is ¥129.", "Take it home."]
    await stand.live.catalog_changed(stand.live.desk.change_catalog(cheaper(stand.live.desk.catalog)))
    assert waiting(stand) == ["Look at this one.", "It is ¥99.", "Take it home."]


async def test_the_price_card_on_the_picture_shows_the_new_price_at_once(stand: Stand) -> None:
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        await stand.live._offer(line, PITCH)
    await stand.pass_time(1)
    assert [cue.data["price"] for cue in stand.wires.cues("overlay") if cue.show] == ["¥129"]
    await stand.live.catalog_changed(stand.live.desk.change_catalog(cheaper(stand.live.desk.catalog)))
    assert [cue.data["price"] for cue in stand.wires.cues("overlay") if cue.show] == ["¥129", "¥99"]
    without = stand.live.desk.catalog.model_copy(update={"products": ()})
    await stand.live.catalog_changed(stand.live.desk.change_catalog(without))
    assert not stand.wires.cues("overlay")[-1].show


async def test_a_card_that_somebody_else_has_put_up_is_left_alone(stand: Stand) -> None:
    stand.live.cue([OverlayCue(at=0, overlay="price_card", data={"price": "¥1"})])
    await stand.live.catalog_changed(stand.live.desk.change_catalog(cheaper(stand.live.desk.catalog)))
    assert len(stand.wires.cues("overlay")) == 1


async def test_a_price_that_changes_while_the_voice_is_at_work_is_not_spoken_stale(stand: Stand) -> None:
    stand.journal.plan(PITCH)
    offering = asyncio.create_task(stand.live._offer(PITCH.lines[1], PITCH))
    while not stand.wires.sent:
        await asyncio.sleep(0)
    stand.live.desk.change_catalog(cheaper(stand.live.desk.catalog))
    await offering
    assert waiting(stand) == ["It is ¥99."]


async def test_while_air_is_away_no_line_counts_as_heard_and_after_it_none_is_late(stand: Stand) -> None:
    stand.journal.plan(PITCH)
    for line in PITCH.lines:
        await stand.live._offer(line, PITCH)
    await stand.pass_time(1.0)
    mixed = stand.now
    stand.clock.write(ClockReading(mixed, 30, time.monotonic() - 13.0, 3, mixed // 1_600))  # its last word, 12 s ago
    for _ in range(4):
        stand.live._advance()
    assert stand.live.now == mixed + round(MAX_CATCH_UP_S * SAMPLE_RATE_HZ)
    assert [entry.state for entry in stand.journal.unspoken()] == ["committed", "committed", "ready"]
    await stand.pass_time(6.0)  # a new air goes on where the old one was
    starts = [cue.at for cue in stand.wires.cues("speak")]
    pauses_s = [(after - before) / SAMPLE_RATE_HZ - 2.0 for before, after in pairwise(starts)]
    assert len(starts) == 3
    assert max(pauses_s) < 1.0
    assert len(stand.journal.spoken()) >= 2


def waiting_between(stand: Stand) -> list[str]:
    queued = set(stand.live.night.waiting)
    return [ready.line.text for ready in stand.live.night.pending if ready not in queued]


async def test_an_answer_that_waits_is_given_with_the_new_price(stand: Stand) -> None:
    await stand.live.interject(Segment("q", "answer", (Line("q.1", "You pay {tumbler.price}.", "en"),)))
    assert waiting_between(stand) == ["You pay ¥129."]
    await stand.live.catalog_changed(stand.live.desk.change_catalog(cheaper(stand.live.desk.catalog)))
    assert waiting_between(stand) == ["You pay ¥99."]


async def test_what_waits_for_a_fact_that_is_gone_is_left_out_and_who_asked_for_it_is_told(stand: Stand) -> None:
    gone: list[str] = []
    stand.live.listeners.append(
        lambda happening: gone.append(happening.ready.line.id) if isinstance(happening, Cut) else None
    )
    lines = (Line("q.1", "Good question.", "en"), Line("q.2", "It is {tumbler.price}.", "en"))
    await stand.live.interject(Segment("q", "answer", lines))
    (_, cap) = stand.live.desk.catalog.products
    without = stand.live.desk.catalog.model_copy(update={"products": (cap,)})
    await stand.live.catalog_changed(stand.live.desk.change_catalog(without))
    assert waiting_between(stand) == ["Good question."]
    assert gone == ["q.2"]


async def test_a_full_disk_is_told_for_as_long_as_it_is_full(stand: Stand) -> None:
    stand.journal._waiting.append(())
    stand.live._advance()
    assert stand.live.state.warning is not None
    assert "The disk is full: 1 entries" in stand.live.state.warning.en
    assert "日志有 1 条" in stand.live.state.warning.zh
    stand.journal._waiting.clear()
    stand.live._advance()
    assert stand.live.state.warning is None


def test_of_several_warnings_the_newest_is_told_that_still_holds() -> None:
    now_s = [0.0]
    state = OnAir(now_s=lambda: now_s[0])
    state.warn("scene", en="The scene is wrong.", zh="场景有错。")
    state.warn("sound", en="A sound was lost.", zh="少了一段声音。", passing=True)
    assert state.warning == Text(en="A sound was lost.", zh="少了一段声音。")
    now_s[0] = 601.0
    assert state.warning == Text(en="The scene is wrong.", zh="场景有错。")
    state.warn("plan", en="No plan.", zh="没有安排。")
    state.warn("scene", en="The scene is wrong elsewhere.", zh="场景另有错。")
    assert state.warning == Text(en="The scene is wrong elsewhere.", zh="场景另有错。")
    state.well("scene")
    assert state.warning == Text(en="No plan.", zh="没有安排。")
    state.well("plan")
    assert state.warning is None


async def test_a_planner_that_fails_is_asked_again(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REPLAN_S", 0.0)
    answers = iter([ValueError("no such product"), PITCH])

    def segments() -> Segment:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    stand.live._segments = segments
    told: list[str] = []
    monkeypatch.setattr(stand.live.state, "warn", lambda about, en, zh: told.append(en))
    assert await stand.live._plan() == PITCH
    assert "no such product" in told[0]


async def test_without_a_voice_stored_sound_is_said_again_and_once_all_was_heard_it_rests(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tmp_path / "x.wav"
    sound.write_bytes(b"RIFF")
    stand.journal.plan(PITCH)
    stand.journal.ready("l1", "Look at this one.", Speech("l1", "0" * 64, str(sound), 2.0, (), (), "espeak"))
    stand.journal.mark_aired("l1", NOW.isoformat())
    asked: list[str] = []

    def look(journal: Journal, segment_id: str, used: set[str]) -> ReadyLine | None:
        asked.append(segment_id)
        return evergreen(journal, segment_id, used)

    monkeypatch.setattr(module, "evergreen", look)
    stand.live.state.phase = "on_air"
    stand.live._voiceless_from_s = 0.0
    for _ in range(40):
        await stand.pass_time(0.1)
        stand.live._advance()
    assert [cue.text for cue in stand.wires.cues("speak")] == ["Look at this one."]
    assert stand.live.state.warning is not None
    assert "No voice answers" in stand.live.state.warning.en
    assert len(asked) == 2


async def test_a_bridge_that_was_not_needed_is_not_said_after_a_restart(stand: Stand) -> None:
    for segment in (Segment("b1", "bridge", (Line("b1.1", "Where were we?", "en"),)), PITCH):
        stand.journal.plan(segment)
        for line in segment.lines:
            stand.journal.ready(line.id, line.text, Speech(line.id, "0" * 64, "gone.wav", 1.0, (), (), "espeak"))
    assert [line.id for line, _ in stand.live._resume()] == ["l1", "l2", "l3"]
    assert [entry.line.id for entry in stand.journal.unspoken()] == ["l1", "l2", "l3"]


async def test_what_an_operator_put_out_is_put_back_by_the_next_segment(stand: Stand) -> None:
    stand.journal.plan(PITCH)
    await stand.live._offer(PITCH.lines[0], PITCH)
    await stand.pass_time(1.0)
    stand.floor.show_product("cap")
    again = Segment("s2", "product", (Line("l4", "Back to this one.", "en"),), "tumbler")
    stand.journal.plan(again)
    await stand.live._offer(again.lines[0], again)
    await stand.pass_time(6.0)
    assert [cue.product for cue in stand.wires.cues("product")] == ["tumbler", "cap", "tumbler"]
