"""Who wears it: the host's anchors, and the shape of the body in its T-pose. Host space, metres. No GL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.anchors import Anchors, find_anchors
from nightcast.host.bones import BONES, INDEX
from nightcast.host.rig import Rig
from nightcast.host.surface import Surface, across, gather, hull_length
from nightcast.tryon.product import F64

__all__ = ["Wearer"]

_ARMS_DOWN_DEG = 72.0
#: Our hosts' is off by less than 0.75 mm, a pixel of a face before a camera, and a third of all triangles.
_OUTLINE_LEVEL = 2
_RING_AT = 0.62  #: of the way from a finger's knuckle to its next joint


@dataclass(frozen=True)
class Wearer:
    """A body with its places. What is read from its surface is worked out when first asked for."""

    rig: Rig
    anchors: Anchors

    @classmethod
    def of(cls, rig: Rig, given: Mapping[str, tuple[str, Sequence[float]]] | None = None) -> Wearer:
        """`given` are anchors by name, as for `find_anchors`."""
        return cls(rig, find_anchors(rig, given))

    @cached_property
    def skin(self) -> Surface:
        """All that is drawn of the body but hair and what is worn on a head."""
        return self.rig.surface(with_hair=False)

    @cached_property
    def outline(self) -> Surface:
        """Skin, eyes and neck, to hide what is behind them: coarse where the model has levels of detail."""
        return self.rig.surface(with_hair=False, level=_OUTLINE_LEVEL).of(self.rig.below("neck")).alone()

    @cached_property
    def torso(self) -> Surface:
        """Neck, chest and arms, and the clothes on them, with the arms hanging: they pull at collar and shoulders."""
        pose = np.tile(quat.IDENTITY, (len(BONES), 1))
        for side, sign in (("left", -1.0), ("right", 1.0)):
            lowered = np.radians(sign * _ARMS_DOWN_DEG)
            pose[INDEX[f"{side}UpperArm"]] = quat.from_axis_angle([0, 0, 1], lowered)
        local = self.rig.local_matrices(pose, np.zeros(3))
        standing = gather(self.rig.model, self.rig.hierarchy.world(local), with_hair=False)
        return standing.of(self.rig.below("spine") - self.rig.below("head"))

    def bone(self, name: str) -> F64:
        """(3,) where a bone begins."""
        place: F64 = self.rig.places[INDEX[name]]
        return place

    def head_middle(self, height_m: float) -> F64:
        """(3,) the middle of the skull at this height of the T-pose."""
        corners = self.skin.of(self.rig.below("head")).corners
        near = corners[np.abs(corners[:, 1] - height_m) < 0.012]
        if not len(near):
            middle: F64 = self.anchors["head"].rest[:3, 3].copy()
            middle[1] = height_m
            return middle
        return np.array([near[:, 0].min() + near[:, 0].max(), 2 * height_m, near[:, 2].min() + near[:, 2].max()]) / 2

    def finger(self, side: str, finger: str) -> Finger | None:
        """A finger's first segment, where a ring sits; None for a hand without fingers."""
        names = (f"{side}{finger.title()}Proximal", f"{side}{finger.title()}{_NEXT.get(finger, 'Intermediate')}")
        if not all(name in self.rig.bones for name in names):
            return None
        start, end = (self.bone(name) for name in names)
        along = (end - start) / np.linalg.norm(end - start)
        middle = start + _RING_AT * (end - start)
        cut = self.skin.of(self.rig.below(names[0])).cut(middle, along)
        if len(cut) < 6:
            return Finger(middle, along, self.anchors.limbs.ring_finger_mm)
        return Finger((cut.min(axis=0) + cut.max(axis=0)) / 2, along, 1000 * hull_length(across(cut, along)))


@dataclass(frozen=True, eq=False)
class Finger:
    """Where a ring sits: the middle (3,) of the finger there, its way (3,) to the tip, and its girth."""

    middle: F64
    along: F64
    girth_mm: float


#: A thumb has no intermediate bone.
_NEXT = {"thumb": "Distal"}
