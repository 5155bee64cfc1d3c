"""What only hides: a head that makes room for a hat."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nightcast.gltf.load import load
from nightcast.host.rig import Rig
from nightcast.stage.occluders import hat_band, head_of
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]


def test_under_a_hat_the_skull_is_smaller_and_the_face_is_as_it_was() -> None:
    wearer = Wearer.of(Rig(load(ROOT / "avatars" / "lan" / "host.vrm")))
    bare, hatted = (head_of(wearer, under_a_hat=under).meshes[0].primitives[0].positions for under in (False, True))
    forehead, eyes = (wearer.anchors[name].rest[1, 3] for name in ("forehead", "eye_l"))
    skull, face = bare[:, 1] > forehead + 0.01, bare[:, 1] < eyes
    middle = hat_band(wearer)[0]
    radii = [np.linalg.norm(points[skull] - middle, axis=1) for points in (bare, hatted)]
    assert (radii[1] < 0.9 * radii[0]).all()
    assert (bare[face] == hatted[face]).all()
