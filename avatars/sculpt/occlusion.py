"""Ambient occlusion at vertices, by casting rays against the whole figure."""

from __future__ import annotations

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from .part import Part, vertex_normals

REACH_M = 0.12  # what is farther does not darken


def open_share(parts: list[Part], others: list[Part], rays: int) -> list[np.ndarray]:
    """Per part (n,): the share of the sky that each vertex sees, a near hit darkening more than a far one.

    `others` only cast shade.
    """
    casting = [part for part in parts + others if part.casts]
    starts = np.cumsum([0] + [len(p.positions) for p in casting])
    points = np.concatenate([p.positions for p in casting])
    triangles = np.concatenate([p.triangles + s for p, s in zip(casting, starts, strict=False)])
    tree = BVHTree.FromPolygons(points.tolist(), triangles.tolist())
    directions = hemisphere(rays)
    results = []
    for part in parts:
        normals = (
            part.normals if part.normals is not None else vertex_normals(part.positions, part.triangles, part.weld)
        )
        share = np.ones(len(part.positions))
        for i, (point, normal) in enumerate(zip(part.positions, normals, strict=True)):
            tangent = np.cross(normal, (0.0, 1.0, 0.0) if abs(normal[1]) < 0.9 else (1.0, 0.0, 0.0))
            tangent /= np.linalg.norm(tangent)
            frame = np.stack([tangent, np.cross(normal, tangent), normal])
            origin = Vector(point + normal * 6e-4)
            dark = 0.0
            for direction in directions @ frame:
                distance = tree.ray_cast(origin, Vector(direction), REACH_M)[3]
                if distance is not None:
                    dark += 1 - distance / REACH_M
            share[i] = 1 - dark / rays
        results.append(share)
    return results


def hemisphere(count: int) -> np.ndarray:
    """(count, 3) cosine-weighted directions about +Z, by the golden angle."""
    k = np.arange(count) + 0.5
    r = np.sqrt(k / count)
    t = k * np.pi * (3 - np.sqrt(5))
    return np.stack([r * np.cos(t), r * np.sin(t), np.sqrt(1 - r * r)], 1)
