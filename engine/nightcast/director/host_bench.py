"""What a frame of the host costs on this processor, without drawing it: the figures behind `nightcast bench host`.

Pose, gaze, face, IK and springs of a host that speaks, gestures and stands behind a counter. A heavy avatar is made of
the show's own one by more chains of hair, until its skeleton has 300 joints, all of them swung beside colliders.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nightcast.gltf import load
from nightcast.gltf.records import Model, Node
from nightcast.gltf.vrm_records import Spring, SpringJoint
from nightcast.host import Counter, Host
from nightcast.host.performance import load_motions
from nightcast.host.posture import load_postures
from nightcast.show import Show

__all__ = ["HostFigures", "crowded", "measure_host_update"]

JOINTS = 300
_CHAIN = 6
_FPS, _FRAMES, _WARM_UP = 30, 900, 60
_STILL = np.array([0, 0, 0, 1], np.float32)


@dataclass(frozen=True)
class HostFigures:
    """Milliseconds of one thread for each frame, at 30 frames a second."""

    avatar: str
    joints: int  #: of the skeleton
    swinging: int  #: of them moved by springs
    frames: int
    update_p50_ms: float
    update_p95_ms: float


def measure_host_update(script: Path) -> list[HostFigures]:
    """The show's host as it is, and with 300 joints.

    Raises ShowError, ModelError or HostError where show, file or body cannot be used.
    """
    show = Show.load(script)
    model = load(show.path(show.avatar_file, show.avatar.worn_model))
    name = show.avatar_file.parent.name
    avatars = show.root / "avatars"
    return [_measure(name, model, avatars), _measure(f"{name}, more hair", crowded(model, JOINTS), avatars)]


def crowded(model: Model, joints: int) -> Model:
    """The model with chains of hair added to its head until it has at least so many nodes that are not meshes."""
    assert model.vrm is not None, "only a VRM has springs"
    head = model.vrm.bones["head"]
    nodes, springs = list(model.nodes), list(model.vrm.springs)
    chains = max(-(-(joints - _skeleton(model)) // _CHAIN), 0)
    for chain in range(chains):
        turn = 2 * np.pi * chain / chains
        first = len(nodes)
        for k in range(_CHAIN):
            at = np.array([0.1 * np.sin(turn), 0.12, 0.1 * np.cos(turn)] if k == 0 else [0, -0.05, 0], np.float32)
            children = (first + k + 1,) if k < _CHAIN - 1 else ()
            nodes.append(
                Node(
                    f"more_{chain}_{k}", head if k == 0 else first + k - 1, children, at, _STILL, np.ones(3, np.float32)
                )
            )
        nodes[head] = replace(nodes[head], children=(*nodes[head].children, first))
        swung = tuple(SpringJoint(first + k, stiffness=1.0, gravity_power=0.1, drag=0.4) for k in range(_CHAIN))
        springs.append(Spring(f"more_{chain}", swung, colliders=tuple(range(len(model.vrm.colliders)))))
    return replace(model, nodes=tuple(nodes), vrm=replace(model.vrm, springs=tuple(springs)))


def _skeleton(model: Model) -> int:
    return sum(node.mesh is None and not node.name.startswith("anchor_") for node in model.nodes)


def _measure(name: str, model: Model, avatars: Path) -> HostFigures:
    host = Host(model, load_motions(avatars / "gestures"), postures=load_postures(avatars / "postures"), seed=1)
    host.stand_behind(Counter(0.92, 0.09))
    host.look_at((0.0, 1.5, 2.0), 0.0)
    shapes = ("PP", "aa", "SS", "ou", "E")
    keys = [(0.08 * k, shapes[k % 5], 1.0) for k in range(_FRAMES * 12 // 30)]
    words = [(0.4 * k, 0.4 * k + 0.3, "wonderful") for k in range(_FRAMES * 5 // 60)]
    host.speak(1.0, keys, words, _FRAMES / _FPS)
    host.express("happy", 1.0)
    for k, gesture in enumerate(("present", "heart", "clap", "point", "hold_up")):
        host.gesture(gesture, 4.0 + 5 * k, (-0.4, 1.0, 0.4) if gesture in ("present", "point") else None)
    took_ms = []
    for frame in range(_WARM_UP + _FRAMES):
        began_s = time.thread_time()
        host.update(frame / _FPS)
        took_ms.append(1000 * (time.thread_time() - began_s))
    p50_ms, p95_ms = np.percentile(took_ms[_WARM_UP:], [50, 95])
    return HostFigures(
        avatar=name,
        joints=_skeleton(model),
        swinging=0 if model.vrm is None else sum(len(spring.joints) for spring in model.vrm.springs),
        frames=_FRAMES,
        update_p50_ms=round(float(p50_ms), 2),
        update_p95_ms=round(float(p95_ms), 2),
    )
