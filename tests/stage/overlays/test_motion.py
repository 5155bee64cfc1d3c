"""Easing and keyframes."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.show.scene import Keyframe
from nightcast.stage.layers import Bitmap, Layer, Rect
from nightcast.stage.overlays.motion import Pose, ease, keyframed, moved


def frames(*values: dict[str, object]) -> list[Keyframe]:
    return [Keyframe.model_validate(value) for value in values]


@pytest.mark.parametrize("name", ["linear", "in", "out", "in_out", "back"])
def test_every_curve_runs_from_nothing_to_all(name: str) -> None:
    assert ease(name, 0) == pytest.approx(0)
    assert ease(name, 1) == pytest.approx(1)
    assert ease(name, -3) == pytest.approx(0)
    assert ease(name, 9) == pytest.approx(1)


def test_back_goes_too_far_and_returns() -> None:
    assert max(ease("back", i / 50) for i in range(51)) == pytest.approx(1.1, abs=0.01)


def test_values_between_keyframes_are_eased_and_held_at_both_ends() -> None:
    track = frames({"at": 1, "scale": 1.0}, {"at": 2, "scale": 2.0, "ease": "linear"})
    assert [keyframed(track, at, False).scale for at in (0, 1, 1.5, 2, 9)] == [1, 1, 1.5, 2, 2]


def test_a_property_that_a_keyframe_leaves_out_runs_through_it() -> None:
    track = frames({"at": 0, "turn": 0, "opacity": 0}, {"at": 1, "opacity": 1}, {"at": 2, "turn": 90, "ease": "linear"})
    pose = keyframed(track, 1, False)
    assert (pose.turn_deg, pose.opacity) == (45, 1)


def test_a_loop_begins_again() -> None:
    track = frames({"at": 0, "move": [0, 0]}, {"at": 2, "move": [10, 20], "ease": "linear"})
    assert keyframed(track, 5, True) == keyframed(track, 1, True)


def test_turning_about_a_pivot_keeps_the_distance() -> None:
    layer = Layer(Bitmap(np.zeros((2, 2, 4), np.uint8)), Rect(9, -1, 2, 2))  # centre at (10, 0)
    (turned,) = moved([layer], (0, 0), Pose(turn_deg=90, scale=2, opacity=0.5), 1)
    assert (turned.rect.x_px + 2, turned.rect.y_px + 2) == pytest.approx((0, 20))
    assert (turned.rotation_deg, turned.opacity) == (90, 0.5)
