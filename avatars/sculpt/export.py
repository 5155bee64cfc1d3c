"""The finished parts of a host, brought into T-pose and written as VRM."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .expressions import expression_block
from .part import Part, vertex_normals
from .recipe import Recipe
from .skeleton import Skeleton, TPose
from .springs import Chain, spring_block
from .vrm import FLOAT, Glb, Material, add_material, add_primitive, add_skeleton

META = {
    "version": "1.0",
    "authors": ["Nightcast"],
    "licenseUrl": "https://vrm.dev/licenses/1.0/",
    "avatarPermission": "everyone",
    "allowExcessivelyViolentUsage": False,
    "allowExcessivelySexualUsage": False,
    "commercialUsage": "corporation",
    "allowPoliticalOrReligiousUsage": False,
    "allowAntisocialOrHateUsage": False,
    "creditNotation": "unnecessary",
    "allowRedistribution": True,
    "modification": "allowModificationRedistribution",
    "references": ["Shaped from the MakeHuman community's base mesh, targets and face units (CC0 1.0)"],
}


def to_rest(part: Part, pose: TPose, skeleton: Skeleton) -> Part:
    """The part in T-pose. Joints beyond the humanoid hang from unturned bones and count as those."""
    humanoid = np.zeros((len(part.positions), len(pose.names)))
    weights = part.weights
    for joint in range(min(weights.shape[1], len(skeleton.names))):
        bone = joint
        while bone >= len(pose.names):
            bone = skeleton.parents[bone]
        humanoid[:, bone] += weights[:, joint]
    humanoid /= humanoid.sum(1, keepdims=True)
    normals = part.normals if part.normals is not None else vertex_normals(part.positions, part.triangles, part.weld)
    turn = np.linalg.inv(pose.blend(humanoid)[:, :3, :3])
    normals = np.einsum("nab,nb->na", turn, normals)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    full = np.zeros((len(weights), len(skeleton.names)))
    used = min(weights.shape[1], full.shape[1])
    full[:, :used] = weights[:, :used]
    return Part(
        part.name,
        part.material,
        pose.to_rest(part.positions, humanoid),
        part.triangles,
        part.uvs,
        full,
        part.weld,
        part.morphs,
        part.turns,
        normals,
        light=part.light,
    )


def merged(parts: list[Part]) -> Part:
    """Parts of one material as one primitive."""
    starts = np.cumsum([0] + [len(p.positions) for p in parts])
    names = {name for p in parts for name in p.morphs}
    return Part(
        parts[0].material,
        parts[0].material,
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.triangles + s for p, s in zip(parts, starts, strict=False)]),
        np.concatenate([p.uvs for p in parts]),
        np.concatenate([p.weights for p in parts]),
        np.arange(starts[-1]),
        {n: np.concatenate([p.morphs.get(n, np.zeros_like(p.positions)) for p in parts]) for n in names},
        {n: np.concatenate([p.turns.get(n, np.zeros_like(p.positions)) for p in parts]) for n in names},
        np.concatenate([p.normals for p in parts]),
        light=np.concatenate([p.light for p in parts]) if parts[0].light is not None else None,
    )


def export(
    path: Path,
    recipe: Recipe,
    pose: TPose,
    skeleton: Skeleton,
    parts: list[Part],
    materials: list[Material],
    chains: list[Chain],
    anchors: dict[str, tuple[str, np.ndarray]],
) -> dict[str, int]:
    """Write the host. Returns vertex counts."""
    glb = Glb()
    numbers: dict[str, int] = {}
    for material in materials:
        numbers[material.name] = add_material(glb, material)
    joints = add_skeleton(glb, skeleton, anchors)
    binds = np.tile(np.eye(4), (len(joints), 1, 1))
    binds[:, :3, 3] = -skeleton.positions
    columns = np.ascontiguousarray(binds.swapaxes(1, 2)).astype("<f4").reshape(-1, 16)
    skin = glb.append(
        "skins", {"inverseBindMatrices": glb.accessor(columns, FLOAT, "MAT4"), "joints": joints, "skeleton": joints[0]}
    )
    by_material = {
        m.name: merged([to_rest(p, pose, skeleton) for p in parts if p.material == m.name]) for m in materials
    }
    morph_names = sorted({name for part in by_material.values() for name in part.morphs})
    roots = [joints[0]]
    counts = {name: len(part.positions) for name, part in by_material.items()}
    counts["triangles"] = sum(len(part.triangles) for part in by_material.values())
    for mesh_name, morphing in (("Face", True), ("Body", False)):
        primitives = [
            add_primitive(glb, part, numbers[name], morph_names if morphing else [])
            for name, part in by_material.items()
            if bool(part.morphs) == morphing
        ]
        mesh = {"name": mesh_name, "primitives": primitives}
        if morphing:
            mesh |= {"extras": {"targetNames": morph_names}, "weights": [0.0] * len(morph_names)}
        roots.append(glb.append("nodes", {"name": mesh_name, "mesh": glb.append("meshes", mesh), "skin": skin}))
    face_node = roots[1]
    glb.document["scenes"] = [{"nodes": roots}]
    glb.document["scene"] = 0
    humanoid = {name: {"node": joints[i]} for i, name in enumerate(pose.names)}
    glb.document["extensionsUsed"] = ["VRMC_vrm", "VRMC_springBone"]
    glb.document["extensions"] = {
        "VRMC_vrm": {
            "specVersion": "1.0",
            "meta": {"name": recipe.name.capitalize()} | META,
            "humanoid": {"humanBones": humanoid},
            "firstPerson": {"meshAnnotations": [{"node": node, "type": "auto"} for node in roots[1:]]},
            "lookAt": look_at(skeleton),
            "expressions": expression_block(morph_names, face_node),
        },
        "VRMC_springBone": spring_block(chains, joints, skeleton),
    }
    add_variants(glb, materials, numbers)
    glb.save(path)
    return counts


def look_at(skeleton: Skeleton) -> dict:
    """Eyes turn as bones; 90 degrees of gaze turn an eyeball by no more than these."""
    eyes = (skeleton.positions[skeleton.index("leftEye")] + skeleton.positions[skeleton.index("rightEye")]) / 2
    offset = eyes - skeleton.positions[skeleton.index("head")]
    return {
        "offsetFromHeadBone": offset.round(5).tolist(),
        "type": "bone",
        "rangeMapHorizontalInner": {"inputMaxValue": 90, "outputScale": 24},
        "rangeMapHorizontalOuter": {"inputMaxValue": 90, "outputScale": 28},
        "rangeMapVerticalDown": {"inputMaxValue": 90, "outputScale": 18},
        "rangeMapVerticalUp": {"inputMaxValue": 90, "outputScale": 16},
    }


def add_variants(glb: Glb, materials: list[Material], numbers: dict[str, int]) -> None:
    """KHR_materials_variants: the outfits; the first one is what the materials show by default."""
    names = sorted({name for m in materials for name in m.variants})
    if not names:
        return
    glb.document["extensionsUsed"].append("KHR_materials_variants")
    glb.document["extensions"]["KHR_materials_variants"] = {"variants": [{"name": name} for name in names]}
    for mesh in glb.document["meshes"]:
        for primitive in mesh["primitives"]:
            owner = next(m for m in materials if numbers[m.name] == primitive["material"])
            mappings = [
                {"material": numbers[owner.name] + 1 + i, "variants": [names.index(name)]}
                for i, name in enumerate(owner.variants)
            ]
            if mappings:
                primitive["extensions"] = {"KHR_materials_variants": {"mappings": mappings}}
