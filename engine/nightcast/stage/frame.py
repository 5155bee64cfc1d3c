"""What one picture shows: the description that `Renderer.draw` turns into pixels.

World space: right-handed, +Y up, metres. Matrices are row-major (4, 4) arrays that multiply column vectors.
Colours are linear RGB unless a name says sRGB. No GL; plain records, made anew each frame by whoever directs
the scene; the heavy things in them (models, environments, images) are handles that the renderer made before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32
from nightcast.host.frame import HostFrame
from nightcast.stage.layers import Bitmap, Layer

if TYPE_CHECKING:
    from nightcast.stage.environment import Environment
    from nightcast.stage.model import ModelHandle

Color = tuple[float, float, float]

#: For each (node, primitive of its mesh) the shift (n, 3) of its vertices at rest, in the mesh's own space.
Shape = Mapping[tuple[int, int], F32]

Kind = Literal["set", "host", "product", "worn", "occluder"]


@dataclass(frozen=True, eq=False)
class Camera:
    """Where the picture is taken from.

    `view` takes world to camera space (looking along −Z). `fov_deg` is vertical; the aspect is the picture's.
    `projection` replaces field of view and clip distances, for a tracked camera (OpenGL clip space).
    Things between the two distances of `focus_m` along the line of sight are sharp; how soft the others are grows
    with `aperture_m`, the lens's opening. At 0 all is sharp, and costs nothing.
    """

    view: F32  #: (4, 4)
    fov_deg: float = 30.0
    near_m: float = 0.1
    far_m: float = 50.0
    projection: F32 | None = None  #: (4, 4)
    focus_m: tuple[float, float] = (1.0, 1.0)
    aperture_m: float = 0.0

    def projection_matrix(self, aspect: float) -> F32:
        """(4, 4) camera to clip space, z in −1…1."""
        if self.projection is not None:
            return self.projection
        f = 1.0 / np.tan(np.radians(self.fov_deg) / 2)
        near, far = self.near_m, self.far_m
        matrix = np.zeros((4, 4), np.float32)
        matrix[0, 0] = f / aspect
        matrix[1, 1] = f
        matrix[2, 2] = (far + near) / (near - far)
        matrix[2, 3] = 2 * far * near / (near - far)
        matrix[3, 2] = -1
        return matrix

    @property
    def position(self) -> F32:
        """(3,) the eye in world space."""
        rotation = self.view[:3, :3]
        return np.asarray(-rotation.T @ self.view[:3, 3], np.float32)


@dataclass(frozen=True)
class Lamp:
    """A light from far away.

    `toward` points from the scene to the light. `intensity` is the irradiance on a surface that faces it, in the
    unit in which π makes a white matt surface white (three.js's unit, so scenes carry over).
    """

    toward: tuple[float, float, float]
    intensity: float = 1.0
    kelvin: float = 6500.0
    color: Color | None = None  #: sRGB hue instead of a temperature; its brightness is that of `intensity` alone
    shadow: Literal["none", "hard", "soft"] = "none"


@dataclass(frozen=True)
class Lighting:
    """All light of a picture.

    The key light is worked out for each pixel and casts the shadow; fill and rim join the environment, which
    costs nothing per pixel. `ambient` is irradiance from everywhere, `environment_deg` turns the environment
    about +Y.
    """

    key: Lamp | None = None
    fill: Lamp | None = None
    rim: Lamp | None = None
    ambient: Color = (0.0, 0.0, 0.0)
    environment: Environment | None = None
    environment_intensity: float = 1.0
    environment_deg: float = 0.0


@dataclass(frozen=True)
class Background:
    """What is behind everything.

    `top` and `bottom` are sRGB colours 0…1 (equal: a plain colour); `image` covers them, filled and centred;
    `environment` shows the lighting's environment instead, blurred by 0…1.
    """

    top: Color = (0.0, 0.0, 0.0)
    bottom: Color | None = None
    image: Bitmap | None = None
    environment: bool = False
    blur: float = 0.0


@dataclass(frozen=True, eq=False)
class Makeup:
    """Colour worn on a material: laid over its base colour in its own first UV set.

    `layer` is sRGB with straight alpha, row 0 at v = 0, (h, w, 4); `finish` is what the surface becomes where alpha is
    1, in the same UVs: roughness, metal and flakes in R, G and B. None leaves it.
    """

    material: int
    layer: Bitmap
    finish: Bitmap | None = None

    @property
    def keys(self) -> frozenset[int]:
        """Of its bitmaps."""
        return frozenset(bitmap.key for bitmap in (self.layer, self.finish) if bitmap is not None)


@dataclass(frozen=True, eq=False)
class Instance:
    """A model in the scene.

    `kind` says how it takes part: a `set` stands still and is drawn once while camera and light rest; `host`,
    `product` and `worn` move and cast shadows; an `occluder` only hides what is behind it. A model that is posed
    (a host, or skinned) may appear in one instance only.
    """

    model: ModelHandle
    world: F32  #: (4, 4)
    kind: Kind = "product"
    pose: HostFrame | None = None  #: None: as the file poses it
    variant: str | None = None
    makeup: tuple[Makeup, ...] = ()
    hidden_nodes: frozenset[int] = frozenset()
    shape: Shape | None = None  #: another shape at rest; None: the file's


@dataclass(frozen=True)
class ContactShadow:
    """Soft darkness on a horizontal surface, under something that rests on it."""

    center: tuple[float, float, float]
    radius_m: tuple[float, float]  #: along x and z
    strength: float = 0.5
    turn_deg: float = 0.0


@dataclass(frozen=True)
class Mix:
    """Blend with the picture that `Renderer.hold` kept: at 0 it alone is seen, at 1 it is gone."""

    kind: Literal["dissolve", "dip", "wipe", "zoom"]
    progress: float
    color: Color = (0.0, 0.0, 0.0)  #: sRGB, what `dip` goes through
    angle_deg: float = 0.0  #: the way a `wipe` goes; 0 is to the right, 90 down
    #: What a `zoom` brings near, in shares of the held picture from its left and top.
    toward: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, eq=False)
class Split:
    """Left of `at`, a share of the picture's width, `before` is seen instead of the frame's own moving instances."""

    at: float
    before: Sequence[Instance]


@dataclass(frozen=True)
class Effects:
    """Looks that cost time and are off unless a scene asks. Each is 0…1."""

    vignette: float = 0.0
    bloom: float = 0.0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. `time_s` drives texture animation."""

    camera: Camera
    lighting: Lighting = field(default_factory=Lighting)
    background: Background = field(default_factory=Background)
    instances: Sequence[Instance] = ()
    contact_shadows: Sequence[ContactShadow] = ()
    layers: Sequence[Layer] = ()
    split: Split | None = None
    mix: Mix | None = None
    effects: Effects = field(default_factory=Effects)
    time_s: float = 0.0


def look_at(eye: Sequence[float], target: Sequence[float], up: Sequence[float] = (0, 1, 0)) -> F32:
    """(4, 4) view matrix of a camera at `eye` that looks at `target`.

    Written out, since numpy's products of three numbers take longer than a draw call.
    """
    ex, ey, ez = (float(value) for value in eye)
    tx, ty, tz = (float(value) for value in target)
    ux, uy, uz = up
    fx, fy, fz = _unit(tx - ex, ty - ey, tz - ez, otherwise=(0.0, 0.0, -1.0), shortest=1e-9)
    # Looking straight up or down, the right is where it is in the world.
    rx, ry, rz = _unit(
        fy * uz - fz * uy, fz * ux - fx * uz, fx * uy - fy * ux, otherwise=(1.0, 0.0, 0.0), shortest=1e-6
    )
    turned = (
        (rx, ry, rz),
        (ry * fz - rz * fy, rz * fx - rx * fz, rx * fy - ry * fx),
        (-fx, -fy, -fz),
    )
    view = [(x, y, z, -(x * ex + y * ey + z * ez)) for x, y, z in turned]
    return np.array([*view, (0.0, 0.0, 0.0, 1.0)], np.float32)


def _unit(
    x: float, y: float, z: float, *, otherwise: tuple[float, float, float], shortest: float
) -> tuple[float, float, float]:
    length = math.sqrt(x * x + y * y + z * z)
    return (x / length, y / length, z / length) if length >= shortest else otherwise


@lru_cache(maxsize=64)
def kelvin_color(kelvin: float) -> NDArray[np.float32]:
    """(3,) linear sRGB of a light of this colour temperature, with luminance 1; 6500 K is white.

    Planck's locus by Kim et al. (2002), US patent 7024034, cubic in 1000/T, good from 1667 to 25000 K; scaled so
    that 6500 K is exactly neutral.
    """
    color = np.asarray(_locus(kelvin) / _locus(6500.0), np.float32)
    color.flags.writeable = False  # it is handed out again
    return color


def lamp_color(lamp: Lamp) -> NDArray[np.float32]:
    """(3,) linear sRGB of a lamp's light, with luminance 1 (Rec. 709 weights)."""
    if lamp.color is None:
        return kelvin_color(lamp.kelvin)
    encoded = np.asarray(lamp.color, np.float64)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return np.asarray(linear / luminance if luminance > 1e-4 else np.ones(3), np.float32)


def _locus(kelvin: float) -> NDArray[np.float32]:
    t = float(np.clip(kelvin, 1667.0, 25000.0))
    u = 1000.0 / t
    if t <= 4000:
        x = -0.2661239 * u**3 - 0.2343589 * u**2 + 0.8776956 * u + 0.179910
    else:
        x = -3.0258469 * u**3 + 2.1070379 * u**2 + 0.2226347 * u + 0.240390
    if t <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif t <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    to_rgb = np.array(
        [
            [3.2406255, -1.5372080, -0.4986286],
            [-0.9689307, 1.8757561, 0.0415175],
            [0.0557101, -0.2040211, 1.0569959],
        ]
    )
    return np.asarray(np.maximum(to_rgb @ xyz, 0.02), np.float32)
