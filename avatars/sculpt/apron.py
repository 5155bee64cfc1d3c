"""A bib apron: stretched over what the host wears, with straps round the neck and ties that swing behind."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from .basemesh import BODY
from .hair import along_and_out, chain_weights, facing, spline
from .head import Figure, Rect
from .outfits import ATLAS, Garment, ring_by_turn
from .part import Part, grid_triangles, vertex_normals
from .skeleton import Skeleton
from .springs import Chain, add_chain

GAP_M = 0.009
COLUMNS = 17


def hull_reach(points: np.ndarray, y: float, turns: np.ndarray, slice_m: float = 0.025) -> np.ndarray:
    """Distance from the body's axis to the convex hull of a level's points (n, 3), per turn from the front."""
    level = points[np.abs(points[:, 1] - y) < slice_m][:, [0, 2]]
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    directions = np.stack([np.sin(angles), np.cos(angles)])
    support = (level @ directions).max(0)
    facing = np.cos(turns[:, None] - angles[None])
    return np.where(facing > 0.25, support / np.maximum(facing, 0.25), np.inf).min(1)


def apron(figure: Figure, worn: list[Part], joints: dict[str, np.ndarray], hem_y: float) -> Part:
    """The apron's cloth: bib, waist and skirt as one grid."""
    points = np.concatenate([p.positions for p in worn])
    points = points[np.abs(points[:, 0]) < 0.21]
    arms = (points[:, 1] > joints["spine"][1] + 0.05) & (np.abs(points[:, 0]) > joints["leftUpperArm"][0] - 0.03)
    points = points[~arms]
    top_y, waist_y = joints["upperChest"][1] + 0.035, joints["spine"][1] + 0.02
    levels = np.concatenate([np.linspace(top_y, waist_y, 8), np.linspace(waist_y, hem_y, 9)[1:]])
    span = np.interp(levels, [hem_y, waist_y - 0.03, waist_y, waist_y + 0.08, top_y], [1.25, 1.45, 1.5, 0.95, 0.62])
    turns = span[:, None] * np.linspace(-1, 1, COLUMNS)
    close = np.array([hull_reach(points, max(y, hem_y + 0.05), row) for y, row in zip(levels, turns, strict=True)])
    even = np.pad(close, ((1, 1), (0, 0)), mode="edge")
    reach = np.maximum(close, (even[:-2] + even[1:-1] + even[2:]) / 3) + GAP_M
    heights = np.broadcast_to(levels[:, None], reach.shape)
    flat = np.stack([np.sin(turns) * reach, heights, np.cos(turns) * reach], -1).reshape(-1, 3)
    body = figure.shape[BODY]
    trunk = np.abs(body[:, 0]) < 0.2
    near = np.linalg.norm(body[trunk][None] - flat[:, None], axis=-1).argmin(1)
    weights = figure.weights[BODY][trunk][near].reshape(len(levels), COLUMNS, -1)
    for _ in range(6):  # cloth spreads what pulls it
        padded = np.pad(weights, ((1, 1), (1, 1), (0, 0)), mode="edge")
        weights = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] + 2 * weights) / 6
    x0, y0, x1, y1 = ATLAS["apron"]
    u = np.broadcast_to(np.linspace(x0, x1, COLUMNS), (len(levels), COLUMNS)).ravel()
    v = np.repeat(y0 + (y1 - y0) * (levels[0] - levels) / (levels[0] - levels[-1]), COLUMNS)
    triangles = grid_triangles(len(levels), COLUMNS)
    part = Part(
        "apron",
        "body",
        flat,
        triangles,
        np.stack([u, v], 1),
        weights.reshape(-1, weights.shape[-1]),
        np.arange(len(flat)),
    )
    a, b, c = (part.positions[part.triangles[:, k]] for k in range(3))
    if np.cross(b - a, c - a)[:, 2].sum() < 0:
        part.triangles = part.triangles[:, ::-1]
    return two_sided(part)


def two_sided(part: Part) -> Part:
    """Draw the back as well, with the same vertices and the front's normals."""
    part.normals = vertex_normals(part.positions, part.triangles, part.weld)
    part.triangles = np.concatenate([part.triangles, part.triangles[:, ::-1]])
    return part


def apron_ties(
    cloth: Part, shirt: Garment, legs: Part, joints: dict[str, np.ndarray], skeleton: Skeleton, waist_y: float
) -> tuple[list[Part], list[Chain]]:
    """Straps from the bib round the neck, and two loose ends of the bow behind, each a spring chain; all lie on
    what is worn below."""
    grid = cloth.positions.reshape(-1, COLUMNS, 3)
    width = len(skeleton.names) + 12
    parts, chains = [], []
    chest = np.zeros(width)
    chest[skeleton.index("upperChest")] = 1
    neck = joints["neck"]
    centre = np.array([0.0, neck[1] - 0.10, neck[2] + 0.02])
    lies = Lies([shirt.part, legs])
    middle = shirt.neck_ring.mean(0)
    turns = np.radians((52.0, 70.0, 90.0, 130.0, 160.0, 180.0))
    beside = ring_by_turn(shirt.neck_ring, middle, turns)[0] + 0.017
    x0, y0, _, y1 = ATLAS["extra"]
    for side, name, column in ((1.0, "left", COLUMNS - 2), (-1.0, "right", 1)):
        start = grid[0, column]
        shoulder = middle + (side * np.sin(turns[0]) * beside[0], 0.0, np.cos(turns[0]) * beside[0])
        strap = [start + (0, -0.006, 0.003)]
        for share in (0.2, 0.42, 0.64, 0.84):
            on_chest = start + share * (shoulder - start)
            strap.append(lies.along(on_chest + (0, 0.15, 0.2), (0.0, -0.6, -0.8), 0.010))
        for turn, reach in zip(turns, beside, strict=True):
            over = middle + (side * np.sin(turn) * reach, 0.2, np.cos(turn) * reach)
            strap.append(lies.along(over, (0.0, -1.0, 0.0), 0.009))
        parts.append(ribbon(f"strap_{name}", np.array(strap), centre, 0.022, 22, chest, (x0, y0, x0 + 0.05, y1)))
        fall = np.stack(
            [
                lies.along(np.array([side * across, waist_y - down, -0.5]), (0.0, 0.0, 1.0), 0.008 + 0.05 * down)
                for across, down in ((0.008, 0.0), (0.026, 0.045), (0.038, 0.12), (0.044, 0.21))
            ]
        )
        names = add_chain(skeleton, f"tie_{name}", "hips", fall)
        chains.append(Chain(f"tie_{name}", names, 0.35, 0.4, 0.35, 0.02))
        weights = chain_weights(8, [skeleton.index(n) for n in names[:3]], skeleton.index("hips"), 0.0, width)
        centre_behind = fall[0] + (0, -0.1, 0.3)
        parts.append(ribbon(f"tie_{name}", fall, centre_behind, 0.028, 8, weights, (x0 + 0.06, y0, x0 + 0.10, y1)))
    return parts, chains


class Lies:
    """Finds where something laid on worn clothes comes to rest."""

    def __init__(self, worn: list[Part]) -> None:
        starts = np.cumsum([0] + [len(p.positions) for p in worn])
        triangles = np.concatenate([p.triangles + s for p, s in zip(worn, starts, strict=False)])
        self._tree = BVHTree.FromPolygons(np.concatenate([p.positions for p in worn]).tolist(), triangles.tolist())

    def along(self, start: np.ndarray, direction: tuple[float, float, float], gap_m: float) -> np.ndarray:
        """The first place (3,) on the clothes from `start`, `gap_m` before them; `start` where there is nothing."""
        place = self._tree.ray_cast(Vector(start), Vector(direction))[0]
        return start if place is None else np.array(place) - gap_m * np.array(direction)


def ribbon(
    name: str, points: np.ndarray, centre: np.ndarray, width_m: float, segments: int, weights: np.ndarray, rect: Rect
) -> Part:
    """A band along a curve, a little convex away from `centre`, in a rectangle of the body's atlas."""
    curve = spline(points, segments)
    tangent, out = along_and_out(curve, centre)
    side = np.cross(tangent, out)
    k = np.array([-1.0, 0.0, 1.0])[None, :, None]
    grid = curve[:, None] + (k * side[:, None] + 0.12 * (1 - k * k) * out[:, None]) * width_m / 2
    x0, y0, x1, y1 = rect
    u, v = np.meshgrid(np.linspace(x0, x1, 3), np.linspace(y0, y1, segments))
    part = Part(
        name,
        "body",
        grid.reshape(-1, 3),
        grid_triangles(segments, 3),
        np.stack([u.ravel(), v.ravel()], 1),
        np.repeat(np.broadcast_to(weights, (segments, weights.shape[-1])), 3, 0),
        np.arange(3 * segments),
        casts=False,
    )
    part = facing(part, np.repeat(out, 3, 0))
    return two_sided(part)
