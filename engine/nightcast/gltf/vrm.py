"""VRM 1.0: the extensions VRMC_vrm, VRMC_springBone and VRMC_node_constraint into records.

Specification: https://github.com/vrm-c/vrm-specification/tree/master/specification
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

from nightcast.gltf.place import Place, Sieve
from nightcast.gltf.records import Mesh, Node
from nightcast.gltf.vrm_records import (
    Collider,
    ColorBind,
    Constraint,
    Expression,
    LookAt,
    MorphBind,
    Override,
    RangeMap,
    Spring,
    SpringJoint,
    UvBind,
    Vrm,
    VrmAnimation,
    VrmMeta,
)

#: https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/humanoid.md
REQUIRED_BONES = (
    *("hips", "spine", "head"),
    *("leftUpperLeg", "leftLowerLeg", "leftFoot", "rightUpperLeg", "rightLowerLeg", "rightFoot"),
    *("leftUpperArm", "leftLowerArm", "leftHand", "rightUpperArm", "rightLowerArm", "rightHand"),
)

_COLOR_KINDS = ("color", "emissionColor", "shadeColor", "matcapColor", "rimColor", "outlineColor")


@dataclass(frozen=True)
class Scope:
    """What the extension's indices point into."""

    nodes: tuple[Node, ...]
    meshes: tuple[Mesh, ...]
    material_count: int
    warnings: list[str]
    sieve: Sieve


def read_vrm(document: Place, scope: Scope) -> Vrm | None:
    """The document's VRM 1.0 data, or None where it has none."""
    place = document.extension("VRMC_vrm")
    if place is None:
        return None
    sieve = scope.sieve

    def bone(entry: tuple[str, Place]) -> tuple[str, int]:
        return entry[0], entry[1].at("node").as_index(len(scope.nodes), "node")

    bones = dict(sieve.each(place.at("humanoid").entries("humanBones"), bone))
    warn_of_missing_bones(bones, scope.warnings)
    colliders, springs = sieve.one(document.extension("VRMC_springBone"), partial(_springs, scope=scope), ((), ()))
    return Vrm(
        meta=sieve.one(place.maybe("meta"), _meta, VrmMeta("1.0", "")),
        bones=bones,
        expressions=sieve.one(place.maybe("expressions"), partial(_expressions, scope=scope), {}),
        look_at=sieve.one(place.maybe("lookAt"), _look_at, None),
        first_person=sieve.one(place.maybe("firstPerson"), partial(_first_person, scope=scope), {}),
        colliders=colliders,
        springs=springs,
        constraints=_constraints(document, scope),
    )


def read_vrm_animation(document: Place, scope: Scope) -> VrmAnimation | None:
    """Whose motion the file's animation is, or None where it is no .vrma."""
    place = document.extension("VRMC_vrm_animation")
    if place is None:
        return None
    count = len(scope.nodes)
    bones = {name: bone.at("node").as_index(count, "node") for name, bone in place.at("humanoid").entries("humanBones")}
    expressions: dict[str, int] = {}
    groups = place.maybe("expressions")
    for group in ("custom", "preset"):
        for name, item in groups.entries(group) if groups else ():
            expressions[name] = item.at("node").as_index(count, "node")
    return VrmAnimation(bones, expressions)


def warn_of_missing_bones(bones: dict[str, int], warnings: list[str]) -> None:
    missing = [name for name in REQUIRED_BONES if name not in bones]
    if missing:
        warnings.append(f"its humanoid lacks {', '.join(missing)}")


def _meta(place: Place) -> VrmMeta:
    return VrmMeta(
        spec_version="1.0",
        name=place.text("name"),
        authors=tuple(author.as_text() for author in place.items("authors")),
        license_url=place.text("licenseUrl"),
        avatar_permission=place.text("avatarPermission", "onlyAuthor"),
        commercial_usage=place.text("commercialUsage", "personalNonProfit"),
        credit_notation=place.text("creditNotation", "required"),
        allow_redistribution=place.flag("allowRedistribution"),
        allow_excessively_violent=place.flag("allowExcessivelyViolentUsage"),
        allow_excessively_sexual=place.flag("allowExcessivelySexualUsage"),
        allow_political_or_religious=place.flag("allowPoliticalOrReligiousUsage"),
        allow_antisocial_or_hate=place.flag("allowAntisocialOrHateUsage"),
        modification=place.text("modification", "prohibited"),
        other_license_url=place.text("otherLicenseUrl"),
    )


