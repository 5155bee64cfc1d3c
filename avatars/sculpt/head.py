"""The head: skin with its 52 face units, mouth, lashes and eyeballs."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy import ndimage

from .basemesh import BODY, LOWER_TEETH, TONGUE, UPPER_TEETH, BaseMesh
from .part import Part, barycentric, fan, grid_triangles, vertex_normals
from .reduce import reduced
from .refine import refined
from .stylise import EYE_BALLS, Landmarks, LipCurves, averaged, fit_sphere, smoothstep

HEAD_ISLAND = (0.641, 0.994, 0.149, 0.818)  # where the base mesh's own UVs lay out the head: u0 u1 v0 v1
MOUTH_ISLAND = (0.758, 0.924, 0.012, 0.136)
SOCKET_ISLANDS = (0.012, 0.151, 0.547, 0.633)
FACE_GAINS = {  # a drawn face says more than a scanned one, or it says nothing at the size of a phone's picture
    "mouthSmile": 1.1,
    "mouthFrown": 1.5,
    "cheekSquint": 1.4,
    "eyeSquint": 1.25,
    "eyeWide": 1.5,
    "browInnerUp": 1.5,
    "browOuterUp": 1.4,
    "browDown": 1.7,
}
FOLDING = ("mouthSmile", "mouthFrown", "mouthDimple", "cheekSquint")
SOFTNESS = 0.5  # share of what a morph does to the normals: skin is thick, and its creases are not ink
MOLARS_SINK_M = 0.016
IRIS_DEG = 34.0  # half-angle of the iris seen from the eyeball's centre; human eyes have 29

Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Figure:
    """A sculpted person: what every part is cut from."""

    mesh: BaseMesh
    shape: np.ndarray  # (19158, 3) sculpted pose
    weights: np.ndarray  # (19158, J)
    marks: Landmarks
    unit_scale: np.ndarray  # (19158,) how much larger than the base mesh the face is, locally

    def cut(self, name: str, material: str, faces: np.ndarray, unwrap: Callable[[np.ndarray], np.ndarray]) -> Part:
        """The part made of the base mesh's quads `faces`; `unwrap` maps the base mesh's UVs (n, 2) to the atlas."""
        quads, uvs = self.mesh.quads[faces], self.mesh.quad_uvs[faces]
        pairs, corner = np.unique(np.stack([quads.ravel(), uvs.ravel()], 1), axis=0, return_inverse=True)
        source = pairs[:, 0]
        return Part(
            name,
            material,
            self.shape[source],
            fan(corner.reshape(-1, 4)),
            unwrap(self.mesh.uvs[pairs[:, 1]]),
            self.weights[source],
            source,
            normals=self.body_normals()[source] if faces_in(self.mesh, faces, BODY) else None,
            base_uvs=self.mesh.uvs[pairs[:, 1]],
        )

    def body_normals(self, offset: np.ndarray | None = None) -> np.ndarray:
        """(19158, 3) normals over the whole closed body, so that parts cut from it meet without a seam."""
        points = self.shape if offset is None else self.shape + offset
        body = (self.mesh.quads < BODY.stop).all(1)
        return vertex_normals(points, fan(self.mesh.quads[body]), np.arange(len(points)))


def faces_in(mesh: BaseMesh, faces: np.ndarray, region: slice) -> bool:
    quads = mesh.quads[faces]
    return bool(quads.min() >= region.start and quads.max() < region.stop)


def quads_within(mesh: BaseMesh, region: slice) -> np.ndarray:
    """Indices of the quads that lie in a range of vertices."""
    return np.flatnonzero(((mesh.quads >= region.start) & (mesh.quads < region.stop)).all(1))


def into(rect: Rect, island: tuple[float, float, float, float]) -> Callable[[np.ndarray], np.ndarray]:
    """UV map from an island of the base mesh (u0 u1 v0 v1) to a rectangle (x0 y0 x1 y1) of an atlas, V down."""
    u0, u1, v0, v1 = island
    x0, y0, x1, y1 = rect

    def unwrap(uv: np.ndarray) -> np.ndarray:
        a = (uv[:, 0] - u0) / (u1 - u0)
        b = 1 - (uv[:, 1] - v0) / (v1 - v0)
        return np.stack([x0 + a * (x1 - x0), y0 + b * (y1 - y0)], 1)

    return unwrap


def magnified(x: np.ndarray, centre: float, width: float, gain: float) -> np.ndarray:
    """Monotone map of [0, 1] onto itself that gives `gain` times more room round `centre`."""
    grid = np.linspace(0, 1, 513)
    density = 1 + gain * np.exp(-(((grid - centre) / width) ** 2))
    total = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(x, grid, total / total[-1])


def unwrap_head(rect: Rect) -> Callable[[np.ndarray], np.ndarray]:
    """The head's island turned upright, with most of the room given to eyes, nose and mouth."""
    u0, u1, v0, v1 = HEAD_ISLAND
    x0, y0, x1, y1 = rect

    def unwrap(uv: np.ndarray) -> np.ndarray:
        across = magnified((uv[:, 1] - v0) / (v1 - v0), 0.5, 0.13, 6.0)
        down = magnified((uv[:, 0] - u0) / (u1 - u0), 0.66, 0.14, 4.0)
        return np.stack([x0 + across * (x1 - x0), y0 + down * (y1 - y0)], 1)

    return unwrap


