"""Painting skin, brows, lips, teeth, eyes and lashes."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree

from .head import ATLAS, IRIS_DEG, Figure, lid_rim, lip_curves
from .paint import Canvas, gaussian, noise, sample
from .recipe import Brow, Recipe
from .stylise import smoothstep

MIRROR = np.array([-1.0, 1.0, 1.0])


def mask(figure: Figure, name: str) -> np.ndarray:
    """A mask painted for the base mesh's UVs, (2048, 2048) in [0, 1]."""
    path = figure.mesh.mpfb / "textures" / f"mpfb_{name}.jpg"
    return np.asarray(Image.open(path).convert("L"), float) / 255


def paint_skin(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """Skin anywhere: tone and mottling."""
    skin = recipe.skin
    size = c.color.shape[:2]
    c.color[:] = skin.base
    grain = noise(size, 1.2, 1) * 0.005 + noise(size, 9, 2) * 0.006
    c.color += grain[..., None] * (1.0, 0.9, 0.8)
    ears = sample(mask(figure, "ears"), c.base_uvs)
    c.mix(skin.flush, 0.42 * ears)
    facing_down = smoothstep(0.0, -1.0, c.normals[..., 1])
    c.mix(np.asarray(skin.base) * (0.82, 0.72, 0.72), 0.22 * facing_down)


def paint_body(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """Skin below the neck: as on the face, with rosy knuckles and fingertips, and nails."""
    skin, groups = recipe.skin, figure.mesh.groups
    paint_skin(c, figure, recipe)
    joints = [groups[f"joint-{side}-finger-{k}-{joint}"][0] for side in "lr" for k in range(1, 6) for joint in "124"]
    knuckles = cKDTree([figure.shape[first : last + 1].mean(0) for first, last in joints])
    away_m = knuckles.query(c.points, distance_upper_bound=0.03)[0]
    c.mix(skin.flush, 0.34 * np.exp(-((away_m / 0.0075) ** 2)))
    c.mix(skin.nails, 0.85 * sample(mask(figure, "fingernails"), c.base_uvs))
    c.shade(0.62 + 0.38 * smoothstep(0.1, 0.9, c.occlusion), skin.shade_tint)


def paint_face(c: Canvas, figure: Figure, recipe: Recipe, scalp: Callable[[np.ndarray], np.ndarray]) -> None:
    """The face atlas; `scalp` maps places (..., 3) to how much hair covers them."""
    marks, skin, p = figure.marks, recipe.skin, c.points
    paint_skin(c, figure, recipe)
    front = smoothstep(marks.eye[2] - 0.05, marks.eye[2] - 0.02, p[..., 2])
    yellow = gaussian(p, marks.forehead, (0.055, 0.035, 0.05))
    c.mix(np.asarray(skin.base) * (1.03, 1.03, 0.97), 0.35 * yellow * front)
    for side in (1.0, -1.0):
        _paint_cheek(c, figure, recipe, np.array([side, 1, 1]), front)
    _paint_middle(c, figure, recipe)
    if skin.stubble:
        _paint_stubble(c, figure, skin.stubble)
    open_sky = smoothstep(0.1, 0.9, ndimage.gaussian_filter(c.occlusion, 5))
    lit = gaussian(p, marks.nose_tip - (0, 0.005, 0.007), (0.020, 0.013, 0.020))  # light wanders through a nose
    c.shade(1 - 0.40 * (1 - open_sky) * (1 - 0.85 * lit), skin.shade_tint)
    _paint_lips(c, figure, recipe)
    liner = _lid_lines(c, figure)
    c.mix(recipe.lash_color, skin.liner * liner)
    _paint_lid_rims(c, figure, recipe)
    for side in (1.0, -1.0):
        _paint_brow(c, figure, recipe.brow, side, front)
    ears = sample(mask(figure, "ears"), c.base_uvs) * (np.abs(p[..., 0]) > 0.7 * marks.ear_lobe[0])
    hair = scalp(p) * (1 - smoothstep(0.2, 0.6, ears))
    strands = noise(c.color.shape[:2], 1.3, 5) * 0.55 + 1.25
    c.mix(np.asarray(recipe.hair_color) * strands[..., None], 0.94 * hair)
    paint_mouth(c, marks.mouth[1])


def _paint_cheek(c: Canvas, figure: Figure, recipe: Recipe, flip: np.ndarray, front: np.ndarray) -> None:
    """Half a face: blush, the hollow below the cheekbone, the eye's socket; `flip` (3,) mirrors the left half."""
    marks, skin, p = figure.marks, recipe.skin, c.points
    base, flush, radius = np.asarray(skin.base), np.asarray(skin.flush), marks.eye_radius
    warm, deep, light = base * (0.90, 0.74, 0.70), base * (0.80, 0.66, 0.61), base * (1.05, 1.06, 1.07)

    def spot(place: np.ndarray, size_mm: tuple[float, float, float]) -> np.ndarray:
        return front * gaussian(p, place * flip, tuple(v / 1000 for v in size_mm))

    def by_eye(x: float, y: float, z: float = 0.7) -> np.ndarray:
        return marks.eye + np.array([x, y, z]) * radius

    c.mix(deep, skin.contour * spot(marks.mouth + np.array([2.1 * marks.mouth_half_width, 0.006, -0.04]), (15, 20, 30)))
    c.mix(deep, 0.5 * skin.contour * spot(by_eye(1.9, 0.9, -0.8), (12, 22, 26)))  # the temple
    c.mix(flush, skin.blush * spot(by_eye(0.62, -1.62, 0.4), (26, 17, 35)))
    c.mix(flush, 0.55 * skin.blush * spot(by_eye(0.15, -1.35, 0.6), (18, 9, 30)))
    c.mix(light, 0.30 * spot(by_eye(1.02, -0.92, 0.3), (12, 5.5, 20)))  # on the cheekbone
    c.mix(warm, 0.42 * spot(by_eye(-0.72, 0.42), (7.5, 10, 20)))  # the socket's inner corner, beside the nose's root
    c.mix(warm, 0.34 * spot(by_eye(0.15, 0.78), (20, 6.5, 30)))  # below the brow
    c.mix(warm, 0.30 * spot(by_eye(-0.05, -0.86), (15, 4.5, 20)))  # below the lower lid
    c.mix(flush * (0.74, 0.60, 0.60), skin.shadow * spot(by_eye(0.3, 0.60, 0.8), (16, 6, 30)))
    c.mix(warm, 0.30 * spot(marks.nose_tip + (0.0115, 0.014, -0.02), (4.5, 16, 12)))  # beside the nose


def _paint_middle(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """What lies on the face's middle line: the nose's light and flush, the groove above the lips, the chin."""
    marks, skin, p = figure.marks, recipe.skin, c.points
    base, flush = np.asarray(skin.base), np.asarray(skin.flush)
    warm, light = base * (0.90, 0.72, 0.68), base * (1.05, 1.06, 1.07)
    halfway = (marks.nose_bridge + marks.nose_tip) / 2
    c.mix(light, 0.2 * gaussian(p, halfway, (0.0035, 0.021, 0.03)))
    c.mix(flush, 0.22 * gaussian(p, marks.nose_tip - (0, 0.003, 0), (0.015, 0.010, 0.018)))
    c.mix(light, 0.30 * gaussian(p, marks.nose_tip + (0, 0.002, 0), (0.0040, 0.0034, 0.01)))
    below = smoothstep(0.1, -0.7, c.normals[..., 1])
    c.mix(warm, 0.15 * below * gaussian(p, marks.nose_tip - (0, 0.010, 0.012), (0.02, 0.008, 0.02)))
    groove = (marks.nose_tip + marks.mouth) / 2 - (0, 0.007, 0)
    c.mix(warm, 0.22 * gaussian(p, groove, (0.0030, 0.008, 0.02)))
    c.mix(warm, 0.40 * gaussian(p, marks.mouth - (0, 0.0165, 0), (0.015, 0.0042, 0.02)))
    c.mix(flush, 0.16 * gaussian(p, marks.chin + (0, 0.006, 0), (0.013, 0.010, 0.02)))


def _paint_stubble(c: Canvas, figure: Figure, strength: float) -> None:
    """A shaved beard: round the mouth and along the jaw, less on the cheeks."""
    marks, p = figure.marks, c.points
    low = smoothstep(marks.nose_tip[1] - 0.002, marks.mouth[1] + 0.002, p[..., 1])
    beard = low * smoothstep(marks.chin[1] - 0.03, marks.chin[1], p[..., 1])
    beard = beard * smoothstep(marks.eye[2] - 0.085, marks.eye[2] - 0.05, p[..., 2])
    cheek = np.abs(p) - (2.0 * marks.mouth_half_width, marks.mouth[1] + 0.02, marks.mouth[2])
    beard = beard * (1 - 0.75 * gaussian(cheek, np.zeros(3), (0.02, 0.02, 0.1)))
    c.mix((0.36, 0.32, 0.31), strength * beard * (0.8 + 0.5 * noise(beard.shape, 0.9, 15)))


def _paint_lips(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """Lips that are deepest where they meet and fade into the skin at their border, with a soft gloss."""
    marks, p = figure.marks, c.points
    lips = smoothstep(0.12, 0.80, sample(ndimage.gaussian_filter(mask(figure, "lips"), 3.0), c.base_uvs))
    across = np.abs(p[..., 0]) / marks.mouth_half_width
    curves = lip_curves(figure.mesh, figure.shape)
    meeting = p[..., 1] - np.interp(p[..., 0], curves.x, (curves.upper_y + curves.lower_y) / 2)
    inner = np.exp(-((meeting / 0.0032) ** 2))
    upper = smoothstep(-0.0005, 0.0015, meeting)
    color = np.asarray(recipe.skin.lips) * (1 - inner[..., None] * np.array([0.20, 0.34, 0.30]))
    color = color * (1 - 0.09 * upper[..., None]) * (1 + 0.03 * noise(c.color.shape[:2], 1.0, 8)[..., None])
    full = gaussian(p, marks.mouth + (0, -0.0070, 0), (0.011, 0.0036, 0.02))
    color = color + 0.30 * full[..., None] * (np.array([0.98, 0.70, 0.66]) - color)
    c.mix(color, recipe.skin.lip_strength * lips * (1 - 0.35 * smoothstep(0.78, 1.02, across)))
    c.mix((0.33, 0.12, 0.13), 0.85 * lips * np.exp(-((meeting / 0.0009) ** 2)))
    c.mix(
        (0.55, 0.26, 0.24),
        0.3 * gaussian(np.abs(p), marks.mouth + (marks.mouth_half_width, 0, -0.01), (0.003, 0.002, 0.02)),
    )
    for x, y, width, strength in (
        (-0.002, -0.0066, 0.0062, 0.24),
        (0.0035, 0.0042, 0.0022, 0.10),
        (-0.0035, 0.0044, 0.0022, 0.12),
    ):
        c.mix((1.0, 0.93, 0.90), strength * lips * gaussian(p, marks.mouth + (x, y, 0), (width, 0.0012, 0.02)))


def _lid_lines(c: Canvas, figure: Figure) -> np.ndarray:
    """How near a texel lies to the upper lash line, a thinner line below, both stronger outwards."""
    marks = figure.marks
    line = np.zeros(c.color.shape[:2])
    near = np.linalg.norm(np.abs(c.points) - np.abs(marks.eye), axis=-1) < marks.eye_radius * 1.8
    for side, sign in (("left", 1.0), ("right", -1.0)):
        here = near & (c.points[..., 0] * sign > 0)
        outward = (c.points[here][:, 0] * sign - marks.eye[0]) / marks.eye_radius
        for upper, width, strength in ((True, 0.0017, 1.0), (False, 0.0009, 0.45)):
            rim = (lid_rim(figure, side, upper, 60) @ figure.shape)[4:-4]
            distance = np.linalg.norm(c.points[here][:, None] - rim[None], axis=-1).min(1)
            faded = strength * (0.6 + 0.4 * smoothstep(-0.6, 0.5, outward))
            line[here] = np.maximum(line[here], faded * np.exp(-((distance / width) ** 2)))
    return line


def _paint_lid_rims(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """The lids' edges towards the eyeball: dark with lashes above, wet and rosy below."""
    marks = figure.marks
    for side in (1.0, -1.0):
        away = c.points - marks.eye * (side, 1, 1)
        reach = np.linalg.norm(away, axis=-1) / marks.eye_radius
        near = smoothstep(1.16, 1.07, reach) * (away[..., 2] > 0)
        edge = smoothstep(1.30, 1.16, reach) * (away[..., 2] > 0)
        high = away[..., 1] / marks.eye_radius
        edge = edge * smoothstep(0.85, 0.6, away[..., 0] * side / marks.eye_radius)  # the wing is the lashes' own
        c.mix(recipe.lash_color, (0.35 + 0.5 * recipe.skin.liner) * edge * smoothstep(0.12, 0.3, high))
        c.mix((0.86, 0.60, 0.55), 0.55 * near * smoothstep(0.0, -0.2, high))


def _paint_brow(c: Canvas, figure: Figure, brow: Brow, side: float, front: np.ndarray) -> None:
    """Single hairs along the brow's curve over a soft ground."""
    marks, radius = figure.marks, figure.marks.eye_radius
    knots = np.array(brow.points) * radius + marks.eye[:2]
    t = np.linspace(0, 1, len(knots))
    fine = np.linspace(0, 1, 60)
    curve = np.stack([ndimage.gaussian_filter1d(np.interp(fine, t, knots[:, k]), 5, mode="nearest") for k in (0, 1)], 1)
    thick = np.interp(fine, t, brow.thickness) * radius
    x, y = c.points[..., 0] * side, c.points[..., 1]
    region = (front > 0.5) & (x > curve[:, 0].min() - 0.01) & (x < curve[:, 0].max() + 0.01)
    region &= (y > curve[:, 1].min() - 0.01) & (y < curve[:, 1].max() + 0.01) & (c.owner >= 0)
    q = np.stack([x[region], y[region]], 1)
    distance = np.linalg.norm(q[:, None] - curve[None], axis=-1)
    nearest = distance.argmin(1)
    soft = np.exp(-((distance.min(1) / (0.80 * thick[nearest] + 1e-5)) ** 2)) * smoothstep(0.0, 0.22, fine[nearest])
    opacity = 0.72 * soft
    rng = np.random.default_rng(11 if side > 0 else 12)
    for _ in range(brow.hairs):
        at = rng.uniform(0.0, 1.0)
        i = int(at * (len(curve) - 1))
        along = curve[min(i + 1, len(curve) - 1)] - curve[max(i - 1, 0)]
        along /= np.linalg.norm(along)
        up = np.array([-along[1], along[0]])
        lift = rng.uniform(-0.8, 0.8)
        root = curve[i] + up * lift * thick[i] * 0.8
        slant = np.interp(at, [0, 0.25, 1], [0.35, 0.25, -0.05]) - 0.5 * lift * (at > 0.15)
        tip = root + (along + up * slant) * rng.uniform(0.0045, 0.0075)
        segment = tip - root
        s = np.clip((q - root) @ segment / (segment @ segment), 0, 1)
        gap = np.linalg.norm(q - root - s[:, None] * segment, axis=1)
        opacity = np.maximum(
            opacity,
            np.sin(np.pi * np.clip(s + 0.12, 0, 1)) * np.exp(-((gap / 0.00026) ** 2)) * (0.4 + 0.5 * min(at / 0.2, 1)),
        )
    full = np.zeros(x.shape)
    full[region] = opacity
    c.mix(brow.color, full)


def paint_mouth(c: Canvas, lips_y: float) -> None:
    """Inside of the mouth, tongue, teeth and the lids' wet rims, each in its rectangle. The deeper, the darker."""
    size = len(c.color)
    wet = noise(c.color.shape[:2], 3, 21) * 0.03
    for name, color in (
        ("mouth", (0.48, 0.14, 0.15)),
        ("tongue", (0.74, 0.36, 0.36)),
        ("upper_teeth", (0.98, 0.95, 0.90)),
        ("lower_teeth", (0.92, 0.89, 0.83)),
        ("socket", (0.74, 0.47, 0.42)),
    ):
        x0, y0, x1, y1 = (int(v * size) for v in ATLAS[name])
        here = np.s_[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4]
        depth = {"mouth": 0.45, "tongue": 0.75, "socket": 0.4}.get(name, 0.88) + 0.12 * smoothstep(
            0.0, 0.35, c.occlusion[here]
        )
        c.color[here] = (np.asarray(color) + wet[here][..., None]) * depth[..., None]
        if "teeth" in name:
            rise = c.points[here][..., 1] - lips_y
            edge = (0.0055, 0.0075) if name == "upper_teeth" else (-0.0100, -0.0120)
            gum = smoothstep(*edge, rise)[..., None]
            c.color[here] += (np.array([0.66, 0.32, 0.32]) * depth[..., None] - c.color[here]) * gum


def face_surface(c: Canvas, figure: Figure) -> np.ndarray:
    """(size, size, 3) occlusion, roughness and metal of the face atlas: moist lips and lids, and a dark mouth."""
    marks, p, size = figure.marks, c.points, len(c.color)
    surface = np.zeros_like(c.color)
    surface[..., 0] = 0.45 + 0.55 * smoothstep(0.1, 0.9, c.occlusion)
    lips = sample(ndimage.gaussian_filter(mask(figure, "lips"), 3.0), c.base_uvs)
    eyes = np.minimum(*(np.linalg.norm(p - marks.eye * (s, 1, 1), axis=-1) for s in (1, -1))) / marks.eye_radius
    oily = gaussian(p, (marks.nose_bridge + marks.nose_tip) / 2, (0.010, 0.03, 0.03)) + 0.5 * gaussian(
        p, marks.forehead, (0.04, 0.03, 0.04)
    )
    rough = 0.54 - 0.08 * np.clip(oily, 0, 1) - 0.10 * smoothstep(1.5, 1.15, eyes)
    surface[..., 1] = rough + (0.36 - rough) * lips
    for name in ("mouth", "tongue", "upper_teeth", "lower_teeth"):
        x0, y0, x1, y1 = (int(v * size) for v in ATLAS[name])
        here = np.s_[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4]
        lit = smoothstep(0.0, 0.5, c.occlusion[here])  # by what comes in between the lips
        surface[here] = np.stack([(0.5 if "teeth" in name else 0.12) + 0.3 * lit, np.full_like(lit, 0.85), 0 * lit], -1)
    return surface


def iris_texture(recipe: Recipe, size: int = 512) -> np.ndarray:
    """(size, size, 3) equidistant view of an eyeball: sclera, limbal ring, fibres, pupil and a painted lid shadow."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    angle = np.hypot(x, y) / 0.49 * 100
    turn = np.arctan2(y, x)
    rng = np.random.default_rng(3)
    image = np.ones((size, size, 3)) * (0.83, 0.80, 0.785)
    veins = smoothstep(40, 85, angle)
    image += (np.array([0.80, 0.58, 0.54]) - image) * 0.6 * veins[..., None]
    corners = smoothstep(34, 62, angle) * smoothstep(0.2, 0.9, np.abs(np.cos(turn)))
    image *= 1 - 0.30 * corners[..., None] * np.array([0.8, 0.95, 1.0])  # the lids' shade
    fibres = sum(
        a * np.cos(k * turn + p)
        for k, a, p in zip((17, 29, 43, 61), (0.25, 0.25, 0.25, 0.25), rng.uniform(0, 6, 4), strict=True)
    )
    iris = np.asarray(recipe.iris)
    depth = smoothstep(10, IRIS_DEG, angle)
    tone = iris * (1.25 - 0.55 * depth + 0.16 * fibres)[..., None]
    tone = tone * (1 + 1.25 * smoothstep(-0.04, 0.13, y)[..., None] * np.array([1.0, 0.88, 0.70]))
    tone = tone * (1 - 0.55 * smoothstep(0.02, -0.13, y)[..., None])
    ring = np.exp(-(((angle - IRIS_DEG + 1.0) / 3.2) ** 2))
    tone = tone * (1 - 0.85 * ring[..., None])
    inside = smoothstep(IRIS_DEG + 1.2, IRIS_DEG - 1.2, angle)
    image += (tone - image) * inside[..., None]
    pupil = smoothstep(13.0, 10.8, angle)
    image *= 1 - 0.96 * pupil[..., None]
    lid = smoothstep(0.0, -0.13, y + 0.10 * x * x) * 0.72  # the shade of the upper lid and its lashes
    image *= 1 - lid[..., None] * np.array([0.75, 0.9, 1.0])
    for cx, cy, r, strength in ((-0.048, -0.046, 0.024, 0.97), (0.050, 0.058, 0.016, 0.30)):
        glint = smoothstep(r, r * 0.55, np.hypot(x - cx, y - cy))
        image += (1 - image) * (strength * glint)[..., None]
    return np.clip(image, 0, 1)


def lash_texture(recipe: Recipe, size: tuple[int, int] = (128, 512)) -> np.ndarray:
    """(h, w, 4) upper lashes, inner corner at the left and roots at the top: a dark mass that ends in soft points."""
    h, w = size
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:h, 0:w]
    u, v = x / w, y / h
    alpha = smoothstep(1.15, 0.55, v / np.interp(u, [0, 0.2, 0.7, 1], [0.20, 0.38, 0.50, 0.55]))
    lashes = 22
    for k in range(lashes):
        at = (k + rng.uniform(0.3, 0.7)) / lashes
        length = rng.uniform(0.72, 1.0) * np.interp(at, [0, 0.3, 0.85, 1], [0.55, 0.8, 1.0, 0.95])
        middle = at + (at - 0.25) * 0.10 * v**1.5
        thick = 0.026 * np.clip(1 - v / length, 0, 1) ** 0.7
        alpha = np.maximum(alpha, smoothstep(1.3, 0.5, np.abs(u - middle) / np.maximum(thick, 1e-4)))
    image = np.empty((h, w, 4))
    image[..., :3] = recipe.lash_color
    image[..., 3] = alpha * smoothstep(0.0, 0.10, u) * smoothstep(1.0, 0.93, u)
    return image
