"""A model's body as the humanoid of VRM, whatever its rig: which node is which bone, and how a pose reaches it.

Poses are written in VRM's normalised space: every bone's rotation is relative to the T-pose, about axes
that are those of host space (left hand +X, up +Y, face +Z). `Rig` brings any model there once, at load:
turned to face +Z, feet on the floor, in metres, A-poses raised to a T-pose. Lengths in metres, host space.
"""

from __future__ import annotations

import numpy as np

from nightcast.gltf.hierarchy import Hierarchy, local_matrices
from nightcast.gltf.records import F32, Model
from nightcast.host import quaternion as quat
from nightcast.host.bones import BONES, ESSENTIAL, INDEX, PARENT, find_bones
from nightcast.host.errors import RigError
from nightcast.host.quaternion import F64
from nightcast.host.surface import Surface, gather

#: A body of another height than this is taken to be in other units.
_HEIGHT_M = (0.4, 3.0)

#: Bones whose turn may be handed to the next bone above where a rig lacks them.
_FOLDED = ("chest", "upperChest", "neck")


class Rig:
    """Bones of a model and the rest of its T-pose. Immutable after construction."""

    def __init__(self, model: Model, height_m: float | None = None) -> None:
        self.model = model
        self.warnings: list[str] = []
        self.bones: dict[str, int] = _find(model)
        missing = tuple(bone for bone in ESSENTIAL if bone not in self.bones)
        if missing:
            raise RigError(model.path, missing)
        self.hierarchy = Hierarchy(model.nodes)
        self.translation = np.stack([node.translation for node in model.nodes]).astype(np.float64)
        self.rotation = np.stack([node.rotation for node in model.nodes]).astype(np.float64)
        self.scale = np.stack([node.scale for node in model.nodes]).astype(np.float64)
        self._roots = [i for i, node in enumerate(model.nodes) if node.parent is None]
        self._leave_out_flat_bones()
        self._stand_up()
        self._place_in_host_space(height_m)
        if model.vrm is None:
            self._raise_to_t_pose()
        self._bind()
        fingers = ("Metacarpal", "Proximal", "Intermediate", "Distal")
        missing = tuple(bone for bone in BONES if bone not in self.bones and bone != "jaw")
        body = [bone for bone in missing if not bone.endswith(fingers)]
        if body:
            self.warnings.append(f"its rig has no {', '.join(body)}")
        if len(missing) > len(body):
            self.warnings.append(f"its rig lacks {len(missing) - len(body)} of 30 finger bones")

    @property
    def node_count(self) -> int:
        return len(self.model.nodes)

    # ---- at load

    def _world(self) -> F64:
        local = local_matrices(self.translation, self.rotation, self.scale)  # type: ignore[arg-type]
        return self.hierarchy.world(local).astype(np.float64)

    def _at(self, world: F64, bone: str) -> F64:
        place: F64 = world[self.bones[bone], :3, 3]
        return place

    def _leave_out_flat_bones(self) -> None:
        """A bone that is scaled to nothing cannot be turned; the body can do without some. Raises RigError."""
        linear = self._world()[list(self.bones.values()), :3, :3]
        largest = np.linalg.norm(linear, axis=1).max(axis=1)
        share = np.abs(np.linalg.det(linear)) / np.maximum(largest, 1e-30) ** 3
        flat = tuple(bone for bone, left in zip(self.bones, share, strict=True) if left < 1e-6)
        essential = tuple(bone for bone in flat if bone in ESSENTIAL)
        if essential:
            raise RigError(self.model.path, (), essential)
        if flat:
            self.warnings.append(f"it scales {', '.join(flat)} to nothing")
        self.bones = {bone: node for bone, node in self.bones.items() if bone not in flat}

    def _stand_up(self) -> None:
        """Turn a body that lies, as in files whose up is another axis, or stands on its head."""
        world = self._world()
        spine = self._at(world, "head") - self._at(world, "hips")
        axis = int(np.argmax(np.abs(spine)))
        along = np.eye(3)[axis] * (1.0 if spine[axis] >= 0 else -1.0)
        if along[1] < 1 and np.abs(spine).max() > 1e-6:
            self.warnings.append(f"it lay along {'-' if along.sum() < 0 else ''}{'XYZ'[axis]} and was stood up")
            self._move_roots(quat.between(along, np.array([0.0, 1.0, 0.0])), 1.0, np.zeros(3))

    def _place_in_host_space(self, height_m: float | None) -> None:
        """Turn, scale and lift the root nodes so that the body faces +Z, is in metres, and stands on the floor."""
        world = self._world()
        legs = ("leftUpperLeg", "rightUpperLeg")
        pair = legs if all(leg in self.bones for leg in legs) else ("leftUpperArm", "rightUpperArm")
        left = self._at(world, pair[0]) - self._at(world, pair[1])
        heading = np.arctan2(-left[2], left[0])
        if abs(np.degrees(heading)) > 20:
            self.warnings.append(f"it was turned by {np.degrees(-heading):.0f}° to face +Z")
            self._move_roots(quat.from_axis_angle([0, 1, 0], -heading), 1.0, np.zeros(3))
        low, high = self._extent()
        height = high[1] - low[1]
        if height_m is not None:
            self._move_roots(quat.IDENTITY, height_m / height, np.zeros(3))
            low, high = low * height_m / height, high * height_m / height
        elif not _HEIGHT_M[0] <= height <= _HEIGHT_M[1]:
            scale = next((s for s in (0.01, 0.0254, 0.001, 100.0, 10.0) if 1.0 <= height * s <= 2.3), 1.7 / height)
            self.warnings.append(f"it is {height:.4g} m tall and was scaled by {scale:.4g}")
            self._move_roots(quat.IDENTITY, scale, np.zeros(3))
            low, high = low * scale, high * scale
        if "leftFoot" in self.bones:
            self._move_roots(quat.IDENTITY, 1.0, np.array([0.0, -low[1], 0.0]))

    def _move_roots(self, turn: F64, scale: float, shift: F64) -> None:
        for i in self._roots:
            self.translation[i] = quat.rotate(turn, self.translation[i]) * scale + shift
            self.rotation[i] = quat.multiply(turn, self.rotation[i])
            self.scale[i] *= scale

    def _extent(self) -> tuple[F64, F64]:
        points = np.concatenate([self.surface().points, self._world()[list(self.bones.values()), :3, 3]])
        low, high = points.min(axis=0), points.max(axis=0)
        return low, np.maximum(high, low + 1e-6)

    def surface(self, with_hair: bool = True, level: int = 0) -> Surface:
        """All drawn triangles in the T-pose, at a level of detail."""
        return gather(self.model, self._world().astype(np.float32), with_hair, level)

    def below(self, *bones: str) -> set[int]:
        """The nodes of these bones and all that hangs on them."""
        found = {self.bones[bone] for bone in bones if bone in self.bones}
        for level in self.hierarchy.levels[1:]:
            found.update(int(i) for i in level if int(self.hierarchy.parents[i]) in found)
        return found

    def _raise_to_t_pose(self) -> None:
        """Turn the arms of an A-pose until they point sideways, palms down, as VRM's T-pose has them."""
        for side, out in (("left", 1.0), ("right", -1.0)):
            for bone, tip in (("UpperArm", "LowerArm"), ("LowerArm", "Hand")):
                world = self._world()
                along = self._at(world, side + tip) - self._at(world, side + bone)
                length = np.linalg.norm(along)
                if length < 1e-6:
                    continue
                turn = quat.between(along / length, np.array([out, 0.0, 0.0]))
                if quat.angle_deg(turn) > 3:
                    self._turn_in_world(self.bones[side + bone], turn)
            self._turn_palm_down(side, out)

    def _turn_palm_down(self, side: str, out: float) -> None:
        index, little = f"{side}IndexProximal", f"{side}LittleProximal"
        if index not in self.bones or little not in self.bones:
            return
        world = self._world()
        across = self._at(world, index) - self._at(world, little)
        angle = np.arctan2(-across[1], across[2])  # about +X, from where the thumb's side is to +Z
        if abs(np.degrees(angle)) > 20:
            half = quat.from_axis_angle([1, 0, 0], -angle / 2)
            self._turn_in_world(self.bones[f"{side}LowerArm"], half)
            self._turn_in_world(self.bones[f"{side}Hand"], half)

    def _turn_in_world(self, node: int, turn: F64) -> None:
        above = (
            self._world_rotation()[self.hierarchy.parents[node]] if self.hierarchy.parents[node] >= 0 else quat.IDENTITY
        )
        local = quat.multiply(quat.multiply(quat.inverse(above), turn), above)
        self.rotation[node] = quat.normalised(quat.multiply(local, self.rotation[node]))

    def _world_rotation(self) -> F64:
        """(n, 4) rotation of each node in host space; scale apart."""
        rotation = self.rotation.copy()
        for level in self.hierarchy.levels[1:]:
            rotation[level] = quat.multiply(rotation[self.hierarchy.parents[level]], self.rotation[level])
        return rotation

    def _bind(self) -> None:
        """Lay down what `apply` and the body's kinematics need."""
        world, rotation = self._world(), self._world_rotation()
        self.rest_world: F64 = world
        self.rest_world_rotation: F64 = rotation
        present = [bone for bone in BONES if bone in self.bones]
        self._bone_rows = np.array([INDEX[bone] for bone in present])
        self.bone_nodes = np.array([self.bones[bone] for bone in present])
        parents = self.hierarchy.parents[self.bone_nodes]
        above = np.where(parents[:, None] >= 0, rotation[parents], quat.IDENTITY)
        self._before = quat.inverse(above)
        self._after = quat.multiply(above, self.rotation[self.bone_nodes])
        self._turn_before = quat.to_matrix(self._before)
        self._turn_after = quat.to_matrix(self._after) * self.scale[self.bone_nodes, None, :]
        self._folds = [
            (INDEX[bone], INDEX[self.present_parent(bone)]) for bone in reversed(_FOLDED) if bone not in self.bones
        ]
        hips = self.bones["hips"]
        parent = self.hierarchy.parents[hips]
        self._hips_from_host = np.linalg.inv(world[parent])[:3, :3] if parent >= 0 else np.eye(3)
        #: (55, 3) T-pose places of the bones; a missing bone stands where the next present one above it does.
        self.places: F64 = np.zeros((len(BONES), 3))
        for i, bone in enumerate(BONES):
            self.places[i] = self._at(world, bone) if bone in self.bones else self.places[INDEX[PARENT[bone]]]
        self.rest_local: F32 = local_matrices(self.translation, self.rotation, self.scale).astype(np.float32)  # type: ignore[arg-type]

    def present_parent(self, bone: str) -> str:
        """The next bone above that the rig has."""
        above = PARENT[bone]
        while above not in self.bones:
            above = PARENT[above]
        return above

    # ---- each frame

    def local_rotations(self, pose: F64) -> F64:
        """Local rotations (nodes, 4) for a normalised pose (55, 4)."""
        rotation = self.rotation.copy()
        turned = quat.multiply(quat.multiply(self._before, self._of_present_bones(pose)), self._after)
        rotation[self.bone_nodes] = turned
        return rotation

    def local_matrices(self, pose: F64, hips_shift: F64) -> F32:
        """Local matrices (nodes, 4, 4) float32 for a normalised pose (55, 4).

        The hips are moved by `hips_shift` (3,) metres in host space.
        """
        local = self.rest_local.copy()
        turns = quat.to_matrix(self._of_present_bones(pose))
        local[self.bone_nodes, :3, :3] = self._turn_before @ turns @ self._turn_after
        local[self.bones["hips"], :3, 3] += self._hips_from_host @ hips_shift
        return local

    def _of_present_bones(self, pose: F64) -> F64:
        """Rotations (bones of the rig, 4) of a pose (55, 4), with the turns of missing bones handed on."""
        for missing, above in self._folds:
            pose = pose.copy()
            pose[above] = quat.multiply(pose[above], pose[missing])
        present: F64 = pose[self._bone_rows]
        return present


def _find(model: Model) -> dict[str, int]:
    if model.vrm is not None:
        return dict(model.vrm.bones)
    names = [node.name if node.mesh is None else "" for node in model.nodes]
    return find_bones(names)
