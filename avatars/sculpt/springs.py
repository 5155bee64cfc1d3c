"""Spring chains and colliders, as VRMC_springBone-1.0 wants them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .skeleton import Skeleton


@dataclass(frozen=True)
class Chain:
    """A swinging chain of joints, root first; the last joint is only an end point."""

    name: str
    joints: tuple[str, ...]
    stiffness: float
    drag: float
    gravity: float
    hit_radius_m: float


@dataclass(frozen=True)
class Collider:
    """A sphere or, with a tail, a capsule, fixed to a bone; places are in metres from the bone's joint."""

    bone: str
    offset: tuple[float, float, float]
    radius_m: float
    tail: tuple[float, float, float] | None = None


def colliders(skeleton: Skeleton) -> list[Collider]:
    """Head, neck, chest and shoulders, sized from the skeleton."""
    at = {
        name: skeleton.positions[skeleton.index(name)]
        for name in ("head", "neck", "leftEye", "leftUpperArm", "upperChest")
    }
    eye = at["leftEye"] - at["head"]
    shoulder = at["leftUpperArm"] - at["upperChest"]
    return [
        Collider("head", (0.0, float(eye[1]) + 0.035, float(eye[2]) - 0.075), 0.098),
        Collider("head", (0.0, float(eye[1]) - 0.035, float(eye[2]) - 0.055), 0.078),
        Collider("neck", (0.0, 0.0, 0.0), 0.056, (0.0, float(at["head"][1] - at["neck"][1]), 0.015)),
        Collider(
            "upperChest",
            (-float(shoulder[0]) + 0.02, float(shoulder[1]) - 0.03, float(shoulder[2])),
            0.062,
            (float(shoulder[0]) - 0.02, float(shoulder[1]) - 0.03, float(shoulder[2])),
        ),
        Collider("upperChest", (0.0, -0.02, 0.02), 0.115),
    ]


def spring_block(chains: list[Chain], nodes: list[int], skeleton: Skeleton) -> dict:
    """The VRMC_springBone object; `nodes` are the node indices of the skeleton's joints."""
    shapes = []
    for c in colliders(skeleton):
        if c.tail is None:
            shape = {"sphere": {"offset": list(c.offset), "radius": c.radius_m}}
        else:
            shape = {"capsule": {"offset": list(c.offset), "radius": c.radius_m, "tail": list(c.tail)}}
        shapes.append({"node": nodes[skeleton.index(c.bone)], "shape": shape})
    springs = []
    for chain in chains:
        springs.append(
            {
                "name": chain.name,
                "joints": [
                    {
                        "node": nodes[skeleton.index(joint)],
                        "hitRadius": chain.hit_radius_m,
                        "stiffness": chain.stiffness,
                        "gravityPower": chain.gravity,
                        "gravityDir": [0, -1, 0],
                        "dragForce": chain.drag,
                    }
                    for joint in chain.joints
                ],
                "colliderGroups": [0],
            }
        )
    return {
        "specVersion": "1.0",
        "colliders": shapes,
        "colliderGroups": [{"name": "body", "colliders": list(range(len(shapes)))}],
        "springs": springs,
    }


def add_chain(skeleton: Skeleton, name: str, parent: str, points: np.ndarray) -> tuple[str, ...]:
    """Append joints along (k, 3) points below `parent`; returns their names."""
    names = []
    for number, point in enumerate(points):
        joint = f"{name}_{number}"
        skeleton.add(joint, parent if number == 0 else names[-1], point)
        names.append(joint)
    return tuple(names)
