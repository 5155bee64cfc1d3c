"""Every rule of every platform, on frames as the platforms send them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nightcast.room.connectors.mapping import PlatformMapping, load_mapping, platforms
from nightcast.room.errors import MappingError
from nightcast.room.events import Event
from nightcast.room.folding import Folder
from nightcast.room.signals import signal_from_wire

RULES = [(name, rule.name) for name in platforms() for rule in load_mapping(name).rules]


def signals(platform: str, message: dict[str, Any]) -> list[Any]:
    return [signal_from_wire(wire, 0) for wire in load_mapping(platform).translate(message)]


def test_the_platforms_that_have_a_mapping() -> None:
    assert set(platforms()) >= {"bilibili", "douyin", "kuaishou", "taobao", "tiktok", "twitch", "youtube"}


@pytest.mark.parametrize("platform", platforms())
def test_every_rule_makes_sound_events_of_its_example(platform: str) -> None:
    load_mapping(platform).check()


@pytest.mark.parametrize(("platform", "name"), RULES)
def test_a_rule_takes_only_its_own_messages(platform: str, name: str) -> None:
    mapping = load_mapping(platform)
    rule = next(r for r in mapping.rules if r.name == name)
    assert rule.example is not None
    made = mapping.translate(rule.example)
    assert {signal["type"] for signal in made} == {rule.type}
    assert all(signal_from_wire(wire, 0).src.platform == platform for wire in made)


def test_nobody_is_known_by_the_platforms_own_id() -> None:
    for platform in platforms():
        for rule in load_mapping(platform).rules:
            for name, source in rule.d.items():
                if name.endswith(".ref"):
                    assert isinstance(source, dict), f"{platform}, {rule.name}"
                    assert source["hash"] is True


def test_what_no_rule_is_for_is_passed_by() -> None:
    assert load_mapping("douyin").translate({"msg_type": "live_weather", "payload": {}}) == []
    assert load_mapping("tiktok").translate({}) == []


def test_a_bilibili_superchat_in_fen() -> None:
    message = {
        "cmd": "LIVE_OPEN_PLATFORM_SUPER_CHAT",
        "data": {"msg_id": "m", "message_id": 7, "open_id": "u", "uname": "晓晓", "message": "加油", "rmb": 30,
                 "start_time": 1_760_000_000, "end_time": 1_760_000_060},
    }  # fmt: skip
    (event,) = signals("bilibili", message)
    assert (event.data.value_minor, event.data.superchat_id) == (3000, "7")
    assert event.data.ends - event.data.starts == 60_000


def test_a_tiktok_streak_whose_end_is_lost_has_one_final() -> None:
    folder, told = Folder(), []
    for number, count in enumerate((1, 2, 2, 4, 3)):
        message = {
            "type": "GiftEvent",
            "data": {"common": {"msg_id": number}, "user": {"id": 5, "nickname": "Amy"}, "group_id": 1, "gift_id": 5655,
                     "gift": {"id": 5655, "name": "Rose", "type": 1, "diamond_count": 1}, "repeat_count": count},
        }  # fmt: skip
        for signal in signals("tiktok", message):
            told += folder.feed(signal, number * 300)
    told += folder.tick(20_000)
    finals = [e.data for e in told if e.type == "gift.final"]
    assert [(f.count, f.value_minor, f.ended_by) for f in finals] == [(4, 4, "timeout")]


def test_a_douyin_push_that_is_repeated_is_taken_once() -> None:
    push = {
        "msg_type": "live_comment",
        "payload": {"msg_id": "7", "sec_openid": "o", "content": "多少钱", "nickname": "小雨"},
    }
    folder = Folder()
    told = [e for _ in range(3) for signal in signals("douyin", push) for e in folder.feed(signal, 0)]
    assert len(told) == 1
    assert isinstance(told[0], Event)


def test_a_taobao_order_in_fen_with_its_lines() -> None:
    message = {
        "topic": "taobao_trade_TradeBuyerPay", "id": "x",
        "content": {"tid": 881, "buyer_nick": "静静", "payment": "89.90", "iid": 42, "title": "灯笼灯", "num": 2,
                    "status": "WAIT_SELLER_SEND_GOODS"},
    }  # fmt: skip
    (event,) = signals("taobao", message)
    assert (event.type, event.data.amount_minor, event.data.src_status) == (
        "order.paid",
        8990,
        "WAIT_SELLER_SEND_GOODS",
    )
    assert (event.data.lines[0].product_id, event.data.lines[0].qty) == ("42", 2)


def test_a_kuaishou_list_becomes_one_event_each() -> None:
    rule = load_mapping("kuaishou").rules[0]
    made = load_mapping("kuaishou").translate(rule.example or {})
    assert [s["src"]["msg_id"] for s in made] == ["ks1#0", "ks1#1"]


def test_a_mapping_of_your_own_and_its_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    fields, example = "{comment_id: id, user.ref: u, txt: t}", "{t: c, id: a, u: b}"
    rule = f"  - {{name: c, when: {{t: c}}, type: comment.new, d: {fields}, example: {example}}}"
    file.write_text(f"platform: mine\nabout: x\nsource: x\nrules:\n{rule}\n")
    with pytest.raises(MappingError, match="has no txt"):
        load_mapping(file).check()
    with pytest.raises(KeyError, match="there are bilibili"):
        load_mapping("myspace")
    no_example = {
        "platform": "p",
        "about": "",
        "source": "",
        "rules": [{"name": "r", "when": {}, "type": "x", "d": {}}],
    }
    with pytest.raises(MappingError, match="no example"):
        PlatformMapping.model_validate(no_example).check()
