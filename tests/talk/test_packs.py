"""Packs that cannot be used say so, with file and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightcast.talk.errors import PackError
from nightcast.talk.gate.packs import read_market, read_platform
from tests.talk.conftest import POLICIES


def test_a_pack_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(PackError, match=r"atlantis\.yaml.*cn.*us"):
        read_market(POLICIES, "atlantis")


@pytest.mark.parametrize(
    "text",
    [
        "platform: x",
        "platform: x\ntitle: X\nmode: maybe\nseen: none\nsource: nobody\ndated: 2026-01-01\nwhy: because",
        "[1, 2",
    ],
)
def test_a_broken_pack_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(PackError, match=r"x\.yaml"):
        read_platform(tmp_path, "x")


def test_a_rule_needs_a_working_pattern_and_examples(tmp_path: Path) -> None:
    (tmp_path / "markets").mkdir()
    rule = "{id: a.b, title: t, source: a law, dated: 2026-01-01, patterns: ['('], examples: {passes: [x], fails: [y]}}"
    (tmp_path / "markets" / "m.yaml").write_text(f"market: m\ntitle: M\nrules: [{rule}]", "utf-8")
    with pytest.raises(PackError, match="regular expression"):
        read_market(tmp_path, "m")


def test_a_market_holds_the_rules_it_includes() -> None:
    common, china = read_market(POLICIES, "common"), read_market(POLICIES, "cn")
    assert {rule.id for rule in common.rules} < {rule.id for rule in china.rules}
    assert china.safe_line == common.safe_line
