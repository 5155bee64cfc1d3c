"""What holds for every plugin that ships."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from nightcast.room.plugins.manifest import load_plugin
from nightcast.room.simulation import Simulator, load_profile
from nightcast.room.simulation.audience import SimProduct
from nightcast.show.scene import Overlay
from nightcast.testing import Room

PLUGINS = Path(__file__).parents[2] / "plugins"
NAMES = sorted(folder.name for folder in PLUGINS.iterdir() if (folder / "plugin.yaml").is_file())


def test_all_thirteen_are_there() -> None:
    assert len(NAMES) >= 13


@pytest.mark.parametrize("name", NAMES)
def test_manifest_and_code_agree(load, name: str) -> None:
    manifest = load_plugin(PLUGINS / name).manifest
    if manifest.run is None:
        pytest.skip("not written in Python")
    plugin = load(name).plugin
    assert plugin.id == manifest.id
    assert set(plugin.scopes) <= set(manifest.scopes)


@pytest.mark.parametrize("name", NAMES)
def test_a_plugin_is_an_example_worth_copying(name: str) -> None:
    for file in (PLUGINS / name).glob("*.py"):
        text = file.read_text("utf-8")
        assert len(text.splitlines()) < 200
        assert text.startswith('"""')


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_all_together_live_through_a_hot_sale(load, catalog, language: str) -> None:
    room = Room(products=catalog, language=language)
    runtimes = [await room.start(load(name).plugin) for name in NAMES if (PLUGINS / name / "plugin.py").is_file()]
    goods = [SimProduct(p.id, p.title, p.names[-1], p.number or 1, p.price_minor, 30) for p in catalog]
    audience = Simulator(load_profile("hot_sale"), goods, seed=5, start_ms=room.clock.now_ms())
    for _ in range(180):
        room.core.ingest(audience.until(room.clock.now_ms()), room.clock.now_ms())
        await room.advance(1)
    assert [error for runtime in runtimes for error in runtime.errors] == []
    assert {d.plugin_id for d in room.did} >= {
        "answers",
        "gifts",
        "moderation",
        "orders",
        "product_on_demand",
        "welcome",
    }
    await room.stop()


def test_plugins_ask_for_what_the_demo_show_has(repository: Path) -> None:
    """Overlays are of kinds the stage draws, gestures are the avatars', shots are in every scene."""
    text = "\n".join(file.read_text("utf-8") for file in PLUGINS.glob("*/plugin.py"))
    kinds = set(Overlay.model_fields["kind"].annotation.__args__)
    assert set(re.findall(r'ctx\.overlay\("(\w+)"', text)) <= kinds
    gestures = {file.stem for file in (repository / "avatars" / "gestures").glob("*.yaml")}
    assert set(re.findall(r'ctx\.gesture\("(\w+)"', text)) <= gestures
    for scene in (repository / "scenes").glob("*.yaml"):
        shots = yaml.safe_load(scene.read_text("utf-8"))["shots"]
        assert set(re.findall(r'ctx\.camera\("(\w+)"', text)) <= shots.keys()
