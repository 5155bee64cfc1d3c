"""Painting skin, brows, lips, teeth, eyes and lashes."""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

from .head import ATLAS, IRIS_DEG, Figure, lip_curves, root_and_tip
from .paint import Canvas, gaussian, noise, sample
from .recipe import Brow, Recipe
from .stylise import smoothstep

MIRROR = np.array([-1.0, 1.0, 1.0])


def mask(figure: Figure, name: str) -> np.ndarray:
    """A mask painted for the base mesh's UVs, (2048, 2048) in [0, 1]."""
    path = figure.mesh.mpfb / "textures" / f"mpfb_{name}.jpg"
    return np.asarray(Image.open(path).convert("L"), float) / 255


def paint_skin(c: Canvas, figure: Figure, recipe: Recipe) -> None:
    """Skin anywhere on the body: tone, mottling and occlusion."""
    skin = recipe.skin
    size = c.color.shape[:2]
    c.color[:] = skin.base
    grain = noise(size, 1.2, 1) * 0.005 + noise(size, 9, 2) * 0.006
    c.color += grain[..., None] * (1.0, 0.9, 0.8)
    ears = sample(mask(figure, "ears"), c.base_uvs)
    nails = sample(mask(figure, "fingernails"), c.base_uvs)
    c.mix(skin.flush, 0.42 * ears)
    c.mix((0.93, 0.70, 0.66), 0.75 * nails)
    facing_down = smoothstep(0.0, -1.0, c.normals[..., 1])
    c.mix(np.asarray(skin.base) * (0.82, 0.72, 0.72), 0.22 * facing_down)


def paint_face(c: Canvas, figure: Figure, recipe: Recipe, scalp: Callable[[np.ndarray], np.ndarray]) -> None:
    """The face atlas; `scalp` maps places (..., 3) to how much hair covers them."""
    marks, skin, p = figure.marks, recipe.skin, c.points
    paint_skin(c, figure, recipe)
    front = smoothstep(marks.eye[2] - 0.05, marks.eye[2] - 0.02, p[..., 2])
    yellow = gaussian(p, marks.forehead, (0.055, 0.035, 0.05))
    c.mix(np.asarray(skin.base) * (1.03, 1.03, 0.97), 0.35 * yellow * front)
    for side in (1.0, -1.0):
        _paint_cheek(c, figure, recipe, np.array([side, 1, 1]), front)
    c.mix(skin.flush, 0.24 * gaussian(p, marks.nose_tip - (0, 0.003, 0), (0.013, 0.010, 0.018)))
    c.mix(skin.flush, 0.12 * front * gaussian(p, marks.chin + (0, 0.012, 0), (0.014, 0.012, 0.02)))
    if skin.stubble:
        _paint_stubble(c, figure, skin.stubble)
    open_sky = smoothstep(0.1, 0.9, ndimage.gaussian_filter(c.occlusion, 5))
    lit = gaussian(p, marks.nose_tip - (0, 0.004, 0.006), (0.016, 0.010, 0.016))  # light wanders through a nose
    c.shade(1 - 0.40 * (1 - open_sky) * (1 - 0.6 * lit), skin.shade_tint)
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
    """Half a face's blush, contour, and what lies above and below its eye; `flip` (3,) mirrors the left half."""
    marks, skin, p = figure.marks, recipe.skin, c.points
    base, flush, radius = np.asarray(skin.base), np.asarray(skin.flush), marks.eye_radius

    def spot(place: np.ndarray, size_m: tuple[float, float, float]) -> np.ndarray:
        return gaussian(p, place * flip, size_m)

    cheek = marks.eye + np.array([0.45, -1.95, 0.4]) * radius
    c.mix(flush, skin.blush * front * spot(cheek, (0.024, 0.016, 0.035)))
    under = marks.eye + np.array([-0.1, -0.8, 0.7]) * radius
    c.mix(base * (0.95, 0.84, 0.84), 0.22 * front * spot(under, (0.014, 0.004, 0.02)))
    lid = marks.eye + np.array([0.1, 0.62, 0.8]) * radius
    c.mix(flush * (0.72, 0.62, 0.62), skin.shadow * front * spot(lid, (0.017, 0.0065, 0.03)))
    hollow = marks.mouth + np.array([2.05 * marks.mouth_half_width, 0.012, -0.040])
    c.mix(base * (0.80, 0.68, 0.63), skin.contour * spot(hollow, (0.016, 0.020, 0.030)))


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
    marks, p = figure.marks, c.points
    lips = sample(ndimage.gaussian_filter(mask(figure, "lips"), 1.2), c.base_uvs)
    lips = smoothstep(0.25, 0.75, lips)
    across = np.abs(p[..., 0]) / marks.mouth_half_width
    seam = np.exp(-(((p[..., 1] - marks.mouth[1]) / 0.0017) ** 2))
    curves = lip_curves(figure.mesh, figure.shape)
    meeting = p[..., 1] - np.interp(p[..., 0], curves.x, (curves.upper_y + curves.lower_y) / 2)
    color = np.asarray(recipe.skin.lips) * (1 - 0.28 * seam[..., None] * (0.8, 1.0, 0.95))
    upper = smoothstep(-0.001, 0.002, p[..., 1] - marks.mouth[1])
    color = color * (1 - 0.10 * upper[..., None])
    creases = noise(c.color.shape[:2], 1.0, 8) * 0.03
    full = gaussian(p, marks.mouth + (0, -0.0062, 0), (0.011, 0.0036, 0.02))
    color = color * (1 + creases[..., None])
    color = color + 0.42 * full[..., None] * (np.array([0.98, 0.74, 0.69]) - color)
    c.mix(color, recipe.skin.lip_strength * lips * (1 - 0.45 * smoothstep(0.75, 1.02, across)))
    c.mix((0.36, 0.15, 0.15), 0.8 * lips * np.exp(-((meeting / 0.0010) ** 2)))
    glints = ((-0.0035, -0.0058, 0.0042, 0.30), (0.0045, -0.0064, 0.0022, 0.16), (-0.0030, 0.0046, 0.0022, 0.12))
    for x, y, width, strength in glints:
        wet = gaussian(p, marks.mouth + (x, y, 0), (width, 0.0011, 0.02))
        c.mix((1.0, 0.93, 0.90), strength * lips * wet)


