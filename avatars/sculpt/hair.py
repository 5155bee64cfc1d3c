"""Hair as an artist blocks it in: lofted sheets that follow the combing, and solid clumps over them.

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
from scipy.spatial import cKDTree

from .basemesh import BODY
from .head import Figure
from .part import Part, fan, grid_triangles, vertex_normals
from .strands import STRANDS_U
from .stylise import smoothstep


def direction(azimuth: np.ndarray | float, elevation: np.ndarray | float) -> np.ndarray:
    """(..., 3) unit vectors."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.stack([np.sin(a) * np.cos(e), np.sin(e) + 0 * a, np.cos(a) * np.cos(e)], -1)


STEP_DEG = 2.5
USUAL_RADIUS_M = 0.0697  # from its middle to the skin above, of the skull that styles are measured on


class Skull:
    """The head's surface as a smooth radius over directions; ears are smoothed away.

    `size` is how much larger it is than usual; lengths of a style are multiplied by it.
    """

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
        self.size = float(table[elevations >= 0].mean()) / USUAL_RADIUS_M
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
        """(..., 3) points above the skin of a skull of usual size."""
        d = d / np.linalg.norm(d, axis=-1, keepdims=True)
        return self.centre + d * (self.radius(d) + self.size * above_m)[..., None]


Knots = list[tuple[float, float]]  # (azimuth, elevation) in degrees


def hairline(
    knots: Knots, skull: Skull, parting: np.ndarray | None = None, fade: tuple[float, float] = (6.0, 6.0)
) -> Callable[[np.ndarray], np.ndarray]:
    """Scalp cover as a function of places (..., 3): single hairs at the line of `knots`, more and more above it.

    `fade` is how many degrees it takes until all is covered, at the forehead and beside the ears. Along a `parting`
    of directions (k, 3) the skin shows through a little.
    """
    azimuths, elevations = np.array(knots).T
    rng = np.random.default_rng(6)
    grid = np.linspace(-200, 200, 1400)  # a hair each 0.3 degrees, which is half a millimetre
    hairs = rng.uniform(0, 1, len(grid))
    waver = ndimage.gaussian_filter1d(rng.standard_normal(len(grid)), 9) * 4.0
    tree = cKDTree(parting) if parting is not None else None

    def cover(points: np.ndarray) -> np.ndarray:
        d = points - skull.centre
        reach = np.linalg.norm(d, axis=-1)
        d = d / np.maximum(reach, 1e-9)[..., None]
        azimuth = np.degrees(np.arctan2(d[..., 0], d[..., 2]))
        elevation = np.degrees(np.arcsin(np.clip(d[..., 1], -1, 1)))
        above = elevation - np.interp(np.abs(azimuth), azimuths, elevations) + np.interp(azimuth, grid, waver)
        root = azimuth - 0.55 * above * np.sign(azimuth)  # hairs lean outwards
        thin = np.interp(root, grid, hairs)
        width = np.interp(np.abs(azimuth), [60, 80], fade)
        deep = np.clip((above + 1.5) / width, 0, 1.3)
        share = 0.55 * smoothstep(0.0, 0.32, deep - thin) + 0.45 * smoothstep(0.0, 1.0, deep)
        if tree is not None:
            beside = np.degrees(tree.query(d)[0])
            share = share * (0.6 + 0.4 * smoothstep(0.2, 1.0, beside))
        by_the_ear = (np.abs(azimuth) > 78) & (np.abs(azimuth) < 101)
        return share * (np.abs(reach - skull.radius(d)) < np.where(by_the_ear, 0.013, 0.04))

    return cover


Comb = list[Knots]


def combed(comb: Comb, at: np.ndarray) -> np.ndarray:
    """(n, k, 3) directions of the strands at `at` (n,) of a comb, 0 its first row and 1 its last.

    A comb is an artist's table: rows of strands from front to back, each by (azimuth, elevation) from root to tip.
    """
    azimuth, elevation = np.moveaxis(np.array(comb, float), -1, 0)
    ways = direction(azimuth, elevation)
    strands = np.stack([along(ways[:, k], at) for k in range(ways.shape[1])], 1)
    return strands / np.linalg.norm(strands, axis=-1, keepdims=True)


def sheet(
    skull: Skull,
    paths: np.ndarray,
    columns: int,
    above_m: Callable[[np.ndarray, np.ndarray], np.ndarray],
    repeats: float,
    weights: np.ndarray,
    across: np.ndarray | None = None,
    reach: float = 1.0,
) -> Part:
    """A sheet lofted over strands; `paths` (rows, k, 3) are the directions each passes from root to tip.

    `above_m(s, t)` is its height over the skin, s across the sheet and t along the strands, both in [0, 1]. `across`
    (rows,) says where the rows lie in s; evenly where it is not given. `reach` is how far down the strands' picture
    the sheet goes.
    """
    rows = len(paths)
    places = np.linspace(0, 1, rows) if across is None else across
    s, t = np.meshgrid(places, np.linspace(0, 1, columns), indexing="ij")
    d = np.stack([spline(strand, columns) for strand in paths])
    points = skull.at(d, above_m(s, t)).reshape(-1, 3)
    there_and_back = 1 - np.abs((s * repeats) % 2 - 1)
    uvs = np.stack([STRANDS_U * there_and_back.ravel(), reach * t.ravel()], 1)
    part = Part(
        "hair_sheet",
        "hair",
        points,
        grid_triangles(rows, columns),
        uvs,
        np.repeat(weights[None], len(points), 0),
        np.arange(len(points)),
    )
    return facing(part, part.positions - skull.centre)


