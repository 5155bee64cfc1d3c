"""What a model file holds, as frozen records and numpy arrays, whatever format it came from.

Axes and units are glTF's: right-handed, +Y up, an avatar faces +Z, metres, radians, quaternions as xyzw,
colours linear. Matrices are row-major numpy arrays that multiply column vectors. Records are read-only once
made and may be shared between threads. What VRM adds is in `vrm_records`.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nightcast.gltf.errors import ModelError
from nightcast.gltf.vrm_records import Vrm, VrmAnimation

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
U8 = NDArray[np.uint8]


def f32(values: ArrayLike) -> F32:
    """Anything array-like as float32."""
    return np.asarray(values, np.float32)


AlphaMode = Literal["OPAQUE", "MASK", "BLEND"]

#: Larger pictures are refused before they are decoded; a 60 KB PNG can otherwise unpack to gigabytes.
MAX_IMAGE_PIXELS = 8192 * 8192


@dataclass(frozen=True, eq=False)
class Node:
    """A joint or a place of the scene graph; its transform is local to `parent`."""

    name: str
    parent: int | None
    children: tuple[int, ...]
    translation: F32  #: (3,)
    rotation: F32  #: (4,) unit quaternion xyzw
    scale: F32  #: (3,)
    mesh: int | None = None
    skin: int | None = None


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """Offsets of the vertices that a target moves; the others stay."""

    name: str
    vertices: U32  #: (k,) rising vertex numbers
    positions: F32  #: (k, 3)
    normals: F32  #: (k, 3), zeros where the file gives none


@dataclass(frozen=True, eq=False)
class Primitive:
    """Triangles with one material. Strips and fans are already unrolled, missing normals already made."""

    positions: F32  #: (n, 3)
    normals: F32  #: (n, 3) unit
    indices: U32  #: (3·t,), every one below n
    tangents: F32 | None = None  #: (n, 4), w is the handedness; present where the material has a normal map
    uv0: F32 | None = None  #: (n, 2)
    uv1: F32 | None = None  #: (n, 2)
    colors: F32 | None = None  #: (n, 4) linear RGBA
    joints: U16 | None = None  #: (n, 4) indices into the skin's joints
    weights: F32 | None = None  #: (n, 4), each row sums to 1
    material: int | None = None
    targets: tuple[MorphTarget, ...] = ()
    variants: Mapping[int, int] = field(default_factory=dict)  #: variant → material

    @property
    def vertex_count(self) -> int:
        return len(self.positions)

    def dense_targets(self) -> tuple[F32, F32]:
        """Position and normal offsets of all targets, each (targets, n, 3)."""
        positions = np.zeros((len(self.targets), self.vertex_count, 3), np.float32)
        normals = np.zeros_like(positions)
        for i, target in enumerate(self.targets):
            positions[i, target.vertices] = target.positions
            normals[i, target.vertices] = target.normals
        return positions, normals


@dataclass(frozen=True, eq=False)
class Mesh:
    """Primitives that share their morph weights."""

    name: str
    primitives: tuple[Primitive, ...]
    weights: F32  #: (targets,) at rest
    target_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Coarser:
    """What is drawn instead of a node and all below it where that is small."""

    below: float  #: share of a picture that the circle about the node's bounding sphere takes
    root: int  #: the node that the file names as this level
    meshes: Mapping[int, Mesh | None]  #: what nodes draw instead; None: nothing


@dataclass(frozen=True, eq=False)
class Levels:
    """The coarser looks of a node, the finest of them first."""

    node: int
    coarser: tuple[Coarser, ...]


@dataclass(frozen=True, eq=False)
class Skin:
    name: str
    joints: tuple[int, ...]  #: node indices
    inverse_bind: F32  #: (joints, 4, 4)


@dataclass(frozen=True, eq=False)
class Image:
    """A picture as the file holds it. `pixels` decodes it once, when first asked."""

    name: str
    data: bytes
    mime: str = ""
    source: str = ""  #: where it came from, for errors
    problem: str = ""  #: why there is no data

    @cached_property
    def pixels(self) -> U8:
        """(height, width, 4) RGBA, first row on top. Raises ModelError where there is no data, or no picture in it."""
        from PIL import Image as Pictures
        from PIL import UnidentifiedImageError

        from nightcast.gltf.pixels import rgba

        if self.problem:
            raise ModelError(self.source, f"image {self.name!r}", self.problem)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Pictures.DecompressionBombWarning)
                with Pictures.open(io.BytesIO(self.data)) as picture:
                    width, height = picture.size
                    if width * height > MAX_IMAGE_PIXELS:
                        raise ModelError(self.source, f"image {self.name!r}", f"{width}×{height} pixels is too large")
                    return np.asarray(rgba(picture))
        except UnidentifiedImageError as error:
            problem = "is no PNG, JPEG or WebP picture; export it as one of these"
            raise ModelError(self.source, f"image {self.name!r}", problem) from error
        except (Pictures.DecompressionBombError, Pictures.DecompressionBombWarning) as error:
            raise ModelError(self.source, f"image {self.name!r}", "has too many pixels; shrink it") from error
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise ModelError(self.source, f"image {self.name!r}", f"cannot be decoded: {error}") from error


@dataclass(frozen=True)
class Texture:
    """An image with its sampler. Wrap and filter words are glTF's, in lower case."""

    image: int
    wrap_u: Literal["repeat", "mirror", "clamp"] = "repeat"
    wrap_v: Literal["repeat", "mirror", "clamp"] = "repeat"
    nearest: bool = False  #: magnify without smoothing


