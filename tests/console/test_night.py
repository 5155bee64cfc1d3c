"""What an operator does to a live night is what viewers then hear and see."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.director.stand import Stand

from nightcast.console import view as v
from nightcast.console.night import LiveNight
from nightcast.director.guests import Guests
from nightcast.director.journal import Journal
from nightcast.director.live import Live
from nightcast.room import actions as a
from nightcast.room.plugins.manager import PluginManager
from nightcast.show.fields import Text
from nightcast.talk.records import Line, Segment


@pytest.fixture
def night(stand: Stand, tmp_path: Path) -> LiveNight:
    plugins = PluginManager(stand.hub, "ws://127.0.0.1:0", tmp_path / "plugins", rng=Random(1))
    return LiveNight(
        stand.live, stand.floor, stand.audience, plugins, Guests(tmp_path / "g", stand.live.show.catalog_file)
    )


async def plan(stand: Stand, *segments: Segment) -> None:
    for segment in segments:
        stand.journal.plan(segment)
        for line in segment.lines:
            await stand.live._offer(line, segment)


def segment(name: str, lines: int) -> Segment:
    made = tuple(Line(f"{name}{n}", f"Sentence {'abcdef'[n]} of {name}.", "en") for n in range(lines))
    return Segment(name, "product", made, "tumbler")


def announced(stand: Stand) -> list[str]:
    return [cue.line_id for cue in stand.wires.cues("speak")]


async def until_announced(stand: Stand, line_id: str) -> None:
    while line_id not in announced(stand):
        await stand.pass_time(0.1)


async def test_skipping_a_segment_leaves_out_its_next_line_even_where_it_is_announced(
    stand: Stand, night: LiveNight
) -> None:
    await plan(stand, segment("A", 3), segment("B", 1))
    await until_announced(stand, "A1")  # while A0 is still heard
    await night.command(v.Skip(what="segment"))
    await stand.pass_time(5.0)
    assert announced(stand) == ["A0", "A1", "B0"]
    assert stand.journal.unspoken() == []
    assert [entry.line.id for entry in stand.journal.spoken()] == ["A0", "B0"]


async def test_skipping_a_segment_at_its_end_does_not_skip_the_next_one(stand: Stand, night: LiveNight) -> None:
    await plan(stand, segment("A", 1), segment("B", 2))
    await until_announced(stand, "B0")  # while A0 is still heard
    await night.command(v.Skip(what="segment"))
    await stand.pass_time(8.0)
    assert [entry.line.id for entry in stand.journal.spoken()] == ["A0", "B0", "B1"]


async def test_skipping_a_segment_between_two_of_its_sentences_leaves_out_the_rest(
    stand: Stand, night: LiveNight
) -> None:
    rest = Line("A0", "Look at this.", "en", pause_after_s=3.0)
    await plan(stand, Segment("A", "product", (rest, *segment("A", 2).lines[1:]), "tumbler"), segment("B", 1))
    await stand.pass_time(3.0)
    assert stand.live.night.quiet
    await night.command(v.Skip(what="segment"))
    await stand.pass_time(5.0)
    assert announced(stand) == ["A0", "B0"]


async def test_what_is_still_being_made_of_a_skipped_segment_is_not_said(stand: Stand, night: LiveNight) -> None:
    whole = segment("A", 3)
    stand.journal.plan(whole)
    await stand.live._offer(whole.lines[0], whole)
    await stand.pass_time(1.0)
    await night.command(v.Skip(what="segment"))
    await stand.live._offer(whole.lines[1], whole)
    await stand.pass_time(5.0)
    assert announced(stand) == ["A0"]
    assert [entry.line.id for entry in stand.journal.unspoken()] == ["A2"]


def card_cues(stand: Stand) -> list[bool]:
    """What the stage was told of the price card since it was last asked, and forgets it."""
    told = [cue.show for cue in stand.wires.cues("overlay") if cue.overlay == "price_card"]
    stand.wires.sent.clear()
    return told


async def test_what_an_operator_hides_stays_hidden_whoever_asks_for_it(stand: Stand, night: LiveNight) -> None:
    await night.command(v.ShowOverlay(overlay="price_card", show=False))
    assert card_cues(stand) == [False]
    await plan(stand, segment("A", 1))
    await stand.pass_time(4.0)
    stand.floor.show_product("cap")
    assert card_cues(stand) == []
    stand.live._greet_stage()
    assert card_cues(stand) == [False, False], "where a stage began anew, and in the scene it comes to"
    stand.live.change_scene("scenes/studio.yaml")
    assert card_cues(stand) == [False]
    assert "price_card" not in night.state().shown_overlays


async def test_before_and_after_is_for_what_the_host_wears(stand: Stand, night: LiveNight) -> None:
    assert night.state().worn is None
    assert not (await night.command(v.Compare())).done
    stand.floor._cue_wear("cap", True, None)
    worn = night.state().worn
    assert worn is not None
    assert worn.id == "cap"
    assert (await night.command(v.Compare(product="cap"))).done
    assert stand.wires.cues("compare")[-1].product == "cap"


async def test_what_an_operator_shows_again_has_the_price_of_now(stand: Stand, night: LiveNight) -> None:
    await night.command(v.ShowOverlay(overlay="price_card", show=False))
    stand.floor.show_product("cap")
    await night.command(v.ShowOverlay(overlay="price_card", show=True))
    assert stand.wires.cues("overlay")[-1].data["price"] == "¥89"
    assert "price_card" in night.state().shown_overlays


async def test_a_plugin_is_told_that_the_operator_hides_what_it_wants_to_show(stand: Stand, night: LiveNight) -> None:
    await night.command(v.ShowOverlay(overlay="score", show=False))
    stand.ask(a.ShowOverlay(overlay="score", data={"title": "12 : 7"}))
    await stand.pass_time(0.5)
    assert stand.reports == [("act1", "failed", "the operator keeps 'score' off the picture")]


async def test_a_director_that_comes_back_knows_what_is_hidden(stand: Stand, night: LiveNight) -> None:
    await night.command(v.ShowOverlay(overlay="price_card", show=False))
    live = stand.live
    again = Live(
        live.run_plan, live.show, Journal(stand.journal.file), live.desk, live._server, stand.clock, lambda: None,
        live._heartbeat,
    )  # fmt: skip
    assert again.staging.hidden == {"price_card"}
    again.journal.close()


async def test_what_is_not_done_is_told_in_both_languages(night: LiveNight) -> None:
    result = await night.command(v.SwitchProduct(product="moon"))
    assert not result.done
    assert result.text == Text(en="The catalog has no product 'moon'.", zh="商品目录里没有 moon。")
