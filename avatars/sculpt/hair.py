"""Hair as an artist blocks it in: lofted sheets that follow the combing, and single locks over them.

Places on the skull are directions from its middle: azimuth 0 at the face, positive to the figure's left, 180 at the
back; elevation 90 at the crown; both in degrees. `Skull.at` puts a direction some millimetres above the skin.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy import ndimage

from .basemesh import BODY
from .head import Figure
from .part import Part, fan, grid_triangles, vertex_normals
from .stylise import smoothstep


def direction(azimuth: np.ndarray | float, elevation: np.ndarray | float) -> np.ndarray:
    """(..., 3) unit vectors."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.stack([np.sin(a) * np.cos(e), np.sin(e) + 0 * a, np.cos(a) * np.cos(e)], -1)


STEP_DEG = 2.5


class Skull:
    """The head's surface as a smooth radius over directions; ears are smoothed away."""

    def __init__(self, figure: Figure) -> None:
        self.centre = figure.marks.head
        body = (figure.mesh.quads < BODY.stop).all(1)
        tree = BVHTree.FromPolygons(figure.shape.tolist(), fan(figure.mesh.quads[body]).tolist())
        azimuths, elevations = np.arange(-180, 180, STEP_DEG), np.arange(-70, 91, STEP_DEG)
        table = np.zeros((len(elevations), len(azimuths)))
        for i, e in enumerate(elevations):
            for j, a in enumerate(azimuths):
                hit = tree.ray_cast(Vector(self.centre), Vector(direction(float(a), float(e))))[3]
                table[i, j] = hit if hit is not None else np.nan
        table = np.where(np.isnan(table), np.nanmedian(table), table)
        beside = np.abs(np.abs(azimuths) - 98) < 24  # no ears: from before them straight to behind them
        for row in table[elevations < -24]:
            row[beside] = np.interp(azimuths[beside], azimuths[~beside], row[~beside])
        self.table = ndimage.gaussian_filter(table, (1.0, 1.0), mode=("nearest", "wrap"))

    def radius(self, d: np.ndarray) -> np.ndarray:
        """(...,) metres from the skull's middle to the skin along unit vectors (..., 3)."""
        elevation = np.degrees(np.arcsin(np.clip(d[..., 1], -1, 1)))
        azimuth = np.degrees(np.arctan2(d[..., 0], d[..., 2]))
        row = np.clip((elevation + 70) / STEP_DEG, 0, len(self.table) - 1)
        column = (azimuth + 180) / STEP_DEG
        wrapped = np.concatenate([self.table, self.table[:, :1]], 1)
        found = ndimage.map_coordinates(wrapped, [np.ravel(row), np.ravel(column)], order=1, mode="nearest")
        return found.reshape(np.shape(row))

    def at(self, d: np.ndarray, above_m: np.ndarray | float) -> np.ndarray:
        """(..., 3) points above the skin."""
        d = d / np.linalg.norm(d, axis=-1, keepdims=True)
        return self.centre + d * (self.radius(d) + above_m)[..., None]


def hairline(
    knots: list[tuple[float, float]], skull: Skull, strands_deg: float = 2.2
) -> Callable[[np.ndarray], np.ndarray]:
    """Scalp cover as a function of places (..., 3): 1 above the line of (azimuth, elevation) knots, frayed below."""
    azimuths, elevations = np.array(knots).T

    def cover(points: np.ndarray) -> np.ndarray:
        d = points - skull.centre
        reach = np.linalg.norm(d, axis=-1)
        d = d / np.maximum(reach, 1e-9)[..., None]
        azimuth = np.abs(np.degrees(np.arctan2(d[..., 0], d[..., 2])))
        elevation = np.degrees(np.arcsin(np.clip(d[..., 1], -1, 1)))
        line = np.interp(azimuth, azimuths, elevations)
        fray = np.sin(azimuth * 5.1) * np.sin(azimuth * 2.3 + 1) + 0.6 * np.sin(azimuth * 11.7)
        by_the_ear = (azimuth > 78) & (azimuth < 101)
        on_skull = np.abs(reach - skull.radius(d)) < np.where(by_the_ear, 0.013, 0.04)
        return smoothstep(-3.5, 3.0, elevation - line + strands_deg * 0.5 * fray) * on_skull

    return cover


STRANDS_U = 0.86  # the texture's right edge is kept for accents


def sheet(
    skull: Skull,
    paths: np.ndarray,
    columns: int,
    above_m: Callable[[np.ndarray, np.ndarray], np.ndarray],
    repeats: float,
    weights: np.ndarray,
) -> Part:
    """A sheet lofted over strands; `paths` (rows, k, 3) are the directions each passes from root to tip.

    `above_m(s, t)` is its height over the skin, s across the sheet and t along the strands, both in [0, 1].
    """
    rows = len(paths)
    s, t = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    d = np.stack([spline(strand, columns) for strand in paths])
    points = skull.at(d, above_m(s, t)).reshape(-1, 3)
    there_and_back = 1 - np.abs((s * repeats) % 2 - 1)
    uvs = np.stack([STRANDS_U * there_and_back.ravel(), t.ravel()], 1)
    part = Part(
        "hair_sheet",
        "hair",
        points,
        grid_triangles(rows, columns),
        uvs,
        np.repeat(weights[None], len(points), 0),
        np.arange(len(points)),
    )
    return outward(part, skull.centre)


def outward(part: Part, centre: np.ndarray) -> Part:
    """Turn the triangles so that they face away from `centre`."""
    normals = vertex_normals(part.positions, part.triangles, part.weld)
    if (normals * (part.positions - centre)).sum() < 0:
        part.triangles = part.triangles[:, ::-1]
    return part


