"""What belongs to a scene's file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nightcast.show.errors import ShowError
from nightcast.stage.production import Production


def test_a_scene_comes_with_the_catalog_and_host_of_a_script_that_uses_it(show_folder: Path) -> None:
    found = Production.of_scene(show_folder / "scenes/stall.yaml")
    assert list(found.scenes) == ["scenes/stall.yaml"]
    assert found.catalog is not None
    assert found.avatar is not None
    assert found.scene_file("scenes/stall.yaml") == show_folder / "scenes/stall.yaml"


def test_a_scene_without_a_script_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "scenes").mkdir()
    (tmp_path / "assets").mkdir()
    file = tmp_path / "scenes/bare.yaml"
    file.write_text("shots: {a: {from: [0, 1, 2], look_at: [0, 1, 0]}}", encoding="utf-8")
    found = Production.of_scene(file)
    assert (found.catalog, found.avatar) == (None, None)


@pytest.mark.parametrize("body", ["shots: {}", "shots: {a: {from: [.nan, 1, 2], look_at: [0, 1, 0]}}", "a: ["])
def test_a_wrong_scene_is_refused_with_its_place(tmp_path: Path, body: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(body, encoding="utf-8")
    with pytest.raises(ShowError, match=r"wrong\.yaml:\d+"):
        Production.of_scene(file)


def test_a_scene_whose_scripts_are_all_wrong_comes_alone_and_says_why(show_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "show"
    shutil.copytree(show_folder, root)
    catalog = root / "assets/catalog.yaml"
    written = catalog.read_text(encoding="utf-8")
    catalog.write_text(written.replace("price: 12900", "price: dear"), encoding="utf-8")
    found = Production.of_scene(root / "scenes/stall.yaml")
    assert found.catalog is None
    assert found.error is not None
    assert "catalog.yaml" in str(found.error)
    assert "'dear'" in str(found.error)
    assert catalog in found.sources
    with pytest.raises(ShowError, match="'dear'"):
        found.reread()
    catalog.write_text(written, encoding="utf-8")
    mended = found.reread()
    assert mended.error is None
    assert mended.catalog is not None


def test_a_wrong_script_is_no_matter_of_a_scene_that_another_shows(show_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "show"
    shutil.copytree(show_folder, root)
    (root / "scripts/draft.yaml").write_text("title: [", encoding="utf-8")
    assert Production.of_scene(root / "scenes/stall.yaml").error is None
