"""Letting cloth fall: a garment is cut finer, given slack, and settles on the body by Blender's cloth solver."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy import sparse

from .part import Part

FINER = 2  # times each quad is halved before the cloth falls
CLEAR_M = 0.004  # off the skin before it falls


@dataclass(frozen=True)
class Folds:
    """The fine surface that a garment's folds are baked from: `positions` (n, 3) metres, `triangles` (m, 3)."""

    positions: np.ndarray
    triangles: np.ndarray


@dataclass(frozen=True)
class Fabric:
    """How a cloth behaves: slack is the share it is cut larger than the body, where `slack` weights say so."""

    slack: float
    bending: float = 2.0
    tension: float = 15.0
    weight_kg: float = 0.25
    frames: int = 26


def settled(
    part: Part, body: tuple[np.ndarray, np.ndarray], pins: np.ndarray, slack: np.ndarray, fabric: Fabric
) -> tuple[Part, Folds]:
    """Let a part made of quads fall on the body's skin (points (k, 3), quads (q, 4)).

    `pins` (n,) hold vertices in place, 1 fully; `slack` (n,) says where the cloth is cut large, 1 by the fabric's
    whole share. Returns the part with its vertices where they came to rest, and the fine surface.
    """
    part.positions = clear_of(part.positions, body, CLEAR_M)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    skin = _thing("skin", *body)
    skin.modifiers.new("stop", "COLLISION")
    skin.collision.thickness_outer = 0.0025
    skin.collision.cloth_friction = 12.0
    half = len(part.triangles) // 2
    quads = np.concatenate([part.triangles[:half], part.triangles[half:, 2:]], 1)
    coarse = _thing("coarse", part.positions, quads)
    for name, values in (("pins", pins), ("tight", 1 - slack)):
        group = coarse.vertex_groups.new(name=name)
        for number, value in enumerate(np.clip(values, 0, 1).tolist()):
            group.add([number], value, "REPLACE")
    split = coarse.modifiers.new("split", "SUBSURF")
    split.levels, split.boundary_smooth = FINER, "PRESERVE_CORNERS"
    fall = coarse.modifiers.new("fall", "CLOTH")
    cloth, hits = fall.settings, fall.collision_settings
    cloth.quality, cloth.mass = 5, fabric.weight_kg * 0.002
    cloth.tension_stiffness = cloth.compression_stiffness = fabric.tension
    cloth.shear_stiffness = fabric.tension * 0.3
    cloth.bending_stiffness = fabric.bending
    cloth.air_damping = 2.0
    cloth.vertex_group_mass, cloth.pin_stiffness = "pins", 1.0
    cloth.vertex_group_shrink, cloth.shrink_min, cloth.shrink_max = "tight", -fabric.slack, 0.0
    hits.distance_min, hits.collision_quality, hits.use_self_collision = 0.002, 3, False
    fall.point_cache.frame_end = fabric.frames
    scene.frame_end = fabric.frames
    for frame in range(1, fabric.frames + 1):
        scene.frame_set(frame)
    mesh = coarse.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    fine = np.empty(len(mesh.vertices) * 3, "f4")
    mesh.vertices.foreach_get("co", fine)
    fine = fine.reshape(-1, 3)[:, [0, 2, 1]] * (1, 1, -1)
    mesh.calc_loop_triangles()
    triangles = np.empty(len(mesh.loop_triangles) * 3, "i4")
    mesh.loop_triangles.foreach_get("vertices", triangles)
    triangles = triangles.reshape(-1, 3)
    fine = relaxed(fine, triangles)
    part.positions = fine[: len(part.positions)].astype(float)
    return part, Folds(fine, triangles)


def relaxed(points: np.ndarray, triangles: np.ndarray, rounds: int = 3, where: np.ndarray | float = 1.0) -> np.ndarray:
    """Points (n, 3) without the solver's trembling: each moves half way to its neighbours' mean; edges stay.

    `where` (n,) in [0, 1] says how much of that each does.
    """
    count = len(points)
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    directed = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (count, count)).tocsr()
    both = directed + directed.T
    share = sparse.diags(1 / np.maximum(np.asarray(both.sum(1)).ravel(), 1)) @ both
    free = where * (np.asarray((directed != directed.T).sum(1)).ravel() == 0)
    for _ in range(rounds):
        points = points + 0.5 * free[:, None] * (share @ points - points)
    return points


def clear_of(points: np.ndarray, body: tuple[np.ndarray, np.ndarray], gap_m: float) -> np.ndarray:
    """Points (n, 3), those that lie in the body or too near moved out to `gap_m` off its skin."""
    skin, quads = body
    tree = BVHTree.FromPolygons(skin.tolist(), quads.tolist())
    out = points.copy()
    for i, point in enumerate(points):
        place, normal, _, _ = tree.find_nearest(Vector(point), 0.05)
        if place is not None and (Vector(point) - place) @ normal < gap_m:
            out[i] = place + normal * gap_m
    return out


def _thing(name: str, points: np.ndarray, quads: np.ndarray) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata((points[:, [0, 2, 1]] * (1, -1, 1)).tolist(), [], quads.tolist())
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing
