"""Wrists and fingers are found in space from a hand's landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from nightcast.tryon.hand import Hands
from nightcast.tryon.pnp import Intrinsics, Pose, project
from nightcast.tryon.product import F64, rotation_xyz
from nightcast.tryon.seen import Body, Hand

CAMERA = Intrinsics.of_fov(1280, 720, 40.0)


def shape(side: str) -> F64:
    """A flat hand with its back to the camera and its fingers up, millimetres."""
    out = -1.0 if side == "right" else 1.0  # where the thumb is, as the camera sees it
    points = [[0.0, 0.0, 0.0]]
    points += [[out * (25 + 12 * k), 15.0 + 18 * k, 0.0] for k in range(4)]
    for finger in range(4):
        points += [[out * (28 - 18 * finger), 85.0 + 25 * k, 0.0] for k in range(4)]
    return np.array(points) - [0, 80, 0]


def seen(side: str, turn_deg: tuple[float, float, float] = (0, 0, 0)) -> Hand:
    pose = Pose(rotation_xyz(turn_deg), np.array([60.0, -40.0, -450.0]), 0.0)
    return Hand("left" if side == "left" else "right", project(shape(side), pose, CAMERA), shape(side))


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_back_of_the_hand_and_the_fingers_point_where_they_do(side: str) -> None:
    (hand,) = Hands(CAMERA).update([seen(side)], None, 0.0, smooth=False)
    wrist = hand.wrist()
    assert wrist[:3, 1] == pytest.approx([0, 0, 1], abs=0.1), "its back is turned to the camera"
    assert wrist[1, 0] > 0.95, "fingers up"
    assert np.linalg.det(wrist[:3, :3]) == pytest.approx(1)
    assert 1000 * wrist[2, 3] == pytest.approx(-450, abs=8)
    ring = hand.finger("ring")
    assert ring[1, 3] > wrist[1, 3] + 0.09


def test_a_turned_hand_turns_what_it_wears() -> None:
    (hand,) = Hands(CAMERA).update([seen("left", (0.0, 40.0, 0.0))], None, 0.0, smooth=False)
    assert hand.back == pytest.approx([np.sin(np.radians(40)), 0, np.cos(np.radians(40))], abs=0.08)


def test_the_forearm_is_taken_from_the_body_where_it_is_seen() -> None:
    hand = seen("left")
    body = Body(np.zeros((33, 2)), np.zeros((33, 3)), np.ones(33))
    body.seen_px[15] = hand.seen_px[0]
    body.shape_mm[13] = body.shape_mm[15] + [100.0, -100.0, 0.0]
    (posed,) = Hands(CAMERA).update([hand], body, 0.0, smooth=False)
    assert posed.elbow_way[0] > 0.3, "half way to where the elbow is"
    assert posed.elbow_way[1] < -0.7


def test_a_hand_that_is_lost_for_a_moment_is_held_and_then_gone() -> None:
    hands = Hands(CAMERA)
    hands.update([seen("left")], None, 0.0)
    assert len(hands.update([], None, 0.1)) == 1
    assert hands.update([], None, 0.5) == []
