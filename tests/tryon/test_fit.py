"""Products sit on the rig: at true size, where they belong, in every pose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from nightcast.gltf.hierarchy import posed_positions, rest_bounds
from nightcast.gltf.load import load
from nightcast.gltf.records import Coarser, Levels, Model
from nightcast.host.anchors import Anchors
from nightcast.host.host import Host
from nightcast.host.rig import Rig
from nightcast.host.surface import Surface
from nightcast.show.catalog import Product
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.fit import fit
from nightcast.tryon.product import F64, bent, points_of, surface_samples
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = ROOT / "assets" / "models" / "products"


def product(wear: dict[str, object] | None) -> Product:
    fields = {"id": "it", "name": "It", "kind": "it", "price": 100, "as_of": "2026-11-20", "wear": wear}
    return Product.model_validate(fields)


@pytest.fixture(scope="module")
def host() -> Host:
    return Host(load(ROOT / "avatars/lan/host.vrm"), seed=1)


@pytest.fixture(scope="module")
def wearer(host: Host) -> Wearer:
    return Wearer.of(host.rig)


@pytest.fixture(scope="module")
def anchors(wearer: Wearer) -> Anchors:
    return wearer.anchors


@pytest.fixture(scope="module")
def glasses() -> Model:
    return load(PRODUCTS / "sunglasses.glb")


def test_glasses_stand_before_the_eyes_and_reach_the_ears(
    host: Host, anchors: Anchors, glasses: Model, wearer: Wearer
) -> None:
    fitted = fit(product({"kind": "glasses"}), glasses, wearer)
    frame = host.update(1.0)
    (matrix,) = fitted.place(frame)
    eyes = (anchors["eye_l"].world(frame) + anchors["eye_r"].world(frame))[:3, 3] / 2
    ahead = anchors["head"].world(frame)[:3, 2]
    seat = matrix[:3, 3]
    assert 0.010 < (seat - eyes) @ ahead < 0.048  # from the eyeballs' middle: drawn ones are large
    assert abs((seat - eyes) @ anchors["head"].world(frame)[:3, 1]) < 0.012
    ears = (anchors["ear_top_l"].world(frame) + anchors["ear_top_r"].world(frame))[:3, 3] / 2
    back = -matrix[:3, 2] / np.linalg.norm(matrix[:3, 2])
    reach = ears - seat
    beside = reach - (reach @ back) * back
    assert np.linalg.norm(beside - (beside @ matrix[:3, 0]) * matrix[:3, 0]) < 0.004


def test_brows_do_not_reach_through_the_lenses(glasses: Model, wearer: Wearer) -> None:
    piece = fit(product({"kind": "glasses"}), glasses, wearer).pieces[0]
    points = points_of(glasses, piece.anchor.rest @ piece.local)
    triangles, start = [], 0
    for node in glasses.nodes:
        for primitive in glasses.meshes[node.mesh].primitives if node.mesh is not None else ():
            triangles.append(primitive.indices.reshape(-1, 3).astype(np.intp) + start)
            start += primitive.vertex_count
    solid = Surface(points, np.concatenate(triangles), np.zeros(len(points), np.intp))
    eyes = (wearer.anchors["eye_l"].rest + wearer.anchors["eye_r"].rest)[:3, 3] / 2
    skin = wearer.skin.of(wearer.rig.below("head")).corners
    beside = np.abs(skin - eyes)
    brows = skin[(beside[:, 0] > 0.015) & (beside[:, 0] < 0.05) & (beside[:, 1] < 0.025) & (skin[:, 2] > eyes[2])]
    covered = [len(solid.hits(corner, np.array([0.0, 0.0, 1.0]))) > 0 for corner in brows[::5]]
    through = [len(solid.hits(corner, np.array([0.0, 0.0, -1.0]))) > 0 for corner in brows[::5]]
    assert sum(covered) > 20
    assert not any(through)


def test_true_size_is_kept_to_a_tenth_of_a_millimetre(
    host: Host, anchors: Anchors, glasses: Model, wearer: Wearer
) -> None:
    for width_mm in (120.0, 142.0, 160.0):
        fitted = fit(product({"kind": "glasses", "frame_width": width_mm}), glasses, wearer)
        drawn = np.linalg.norm(fitted.pieces[0].local[:3, 0])
        own = fit(product({"kind": "glasses"}), glasses, wearer)
        unscaled = np.linalg.norm(own.pieces[0].local[:3, 0])
        low, high = rest_bounds(glasses)
        assert abs((high[0] - low[0]) * drawn / unscaled * 1000 - width_mm) < 0.1


def test_the_verdict_says_how_many_millimetres(anchors: Anchors, glasses: Model, wearer: Wearer) -> None:
    face = anchors.head.face_width_mm
    wide = fit(product({"kind": "glasses", "frame_width": face + 12}), glasses, wearer).verdict
    assert (wide.text, round(wide.off_mm or 0)) == ("too wide by 12 mm", 12)
    assert (
        fit(product({"kind": "glasses", "frame_width": face - 9}), glasses, wearer).verdict.text == "too narrow by 9 mm"
    )
    assert fit(product({"kind": "glasses", "frame_width": face + 1}), glasses, wearer).verdict.text == "fits"


def test_what_is_worn_goes_with_the_head_exactly(host: Host, anchors: Anchors, glasses: Model, wearer: Wearer) -> None:
    fitted = fit(product({"kind": "glasses", "frame_width": 142}), glasses, wearer)
    seen = []
    for time_s in np.arange(2.0, 30.0, 0.7):
        frame = host.update(float(time_s))
        head = anchors["head"].world(frame)
        seen.append(np.linalg.inv(head) @ fitted.place(frame)[0])
    assert np.ptp(np.array(seen), axis=0).max() < 1e-4, "it moved against the skull by more than 0.1 mm"


def test_a_pair_of_earrings_hangs_from_both_lobes(host: Host, anchors: Anchors, wearer: Wearer) -> None:
    fitted = fit(product({"kind": "earring", "side": "pair"}), load(PRODUCTS / "earrings.glb"), wearer)
    frame = host.update(60.0)
    places = [matrix[:3, 3] for matrix in fitted.place(frame)]
    lobes = [anchors[f"ear_lobe_{side}"].world(frame)[:3, 3] for side in "lr"]
    for place, lobe in zip(places, lobes, strict=True):
        assert np.linalg.norm(place - lobe) < 0.006


def test_a_ring_goes_round_its_finger(host: Host, wearer: Wearer) -> None:
    fitted = fit(product({"kind": "ring", "side": "left", "inner_diameter": 17}), load(PRODUCTS / "ring.glb"), wearer)
    frame = host.update(90.0)
    (matrix,) = fitted.place(frame)
    bones = [frame.node_world[host.rig.bones[f"leftRing{joint}"], :3, 3] for joint in ("Proximal", "Intermediate")]
    along = (bones[1] - bones[0]) / np.linalg.norm(bones[1] - bones[0])
    assert np.linalg.norm(matrix[:3, 3] - (bones[0] + bones[1]) / 2) < 0.008
    axis = matrix[:3, 1] / np.linalg.norm(matrix[:3, 1])
    assert axis @ along > 0.99


def test_what_is_not_worn_says_what_to_write(anchors: Anchors, glasses: Model, wearer: Wearer) -> None:
    with pytest.raises(CannotWearError, match="Write its `wear:`"):
        fit(product(None), glasses, wearer)


def test_a_hat_presses_hair_in_and_leaves_the_face(wearer: Wearer) -> None:
    fitted = fit(product({"kind": "hat", "inner_circumference": 570}), load(PRODUCTS / "cap.glb"), wearer)
    assert fitted.pressed
    model = wearer.rig.model
    for (node, number), shift in fitted.pressed.items():
        mesh = model.nodes[node].mesh
        assert mesh is not None
        points = model.meshes[mesh].primitives[number].positions
        moved = np.linalg.norm(shift, axis=1) > 1e-6
        assert points[moved, 1].min() > wearer.anchors["eye_l"].rest[1, 3], "something below the eyes was moved"


def test_a_necklace_lies_on_the_clothes(wearer: Wearer) -> None:
    model = load(PRODUCTS / "necklace.glb")
    fitted = fit(product({"kind": "necklace"}), model, wearer)
    placed = wearer.anchors["neck_base"].rest @ fitted.pieces[0].local
    for point in points_of(fitted.model, placed)[::40]:
        if point[2] > wearer.anchors["neck_base"].rest[2, 3]:
            front = wearer.torso.first(point + np.array([0, 0, 0.2]), np.array([0.0, 0.0, -1.0]), point - 1)
            assert point[2] > front[2] - 0.004


def test_a_bag_hangs_upright_from_the_hand(host: Host, wearer: Wearer) -> None:
    fitted = fit(product({"kind": "bag", "side": "left"}), load(PRODUCTS / "tote_bag.glb"), wearer)
    (matrix,) = fitted.place(host.update(120.0))
    assert matrix[1, 1] > 0.999


def carried(where: str, side: str, wearer: Wearer) -> tuple[F64, F64]:
    """A bag's points (n, 3) in host space, and what it hangs from (3,), in the T-pose with the arms down."""
    wear = {"kind": "bag", "side": side, "carried": where}
    fitted = fit(product(wear), load(PRODUCTS / "tote_bag.glb"), wearer)
    (piece,) = fitted.pieces
    place = piece.at(piece.anchor.rest)
    return points_of(fitted.model, place), piece.anchor.rest[:3, 3] + piece.hangs_at


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_bag_on_the_shoulder_lies_on_it_and_stands_off_the_hips(wearer: Wearer, side: str) -> None:
    bag, strap = carried("shoulder", side, wearer)
    sign = 1.0 if side == "left" else -1.0
    assert bag[:, 1].max() == pytest.approx(strap[1], abs=0.02)
    assert strap[1] > wearer.bone(f"{side}UpperArm")[1] + 0.02
    hips = wearer.skin.of({wearer.rig.bones["hips"]}).corners
    beside = hips[np.abs(hips[:, 2] - strap[2]) < 0.1]
    lower = bag[bag[:, 1] < strap[1] - 0.3]
    assert (sign * lower[:, 0]).min() > (sign * beside[:, 0]).max() - 0.02


