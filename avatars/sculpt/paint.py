"""Painting by fields: what a texel shows is a function of where on the figure it lies.

A part is rasterised into its atlas, each texel gets its place, normal and occlusion on the figure, and colours are
mixed there by smooth masks. Colours are sRGB triples in [0, 1]; mixing in sRGB is what painters are used to.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from .part import Part, vertex_normals

Color = tuple[float, float, float]


@dataclass
class Canvas:
    """Texels of one atlas: `color` (size, size, 3) and the places on the figure that the texels show."""

    color: np.ndarray
    points: np.ndarray  # (size, size, 3) metres, sculpted pose
    normals: np.ndarray  # (size, size, 3)
    occlusion: np.ndarray  # (size, size) 0 in the dark, 1 in the open
    base_uvs: np.ndarray  # (size, size, 2)
    owner: np.ndarray  # (size, size) index of the part, -1 where nothing is
    height: np.ndarray  # (size, size) metres that seams, buttons and weave stand out

    def mix(self, color: Color | np.ndarray, mask: np.ndarray) -> None:
        """Paint `color` with an opacity of `mask` (size, size)."""
        self.color += (np.asarray(color) - self.color) * np.clip(mask, 0, 1)[..., None]

    def shade(self, factor: np.ndarray, tint: Color = (1.0, 1.0, 1.0)) -> None:
        """Multiply by `factor` (size, size), where `tint` < 1 keeps more of a channel in the dark."""
        self.color *= 1 - (1 - factor[..., None]) * np.asarray(tint)


def canvas(parts: list[Part], occlusions: list[np.ndarray], size: int, ground: Color) -> Canvas:
    """Rasterise parts that share an atlas, with one occlusion value per vertex."""
    layers = np.zeros((size, size, 9))
    owner = np.full((size, size), -1)
    for number, (part, open_share) in enumerate(zip(parts, occlusions, strict=True)):
        normals = (
            part.normals if part.normals is not None else vertex_normals(part.positions, part.triangles, part.weld)
        )
        base = part.base_uvs if part.base_uvs is not None else np.zeros((len(part.positions), 2))
        values = np.concatenate([part.positions, normals, open_share[:, None], base], 1)
        rasterise(part.uvs, part.triangles, values, layers, owner, number)
    nearest = ndimage.distance_transform_edt(owner < 0, return_distances=False, return_indices=True)
    layers = layers[nearest[0], nearest[1]]
    color = np.ones((size, size, 3)) * np.asarray(ground)
    return Canvas(
        color,
        layers[..., :3],
        layers[..., 3:6],
        layers[..., 6],
        layers[..., 7:9],
        owner[nearest[0], nearest[1]],
        np.zeros((size, size)),
    )


def rasterise(
    uvs: np.ndarray, triangles: np.ndarray, values: np.ndarray, out: np.ndarray, owner: np.ndarray, number: int
) -> None:
    """Interpolate per-vertex `values` (n, k) over the triangles into `out` (size, size, k), marking `owner`."""
    size = len(out)
    corners = uvs * size - 0.5
    for triangle in triangles:
        p = corners[triangle]
        low = np.maximum(np.floor(p.min(0)).astype(int), 0)
        high = np.minimum(np.ceil(p.max(0)).astype(int), size - 1)
        if (high < low).any():
            continue
        (ax, ay), (bx, by), (cx, cy) = p
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
        wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
        wa = 1 - wb - wc
        inside = (wa > -0.02) & (wb > -0.02) & (wc > -0.02)
        weights = np.stack([wa[inside], wb[inside], wc[inside]], 1)
        out[y[inside], x[inside]] = weights @ values[triangle]
        owner[y[inside], x[inside]] = number


def noise(shape: tuple[int, int], scale: float, seed: int) -> np.ndarray:
    """Smooth noise in [-1, 1], about `scale` texels from hill to valley."""
    field = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), scale, mode="wrap")
    return np.clip(field / (2.5 * field.std()), -1, 1)


def gaussian(points: np.ndarray, centre: np.ndarray, radius: tuple[float, float, float]) -> np.ndarray:
    """A soft blob: 1 at `centre`, 0.37 at `radius` metres along each axis."""
    return np.exp(-((((points - centre) / np.asarray(radius)) ** 2).sum(-1)))


def sample(image: np.ndarray, uvs: np.ndarray) -> np.ndarray:
    """Bilinear look-up of a (h, w) picture at UVs with V upwards, as the base mesh has them."""
    h, w = image.shape
    at = np.stack([(1 - uvs[..., 1]) * h - 0.5, uvs[..., 0] * w - 0.5])
    return ndimage.map_coordinates(image, at, order=1, mode="nearest")


def encode(image: np.ndarray, quality: int = 84, fine_color: bool = False) -> bytes:
    """A picture (h, w, 3 or 4) in [0, 1] as JPEG, or PNG where it has alpha.

    `fine_color` keeps colour as sharp as light and dark, as a normal map needs it.
    """
    pixels = (np.clip(image, 0, 1) * 255 + 0.5).astype("u1")
    out = io.BytesIO()
    if pixels.shape[2] == 4:
        Image.fromarray(pixels).save(out, "PNG", optimize=True)
    else:
        Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=0 if fine_color else 2)
    return out.getvalue()
