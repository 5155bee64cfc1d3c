"""VRM 0.x into the records of VRM 1.0: renamed bones and expressions, weights of 0..1, MToon 1.0, facing +Z.

0.x faces -Z in glTF's axes, and its vectors are Unity's, whose Z points the other way. Its colours are sRGB.
Specification: https://github.com/vrm-c/vrm-specification/tree/master/specification/0.0
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from nightcast.gltf.materials import MaterialReader
from nightcast.gltf.place import Place, Sieve
from nightcast.gltf.records import Material, MToon, Node, TextureRef, f32
from nightcast.gltf.vrm import Scope, warn_of_missing_bones
from nightcast.gltf.vrm_records import (
    Collider,
    ColorBind,
    Expression,
    LookAt,
    MorphBind,
    RangeMap,
    Spring,
    SpringJoint,
    UvBind,
    Vrm,
    VrmMeta,
)

#: A joint without a child swings a tail of this length: UniVRM's VRMSpringBone has it as a constant.
LEAF_LENGTH_M = 0.07

_EXPRESSIONS = {
    "a": "aa",
    "i": "ih",
    "u": "ou",
    "e": "ee",
    "o": "oh",
    "joy": "happy",
    "angry": "angry",
    "sorrow": "sad",
    "fun": "relaxed",
    "blink": "blink",
    "blink_l": "blinkLeft",
    "blink_r": "blinkRight",
    "lookup": "lookUp",
    "lookdown": "lookDown",
    "lookleft": "lookLeft",
    "lookright": "lookRight",
    "neutral": "neutral",
}
_THUMBS = {"ThumbProximal": "ThumbMetacarpal", "ThumbIntermediate": "ThumbProximal"}
_FLAGS = {"FirstPersonOnly": "firstPersonOnly", "ThirdPersonOnly": "thirdPersonOnly", "Both": "both"}
_COLORS: dict[str, Literal["color", "emissionColor", "shadeColor", "rimColor", "outlineColor"]] = {
    "_Color": "color",
    "_EmissionColor": "emissionColor",
    "_ShadeColor": "shadeColor",
    "_RimColor": "rimColor",
    "_OutlineColor": "outlineColor",
}
_USERS = {
    "OnlyAuthor": "onlyAuthor",
    "ExplicitlyLicensedPerson": "onlySeparatelyLicensedPerson",
    "Everyone": "everyone",
}


def read_vrm0(document: Place, scope: Scope) -> Vrm | None:
    """The document's VRM 0.x data in the words of 1.0, or None where it has none."""
    place = document.extension("VRM")
    if place is None:
        return None
    sieve = scope.sieve
    named = sieve.each(
        place.at("humanoid").items("humanBones"),
        lambda item: (_bone_name(item.text("bone")), item.at("node").as_index(len(scope.nodes), "node")),
    )
    bones = dict(named)
    warn_of_missing_bones(bones, scope.warnings)
    first_person = place.maybe("firstPerson")
    colliders, springs = sieve.one(place.maybe("secondaryAnimation"), partial(_springs, scope=scope), ((), ()))
    master = place.maybe("blendShapeMaster")
    return Vrm(
        meta=sieve.one(place.maybe("meta"), _meta, VrmMeta("0.0", "")),
        bones=bones,
        expressions=sieve.one(master, partial(_expressions, document=document, scope=scope), {}),
        look_at=sieve.one(first_person, _look_at, None),
        first_person=sieve.one(first_person, partial(_first_person, scope=scope), {}),
        colliders=colliders,
        springs=springs,
    )


def turned_around(nodes: tuple[Node, ...], roots: tuple[int, ...]) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    """The scene under one new root that turns it by 180° about Y, so that it faces +Z."""
    turn = len(nodes)
    moved = tuple(
        replace(node, parent=turn) if i in roots and node.parent is None else node for i, node in enumerate(nodes)
    )
    root = Node(
        "faces +Z",
        None,
        tuple(i for i in roots if nodes[i].parent is None),
        np.zeros(3, np.float32),
        f32([0, 1, 0, 0]),
        np.ones(3, np.float32),
    )
    return (*moved, root), (turn,)


def _bone_name(name: str) -> str:
    for old, new in _THUMBS.items():
        if name.endswith(old):
            return name.removesuffix(old) + new
    return name


