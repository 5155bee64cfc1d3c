"""Node constraints after VRMC_node_constraint-1.0: a twist bone that rolls with its hand, an eye that aims.

https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_node_constraint-1.0
"""

from __future__ import annotations

import numpy as np

from nightcast.gltf.records import F32
from nightcast.gltf.vrm_records import Constraint
from nightcast.host import quaternion as quat
from nightcast.host.quaternion import F64
from nightcast.host.rig import Rig

_AXES = {"X": np.array([1.0, 0, 0]), "Y": np.array([0, 1.0, 0]), "Z": np.array([0, 0, 1.0])}


class Constraints:
    """The constraints of one model, in the order in which they depend on each other."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        vrm = rig.model.vrm
        self._constraints: tuple[Constraint, ...] = () if vrm is None else vrm.constraints

    def __len__(self) -> int:
        return len(self._constraints)

    def apply(self, pose: F64, local: F32, world: F32) -> F32:
        """Turn the constrained nodes in `local`, of a body in `pose` (55, 4); returns the new world matrices."""
        if not self._constraints:
            return world
        rotation = self._rig.local_rotations(pose)
        for constraint in self._constraints:
            turned = self._turned(constraint, rotation, world)
            rest = self._rig.rotation[constraint.node]
            rotation[constraint.node] = quat.slerp(rest, turned, constraint.weight)
            scale = self._rig.scale[constraint.node]
            local[constraint.node, :3, :3] = quat.to_matrix(rotation[constraint.node]) * scale
            if constraint.kind == "aim":
                world = self._rig.hierarchy.world(local)
        return self._rig.hierarchy.world(local)

    def _turned(self, constraint: Constraint, rotation: F64, world: F32) -> F64:
        """Local rotation (4,) of the constrained node at full weight."""
        node, source = constraint.node, constraint.source
        rest = self._rig.rotation[node]
        if constraint.kind == "aim":
            return self._aimed(constraint, rest, world)
        source_rest = self._rig.rotation[source]
        change = quat.multiply(quat.inverse(source_rest), rotation[source])
        if constraint.kind == "rotation":
            return quat.multiply(rest, change)
        axis = _AXES[constraint.axis]
        # The source's turn as seen from the constrained node's own rest, of which only the roll is taken.
        in_parent = quat.multiply(quat.multiply(source_rest, change), quat.inverse(source_rest))
        in_node = quat.multiply(quat.multiply(quat.inverse(rest), in_parent), rest)
        return quat.multiply(rest, quat.twist(in_node, axis))

    def _aimed(self, constraint: Constraint, rest: F64, world: F32) -> F64:
        node = constraint.node
        parent = self._rig.hierarchy.parents[node]
        sign = 1.0 if constraint.axis.startswith("Positive") else -1.0
        axis = _AXES[constraint.axis[-1]] * sign
        turn = _rotation_of(world[parent]) if parent >= 0 else quat.IDENTITY
        at_rest = quat.multiply(turn, rest)
        offset = (world[constraint.source, :3, 3] - world[node, :3, 3]).astype(np.float64)
        distance = float(np.linalg.norm(offset))
        if distance < 1e-9:
            return rest
        swing = quat.between(quat.rotate(at_rest, axis), offset / distance)
        return quat.multiply(quat.multiply(quat.multiply(quat.inverse(turn), swing), turn), rest)


def _rotation_of(matrix: F32) -> F64:
    linear = matrix[:3, :3].astype(np.float64)
    return quat.from_matrix(linear / np.maximum(np.linalg.norm(linear, axis=0), 1e-12))
