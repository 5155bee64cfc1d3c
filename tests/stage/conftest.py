"""For the room's tests: a typesetter with the machine's own fonts, and a small show on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trimesh

from nightcast.stage.errors import GpuError
from nightcast.stage.production import Production
from nightcast.stage.studio import Studio
from nightcast.stage.text import NoFontError, Typesetter

SCENE = """
stage: {size: [320, 180], fps: 30}
light:
  key: {from: [1, 3, 2], kelvin: 4500, intensity: 0.6, shadow: soft}
background: {kind: gradient, top: "#404050", bottom: "#101018"}
set:
  - {model: ../assets/box.glb, at: [0, 0, -2], scale: 4}
host: {mark: [1.2, 0, -1]}
stands:
  table: {at: [0, 1, 0], turntable_rpm: 10, max_size: 0.3}
screens:
  back: {at: [-0.6, 1.3, -0.6], size: [0.8, 0.45], shows: product_gallery}
shots:
  wide: {from: [0, 1.4, 2.4], look_at: [0, 1.1, 0], fov: 34}
  product: {follow: stands.table, distance: 0.9}
overlays:
  price_card: {anchor: bottom-left}
  captions: {}
transitions: {default: {cut: 0}, product: {dissolve: 0.4}}
"""

CATALOG = """
brand: Lantern
currency: CNY
products:
  - {id: box, name: {en: A box, zh: 盒子}, kind: box, model: box.glb, price: 12900, as_of: 2026-11-01}
  - {id: ghost, name: {en: A ghost, zh: 幽灵}, kind: ghost, model: torn.glb, price: 100, as_of: 2026-11-01}
"""

AVATAR = "{name: Box, model: ../assets/box.glb}"

SCRIPT = """
title: test
host: ../avatars/box.yaml
scenes: [../scenes/stall.yaml]
catalog: ../assets/catalog.yaml
rundown: [opening]
"""


@pytest.fixture
def font_warnings() -> list[str]:
    return []


@pytest.fixture
def typesetter(font_warnings: list[str]) -> Typesetter:
    try:
        return Typesetter.find_fonts(None, font_warnings.append)
    except NoFontError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def show_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A show with a box to sell, a file that is no model, and a box at the host's mark."""
    root = tmp_path_factory.mktemp("show")
    for folder in ("avatars", "scenes", "scripts", "assets"):
        (root / folder).mkdir()
    trimesh.creation.box((0.2, 0.1, 0.1)).export(root / "assets/box.glb")
    (root / "assets/torn.glb").write_bytes(b"glTF\x02\x00\x00\x00 torn")
    (root / "avatars/box.yaml").write_text(AVATAR, encoding="utf-8")
    (root / "scripts/night.yaml").write_text(SCRIPT, encoding="utf-8")
    (root / "assets/catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (root / "scenes/stall.yaml").write_text(SCENE, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def opened_stall(show_folder: Path) -> Iterator[Studio]:
    """One device and one set of programs for all tests of a worker: compiling shaders takes seconds."""
    try:
        studio = Studio(Production.of_scene(show_folder / "scenes/stall.yaml"), (320, 180))
    except GpuError as error:
        pytest.skip(str(error))
    with studio:
        yield studio


@pytest.fixture
def scene_file(show_folder: Path) -> Path:
    return show_folder / "scenes/stall.yaml"


@pytest.fixture
def stall(opened_stall: Studio, scene_file: Path) -> Studio:
    """The studio at the beginning of a night, its scene as written at first."""
    scene_file.write_text(SCENE, encoding="utf-8")
    opened_stall.reload()
    opened_stall.restart()
    opened_stall.take_warnings()
    return opened_stall
