"""The reference host is made into others: their ears, width and size; glasses that fit one are wide on another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml, resolve
from nightcast.tryon.fit import fit
from nightcast.tryon.heads import HEAD_PD_MM, PLACES, head_model
from nightcast.tryon.likeness import Likenesses, eyes_m, head_places_mm
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]
NOBODY = np.zeros(len(head_model().modes_mm))


@pytest.fixture(scope="module")
def reference() -> Wearer:
    return Wearer.of(Rig(load(ROOT / "avatars" / "lan" / "host.vrm")))


def test_every_place_comes_to_where_the_person_has_it(reference: Wearer) -> None:
    somebody = NOBODY.copy()
    somebody[:3] = (1.5, -1.0, 1.0)
    made = Likenesses(reference).of(somebody, 1.05)
    wanted = head_model().places_of(somebody) * 1.05
    for name in ("ear_top_l", "ear_lobe_r", "chin", "nose_bridge"):
        place = 1000 * (made.anchors[name].rest[:3, 3] - eyes_m(made))
        assert place == pytest.approx(wanted[PLACES.index(name)], abs=0.2)
    assert made.anchors.head.pupillary_distance_mm == pytest.approx(1.05 * HEAD_PD_MM, abs=0.5)


def test_the_skin_goes_with_the_places(reference: Wearer) -> None:
    large, small = (Likenesses(reference).of(NOBODY, size) for size in (1.1, 0.95))
    widths = [np.ptp(made.skin.of(made.rig.below("head")).corners[:, 0]) for made in (large, small)]
    assert widths[0] / widths[1] == pytest.approx(1.1 / 0.95, rel=0.01)


def test_true_size_is_told_from_the_persons_own_width(reference: Wearer) -> None:
    catalog_file = ROOT / "assets" / "catalog.yaml"
    product = load_yaml(catalog_file, Catalog, ROOT).product("sunglasses")
    assert product is not None
    assert product.model is not None
    model = load(resolve(catalog_file, product.model))
    verdicts = [fit(product, model, Likenesses(reference).of(NOBODY, size)).verdict.off_mm for size in (0.9, 1.1)]
    width_mm = head_places_mm(reference)[PLACES.index("temple_l"), 0] * 2
    assert verdicts[0] is not None
    assert verdicts[1] is not None
    assert verdicts[0] - verdicts[1] == pytest.approx(0.2 * width_mm, rel=0.1)


def test_what_hides_is_coarse_and_lies_within_a_millimetre_of_the_skin(reference: Wearer) -> None:
    somebody = NOBODY.copy()
    somebody[:2] = (1.0, -1.5)
    made = Likenesses(reference).of(somebody, 1.0)
    assert len(made.outline.triangles) < 0.5 * len(made.skin.triangles)
    eyes = eyes_m(made)
    chance = np.random.default_rng(0)
    off_mm = []
    for x, y in chance.uniform((-0.05, -0.06), (0.05, 0.05), (60, 2)):
        far = eyes + np.array([x, y, 0.3])
        fine, coarse = (shape.first(far, np.array([0.0, 0.0, -1.0]), eyes) for shape in (made.skin, made.outline))
        off_mm.append(1000 * np.linalg.norm(fine - coarse))
    assert np.median(off_mm) < 0.3
    assert np.max(off_mm) < 1.5  # along the ray, which a steep side of the nose makes longer