ATLAS: dict[str, Rect] = {
    "head": (0.005, 0.005, 0.995, 0.755),
    "neck": (0.005, 0.765, 0.43, 0.995),
    "mouth": (0.44, 0.765, 0.62, 0.995),
    "tongue": (0.63, 0.765, 0.73, 0.995),
    "upper_teeth": (0.74, 0.765, 0.86, 0.875),
    "lower_teeth": (0.74, 0.885, 0.86, 0.995),
    "socket": (0.87, 0.765, 0.995, 0.995),
}


def face_offsets(figure: Figure) -> dict[str, np.ndarray]:
    """The 52 ARKit shapes on this face: (19158, 3) offsets each, lids kept outside of the eyeballs."""
    offsets = {}
    for name in figure.mesh.face_unit_names():
        gain = FACE_GAINS.get(name.removesuffix("Left").removesuffix("Right"), 1.0)
        offset = gain * figure.mesh.face_unit(name) * figure.unit_scale[:, None]
        if name == "jawOpen":
            offset = _softened(figure, offset, 0.045, 0.02)
        if name.startswith(FOLDING):
            offset = _softened(figure, offset, 0.065, 0.03)
        if name.startswith("brow"):
            offset = _whole_brow(figure, offset)
        if name.startswith("browDown"):
            offset = offset * _frown(figure)[:, None]
        if name.startswith("eye"):
            offset = _over_the_eyeball(figure, offset, name)
        offsets[name] = offset
    return offsets


def _whole_brow(figure: Figure, offset: np.ndarray) -> np.ndarray:
    """The offsets evened out over each brow, so that it moves as a whole and grows neither thick nor thin."""
    marks = figure.marks
    away = np.abs(figure.shape) * (1, 0, 0) + figure.shape * (0, 1, 1) - marks.eye
    near = np.exp(-((np.linalg.norm(away / marks.eye_radius - (0.25, 1.15, 0.8), axis=1) / 0.9) ** 2))
    return averaged(figure.mesh, offset, near, 16)


def _frown(figure: Figure) -> np.ndarray:
    """(19158,) share of a lowered brow: more at its inner end, which is what makes it a frown."""
    aside = (np.abs(figure.shape[:, 0]) - figure.marks.eye[0]) / figure.marks.eye_radius
    return np.interp(aside, [-0.8, 1.2], [1.5, 0.6])


def _softened(figure: Figure, offset: np.ndarray, outer_m: float, inner_m: float) -> np.ndarray:
    """The offsets averaged among neighbours round the mouth, so that lips and folds are curves."""
    near = smoothstep(outer_m, inner_m, np.linalg.norm(figure.shape - figure.marks.mouth, axis=1))
    return averaged(figure.mesh, offset, near, 10)


