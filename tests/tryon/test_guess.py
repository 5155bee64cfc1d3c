"""A product file is understood however it was exported: any unit, any quarter turn."""

from __future__ import annotations

import dataclasses
import itertools
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from nightcast.gltf.load import load
from nightcast.gltf.records import Model
from nightcast.show.wear import Wear
from nightcast.tryon.guess import NotGuessedError, guess
from nightcast.tryon.plausible import doubts
from nightcast.tryon.product import as_worn, points_of, rotation_xyz, worn_shape

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = ROOT / "assets" / "models" / "products"
SAMPLES = ROOT.parent / "shared" / "samples" / "products"


def exported(model: Model, scale: float, turn: tuple[float, float, float]) -> Model:
    """The same thing in another unit, turned by somebody's tool."""
    matrix = rotation_xyz(turn) * scale
    meshes = tuple(
        dataclasses.replace(
            mesh,
            primitives=tuple(
                dataclasses.replace(primitive, positions=(primitive.positions @ matrix.T).astype(np.float32))
                for primitive in mesh.primitives
            ),
        )
        for mesh in model.meshes
    )
    nodes = tuple(
        dataclasses.replace(node, translation=np.zeros(3, np.float32), rotation=np.array([0, 0, 0, 1], np.float32))
        for node in model.nodes
    )
    return dataclasses.replace(model, meshes=meshes, nodes=nodes)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sunglasses", "glasses"), ("cap", "hat"), ("ring", "ring"), ("watch", "watch"), ("sneaker", "shoe")],
)
@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (-90.0, 0.0, 90.0), (0.0, 180.0, 0.0)])
def test_the_demo_products_come_out_as_they_are_worn(name: str, kind: str, turn: tuple[float, float, float]) -> None:
    model = load(PRODUCTS / f"{name}.glb")
    plain = exported(model, 1.0, (0.0, 0.0, 0.0))
    for scale in (1.0, 1000.0):
        strange = exported(model, scale, turn)
        found = guess(strange).wear
        assert found.kind == kind
        assert found.scale * scale == pytest.approx(1.0)
        drawn = points_of(strange, worn_shape(found, strange).matrix)
        wanted = points_of(plain, np.eye(4))
        off = np.abs(drawn - drawn.mean(axis=0) - (wanted - wanted.mean(axis=0)))
        seen = off[:, 2] if kind in ("ring", "watch") else off  # a hoop may be worn either way round
        assert seen.max() < 0.004


def test_a_ring_and_a_cap_are_measured() -> None:
    assert guess(load(PRODUCTS / "ring.glb")).wear.inner_diameter == pytest.approx(17.2, abs=0.3)
    assert guess(load(PRODUCTS / "cap.glb")).wear.inner_circumference == pytest.approx(570, abs=12)


def test_a_headband_is_known_by_its_name() -> None:
    assert guess(load(PRODUCTS / "headband.glb")).wear.kind == "headband"


def test_what_cannot_be_told_asks_for_its_kind() -> None:
    with pytest.raises(NotGuessedError, match="--kind"):
        guess(load(PRODUCTS / "tumbler.glb"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="no samples here")
@pytest.mark.parametrize(("name", "longest_mm"), [("glasses", (125, 150)), ("earring", (30, 45)), ("hat", (500, 1200))])
def test_the_samples_get_a_size_that_such_things_have(name: str, longest_mm: tuple[int, int]) -> None:
    model = load(SAMPLES / name / "scene.gltf")
    found = guess(model).wear
    assert found.kind == name
    assert longest_mm[0] < worn_shape(found, model).size.max() * 1000 < longest_mm[1]
    assert not [doubt for doubt in doubts(found, model) if doubt.field == "scale"]


def test_a_frame_in_the_wrong_unit_is_doubted_with_a_remedy() -> None:
    model = load(PRODUCTS / "sunglasses.glb")
    assert doubts(Wear(kind="glasses"), model) == []
    (doubt,) = doubts(Wear(kind="glasses", scale=0.01), model)
    assert doubt.field == "scale"
    assert "nightcast product" in doubt.remedy


def test_a_frame_beside_the_nose_is_doubted() -> None:
    model = load(PRODUCTS / "sunglasses.glb")
    (doubt,) = doubts(Wear(kind="glasses", origin=(30.0, 0.0, 0.0)), model)
    assert doubt.field == "origin"


@pytest.mark.parametrize("name", ["Sun_Glasses-02.glb", "sunGlasses.glb", "glasses_cm.glb"])
def test_a_name_is_read_as_words(name: str) -> None:
    strange = dataclasses.replace(load(PRODUCTS / "tumbler.glb"), path=Path("shop") / name)
    assert guess(strange).wear.kind == "glasses"


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (180.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 0.0, -90.0)])
def test_an_earring_hangs_from_its_hook(turn: tuple[float, float, float]) -> None:
    model = load(PRODUCTS / "earrings.glb")
    strange = exported(model, 1.0, turn)
    drawn = points_of(strange, worn_shape(guess(strange, "earring").wear, strange).matrix)
    hook = points_of(model, np.eye(4))[:, 1] > 0
    assert drawn[hook, 1].mean() > drawn[~hook, 1].mean() + 0.01