def test_a_bag_in_the_crook_of_the_arm_lies_on_the_forearm(wearer: Wearer) -> None:
    bag, strap = carried("forearm", "left", wearer)
    elbow, wrist = wearer.bone("leftLowerArm"), wearer.bone("leftHand")
    assert elbow[0] < strap[0] < (elbow[0] + wrist[0]) / 2
    assert elbow[1] + 0.02 < strap[1] < elbow[1] + 0.06
    assert bag[:, 1].min() < strap[1] - 0.5


def test_temples_pass_beside_the_head_and_end_behind_the_ears(glasses: Model) -> None:
    for avatar in ("lan", "bo"):
        wearer = Wearer.of(Host(load(ROOT / f"avatars/{avatar}/host.vrm"), seed=1).rig)
        fitted = fit(product({"kind": "glasses"}), glasses, wearer)
        placed = points_of(fitted.model, fitted.pieces[0].anchor.rest @ fitted.pieces[0].local)
        ear = wearer.anchors["ear_top_l"].rest[:3, 3]
        head = wearer.skin.of(wearer.rig.below("head"))
        along = placed[(placed[:, 2] < placed[:, 2].max() - 0.03) & (placed[:, 2] > ear[2] + 0.02)]
        for point in along[::40]:
            out = np.array([np.sign(point[0]), 0.0, 0.0])
            skin = head.first(point + 0.2 * out, -out, point - out)
            assert abs(point[0]) > abs(skin[0]) - 0.003, f"{avatar}: it shows"
        assert placed[:, 2].min() < ear[2] - 0.01


