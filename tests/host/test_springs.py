"""Hair hangs, swings, keeps its length, stays out of the head, and does so alike at any frame rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nightcast.gltf.records import Model, Node
from nightcast.gltf.vrm_records import Collider, Spring, SpringJoint
from nightcast.host import Host
from nightcast.host.bones import BONES
from nightcast.host.rig import Rig
from nightcast.host.springs import Springs

FIRST = len(BONES)


def hair(length: int = 4, away: tuple[float, float, float] = (0, 0.08, 0)) -> list[Node]:
    """A chain from the head: node `FIRST` is its root."""
    head = BONES.index("head")
    return [
        Node(
            f"hair {k}",
            head if k == 0 else FIRST + k - 1,
            (FIRST + k + 1,) if k + 1 < length else (),
            np.float32([0, 0.2, 0] if k == 0 else away),
            np.float32([0, 0, 0, 1]),
            np.ones(3, np.float32),
        )
        for k in range(length)
    ]


def with_hair(
    humanoid: Callable[..., Model],
    colliders: tuple[Collider, ...] = (),
    away: tuple[float, float, float] = (0, 0.08, 0),
    leaf: float | None = None,
    center: int | None = None,
    **joint: Any,
) -> Model:
    joints = tuple(SpringJoint(FIRST + k, **joint) for k in range(4))
    spring = Spring("hair", joints, tuple(range(len(colliders))), center, leaf)
    return humanoid(vrm=True, extra_nodes=hair(away=away), vrm_extra={"springs": (spring,), "colliders": colliders})


def run(rig: Rig, springs: Springs, times: np.ndarray, move: Callable[[float], np.ndarray]) -> np.ndarray:
    """Places (times, 4, 3) of the chain while the hips are moved."""
    places = []
    for time_s in times:
        pose = np.tile([0, 0, 0, 1.0], (len(BONES), 1))
        local = rig.local_matrices(pose, move(float(time_s)))
        world = rig.hierarchy.world(local)
        springs.advance(float(time_s), local, world)
        places.append(world[FIRST : FIRST + 4, :3, 3])
    return np.array(places)


def still(time_s: float) -> np.ndarray:
    return np.zeros(3)


def test_a_stiff_chain_rests_as_it_was_made(humanoid: Callable[..., Model]) -> None:
    rig = Rig(with_hair(humanoid, stiffness=1.0))
    places = run(rig, Springs(rig), np.arange(0, 2, 1 / 30), still)
    np.testing.assert_allclose(places[-1], rig.rest_world[FIRST : FIRST + 4, :3, 3], atol=1e-4)


def test_a_limp_chain_hangs_down_and_keeps_its_length(humanoid: Callable[..., Model]) -> None:
    rig = Rig(with_hair(humanoid, away=(0.08, 0, 0), stiffness=0.0, gravity_power=1.0, drag=0.4))
    places = run(rig, Springs(rig), np.arange(0, 8, 1 / 30), still)
    lengths = np.linalg.norm(np.diff(places, axis=1), axis=2)
    np.testing.assert_allclose(lengths, 0.08, atol=1e-4)
    fallen = places[-1, -1] - places[-1, 0]
    assert fallen[1] < -0.235


def test_motion_is_the_same_at_thirty_and_sixty_frames(humanoid: Callable[..., Model]) -> None:
    def sway(time_s: float) -> np.ndarray:
        return np.array([0.1 * np.sin(3 * time_s), 0, 0])

    ends = []
    for fps in (30, 60):
        rig = Rig(with_hair(humanoid, stiffness=0.6, gravity_power=0.3, drag=0.3))
        places = run(rig, Springs(rig), np.arange(0, 3, 1 / fps), sway)
        ends.append(places[:: fps // 30, -1])
    assert np.abs(ends[0] - ends[1]).max() < 0.006
    assert np.ptp(ends[0][30:, 0]) > 0.12


def test_a_chain_stays_out_of_spheres_and_capsules(humanoid: Callable[..., Model]) -> None:
    head = BONES.index("head")
    for collider in (
        Collider(head, 0.1, (0, 0.05, 0)),
        Collider(head, 0.08, (-0.1, 0.08, 0), (0.1, 0.08, 0)),
    ):
        rig = Rig(
            with_hair(humanoid, (collider,), away=(0.03, 0.05, 0), stiffness=0.0, gravity_power=2.0, hit_radius=0.02)
        )
        places = run(rig, Springs(rig), np.arange(0, 5, 1 / 30), still)
        head_place = rig.rest_world[head, :3, 3]
        start = head_place + np.array(collider.offset)
        end = head_place + np.array(collider.tail or collider.offset)
        segment = end - start
        for place in places[-1, 1:]:
            share = np.clip((place - start) @ segment / max(segment @ segment, 1e-9), 0, 1)
            assert np.linalg.norm(place - start - share * segment) > collider.radius + 0.02 - 0.004


def test_a_teleport_carries_the_hair_along(humanoid: Callable[..., Model]) -> None:
    rig = Rig(with_hair(humanoid, stiffness=0.5, gravity_power=0.2))

    def jump(time_s: float) -> np.ndarray:
        return np.array([5.0 if time_s > 1 else 0.0, 0, 0])

    places = run(rig, Springs(rig), np.arange(0, 1.5, 1 / 30), jump)
    relative = places[:, -1] - places[:, 0]
    assert np.abs(np.diff(relative, axis=0)).max() < 0.01


def test_what_moves_with_its_center_is_not_felt(humanoid: Callable[..., Model]) -> None:
    def rush(time_s: float) -> np.ndarray:
        return np.array([2.0 * time_s**2, 0, 0])

    felt = []
    for center in (None, 0):
        rig = Rig(with_hair(humanoid, stiffness=0.4, center=center))
        places = run(rig, Springs(rig), np.arange(0, 1, 1 / 60), rush)
        relative = places[:, -1] - places[:, 0]
        felt.append(np.abs(relative - relative[0]).max())
    assert felt[0] > 0.05
    assert felt[1] < 0.002


def test_a_leaf_of_vrm_0_swings_its_seven_centimetres(humanoid: Callable[..., Model]) -> None:
    rig = Rig(with_hair(humanoid, away=(0.08, 0, 0), leaf=0.07, stiffness=0.0, gravity_power=1.0))
    springs = Springs(rig)
    assert springs.count == 4
    local = rig.local_matrices(np.tile([0, 0, 0, 1.0], (55, 1)), np.zeros(3))
    for time_s in np.arange(0, 4, 1 / 30):
        world = rig.hierarchy.world(local)
        springs.advance(float(time_s), local.copy(), world)
    assert world[FIRST + 3, :3, 0] @ [0, -1, 0] > 0.9


@pytest.mark.parametrize("power", [0.0, 50.0])
def test_wild_settings_and_long_gaps_never_give_nan(humanoid: Callable[..., Model], power: float) -> None:
    model = with_hair(humanoid, (Collider(FIRST, 0.5),), stiffness=40.0, gravity_power=power, drag=0.0)
    host = Host(model)
    for time_s in (0.0, 0.03, 0.5, 100.0, 99.0, 99.02, 1e6):
        assert np.isfinite(host.update(time_s).node_world).all()
