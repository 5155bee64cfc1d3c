"""Spring bones after VRMC_springBone-1.0: hair and cloth as Verlet chains, all chains of a model at once.

`drag` is per step in the specification, so motion would depend on the frame rate; here a step is always
1/60 s. Rows are joints, sorted by their depth in the chain and then by the chains, the longest first: one depth of
all chains is one slice, and so are the joints before those.
Rotations are matrices, lengths metres of host space.
https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_springBone-1.0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32
from nightcast.gltf.vrm_records import Spring, SpringJoint
from nightcast.host.quaternion import F64
from nightcast.host.rig import Rig

STEPS_PER_S = 60
#: After a longer gap the springs start anew from rest instead of being stepped through it.
_LONGEST_CATCH_UP = 15
#: Steps given to springs that start anew, to hang as gravity wants.
_SETTLE_STEPS = 30
#: A root that jumps farther than this between two frames was teleported.
_TELEPORT_M = 0.4

_EYE = np.eye(3)


@dataclass(frozen=True)
class _Joint:
    spring: Spring
    joint: SpringJoint
    tail_node: int | None
    above: int  #: number of the joint before it among all joints, or -1
    depth: int


@dataclass(frozen=True, eq=False)
class _Level:
    """The joints of one depth in their chains; n of them, and c colliders that any of them feels."""

    rows: slice
    above: slice  #: rows of the joints before
    rest: F64  #: (n, 3, 4) at rest, seen from the joint before: rotation mirrored, unit direction to the tail
    length: F64  #: (n, 1) metres
    pull: F64  #: (n, 1) metres by which stiffness pulls in one step
    near: NDArray[np.intp]  #: (c,)
    columns: NDArray[np.intp]  #: (2c,) theirs among those of all colliders, see `_Colliders`
    reach: F64  #: (n, c) metres, 0 where a joint does not feel a collider
    reach_squared: F64
    has_capsules: bool


@dataclass(frozen=True, eq=False)
class _Colliders:
    """Where c colliders are, spheres or capsules, with the products that distances from them are made of.

    `slope` and `offset` give for points (n, 3) the numbers points @ slope - offset (n, 2c): by how much a point's
    square is more than that of its distance from a start, and how far along a segment it is, as a share of that.
    """

    start: F64  #: (c, 3) host space
    segment: F64  #: (c, 3) from one end to the other; nothing for a sphere
    segment_squared: F64  #: (c,) never 0
    slope: F64  #: (3, 2c)
    offset: F64  #: (2c,)


class Springs:
    """The springs of one body."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        joints = _joints(rig)
        self.count = len(joints)
        self._step_number: int | None = None
        if self.count:
            self._lay_out(rig, joints)

    def _lay_out(self, rig: Rig, joints: list[_Joint]) -> None:
        world, turns = rig.rest_world, _turns(rig.rest_world)
        parents = rig.hierarchy.parents
        nodes = np.array([item.joint.node for item in joints])
        above = np.array([item.above for item in joints])
        depths = np.array([item.depth for item in joints])
        bounds = np.searchsorted(depths, np.arange(int(depths.max()) + 2)).tolist()
        self._nodes = nodes
        self._moved = rig.hierarchy.below(nodes)
        parent_turns = np.where((parents[nodes] >= 0)[:, None, None], turns[parents[nodes]], _EYE)
        tails = np.stack([_rest_tail(rig, item) for item in joints]) - world[nodes, :3, 3]
        length = np.maximum(np.linalg.norm(tails, axis=1, keepdims=True), 1e-5)
        upper = np.where(above >= 0, nodes[above], nodes)
        back = np.swapaxes(turns[upper], 1, 2)
        # The chains' first joints are seen from their parent node, which has their place.
        seen_from = np.where((above >= 0)[:, None, None], back, np.swapaxes(parent_turns, 1, 2))
        axis = np.swapaxes(turns[nodes], 1, 2) @ (tails / length)[:, :, None]
        turned = seen_from @ turns[nodes]
        mirrored = turned @ (_EYE - 2 * axis * np.swapaxes(axis, 1, 2))
        rest = np.concatenate([mirrored, turned @ axis], axis=2)
        self._above, self._to_parent = above, np.swapaxes(seen_from @ parent_turns, 1, 2)
        pull = np.array([item.joint.stiffness for item in joints])[:, None] / STEPS_PER_S
        self._keep = np.array([1 - item.joint.drag for item in joints])[:, None]
        down = np.array([item.joint.gravity_dir for item in joints], float)
        self._fall = down * np.array([item.joint.gravity_power for item in joints])[:, None] / STEPS_PER_S
        self._scale = np.linalg.norm(rig.rest_local[nodes, :3, :3], axis=1)[:, None, :]
        self._center = np.array([-1 if item.spring.center is None else item.spring.center for item in joints])
        self._has_center = bool((self._center >= 0).any())
        touches, reach = self._lay_out_colliders(rig, joints)
        self._levels = []
        is_capsule = self._collider_segments.any(axis=1)
        for start_above, (first, last) in zip([0, *bounds], pairwise(bounds), strict=False):
            rows = slice(first, last)
            felt = touches[rows].any(axis=0)
            near = np.flatnonzero(felt)
            felt_reach = np.where(touches[rows], reach[rows], 0.0)[:, felt]
            self._levels.append(
                _Level(
                    rows=rows,
                    above=slice(start_above, start_above + last - first),
                    rest=rest[rows],
                    length=length[rows],
                    pull=pull[rows],
                    near=near,
                    columns=np.concatenate([near, near + is_capsule.size]),
                    reach=felt_reach,
                    reach_squared=felt_reach**2,
                    has_capsules=bool((felt & is_capsule).any()),
                )
            )
        self._root_parents = parents[nodes[self._levels[0].rows]]
        self._root_head = np.zeros((bounds[1], 3))
        self._tail = self._before = np.zeros((self.count, 3))
        self._local = np.zeros((self.count, 3, 3), np.float32)

    def _lay_out_colliders(self, rig: Rig, joints: list[_Joint]) -> tuple[NDArray[np.bool_], F64]:
        """Whether a joint feels a collider, and at what distance: (joints, colliders) each."""
        colliders = () if rig.model.vrm is None else rig.model.vrm.colliders
        self._collider_nodes = np.array([c.node for c in colliders], np.intp)
        self._collider_starts = np.array([c.offset for c in colliders], float).reshape(-1, 3)
        segments = [np.zeros(3) if c.tail is None else np.subtract(c.tail, c.offset) for c in colliders]
        self._collider_segments = np.array(segments, float).reshape(-1, 3)
        touches = np.zeros((self.count, len(colliders)), bool)
        for row, item in enumerate(joints):
            touches[row, list(item.spring.colliders)] = True
        own = np.array([item.joint.hit_radius for item in joints])
        return touches, np.array([c.radius for c in colliders], float) + own[:, None]

    def advance(self, time_s: float, local: F32, world: F32) -> None:
        """Step to `time_s`, and write the joints' rotations into `local` and where they lead into `world`.

        `local` and `world` (nodes, 4, 4) are those of the posed body.
        """
        if not self.count:
            return
        heads, parents = self._roots(world)
        number = int(np.floor(time_s * STEPS_PER_S + 1e-6))
        steps = None if self._step_number is None else number - self._step_number
        jumped = np.abs(heads - self._root_head).max() > _TELEPORT_M
        if steps is None or jumped or not 0 <= steps <= _LONGEST_CATCH_UP:
            self._root_head = heads
            self._to_rest(heads, parents, world)
            steps = _SETTLE_STEPS
        colliders = self._colliders(world)
        for k in range(1, steps + 1):
            between = self._root_head + (heads - self._root_head) * (k / steps)
            turns = self._step(between, parents, world, colliders)
            if k == steps:
                self._local = self._local_of(turns, parents)
        self._root_head, self._step_number = heads, number
        local[self._nodes, :3, :3] = self._local
        self._rig.hierarchy.carry(world, local, self._moved)

    def _roots(self, world: F32) -> tuple[F64, F64]:
        first = self._levels[0].rows
        heads = world[self._nodes[first], :3, 3].astype(np.float64)
        turned = _turns(world[self._root_parents].astype(np.float64))
        return heads, np.where((self._root_parents >= 0)[:, None, None], turned, _EYE)

    def _to_rest(self, heads: F64, parents: F64, world: F32) -> None:
        tails = np.empty((self.count, 3))
        self._walk(heads, parents, tails, None, ())
        self._tail = self._before = self._in_center(tails, world)

    def _step(self, heads: F64, parents: F64, world: F32, colliders: Sequence[_Colliders | None]) -> F64:
        tail, before = self._from_center(self._tail, world), self._from_center(self._before, world)
        goal = tail + (tail - before) * self._keep + self._fall
        tails = np.empty((self.count, 3))
        turns = self._walk(heads, parents, tails, goal, colliders)
        self._before, self._tail = self._in_center(tail, world), self._in_center(tails, world)
        return turns

    def _walk(
        self, heads: F64, parents: F64, tails: F64, goal: F64 | None, colliders: Sequence[_Colliders | None]
    ) -> F64:
        """Root to tip: pull to rest, keep the length, leave the colliders (of each level), turn. Writes `tails`.

        Without a goal the chains lie as at rest. Returns the joints' turns in host space (joints, 3, 3).
        """
        turns = np.empty((self.count, 3, 3))
        before = parents
        for depth, level in enumerate(self._levels):
            rows = level.rows
            if depth:
                before, heads = turns[level.above], tails[level.above]
            at_rest = before @ level.rest
            mirrored, resting = at_rest[:, :, :3], at_rest[:, :, 3]
            along = resting
            if goal is not None:
                along = _unit(goal[rows] + resting * level.pull - heads)
                felt = colliders[depth]
                if felt is not None:
                    along = _pushed(heads, along, level, felt)
            tails[rows] = heads + along * level.length
            turns[rows] = _swung(mirrored, resting, along)
        return turns

    def _local_of(self, turns: F64, parents: F64) -> F32:
        """Local matrices (joints, 3, 3) of joints that are turned so in host space; `parents` of the first ones."""
        before = np.concatenate([parents, turns[self._above[len(parents) :]]])
        local: F32 = (self._to_parent @ np.swapaxes(before, 1, 2) @ turns * self._scale).astype(np.float32)
        return local

    def _colliders(self, world: F32) -> list[_Colliders | None]:
        """For each level those that it feels, where they are now; None where it feels none."""
        matrix = world[self._collider_nodes].astype(np.float64)
        start = np.matvec(matrix[:, :3, :3], self._collider_starts) + matrix[:, :3, 3]
        segment = np.matvec(matrix[:, :3, :3], self._collider_segments)
        squared = np.maximum(np.vecdot(segment, segment), 1e-12)
        share = segment / squared[:, None]
        slope = np.concatenate([2 * start, share]).T
        offset = np.concatenate([np.vecdot(start, start), np.vecdot(start, share)])
        return [
            _Colliders(
                start[level.near],
                segment[level.near],
                squared[level.near],
                slope[:, level.columns],
                offset[level.columns],
            )
            if len(level.near)
            else None
            for level in self._levels
        ]

    def _in_center(self, points: F64, world: F32) -> F64:
        if not self._has_center:
            return points
        inverse = np.linalg.inv(self._center_matrix(world))
        moved: F64 = np.matvec(inverse[:, :3, :3], points) + inverse[:, :3, 3]
        return moved

    def _from_center(self, points: F64, world: F32) -> F64:
        if not self._has_center:
            return points
        matrix = self._center_matrix(world)
        moved: F64 = np.matvec(matrix[:, :3, :3], points) + matrix[:, :3, 3]
        return moved

    def _center_matrix(self, world: F32) -> F64:
        chosen = world[self._center].astype(np.float64)
        return np.where((self._center >= 0)[:, None, None], chosen, np.eye(4))