def spline(points: np.ndarray, count: int) -> np.ndarray:
    """(count, 3) points on a Catmull-Rom curve through (k, 3) points, evenly by parameter."""
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    at = np.linspace(0, len(points) - 1, count)
    i = np.minimum(at.astype(int), len(points) - 2)
    f = (at - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)


def lock(
    points: np.ndarray,
    centre: np.ndarray,
    width_m: Callable[[np.ndarray], np.ndarray],
    segments: int,
    u0: float,
    weights: np.ndarray,
    across: int = 4,
    roundness: float = 0.45,
    v: tuple[float, float] = (0.0, 1.0),
) -> Part:
    """A lock along a curve: a strip with a convex section that faces away from `centre`.

    `weights` is (J,) for all of it or (segments, J) along it; `width_m(t)` its width from root (0) to tip (1).
    """
    curve = spline(points, segments)
    t = np.linspace(0, 1, segments)
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    out = curve - centre
    out -= tangent * (out * tangent).sum(1, keepdims=True)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    side = np.cross(tangent, out)
    width = np.maximum(width_m(t), 0.0006)
    k = np.linspace(-1, 1, across)
    lift = roundness * (1 - k**2)
    grid = curve[:, None] + side[:, None] * (k[None, :, None] * width[:, None, None] / 2)
    grid = grid + out[:, None] * (lift[None, :, None] * width[:, None, None] / 2)
    uvs = np.stack(
        np.broadcast_arrays(u0 + (k[None] + 1) * width[:, None] * 4, v[0] + (v[1] - v[0]) * t[:, None]), -1
    ).reshape(-1, 2)
    along = np.broadcast_to(weights, (segments, weights.shape[-1]))
    part = Part(
        "hair_lock",
        "hair",
        grid.reshape(-1, 3),
        grid_triangles(segments, across),
        uvs,
        np.repeat(along, across, 0),
        np.arange(segments * across),
    )
    return outward_lock(part, np.repeat(out, across, 0))


def outward_lock(part: Part, out: np.ndarray) -> Part:
    """Turn the triangles so that they face along `out` (n, 3)."""
    normals = vertex_normals(part.positions, part.triangles, part.weld)
    if (normals * out).sum() < 0:
        part.triangles = part.triangles[:, ::-1]
    return part


def tube(
    curve: np.ndarray,
    radius_m: np.ndarray,
    sides: int,
    weights: np.ndarray,
    u: tuple[float, float],
    v: tuple[float, float],
    material: str = "hair",
) -> Part:
    """A closed tube along (k, 3) points with a radius at each; both ends taper as the radii say."""
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.cross(tangent[0], [0.37, 0.81, 0.45])
    frames = []
    for direction_ in tangent:  # carry the frame along without twist
        normal = normal - direction_ * (normal @ direction_)
        normal /= np.linalg.norm(normal)
        frames.append((normal, np.cross(direction_, normal)))
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.outer(np.cos(turn), n) + np.outer(np.sin(turn), b) for n, b in frames])
    points = (curve[:, None] + ring * radius_m[:, None, None]).reshape(-1, 3)
    k, s = np.meshgrid(np.linspace(0, 1, len(curve)), np.linspace(0, 1, sides + 1), indexing="ij")
    uvs = np.stack([u[0] + (u[1] - u[0]) * s.ravel(), v[0] + (v[1] - v[0]) * k.ravel()], 1)
    weld = (np.arange(len(curve))[:, None] * sides + np.arange(sides + 1)[None] % sides).ravel()
    part = Part(
        "tube",
        material,
        points,
        grid_triangles(len(curve), sides + 1),
        uvs,
        np.repeat(weights[None], len(points), 0) if weights.ndim == 1 else np.repeat(weights, sides + 1, 0),
        weld,
    )
    return outward_lock(part, points - np.repeat(curve, sides + 1, 0))


def chain_weights(count: int, joints: list[int], base: int, start: float, width: int) -> np.ndarray:
    """(count, width) weights along a lock: `base` up to `start` (0..1), then one joint after the other."""
    t = np.linspace(0, 1, count)
    at = np.clip((t - start) / max(1 - start, 1e-6), 0, 1) * len(joints)
    weights = np.zeros((count, width))
    for row, a in enumerate(at):
        i = int(min(a, len(joints) - 1e-6))
        f = a - i
        first = base if i == 0 else joints[i - 1]
        weights[row, first] += 1 - f
        weights[row, joints[i]] += f
    return weights


def strand_texture(
    color: tuple[float, float, float], accents: list[tuple[float, float, float]], size: int = 512
) -> np.ndarray:
    """(size, size, 3) strands along V with a soft sheen; the rightmost eighth holds flat accents, top to bottom."""
    rng = np.random.default_rng(4)
    fine = ndimage.gaussian_filter(rng.standard_normal((size, size)), (60, 0.8), mode="wrap")
    broad = ndimage.gaussian_filter(rng.standard_normal((size, size)), (90, 5.0), mode="wrap")
    fine, broad = fine / fine.std(), broad / broad.std()
    v = np.linspace(0, 1, size)[:, None]
    tone = 1 + 0.26 * fine + 0.22 * broad
    sheen = np.exp(-(((v - 0.34) / 0.13) ** 2)) * (0.5 + 0.28 * fine + 0.25 * broad)
    base = np.asarray(color)
    image = base * np.clip(tone, 0.4, 1.8)[..., None]
    image = image * (0.62 + 0.38 * smoothstep(0.0, 0.2, v))[..., None]
    image = image + np.clip(sheen, 0, 1)[..., None] * (base * 0.9 + (0.03, 0.022, 0.018))
    for number, accent in enumerate(accents):
        top = number * size // max(len(accents), 1)
        image[top : top + size // len(accents), -size // 8 :] = accent
    return np.clip(image, 0, 1)