def _over_the_eyeball(figure: Figure, offset: np.ndarray, name: str) -> np.ndarray:
    """Push moved lid vertices out of the eyeball, and let a blink close whatever gap the wider eye leaves."""
    side = "left" if name.endswith("Left") else "right"
    ball = figure.shape[EYE_BALLS[side]]
    centre, radius = fit_sphere(ball)
    offset = offset.copy()
    offset[EYE_BALLS[side]] = 0
    if name.startswith("eyeBlink"):
        offset = offset * blink_gain(figure, side, offset)
    moving = np.linalg.norm(offset, axis=1) > 1e-5
    goal = figure.shape + offset
    away = goal - centre
    distance = np.linalg.norm(away, axis=1)
    rest = np.linalg.norm(figure.shape - centre, axis=1)
    floor = np.minimum(rest, radius * 1.035)
    inside = moving & (distance < floor) & (away[:, 2] > 0)
    goal[inside] = centre + away[inside] * (floor[inside] / distance[inside])[:, None]
    return goal - figure.shape


def blink_gain(figure: Figure, side: str, offset: np.ndarray) -> float:
    """Factor on a blink that makes the upper lid's rim reach the lower one everywhere."""
    low, high = (lid_rim(figure, side, upper, 9)[2:-2] for upper in (False, True))
    gap = (high - low) @ figure.shape[:, 1]
    travel = (low - high) @ offset[:, 1]
    return float(np.clip((gap / travel).max(), 0.8, 2.0))


def lid_rim(figure: Figure, side: str, upper: bool, columns: int) -> np.ndarray:
    """(columns, 19158) the edge of a lid, from the left of the picture to its right, as shares of the skin's vertices.

    It is where the eyeball begins to be seen from the front.
    """
    centre, radius = fit_sphere(figure.shape[EYE_BALLS[side]])
    triangles = fan(figure.mesh.quads[(figure.mesh.quads < BODY.stop).all(1)])
    tree = BVHTree.FromPolygons(figure.shape.tolist(), triangles.tolist())
    steps = np.linspace(-1.1, 1.1, 111) * radius

    def before_the_ball(x: float, y: float) -> tuple[bool, Vector, int]:
        place, _, triangle, _ = tree.ray_cast(Vector(centre + (x, y, 3 * radius)), Vector((0, 0, -1)), 6 * radius)
        ball = centre[2] + np.sqrt(max(radius**2 - x * x - y * y, 0))
        return place is not None and place[2] > ball, place, triangle

    edge = {}
    for x in steps:
        seen = [y for y in steps if np.hypot(x, y) < radius and not before_the_ball(x, y)[0]]
        if seen:
            edge[x] = max(seen) if upper else min(seen)
    at = np.array(list(edge))
    height = ndimage.gaussian_filter1d(np.array(list(edge.values())), 2.5, mode="nearest")
    rim = np.zeros((columns, len(figure.shape)))
    for row, x in zip(rim, np.linspace(at[0], at[-1], columns), strict=True):
        y, away = float(np.interp(x, at, height)), 0.0002 if upper else -0.0002
        found = before_the_ball(x, y)
        while not found[0]:
            y += away
            found = before_the_ball(x, y)
        corners = triangles[found[2]]
        row[corners] = barycentric(np.array(found[1]), figure.shape[corners])
    return rim


