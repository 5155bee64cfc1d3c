"""The pages for plugin developers name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightcast.room.connectors.mapping import load_mapping, platforms
from nightcast.room.plugins.scaffold import new_plugin
from nightcast.room.plugins.trial import run_tests
from nightcast.room.sdk import Context, Plugin
from nightcast.testing import Room


def page(repository: Path) -> str:
    return (repository / "docs" / "plugins.md").read_text("utf-8")


def test_every_call_on_the_page_exists(repository: Path) -> None:
    text = page(repository)
    known = (("ctx", Context), ("plugin", Plugin), ("room", Room))
    for variable, kind in known:
        for name in set(re.findall(rf"(?<!nightcast\.)\b{variable}\.(\w+)\b(?!:)", text)) - {
            "py",
            "yaml",
            "mjs",
            "log",
            "stats",
        }:
            assert hasattr(kind, name), f"{variable}.{name}"


def test_every_plugin_that_ships_is_on_the_page(repository: Path) -> None:
    folders = {folder.parent.name for folder in (repository / "plugins").glob("*/plugin.yaml")}
    assert {name for name in folders if f"`{name}`" not in page(repository)} == set()


@pytest.mark.slow
def test_the_tutorial_works_as_it_is_written(repository: Path, tmp_path: Path, capfd) -> None:
    tutorial = page(repository).split("## Ten minutes")[1].split("## Hearing")[0]
    folder = new_plugin(tmp_path / "plugins", "thanks")
    assert run_tests(folder) == 0
    (manifest,) = (b for b in re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL) if b.startswith("id:"))
    code, test = re.findall(r"```python\n(.*?)```", tutorial, re.DOTALL)
    for name, text in (("plugin.yaml", manifest), ("plugin.py", code), ("test_plugin.py", test)):
        (folder / name).write_text(text, encoding="utf-8")
    assert run_tests(folder, ["-k", "thanked"]) == 0
    assert capfd.readouterr().out.count("1 passed") == 2


def test_the_page_says_how_far_each_platform_can_be_relied_on(repository: Path) -> None:
    words = {"reliable": "sure", "may_repeat": "repeats", "may_lose": "may be lost", "delayed": "late"}
    shown = {"like.raw": "like.window", "gift.raw": "gift.final"}
    head = next(line for line in page(repository).splitlines() if line.startswith("| event | TikTok"))
    names = [cell.strip().lower() for cell in head.split("|")[2:-1]]
    said = {
        (name, cells[0].strip(" `")): cell.strip()
        for line in page(repository).splitlines()
        if (cells := line.split("|")[1:-1])[1:] and len(cells) == len(names) + 1
        for name, cell in zip(names, cells[1:], strict=True)
        if cell.strip() in words.values()
    }
    known = {
        (name, shown.get(kind, kind)): words[reliability]
        for name in names
        for kind, reliability in load_mapping(name).capabilities().items()
    }
    assert said == known
    assert set(names) == set(platforms())