def test_temples_of_a_few_vertices_are_bowed_round_the_head_too(tmp_path: Path, wearer: Wearer) -> None:
    def bar(x_m: float, y_m: float, z_m: float, size_m: tuple[float, float, float]) -> trimesh.Trimesh:
        return trimesh.creation.box(size_m, trimesh.transformations.translation_matrix((x_m, y_m, z_m)))

    parts = [bar(0, 0, 0, (0.128, 0.005, 0.004))]
    parts += [bar(sign * 0.035, -0.013, 0, (0.05, 0.022, 0.003)) for sign in (-1, 1)]
    parts += [bar(sign * 0.0625, 0, -0.065, (0.003, 0.005, 0.13)) for sign in (-1, 1)]
    trimesh.util.concatenate(parts).export(tmp_path / "narrow.glb")
    fitted = fit(product({"kind": "glasses"}), load(tmp_path / "narrow.glb"), wearer)
    (piece,) = fitted.pieces
    temples = surface_samples(fitted.model, piece.anchor.rest @ piece.local, 6000)
    ears_z = (wearer.anchors["ear_top_l"].rest + wearer.anchors["ear_top_r"].rest)[2, 3] / 2
    beside = temples[(temples[:, 2] > ears_z + 0.02) & (temples[:, 2] < temples[:, 2].max() - 0.02)]
    out = np.array([1.0, 0.0, 0.0])
    outer = beside[beside[:, 0] > 0][::40] + 0.0015 * out
    head = wearer.skin.of(wearer.rig.below("head"))
    skin = np.array([head.first(p + 0.2 * out, -out, p) for p in outer])
    assert len(outer) > 10
    assert (skin[:, 0] - outer[:, 0]).max() < 0.002