def head_part(
    figure: Figure,
    neckline: Callable[[np.ndarray], np.ndarray],
    offsets: dict[str, np.ndarray],
    budget: int,
) -> Part:
    """Skin, mouth, teeth and tongue as one part that morphs; finer at eyes and lips, thinned to `budget` vertices."""
    mesh, base = figure.mesh, figure.mesh.positions
    body = quads_within(mesh, BODY)
    centre_uv = mesh.uvs[mesh.quad_uvs].mean(1)
    middle = base[mesh.quads].mean(1)

    def island(bounds: tuple[float, float, float, float]) -> np.ndarray:
        u0, u1, v0, v1 = bounds
        u, v = centre_uv[body].T
        return body[(u > u0) & (u < u1) & (v > v0) & (v < v1)]

    torso = body[(centre_uv[body, 0] < HEAD_ISLAND[0] - 0.02) & (centre_uv[body, 1] > 0.2)]
    neck = torso[neckline(middle[torso]) & (middle[torso, 1] > 0.4) & (np.abs(middle[torso, 0]) < 0.2)]
    neck = np.setdiff1d(neck, island(SOCKET_ISLANDS))
    spread = mesh.uvs[mesh.quad_uvs[neck]].reshape(-1, 2)
    neck_island = (spread[:, 0].min(), spread[:, 0].max(), spread[:, 1].min(), spread[:, 1].max())
    head = np.setdiff1d(island(HEAD_ISLAND), island(MOUTH_ISLAND))
    sockets = island(SOCKET_ISLANDS)
    sockets = sockets[middle[sockets, 2] > 0.1265]
    parts = [
        figure.cut("head", "face", head, unwrap_head(ATLAS["head"])),
        figure.cut("neck", "face", neck, into(ATLAS["neck"], neck_island)),
        figure.cut("mouth", "face", island(MOUTH_ISLAND), into(ATLAS["mouth"], MOUTH_ISLAND)),
        figure.cut("socket", "face", sockets, into(ATLAS["socket"], SOCKET_ISLANDS)),
    ]
    for name, region in (("tongue", TONGUE), ("upper_teeth", UPPER_TEETH), ("lower_teeth", LOWER_TEETH)):
        faces = quads_within(mesh, region)
        uv = mesh.uvs[mesh.quad_uvs[faces]].reshape(-1, 2)
        bounds = (uv[:, 0].min(), uv[:, 0].max(), uv[:, 1].min(), uv[:, 1].max())
        parts.append(figure.cut(name, "face", faces, into(ATLAS[name], bounds)))
    for part in parts:  # incisors end just below the line where the lips meet, the lower ones just behind them
        front = part.positions[part.positions[:, 2] > part.positions[:, 2].max() - 0.004, 1]
        if part.name == "upper_teeth":
            part.positions = part.positions + (
                0,
                np.clip(figure.marks.mouth[1] - 0.0038 - front.min(), -0.005, 0.001),
                0,
            )
        elif part.name == "lower_teeth":
            drop = np.clip(figure.marks.mouth[1] - 0.0012 - front.max(), -0.003, 0.002)
            part.positions = part.positions + (0, drop, -0.0012)
    merged = joined("face", parts)
    skin = merged.weld < BODY.stop
    rest = figure.body_normals()
    for name, offset in offsets.items():
        merged.morphs[name] = offset[merged.weld]
        merged.turns[name] = np.zeros_like(merged.positions)
        merged.turns[name][skin] = SOFTNESS * (figure.body_normals(offset) - rest)[merged.weld[skin]]
    inner = inner_mouth(mesh)[merged.weld]
    merged = refined(merged, skin & ~inner & _looked_at(figure.marks, merged.positions))
    importance = _importance(figure, merged)
    return reduced(merged, budget, importance)


def without_scraps(figure: Figure, head: Part) -> Part:
    """The head without scraps of a hand, a forearm and the hips, whose UVs lie among its own."""
    near = (np.abs(head.positions[:, 0]) < 0.2) & (head.positions[:, 1] > figure.marks.chin[1] - 0.3)
    keep = np.flatnonzero(near)
    number = np.full(len(near), -1)
    number[keep] = np.arange(len(keep))
    return head.subset(keep, number[head.triangles[near[head.triangles].all(1)]])


def with_low_molars(head: Part) -> Part:
    """The head with its lower molars deep in the jaw: in an open mouth seen from aside they stood up like slabs."""
    lower = (head.weld >= LOWER_TEETH.start) & (head.weld < LOWER_TEETH.stop)
    behind_m = head.positions[lower, 2].max() - head.positions[:, 2]
    sunk_m = MOLARS_SINK_M * smoothstep(0.008, 0.024, behind_m) * lower
    return replace(head, positions=head.positions - sunk_m[:, None] * (0, 1, 0))


def _looked_at(marks: Landmarks, points: np.ndarray) -> np.ndarray:
    """(n,) where a face is looked at: lids and lips."""
    eye = np.minimum(*(np.linalg.norm(points - marks.eye * (s, 1, 1), axis=1) for s in (1, -1)))
    mouth = np.linalg.norm((points - marks.mouth) * (1.0, 1.5, 1.0), axis=1)
    return (eye < 1.75 * marks.eye_radius) | (mouth < 1.15 * marks.mouth_half_width)


