"""Makeup covers what it is for and nothing else, in any colour and finish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.host.rig import Rig
from nightcast.show.catalog import Product
from nightcast.tryon.face_map import FaceMap, face_map
from nightcast.tryon.makeup import blended, paint
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]


def makeup(region: str, **more: object) -> Product:
    wear = {"kind": "makeup", "makeup": {"region": region, **more}}
    fields = {"id": "it", "name": "It", "kind": "it", "price": 100, "as_of": "2026-11-20", "wear": wear}
    return Product.model_validate(fields)


@pytest.fixture(scope="module")
def wearer() -> Wearer:
    return Wearer.of(Rig(load(ROOT / "avatars/lan/host.vrm")))


@pytest.fixture(scope="module")
def face(wearer: Wearer) -> FaceMap:
    found = face_map(wearer)
    assert found is not None
    return found


def test_lips_lie_between_nose_and_chin_and_are_as_wide_as_a_mouth(face: FaceMap, wearer: Wearer) -> None:
    on = face.place[face.lips > 0.5]
    assert 0.025 < np.ptp(on[:, 0]) < 0.065
    assert 0.008 < np.ptp(on[:, 1]) < 0.035
    assert on[:, 1].max() < wearer.anchors["nose_bridge"].rest[1, 3] - 0.03
    assert on[:, 1].min() > wearer.anchors["chin"].rest[1, 3]


def test_a_variant_brings_its_colour_and_the_finish_how_it_shines(wearer: Wearer, face: FaceMap) -> None:
    layer = paint(makeup("lips", finish="gloss", colour="#102030"), wearer, "#5c1230")
    assert tuple(layer.pixels[0, 0, :3]) == (0x5C, 0x12, 0x30)
    assert layer.pixels[..., 3].max() == pytest.approx(255 * 0.8, abs=3)
    towards_us = (face.lips > 0.9)[2::4, 2::4] & (face.normal[2::4, 2::4, 2] > 0.8)
    assert layer.finish[towards_us, 0].mean() < 0.2 * 255
    shimmer = paint(makeup("lips", finish="shimmer"), wearer)
    assert shimmer.finish[..., 2].min() == 255, "flakes"
    assert paint(makeup("foundation", finish="shimmer"), wearer).finish[..., 2].max() < 128, "a face is no mask of them"
    assert paint(makeup("lips", finish="matte"), wearer).finish[..., 2].max() == 0


def test_a_glossy_lip_is_dull_inside(wearer: Wearer, face: FaceMap) -> None:
    finish = paint(makeup("lips", finish="gloss"), wearer).finish
    inside = (face.lips > 0.9)[2::4, 2::4] & (face.normal[2::4, 2::4, 2] < 0.2)
    assert inside.any()
    assert finish[inside, 0].mean() > 0.5 * 255


def test_lips_keep_their_creases(wearer: Wearer, face: FaceMap) -> None:
    red = paint(makeup("lips", colour="#c02030"), wearer).pixels[..., 0][face.lips > 0.9].astype(float)
    light = face.light[face.lips > 0.9]
    assert np.corrcoef(red, light)[0, 1] > 0.5


def test_blush_lies_on_both_cheeks_and_off_the_lips(face: FaceMap, wearer: Wearer) -> None:
    alpha = paint(makeup("blush", opacity=0.5), wearer).pixels[..., 3]
    places = face.place[alpha > 60]
    assert (places[:, 0] > 0).any()
    assert (places[:, 0] < 0).any()
    assert alpha[face.lips > 0.5].max() < 40


def test_layers_of_one_face_become_one(wearer: Wearer) -> None:
    lips, blush = paint(makeup("lips"), wearer), paint(makeup("blush"), wearer)
    (both,) = blended([blush, lips])
    assert (both.pixels[..., 3] + 1.0 >= np.maximum(lips.pixels[..., 3], blush.pixels[..., 3])).all()


def test_each_of_several_keeps_its_finish(wearer: Wearer, face: FaceMap) -> None:
    lips, base = paint(makeup("lips", finish="gloss"), wearer), paint(makeup("foundation", finish="matte"), wearer)
    (both,) = blended([lips, base])
    painted = (face.lips > 0.95)[2::4, 2::4]
    skin = (base.pixels[..., 3] > 190)[2::4, 2::4]
    assert np.abs(both.finish[painted, 0].astype(int) - lips.finish[painted, 0]).mean() < 12
    assert both.finish[skin, 0].mean() > 180


@pytest.mark.parametrize("avatar", ["lan", "bo"])
def test_pale_lips_are_found_as_whole_as_red_ones(avatar: str) -> None:
    found = face_map(Wearer.of(Rig(load(ROOT / f"avatars/{avatar}/host.vrm"))))
    assert found is not None
    rows, columns = np.nonzero(found.lips > 0.5)
    wide, high = np.ptp(columns), np.ptp(rows)
    assert 0.5 < len(rows) / (wide * high) < 0.9, "an oval, not its rim alone"


def test_foundation_leaves_brows_and_lips_as_they_are(face: FaceMap, wearer: Wearer) -> None:
    covered = paint(makeup("foundation", opacity=1.0), wearer).pixels[..., 3]
    brows = paint(makeup("brow", opacity=1.0, feather=0.2), wearer).pixels[..., 3] > 230
    assert covered.max() > 230
    assert covered[brows].max() < 60
    assert covered[face.lips > 0.9].max() < 60


def test_brows_are_painted_where_the_skin_shows_them(face: FaceMap, wearer: Wearer) -> None:
    on = paint(makeup("brow", opacity=1.0, feather=0.2), wearer).pixels[..., 3] > 200
    above = face.known & (np.abs(face.place[..., 1] - np.median(face.place[on, 1])) < 0.01)
    assert np.median(face.light[on]) < 0.7 * np.median(face.light[above & ~on])


def test_eyeshadow_covers_the_lids_that_a_blink_shows_and_stays_off_the_brows(face: FaceMap, wearer: Wearer) -> None:
    alpha = paint(makeup("eyeshadow", opacity=1.0, feather=1.0), wearer).pixels[..., 3]
    brows = paint(makeup("brow", opacity=1.0, feather=0.2), wearer).pixels[..., 3] > 230
    assert alpha[face.lids > 0.7].mean() > 200
    assert alpha[brows].max() < 60


def test_a_line_runs_along_the_lashes_of_both_eyes(face: FaceMap, wearer: Wearer) -> None:
    on = paint(makeup("eyeliner", opacity=1.0, feather=0.2), wearer).pixels[..., 3] > 150
    for side in "lr":
        eye = wearer.anchors[f"eye_{side}"].rest[:3, 3]
        near = face.place[on & (np.linalg.norm(face.place - eye, axis=-1) < 0.05)]
        assert 0.02 < np.ptp(near[:, 0]) < 0.05
        assert np.median(near[:, 1]) > eye[1], "over the eye, not under it"