def _joints(rig: Rig) -> list[_Joint]:
    """The joints that swing, in the order of rows. A joint swings if it has a tail."""
    springs = rig.model.vrm.springs if rig.model.vrm else ()
    swinging = {number: len(s.joints) - (s.leaf_length_m is None) for number, s in enumerate(springs)}
    longest_first = sorted(swinging, key=lambda number: -swinging[number])
    found: list[_Joint] = []
    start_above = -1
    for depth in range(max(swinging.values(), default=0)):
        start = len(found)
        for place, spring in enumerate(springs[number] for number in longest_first if swinging[number] > depth):
            tail = spring.joints[depth + 1].node if depth + 1 < len(spring.joints) else None
            found.append(_Joint(spring, spring.joints[depth], tail, start_above + place if depth else -1, depth))
        start_above = start
    return found


def _rest_tail(rig: Rig, item: _Joint) -> F64:
    """Where the joint's tail is at rest: the next joint, or 7 cm on in the direction it comes from."""
    place = rig.rest_world[item.joint.node, :3, 3]
    if item.tail_node is not None:
        tail: F64 = rig.rest_world[item.tail_node, :3, 3]
        return tail
    parent = rig.hierarchy.parents[item.joint.node]
    along = place - rig.rest_world[parent, :3, 3] if parent >= 0 else np.array([0.0, -1.0, 0.0])
    length = float(np.linalg.norm(along))
    along = along / length if length > 1e-6 else np.array([0.0, -1.0, 0.0])
    return place + along * float(item.spring.leaf_length_m or 0.07)