def test_a_unit_that_is_not_certain_names_the_others() -> None:
    found = guess(exported(load(PRODUCTS / "earrings.glb"), 60.0, (0.0, 0.0, 0.0)), "earring")
    assert found.wear.scale == pytest.approx(0.01)
    assert any("may be" in finding and "set `scale`" in finding for finding in found.findings)


def ring_of(points: NDArray[np.float64], name: str) -> Model:
    """A tube 2 mm thick along a line (n, 3) in metres, closed or not as the line is."""
    parts = [trimesh.creation.cylinder(0.001, segment=pair, sections=6) for pair in itertools.pairwise(points)]
    path = Path(tempfile.gettempdir()) / f"{name}-{os.getpid()}.glb"
    trimesh.util.concatenate(parts).export(path)
    model = load(path)
    path.unlink()
    return model


def shop_model(parts: list[trimesh.Trimesh], suffix: str = ".glb") -> Model:
    """Parts in one file, in the file's own numbers."""
    path = Path(tempfile.gettempdir()) / f"thing-{os.getpid()}{suffix}"
    trimesh.util.concatenate(parts).export(path)
    model = load(path)
    path.unlink()
    return model


def drop_earring(x_mm: float) -> list[trimesh.Trimesh]:
    hook, drop = trimesh.creation.torus(6.0, 0.6), trimesh.creation.icosphere(radius=4.5)
    hook.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (0, 1, 0), (0, 0, 0)))
    hook.apply_translation((x_mm, -6, 0))
    drop.apply_translation((x_mm, -17, 0))
    return [hook, drop]


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.0, 90.0, 0.0), (0.0, 0.0, 90.0)])
def test_of_a_pair_in_one_file_one_is_worn(turn: tuple[float, float, float]) -> None:
    strange = exported(shop_model(drop_earring(-30) + drop_earring(30)), 0.001, turn)
    found = guess(strange, "earring").wear
    worn, shape = as_worn(found, strange)
    assert found.holds == "pair"
    assert found.dangle == pytest.approx(22, abs=1)
    assert worn.triangle_count() == strange.triangle_count() / 2
    assert shape.size[1] == pytest.approx(0.022, abs=0.001)
    assert np.abs((shape.low + shape.high) / 2)[[0, 2]].max() < 0.006, "it hangs from its own hook"
    assert not doubts(found, strange)


def test_of_a_pair_of_shoes_the_left_one_is_told_and_worn() -> None:
    left = load(PRODUCTS / "sneaker.glb")
    (node,) = (n for n in left.nodes if n.mesh is not None)
    both = dataclasses.replace(
        left,
        nodes=tuple(
            dataclasses.replace(node, children=(), translation=np.array([x, 0, 0], np.float32), scale=scale)
            for x, scale in ((0.08, node.scale), (-0.08, node.scale * np.array([-1, 1, 1], np.float32)))
        ),
        roots=(0, 1),
        levels=(),
    )
    found = guess(both).wear
    assert (found.kind, found.holds) == ("shoe", "pair")
    assert found.origin[0] == pytest.approx(80, abs=4)


def test_one_earring_is_no_pair() -> None:
    assert guess(load(PRODUCTS / "earrings.glb"), "earring").wear.holds == "one"


def test_a_watch_that_lies_open_keeps_its_size_and_is_doubted() -> None:
    strap, case = trimesh.creation.box((230, 20, 2.4)), trimesh.creation.cylinder(20, 9)
    found = guess(exported(shop_model([strap, case]), 0.001, (0.0, 0.0, 0.0)), "watch")
    assert found.wear.scale == 1.0
    assert found.wear.inner_diameter is None
    (doubt,) = doubts(found.wear, exported(shop_model([strap, case]), 0.001, (0.0, 0.0, 0.0)))
    assert "no hole" in doubt.found


