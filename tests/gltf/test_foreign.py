"""Meshes of other formats become the same records; guesses are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightcast.gltf import ModelError, load
from nightcast.gltf.hierarchy import rest_bounds

OFF = "OFF\n4 4 6\n0 0 0\n{s} 0 0\n0 {s} 0\n0 0 {s}\n3 0 2 1\n3 0 1 3\n3 0 3 2\n3 1 2 3\n"


def test_a_mesh_without_unit_gets_the_one_that_makes_it_a_plausible_product(tmp_path: Path) -> None:
    path = tmp_path / "stud.off"
    path.write_text(OFF.format(s=400))
    model = load(path)
    low, high = rest_bounds(model)
    assert (high - low).max() == pytest.approx(0.4)
    assert model.warnings == (".off files name no unit; 400 units wide, it is taken to be in mm",)


def test_an_obj_keeps_its_texture_whose_name_holds_a_space_and_stands_upright(sample: Any) -> None:
    model = load(sample("meshes/fuze.obj"))
    low, high = rest_bounds(model)
    assert (high - low)[1] == pytest.approx(0.215, abs=0.005)
    assert model.images[0].pixels.shape[:2] == (1024, 1024)
    primitive = model.meshes[0].primitives[0]
    assert primitive.uv0 is not None
    assert model.materials[0].base_color_texture is not None


def test_an_stl_has_normals_a_unit_and_a_floor(sample: Any) -> None:
    model = load(sample("meshes/featuretype.STL"))
    low, high = rest_bounds(model)
    assert low[1] == pytest.approx(0, abs=1e-4)
    assert 0.05 < (high - low).max() < 0.2
    lengths = np.linalg.norm(model.meshes[0].primitives[0].normals, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


@pytest.mark.parametrize("name", ["a.obj", "a.stl", "a.ply", "a.3mf", "a.off"])
@pytest.mark.parametrize("data", [b"", b"rubbish\0\xff", b"ply\nformat ascii 1.0\nelement vertex 5\n"])
def test_rubbish_is_one_clear_error(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ModelError, match=name):
        load(path)
