"""Hands and product meet: what is put on lies between the fingers, and then where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.host.host import Host
from nightcast.host.performance import load_motions
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml, resolve
from nightcast.tryon.fit import fit
from nightcast.tryon.putting_on import carried
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]
CATALOG_FILE = ROOT / "assets" / "catalog.yaml"


@pytest.mark.parametrize("avatar", ["lan", "bo"])
def test_glasses_are_where_the_fingers_are_when_they_reach_the_face(avatar: str) -> None:
    host = Host(load(ROOT / "avatars" / avatar / "host.vrm"), load_motions(ROOT / "avatars" / "gestures"), seed=1)
    catalog = load_yaml(CATALOG_FILE, Catalog, ROOT)
    glasses = catalog.product("sunglasses")
    assert glasses is not None
    assert glasses.model is not None
    wearer = Wearer.of(host.rig)
    fitted = fit(glasses, load(resolve(CATALOG_FILE, glasses.model)), wearer)
    frame = host.update(0.0)
    eyes = [wearer.anchors[f"eye_{side}"].world(frame)[:3, 3] for side in "lr"]
    host.gesture("put_on", 1.1, (eyes[0] + eyes[1]) / 2 + [0.0, 0.045, -0.055])
    apart_m = {}
    for k in range(60):
        frame = host.update(k / 30)
        seats = fitted.place(frame)
        (held,) = carried(fitted, seats, host.rig, frame, 1.0)
        apart_m[k] = float(np.linalg.norm(held[:3, 3] - seats[0][:3, 3]))
    assert apart_m[33] < 0.035, "at the stroke hands and face agree on where the glasses are"
    assert apart_m[15] > 0.2, "before, they are in front of the chest"
    (seated,) = carried(fitted, seats, host.rig, frame, 0.0)
    assert seated == pytest.approx(seats[0])
