"""The VRM humanoid: joints from the base mesh's marker cubes, weights gathered from its rig, and the T-pose.

The base mesh stands with its arms lowered. Its limbs look best there, and that is how a presenter holds them, so the
T-pose is found backwards: each vertex is put where the blended joint matrices carry it exactly to its sculpted place
when the arms come down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .basemesh import BaseMesh

SIDES = {"left": ("l", "L"), "right": ("r", "R")}
FINGERS = {2: "Index", 3: "Middle", 4: "Ring", 5: "Little"}
PHALANGES = ("Proximal", "Intermediate", "Distal")
THUMB = ("Metacarpal", "Proximal", "Distal")

TRUNK = {
    # VRM bone: (parent, marker cube, bones of the base mesh's rig that become it)
    "hips": (None, "joint-pelvis", ["root", "spine05", "pelvis.L", "pelvis.R"]),
    "spine": ("hips", "joint-spine-3", ["spine04", "spine03"]),
    "chest": ("spine", "joint-spine-2", ["spine02"]),
    "upperChest": ("chest", "joint-spine-1", ["spine01", "breast.L", "breast.R"]),
    "neck": ("upperChest", "joint-neck", ["neck01", "neck02", "neck03"]),
    "head": ("neck", "joint-head", []),  # and every bone of the face
}


def limb_bones(side: str) -> dict[str, tuple[str, str, list[str]]]:
    """The same table for one side's arm, hand, leg and eye."""
    low, up = SIDES[side]
    table = {
        "Eye": ("head", f"joint-{low}-eye", [f"eye.{up}"]),
        "Shoulder": ("upperChest", f"joint-{low}-clavicle", [f"clavicle.{up}", f"shoulder01.{up}"]),
        "UpperArm": ("Shoulder", f"joint-{low}-shoulder", [f"upperarm01.{up}", f"upperarm02.{up}"]),
        "LowerArm": ("UpperArm", f"joint-{low}-elbow", [f"lowerarm01.{up}", f"lowerarm02.{up}"]),
        "Hand": ("LowerArm", f"joint-{low}-hand", [f"wrist.{up}"] + [f"metacarpal{i}.{up}" for i in range(1, 5)]),
        "UpperLeg": ("hips", f"joint-{low}-upper-leg", [f"upperleg01.{up}", f"upperleg02.{up}"]),
        "LowerLeg": ("UpperLeg", f"joint-{low}-knee", [f"lowerleg01.{up}", f"lowerleg02.{up}"]),
        "Foot": ("LowerLeg", f"joint-{low}-ankle", [f"foot.{up}"]),
        "Toes": (
            "Foot",
            f"joint-{low}-foot-1",
            [f"toe{i}-{j}.{up}" for i in range(1, 6) for j in range(1, 4) if (i, j) != (1, 3)],
        ),
    }
    for joint, part in enumerate(THUMB, 1):
        parent = "Hand" if joint == 1 else f"Thumb{THUMB[joint - 2]}"
        table[f"Thumb{part}"] = (parent, f"joint-{low}-finger-1-{joint}", [f"finger1-{joint}.{up}"])
    for finger, name in FINGERS.items():
        for joint, part in enumerate(PHALANGES, 1):
            parent = "Hand" if joint == 1 else f"{name}{PHALANGES[joint - 2]}"
            table[f"{name}{part}"] = (parent, f"joint-{low}-finger-{finger}-{joint}", [f"finger{finger}-{joint}.{up}"])
    trunk = set(TRUNK)
    return {
        side + name: (parent if parent in trunk else side + parent, cube, bones)
        for name, (parent, cube, bones) in table.items()
    }


@dataclass
class Skeleton:
    """Joints in T-pose. `positions` (J, 3) metres; `parents` -1 for the root; rest rotations are identity."""

    names: list[str]
    parents: list[int]
    positions: np.ndarray

    def index(self, name: str) -> int:
        return self.names.index(name)

    def add(self, name: str, parent: str, position: np.ndarray) -> int:
        """Append a joint below `parent`; returns its index."""
        self.names.append(name)
        self.parents.append(self.index(parent))
        self.positions = np.vstack([self.positions, position])
        return len(self.names) - 1


