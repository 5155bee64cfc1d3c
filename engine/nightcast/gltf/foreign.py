"""OBJ, STL, PLY, 3MF and OFF through trimesh into the same `Model`, upright and in metres if possible.

These formats have no agreed unit or axis. What is guessed here is said in the model's warnings; the YAML of a
product can overrule it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nightcast.gltf.container import read_file
from nightcast.gltf.errors import ModelError
from nightcast.gltf.meshes import complete
from nightcast.gltf.records import (
    F32,
    Image,
    Material,
    Mesh,
    Model,
    Node,
    Primitive,
    Texture,
    TextureRef,
    f32,
)

#: Names that trimesh reports for units we know, in metres.
_UNITS_M = {
    "m": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "millimeter": 1e-3,
    "millimeters": 1e-3,
    "mm": 1e-3,
    "centimeter": 1e-2,
    "centimeters": 1e-2,
    "cm": 1e-2,
    "inch": 0.0254,
    "inches": 0.0254,
    "in": 0.0254,
    "foot": 0.3048,
    "feet": 0.3048,
    "micron": 1e-6,
}

#: What is sold is between an ear stud and a wardrobe; a unit that puts it there is believed.
_PLAUSIBLE_M = (0.008, 3.0)

#: Formats of tools whose Z is usually up.
_Z_UP = (".stl", ".3mf")

#: Units to try in turn where a file names none: CAD tools write STL in millimetres or inches.
_GUESSES = {".stl": ("mm", "inch", "cm", "m"), ".3mf": ("mm", "inch", "cm", "m")}


def load_foreign(path: Path) -> Model:
    """Read `path` by trimesh. Raises ModelError where nothing drawable is found."""
    scene = _read_scene(path)
    gathered = _Gathered(path)
    for node_name in scene.graph.nodes_geometry:
        matrix, geometry_name = scene.graph[node_name]
        gathered.add(scene.geometry[geometry_name], np.asarray(matrix, np.float64), str(geometry_name))
    if not gathered.primitives:
        raise ModelError(path, "", "holds no triangles")
    warnings = gathered.warnings
    low = np.min([primitive.positions.min(axis=0) for primitive in gathered.primitives], axis=0)
    high = np.max([primitive.positions.max(axis=0) for primitive in gathered.primitives], axis=0)
    scale = _metres_per_unit(path, scene.units, float((high - low).max()), warnings)
    z_up = _is_z_up(path, low, high)
    if z_up and path.suffix.lower() not in _Z_UP:
        warnings.append(f"{path.suffix} files name no axis; this one stands on Z = 0, so Z is taken as up")
    return Model(
        path=path,
        nodes=(_root(path, scale, z_up),),
        roots=(0,),
        meshes=(Mesh(path.stem, tuple(gathered.primitives), np.zeros(0, np.float32)),),
        materials=tuple(gathered.materials),
        textures=tuple(Texture(i) for i in range(len(gathered.images))),
        images=tuple(gathered.images),
        warnings=tuple(warnings),
    )


def _read_scene(path: Path) -> Any:
    import trimesh

    read_file(path)  # size and presence, with our own words
    try:
        return trimesh.load_scene(path, process=False)
    except MemoryError as error:
        raise ModelError(path, "", "is too large to read") from error
    except Exception as error:
        raise ModelError(path, "", f"cannot be read: {type(error).__name__}: {error}") from error


def _metres_per_unit(path: Path, units: str | None, extent: float, warnings: list[str]) -> float:
    if units in _UNITS_M:
        return _UNITS_M[units]
    guesses = _GUESSES.get(path.suffix.lower(), ("m", "cm", "mm"))
    low, high = _PLAUSIBLE_M
    unit = next((guess for guess in guesses if low <= extent * _UNITS_M[guess] <= high), guesses[0])
    warnings.append(f"{path.suffix} files name no unit; {extent:.4g} units wide, it is taken to be in {unit}")
    return _UNITS_M[unit]


def _is_z_up(path: Path, low: F32, high: F32) -> bool:
    """A thing stands with its floor at zero and is centred across; the axis that this fits is up."""
    size = np.maximum(high - low, 1e-9)
    rests = np.abs(low) / size < 0.05
    centred = np.abs(low + high) / size < 0.1
    if rests[2] and centred[1]:
        return True
    if rests[1] and centred[2]:
        return False
    return path.suffix.lower() in _Z_UP


def _root(path: Path, scale: float, z_up: bool) -> Node:
    quarter = np.sqrt(0.5)
    rotation = [-quarter, 0, 0, quarter] if z_up else [0, 0, 0, 1]
    return Node(
        path.stem,
        None,
        (),
        np.zeros(3, np.float32),
        f32(rotation),
        np.full(3, scale, np.float32),
        mesh=0,
    )


@dataclass
class _Gathered:
    """What has been collected from trimesh's geometries so far."""

    path: Path

    def __post_init__(self) -> None:
        self.primitives: list[Primitive] = []
        self.materials: list[Material] = []
        self.images: list[Image] = []
        self.warnings: list[str] = []

    def add(self, geometry: Any, matrix: Any, name: str) -> None:
        faces = getattr(geometry, "faces", None)
        if faces is None or not len(faces):
            self.warnings.append(f"{name} holds no triangles and is left out")
            return
        vertices = np.asarray(geometry.vertices, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        indices = np.asarray(faces)
        if not np.isfinite(vertices).all() or np.abs(vertices).max(initial=0) > 1e30:
            raise ModelError(self.path, name, "holds numbers that are infinite or not numbers")
        if indices.min() < 0 or indices.max() >= len(vertices):
            raise ModelError(self.path, name, f"names vertex {indices.max()}, but there are {len(vertices)}")
        visual = geometry.visual
        uv = getattr(visual, "uv", None)
        primitive = Primitive(
            positions=vertices.astype(np.float32),
            normals=np.zeros((0, 3), np.float32),
            indices=indices.reshape(-1).astype(np.uint32),
            uv0=None if uv is None or len(uv) != len(vertices) else _flipped(np.asarray(uv, np.float32)),
            colors=_vertex_colors(visual, len(vertices)),
            material=len(self.materials),
        )
        self.materials.append(self._material(visual, name))
        self.primitives.append(complete(primitive, tuple(self.materials)))

    def _material(self, visual: Any, name: str) -> Material:
        source = getattr(visual, "material", None)
        if source is None:
            return Material(name=name, metallic=0.0, roughness=0.6, double_sided=True)
        factor = getattr(source, "diffuse", None)
        picture = getattr(source, "image", None)
        if factor is None:
            factor = getattr(source, "baseColorFactor", None)
            picture = getattr(source, "baseColorTexture", None)
        return Material(
            name=str(getattr(source, "name", None) or name),
            base_color=(1.0, 1.0, 1.0, 1.0) if factor is None else _linear_color(np.asarray(factor)),
            base_color_texture=None if picture is None else TextureRef(self._image(picture, name)),
            metallic=0.0,
            roughness=0.6,
            double_sided=True,
        )

    def _image(self, picture: Any, name: str) -> int:
        from nightcast.gltf.pixels import rgba

        data = io.BytesIO()
        rgba(picture).save(data, "PNG")
        self.images.append(Image(name, data.getvalue(), "image/png", str(self.path)))
        return len(self.images) - 1


def _flipped(uv: F32) -> F32:
    """trimesh counts V from the bottom, glTF from the top."""
    if not np.isfinite(uv).all():
        return np.zeros_like(uv)
    return np.column_stack([uv[:, 0], 1 - uv[:, 1]]).astype(np.float32)


def _linear_color(rgba: Any) -> tuple[float, float, float, float]:
    values = np.asarray(rgba, np.float64)
    if values.dtype.kind in "ui" or values.max(initial=0) > 1:
        values = values / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    alpha = float(values[3]) if len(values) > 3 else 1.0
    return float(linear[0]), float(linear[1]), float(linear[2]), alpha


def _vertex_colors(visual: Any, count: int) -> F32 | None:
    if getattr(visual, "kind", None) != "vertex":
        return None
    colors = np.asarray(visual.vertex_colors, np.float64) / 255
    if colors.shape != (count, 4):
        return None
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    linear[:, 3] = colors[:, 3]
    return linear.astype(np.float32)
