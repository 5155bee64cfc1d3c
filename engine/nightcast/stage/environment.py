"""Light from all around: a panorama turned into what a shader can afford.

Diffuse light is spherical harmonics of degrees 0, 1, 2 and 4 (Ramamoorthi & Hanrahan 2001; those of degree 3 are 0).
Mirrored light is the panorama blurred by the GGX lobe of six roughnesses (split sum, Karis 2013), each an octahedral
picture (Cigolle et al. 2014) half the size of the one before, so that they are the mip levels of one texture.
Directions are world space, +Y up; a panorama's middle column looks along −Z. Pure numpy; results are cached on disk
by the picture's content.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.stage.errors import AssetError
from nightcast.stage.radiance import read_hdr

F32 = NDArray[np.float32]

#: Side of the sharpest octahedral picture, in pixels; each following level halves it. `env.glsl` says the same.
BASE_PX = 256
LEVELS = 6
HARMONICS = 18
SAMPLES = 64

#: Kept sharp for backgrounds.
PANORAMA_WIDTH_PX = 2048

#: Changes when the calculation does, so that old cache files are not used.
CACHE_VERSION = 9

#: Half floats end at 65504; a level and the lamps added to it must stay below.
MAX_RADIANCE = 30000.0


@dataclass(frozen=True, eq=False)
class Environment:
    """A prefiltered panorama, in linear radiance.

    `levels[i]` is (256 >> i, 256 >> i, 3) for roughness i / 5, with a border of one pixel for filtering; `sh` is
    (18, 3), the coefficients of irradiance / π; `panorama` is (h, w, 3).
    """

    name: str
    levels: tuple[F32, ...]
    sh: F32
    panorama: F32


def load_environment(path: Path, cache: Path | None = None) -> Environment:
    """The environment in a `.hdr`, `.png` or `.jpg` panorama. Raises AssetError.

    `cache` is a folder that keeps the result under the hash of the file's content.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
    except OSError as error:
        raise AssetError(path, f"cannot be read ({error.strerror})", "Check the path in the scene.") from error
    kept = cache / f"light-{CACHE_VERSION}-{digest}.npz" if cache else None
    if kept is not None and (found := _read_cache(kept, path.name)) is not None:
        return found
    made = prefilter(_read_panorama(path), path.name)
    if kept is not None:
        _write_cache(kept, made)
    return made


def gradient_environment(
    sky: Sequence[float], horizon: Sequence[float], ground: Sequence[float], name: str = "gradient"
) -> Environment:
    """An environment of three linear colours, blended by height."""
    up = np.cos(np.linspace(0.5, 63.5, 64) / 64 * np.pi)[:, None]
    upper = np.clip(up, 0, 1) ** 0.6
    lower = np.clip(-up, 0, 1) ** 0.6
    column = np.asarray(sky) * upper + np.asarray(ground) * lower + np.asarray(horizon) * (1 - upper - lower)
    return prefilter(np.repeat(column[:, None].astype(np.float32), 128, axis=1), name)


def no_environment() -> Environment:
    """Darkness all around."""
    levels = tuple(np.zeros((BASE_PX >> i, BASE_PX >> i, 3), np.float32) for i in range(LEVELS))
    return Environment("dark", levels, np.zeros((HARMONICS, 3), np.float32), np.zeros((2, 4, 3), np.float32))


def prefilter(panorama: F32, name: str) -> Environment:
    """Blur a panorama (h, w, 3), linear radiance, for all roughnesses."""
    while panorama.shape[1] > PANORAMA_WIDTH_PX:
        panorama = _half(panorama)
    panorama = np.minimum(panorama, np.float32(MAX_RADIANCE))
    pyramid = [panorama]
    while pyramid[-1].shape[0] > 4:
        pyramid.append(_half(pyramid[-1]))
    levels = tuple(_blurred(pyramid, i) for i in range(LEVELS))
    small = next((p for p in pyramid if p.shape[1] <= 256), pyramid[-1])
    return Environment(name, levels, irradiance_sh(small), panorama.astype(np.float32))


