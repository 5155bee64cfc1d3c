"""Recordings: nothing personal in them, and the same room comes out again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from nightcast.room.errors import NotAdmittedError, RecordingError
from nightcast.room.events import ActionState, Comment, Contact, Event, GiftFinal, OrderPaid, Source, User
from nightcast.room.recording import Recorder, read_recording
from nightcast.room.remote import play_simulation, record, replay, simulate

AMY = User(ref="douyin-9", nickname="Amy Wong", avatar="https://example.org/amy.png")


def written(file: Path, *data) -> str:
    recorder = Recorder(file, started_ms=1_000, salt="s")
    for number, one in enumerate(data):
        src = Source(platform="douyin", msg_id=f"m{number}")
        recorder.write(Event(one, 1_500 + number, src=src, key="combo:douyin-9"))
    recorder.close()
    return file.read_text("utf-8")


def test_nothing_personal_is_kept(tmp_path: Path) -> None:
    text = written(
        tmp_path / "r.jsonl",
        Comment(
            comment_id="cid-77",
            user=AMY,
            text="call +86 138 0000 0000 or amy@example.org, @amywong",
            mentions=("@bob",),
        ),
        OrderPaid(
            order_id="oid-88", buyer=AMY, contact=Contact(name="Wong", phone="13800000000", address="Canal Street 7")
        ),
    )
    for secret in ("Amy", "Wong", "douyin-9", "example.org", "0000", "Canal", "bob", "138", "cid-77", "oid-88"):
        assert secret not in text
    assert "call […] or […] […]" in text.replace(",", "")


def test_the_same_viewer_stays_the_same_viewer(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    ben = User(ref="other")
    written(file, *(Comment(comment_id=f"{n}", user=u, text="x") for n, u in enumerate((AMY, ben, AMY))))
    refs = [timed.signal.data.user.ref for timed in read_recording(file)]
    assert refs[0] == refs[2] != refs[1]


def test_events_come_back_at_their_time_marked_as_a_replay(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    gift = GiftFinal(combo_id="k", user=AMY, gift_id="rose", count=3)
    written(file, gift, ActionState(action_id="a", action="speech.say", state="done"), gift)
    timed = list(read_recording(file))
    assert [(t.at_ms, t.signal.data.count, t.signal.replay) for t in timed] == [(500, 3, True), (502, 3, True)]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["{}"], "line 1"),
        (["nonsense"], "line 1"),
        (['{"nightcast_recording": 1}', "{"], "line 2"),
        (['{"nightcast_recording": 1}', '{"at_ms": 1, "type": "nope", "d": {}}'], "line 2"),
        (['{"nightcast_recording": 1}', '{"type": "user.follow", "d": {"user": {"ref": "u"}}}'], "line 2"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, lines: list[str], where: str) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=where):
        list(read_recording(file))


async def test_a_simulated_room_is_recorded_and_played_again(live, until, tmp_path: Path) -> None:
    file = tmp_path / "room.jsonl"
    for plugin_id, scopes in (
        ("recorder", ["room.comment:read", "order:read"]),
        ("simulator", ["room:publish"]),
        ("replayer", ["room:publish"]),
    ):
        live.grants.allow(plugin_id, scopes)
    first: list[str] = []
    live.core.observers.append(lambda event: first.append(event.type))
    recording = asyncio.create_task(record(file, live.url, live.grants.issue("recorder")))
    await until(lambda: live.core.session_of("recorder")[1] is not None)
    token = live.grants.issue("simulator")
    code = await play_simulation("hot_sale", 5, minutes=3, speed=0, hub=live.url, token=token, write=print)
    assert code == 0
    await until(lambda: len(first) > 20)
    await asyncio.sleep(0.3)
    live.hub.revoke("recorder")
    kept = await recording
    assert kept > 20

    again: list[Event] = []
    live.core.observers.append(again.append)
    assert await replay(file, live.url, live.grants.issue("replayer"), speed=0) == 0
    comments = [json.loads(line)["d"]["text"] for line in file.read_text("utf-8").splitlines() if "comment.new" in line]
    await until(lambda: sum(e.type == "comment.new" for e in again) == len(comments))
    assert [e.data.text for e in again if e.type == "comment.new"] == comments
    assert all(e.replay for e in again if e.type == "comment.new")


async def test_a_wrong_token_is_told(live, tmp_path: Path) -> None:
    live.grants.allow("simulator", ["room:publish"])
    with pytest.raises(NotAdmittedError, match="nightcast plugin token simulator"):
        await play_simulation("quiet", 1, minutes=1, speed=0, hub=live.url, token="wrong", write=print)
    with pytest.raises(NotAdmittedError, match="nightcast plugin token recorder"):
        await record(tmp_path / "r.jsonl", live.url, "wrong")


async def test_a_recording_that_breaks_off_is_told(live, tmp_path: Path) -> None:
    live.grants.allow("replayer", ["room:publish"])
    file = tmp_path / "r.jsonl"
    file.write_text('{"nightcast_recording": 1}\n{"at_ms": 1, "type": "user.fol')
    with pytest.raises(RecordingError, match="line 2"):
        await replay(file, live.url, live.grants.issue("replayer"), speed=0)


async def test_a_room_can_be_printed() -> None:
    lines: list[str] = []
    await play_simulation("attack", 2, minutes=1, speed=0, hub=None, token="", write=lines.append)
    assert len(lines) > 50
    assert all({"at_ms", "type", "d"} <= json.loads(line).keys() for line in lines)
    assert [json.loads(line)["at_ms"] for line in lines] == [t.at_ms for t in simulate("attack", 2, minutes=1)]