def joined(name: str, parts: list[Part]) -> Part:
    """Several parts of one material as one."""
    starts = np.cumsum([0] + [len(p.positions) for p in parts])
    normals = [p.normals if p.normals is not None else vertex_normals(p.positions, p.triangles, p.weld) for p in parts]
    return Part(
        name,
        parts[0].material,
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.triangles + start for p, start in zip(parts, starts, strict=False)]),
        np.concatenate([p.uvs for p in parts]),
        np.concatenate([p.weights for p in parts]),
        np.concatenate([p.weld for p in parts]),
        normals=np.concatenate(normals),
        base_uvs=np.concatenate([p.base_uvs for p in parts]),
    )


def _importance(figure: Figure, part: Part) -> np.ndarray:
    """(n,) how dear a vertex is when the mesh is thinned: eyes and lips most, scalp and ears least."""
    marks, points = figure.marks, part.positions
    importance = np.full(len(points), 1.0)
    eye = np.minimum(*(np.linalg.norm(points - marks.eye * (s, 1, 1), axis=1) for s in (1, -1)))
    mouth = np.linalg.norm((points - marks.mouth) * (0.8, 1.2, 1.0), axis=1)
    importance += 40 * smoothstep(0.045, 0.018, eye) + 60 * smoothstep(0.055, 0.016, mouth)
    nose = np.linalg.norm(points - marks.nose_tip, axis=1)
    importance += 14 * smoothstep(0.028, 0.014, nose)
    ear = np.linalg.norm(np.abs(points) - (marks.ear_top + marks.ear_lobe) / 2, axis=1) < 0.045
    behind = (points[:, 2] < marks.eye[2] - 0.05) & ~ear
    importance[behind] *= 0.15
    importance[ear] = 1.5
    importance[points[:, 1] > marks.forehead[1] + 0.01] *= 0.2
    of_base = part.weld < len(figure.shape)
    source = np.where(of_base, part.weld, 0)
    importance[of_base & inner_mouth(figure.mesh)[source] & (mouth > 0.018)] = 0.05
    importance[of_base & (source >= TONGUE.start) & (source < TONGUE.stop)] = 0.15
    return importance


def lip_curves(mesh: BaseMesh, shape: np.ndarray) -> LipCurves:
    """Where the lips of a sculpted face meet: lower edge of the upper lip and upper edge of the lower lip."""
    base, jaw = mesh.positions, mesh.face_unit("jawOpen")[:, 1]
    near = (np.abs(base[:, 0]) < 0.0225) & (np.abs(base[:, 1] - 0.6620) < 0.0065) & (base[:, 2] > 0.136)
    lips = np.flatnonzero(near[: BODY.stop])
    x, y, z = shape[lips].T
    falls = jaw[lips] < np.interp(np.abs(base[lips, 0]), [0.0, 0.0215], [-0.016, -0.0115])  # the lower lip, by the jaw
    at = np.linspace(x.min(), x.max(), 41)
    edges = []
    for member, outermost in ((~falls, np.min), (falls, np.max)):
        row = []
        for a in at:
            column = member & (np.abs(x - a) < 0.0028)
            column &= z > z[column].max() - 0.006 if column.any() else False
            row.append(outermost(y[column]) if column.any() else np.nan)
        found = ~np.isnan(row)
        edges.append(ndimage.gaussian_filter1d(np.interp(at, at[found], np.array(row)[found]), 2.0, mode="nearest"))
    return LipCurves(at, *edges, front_z=float(z.max()))


def inner_mouth(mesh: BaseMesh) -> np.ndarray:
    """(19158,) True inside the mouth, where the base mesh lays out its own island."""
    u0, u1, v0, v1 = MOUTH_ISLAND
    uv = mesh.uvs[mesh.quad_uvs]
    inside = ((uv[..., 0] > u0) & (uv[..., 0] < u1) & (uv[..., 1] > v0) & (uv[..., 1] < v1)).all(1)
    flags = np.zeros(len(mesh.positions), bool)
    flags[mesh.quads[inside & (mesh.quads < BODY.stop).all(1)].ravel()] = True
    return flags


