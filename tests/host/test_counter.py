"""Hands go round a counter, not through it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.host import Counter, Host, load_gestures

COUNTER = Counter(top_m=0.92, edge_m=0.1)
coordinate = st.floats(-0.5, 1.5)


def is_inside(point: np.ndarray) -> bool:
    return bool(point[1] < COUNTER.top_m and point[2] > COUNTER.edge_m)


@given(st.tuples(coordinate, coordinate, coordinate))
def test_a_point_is_brought_out_and_one_that_is_out_stays(place: tuple[float, float, float]) -> None:
    point = np.array(place)
    shift = COUNTER.way_out(point[None])
    if shift is None:
        assert not is_inside(point)
    else:
        assert not is_inside(point + shift)
        assert shift[0] == 0


def test_a_hand_that_passes_the_corner_does_not_jump() -> None:
    path = np.linspace([0, 0.6, 0.0], [0, 1.1, 0.5], 500)
    shifts = [COUNTER.way_out(point[None]) for point in path]
    places = path + np.array([np.zeros(3) if shift is None else shift for shift in shifts])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 0.01


def test_no_gesture_takes_a_hand_through_the_counter(humanoid: Callable[..., Model], gestures_folder: Path) -> None:
    host = Host(humanoid(), load_gestures(gestures_folder), seed=3)
    host.stand_behind(COUNTER)
    hands = [host.rig.bones[f"{side}{bone}"] for side in ("left", "right") for bone in ("Hand", "MiddleProximal")]
    for k, name in enumerate(sorted(host.gestures)):
        host.gesture(name, 10.0 * k + 1)
        for time_s in np.arange(10.0 * k, 10.0 * k + 4, 0.1):
            places = host.update(float(time_s)).node_world[hands, :3, 3]
            assert not any(is_inside(place) for place in places), name


@pytest.mark.parametrize("name", ["lan", "bo"])
def test_arms_hang_beside_a_body_at_rest_behind_a_counter(repository: Path, name: str) -> None:
    host = Host(load(repository / "avatars" / name / "host.vrm"), seed=1)
    host.stand_behind(Counter(top_m=0.92, edge_m=0.09))
    for time_s in np.arange(0.0, 60.0, 1.5):
        frame = host.update(float(time_s))
        for side in ("left", "right"):
            shoulder, elbow, wrist = (
                frame.node_world[host.rig.bones[side + bone], :3, 3] for bone in ("UpperArm", "LowerArm", "Hand")
            )
            assert elbow[2] > shoulder[2] - 0.06  # not drawn back like a wing
            assert wrist[1] < elbow[1] - 0.15
