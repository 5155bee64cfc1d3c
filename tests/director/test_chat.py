"""What viewers write is on the picture only where the gate lets it be, and only until somebody deletes it."""

from __future__ import annotations

import pytest
from tests.director.stand import Stand

from nightcast.director.floor import Floor
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.room import events as e
from nightcast.stage.cues import ChatCue, ChatGoneCue


def say(stand: Stand, text: str, comment_id: str = "c1", viewer: str = "amy", nickname: str = "Amy") -> None:
    user = e.User(ref=viewer, nickname=nickname)
    stand.floor.event(e.Event(e.Comment(comment_id=comment_id, user=user, text=text), 1_000))


def act(stand: Stand, verb: str, viewer: str = "amy", **more: object) -> None:
    flag = {"user": {"ref": viewer}, "reason": "spam", "verb": verb, **more}
    stand.floor.event(e.Event(e.ModerationFlag.model_validate(flag), 1_000))


def on_picture(stand: Stand) -> list[str]:
    """The comments that a stage shows which got all cues, in the order of their samples."""
    shown: dict[str, str] = {}
    cues = [message for name, message in stand.wires.sent if name == "stage"]
    for cue in sorted((cue for cue in cues if isinstance(cue, ChatCue | ChatGoneCue)), key=lambda cue: cue.at):
        if isinstance(cue, ChatCue):
            shown[cue.comment_id] = cue.text
        else:
            shown.pop(cue.comment_id, None)
    return list(shown.values())


@pytest.mark.parametrize(
    ("text", "nickname"),
    [
        ("Same cup 1 yuan at cheap-cups.example, cures cancer", "Amy"),
        ("hello", "cures cancer"),
        ("全网第一", "小满"),
        ("love the lanterns, they are really lovely 全网第一", "Amy"),
        ("全网最低价的好杯子谁都喜欢 the best cup", "小满"),
        ("look at www.cups.example", "Amy"),
        (" ", "Amy"),
    ],
)
async def test_what_the_gate_refuses_is_not_shown_whoever_writes_it(stand: Stand, text: str, nickname: str) -> None:
    say(stand, text, nickname=nickname)
    assert on_picture(stand) == []


@pytest.mark.parametrize(
    "text",
    ["how much is the Dusk Tumbler?", "这个多少钱？", "the Dusk Tumbler 有货吗", "666", "❤️❤️", "好\n  看", "¿cuánto?"],
)
async def test_what_viewers_usually_write_is_shown_also_in_two_languages(stand: Stand, text: str) -> None:
    say(stand, text)
    assert on_picture(stand) == [" ".join(text.split())]


async def test_a_viewer_without_a_name_is_shown(stand: Stand) -> None:
    say(stand, "hello", nickname="")
    assert on_picture(stand) == ["hello"]


async def test_a_comment_that_the_platform_deletes_leaves_the_picture_at_once(stand: Stand) -> None:
    say(stand, "hello", "c1")
    say(stand, "good evening", "c2")
    await stand.pass_time(2.0)
    stand.floor.event(e.Event(e.CommentDeleted(comment_id="c1"), 3_000))
    assert on_picture(stand) == ["good evening"]
    assert stand.wires.cues("chat_gone")[0].at <= stand.live.now


async def test_a_comment_that_is_deleted_before_it_comes_is_never_seen(stand: Stand) -> None:
    say(stand, "hello")
    act(stand, "delete", comment_id="c1")
    assert on_picture(stand) == []
    assert stand.wires.cues("chat_gone")[0].at == stand.wires.cues("chat")[0].at


async def test_what_an_earlier_director_showed_can_be_taken_away(stand: Stand) -> None:
    stand.floor.event(e.Event(e.CommentDeleted(comment_id="of before"), 1_000))
    assert [cue.comment_id for cue in stand.wires.cues("chat_gone")] == ["of before"]


async def test_a_stage_that_begins_anew_is_not_told_again_of_comments(stand: Stand) -> None:
    say(stand, "hello")
    act(stand, "delete", comment_id="c1")
    stand.wires.sent.clear()
    stand.live._greet_stage()
    assert stand.wires.cues("scene")
    assert stand.wires.cues("chat") == []


@pytest.mark.parametrize("verb", ["mute", "block"])
async def test_a_silenced_viewers_comments_leave_and_no_more_come_while_others_are_shown(
    stand: Stand, verb: str
) -> None:
    say(stand, "hello", "c1")
    say(stand, "hello again", "c2")
    say(stand, "good evening", "c3", viewer="ben")
    act(stand, verb, comment_id="c2")
    say(stand, "still here", "c4")
    assert on_picture(stand) == ["good evening"]


async def test_a_director_that_was_restarted_still_knows_who_was_blocked(stand: Stand) -> None:
    act(stand, "block")
    stand.floor = Floor(stand.live, stand.hub, stand.floor.answers, stand.audience, "2-")
    say(stand, "me again")
    say(stand, "good evening", "c2", viewer="bea")
    assert on_picture(stand) == ["good evening"]


async def test_a_muted_viewer_is_shown_again_after_the_time(stand: Stand) -> None:
    act(stand, "mute", seconds=60)
    began = stand.live.desk.now()
    stand.live.desk.now = lambda: began.replace(minute=1)
    say(stand, "hello")
    assert on_picture(stand) == ["hello"]


async def test_a_flag_or_a_warning_leaves_the_picture_as_it_is(stand: Stand) -> None:
    say(stand, "hello")
    act(stand, "flag", comment_id="c1")
    act(stand, "warn", comment_id="c1")
    assert on_picture(stand) == ["hello"]


async def test_of_a_flood_no_more_is_judged_than_can_be_read(stand: Stand) -> None:
    for number in range(100):
        say(stand, "hello", f"c{number}")
    assert len(on_picture(stand)) == 8
    stand.now += SAMPLE_RATE_HZ
    await stand.pass_time(0.1)
    say(stand, "and now?", "later")
    assert on_picture(stand)[-1] == "and now?"