def test_a_headband_follows_the_head(wearer: Wearer) -> None:
    fitted = fit(product({"kind": "headband", "fit": "fit_to_wearer"}), load(PRODUCTS / "headband.glb"), wearer)
    placed = points_of(fitted.model, fitted.pieces[0].anchor.rest @ fitted.pieces[0].local)
    head = wearer.skin.of(wearer.rig.below("head"))
    middle = wearer.head_middle(float(np.median(placed[:, 1])))
    for out in np.array([[1, 0, 0], [-1, 0, 0], [0, 0, -1]], np.float64):
        there = placed[(placed - middle) @ out > 0.98 * np.linalg.norm((placed - middle)[:, [0, 2]], axis=1)]
        inner = there[np.argmin((there - middle) @ out)]
        skin = head.first(inner + 0.2 * out, -out, middle)
        assert 0.0 < (inner - skin) @ out < 0.012


def test_a_headband_that_was_laid_on_the_skin_leaves_brows_as_they_are() -> None:
    bo = Wearer.of(Rig(load(PRODUCTS.parents[2] / "avatars/bo/host.vrm")))
    wear = {"kind": "headband", "fit": "fit_to_wearer", "drop": -16}
    fitted = fit(product(wear), load(PRODUCTS / "headband.glb"), bo)
    model, world = bo.rig.model, bo.rig.rest_world.astype(np.float32)
    eyes = [bo.anchors[f"eye_{side}"].rest[:3, 3] for side in "lr"]
    pressed = 0
    for (node, index), shift in fitted.pressed.items():
        mesh = model.nodes[node].mesh
        assert mesh is not None
        points = posed_positions(model, world, node, model.meshes[mesh].primitives[index])
        near = np.min([np.linalg.norm(points - eye, axis=1) for eye in eyes], axis=0) < 0.04
        moved = np.linalg.norm(shift, axis=1) > 1e-4
        assert not (near & moved).any()
        pressed += int(moved.sum())
    assert pressed > 100, "hair does give way"


def test_a_strap_lies_on_the_wrist_and_its_case_keeps_its_shape(host: Host, wearer: Wearer) -> None:
    watch = load(PRODUCTS / "watch.glb")
    fitted = fit(product({"kind": "watch", "fit": "fit_to_wearer"}), watch, wearer)
    (piece,) = fitted.pieces
    before, after = points_of(watch, piece.local), points_of(fitted.model, piece.local)
    case = (np.abs(before[:, 0]) > 0.014) & (before[:, 1] > 0.02)
    moved = (after - before)[case]
    assert np.ptp(moved, axis=0).max() < 0.002, "the case was moved as a whole"
    before_m, after_m = (np.linalg.norm(points[~case][:, 1:], axis=1).min() for points in (before, after))
    wrist_m = wearer.anchors.limbs.wrist_mm / np.pi / 2000
    assert before_m > 1.15 * wrist_m > after_m > 0.6 * wrist_m


def test_a_product_that_was_bent_is_not_drawn_from_afar_as_it_was_before() -> None:
    model = load(PRODUCTS / "necklace.glb")
    node = next(i for i, node in enumerate(model.nodes) if node.mesh is not None)
    coarser = Coarser(0.1, node, {node: model.meshes[model.nodes[node].mesh or 0]})
    with_levels = replace(model, levels=(Levels(node, (coarser,)),))
    assert bent(with_levels, np.eye(4), np.zeros_like(points_of(model, np.eye(4)))).levels == ()


def test_a_necklace_modelled_flat_on_a_table_falls_onto_the_chest(wearer: Wearer) -> None:
    model = load(PRODUCTS / "necklace.glb")
    points = points_of(model, np.eye(4))
    flat = bent(model, np.eye(4), -points * [0.0, 1.0, 0.0])
    fitted = fit(product({"kind": "necklace"}), flat, wearer)
    placed = points_of(fitted.model, wearer.anchors["neck_base"].rest @ fitted.pieces[0].local)
    front, nape = placed[np.argmax(placed[:, 2])], placed[np.argmin(placed[:, 2])]
    assert front[1] < nape[1] - 0.05
    chest = wearer.torso.first(front + np.array([0.0, 0.0, 0.2]), np.array([0.0, 0.0, -1.0]), front)
    assert abs(front[2] - chest[2]) < 0.02
