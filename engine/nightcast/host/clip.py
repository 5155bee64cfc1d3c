"""A motion file: normalised rotations of the humanoid's bones over time, from a VRM animation (.vrma).

https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nightcast.gltf import load
from nightcast.gltf.hierarchy import Hierarchy, rest_world
from nightcast.gltf.records import AnimationChannel, Model
from nightcast.host import quaternion as quat
from nightcast.host.bones import INDEX
from nightcast.host.errors import GestureError
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease

_FADE_S = 0.35


@dataclass(frozen=True, eq=False)
class Curve:
    """Values (k, c) at rising times (k,)."""

    times_s: F64
    values: F64

    def at(self, time_s: float, is_rotation: bool) -> F64:
        k = int(np.searchsorted(self.times_s, time_s, side="right"))
        if k == 0 or k == len(self.times_s):
            end: F64 = self.values[0 if k == 0 else -1]
            return end
        start, end_s = self.times_s[k - 1], self.times_s[k]
        share = (time_s - start) / (end_s - start)
        if is_rotation:
            return quat.slerp(self.values[k - 1], self.values[k], share)
        between: F64 = self.values[k - 1] + (self.values[k] - self.values[k - 1]) * share
        return between


@dataclass(frozen=True, eq=False)
class Clip:
    """A motion in normalised space. The hips' shift is a share of the hips' height, so that it fits any body."""

    name: str
    duration_s: float
    rotations: Mapping[int, Curve]  #: row of the pose →
    hips_shift: Curve | None = None
    expressions: Mapping[str, Curve] = field(default_factory=dict)
    stroke_s: float = 0.0

    def envelope(self, since_s: float) -> float:
        """Fades in at the begin and out at the end."""
        fade = min(_FADE_S, self.duration_s / 2) or 1e-6
        return ease(since_s / fade) * ease((self.duration_s - since_s) / fade)


def load_clip(path: Path) -> Clip:
    """Read a .vrma file. Raises ModelError for a broken file, GestureError for one that moves no humanoid."""
    model = load(path)
    if model.vrm_animation is None or not model.animations:
        raise GestureError(path, "holds no VRM animation (VRMC_vrm_animation)")
    return _clip(path.stem, model)


def _clip(name: str, model: Model) -> Clip:
    source = model.vrm_animation
    assert source is not None
    animation = model.animations[0]
    bone_of = {node: bone for bone, node in source.bones.items()}
    expression_of = {node: expression for expression, node in source.expressions.items()}
    turns = _world_rotations(model)
    parents = Hierarchy(model.nodes).parents
    rotations: dict[int, Curve] = {}
    expressions: dict[str, Curve] = {}
    hips_shift: Curve | None = None
    for channel in animation.channels:
        times, values = _keys(channel)
        bone = bone_of.get(channel.node)
        if bone in INDEX and channel.path == "rotation":
            parent = parents[channel.node]
            above = turns[parent] if parent >= 0 else quat.IDENTITY
            rest = model.nodes[channel.node].rotation.astype(np.float64)
            local = quat.multiply(values, quat.inverse(rest))
            normal = quat.multiply(quat.multiply(above, local), quat.inverse(above))
            rotations[INDEX[bone]] = Curve(times, quat.normalised(normal))
        elif bone == "hips" and channel.path == "translation":
            hips_shift = Curve(times, _hips_shift(model, channel.node, values))
        elif channel.path == "translation" and channel.node in expression_of:
            expressions[expression_of[channel.node]] = Curve(times, np.clip(values[:, :1], 0, 1))
    return Clip(name, animation.duration_s, rotations, hips_shift, expressions)


def _hips_shift(model: Model, hips: int, values: F64) -> F64:
    """(k, 3) shift of the hips from rest in host space, as a share of their height."""
    world = rest_world(model).astype(np.float64)
    parent = model.nodes[hips].parent
    linear = np.eye(3) if parent is None else world[parent, :3, :3]
    height = max(abs(float(world[hips, 1, 3])), 1e-3)
    shift: F64 = (values - model.nodes[hips].translation) @ linear.T / height
    return shift


def _world_rotations(model: Model) -> F64:
    linear = rest_world(model)[:, :3, :3].astype(np.float64)
    return quat.from_matrix(linear / np.maximum(np.linalg.norm(linear, axis=1, keepdims=True), 1e-12))


def _keys(channel: AnimationChannel) -> tuple[F64, F64]:
    """Times and values; of a cubic spline the keys alone, of steps each key twice."""
    times, values = channel.times_s.astype(np.float64), channel.values.astype(np.float64)
    if channel.interpolation == "CUBICSPLINE":
        values = values[:, 1]
    if channel.interpolation == "STEP" and len(times) > 1:
        held = np.maximum(times[1:] - 1e-6, times[:-1])
        times = np.insert(times, np.arange(1, len(times)), held)
        values = np.insert(values, np.arange(1, len(values)), values[:-1], axis=0)
    if channel.path == "rotation":
        values = quat.normalised(values)
    return times, values
