"""Eyeballs that stay on a target however the head moves: by their bones, or by the avatar's look shapes.

VRM's look-at range maps say how far eyes turn that are no balls: painted on the face, or set far before their bone.
Many files keep such a map (90° in, 10° to 30° out) although their eyeballs are balls, and a ball looks only where it
is turned: there the map is taken for the limit that it sets, and within it the eye is on its target. Angles in
degrees in the head's frame of the T-pose; yaw positive to the host's left, pitch positive upwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.vrm_records import LookAt, RangeMap
from nightcast.host import quaternion as quat
from nightcast.host.body import SIDES
from nightcast.host.bones import INDEX
from nightcast.host.gaze import direction_deg
from nightcast.host.quaternion import F64
from nightcast.host.recipes import LOOK_DEG
from nightcast.host.rig import Rig

#: How far an eye turns in its socket, inwards, outwards, up and down.
_INNER_DEG, _OUTER_DEG, _UP_DEG, _DOWN_DEG = 38.0, 36.0, 24.0, 28.0

#: The lids go along when the eyes look down: by this share at 25°.
_LID_SHARE, _LID_DEG = 0.34, 25.0

#: An eye is a ball if so many points, at least, are at one distance from its bone, give or take this share.
_BALL_POINTS, _BALL_SPREAD = 40, 0.12


@dataclass(frozen=True)
class Look:
    """What the eyes do at a moment."""

    look_left: float  #: -1..1 for look shapes
    look_up: float
    lids: float  #: share by which the lids follow a look down


class Eyes:
    """The eyes of one rig. `by_shape` says that look shapes turn the eyeballs, not bones."""

    def __init__(self, rig: Rig, has_look_shapes: bool) -> None:
        self._places = rig.places
        look_at = None if rig.model.vrm is None else rig.model.vrm.look_at
        has_bones = all(f"{side}Eye" in rig.bones for side in SIDES)
        wants_shapes = look_at is not None and look_at.kind == "expression"
        self.by_shape = has_look_shapes and (wants_shapes or not has_bones)
        self.by_bone = has_bones and not self.by_shape
        self._lids_by_shape = has_look_shapes and rig.model.vrm is None
        self._look_at = look_at
        self._rows = [INDEX[f"{side}Eye"] for side in SIDES]
        self._is_ball = self.by_bone and look_at is not None and all(_is_ball(rig, side) for side in SIDES)
        self._from_head = self._offset_from_head(rig, look_at)

    def _offset_from_head(self, rig: Rig, look_at: LookAt | None) -> F64:
        """From the head bone to between the eyes, in the T-pose."""
        head = self._places[INDEX["head"]]
        if all(f"{side}Eye" in rig.bones for side in SIDES):
            middle: F64 = self._places[self._rows].mean(axis=0) - head
            return middle
        if look_at is not None:
            turn = rig.rest_world_rotation[rig.bones["head"]]
            return quat.rotate(turn, np.array(look_at.offset_from_head))
        height = float(rig.surface().points[:, 1].max(initial=head[1] + 0.2) - head[1])
        return np.array([0.0, 0.45 * height, 0.35 * height])

    @property
    def reach(self) -> float:
        """The share of an angle by which the eyes turn, 0.1..1; less than 1 where VRM's range maps lessen it."""
        if self._look_at is None or not self.by_bone or self._is_ball:
            return 1.0
        spans = (self._look_at.horizontal_outer, self._look_at.horizontal_inner)
        return min(max(min(_mapped(10.0, span) / 10.0 for span in spans), 0.1), 1.0)

    def middle(self, places: F64, turns: F64) -> F64:
        """The point (3,) between the eyes for a body posed so."""
        row = INDEX["head"]
        place: F64 = places[row] + turns[row] @ self._from_head
        return place

    def aim(self, pose: F64, places: F64, turns: F64, target: F64) -> Look:
        """Turn the eyes in `pose` towards `target` (3,), and say what shapes and lids do."""
        head = turns[INDEX["head"]]
        middle = direction_deg(head.T @ (target - self.middle(places, turns)))
        if self.by_bone:
            angles = []
            for row, side in zip(self._rows, (1.0, -1.0), strict=True):
                yaw, pitch = direction_deg((target - places[row]) @ head).tolist()
                angles.append((-self._pitch(pitch), self._yaw(yaw, side), 0.0))
            pose[self._rows] = quat.from_euler_deg(angles)
        yaw, pitch = float(middle[0]), float(middle[1])
        lids = _LID_SHARE * min(max(-pitch, 0.0) / _LID_DEG, 1.0)
        if self.by_bone:
            # Look shapes, where there are any, have been kept off the eyeballs and move the lids as they
            # should.
            return Look(_share(yaw), _share(pitch), 0.0) if self._lids_by_shape else Look(0.0, 0.0, lids)
        if not self.by_shape:
            return Look(0.0, 0.0, lids)
        if self._look_at is not None and self._look_at.kind == "expression":
            left = np.sign(yaw) * _mapped(abs(yaw), self._look_at.horizontal_outer)
            up = (
                _mapped(pitch, self._look_at.vertical_up)
                if pitch > 0
                else -_mapped(-pitch, self._look_at.vertical_down)
            )
            return Look(float(left), float(up), lids)
        return Look(_share(yaw), _share(pitch), 0.0)

    def _yaw(self, yaw: float, side: float) -> float:
        """`side` is +1 for the left eye, whose outer side is at positive yaw."""
        outward = yaw * side > 0
        if self._look_at is not None:
            span = self._look_at.horizontal_outer if outward else self._look_at.horizontal_inner
            return math.copysign(self._turned(abs(yaw), span), yaw)
        limit = _OUTER_DEG if outward else _INNER_DEG
        return min(max(yaw, -limit), limit)

    def _pitch(self, pitch: float) -> float:
        if self._look_at is not None:
            if pitch > 0:
                return self._turned(pitch, self._look_at.vertical_up)
            return -self._turned(-pitch, self._look_at.vertical_down)
        return min(max(pitch, -_DOWN_DEG), _UP_DEG)

    def _turned(self, angle_deg: float, span: RangeMap) -> float:
        return min(angle_deg, span.output_scale) if self._is_ball else _mapped(angle_deg, span)


def _is_ball(rig: Rig, side: str) -> bool:
    """Whether what an eye's bone carries lies evenly round it, as the skin of a ball does."""
    surface = rig.surface()
    points = surface.points[surface.owners == rig.bones[f"{side}Eye"]]
    if len(points) < _BALL_POINTS:
        return False
    radii = np.linalg.norm(points - rig.places[INDEX[f"{side}Eye"]], axis=1)
    return bool(radii.std() < _BALL_SPREAD * radii.mean())


def _mapped(angle_deg: float, span: RangeMap) -> float:
    """VRMC_vrm-1.0/lookAt.md: the input is clamped, then scaled; a span without input is full at once."""
    if span.input_max_deg <= 0:
        return span.output_scale if angle_deg > 0 else 0.0
    return min(angle_deg, span.input_max_deg) / span.input_max_deg * span.output_scale


def _share(angle_deg: float) -> float:
    return min(max(angle_deg / LOOK_DEG, -1.0), 1.0)
