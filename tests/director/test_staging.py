"""A line becomes picture: only what changes is asked for, and only what the scene has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightcast.director.night import ReadyLine
from nightcast.director.staging import Staging, price_card
from nightcast.show import Show
from nightcast.show.scene import Shot
from nightcast.stage.cues import GazeCue
from nightcast.talk.records import Line, Segment, Speech, VisemeKey, WordMark

NOW = datetime(2026, 11, 26, 22, tzinfo=UTC)


@pytest.fixture
def show(show_root: Path) -> Show:
    return Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})


def ready(segment_kind: str, product: str | None, **line: object) -> ReadyLine:
    made = Line("l1", "One.", "en", **line)  # type: ignore[arg-type]
    segment = Segment("s1", segment_kind, (made,), product)  # type: ignore[arg-type]
    speech = Speech("l1", "0" * 64, "x.wav", 1.5, (VisemeKey(0.1, "PP"),), (WordMark(0.1, 0.4, "One."),), "espeak")
    return ReadyLine(made, segment, speech)


def kinds(staging: Staging, show: Show, line: ReadyLine, opens: bool = True) -> list[str]:
    return [cue.kind for cue in staging.begin(line, 48_000, opens, show.catalog, NOW)]  # type: ignore[attr-defined]


def test_a_product_segment_puts_the_product_out_with_its_card(show: Show) -> None:
    staging = Staging(show, "studio")
    cues = staging.begin(ready("product", "tumbler"), 48_000, True, show.catalog, NOW)
    by_kind = {cue.kind: cue for cue in cues}  # type: ignore[attr-defined]
    assert by_kind["product"].product == "tumbler"
    assert by_kind["overlay"].data["price"] == "¥129"
    assert by_kind["overlay"].data["list_price"] == "¥159"
    assert by_kind["speak"].visemes == ((0.1, "PP", 1.0),)
    assert all(cue.at == 48_000 for cue in cues)


def test_what_stands_already_is_not_asked_for_again(show: Show) -> None:
    staging = Staging(show, "studio")
    kinds(staging, show, ready("product", "tumbler"))
    assert "product" not in kinds(staging, show, ready("product", "tumbler"))
    staging.restart()
    assert "product" in kinds(staging, show, ready("product", "tumbler"))


def test_a_shot_that_the_scene_lacks_falls_back_to_one_it_has(show: Show) -> None:
    cues = Staging(show, "studio").begin(ready("product", "tumbler", shot="macro"), 0, True, show.catalog, NOW)
    (shot,) = [cue for cue in cues if cue.kind == "shot"]  # type: ignore[attr-defined]
    assert shot.shot in ("wide", "close")


def test_the_camera_keeps_off_the_stand_of_a_product_without_a_model(show: Show) -> None:
    shots = {"table": Shot(follow="stands.table"), "wide": Shot(follow="host.chest")}
    file, scene = next(iter(show.scenes.items()))
    staging = Staging(replace(show, scenes={file: scene.model_copy(update={"shots": shots})}), "studio")
    cues = staging.begin(ready("product", "tumbler", shot="table"), 0, True, show.catalog, NOW)
    assert [cue.shot for cue in cues if cue.kind == "shot"] == ["wide"]  # type: ignore[attr-defined]


def test_worn_things_come_off_when_another_product_is_talked_about(show: Show) -> None:
    staging = Staging(show, "studio")
    assert "wear" in kinds(staging, show, ready("try_on", "cap", wear="cap"))
    cues = staging.begin(ready("product", "tumbler"), 0, True, show.catalog, NOW)
    (wear,) = [cue for cue in cues if cue.kind == "wear"]  # type: ignore[attr-defined]
    assert (wear.product, wear.on) == (None, False)


def test_an_opening_hides_the_price_card(show: Show) -> None:
    cues = Staging(show, "studio").begin(ready("opening", None), 0, True, show.catalog, NOW)
    (overlay,) = [cue for cue in cues if cue.kind == "overlay"]  # type: ignore[attr-defined]
    assert (overlay.overlay, overlay.show) == ("price_card", False)


def test_a_card_shows_the_price_struck_only_where_there_was_one(show: Show) -> None:
    tumbler, cap = show.catalog.products
    assert price_card(show.catalog, tumbler, "zh", NOW) == {
        "product": "tumbler",
        "name": "暮色随行杯",
        "price": "¥129",
        "list_price": "¥159",
        "language": "zh",
        "stock": 40,
    }
    assert price_card(show.catalog, cap, "en", NOW)["list_price"] is None


def test_a_try_on_shows_before_and_after_in_the_last_sentence_before_it_takes_it_off(show: Show) -> None:
    staging = Staging(show, "studio")
    lines = tuple(Line(f"l{n}", "One.", "en", wear=wear) for n, wear in enumerate(("cap", None, None, "")))
    segment = Segment("s1", "try_on", lines, "cap")
    shown = []
    for line in lines:
        cues = staging.begin(ReadyLine(line, segment, ready("try_on", "cap").speech), 0, False, show.catalog, NOW)
        shown.append([(cue.product, cue.hold_s) for cue in cues if cue.kind == "compare"])  # type: ignore[attr-defined]
    assert shown == [[], [], [("cap", 1.5)], []]


def test_shoes_are_tried_on_where_the_feet_are_seen(show: Show) -> None:
    cap = show.catalog.product("cap")
    assert cap is not None
    assert cap.wear is not None
    boots = cap.model_copy(update={"wear": cap.wear.model_copy(update={"kind": "shoe"})})
    catalog = show.catalog.model_copy(update={"products": (boots,)})
    staging = Staging(show, "studio")
    shots = staging.scene.shots
    shots["feet"] = shots["close"]
    cues = staging.begin(ready("try_on", "cap", wear="cap"), 0, True, catalog, NOW)
    assert [cue.shot for cue in cues if cue.kind == "shot"] == ["feet"]  # type: ignore[attr-defined]


def gazes(staging: Staging, show: Show, line: ReadyLine) -> list[tuple[float, str]]:
    cues = staging.begin(line, 48_000, False, show.catalog, NOW)
    return [(cue.at / 48_000 - 1, cue.target) for cue in cues if isinstance(cue, GazeCue)]


def test_the_eyes_return_to_the_audience_once_a_product_was_shown(show: Show) -> None:
    line = ready("product", "tumbler", gesture="present", pause_after_s=2.0)
    (first, second) = gazes(Staging(show, "studio"), show, line)
    assert first == (0.0, "product")
    assert second[1] == "camera"
    assert 0.8 < second[0] < 2.0


def test_the_eyes_stay_on_a_product_where_there_is_no_time_to_look_up(show: Show) -> None:
    line = ready("product", "tumbler", gesture="present", pause_after_s=0.0)
    assert gazes(Staging(show, "studio"), show, line) == [(0.0, "product")]
