"""The simulated audience plays only where no live room is connected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nightcast.director.simulated import has_connector, is_real
from nightcast.room.events import Comment, Event, Source, User
from nightcast.show import Show

COMMENT = Comment(comment_id="c", user=User(ref="u"), text="hello")


@pytest.mark.parametrize(
    ("event", "real"),
    [
        (Event(COMMENT, 0), False),  # the director's own
        (Event(COMMENT, 0, src=Source(platform="simulator")), False),
        (Event(COMMENT, 0, src=Source(platform="douyin")), True),
        (Event(COMMENT, 0, src=Source(platform="douyin"), test=True), False),
        (replace(Event(COMMENT, 0, src=Source(platform="recording")), replay=True), False),
    ],
)
def test_a_live_room_is_known_by_its_events(event: Event, real: bool) -> None:
    assert is_real(event) is real


def test_a_script_with_a_connector_simulates_nobody(show_root: Path) -> None:
    script = show_root / "scripts/night.yaml"
    assert not has_connector(Show.load(script, environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"}))
    (show_root / "plugins/tiktok").mkdir(parents=True)
    connector = "\nplugins: [{plugin: ../plugins/tiktok, grant: [room:publish]}]\n"
    script.write_text(script.read_text("utf-8") + connector, "utf-8")
    assert has_connector(Show.load(script, environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"}))
