"""From a material's record to a program's features, a block of numbers and the textures it needs.

`describe` is pure: what it returns says everything the renderer must bind. The block's layout is that of
`shaders/material.glsl`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nightcast.gltf.records import Material, MToon, Texture, TextureRef
from nightcast.host.frame import MaterialOverride

#: The block `Material` in std140: every member is a vec4.
BLOCK = np.dtype(
    [
        (name, np.float32, shape)
        for name, shape in [
            ("base", (4,)),
            ("emissive", (4,)),
            ("surface", (4,)),
            ("specular", (4,)),
            ("coat", (4,)),
            ("sheen", (4,)),
            ("shade", (4,)),
            ("rim", (4,)),
            ("toon", (4,)),
            ("matcap", (4,)),
            ("outline", (4,)),
            ("scroll", (4,)),
            ("uv", (8, 4)),
        ]
    ]
)

#: Different texture transforms that one material may use.
MAX_UV = 4

#: Texture units by sampler name; the same in all programs.
UNITS = {
    name: unit
    for unit, name in enumerate(
        [
            "t_shadow", "t_env", "t_base", "t_normal", "t_surface", "t_occlusion", "t_emissive", "t_makeup",
            "t_coat", "t_coat_roughness", "t_coat_normal", "t_sheen", "t_sheen_roughness", "t_transmission",
            "t_specular", "t_specular_color", "t_makeup_finish",
        ]
    )
}  # fmt: skip
UNITS |= {"t_depth": 8, "t_soft": 9}  # of a lens
UNITS |= {"t_shade": 8, "t_shift": 9, "t_matcap": 10, "t_rim": 11, "t_outline_width": 12, "t_uv_mask": 13}


@dataclass(frozen=True)
class Slot:
    """A texture of a material: the sampler that reads it, and whether it holds sRGB colours."""

    sampler: str
    ref: TextureRef
    color: bool
    guest: TextureRef | None = None  #: whose channels lie where this texture's shader reads none, see `joining`


#: UV set, offset, scale, rotation in radians.
Transform = tuple[int, tuple[float, float], tuple[float, float], float]


@dataclass(frozen=True)
class Look:
    """What a material asks of the renderer."""

    shader: str  #: "pbr", "unlit" or "mtoon"
    defines: frozenset[str]
    slots: tuple[Slot, ...]
    transforms: tuple[Transform, ...]  #: of texture coordinates; the shader's `v_uv[i]` is under the i-th
    outline_defines: frozenset[str] = frozenset()  #: what draws its outline; empty where it has none

    @property
    def blended(self) -> bool:
        """Whether it must be drawn after what is behind it."""
        return "ALPHA_BLEND" in self.defines or "TRANSMISSION" in self.defines

    @property
    def outlined(self) -> bool:
        return bool(self.outline_defines)

    @property
    def masked(self) -> bool:
        return "ALPHA_MASK" in self.defines


def describe(material: Material, textures: Sequence[Texture] = (), *, joins: bool = False) -> Look:
    """The features, textures and coordinate sets of a material; `joins` has three of its maps read as two."""
    if material.mtoon is not None:
        shader, slots, defines = "mtoon", *_mtoon(material, material.mtoon)
    elif material.unlit:
        shader, slots, defines = (
            "unlit",
            _present([("t_base", material.base_color_texture, True)]),
            set[str](),
        )
    else:
        shader, slots, defines = "pbr", *_pbr(material)
        if joins and (joined := _joined(material, slots, textures)) is not None:
            slots = joined
            defines |= {"JOINED_MAPS", "SURFACE_MAP"}
    if material.alpha_mode != "OPAQUE":
        defines.add(f"ALPHA_{material.alpha_mode}")
    if material.double_sided:
        defines.add("DOUBLE_SIDED")
    transforms = list(dict.fromkeys(_transform(slot.ref, textures) for slot in slots))[:MAX_UV]
    masked = any(slot.sampler == "t_uv_mask" for slot in slots)
    for slot in slots:
        name = slot.sampler.removeprefix("t_").upper()
        transform = _transform(slot.ref, textures)
        index = transforms.index(transform) if transform in transforms else 0
        at = f"animated(v_uv[{index}], uv_mask())" if masked and slot.sampler != "t_uv_mask" else f"v_uv[{index}]"
        defines |= {f"{name}_MAP", f"{name}_UV {at}"}
    for index, (uv_set, *_) in enumerate(transforms):
        defines.add(f"UV_SET_{index} in_uv{min(uv_set, 1)}")
        if uv_set:
            defines.add("HAS_UV1")
    if transforms:
        defines.add(f"UV_COUNT {len(transforms)}")
    return Look(shader, frozenset(defines), tuple(slots), tuple(transforms), _outline(material))


def block(material: Material, look: Look, override: MaterialOverride | None = None) -> bytes:
    """The numbers of a material for its uniform block, an override of this frame laid over them."""
    out = np.zeros((), BLOCK)
    shown = override or MaterialOverride()
    emissive = shown.emissive or material.emissive
    out["base"] = shown.base_color or material.base_color
    out["emissive"][:3] = np.multiply(emissive, material.emissive_strength)
    out["emissive"][3] = material.alpha_cutoff
    out["surface"] = (
        material.metallic,
        material.roughness,
        material.normal_scale,
        material.occlusion_strength,
    )
    reflectance = ((material.ior - 1) / (material.ior + 1)) ** 2
    specular = material.specular
    weight = specular.factor if specular else 1.0
    tint = specular.color if specular else (1.0, 1.0, 1.0)
    out["specular"][:3] = np.minimum(np.multiply(tint, reflectance), 1.0) * weight
    out["specular"][3] = weight
    if coat := material.clearcoat:
        out["coat"][:3] = coat.factor, coat.roughness, coat.normal_scale
    if material.transmission:
        out["coat"][3] = material.transmission.factor
    if sheen := material.sheen:
        out["sheen"] = (*sheen.color, sheen.roughness)
    if toon := material.mtoon:
        out["shade"] = (*(shown.shade_color or toon.shade_color), toon.shading_shift)
        out["rim"] = (*(shown.rim_color or toon.rim_color), toon.rim_lighting_mix)
        out["toon"] = toon.shading_toony, toon.gi_equalization, toon.rim_fresnel_power, toon.rim_lift
        out["matcap"] = (*(shown.matcap_factor or toon.matcap_factor), toon.shading_shift_texture_scale)
        out["outline"] = (*(shown.outline_color or toon.outline_color), toon.outline_lighting_mix)
        out["scroll"] = (
            toon.uv_scroll_x_per_s,
            toon.uv_scroll_y_per_s,
            toon.uv_rotation_rad_per_s,
            toon.outline_width,
        )
    for index, (_, offset, scale, rotation) in enumerate(look.transforms):
        offset = (offset[0] + shown.uv_offset[0], offset[1] + shown.uv_offset[1])
        scale = (scale[0] * shown.uv_scale[0], scale[1] * shown.uv_scale[1])
        c, s = math.cos(rotation), math.sin(rotation)
        out["uv"][2 * index, :3] = c * scale[0], s * scale[1], offset[0]
        out["uv"][2 * index + 1, :3] = -s * scale[0], c * scale[1], offset[1]
    return out.tobytes()


def _transform(ref: TextureRef, textures: Sequence[Texture]) -> Transform:
    """Under which coordinates a texture is read; into a mirrored one half as far (see `textures.upload`)."""
    scale = ref.scale
    if ref.texture < len(textures):
        wrap = textures[ref.texture]
        scale = (
            scale[0] * (0.5 if wrap.wrap_u == "mirror" else 1.0),
            scale[1] * (0.5 if wrap.wrap_v == "mirror" else 1.0),
        )
    return ref.uv_set, ref.offset, scale, ref.rotation


def _pbr(material: Material) -> tuple[list[Slot], set[str]]:
    defines: set[str] = set()
    occlusion = material.occlusion_texture
    if occlusion is not None and occlusion == material.metallic_roughness_texture:
        defines.add("OCCLUSION_IN_SURFACE")  # one texture holds all three: read it once
        occlusion = None
    found: list[tuple[str, TextureRef | None, bool]] = [
        ("t_base", material.base_color_texture, True),
        ("t_normal", material.normal_texture, False),
        ("t_surface", material.metallic_roughness_texture, False),
        ("t_occlusion", occlusion, False),
    ]
    if any(material.emissive) and material.emissive_strength > 0:
        defines.add("EMISSIVE")
        found.append(("t_emissive", material.emissive_texture, True))
    if (coat := material.clearcoat) and coat.factor > 0:
        defines.add("COAT")
        found += [
            ("t_coat", coat.texture, False),
            ("t_coat_roughness", coat.roughness_texture, False),
            ("t_coat_normal", coat.normal_texture, False),
        ]
    if (sheen := material.sheen) and any(sheen.color):
        defines.add("SHEEN")
        found += [
            ("t_sheen", sheen.color_texture, True),
            ("t_sheen_roughness", sheen.roughness_texture, False),
        ]
    if (specular := material.specular) is not None:
        found += [
            ("t_specular", specular.texture, False),
            ("t_specular_color", specular.color_texture, True),
        ]
    if (transmission := material.transmission) and transmission.factor > 0:
        defines.add("TRANSMISSION")
        found.append(("t_transmission", transmission.texture, False))
    return _present(found), defines


def _joined(material: Material, slots: list[Slot], textures: Sequence[Texture]) -> list[Slot] | None:
    """The slots without that of roughness and metal, which the two other common maps have room for; None if not."""
    maps = {slot.sampler: slot for slot in slots}
    try:
        base, normal, surface = (maps[name] for name in ("t_base", "t_normal", "t_surface"))
        same = {
            (_transform(slot.ref, textures), replace(textures[slot.ref.texture], image=0))
            for slot in (base, normal, surface)
        }
    except (KeyError, IndexError):
        return None
    if material.alpha_mode != "OPAQUE" or material.transmission or len(same) > 1:
        return None
    hosts = (base, normal)
    return [replace(slot, guest=surface.ref) if slot in hosts else slot for slot in slots if slot is not surface]


def _mtoon(material: Material, toon: MToon) -> tuple[list[Slot], set[str]]:
    defines: set[str] = set()
    if any(material.emissive):
        defines.add("EMISSIVE")
    if any(toon.rim_color):
        defines.add("RIM")
    if toon.uv_scroll_x_per_s or toon.uv_scroll_y_per_s or toon.uv_rotation_rad_per_s:
        defines.add("UV_ANIMATION")
    found = [
        ("t_base", material.base_color_texture, True),
        ("t_normal", material.normal_texture, False),
        ("t_emissive", material.emissive_texture if any(material.emissive) else None, True),
        ("t_shade", toon.shade_multiply_texture, True),
        ("t_shift", toon.shading_shift_texture, False),
        ("t_rim", toon.rim_multiply_texture, True),
        ("t_uv_mask", toon.uv_animation_mask_texture if "UV_ANIMATION" in defines else None, False),
    ]
    slots = _present(found)
    if toon.matcap_texture is not None and any(toon.matcap_factor):
        slots.append(Slot("t_matcap", replace(toon.matcap_texture, uv_set=0), True))
    return slots, defines


def _outline(material: Material) -> frozenset[str]:
    toon = material.mtoon
    if toon is None or toon.outline_width_mode == "none" or toon.outline_width <= 0:
        return frozenset()
    return frozenset({"OUTLINE", "OUTLINE_SCREEN"} if toon.outline_width_mode == "screenCoordinates" else {"OUTLINE"})


def _present(found: list[tuple[str, TextureRef | None, bool]]) -> list[Slot]:
    return [Slot(sampler, ref, color) for sampler, ref, color in found if ref is not None]