def _lid_lines(c: Canvas, figure: Figure) -> np.ndarray:
    """How near a texel lies to the upper lash line, a thinner line below, both stronger outwards."""
    marks = figure.marks
    line = np.zeros(c.color.shape[:2])
    near = np.linalg.norm(np.abs(c.points) - np.abs(marks.eye), axis=-1) < marks.eye_radius * 1.8
    for letter, side in (("l", 1.0), ("r", -1.0)):
        for group, width, strength in (("2", 0.0019, 1.0), ("1", 0.0011, 0.38)):
            ranges = figure.mesh.groups[f"helper-{letter}-eyelashes-{group}"]
            ids = np.concatenate([np.arange(first, last + 1) for first, last in ranges])
            points = figure.shape[ids]
            centre = marks.eye * (side, 1, 1)
            roots = points[root_and_tip(points, centre)[0]]
            here = near & (c.points[..., 0] * side > 0)
            roots = roots[np.argsort(roots[:, 0])]
            x = np.linspace(roots[0, 0], roots[-1, 0], 60)
            fine = np.stack(
                [x, *(ndimage.gaussian_filter1d(np.interp(x, roots[:, 0], roots[:, k]), 2) for k in (1, 2))], 1
            )
            distance = np.linalg.norm(c.points[here][:, None] - fine[None], axis=-1).min(1)
            outward = 0.55 + 0.45 * smoothstep(
                -0.6, 0.7, (c.points[here][:, 0] * side - marks.eye[0]) / marks.eye_radius
            )
            line[here] = np.maximum(line[here], strength * outward * np.exp(-((distance / width) ** 2)))
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
    opacity = 0.62 * soft
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
            np.sin(np.pi * np.clip(s + 0.12, 0, 1)) * np.exp(-((gap / 0.00026) ** 2)) * (0.3 + 0.42 * min(at / 0.2, 1)),
        )
    full = np.zeros(x.shape)
    full[region] = opacity
    c.mix(brow.color, full)


def paint_mouth(c: Canvas, lips_y: float) -> None:
    """Inside of the mouth, tongue, teeth and the lids' wet rims, each in its rectangle. The deeper, the darker."""
    size = len(c.color)
    wet = noise(c.color.shape[:2], 3, 21) * 0.03
    for name, color in (
        ("mouth", (0.45, 0.17, 0.17)),
        ("tongue", (0.74, 0.36, 0.36)),
        ("upper_teeth", (0.98, 0.95, 0.90)),
        ("lower_teeth", (0.92, 0.89, 0.83)),
        ("socket", (0.74, 0.47, 0.42)),
    ):
        x0, y0, x1, y1 = (int(v * size) for v in ATLAS[name])
        here = np.s_[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4]
        depth = (0.92 if "teeth" in name else 0.4) + 0.12 * smoothstep(0.0, 0.35, c.occlusion[here])
        c.color[here] = (np.asarray(color) + wet[here][..., None]) * depth[..., None]
        if "teeth" in name:
            rise = c.points[here][..., 1] - lips_y
            edge = (0.0055, 0.0075) if name == "upper_teeth" else (-0.0100, -0.0120)
            gum = smoothstep(*edge, rise)[..., None]
            c.color[here] += (np.array([0.66, 0.32, 0.32]) * depth[..., None] - c.color[here]) * gum


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
    tone = tone * (1 + 0.85 * smoothstep(-0.03, 0.13, y)[..., None] * np.array([1.0, 0.92, 0.78]))
    tone = tone * (1 - 0.55 * smoothstep(0.02, -0.13, y)[..., None])
    ring = np.exp(-(((angle - IRIS_DEG + 1.0) / 3.2) ** 2))
    tone = tone * (1 - 0.75 * ring[..., None])
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
    """(h, w, 4) upper lashes, inner corner at the left and roots at the top: a dark wing that ends in soft points."""
    h, w = size
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:h, 0:w]
    u, v = x / w, y / h
    wing = np.interp(u, [0, 0.25, 0.8, 1], [0.14, 0.34, 0.55, 0.45])
    alpha = 0.96 * smoothstep(1.0, 0.4, v / wing)
    for k in range(10):
        at = (k + rng.uniform(0.35, 0.65)) / 10
        length = rng.uniform(0.85, 1.0) * np.interp(at, [0, 0.3, 0.85, 1], [0.4, 0.75, 1.0, 0.8])
        middle = at + (at - 0.3) * 0.12 * v**1.5
        thick = 0.045 * np.clip(1 - v / length, 0, 1) ** 0.9
        alpha = np.maximum(alpha, 0.85 * smoothstep(1.2, 0.4, np.abs(u - middle) / np.maximum(thick, 1e-4)))
    image = np.empty((h, w, 4))
    image[..., :3] = recipe.lash_color
    image[..., 3] = alpha * smoothstep(0.0, 0.08, u) * smoothstep(1.0, 0.86, u)
    return image
