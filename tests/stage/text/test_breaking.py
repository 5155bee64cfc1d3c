"""Line breaking for Chinese and Latin mixed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.stage.text.breaking import break_opportunities, graphemes


def pieces(text: str) -> list[str]:
    bounds = [0, *break_opportunities(text), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(bounds)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("free shipping tonight", ["free ", "shipping ", "tonight"]),
        ("你好，世界", ["你", "好，", "世", "界"]),
        ("（限量）", ["（限", "量）"]),
        ("今晚“特价”开始", ["今", "晚", "“特", "价”", "开", "始"]),
        ("只要¥1,299元", ["只", "要", "¥1,299", "元"]),
        ("$39.90 (was $59)", ["$39.90 ", "(was ", "$59)"]),
        ("省50%！", ["省", "50%！"]),
        ("太阳镜UV400防护", ["太", "阳", "镜", "UV400", "防", "护"]),
        ("well-made", ["well-", "made"]),
        ("👨‍👩‍👧好👍🏽", ["👨‍👩‍👧", "好", "👍🏽"]),
        ("スーパー", ["スー", "パー"]),
    ],
)
def test_breaks_where_a_reader_expects(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@settings(max_examples=80)
@given(st.text(st.sampled_from("中文字，。！？（）“”abc 12.5%$¥-é👍🏽‍❤️"), max_size=40))
def test_never_breaks_within_a_grapheme_nor_before_closing_punctuation(text: str) -> None:
    bounds, position = set(), 0
    for cluster in graphemes(text):
        bounds.add(position)
        position += len(cluster)
    for index in break_opportunities(text):
        assert index in bounds
        assert text[index] not in "，。！？）”"