def irradiance_sh(panorama: F32) -> F32:
    """(18, 3) coefficients of irradiance / π of a panorama (h, w, 3)."""
    height, width = panorama.shape[:2]
    directions = panorama_directions(height, width)
    polar = (np.arange(height) + 0.5) / height * np.pi
    solid_angle = np.sin(polar) * (np.pi / height) * (2 * np.pi / width)
    weight = np.broadcast_to(solid_angle[:, None], (height, width)).reshape(-1)
    basis = sh_basis(directions.reshape(-1, 3))
    return _cosine_lobe((basis * weight[:, None]).T @ panorama.reshape(-1, 3))


def lamp_sh(toward: F32, irradiance: F32) -> F32:
    """(18, 3) coefficients of irradiance / π of a light from direction `toward` (3,), unit length."""
    return _cosine_lobe(sh_basis(toward[None])[0][:, None] * irradiance[None])


def lamp_levels(toward: F32, irradiance: F32) -> list[F32]:
    """What a light from `toward` adds to each level: its GGX highlight, seen along the mirror direction."""
    added = []
    for level in range(LEVELS):
        alpha = max(level_roughness(level), 0.12) ** 2
        nl = np.clip(level_directions(level) @ toward, 0, 1)
        nh2 = (1 + nl) / 2  # the half vector between the view along the normal, and the light
        spread = alpha**2 / (np.pi * (nh2 * (alpha**2 - 1) + 1) ** 2)
        added.append((spread * nl / 4)[..., None].astype(np.float32) * irradiance)
    return added


def level_roughness(level: int) -> float:
    return level / (LEVELS - 1)


def level_directions(level: int) -> F32:
    """(n, n, 3) unit directions of the pixels of one level, its border included."""
    n = BASE_PX >> level
    at = ((np.arange(n, dtype=np.float32) + 0.5) - 1) / (n - 2) * 2 - 1
    u, v = np.meshgrid(at, at)
    # A border pixel lies past the edge; the octahedron folds there, about the middle of the edge.
    folded_u = np.where(np.abs(v) > 1, -u, u)
    folded_v = np.where(np.abs(u) > 1, -v, v)
    u = np.where(np.abs(folded_u) > 1, np.sign(folded_u) * (2 - np.abs(folded_u)), folded_u)
    v = np.where(np.abs(folded_v) > 1, np.sign(folded_v) * (2 - np.abs(folded_v)), folded_v)
    y = 1 - np.abs(u) - np.abs(v)
    x = np.where(y < 0, (1 - np.abs(v)) * np.where(u >= 0, 1, -1), u)
    z = np.where(y < 0, (1 - np.abs(u)) * np.where(v >= 0, 1, -1), v)
    directions = np.stack([x, y, z], -1)
    return np.asarray(directions / np.linalg.norm(directions, axis=-1, keepdims=True), np.float32)


def panorama_directions(height: int, width: int) -> F32:
    """(height, width, 3) unit directions of a panorama's pixels."""
    polar = ((np.arange(height) + 0.5) / height * np.pi)[:, None]
    around = ((np.arange(width) + 0.5) / width * 2 * np.pi - np.pi)[None]
    x, z = np.sin(polar) * np.sin(around), -np.sin(polar) * np.cos(around)
    return np.stack([x, np.broadcast_to(np.cos(polar), x.shape), z], -1).astype(np.float32)


