"""The hosts that ship with the demo show keep what they promise, read with the engine's own loader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from nightcast.gltf.load import load
from nightcast.gltf.records import Model, Primitive
from nightcast.host.bones import INDEX
from nightcast.host.rig import Rig
from nightcast.show.avatar import Avatar
from nightcast.show.load import load_yaml

PRESETS = {"happy", "angry", "sad", "relaxed", "surprised", "neutral"} | {"aa", "ih", "ou", "ee", "oh"}
PRESETS |= {"blink", "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight"}
MOUTH_SHAPES = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"]
VISEMES = {f"viseme_{name}" for name in MOUTH_SHAPES}
WORN_AT = ["nose_bridge", "crown", "forehead", "chin", "neck_base"]
WORN_AT += [f"{place}_{side}" for place in ("pupil", "wrist", "ring", "hold") for side in "lr"]


@pytest.fixture(scope="module", params=["lan/host", "lan/wrap", "bo/host", "bo/jacket"])
def host(request: pytest.FixtureRequest, repository: Path) -> Model:
    return load(repository / "avatars" / f"{request.param}.vrm")


def primitives(host: Model) -> list[Primitive]:
    return [primitive for mesh in host.meshes for primitive in mesh.primitives]


def test_stays_within_what_two_cores_can_draw(host: Model) -> None:
    assert sum(primitive.vertex_count for primitive in primitives(host)) <= 15_000
    assert host.triangle_count() <= 26_000
    assert len(primitives(host)) <= 6
    assert host.path.stat().st_size <= 3_600_000


def test_is_drawn_of_fewer_triangles_between_the_same_vertices_where_it_is_small(host: Model) -> None:
    assert {host.nodes[levels.node].name for levels in host.levels} == {"Face", "Body"}
    drawn = [host.triangle_count()]
    for looks in zip(*(levels.coarser for levels in host.levels), strict=True):
        meshes = [(host.nodes[node].mesh, mesh) for look in looks for node, mesh in look.meshes.items()]
        pairs = [(host.meshes[full or 0], coarse) for full, coarse in meshes if coarse is not None]
        for full, coarse in pairs:
            for fine, same in zip(full.primitives, coarse.primitives, strict=True):
                assert same.positions is fine.positions
        drawn.append(sum(len(primitive.indices) // 3 for _, coarse in pairs for primitive in coarse.primitives))
    assert len(drawn) == 4
    assert (np.diff(drawn) < -3000).all()


@pytest.mark.parametrize("moved", ["", "jawOpen", "mouthPucker", "eyeBlinkLeft"])
def test_a_coarser_face_is_off_by_less_than_a_pixel_where_it_is_drawn(host: Model, moved: str) -> None:
    """A hundredth of the vertices may be further off: of a lash that is tens of pixels long."""
    limits_m = [0.0005, 0.001, 0.002]
    face = max(primitives(host), key=lambda primitive: len(primitive.targets))
    points = face.positions.copy()
    for target in face.targets:
        if target.name == moved:
            points[target.vertices] += target.positions
    levels = next(levels for levels in host.levels if host.nodes[levels.node].name == "Face")
    for limit_m, look in zip(limits_m, levels.coarser, strict=True):
        coarse = next(
            p for mesh in look.meshes.values() if mesh for p in mesh.primitives if p.positions is face.positions
        )
        assert (
            np.percentile(_distances(points[np.unique(face.indices)], points[coarse.indices.reshape(-1, 3)]), 99)
            < limit_m
        )


def _distances(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(n,) from points (n, 3) to the nearest of the 16 triangles (k, 3, 3) whose middles are nearest to each."""
    _, near = cKDTree(triangles.mean(axis=1)).query(points, k=16)
    each = np.repeat(points, 16, axis=0)
    closest = trimesh.triangles.closest_point(triangles[near.reshape(-1)], each)
    return np.linalg.norm(closest - each, axis=1).reshape(-1, 16).min(axis=1)


def test_loads_without_a_warning(host: Model) -> None:
    assert host.warnings == ()


