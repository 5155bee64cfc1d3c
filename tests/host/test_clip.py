"""VRM animations become motions of any body."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host import GestureError, Host, load_clip
from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, INDEX
from nightcast.host.clip import Clip, Curve


def nod_clip() -> Clip:
    turned = np.stack([quat.IDENTITY, quat.from_euler_deg([30, 0, 0]), quat.IDENTITY])
    curve = Curve(np.array([0.0, 1.0, 2.0]), turned)
    return Clip("bow", 2.0, {INDEX["head"]: curve}, expressions={"happy": Curve(np.array([0.0]), np.array([[1.0]]))})


def test_a_curve_holds_its_ends_and_goes_between_its_keys() -> None:
    curve = Curve(np.array([1.0, 3.0]), np.array([[0.0], [10.0]]))
    assert [float(curve.at(t, False)[0]) for t in (0, 1, 2, 3, 9)] == [0, 0, 5, 10, 10]


def test_a_clip_plays_over_the_rest_and_ends_at_rest(humanoid: Callable[..., Model]) -> None:
    host = Host(humanoid(targets=("happy",)), {"bow": nod_clip()}, seed=1)
    quiet = Host(humanoid(targets=("happy",)), seed=1)
    host.update(0.0)
    host.gesture("bow", 1.0)

    def pitch(of: Host, time_s: float) -> float:
        forward = of.update(time_s).node_world[of.rig.bones["head"], :3, 2]
        return float(np.degrees(np.arcsin(-forward[1])))

    assert pitch(host, 2.0) - pitch(quiet, 2.0) > 20
    assert pitch(host, 3.5) == pytest.approx(pitch(quiet, 3.5), abs=1e-3)
    assert host.update(2.0).morph_weights[0][0] > 0.4


def test_the_sample_animation_is_read_in_normalised_space(sample: Callable[[str], Path]) -> None:
    clip = load_clip(sample("vrm-spec/test.vrma"))
    assert clip.rotations
    assert clip.duration_s > 0
    for row, curve in clip.rotations.items():
        assert 0 <= row < len(BONES)
        np.testing.assert_allclose(np.linalg.norm(curve.values, axis=1), 1, atol=1e-6)
    host = Host(load(sample("avatars/cryptovoxels.vrm")), {"test": clip}, seed=1)
    host.update(0.0)
    host.gesture("test", 1.0)
    frames = [host.update(1.0 + t).node_world for t in np.arange(0, clip.duration_s, 0.2)]
    assert np.isfinite(frames).all()


def test_a_model_without_animation_is_no_clip(sample: Callable[[str], Path]) -> None:
    with pytest.raises(GestureError, match="holds no VRM animation"):
        load_clip(sample("avatars/cryptovoxels.vrm"))