def _turns(matrices: F64) -> F64:
    """Rotation part (n, 3, 3) of matrices (n, 4, 4)."""
    linear = matrices[:, :3, :3]
    turned: F64 = linear / np.maximum(np.linalg.norm(linear, axis=1, keepdims=True), 1e-12)
    return turned


def _pushed(heads: F64, along: F64, level: _Level, colliders: _Colliders) -> F64:
    """The directions `along` (n, 3), turned until the tails are outside of the colliders.

    Distances (n, c) come from products of matrices: offsets of each tail from each collider would be ten times as many
    numbers, and nearly all of them are of tails that touch nothing.
    """
    count = len(colliders.start)
    for _ in range(2):
        tails = heads + along * level.length
        products = tails @ colliders.slope - colliders.offset
        squared = np.vecdot(tails, tails)[:, None] - products[:, :count]
        if level.has_capsules:
            onto = products[:, count:]
            share = np.minimum(np.maximum(onto, 0), 1)
            squared -= share * (2 * onto - share) * colliders.segment_squared
        if not np.count_nonzero(squared < level.reach_squared):
            break
        distance = np.sqrt(np.maximum(squared, 1e-12))
        push = np.maximum(level.reach - distance, 0) / distance
        away = tails * push.sum(axis=1, keepdims=True) - push @ colliders.start
        if level.has_capsules:
            away -= (push * share) @ colliders.segment
        along = _unit(along * level.length + away)
    return along


def _unit(vectors: F64) -> F64:
    lengths = np.sqrt(np.vecdot(vectors, vectors))
    unit: F64 = vectors / np.maximum(lengths, 1e-9)[:, None]
    return unit


def _swung(mirrored: F64, resting: F64, along: F64) -> F64:
    """The joints' turns (n, 3, 3), when the unit directions to their tails go from `resting` to `along` (n, 3).

    The shortest rotation from one unit vector to another is two reflections, in the first and in their half-way vector.
    The turns at rest come with the first one done already.
    """
    half = resting + along
    scale = 2 / np.maximum(np.vecdot(half, half), 1e-4)
    swung: F64 = mirrored - half[:, :, None] * np.vecmat(half * scale[:, None], mirrored)[:, None]
    return swung