def _expressions(place: Place, scope: Scope) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for group in ("custom", "preset"):
        for name, item in place.entries(group):
            for expression in scope.sieve.each([item], partial(_expression, name, group == "preset", scope)):
                found[name] = expression
    return found


def _expression(name: str, is_preset: bool, scope: Scope, place: Place) -> Expression:
    words = ("none", "block", "blend")
    mouth, blink, look_at = (
        cast(Override, place.choice(key, words, "none")) for key in ("overrideMouth", "overrideBlink", "overrideLookAt")
    )

    def morph(bind: Place) -> MorphBind:
        mesh = scope.nodes[bind.at("node").as_index(len(scope.nodes), "node")].mesh
        if mesh is None:
            raise bind.error("names a node without a mesh")
        target = bind.at("index").as_index(len(scope.meshes[mesh].weights), "morph target")
        return MorphBind(mesh, target, bind.number("weight", 0.0))

    def color(bind: Place) -> ColorBind:
        return ColorBind(
            bind.at("material").as_index(scope.material_count, "material"),
            cast(Literal["color"], bind.choice("type", _COLOR_KINDS, "color")),
            bind.quadruple("targetValue", (1.0, 1.0, 1.0, 1.0)),
        )

    def uv(bind: Place) -> UvBind:
        return UvBind(
            bind.at("material").as_index(scope.material_count, "material"),
            bind.pair("offset", (0.0, 0.0)),
            bind.pair("scale", (1.0, 1.0)),
        )

    return Expression(
        name,
        is_preset,
        place.flag("isBinary"),
        mouth,
        blink,
        look_at,
        tuple(scope.sieve.each(place.items("morphTargetBinds"), morph)),
        tuple(scope.sieve.each(place.items("materialColorBinds"), color)),
        tuple(scope.sieve.each(place.items("textureTransformBinds"), uv)),
    )


def _look_at(place: Place) -> LookAt:
    kind = cast(Literal["bone", "expression"], place.choice("type", ("bone", "expression"), "bone"))
    output = 10.0 if kind == "bone" else 1.0

    def range_map(key: str) -> RangeMap:
        child = place.maybe(key)
        if child is None:
            return RangeMap(90.0, output)
        return RangeMap(child.number("inputMaxValue", 90.0), child.number("outputScale", output))

    return LookAt(
        kind,
        place.triple("offsetFromHeadBone", (0.0, 0.06, 0.0)),
        range_map("rangeMapHorizontalInner"),
        range_map("rangeMapHorizontalOuter"),
        range_map("rangeMapVerticalDown"),
        range_map("rangeMapVerticalUp"),
    )


def _first_person(place: Place, scope: Scope) -> dict[int, str]:
    def flag(item: Place) -> tuple[int, str]:
        return item.at("node").as_index(len(scope.nodes), "node"), item.text("type", "auto")

    return dict(scope.sieve.each(place.items("meshAnnotations"), flag))


