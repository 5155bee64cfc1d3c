"""Materials, textures and images of a glTF document."""

from __future__ import annotations

from typing import Literal, cast

from nightcast.gltf.accessors import Accessors
from nightcast.gltf.container import Container
from nightcast.gltf.errors import ModelError
from nightcast.gltf.place import Place
from nightcast.gltf.records import (
    AlphaMode,
    Clearcoat,
    Image,
    Material,
    MToon,
    Sheen,
    Specular,
    Texture,
    TextureRef,
    Transmission,
)

BASIS = "KHR_texture_basisu"
BASIS_REMEDY = (
    f"its textures are in Basis ({BASIS}), which we do not read; what has no other picture is left out. "
    "Export them as PNG, JPEG or WebP."
)

_WRAPS: dict[int, Literal["repeat", "mirror", "clamp"]] = {10497: "repeat", 33648: "mirror", 33071: "clamp"}


def read_images(container: Container, accessors: Accessors) -> tuple[Image, ...]:
    images = []
    for i, place in enumerate(container.document.items("images")):
        data, problem = b"", ""
        try:
            data = _image_bytes(place, container, accessors)
        except ModelError as error:
            problem = error.problem
        name = place.text("name") or f"image {i}"
        images.append(Image(name, data, place.text("mimeType"), str(container.path), problem))
    return tuple(images)


def _image_bytes(place: Place, container: Container, accessors: Accessors) -> bytes:
    view, uri = place.maybe("bufferView"), place.maybe("uri")
    if view is not None:
        return bytes(accessors.view_bytes(view.as_integer(), place))
    if uri is not None:
        return container.resource(uri)
    raise place.error("has neither a bufferView nor a uri")


def read_textures(document: Place, image_count: int, warnings: list[str]) -> tuple[Texture | None, ...]:
    """None stands for a texture whose image has no format we know; materials then do without it."""
    samplers = document.items("samplers")
    textures: list[Texture | None] = []
    for place in document.items("textures"):
        webp = place.extension("EXT_texture_webp")
        image = (webp or place).index("source", image_count, "image")
        if image is None:
            image = place.index("source", image_count, "image")
        if image is None:
            warnings.append(
                BASIS_REMEDY
                if place.extension(BASIS) is not None
                else f"{place.path} has no image in PNG, JPEG or WebP and is left out"
            )
            textures.append(None)
            continue
        sampler_index = place.index("sampler", len(samplers), "sampler")
        if sampler_index is None:
            textures.append(Texture(image))
            continue
        sampler = samplers[sampler_index]
        wrap_u, wrap_v = (_WRAPS.get(sampler.integer(key, 10497), "repeat") for key in ("wrapS", "wrapT"))
        textures.append(Texture(image, wrap_u, wrap_v, nearest=sampler.integer("magFilter", 9729) == 9728))
    return tuple(textures)


def _ior(place: Place | None) -> float:
    """1 at least, or 0, by which KHR_materials_ior means a mirror."""
    ior = place.number("ior", 1.5) if place else 1.5
    return max(ior, 1.0) if ior else 0.0