def test_glasses_of_thin_wire_are_known_by_their_shape() -> None:
    def bar(x: float, y: float, z: float, size: tuple[float, float, float]) -> trimesh.Trimesh:
        return trimesh.creation.box(size, trimesh.transformations.translation_matrix((x, y, z)))

    parts = [trimesh.creation.torus(24, 1.5).apply_translation((sign * 32, 0, 0)) for sign in (-1, 1)]
    parts += [bar(0, 8, 1, (18, 2, 2)), *(bar(sign * 62, 6, 0, (14, 3, 2)) for sign in (-1, 1))]
    parts += [bar(sign * 68, 6, -67, (2, 3, 135)) for sign in (-1, 1)]
    parts += [bar(sign * 68, -8, -137, (2, 30, 3)) for sign in (-1, 1)]
    found = guess(shop_model(parts, ".ply")).wear
    assert (found.kind, found.turn) == ("glasses", (0.0, 0.0, 0.0))
    assert found.frame_width == pytest.approx(138, abs=2)


def test_a_hat_of_no_known_size_is_drawn_to_fit() -> None:
    cap = exported(load(PRODUCTS / "cap.glb"), 4.0, (0.0, 0.0, 0.0))
    assert guess(cap).wear.fit == "fit_to_wearer"
    assert guess(load(PRODUCTS / "cap.glb")).wear.fit == "true_size"


def test_a_file_without_a_unit_is_told_by_its_own_numbers() -> None:
    ball = trimesh.creation.icosphere(radius=90)
    bowl = ball.submesh([ball.triangles_center[:, 1] > -20], append=True)
    found = guess(shop_model([bowl], ".obj"), "hat")
    assert "millimetres" in found.findings[2]
    assert found.wear.inner_circumference == pytest.approx(565, abs=15)


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 180.0, 0.0)])
def test_a_cuff_is_open_at_the_inside_of_the_wrist(turn: tuple[float, float, float]) -> None:
    angle = np.radians(np.linspace(30, 330, 40)) + np.pi
    cuff = ring_of(0.03 * np.column_stack([np.sin(angle), np.zeros(40), np.cos(angle)]), "cuff")
    strange = exported(cuff, 1.0, turn)
    found = guess(strange, "bracelet").wear
    assert points_of(strange, worn_shape(found, strange).matrix)[:, 2].mean() > 0.002


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0)])
def test_a_monocle_faces_ahead(turn: tuple[float, float, float]) -> None:
    angle = np.radians(np.linspace(0, 360, 41))
    monocle = ring_of(0.021 * np.column_stack([np.sin(angle), np.cos(angle), np.zeros(41)]), "monocle")
    strange = exported(monocle, 1.0, turn)
    found = guess(strange, "glasses").wear
    assert np.ptp(points_of(strange, worn_shape(found, strange).matrix)[:, 2]) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0), (180.0, 0.0, 0.0)])
def test_a_low_frame_with_temples_is_no_monocle(turn: tuple[float, float, float]) -> None:
    def bar(x_m: float, y_m: float, z_m: float, size_m: tuple[float, float, float]) -> trimesh.Trimesh:
        return trimesh.creation.box(size_m, trimesh.transformations.translation_matrix((x_m, y_m, z_m)))

    parts = [bar(0, 0, 0, (0.14, 0.005, 0.004))]
    parts += [bar(sign * 0.035, -0.013, 0, (0.05, 0.022, 0.003)) for sign in (-1, 1)]
    parts += [bar(sign * 0.068, 0, -0.065, (0.003, 0.005, 0.13)) for sign in (-1, 1)]
    path = Path(tempfile.gettempdir()) / f"low-{os.getpid()}.glb"
    trimesh.util.concatenate(parts).export(path)
    strange = exported(load(path), 1.0, turn)
    path.unlink()
    found = guess(strange, "glasses").wear
    placed = points_of(strange, worn_shape(found, strange).matrix)
    behind = placed[placed[:, 2] < placed[:, 2].max() - 0.05]
    assert np.ptp(placed[:, 2]) == pytest.approx(0.13, abs=0.01)
    assert np.median(behind[:, 1]) > np.median(placed[:, 1]), "its lenses hang below the temples"
