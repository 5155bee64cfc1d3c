"""A model on the device: its geometry, and its materials with their textures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import moderngl

from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.records import F32, Material, Model, Texture
from nightcast.host.frame import MaterialOverride
from nightcast.stage.flat_maps import simplified
from nightcast.stage.frame import Shape
from nightcast.stage.geometry import Geometry, Part
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.layers import Bitmap
from nightcast.stage.levels import Chooser, Eye, keeps_shape, meshes_at
from nightcast.stage.materials import UNITS, Look, block, describe
from nightcast.stage.profile import Profile
from nightcast.stage.programs import Programs, Shader
from nightcast.stage.textures import ModelTextures, fitted, upload

#: Features of a look that fall away where the geometry lacks what they read.
_NEEDS_UV = ("_MAP", "_UV ", "UV_COUNT", "UV_SET_", "HAS_UV1")


@dataclass(eq=False)
class Surface:
    """A material on the device."""

    record: Material
    look: Look
    numbers: moderngl.Buffer
    textures: tuple[tuple[int, moderngl.Texture], ...]  #: by texture unit
    shown: MaterialOverride | None = None

    def show(self, override: MaterialOverride | None) -> None:
        """Put this frame's values in force; None brings the file's back."""
        if override != self.shown:
            self.numbers.write(block(self.record, self.look, override))
            self.shown = override

    def defines(self, part: Part) -> frozenset[str]:
        """The features of this material on a part."""
        defines = set(self.look.defines)
        if part.primitive.uv0 is None:
            defines = {d for d in defines if not any(need in d for need in _NEEDS_UV)}
        if part.primitive.tangents is None:
            defines -= {"NORMAL_MAP", "COAT_NORMAL_MAP"}
        if part.primitive.uv1 is None:
            defines = {d.replace("in_uv1", "in_uv0") for d in defines - {"HAS_UV1"}}
        if part.primitive.colors is not None and self.look.shader != "mtoon":
            defines.add("VERTEX_COLOR")
        return frozenset(defines)


class ModelHandle:
    """A model that can be drawn. Made by `Renderer.load_model`; release it when no scene shows it."""

    def __init__(self, model: Model, gpu: Gpu, profile: Profile) -> None:
        self.model = model
        self._scope = gpu.scope()
        self._profile = profile
        self._pipelines: dict[tuple[Part, Surface, frozenset[str]], tuple[Shader, moderngl.VertexArray]] = {}
        self._makeup: dict[int, tuple[Scope, moderngl.Texture]] = {}
        try:
            self.geometry = Geometry(model, self._scope)
            self._chooser = Chooser(model)
            self._coarse = [meshes_at(model, level) for level in range(1, self._chooser.count)]
            self._levels = [self.geometry, *(Geometry(model, self._scope, meshes) for meshes in self._coarse)]
            self._textures = ModelTextures(model, self._scope, profile)
            self._plain = self._surface(Material(metallic=0.0, roughness=0.6))
            self._surfaces = [self._surface(material) for material in model.materials]
        except BaseException:
            self._scope.release()
            raise

    def detailed(self, eye: Eye, place: F32, shape: Shape | None) -> Geometry:
        """The geometry for a picture of the model at `place` (4, 4): as fine as it can be seen.

        Where a shape cannot be given to a coarser one, it is the finest.
        """
        level = self._chooser.level(eye, place)
        if level and shape and not keeps_shape(self._coarse[level - 1], {node for node, _ in shape}):
            return self.geometry
        return self._levels[level]

    def pipeline(
        self, geometry: Geometry, part: Part, surface: Surface, features: frozenset[str], programs: Programs
    ) -> tuple[Shader, moderngl.VertexArray]:
        """The shader that draws a geometry's part with a surface under some features, and the vertices fed to it."""
        key = (part, surface, features)
        found = self._pipelines.get(key)
        if found is None:
            shader = programs.get("mesh.vert", f"{surface.look.shader}.frag", surface.defines(part) | features)
            found = self._pipelines[key] = shader, geometry.vertex_array(shader)
        return found

    @cached_property
    def bounds(self) -> tuple[F32, F32]:
        """Least and greatest corner (3,), (3,) of what is drawn at rest."""
        return rest_bounds(self.model)

    @property
    def triangle_count(self) -> int:
        return sum(part.count for part in self.geometry.parts) // 3

    def surface(self, part: Part, variant: str | None) -> Surface:
        """A part's material under a variant; an unknown variant is the file's own look."""
        material = self.material_index(part, variant)
        return self._plain if material is None else self._surfaces[material]

    def material_index(self, part: Part, variant: str | None) -> int | None:
        material = part.primitive.material
        if variant in self.model.variants:
            return part.primitive.variants.get(self.model.variants.index(variant), material)
        return material

    def makeup_texture(self, layer: Bitmap, *, color: bool = True) -> moderngl.Texture:
        """A layer or a finish as a texture; kept for a material until another bitmap takes its place."""
        found = self._makeup.get(layer.key)
        if found is None:
            scope = self._scope.gpu.scope()
            pixels = fitted(layer.pixels, self._profile.max_texture_px)
            found = scope, upload(scope, pixels, self._profile, Texture(image=-1), color=color)
            self._makeup[layer.key] = found
        return found[1]

    def drop_makeup(self, keep: frozenset[int]) -> None:
        """Release layers that no instance wears; `keep` holds the keys of those that are worn."""
        for key in self._makeup.keys() - keep:
            self._makeup.pop(key)[0].release()

    def release(self) -> None:
        """Give everything back to the device. The handle must not be drawn afterwards."""
        self.drop_makeup(frozenset())
        self._scope.release()

    def _surface(self, material: Material) -> Surface:
        material = simplified(material, self._textures.pixels)
        look = describe(material, self.model.textures, joins=self._profile.joins_maps)
        textures = tuple((UNITS[slot.sampler], self._textures.get(slot)) for slot in look.slots)
        return Surface(material, look, self._scope.buffer(block(material, look)), textures)