def test_has_every_preset_and_every_viseme(host: Model) -> None:
    assert host.vrm is not None
    assert set(host.vrm.expressions) >= PRESETS | VISEMES


def test_moves_the_face_with_each_of_the_52_arkit_shapes(host: Model) -> None:
    face = max(primitives(host), key=lambda primitive: len(primitive.targets))
    names = {target.name for target in face.targets}
    assert len(names) == 52
    still = {target.name for target in face.targets if np.abs(target.positions).max() < 2e-4}
    assert {name for name in still if not name.startswith("eyeLook")} == set()


def test_carries_an_anchor_for_everything_that_is_worn(host: Model) -> None:
    assert {f"anchor_{place}" for place in WORN_AT} <= {node.name for node in host.nodes}


def test_is_painted_to_the_edges_of_its_pictures_and_not_across_them(host: Model) -> None:
    """What lies at one edge of a picture would be seen as a line along the seam that lies at the other."""
    wraps = {m.name: host.textures[m.base_color_texture.texture] for m in host.materials if m.base_color_texture}
    assert {name for name, texture in wraps.items() if "repeat" in (texture.wrap_u, texture.wrap_v)} == {"hair"}


@pytest.mark.parametrize("side", ["left", "right"])
def test_has_an_inner_side_where_one_looks_into_a_sleeve(host: Model, side: str) -> None:
    rig = Rig(host)
    hand, elbow = rig.places[INDEX[f"{side}Hand"]], rig.places[INDEX[f"{side}LowerArm"]]
    body = max((p for p in primitives(host) if not p.targets), key=lambda p: p.vertex_count)
    triangles = body.positions[body.indices.reshape(-1, 3)].astype(float)
    chance = np.random.default_rng(1)
    at = elbow + (hand - elbow) * chance.uniform(0.5, 0.95, (300, 1)) + chance.normal(0, 0.02, (300, 3))
    towards = at - (hand + 0.2 * (hand - elbow) + chance.normal(0, 0.06, (300, 3)))
    facing = np.array([_first_met(p - 3 * d, d, triangles) @ d for p, d in zip(at, towards, strict=True)])
    assert (facing > 0).mean() < 0.03


def _first_met(start: np.ndarray, direction: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(3,) the normal of the first of the triangles (k, 3, 3) that a ray meets (Möller and Trumbore); 0 if none."""
    a, along, other = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    across = np.cross(direction, other)
    size = (along * across).sum(1)
    size[np.abs(size) < 1e-14] = np.inf
    u = ((start - a) * across).sum(1) / size
    turned = np.cross(start - a, along)
    v, far = turned @ direction / size, (other * turned).sum(1) / size
    met = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)
    if not met.any():
        return np.zeros(3)
    first = np.flatnonzero(met)[far[met].argmin()]
    return np.cross(along[first], other[first])


def test_swings_on_few_joints(host: Model) -> None:
    assert host.vrm is not None
    assert 3 <= len(host.vrm.springs) <= 12
    assert sum(len(spring.joints) for spring in host.vrm.springs) <= 60


@pytest.mark.parametrize(("name", "outfits"), [("lan", {"wrap", "plum"}), ("bo", {"jacket", "brick"})])
def test_has_a_second_outfit_of_another_cut_and_one_of_other_colours(
    repository: Path, name: str, outfits: set[str]
) -> None:
    file = repository / "avatars" / name / "avatar.yaml"
    avatar = load_yaml(file, Avatar, repository)
    first = load(file.parent / avatar.model)
    assert {*avatar.outfits, *first.variants} == outfits
    for model in avatar.outfits.values():
        other = load(file.parent / model)
        assert {m.name for m in other.meshes} == {m.name for m in first.meshes}
        bodies = [next(m for m in model.meshes if m.name == "Body").primitives for model in (first, other)]
        counts = [[len(primitive.positions) for primitive in body] for body in bodies]
        assert counts[0] != counts[1]  # other garments, not other colours
