"""Materials of glTF's metallic-roughness model, and the textures drawn for them.

Colours are `#rrggbb` sRGB. Textures are arrays [height, width, 3] in 0..1, sRGB for colour and linear for the rest;
they tile unless said otherwise.
"""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.float64]


def linear(colour: str) -> tuple[float, float, float]:
    """Linear RGB of an sRGB `#rrggbb`."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    red, green, blue = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(red), float(green), float(blue)


def srgb(colour: str) -> NDArray[np.float64]:
    """The three channels of `#rrggbb`, 0..1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


@dataclass(frozen=True)
class Paint:
    """One surface. A texture replaces its plain value; `normal` is a tangent-space map."""

    name: str
    colour: str = "#ffffff"
    rough: float = 0.5
    metal: float = 0.0
    coat: float = 0.0
    clear: float = 0.0
    sheen: str | None = None
    ior: float = 1.5
    specular: float = 0.5
    glow: tuple[str, float] | None = None
    alpha: float = 1.0
    double: bool = False
    texture: Picture | None = None
    normal: Picture | None = None
    normal_depth: float = 1.0

    def material(self) -> bpy.types.Material:
        """Blender's material, in a form that its glTF exporter understands."""
        made = bpy.data.materials.new(self.name)
        made.use_nodes = True
        made.use_backface_culling = not self.double
        nodes, links = made.node_tree.nodes, made.node_tree.links
        surface = nodes["Principled BSDF"]
        values = surface.inputs
        values["Base Color"].default_value = (*linear(self.colour), 1)
        values["Roughness"].default_value = self.rough
        values["Metallic"].default_value = self.metal
        values["Coat Weight"].default_value = self.coat
        values["Coat Roughness"].default_value = 0.05
        values["Transmission Weight"].default_value = self.clear
        values["IOR"].default_value = self.ior
        values["Specular IOR Level"].default_value = self.specular
        values["Alpha"].default_value = self.alpha
        if self.sheen:
            values["Sheen Weight"].default_value = 1.0
            values["Sheen Roughness"].default_value = 0.5
            values["Sheen Tint"].default_value = (*linear(self.sheen), 1)
        if self.glow:
            values["Emission Color"].default_value = (*linear(self.glow[0]), 1)
            values["Emission Strength"].default_value = self.glow[1]
        if self.texture is not None:
            node = nodes.new("ShaderNodeTexImage")
            node.image = image(f"{self.name}_colour", self.texture)
            links.new(node.outputs["Color"], values["Base Color"])
            if self.texture.shape[2] == 4:
                links.new(node.outputs["Alpha"], values["Alpha"])
        if self.normal is not None:
            node = nodes.new("ShaderNodeTexImage")
            node.image = image(f"{self.name}_normal", self.normal)
            node.image.colorspace_settings.name = "Non-Color"
            tangent = nodes.new("ShaderNodeNormalMap")
            tangent.inputs["Strength"].default_value = self.normal_depth
            links.new(node.outputs["Color"], tangent.inputs["Color"])
            links.new(tangent.outputs["Normal"], values["Normal"])
        return made

    def on(self, *shapes: bpy.types.Object) -> None:
        """Paint whole objects."""
        material = self.material()
        for shape in shapes:
            shape.data.materials.clear()
            shape.data.materials.append(material)


def image(name: str, picture: Picture, quality: int = 88) -> bpy.types.Image:
    """A picture as Blender's image, held in memory as JPEG, or as PNG where it has alpha; one image a picture."""
    digest = hashlib.sha256(np.ascontiguousarray(picture)).hexdigest()
    for known in bpy.data.images:
        if known.get("digest") == digest:
            return known
    clear = picture.shape[2] == 4
    data = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.{'png' if clear else 'jpg'}"
        data.save(path, **({} if clear else {"quality": quality, "subsampling": 0}))
        made = bpy.data.images.load(str(path))
        made.pack()
    made.name = name
    made["digest"] = digest
    return made


def noise(size: int, scale: float, seed: int, stretch: Sequence[float] = (1, 1)) -> Picture:
    """Smooth tiling noise [size, size], mean 0.5; `scale` is the grain in pixels, stretched down and across."""
    rng = np.random.default_rng(seed)
    down, across = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    decay = np.exp(-2 * (np.pi * scale) ** 2 * ((down * stretch[0]) ** 2 + (across * stretch[1]) ** 2))
    field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(size, size))) * decay).real
    return 0.5 + field / (4 * field.std())


def clouds(size: int, seed: int, coarse: float = 64, octaves: int = 5) -> Picture:
    """Tiling noise of several grains, mean 0.5."""
    layers = [noise(size, coarse / 2**octave, seed + octave) - 0.5 for octave in range(octaves)]
    return 0.5 + sum((layer / 1.7**octave for octave, layer in enumerate(layers)), np.zeros((size, size)))


def normals(height: Picture, depth: float) -> Picture:
    """A tangent-space normal map [h, w, 3] of a tiling height field; `depth` in pixels."""
    right = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * depth / 2
    down = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * depth / 2
    normal = np.stack([-right, down, np.ones_like(height)], -1)
    return normal / np.linalg.norm(normal, axis=2, keepdims=True) / 2 + 0.5


def weave(size: int, threads: int, seed: int, twill: bool = False) -> Picture:
    """The height [size, size] of woven cloth of `threads` a side, 0..1."""
    down, across = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    x, y = across * threads / size, down * threads / size
    warp, weft = np.abs(np.sin(np.pi * x)), np.abs(np.sin(np.pi * y))
    over = (np.floor(x) + np.floor(y)) % (4 if twill else 2) < (2 if twill else 1)
    cloth = np.where(over, 0.35 + 0.65 * warp * (0.6 + 0.4 * weft), 0.25 + 0.6 * weft * (0.6 + 0.4 * warp))
    return np.clip(cloth * 0.85 + 0.3 * (noise(size, 2, seed) - 0.5), 0, 1)


def tint(field: Picture, *colours: str) -> Picture:
    """Map a field of 0..1 along evenly spaced colours: [h, w] to [h, w, 3]."""
    stops = np.linspace(0, 1, len(colours))
    table = np.array([srgb(colour) for colour in colours])
    return np.stack([np.interp(field, stops, table[:, channel]) for channel in range(3)], -1)


def wood(size: int, seed: int, *colours: str) -> Picture:
    """Tiling timber with its grain across the picture's width: [size, size, 3]."""
    grain = noise(size, 3, seed, (0.6, 22))
    rings = noise(size, 16, seed + 1, (1, 8))
    pores = noise(size, 1.0, seed + 2, (0.7, 10))
    field = 0.5 + 0.9 * (grain - 0.5) + 0.7 * (np.sin(rings * 26) * 0.16) - 0.5 * np.clip(0.36 - pores, 0, 1)
    return tint(np.clip(field, 0, 1), *colours)
