"""Which level of detail of a model a picture needs, and what the model is made of at each. No GL.

A level is chosen by the size in the picture of what has levels: the share of it that the circle about the bounding
sphere takes, as MSFT_screencoverage has it. What has levels at several places is drawn at one that is fine for all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import posed_positions, rest_world
from nightcast.gltf.meshes import gathered
from nightcast.gltf.records import F32, Levels, Mesh, Model, Primitive

#: Pictures count as no larger: in those that are, errors that were invisible would be enlarged.
LARGEST_PX = 1920 * 1080

#: A coarser level is taken when a model is this much smaller than it must be, or it would flicker at the limit.
SLACK = 0.85

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Eye:
    """What decides how large things are in a picture."""

    view: F32  #: (4, 4) world to camera space
    focal_px: float  #: pixels of one metre at one metre's distance
    picture_px: int  #: pixels of the picture

    def share(self, center: F32, radius_m: float) -> float:
        """The share of the picture that a sphere's circle takes, or would if it lay within; `center` (3,) in world."""
        depth_m = -float(self.view[2, :3] @ center + self.view[2, 3])
        radius_px = radius_m * self.focal_px / max(depth_m, 1e-3)
        return math.pi * radius_px**2 / min(self.picture_px, LARGEST_PX)


@dataclass(frozen=True, eq=False)
class CoarseMesh:
    """A mesh at a level, without the vertices that it does not use."""

    mesh: Mesh
    origins: tuple[Index | None, ...]  #: of each primitive's vertices, in the full look's; None: they are others


def meshes_at(model: Model, level: int) -> dict[int, CoarseMesh | None]:
    """What nodes draw at a level, 1 for the first that is coarser, where this is not what the file has them draw."""
    found: dict[int, CoarseMesh | None] = {}
    for levels in model.levels:
        coarser = levels.coarser[min(level, len(levels.coarser)) - 1]
        for node, mesh in coarser.meshes.items():
            own = model.nodes[node].mesh
            found[node] = None if mesh is None else _compact(mesh, None if own is None else model.meshes[own])
    return found


def keeps_shape(meshes: Mapping[int, CoarseMesh | None], nodes: set[int]) -> bool:
    """Whether vertices of the full look's `nodes` can be found again in all that is drawn instead."""
    others = [mesh for node, mesh in meshes.items() if node in nodes]
    return all(mesh is not None and all(origin is not None for origin in mesh.origins) for mesh in others)


class Chooser:
    """Chooses the level of one model from picture to picture."""

    def __init__(self, model: Model) -> None:
        #: Of levels, the full one too.
        self.count = 1 + max((len(levels.coarser) for levels in model.levels), default=0)
        world = rest_world(model)
        self._spheres = [_sphere(model, levels, world) for levels in model.levels]
        self._limits = [[coarser.below for coarser in levels.coarser] for levels in model.levels]
        self._level = 0

    def level(self, eye: Eye, place: F32) -> int:
        """For a picture of the model at `place` (4, 4), 0 for all detail."""
        if self.count == 1:
            return 0
        grown = float(np.sqrt((place[:3, :3] ** 2).sum(axis=0).max()))
        shares = [eye.share(place[:3, :3] @ c + place[:3, 3], r * grown) for c, r in self._spheres]
        self._level = min(max(self._level, self._fine_for(shares, SLACK)), self._fine_for(shares, 1.0))
        return self._level

    def _fine_for(self, shares: list[float], slack: float) -> int:
        """The coarsest level that all are small enough for."""
        found = self.count - 1
        for share, limits in zip(shares, self._limits, strict=True):
            passed = sum(share < limit * slack for limit in limits)
            if passed < len(limits):
                found = min(found, passed)
        return found


def _sphere(model: Model, levels: Levels, world: F32) -> tuple[F32, float]:
    """Centre (3,) and radius in metres of a node's full look at rest, in model space."""
    clouds = [np.zeros((0, 3), np.float32)]
    for node in levels.coarser[0].meshes:
        mesh = model.nodes[node].mesh
        if mesh is not None:
            clouds += [posed_positions(model, world, node, primitive) for primitive in model.meshes[mesh].primitives]
    points = np.concatenate(clouds)
    if not len(points):
        return world[levels.node, :3, 3], 0.0
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, float(np.linalg.norm(high - low)) / 2


def _compact(mesh: Mesh, full: Mesh | None) -> CoarseMesh:
    primitives: list[Primitive] = []
    origins: list[Index | None] = []
    fine = () if full is None else full.primitives
    for primitive, same in zip_longest(mesh.primitives, fine[: len(mesh.primitives)]):
        used, corners = np.unique(primitive.indices, return_inverse=True)
        origin = used.astype(np.intp)
        primitives.append(replace(gathered(primitive, origin), indices=corners.reshape(-1).astype(np.uint32)))
        shares = same is not None and same.positions is primitive.positions
        origins.append(origin if shares else None)
    return CoarseMesh(replace(mesh, primitives=tuple(primitives)), tuple(origins))
