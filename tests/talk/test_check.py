"""Mistakes in what is said are found before the night: with file, line and what was meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nightcast import cli
from nightcast.talk.check import check_said
from tests.talk.conftest import SHOW

PRODUCT = "scripts/phrases/en/product.yaml"


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """The demo show's words in a show of their own."""
    for folder in ("scripts", "avatars/gestures"):
        shutil.copytree(SHOW / folder, tmp_path / folder)
    return tmp_path


def spoil(file: Path, right: str, wrong: str) -> int:
    """Write `wrong` for the first `right` of a file; returns the line it stands on."""
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    return text[: text.index(right)].count("\n") + 1


def test_the_demo_shows_words_are_in_order() -> None:
    files, problems = check_said(SHOW)
    assert not problems
    assert {file.name for file in files} >= {"product.yaml", "intents.yaml", "cn.yaml", "douyin.yaml", "en.yaml"}


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("{material}", "{materail}", "Did you mean {material}?"),
        ("<light>", "<lihgt>", "Did you mean <light>?"),
        ("gesture: present", "gesture: presnt", "Did you mean 'present'?"),
        ("shown: false", "shwon: false", "Did you mean 'shown'?"),
        ('"pain?"', '"pian?"', "Did you mean 'pain'?"),
        ("[edge|curve]", "[edge|curve", "each bracket with its partner"),
        ("    say:", "   say:", "missing colon, quote or bracket"),
    ],
)
def test_a_slip_in_a_phrase_bank_is_named_with_its_line(show: Path, right: str, wrong: str, told: str) -> None:
    line = spoil(show / PRODUCT, right, wrong)
    _, problems = check_said(show)
    first = problems[0]
    assert first.file == show / PRODUCT
    assert abs(first.line - line) <= 1
    assert told in str(first)


def test_a_name_that_two_files_have_is_named(show: Path) -> None:
    spoil(show / PRODUCT, "  hook:", "  story_in:")
    _, problems = check_said(show)
    assert any("selling.yaml" in str(problem) or "'story_in' again" in problem.found for problem in problems)


def test_a_slip_in_a_pack_and_in_the_intents_is_named(show: Path) -> None:
    line = spoil(show / "scripts/policies/platforms/douyin.yaml", "mode: operator_present", "mode: operator_presnt")
    (show / "scripts/phrases/intents.yaml").write_text("price: {en: ['(']}", "utf-8")
    _, problems = check_said(show)
    assert [(problem.file.name, problem.line) for problem in problems] == [("douyin.yaml", line), ("intents.yaml", 0)]
    assert "Did you mean 'operator_present'?" in str(problems[0])


def test_a_fact_of_the_shops_own_may_be_asked_for(show: Path) -> None:
    (show / "assets").mkdir()
    (show / "assets/catalog.yaml").write_text(
        "brand: Lamps\nproducts:\n"
        "  - {id: lamp, name: Lamp, kind: lamp, price: 100, as_of: 2026-11-01, extra: {burns_for: five hours}}\n",
        "utf-8",
    )
    spoil(show / PRODUCT, "{material}", "{burns_for}")
    assert check_said(show)[1] == ()


def test_the_command_checks_one_bank_by_its_file(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(show / PRODUCT, "{material}", "{materail}")
    assert cli.main(["check", str(show / PRODUCT)]) == 1
    assert "{materail}" in capsys.readouterr().err
    assert cli.main(["check", str(show / "scripts/phrases/zh")]) == 0