@dataclass(frozen=True)
class TextureRef:
    """A material's use of a texture, with KHR_texture_transform: uv' = offset + R(rotation)·(scale·uv)."""

    texture: int
    uv_set: int = 0
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0  #: radians, counter-clockwise as in KHR_texture_transform


@dataclass(frozen=True)
class Clearcoat:
    """KHR_materials_clearcoat."""

    factor: float = 0.0
    texture: TextureRef | None = None
    roughness: float = 0.0
    roughness_texture: TextureRef | None = None
    normal_texture: TextureRef | None = None
    normal_scale: float = 1.0


@dataclass(frozen=True)
class Sheen:
    """KHR_materials_sheen."""

    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    color_texture: TextureRef | None = None
    roughness: float = 0.0
    roughness_texture: TextureRef | None = None


@dataclass(frozen=True)
class Specular:
    """KHR_materials_specular."""

    factor: float = 1.0
    texture: TextureRef | None = None
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    color_texture: TextureRef | None = None


@dataclass(frozen=True)
class Transmission:
    """KHR_materials_transmission."""

    factor: float = 0.0
    texture: TextureRef | None = None


@dataclass(frozen=True)
class MToon:
    """VRMC_materials_mtoon-1.0; the specification's own words. Base colour is the material's."""

    transparent_with_z_write: bool = False
    render_queue_offset: int = 0
    shade_color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shade_multiply_texture: TextureRef | None = None
    shading_shift: float = 0.0
    shading_shift_texture: TextureRef | None = None
    shading_shift_texture_scale: float = 1.0
    shading_toony: float = 0.9
    gi_equalization: float = 0.9
    matcap_factor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    matcap_texture: TextureRef | None = None
    rim_color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rim_multiply_texture: TextureRef | None = None
    rim_lighting_mix: float = 1.0
    rim_fresnel_power: float = 5.0
    rim_lift: float = 0.0
    outline_width_mode: Literal["none", "worldCoordinates", "screenCoordinates"] = "none"
    outline_width: float = 0.0  #: metres, or a fraction of the screen's height
    outline_width_multiply_texture: TextureRef | None = None
    outline_color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    outline_lighting_mix: float = 1.0
    uv_animation_mask_texture: TextureRef | None = None
    uv_scroll_x_per_s: float = 0.0
    uv_scroll_y_per_s: float = 0.0
    uv_rotation_rad_per_s: float = 0.0


@dataclass(frozen=True)
class Material:
    """Metal-roughness and the extensions we draw. Base and emissive textures are sRGB, the rest linear."""

    name: str = ""
    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    base_color_texture: TextureRef | None = None
    metallic: float = 1.0
    roughness: float = 1.0
    metallic_roughness_texture: TextureRef | None = None  #: G roughness, B metallic
    normal_texture: TextureRef | None = None
    normal_scale: float = 1.0
    occlusion_texture: TextureRef | None = None  #: R
    occlusion_strength: float = 1.0
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    emissive_texture: TextureRef | None = None
    emissive_strength: float = 1.0
    alpha_mode: AlphaMode = "OPAQUE"
    alpha_cutoff: float = 0.5
    double_sided: bool = False
    unlit: bool = False
    ior: float = 1.5
    clearcoat: Clearcoat | None = None
    sheen: Sheen | None = None
    specular: Specular | None = None
    transmission: Transmission | None = None
    mtoon: MToon | None = None


@dataclass(frozen=True, eq=False)
class AnimationChannel:
    """Keys of one property of one node."""

    node: int
    path: Literal["translation", "rotation", "scale", "weights"]
    interpolation: Literal["LINEAR", "STEP", "CUBICSPLINE"]
    times_s: F32  #: (k,) rising
    values: F32  #: (k, c), or (k, 3, c) in-tangent, value, out-tangent for CUBICSPLINE


@dataclass(frozen=True, eq=False)
class Animation:
    name: str
    channels: tuple[AnimationChannel, ...]
    duration_s: float


@dataclass(frozen=True, eq=False)
class Model:
    """A whole file. Indices in the records point into these tuples, and are all valid."""

    path: Path
    nodes: tuple[Node, ...]
    roots: tuple[int, ...]  #: the default scene's root nodes
    meshes: tuple[Mesh, ...] = ()
    skins: tuple[Skin, ...] = ()
    materials: tuple[Material, ...] = ()
    textures: tuple[Texture, ...] = ()
    images: tuple[Image, ...] = ()
    animations: tuple[Animation, ...] = ()
    levels: tuple[Levels, ...] = ()  #: of nodes that look coarser from afar
    variants: tuple[str, ...] = ()  #: names of KHR_materials_variants
    vrm: Vrm | None = None
    vrm_animation: VrmAnimation | None = None
    warnings: tuple[str, ...] = ()  #: what could not be read or had to be guessed, for a person

    def triangle_count(self) -> int:
        return sum(len(primitive.indices) // 3 for mesh in self.meshes for primitive in mesh.primitives)
