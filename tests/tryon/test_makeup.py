"""Lipstick covers the painted lips and nothing else, in any colour and finish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.host.rig import Rig
from nightcast.show.catalog import Product
from nightcast.tryon.makeup import FaceMap, blended, face_map, paint
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


def test_a_variant_brings_its_colour_and_the_finish_its_roughness(wearer: Wearer) -> None:
    layer = paint(makeup("lips", finish="gloss", colour="#102030"), wearer, "#5c1230")
    assert tuple(layer.pixels[0, 0, :3]) == (0x5C, 0x12, 0x30)
    assert layer.roughness is not None
    assert layer.roughness < 0.2
    assert layer.pixels[..., 3].max() == pytest.approx(255 * 0.8, abs=3)


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


@pytest.mark.parametrize("avatar", ["lan", "bo"])
def test_pale_lips_are_found_as_whole_as_red_ones(avatar: str) -> None:
    found = face_map(Wearer.of(Rig(load(ROOT / f"avatars/{avatar}/host.vrm"))))
    assert found is not None
    rows, columns = np.nonzero(found.lips > 0.5)
    wide, high = np.ptp(columns), np.ptp(rows)
    assert 0.5 < len(rows) / (wide * high) < 0.9, "an oval, not its rim alone"


def test_foundation_leaves_brows_and_lips_as_they_are(face: FaceMap, wearer: Wearer) -> None:
    covered = paint(makeup("foundation", opacity=1.0), wearer).pixels[..., 3]
    brows = paint(makeup("brow", opacity=1.0), wearer).pixels[..., 3] > 230
    assert covered.max() > 230
    assert covered[brows].max() < 60
    assert covered[face.lips > 0.9].max() < 60