class MaterialReader:
    """Reads materials against the textures that could be read.

    `places[i]` is where texture *i* of the file stands among the readable ones, or None.
    """

    def __init__(self, textures: tuple[Texture | None, ...]) -> None:
        self._places: list[int | None] = []
        readable = 0
        for texture in textures:
            self._places.append(None if texture is None else readable)
            readable += texture is not None

    def texture(self, parent: Place, key: str) -> TextureRef | None:
        place = parent.maybe(key)
        if place is None:
            return None
        index = self._places[place.at("index").as_index(len(self._places), "texture")]
        if index is None:
            return None
        uv_set = place.integer("texCoord")
        transform = place.extension("KHR_texture_transform")
        if transform is None:
            return TextureRef(index, min(uv_set, 1))
        return TextureRef(
            index,
            min(transform.integer("texCoord", uv_set), 1),
            transform.pair("offset", (0.0, 0.0)),
            transform.pair("scale", (1.0, 1.0)),
            transform.number("rotation", 0.0),
        )

    def texture_index(self, place: Place) -> int | None:
        """A bare texture number, as VRM 0.x writes it."""
        if place.as_integer(low=-1) < 0:
            return None
        return self._places[place.as_index(len(self._places), "texture")]

    def material(self, place: Place) -> Material:
        pbr = place.maybe("pbrMetallicRoughness") or Place(place.file, place.path, {})
        normal, occlusion = place.maybe("normalTexture"), place.maybe("occlusionTexture")
        strength = place.extension("KHR_materials_emissive_strength")
        ior = place.extension("KHR_materials_ior")
        alpha_mode = place.choice("alphaMode", ("OPAQUE", "MASK", "BLEND"), "OPAQUE")
        return Material(
            name=place.text("name"),
            base_color=pbr.quadruple("baseColorFactor", (1.0, 1.0, 1.0, 1.0)),
            base_color_texture=self.texture(pbr, "baseColorTexture"),
            metallic=pbr.fraction("metallicFactor", 1.0),
            roughness=pbr.fraction("roughnessFactor", 1.0),
            metallic_roughness_texture=self.texture(pbr, "metallicRoughnessTexture"),
            normal_texture=self.texture(place, "normalTexture"),
            normal_scale=normal.number("scale", 1.0) if normal else 1.0,
            occlusion_texture=self.texture(place, "occlusionTexture"),
            occlusion_strength=occlusion.fraction("strength", 1.0) if occlusion else 1.0,
            emissive=place.triple("emissiveFactor", (0.0, 0.0, 0.0)),
            emissive_texture=self.texture(place, "emissiveTexture"),
            emissive_strength=strength.number("emissiveStrength", 1.0) if strength else 1.0,
            alpha_mode=cast(AlphaMode, alpha_mode),
            alpha_cutoff=place.fraction("alphaCutoff", 0.5),
            double_sided=place.flag("doubleSided"),
            unlit=place.extension("KHR_materials_unlit") is not None,
            ior=_ior(ior),
            clearcoat=self._clearcoat(place.extension("KHR_materials_clearcoat")),
            sheen=self._sheen(place.extension("KHR_materials_sheen")),
            specular=self._specular(place.extension("KHR_materials_specular")),
            transmission=self._transmission(place.extension("KHR_materials_transmission")),
            mtoon=self._mtoon(place.extension("VRMC_materials_mtoon")),
        )

    def _clearcoat(self, place: Place | None) -> Clearcoat | None:
        if place is None:
            return None
        normal = place.maybe("clearcoatNormalTexture")
        return Clearcoat(
            place.fraction("clearcoatFactor", 0.0),
            self.texture(place, "clearcoatTexture"),
            place.fraction("clearcoatRoughnessFactor", 0.0),
            self.texture(place, "clearcoatRoughnessTexture"),
            self.texture(place, "clearcoatNormalTexture"),
            normal.number("scale", 1.0) if normal else 1.0,
        )

    def _sheen(self, place: Place | None) -> Sheen | None:
        if place is None:
            return None
        return Sheen(
            place.triple("sheenColorFactor", (0.0, 0.0, 0.0)),
            self.texture(place, "sheenColorTexture"),
            place.fraction("sheenRoughnessFactor", 0.0),
            self.texture(place, "sheenRoughnessTexture"),
        )

    def _specular(self, place: Place | None) -> Specular | None:
        if place is None:
            return None
        return Specular(
            place.fraction("specularFactor", 1.0),
            self.texture(place, "specularTexture"),
            place.triple("specularColorFactor", (1.0, 1.0, 1.0)),
            self.texture(place, "specularColorTexture"),
        )

    def _transmission(self, place: Place | None) -> Transmission | None:
        if place is None:
            return None
        return Transmission(place.fraction("transmissionFactor", 0.0), self.texture(place, "transmissionTexture"))

    def _mtoon(self, place: Place | None) -> MToon | None:
        if place is None:
            return None
        modes = ("none", "worldCoordinates", "screenCoordinates")
        shift = place.maybe("shadingShiftTexture")
        return MToon(
            transparent_with_z_write=place.flag("transparentWithZWrite"),
            render_queue_offset=place.integer("renderQueueOffsetNumber", 0, low=-9, high=9),
            shade_color=place.triple("shadeColorFactor", (0.0, 0.0, 0.0)),
            shade_multiply_texture=self.texture(place, "shadeMultiplyTexture"),
            shading_shift=place.number("shadingShiftFactor", 0.0),
            shading_shift_texture=self.texture(place, "shadingShiftTexture"),
            shading_shift_texture_scale=shift.number("scale", 1.0) if shift else 1.0,
            shading_toony=place.fraction("shadingToonyFactor", 0.9),
            gi_equalization=place.fraction("giEqualizationFactor", 0.9),
            matcap_factor=place.triple("matcapFactor", (1.0, 1.0, 1.0)),
            matcap_texture=self.texture(place, "matcapTexture"),
            rim_color=place.triple("parametricRimColorFactor", (0.0, 0.0, 0.0)),
            rim_multiply_texture=self.texture(place, "rimMultiplyTexture"),
            rim_lighting_mix=place.fraction("rimLightingMixFactor", 1.0),
            rim_fresnel_power=place.number("parametricRimFresnelPowerFactor", 5.0),
            rim_lift=place.number("parametricRimLiftFactor", 0.0),
            outline_width_mode=cast(
                Literal["none", "worldCoordinates", "screenCoordinates"],
                place.choice("outlineWidthMode", modes, "none"),
            ),
            outline_width=place.number("outlineWidthFactor", 0.0),
            outline_width_multiply_texture=self.texture(place, "outlineWidthMultiplyTexture"),
            outline_color=place.triple("outlineColorFactor", (0.0, 0.0, 0.0)),
            outline_lighting_mix=place.fraction("outlineLightingMixFactor", 1.0),
            uv_animation_mask_texture=self.texture(place, "uvAnimationMaskTexture"),
            uv_scroll_x_per_s=place.number("uvAnimationScrollXSpeedFactor", 0.0),
            uv_scroll_y_per_s=place.number("uvAnimationScrollYSpeedFactor", 0.0),
            uv_rotation_rad_per_s=place.number("uvAnimationRotationSpeedFactor", 0.0),
        )
