"""What hangs swings when it is moved, comes to rest, and does so at any frame rate."""

from __future__ import annotations

import numpy as np

from nightcast.gltf.records import Model
from nightcast.host.anchors import Anchor
from nightcast.host.frame import HostFrame
from nightcast.tryon.dangle import Dangling
from nightcast.tryon.fit import Fitted, Piece, Verdict

EYE = np.eye(4)


def fitted() -> Fitted:
    model = Model.__new__(Model)  # never looked at here
    return Fitted("it", model, (Piece(Anchor("ear", 0, EYE, EYE, "given"), EYE, 0.04),), Verdict("hangs"))


def frame(time_s: float, x_m: float, tilt_deg: float = 0.0) -> HostFrame:
    world = np.eye(4, dtype=np.float32)
    tilt = np.radians(tilt_deg)
    world[:2, :2] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    world[0, 3] = x_m
    return HostFrame(time_s, world[None])


def shaken(fps: int) -> np.ndarray:
    dangling = Dangling(fitted())
    places = [dangling.place(frame(k / fps, 0.05 * np.sin(8 * k / fps)))[0] for k in range(fps + 1)]
    return np.array(places)


def test_it_swings_and_keeps_its_length() -> None:
    downs = -shaken(60)[:, :3, 1]
    assert downs[:, 0].max() > 0.1
    assert np.allclose(np.linalg.norm(downs, axis=1), 1)


def test_it_comes_to_rest_straight_down_under_a_tilted_head() -> None:
    dangling = Dangling(fitted())
    for k in range(240):
        (place,) = dangling.place(frame(k / 30, 0.0, tilt_deg=min(k, 20)))
    assert np.allclose(-place[:3, 1], [0, -1, 0], atol=0.02)


def test_the_frame_rate_changes_little() -> None:
    assert np.abs(shaken(30)[-1] - shaken(60)[-1]).max() < 0.06


def test_on_a_tilted_person_of_another_size_it_hangs_straight_down_in_that_size() -> None:
    (piece,) = fitted().pieces
    head = frame(0.0, 0.2, tilt_deg=30.0).node_world[0].astype(np.float64)
    head[:3, :3] *= 1.1
    place = piece.at(head)
    assert np.allclose(-place[:3, 1], [0, -1.1, 0])
    assert np.allclose(place[:3, 3], [0.2, 0, 0])