def rotation_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The smallest rotation, (3, 3), that turns direction `a` into direction `b` (Rodrigues)."""
    a = a / np.linalg.norm(a)
    b = b / np.linalg.norm(b)
    v = np.cross(a, b)
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + k + k @ k / (1 + a @ b)


def hand_rotation(
    wrist: np.ndarray, index: np.ndarray, middle: np.ndarray, little: np.ndarray, sign: float
) -> np.ndarray:
    """Rotation that lays a hand flat: middle finger along ±X, palm down. `sign` is +1 for the left hand."""
    along = middle - wrist
    across = index - little
    frame = np.stack([along, across - along * (across @ along) / (along @ along)])
    frame /= np.linalg.norm(frame, axis=1, keepdims=True)
    source = np.column_stack([frame[0], frame[1], np.cross(frame[0], frame[1])])
    x, z = np.array([sign, 0, 0]), np.array([0, 0, 1.0])
    return np.column_stack([x, z, np.cross(x, z)]) @ source.T


class TPose:
    """Carries a sculpted body into T-pose, with its skeleton and weights."""

    def __init__(self, mesh: BaseMesh, shape: np.ndarray) -> None:
        table = dict(TRUNK)
        for side in SIDES:
            table |= limb_bones(side)
        self.names = list(table)
        self.parents = [-1 if parent is None else self.names.index(parent) for parent, _, _ in table.values()]
        self.sculpted = np.array([self._marker(mesh, shape, cube) for _, cube, _ in table.values()])
        self.weights = self._gather(mesh, table)
        self.rotations = self._rotations()
        self.joints = self._posed_joints()

    @staticmethod
    def _marker(mesh: BaseMesh, shape: np.ndarray, cube: str) -> np.ndarray:
        first, last = mesh.groups[cube][0]
        return shape[first : last + 1].mean(0)

    def _gather(self, mesh: BaseMesh, table: dict) -> np.ndarray:
        weights = np.zeros((len(mesh.positions), len(self.names)))
        left = set(mesh.bone_weights)
        for index, (_, _, bones) in enumerate(table.values()):
            for bone in bones:
                weights[:, index] += mesh.bone_weights[bone]
                left.discard(bone)
        for bone in left:  # jaw, tongue, lips, brows: morph targets move them
            weights[:, self.names.index("head")] += mesh.bone_weights[bone]
        return weights / weights.sum(1, keepdims=True)

    def _at(self, name: str) -> np.ndarray:
        return self.sculpted[self.names.index(name)]

    def _rotations(self) -> np.ndarray:
        """(J, 3, 3) world rotations from the sculpted pose to the T-pose."""
        rotations = np.tile(np.eye(3), (len(self.names), 1, 1))
        for side, sign in (("left", 1.0), ("right", -1.0)):
            upper = self._at(f"{side}LowerArm") - self._at(f"{side}UpperArm")
            lower = self._at(f"{side}Hand") - self._at(f"{side}LowerArm")
            flat = np.array([sign, 0.0, 0.0])
            hand = hand_rotation(
                *(self._at(side + bone) for bone in ("Hand", "IndexProximal", "MiddleProximal", "LittleProximal")), sign
            )
            leg = self._at(f"{side}Foot") - self._at(f"{side}UpperLeg")
            straight = np.array([sign * 0.02, -1.0, leg[2] / abs(leg[1])])
            by_bone = {
                "UpperArm": rotation_between(upper, flat),
                "LowerArm": rotation_between(lower, flat),
                "UpperLeg": rotation_between(leg, straight),
                "LowerLeg": rotation_between(leg, straight),
            }
            for index, name in enumerate(self.names):
                bone = name.removeprefix(side)
                if name.startswith(side):
                    if bone in by_bone:
                        rotations[index] = by_bone[bone]
                    elif bone == "Hand" or bone.startswith(("Thumb", "Index", "Middle", "Ring", "Little")):
                        rotations[index] = hand
        return rotations

    def _posed_joints(self) -> np.ndarray:
        joints = self.sculpted.copy()
        for index, parent in enumerate(self.parents):
            if parent >= 0:
                joints[index] = joints[parent] + self.rotations[parent] @ (self.sculpted[index] - self.sculpted[parent])
        return joints

    def blend(self, weights: np.ndarray) -> np.ndarray:
        """(n, 4, 4) matrices that carry a T-pose vertex with these (n, J) weights to its sculpted place."""
        matrices = np.tile(np.eye(4), (len(self.names), 1, 1))
        inverse = np.swapaxes(self.rotations, 1, 2)
        matrices[:, :3, :3] = inverse
        matrices[:, :3, 3] = self.sculpted - np.einsum("jab,jb->ja", inverse, self.joints)
        return np.einsum("nj,jab->nab", weights, matrices)

    def to_rest(self, points: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(n, 3) T-pose places of sculpted points."""
        inverse = np.linalg.inv(self.blend(weights))
        return np.einsum("nab,nb->na", inverse[:, :3, :3], points) + inverse[:, :3, 3]

    def skeleton(self) -> Skeleton:
        return Skeleton(list(self.names), list(self.parents), self.joints.copy())