LASH_COLUMNS = 17


def lash_part(figure: Figure, offsets: dict[str, np.ndarray], length: float) -> Part:
    """A strip of upper lashes per eye along the lid's rim; U along the lid from the inner corner, V to the tip.

    Each column moves as the skin at its root does. Lower lashes are painted: cards of a few pixels are noise.
    """
    roots, sweeps, triangles = [], [], []
    for number, side in enumerate(EYE_BALLS):
        rim = lid_rim(figure, side, True, LASH_COLUMNS)
        mirror = 1 if side == "left" else -1
        roots.append(rim[::mirror])
        sweeps.append(_curl(roots[-1] @ figure.shape, figure.marks.eye * (mirror, 1, 1), mirror, length))
        grid = grid_triangles(2, LASH_COLUMNS) + 2 * LASH_COLUMNS * number
        triangles.append(grid[:, ::mirror])
    blend = np.concatenate([np.tile(root, (2, 1)) for root in roots])
    points = blend @ figure.shape + np.concatenate(sweeps)
    part = Part(
        "lashes",
        "lash",
        points,
        np.concatenate(triangles),
        np.array([(a, v) for v in (0.01, 0.99) for a in np.linspace(0.01, 0.99, LASH_COLUMNS)] * 2),
        blend @ figure.weights,
        np.arange(len(points)),
        {name: blend @ offset for name, offset in offsets.items()},
    )
    nearest = np.where(points[:, :1] > 0, figure.marks.eye, figure.marks.eye * (-1, 1, 1))
    away = points - nearest
    part.normals = away / np.linalg.norm(away, axis=1, keepdims=True)
    return part


def _curl(roots: np.ndarray, centre: np.ndarray, side: float, length: float) -> np.ndarray:
    """(2 * columns, 3) how far roots and tips stand off the lid's rim: tips sweep off the eyeball, up and outwards."""
    spread = np.linspace(0, 1, len(roots))
    out = roots - centre
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    sweep = out * np.interp(spread, [0, 0.5, 1], [3.0, 5.0, 4.0])[:, None]
    sweep[:, 0] += side * np.interp(spread, [0, 0.35, 1], [-0.6, 0.3, 5.0])
    sweep[:, 1] += np.interp(spread, [0, 0.5, 1], [0.8, 1.6, 1.8])
    tips = length * np.interp(spread, [0, 0.4, 1], [0.5, 0.9, 1.0])[:, None] * sweep / 1000
    return np.concatenate([0.0004 * out, tips])


def eye_part(figure: Figure, side: str, joint: int) -> Part:
    """An eyeball with a cornea, pole forward; the texture is an equidistant view of it, 100 degrees to the edge."""
    centre, radius = fit_sphere(figure.shape[EYE_BALLS[side]])
    angles = np.radians([0.5, 9, 18, 25, IRIS_DEG, 36, 46, 60, 80, 100])
    columns = 18
    turn = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    a, t = np.meshgrid(angles, turn, indexing="ij")
    bulge = 1 + 0.055 * smoothstep(IRIS_DEG + 5, 8.0, np.degrees(a))
    direction = np.stack([np.sin(a) * np.cos(t), np.sin(a) * np.sin(t), np.cos(a)], -1).reshape(-1, 3)
    points = centre + direction * radius * 0.985 * bulge.reshape(-1, 1)
    r = (a / np.radians(100) * 0.49).ravel()
    uvs = np.stack([0.5 + r * np.cos(t.ravel()), 0.5 - r * np.sin(t.ravel())], 1)
    triangles = grid_triangles(len(angles), columns, closed=True)
    weights = np.zeros((len(points), figure.weights.shape[1]))
    weights[:, joint] = 1
    part = Part(f"{side}_eye", "eyes", points, triangles[:, [0, 2, 1]], uvs, weights, np.arange(len(points)))
    normals = vertex_normals(part.positions, part.triangles, part.weld)
    if (normals * direction).sum() < 0:
        part.triangles = part.triangles[:, ::-1]
    return part