def _springs(place: Place, scope: Scope) -> tuple[tuple[Collider, ...], tuple[Spring, ...]]:
    count, sieve = len(scope.nodes), scope.sieve
    # Others name colliders and groups by number, so that one which cannot be read leaves its place empty.
    read = [sieve.each([item], partial(_collider, node_count=count)) for item in place.items("colliders")]
    starts = list(itertools.accumulate(map(len, read), initial=0))

    def group(item: Place) -> tuple[int, ...]:
        return tuple(starts[i] for i in item.indices("colliders", len(read), "collider") if read[i])

    groups = [sieve.one(item, group, ()) for item in place.items("colliderGroups")]

    def spring(item: Place) -> Spring:
        joints = tuple(_joint(joint, count) for joint in item.items("joints"))
        members = item.indices("colliderGroups", len(groups), "collider group")
        near = tuple(dict.fromkeys(index for member in members for index in groups[member]))
        if not is_chain(tuple(joint.node for joint in joints), scope.nodes):
            raise item.error("does not run from a joint to its descendants")
        return Spring(item.text("name"), joints, near, item.index("center", count, "node"))

    return tuple(itertools.chain(*read)), tuple(sieve.each(place.items("springs"), spring))


def is_chain(joints: tuple[int, ...], nodes: tuple[Node, ...]) -> bool:
    """Whether each joint lies below the one before it."""
    for above, below in itertools.pairwise(joints):
        parent = nodes[below].parent
        while parent is not None and parent != above:
            parent = nodes[parent].parent
        if parent is None:
            return False
    return True


def _collider(place: Place, node_count: int) -> Collider:
    node = place.at("node").as_index(node_count, "node")
    shape = place.at("shape")
    capsule = shape.maybe("capsule")
    if capsule is not None:
        tail = capsule.triple("tail", (0.0, 0.0, 0.0))
        return Collider(node, capsule.number("radius", 0.0), capsule.triple("offset", (0.0, 0.0, 0.0)), tail)
    sphere = shape.at("sphere")
    return Collider(node, sphere.number("radius", 0.0), sphere.triple("offset", (0.0, 0.0, 0.0)))


def _joint(place: Place, node_count: int) -> SpringJoint:
    return SpringJoint(
        place.at("node").as_index(node_count, "node"),
        max(place.number("hitRadius", 0.0), 0.0),
        max(place.number("stiffness", 1.0), 0.0),
        place.number("gravityPower", 0.0),
        place.triple("gravityDir", (0.0, -1.0, 0.0)),
        place.fraction("dragForce", 0.5),
    )


def _constraints(document: Place, scope: Scope) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for i, node in enumerate(document.items("nodes")):
        extension = node.extension("VRMC_node_constraint")
        if extension is not None:
            found += scope.sieve.each([extension], partial(_constraint, i, len(scope.nodes)))
    return _sorted_constraints(found, scope)


def _constraint(node: int, node_count: int, extension: Place) -> Constraint:
    kind = next(iter(dict(extension.entries("constraint"))), "")
    if kind not in ("roll", "aim", "rotation"):
        raise extension.error("is no roll, aim or rotation")
    place = extension.at("constraint").at(kind)
    source = place.at("source").as_index(node_count, "node")
    axes = ("X", "Y", "Z")
    if kind == "roll":
        axis = place.choice("rollAxis", axes, "X")
    elif kind == "aim":
        signed = tuple(f"{sign}{axis}" for sign in ("Positive", "Negative") for axis in axes)
        axis = place.choice("aimAxis", signed, "PositiveX")
    else:
        axis = ""
    weight = place.fraction("weight", 1.0)
    return Constraint(node, source, cast(Literal["roll", "aim", "rotation"], kind), axis, weight)


def _sorted_constraints(constraints: list[Constraint], scope: Scope) -> tuple[Constraint, ...]:
    """Each after those that its source depends on; constraints in a circle are dropped."""
    waiting = list(constraints)
    ordered: list[Constraint] = []
    while waiting:
        ready = [item for item in waiting if not any(_depends(item, other, scope) for other in waiting)]
        if not ready:
            scope.warnings.append(f"{len(waiting)} node constraints depend on each other in a circle and are left out")
            break
        ordered += ready
        waiting = [item for item in waiting if item not in ready]
    return tuple(ordered)


def _depends(item: Constraint, other: Constraint, scope: Scope) -> bool:
    """Whether the source of `item` is moved by `other`: it is its node, or lies below it."""
    node: int | None = item.source
    while node is not None:
        if node == other.node:
            return True
        node = scope.nodes[node].parent
    return False
