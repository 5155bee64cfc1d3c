"""The reference pages and schemas say what the models say."""

from __future__ import annotations

import json
from pathlib import Path

from nightcast.show.scene import Scene, Shot
from nightcast.show.schema import write_reference, write_schemas


def test_the_pages_in_docs_are_as_the_models_are(tmp_path: Path, repository: Path) -> None:
    """When this fails: nightcast reference."""
    for page in write_reference(tmp_path):
        assert page.read_text() == (repository / "docs" / page.name).read_text(), page.name


def test_every_field_of_a_scene_is_explained(tmp_path: Path) -> None:
    page = next(page for page in write_reference(tmp_path) if page.name == "scenes.md").read_text()
    for model in (Scene, Shot):
        for name, info in model.model_fields.items():
            (row,) = {line for line in page.splitlines() if line.startswith(f"| `{info.alias or name}` |")} and [
                line
                for line in page[page.index(f"## {model.__name__}") :].splitlines()
                if line.startswith(f"| `{info.alias or name}` |")
            ][:1]
            assert row.count("|") == 5
            assert row.rstrip("| ").split("|")[-1].strip(), f"{model.__name__}.{name} has no meaning"


def test_schemas_carry_units_and_costs(tmp_path: Path) -> None:
    scene = json.loads(next(file for file in write_schemas(tmp_path) if file.stem == "scene").read_text())
    assert scene["$defs"]["Stand"]["properties"]["max_size"]["unit"] == "m"
    assert "from" in scene["$defs"]["Shot"]["properties"]
    assert "cost" in scene["$defs"]["Effects"]["properties"]["bloom"]


def test_an_editor_takes_the_short_ways_to_write_things_too(tmp_path: Path) -> None:
    script = json.loads(next(file for file in write_schemas(tmp_path) if file.stem == "script").read_text())
    short = {name: script["$defs"][name]["anyOf"][:-1] for name in ("Text", "PluginEntry", "RundownItem", "Output")}
    assert short["Text"][0]["type"] == short["PluginEntry"][0]["type"] == "string"
    assert "try_on" in short["RundownItem"][0]["enum"]
    assert "hls" in short["Output"][0]["enum"]
    assert "rtmp" in short["Output"][1]["properties"]
