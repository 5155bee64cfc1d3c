"""Where products sit on a body: places with an orientation, each fixed to the node that carries it.

Names: nose_bridge, forehead, chin, crown, hair_crown (above the hair), head, neck, neck_base (the hollow of the
throat), and with _l or _r for the wearer's left and right: eye, pupil, ear, ear_top, ear_lobe, wrist, ring (finger),
hold (in the palm), foot. A place comes from the avatar's YAML, else from a node of the model named
``anchor_<name>``, else from bones and the shape of the skin.

Axes are always ours: on head, neck and feet +X is the wearer's left, +Y up, +Z forward, as in ARKit and ARCore; on
wrists, fingers and palms +X runs towards the fingertips and +Y out of the back of the hand. Measures are in
millimetres, as opticians and jewellers write them; places are metres in the node's own frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.body import SIDES
from nightcast.host.bones import INDEX
from nightcast.host.frame import HostFrame
from nightcast.host.quaternion import F64
from nightcast.host.rig import Rig
from nightcast.host.surface import Surface, across, hull_length

_LEFT, _UP, _AHEAD = np.eye(3)
_SIGN = {"left": 1.0, "right": -1.0}


@dataclass(frozen=True, eq=False)
class Anchor:
    """A place on the body. `matrix` (4, 4) is in the frame of `node`, its axes of length 1 in host space."""

    name: str
    node: int
    matrix: F64
    rest: F64  #: (4, 4) in host space while the body is in its T-pose
    found_by: str  #: "given", "node", "shape" or "bones"

    def world(self, frame: HostFrame) -> F64:
        """(4, 4) in host space for a frame of the host."""
        placed: F64 = frame.node_world[self.node].astype(np.float64) @ self.matrix
        return placed


@dataclass(frozen=True)
class HeadMeasures:
    """Sizes of a head in millimetres."""

    pupillary_distance_mm: float
    face_width_mm: float  #: between the temples, a little behind the eyes
    head_circumference_mm: float  #: round the forehead, without hair
    ear_depth_mm: float  #: from the front of the eyes back to the top of the ears


@dataclass(frozen=True)
class LimbMeasures:
    """Girths and lengths in millimetres."""

    neck_mm: float
    wrist_mm: float
    ring_finger_mm: float
    foot_length_mm: float


@dataclass(frozen=True, eq=False)
class Anchors:
    """All anchors of a body, and its measures."""

    places: Mapping[str, Anchor]
    head: HeadMeasures
    limbs: LimbMeasures

    def __getitem__(self, name: str) -> Anchor:
        return self.places[name]


def find_anchors(rig: Rig, given: Mapping[str, tuple[str, Sequence[float]]] | None = None) -> Anchors:
    """Find every anchor that the body has; `given` are name → (node's name, place in its frame in metres).

    Done once at load, in about 0.1 s. A given node that the model lacks is said in the rig's warnings.
    """
    return _Finder(rig, given or {}).all()


class _Finder:
    def __init__(self, rig: Rig, given: Mapping[str, tuple[str, Sequence[float]]]) -> None:
        self._rig = rig
        self._given = given
        self._skin = rig.surface(with_hair=False)
        self._head_nodes = rig.below("head")
        self._head = self._skin.of(self._head_nodes)
        self._places: dict[str, Anchor] = {}
        self._middle = self._place("head")

    def all(self) -> Anchors:
        self._eyes()
        self._face()
        self._ears()
        self._neck()
        for side in SIDES:
            self._hand(side)
            self._foot(side)
        head, limbs = self._head_measures(), self._limb_measures()
        self._take_named_nodes()
        self._take_given()
        return Anchors(dict(self._places), head, limbs)

    # ---- helpers

    def _place(self, bone: str) -> F64:
        place: F64 = self._rig.places[INDEX[bone]]
        return place

    def _add(self, name: str, bone: str, place: F64, found_by: str = "shape") -> None:
        """Fix a place of the T-pose to the bone's node."""
        self._fix(name, self._rig.bones[bone], place, found_by)

    def _fix(self, name: str, node: int, place: F64, found_by: str) -> None:
        matrix = np.eye(4)
        matrix[:3, :3] = _axes(name)
        matrix[:3, 3] = place
        local = np.linalg.inv(self._rig.rest_world[node].astype(np.float64)) @ matrix
        self._places[name] = Anchor(name, node, local, matrix, found_by)

    def _rest(self, name: str) -> F64:
        """Where an anchor is in the T-pose."""
        place: F64 = self._places[name].rest[:3, 3]
        return place

    def _take_named_nodes(self) -> None:
        for i, node in enumerate(self._rig.model.nodes):
            if node.name.lower().startswith("anchor_"):
                place = self._rig.rest_world[i, :3, 3].astype(np.float64)
                self._fix(node.name.lower().removeprefix("anchor_"), i, place, "node")

    def _take_given(self) -> None:
        names = {node.name: i for i, node in enumerate(self._rig.model.nodes)}
        for name, (node_name, at) in self._given.items():
            if node_name not in names:
                self._rig.warnings.append(f"anchor {name!r} names the node {node_name!r}, which the model lacks")
                continue
            node = names[node_name]
            place = self._rig.rest_world[node].astype(np.float64) @ np.array([*at, 1.0])
            self._fix(name, node, place[:3], "given")

    # ---- head

    def _size(self) -> float:
        """Height of the head above its bone, metres."""
        corners = self._head.corners
        top = corners[:, 1].max() if len(corners) else self._middle[1] + 0.2
        return float(max(top - self._middle[1], 0.05))

    def _eyes(self) -> None:
        for side, place in zip(SIDES, self._eye_places(), strict=True):
            self._add(f"eye_{side[0]}", "head", place, found_by="bones")
        self._eye_middle = (self._rest("eye_l") + self._rest("eye_r")) / 2
        for letter in "lr":
            x, y, _ = self._rest(f"eye_{letter}")
            self._add(f"pupil_{letter}", "head", self._front(x, y))

    def _eye_places(self) -> tuple[F64, F64]:
        if all(f"{side}Eye" in self._rig.bones for side in SIDES):
            return self._eyeball("left"), self._eyeball("right")
        vrm = self._rig.model.vrm
        size = self._size()
        offset = np.array([0.0, 0.45 * size, 0.3 * size])
        if vrm is not None and vrm.look_at is not None:
            turn = self._rig.rest_world_rotation[self._rig.bones["head"]]
            offset = quat.rotate(turn, np.array(vrm.look_at.offset_from_head))
        apart = _LEFT * 0.15 * size
        return self._middle + offset + apart, self._middle + offset - apart

    def _eyeball(self, side: str) -> F64:
        """In the middle of what the eye's bone moves, as seen from the front: artists put bones a little off."""
        place = self._place(f"{side}Eye").copy()
        ball = self._skin.of({self._rig.bones[f"{side}Eye"]}).corners
        if len(ball):
            low, high = ball[:, :2].min(axis=0), ball[:, :2].max(axis=0)
            middle = (low + high) / 2
            if (np.abs(middle - place[:2]) < 0.2 * (high - low)).all():  # else it is no ball
                place[:2] = middle
        return place

    def _front(self, x: float, y: float) -> F64:
        """The skin of the face at a place seen from the front."""
        far = np.array([x, y, self._middle[2] + 1.0])
        return self._head.first(far, -_AHEAD, np.array([x, y, self._eye_middle[2]]))

    def _face(self) -> None:
        x, eye_y, _ = self._eye_middle
        size = self._size()
        self._add("nose_bridge", "head", self._front(x, eye_y))
        self._add("forehead", "head", self._front(x, eye_y + 0.30 * size))
        self._add("chin", "head", self._chin())
        above = np.array([x, self._middle[1] + 1.0, self._middle[2] + 0.05 * size])
        top = np.array([x, self._middle[1] + size, above[2]])
        self._add("crown", "head", self._head.first(above, -_UP, top))
        covered = self._rig.surface().of(self._head_nodes)
        self._add("hair_crown", "head", covered.first(above, -_UP, top))
        self._add("head", "head", self._middle, found_by="bones")

    def _chin(self) -> F64:
        """Down the profile from the eyes: the foremost point of its lowest part, before it turns to the throat."""
        x, eye_y, eye_z = self._eye_middle
        reach = 1.1 * (eye_y - self._place("neck")[1])
        heights = np.linspace(eye_y - 0.35 * reach, eye_y - reach, 40)
        profile = np.array([self._front(x, y) for y in heights])
        step_back = np.diff(profile[:, 2]) < -0.3 * abs(heights[1] - heights[0]) * 8
        behind = profile[1:, 2] < eye_z - 0.02
        ends = np.flatnonzero(step_back | behind)
        last = int(ends[0]) if len(ends) else len(profile) - 1
        tip: F64 = profile[max(last, 0)]
        return tip

    def _ears(self) -> None:
        size = self._size()
        x, eye_y, eye_z = self._eye_middle
        corners = self._head.corners
        for side in SIDES:
            sign = _SIGN[side]
            out = (corners[:, 0] - x) * sign
            zone = (
                (corners[:, 2] < eye_z - 0.15 * size)
                & (corners[:, 2] > eye_z - 0.85 * size)
                & (corners[:, 1] < eye_y + 0.22 * size)
                & (corners[:, 1] > eye_y - 0.45 * size)
                & (out > 0)
            )
            candidates = corners[zone]
            if len(candidates) < 6:
                self._guess_ear(side)
                continue
            away = (candidates[:, 0] - x) * sign
            outermost = candidates[away > 0.90 * away.max()]
            low, high = outermost[outermost[:, 1].argmin()], outermost[outermost[:, 1].argmax()]
            flap = _flap(self._head, outermost.mean(axis=0), sign, 0.24 * size)
            if len(flap):
                low, high = _end(flap, -_UP) + _LOBE_AHEAD_M * _AHEAD, _end(flap, _UP)
            self._add(f"ear_{side[0]}", "head", outermost.mean(axis=0))
            self._add(f"ear_lobe_{side[0]}", "head", low)
            self._add(f"ear_top_{side[0]}", "head", high)

    def _guess_ear(self, side: str) -> None:
        size = self._size()
        base = self._eye_middle + np.array([_SIGN[side] * 0.42 * size, 0.0, -0.45 * size])
        for name, drop in (("ear", 0.08), ("ear_lobe", 0.2), ("ear_top", -0.02)):
            self._add(f"{name}_{side[0]}", "head", base - _UP * drop * size, found_by="bones")

    def _head_measures(self) -> HeadMeasures:
        left, right = self._rest("eye_l"), self._rest("eye_r")
        x, eye_y, eye_z = self._eye_middle
        temples = []
        for sign in (1.0, -1.0):
            far = np.array([x + sign, eye_y + 0.006, eye_z - 0.018])
            temples.append(self._head.first(far, -sign * _LEFT, far - sign * 0.93 * _LEFT))
        ears = (self._rest("ear_top_l") + self._rest("ear_top_r")) / 2
        return HeadMeasures(
            pupillary_distance_mm=1000 * float(np.linalg.norm(left - right)),
            face_width_mm=1000 * float(abs(temples[0][0] - temples[1][0])),
            head_circumference_mm=self._girth_mm(self._rest("forehead"), _UP, self._head),
            ear_depth_mm=1000 * float(self._rest("nose_bridge")[2] - ears[2]),
        )

    def _girth_mm(self, place: F64, axis: F64, surface: Surface) -> float:
        """Length of the tightest band round a surface, in the plane through `place` across `axis`."""
        return 1000 * hull_length(across(surface.cut(place, axis), axis))

    # ---- neck, hands, feet

    def _neck(self) -> None:
        bone = "neck" if "neck" in self._rig.bones else self._rig.present_parent("neck")
        place = self._place("neck")
        self._add("neck", bone, place, found_by="bones")
        body = self._skin.of(self._rig.below("spine") - self._head_nodes - self._rig.below(*_ARMS))
        far = place + _AHEAD
        self._add("neck_base", bone, body.first(far, -_AHEAD, place + 0.05 * _AHEAD))

    def _hand(self, side: str) -> None:
        sign = _SIGN[side]
        wrist, elbow = self._place(f"{side}Hand"), self._place(f"{side}LowerArm")
        knuckle = self._place(f"{side}MiddleProximal")
        length = float(np.linalg.norm(knuckle - wrist)) or 0.17 * float(np.linalg.norm(wrist - elbow))
        along = (wrist - elbow) / max(float(np.linalg.norm(wrist - elbow)), 1e-9)
        self._add(f"wrist_{side[0]}", f"{side}LowerArm", wrist - along * 0.22 * length, "bones")
        grip = wrist + sign * _LEFT * 0.75 * length - _UP * 0.3 * length
        self._add(f"hold_{side[0]}", f"{side}Hand", grip, "bones")
        ring, tip = f"{side}RingProximal", f"{side}RingIntermediate"
        if ring in self._rig.bones and tip in self._rig.bones:
            place = self._place(ring) + 0.45 * (self._place(tip) - self._place(ring))
            self._add(f"ring_{side[0]}", ring, place, "bones")

    def _foot(self, side: str) -> None:
        foot = f"{side}Foot"
        if foot not in self._rig.bones:
            return
        shoe = self._skin.of(self._rig.below(foot)).corners
        place = self._place(foot)
        if len(shoe):
            low, high = shoe.min(axis=0), shoe.max(axis=0)
            place = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
        self._add(f"foot_{side[0]}", foot, place, found_by="shape" if len(shoe) else "bones")

    def _limb_measures(self) -> LimbMeasures:
        neck = self._skin.of(self._rig.below("upperChest", "neck") - self._rig.below(*_ARMS))
        neck_place = self._place("neck") + 0.4 * (self._place("head") - self._place("neck"))
        arm = self._skin.of(self._rig.below("leftLowerArm"))
        finger = self._skin.of(self._rig.below("leftRingProximal"))
        shoe = self._skin.of(self._rig.below("leftFoot")).corners
        ring = self._places.get("ring_l")
        return LimbMeasures(
            neck_mm=self._girth_mm(neck_place, _UP, neck),
            wrist_mm=self._girth_mm(self._rest("wrist_l"), _LEFT, arm),
            ring_finger_mm=self._girth_mm(self._rest("ring_l"), _LEFT, finger) if ring else 0.0,
            foot_length_mm=1000 * float(np.ptp(shoe[:, 2])) if len(shoe) else 0.0,
        )


def _axes(name: str) -> F64:
    """(3, 3) axes of an anchor in the T-pose, in columns."""
    if not name.startswith(("wrist", "hold", "ring")):
        return np.eye(3)
    sign = -1.0 if name.endswith("_r") else 1.0
    return np.column_stack([sign * _LEFT, _UP, sign * _AHEAD])


_FLAP_STEP_M = 0.0025  #: between places where an ear is looked for
_LOBE_AHEAD_M = 0.004  #: the middle of a lobe lies so far before its rear edge, which stands off
_FLAP_M = 0.009  #: an ear is thinner where it stands off the head


def _flap(head: Surface, middle: F64, sign: float, around_m: float) -> F64:
    """(k, 3) where an ear stands off: a ray from the side leaves it again before it meets the head.

    The flap about the outermost part of the head is meant, `middle` (3,); none for a head without.
    """
    beside = np.abs(head.points[head.triangles] - middle)[:, :, 1:].max(axis=2).min(axis=1) < around_m
    same_side = (head.points[head.triangles][:, :, 0].mean(axis=1) - middle[0]) * sign > -around_m
    ear = Surface(head.points, head.triangles[beside & same_side], head.owners)
    steps = np.arange(-around_m, around_m, _FLAP_STEP_M)
    up, ahead = (each.reshape(-1) for each in np.meshgrid(steps, steps))
    rays = middle + np.column_stack([np.full(len(up), around_m * sign), up, ahead])
    met = np.sort(ear.distances(rays, -sign * _LEFT), axis=1)[:, :3]
    thrice = np.isfinite(met).sum(axis=1) == 3
    first, second = met[thrice, :2].T
    thin = second - first < _FLAP_M
    flap: F64 = (rays[thrice] - sign * _LEFT * first[:, None])[thin]
    return flap


def _end(flap: F64, way: F64) -> F64:
    """(3,) the end of an ear: the middle of what is within a few millimetres of its last point that way."""
    along = flap @ way
    last: F64 = flap[along > along.max() - 1.5 * _FLAP_STEP_M].mean(axis=0)
    end: F64 = last + way * (along.max() - last @ way)
    return end


_ARMS = ("leftShoulder", "rightShoulder", "leftUpperArm", "rightUpperArm")