def _vector(place: Place, key: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
    """A vector {x, y, z} of Unity, with Z turned into glTF's."""
    child = place.maybe(key)
    if child is None:
        return default
    return child.number("x", 0.0), child.number("y", 0.0), -child.number("z", 0.0)


def _linear(srgb: float) -> float:
    return srgb / 12.92 if srgb <= 0.04045 else ((srgb + 0.055) / 1.055) ** 2.4


def _meta(place: Place) -> VrmMeta:
    license_name = place.text("licenseName", "Redistribution_Prohibited")
    return VrmMeta(
        spec_version="0.0",
        name=place.text("title"),
        authors=tuple(filter(None, (place.text("author"),))),
        license_name=license_name,
        avatar_permission=_USERS.get(place.text("allowedUserName"), "onlyAuthor"),
        commercial_usage="corporation" if place.text("commercialUssageName") == "Allow" else "personalNonProfit",
        credit_notation="unnecessary" if license_name == "CC0" else "required",
        allow_redistribution=license_name not in ("Redistribution_Prohibited", "Other"),
        allow_excessively_violent=place.text("violentUssageName") == "Allow",
        allow_excessively_sexual=place.text("sexualUssageName") == "Allow",
        modification="prohibited" if "ND" in license_name else "allowModification",
        other_license_url=place.text("otherLicenseUrl") or place.text("otherPermissionUrl"),
    )


def _expressions(master: Place, document: Place, scope: Scope) -> dict[str, Expression]:
    materials: dict[str, int] = {}
    for i, material in enumerate(document.items("materials")):
        materials.setdefault(material.text("name"), i)

    def morph(bind: Place) -> MorphBind:
        mesh = bind.at("mesh").as_index(len(scope.meshes), "mesh")
        target = bind.at("index").as_index(len(scope.meshes[mesh].weights), "morph target")
        return MorphBind(mesh, target, bind.number("weight", 0.0) / 100)

    def expression(group: Place) -> Expression:
        preset = _EXPRESSIONS.get(group.text("presetName").lower())
        values = [
            value
            for value in scope.sieve.each(group.items("materialValues"), lambda item: _material_value(item, materials))
            if value is not None
        ]
        return Expression(
            preset or group.text("name"),
            preset is not None,
            group.flag("isBinary"),
            morphs=tuple(scope.sieve.each(group.items("binds"), morph)),
            colors=tuple(value for value in values if isinstance(value, ColorBind)),
            uvs=tuple(value for value in values if isinstance(value, UvBind)),
        )

    found: dict[str, Expression] = {}
    for item in scope.sieve.each(master.items("blendShapeGroups"), expression):
        if item.name:
            found.setdefault(item.name, item)
    return found


def _material_value(item: Place, materials: dict[str, int]) -> ColorBind | UvBind | None:
    """None for a material or a property that we do not know."""
    material = materials.get(item.text("materialName"))
    prop = item.text("propertyName")
    if material is None:
        return None
    if prop in _COLORS:
        r, g, b, a = item.quadruple("targetValue", (1.0, 1.0, 1.0, 1.0))
        return ColorBind(material, _COLORS[prop], (_linear(r), _linear(g), _linear(b), a))
    if prop.startswith("_MainTex_ST"):
        sx, sy, ox, oy = item.quadruple("targetValue", (1.0, 1.0, 0.0, 0.0))
        if prop.endswith("_S"):
            sy, oy = 1.0, 0.0
        elif prop.endswith("_T"):
            sx, ox = 1.0, 0.0
        return UvBind(material, (ox, 1.0 - sy - oy), (sx, sy))
    return None


def _look_at(place: Place) -> LookAt:
    kind: Literal["bone", "expression"] = "expression" if place.text("lookAtTypeName") == "BlendShape" else "bone"
    output = 10.0 if kind == "bone" else 1.0

    def range_map(key: str) -> RangeMap:
        child = place.maybe(key)
        if child is None:
            return RangeMap(90.0, output)
        return RangeMap(child.number("xRange", 90.0), child.number("yRange", output))

    return LookAt(
        kind,
        _vector(place, "firstPersonBoneOffset", (0.0, 0.06, 0.0)),
        range_map("lookAtHorizontalInner"),
        range_map("lookAtHorizontalOuter"),
        range_map("lookAtVerticalDown"),
        range_map("lookAtVerticalUp"),
    )


def _first_person(place: Place, scope: Scope) -> dict[int, str]:
    flags: dict[int, str] = {}
    for item in place.items("meshAnnotations"):
        mesh = item.integer("mesh", -1, low=-1)
        flag = _FLAGS.get(item.text("firstPersonFlag"), "auto")
        flags.update({i: flag for i, node in enumerate(scope.nodes) if node.mesh == mesh and mesh >= 0})
    return flags


def _springs(place: Place, scope: Scope) -> tuple[tuple[Collider, ...], tuple[Spring, ...]]:
    count, sieve = len(scope.nodes), scope.sieve

    def of_group(item: Place) -> list[Collider]:
        node = item.at("node").as_index(count, "node")
        return [
            Collider(node, shape.number("radius", 0.0), _vector(shape, "offset", (0.0, 0.0, 0.0)))
            for shape in item.items("colliders")
        ]

    colliders: list[Collider] = []
    groups: list[tuple[int, ...]] = []
    for item in place.items("colliderGroups"):  # named by number: one that cannot be read is an empty one
        found = sieve.one(item, of_group, [])
        groups.append(tuple(range(len(colliders), len(colliders) + len(found))))
        colliders += found
    swung: set[int] = set()

    def swings(item: Place) -> list[Spring]:
        members = sieve.each(item.items("colliderGroups"), lambda group: group.as_index(len(groups), "collider group"))
        near = tuple(dict.fromkeys(index for member in members for index in groups[member]))
        center = item.integer("center", -1, low=-1, high=count - 1)
        return [
            Spring(
                item.text("comment"),
                tuple(_joint(item, node) for node in chain),
                near,
                None if center < 0 else center,
                LEAF_LENGTH_M,
            )
            for root in sieve.each(item.items("bones"), lambda bone: bone.as_index(count, "node"))
            for chain in _chains(root, scope.nodes, swung)
        ]

    springs = itertools.chain(*sieve.each(place.items("boneGroups"), swings))
    return tuple(colliders), tuple(springs)


def _chains(root: int, nodes: tuple[Node, ...], swung: set[int]) -> list[tuple[int, ...]]:
    """The tree below `root` as chains along first children; each node swings once, even if named twice."""
    chains = []
    starts = [root]
    while starts:
        node = starts.pop()
        chain = []
        while node not in swung:
            swung.add(node)
            chain.append(node)
            children = nodes[node].children
            if not children:
                break
            starts.extend(children[1:])
            node = children[0]
        if chain:
            chains.append(tuple(chain))
    return chains


def _joint(place: Place, node: int) -> SpringJoint:
    x, y, z = _vector(place, "gravityDir", (0.0, -1.0, 0.0))
    return SpringJoint(
        node,
        max(place.number("hitRadius", 0.0), 0.0),
        max(place.number("stiffiness", 1.0), 0.0),  # the specification's own spelling
        place.number("gravityPower", 0.0),
        (-x, y, -z),  # a direction in the world, which was turned around
        place.fraction("dragForce", 0.5),
    )


def upgrade_materials(
    document: Place, sieve: Sieve, materials: tuple[Material, ...], reader: MaterialReader
) -> tuple[Material, ...]:
    """Materials with the MToon or unlit shader that `materialProperties` of the extension gives them."""
    properties = sieve.one(document.extension("VRM"), lambda vrm: vrm.items("materialProperties"), [])

    def upgraded(plain: Material, place: Place) -> Material:
        shader = place.text("shader")
        if shader == "VRM/MToon":
            return _with_mtoon(plain, _Properties(place, reader))
        return replace(plain, unlit=True) if shader.startswith("VRM/Unlit") else plain

    found = list(materials)
    for i, place in enumerate(properties[: len(materials)]):
        found[i : i + 1] = sieve.each([place], partial(upgraded, materials[i])) or [materials[i]]
    return tuple(found)


class _Properties:
    """Unity's material properties of one material."""

    def __init__(self, place: Place, reader: MaterialReader) -> None:
        self._place = place
        self._reader = reader
        self._transform = self._vector4("_MainTex", (0.0, 0.0, 1.0, 1.0))

    def _vector4(self, key: str, default: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        vectors = self._place.maybe("vectorProperties")
        return default if vectors is None else vectors.quadruple(key, default)

    def number(self, key: str, default: float) -> float:
        numbers = self._place.maybe("floatProperties")
        return default if numbers is None else numbers.number(key, default)

    def fraction(self, key: str, default: float) -> float:
        return min(max(self.number(key, default), 0.0), 1.0)

    def color(self, key: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
        r, g, b, _ = self._vector4(key, (*default, 1.0))
        return _linear(r), _linear(g), _linear(b)

    def alpha(self) -> float:
        return self._vector4("_Color", (1.0, 1.0, 1.0, 1.0))[3]

    def texture(self, key: str, transformed: bool = True) -> TextureRef | None:
        textures = self._place.maybe("textureProperties")
        ref = None if textures is None else textures.maybe(key)
        index = None if ref is None else self._reader.texture_index(ref)
        if index is None:
            return None
        if not transformed:
            return TextureRef(index)
        ox, oy, sx, sy = self._transform
        return TextureRef(index, 0, (ox, 1.0 - sy - oy), (sx, sy))

    def keyword(self, word: str) -> bool:
        keywords = self._place.maybe("keywordMap")
        return keywords is not None and keywords.flag(word)

    def queue_offset(self) -> int:
        """0.x numbers its render queue from 3000 (transparent) or 2501 (with Z); 1.0 wants -9..9."""
        queue = self._place.integer("renderQueue", -1, low=-1)
        base = 2501 if self.number("_ZWrite", 0.0) == 1 else 3000
        return min(max(queue - base, -9), 9) if queue >= 0 else 0


def _with_mtoon(material: Material, prop: _Properties) -> Material:
    blended = prop.keyword("_ALPHABLEND_ON")
    cut = prop.keyword("_ALPHATEST_ON")
    # The shading ramp of 0.x runs from shift to lerp(1, shift, toony); 1.0 gives its centre and width.
    shift0, toony0 = prop.number("_ShadeShift", 0.0), prop.fraction("_ShadeToony", 0.9)
    low, high = shift0, 1.0 + (shift0 - 1.0) * toony0
    modes: tuple[Literal["none", "worldCoordinates", "screenCoordinates"], ...] = (
        "none",
        "worldCoordinates",
        "screenCoordinates",
    )
    mixed = prop.number("_OutlineColorMode", 0.0) == 1
    matcap = prop.texture("_SphereAdd", transformed=False)
    mtoon = MToon(
        transparent_with_z_write=blended and prop.number("_ZWrite", 0.0) == 1,
        render_queue_offset=prop.queue_offset() if blended else 0,
        shade_color=prop.color("_ShadeColor", (0.97, 0.81, 0.86)),
        shade_multiply_texture=prop.texture("_ShadeTexture"),
        shading_shift=min(max(-(low + high) / 2, -1.0), 1.0),
        shading_toony=min(max((2.0 - (high - low)) / 2, 0.0), 1.0),
        gi_equalization=1.0 - prop.fraction("_IndirectLightIntensity", 0.1),
        matcap_factor=(1.0, 1.0, 1.0) if matcap else (0.0, 0.0, 0.0),
        matcap_texture=matcap,
        rim_color=prop.color("_RimColor", (0.0, 0.0, 0.0)),
        rim_multiply_texture=prop.texture("_RimTexture"),
        rim_lighting_mix=prop.fraction("_RimLightingMix", 0.0),
        rim_fresnel_power=prop.number("_RimFresnelPower", 1.0),
        rim_lift=prop.number("_RimLift", 0.0),
        outline_width_mode=modes[min(max(int(prop.number("_OutlineWidthMode", 0.0)), 0), 2)],
        outline_width=prop.number("_OutlineWidth", 0.0) * 0.01,  # centimetres, or per cent of the half screen
        outline_width_multiply_texture=prop.texture("_OutlineWidthTexture"),
        outline_color=prop.color("_OutlineColor", (0.0, 0.0, 0.0)),
        outline_lighting_mix=prop.fraction("_OutlineLightingMix", 1.0) if mixed else 0.0,
        uv_animation_mask_texture=prop.texture("_UvAnimMaskTexture"),
        uv_scroll_x_per_s=prop.number("_UvAnimScrollX", 0.0),
        uv_scroll_y_per_s=-prop.number("_UvAnimScrollY", 0.0),
        uv_rotation_rad_per_s=prop.number("_UvAnimRotation", 0.0) * 2 * math.pi,
    )
    return replace(
        material,
        base_color=(*prop.color("_Color", (1.0, 1.0, 1.0)), prop.alpha()),
        base_color_texture=prop.texture("_MainTex"),
        normal_texture=prop.texture("_BumpMap"),
        normal_scale=prop.number("_BumpScale", 1.0),
        emissive=prop.color("_EmissionColor", (0.0, 0.0, 0.0)),
        emissive_texture=prop.texture("_EmissionMap"),
        alpha_mode="BLEND" if blended else "MASK" if cut else "OPAQUE",
        alpha_cutoff=prop.fraction("_Cutoff", 0.5),
        double_sided=prop.number("_CullMode", 2.0) == 0,
        mtoon=mtoon,
    )