def sh_basis(directions: F32) -> F32:
    """(n, 18) real spherical harmonics of unit directions (n, 3), in the order of `scene.glsl`."""
    x, y, z = directions.T
    return np.stack(
        [
            np.full_like(x, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
            2.503343 * x * y * (x * x - y * y),
            1.770131 * y * z * (3 * x * x - y * y),
            0.946175 * x * y * (7 * z * z - 1),
            0.669047 * y * z * (7 * z * z - 3),
            0.105786 * (35 * z**4 - 30 * z * z + 3),
            0.669047 * x * z * (7 * z * z - 3),
            0.473087 * (x * x - y * y) * (7 * z * z - 1),
            1.770131 * x * z * (x * x - 3 * y * y),
            0.625836 * (x**4 - 6 * x * x * y * y + y**4),
        ],
        -1,
    )


def turned(environment: Environment, degrees: float) -> Environment:
    """The environment turned about +Y, counter-clockwise seen from above."""
    if degrees % 360 == 0:
        return environment
    angle = np.radians(-degrees)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
    levels = tuple(
        _sample_octahedral(level, level_directions(i) @ turn.T) for i, level in enumerate(environment.levels)
    )
    width = environment.panorama.shape[1]
    rolled = np.roll(environment.panorama, round(-degrees / 360 * width), axis=1)
    return Environment(environment.name, levels, _turned_sh(environment.sh, turn), rolled)


def _turned_sh(sh: F32, turn: F32) -> F32:
    """Coefficients of the same light turned by (3, 3): each degree of harmonics holds its own turned ones."""
    directions = level_directions(LEVELS - 1).reshape(-1, 3)
    return np.asarray(np.linalg.lstsq(sh_basis(directions), sh_basis(directions @ turn.T) @ sh)[0], np.float32)


def _cosine_lobe(sh: F32) -> F32:
    """Radiance coefficients to irradiance / π."""
    lobe = np.array([1.0] + [2 / 3] * 3 + [1 / 4] * 5 + [-1 / 24] * 9, np.float32)
    return np.asarray(sh * lobe[:, None], np.float32)


def _blurred(pyramid: list[F32], level: int) -> F32:
    """One level: the panorama under the GGX lobe about each direction, view along the normal."""
    normals = level_directions(level)
    roughness = level_roughness(level)
    if roughness == 0:
        pick = max(0, int(np.log2(pyramid[0].shape[1] / (BASE_PX * 2))))
        return _sample_panorama(pyramid[pick], normals)
    if level == 1:
        return _blurred_by_samples(pyramid, normals, roughness**2)
    small = next((p for p in pyramid if p.shape[1] <= 64), pyramid[-1])
    return _blurred_by_sum(small, normals, roughness**2)


def _blurred_by_sum(panorama: F32, normals: F32, alpha: float) -> F32:
    """Every direction against every pixel, for wide lobes and a small panorama."""
    height, width = panorama.shape[:2]
    toward = panorama_directions(height, width).reshape(-1, 3)
    area = np.repeat(np.sin((np.arange(height) + 0.5) / height * np.pi), width).astype(np.float32)
    out = np.empty((normals.shape[0], normals.shape[1], 3), np.float32)
    for row, directions in enumerate(normals):
        nl = np.maximum(directions @ toward.T, 0)
        spread = (nl + 1) * np.float32(0.5 * (alpha**2 - 1)) + 1  # of nh² = (1 + nl) / 2
        weight = nl * area / (spread * spread)
        out[row] = (weight @ panorama.reshape(-1, 3)) / weight.sum(axis=1, keepdims=True)
    return out


def _blurred_by_samples(pyramid: list[F32], normals: F32, alpha: float) -> F32:
    """By importance sampling, each sample from a mip level whose pixels are as large as the patch it stands for."""
    up = np.where(np.abs(normals[..., 1:2]) < 0.9, np.array([0, 1, 0], np.float32), np.array([1, 0, 0], np.float32))
    tangent = np.cross(up, normals)
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
    bitangent = np.cross(normals, tangent)
    total, weight = np.zeros(normals.shape, np.float32), 0.0
    texels = pyramid[0].shape[0] * pyramid[0].shape[1]
    for i in range(SAMPLES):
        u, phi = (i + 0.5) / SAMPLES, 2 * np.pi * ((i * 0.6180339887) % 1.0)
        cos2 = (1 - u) / (1 + (alpha * alpha - 1) * u)  # of the angle between normal and half vector
        nl = 2 * cos2 - 1
        if nl <= 0:
            continue
        sin_l = 2 * np.sqrt(cos2 * (1 - cos2))
        direction = normals * nl + tangent * (sin_l * np.cos(phi)) + bitangent * (sin_l * np.sin(phi))
        density = alpha**2 / (np.pi * (cos2 * (alpha**2 - 1) + 1) ** 2) / 4
        pick = 0.5 * np.log2(texels / (4 * np.pi) / (SAMPLES * density)) + 1.5
        total += nl * _sample_panorama(pyramid[int(np.clip(pick, 0, len(pyramid) - 1))], direction)
        weight += nl
    return total / np.float32(weight)


def _sample_panorama(panorama: F32, directions: F32) -> F32:
    height, width = panorama.shape[:2]
    u = (np.arctan2(directions[..., 0], -directions[..., 2]) / (2 * np.pi) + 0.5) * width - 0.5
    v = np.arccos(np.clip(directions[..., 1], -1, 1)) / np.pi * height - 0.5
    return _bilinear(panorama, u, v, wrap=True)


def _sample_octahedral(level: F32, directions: F32) -> F32:
    n = level.shape[0]
    d = directions / np.abs(directions).sum(-1, keepdims=True)
    x, y, z = d[..., 0], d[..., 1], d[..., 2]
    u = np.where(y < 0, (1 - np.abs(z)) * np.where(x >= 0, 1, -1), x)
    v = np.where(y < 0, (1 - np.abs(x)) * np.where(z >= 0, 1, -1), z)
    return _bilinear(level, (u * 0.5 + 0.5) * (n - 2) + 0.5, (v * 0.5 + 0.5) * (n - 2) + 0.5, wrap=False)


def _bilinear(picture: F32, u: F32, v: F32, *, wrap: bool) -> F32:
    height, width = picture.shape[:2]
    u0, v0 = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
    fu, fv = (u - u0)[..., None].astype(np.float32), (v - v0)[..., None].astype(np.float32)
    u0, u1 = (u0 % width, (u0 + 1) % width) if wrap else (u0.clip(0, width - 1), (u0 + 1).clip(0, width - 1))
    v0, v1 = v0.clip(0, height - 1), (v0 + 1).clip(0, height - 1)
    top = picture[v0, u0] * (1 - fu) + picture[v0, u1] * fu
    bottom = picture[v1, u0] * (1 - fu) + picture[v1, u1] * fu
    return np.asarray(top * (1 - fv) + bottom * fv, np.float32)


def _half(picture: F32) -> F32:
    height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    quads = picture[:height, :width].reshape(height // 2, 2, width // 2, 2, -1)
    return np.asarray(quads.mean(axis=(1, 3)), np.float32)


def _read_panorama(path: Path) -> F32:
    if path.suffix.lower() in (".hdr", ".pic"):
        return read_hdr(path)
    from PIL import Image as Pictures

    try:
        with Pictures.open(path) as picture:
            picture.thumbnail((PANORAMA_WIDTH_PX, PANORAMA_WIDTH_PX))
            encoded = np.asarray(picture.convert("RGB"), np.float32) / 255
    except (OSError, ValueError, Pictures.DecompressionBombError) as error:
        remedy = "Use a .hdr, .png or .jpg panorama, twice as wide as high."
        raise AssetError(path, f"is no picture ({error})", remedy) from error
    return np.asarray(np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4), np.float32)


def _read_cache(path: Path, name: str) -> Environment | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            levels = tuple(kept[f"level{i}"].astype(np.float32) for i in range(LEVELS))
            return Environment(name, levels, kept["sh"], kept["panorama"].astype(np.float32))
    except (OSError, ValueError, KeyError):
        return None  # absent or torn: it is made again


def _write_cache(path: Path, made: Environment) -> None:
    """Whole or not at all; a full disk costs the cache, not the show."""
    half = {f"level{i}": level.astype(np.float16) for i, level in enumerate(made.levels)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as out:
            np.savez(out, sh=made.sh, panorama=made.panorama.astype(np.float16), allow_pickle=False, **half)
        os.replace(out.name, path)
    except OSError:
        path.with_suffix(".part").unlink(missing_ok=True)
