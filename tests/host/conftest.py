"""A humanoid made from numbers, in whatever pose and naming a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightcast.gltf.meshes import sparse_target
from nightcast.gltf.records import Material, Mesh, Model, Node, Primitive, Skin
from nightcast.gltf.vrm_records import Vrm, VrmMeta
from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, PARENT

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
GESTURES = ROOT / "avatars" / "gestures"

#: Places of the T-pose, metres, of the middle and the left side.
_PLACES: dict[str, tuple[float, float, float]] = {
    "hips": (0, 0.95, 0),
    "spine": (0, 1.05, 0),
    "chest": (0, 1.15, 0),
    "upperChest": (0, 1.27, 0),
    "neck": (0, 1.42, -0.01),
    "head": (0, 1.50, 0),
    "jaw": (0, 1.52, 0.03),
    "Eye": (0.032, 1.58, 0.06),
    "UpperLeg": (0.09, 0.92, 0),
    "LowerLeg": (0.09, 0.50, 0.005),
    "Foot": (0.09, 0.08, -0.02),
    "Toes": (0.09, 0.02, 0.10),
    "Shoulder": (0.03, 1.38, 0),
    "UpperArm": (0.15, 1.38, 0),
    "LowerArm": (0.41, 1.38, -0.005),
    "Hand": (0.65, 1.38, 0),
}
_FINGER_Z = {"Thumb": 0.03, "Index": 0.025, "Middle": 0.005, "Ring": -0.012, "Little": -0.03}


def _place(bone: str) -> np.ndarray:
    side = 1.0 if bone.startswith("left") else -1.0
    bare = bone.removeprefix("left").removeprefix("right")
    if bare in _PLACES:
        x, y, z = _PLACES[bare]
        return np.array([x * side if bare != bone else x, y, z])
    for finger, z in _FINGER_Z.items():
        if bare.startswith(finger):
            joint = bare.removeprefix(finger)
            order = ["Proximal", "Intermediate", "Distal"]
            if finger == "Thumb":
                order = ["Metacarpal", "Proximal", "Distal"]
            start = 0.68 if finger == "Thumb" else 0.74
            return np.array([(start + 0.03 * order.index(joint)) * side, 1.38, z])
    raise KeyError(bone)


def make_humanoid(
    *,
    rename: Callable[[str], str] = str,
    without: Sequence[str] = (),
    a_pose_deg: float = 0.0,
    turn_deg: float = 0.0,
    scale: float = 1.0,
    targets: Sequence[str] = (),
    vrm: bool = False,
    extra_nodes: Sequence[Node] = (),
    vrm_extra: Mapping[str, Any] | None = None,
) -> Model:
    """A body with a tube of skin round each bone. `extra_nodes` come after the bones."""
    bones = [bone for bone in BONES if bone not in without]
    index = {bone: i for i, bone in enumerate(bones)}
    parents: list[int | None] = []
    for bone in bones:
        above = PARENT[bone]
        while above and above not in index:
            above = PARENT[above]
        parents.append(index[above] if above else None)
    places = {bone: _place(bone) for bone in bones}
    whole = quat.from_axis_angle([0, 1, 0], np.radians(turn_deg))
    nodes = []
    for i, bone in enumerate(bones):
        parent = parents[i]
        offset = places[bone] - (places[bones[parent]] if parent is not None else 0)
        rotation = quat.IDENTITY
        if bone.endswith("UpperArm"):
            down = -a_pose_deg if bone.startswith("left") else a_pose_deg
            rotation = quat.from_axis_angle([0, 0, 1], np.radians(down))
        if parent is None:
            offset, rotation = quat.rotate(whole, offset), quat.multiply(whole, rotation)
        children = tuple(k for k, above in enumerate(parents) if above == i)
        children += tuple(len(bones) + k for k, node in enumerate(extra_nodes) if node.parent == i)
        nodes.append(
            Node(
                rename(bone),
                parent,
                children,
                np.float32(offset * scale),
                np.float32(rotation),
                np.ones(3, np.float32),
            )
        )
    mesh_node = len(bones) + len(extra_nodes)
    mesh, skin = _skin(bones, places, targets, nodes, scale)
    body = Node("Body", None, (), np.zeros(3, np.float32), np.float32([0, 0, 0, 1]), np.ones(3, np.float32), 0, 0)
    data = Vrm(VrmMeta("1.0", "made up"), index, **(vrm_extra or {})) if vrm else None
    return Model(
        Path("humanoid.glb"),
        (*nodes, *extra_nodes, body),
        (0, mesh_node),
        (mesh,),
        (skin,),
        (Material("skin"),),
        vrm=data,
    )


def _skin(
    bones: list[str], places: dict[str, np.ndarray], targets: Sequence[str], nodes: list[Node], scale: float
) -> tuple[Mesh, Skin]:
    """A square tube of 2·r round the way from each bone's parent to the bone, moved by the parent."""
    from nightcast.gltf.hierarchy import Hierarchy, local_matrices

    world = Hierarchy(nodes).world(
        local_matrices(
            np.stack([n.translation for n in nodes]),
            np.stack([n.rotation for n in nodes]),
            np.stack([n.scale for n in nodes]),
        )
    )
    points, joints, faces = [], [], []
    for i, bone in enumerate(bones):
        start = places[bone]
        radius = 0.11 if bone in ("hips", "spine", "chest", "upperChest") else 0.09 if bone == "head" else 0.02
        length = 0.2 if bone == "head" else 0.08
        axis = np.array([0.0, 1.0, 0.0])
        if bone.endswith(("UpperArm", "LowerArm", "Hand")) or any(f in bone for f in _FINGER_Z):
            axis = np.array([np.sign(start[0]), 0.0, 0.0])
        if bone.endswith(("Leg", "Foot")):
            axis = np.array([0.0, -1.0, 0.0])
        side = np.array([0.0, 0.0, 1.0])
        other = np.cross(axis, side)
        first = len(points)
        for end in (0.0, length):
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
                points.append(start + axis * end + radius * (a * side + b * other) - places[bone])
                joints.append(i)
        quads = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (0, 3, 2, 1), (4, 5, 6, 7)]
        faces += [(first + a, first + b, first + c) for a, b, c, d in quads]
        faces += [(first + a, first + c, first + d) for a, b, c, d in quads]
    owner = np.array(joints)
    local = np.array(points) * scale
    turned = np.einsum("nij,nj->ni", world[owner, :3, :3], local) + world[owner, :3, 3]
    count = len(owner)
    nothing = np.zeros((count, 3), np.float32)
    shapes = []
    for k, name in enumerate(targets):
        moved = nothing.copy()
        moved[k % count] = [0, -0.01, 0]
        shapes.append(sparse_target(name, moved, nothing))
    primitive = Primitive(
        positions=turned.astype(np.float32),
        normals=np.tile(np.float32([0, 0, 1]), (count, 1)),
        indices=np.array(faces, np.uint32).reshape(-1),
        joints=np.column_stack([owner, np.zeros((count, 3))]).astype(np.uint16),
        weights=np.tile(np.float32([1, 0, 0, 0]), (count, 1)),
        material=0,
        targets=tuple(shapes),
    )
    mesh = Mesh("Body", (primitive,), np.zeros(len(targets), np.float32), tuple(targets))
    return mesh, Skin("skin", tuple(range(len(bones))), np.linalg.inv(world).astype(np.float32))


@pytest.fixture(scope="session")
def humanoid() -> Callable[..., Model]:
    return make_humanoid


@pytest.fixture(scope="session")
def gestures_folder() -> Path:
    return GESTURES


@pytest.fixture(scope="session")
def own_host() -> Path:
    return ROOT / "avatars" / "lan" / "host.vrm"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Path]:
    """Path of a sample file, or skip."""

    def find(name: str) -> Path:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"sample {name} is not here")
        return path

    return find