def spline(points: np.ndarray, count: int) -> np.ndarray:
    """(count, 3) points on a Catmull-Rom curve through (k, 3) points, evenly by parameter."""
    return along(points, np.linspace(0, 1, count))


def eased(points: np.ndarray, count: int, softness: float = 0.05) -> np.ndarray:
    """(count, 3) points evenly along a curve through about (k, 3) points, its corners rounded."""
    fine = spline(points, 120)
    fine = ndimage.gaussian_filter1d(fine, 120 * softness, axis=0, mode="nearest")
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    at = np.linspace(0, way[-1], count)
    return np.stack([np.interp(at, way, fine[:, k]) for k in range(3)], 1)


def along(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(n, 3) points on a Catmull-Rom curve through (k, 3) points, where `at` (n,) runs from 0 to 1."""
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    at = np.clip(at, 0, 1) * (len(points) - 1)
    i = np.minimum(at.astype(int), len(points) - 2)
    f = (at - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)


def along_and_out(curve: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (k, 3) along a curve, and at right angles to it away from `centre`."""
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    out = curve - centre
    out -= tangent * (out * tangent).sum(1, keepdims=True)
    return tangent, out / np.linalg.norm(out, axis=1, keepdims=True)


def clump(
    curve: np.ndarray,
    centre: np.ndarray,
    width_m: Callable[[np.ndarray], np.ndarray],
    weights: np.ndarray,
    u: float,
    reach: tuple[float, float] = (0.0, 1.0),
) -> Part:
    """A solid lock along (k, 3) points: bevelled, thick in the middle, and ending in a point.

    Its back lies open, on other hair. `weights` is (J,) for all of it or (k, J) along it; `u` in [0, 1] says which
    of the painted strands it shows, and `reach` which part of their length.
    """
    t = np.linspace(0, 1, len(curve))
    tangent, out = along_and_out(curve, centre)
    side = np.cross(tangent, out)
    half = width_m(t)[:, None, None] / 2
    grid = curve[:, None] + half * (side[:, None] * BEVEL_X[:, None] + out[:, None] * BEVEL_Y[:, None])
    across = len(BEVEL_X)
    strands = STRANDS_U * np.clip(0.06 + 0.88 * u + 0.06 * BEVEL_X, 0, 1)
    along_v = reach[0] + (reach[1] - reach[0]) * t
    part = Part(
        "hair_clump",
        "hair",
        grid.reshape(-1, 3),
        grid_triangles(len(curve), across),
        np.stack(np.broadcast_arrays(strands, along_v[:, None]), -1).reshape(-1, 2),
        np.repeat(np.broadcast_to(weights, (len(curve), weights.shape[-1])), across, 0),
        np.arange(len(curve) * across),
        casts=weights.ndim == 1,
    )
    part = facing(part, np.repeat(out, across, 0))
    # partly lit as the head is round: clumps of one hair, not sausages
    away = part.positions - centre
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    normals = 0.35 * away + 0.65 * vertex_normals(part.positions, part.triangles, part.weld)
    part.normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return part


BEVEL_X = np.array(
    [-1.0, -0.58, 0.0, 0.58, 1.0]
)  # a clump's section, in half widths; its edges sink into the hair below
BEVEL_Y = np.array([-0.22, 0.26, 0.40, 0.26, -0.22])


def band(
    skull: Skull,
    roots: np.ndarray,
    tips: np.ndarray,
    above_m: tuple[float, float, float],
    weights: np.ndarray,
) -> Part:
    """A strip of fine hairs from directions `roots` (n, 3) to `tips` (n, 3): the edge of a hairline.

    `above_m` is how high it lies at the roots, half-way and at the tips.
    """
    count = len(roots)
    points = skull.at(np.stack([roots, roots + tips, tips], 1), np.array(above_m))
    there_and_back = 1 - np.abs(np.linspace(0, count / 5, count) % 2 - 1)
    u = 0.02 + 0.96 * there_and_back
    uvs = np.stack(np.broadcast_arrays(u[:, None], np.array([0.01, 0.5, 0.99])), -1).reshape(-1, 2)
    part = Part(
        "hair_band",
        "hair_cards",
        points.reshape(-1, 3),
        grid_triangles(count, 3),
        uvs,
        np.repeat(weights[None], 3 * count, 0),
        np.arange(3 * count),
        casts=False,
    )
    return facing(part, part.positions - skull.centre)


def facing(part: Part, out: np.ndarray) -> Part:
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
    return facing(part, points - np.repeat(curve, sides + 1, 0))


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
