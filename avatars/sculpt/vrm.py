"""Parts, skeleton and textures into one VRM 1.0 file (a GLB), written by hand.

Meshes: `Face` (all primitives that morph) and `Body` (all that do not), skinned to one skeleton whose joints rest
without rotation. Morph targets are sparse accessors. Specifications: https://registry.khronos.org/glTF/specs/2.0 and
https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm-1.0.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .part import Part, vertex_normals
from .skeleton import Skeleton

FLOAT, UINT8, UINT16, UINT32 = 5126, 5121, 5123, 5125
CLAMP_TO_EDGE, REPEAT = 33071, 10497
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
STILL_M = 6e-5  # a morph offset below this cannot be seen, and is not stored
STILL_TURN = 0.04  # nor can a change of a normal below this


@dataclass
class Material:
    """A PBR material; `image` and `orm` (occlusion, roughness, metal) are encoded picture bytes."""

    name: str
    image: bytes | None = None
    orm: bytes | None = None
    normal: bytes | None = None
    color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    roughness: float = 0.6
    metallic: float = 0.0
    alpha: str = "OPAQUE"
    double_sided: bool = False
    tiles: bool = False  # its pictures go on beyond their edges; others end there
    variants: dict[str, bytes] = field(default_factory=dict)  # KHR_materials_variants: name to base colour image


@dataclass
class Glb:
    """A glTF document under construction with its binary buffer."""

    document: dict[str, Any] = field(
        default_factory=lambda: {"asset": {"version": "2.0", "generator": "Nightcast sculpt"}}
    )
    buffer: bytearray = field(default_factory=bytearray)

    def append(self, kind: str, entry: dict[str, Any]) -> int:
        self.document.setdefault(kind, []).append(entry)
        return len(self.document[kind]) - 1

    def view(self, data: bytes, target: int | None = None) -> int:
        self.buffer.extend(b"\0" * (-len(self.buffer) % 4))
        entry = {"buffer": 0, "byteOffset": len(self.buffer), "byteLength": len(data)}
        self.buffer.extend(data)
        return self.append("bufferViews", entry | ({"target": target} if target else {}))

    def accessor(
        self,
        array: np.ndarray,
        component: int,
        kind: str,
        target: int | None = None,
        bounds: bool = False,
        normalized: bool = False,
    ) -> int:
        entry: dict[str, Any] = {
            "bufferView": self.view(array.tobytes(), target),
            "componentType": component,
            "count": len(array),
            "type": kind,
        }
        if bounds:
            entry |= {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        if normalized:
            entry["normalized"] = True
        return self.append("accessors", entry)

    def sparse(self, offsets: np.ndarray, moving: np.ndarray, bounds: bool) -> int:
        """(n, 3) offsets of which only the rows `moving` are stored."""
        index = np.flatnonzero(moving).astype("<u2")
        if len(index) == 0:
            index = np.zeros(1, "<u2")
        values = offsets[index].astype("<f4")
        entry: dict[str, Any] = {
            "componentType": FLOAT,
            "count": len(offsets),
            "type": "VEC3",
            "sparse": {
                "count": len(index),
                "indices": {"bufferView": self.view(index.tobytes()), "componentType": UINT16},
                "values": {"bufferView": self.view(values.tobytes())},
            },
        }
        if bounds:
            zero = np.zeros((1, 3), "<f4")
            both = np.concatenate([values, zero])
            entry |= {"min": both.min(0).tolist(), "max": both.max(0).tolist()}
        return self.append("accessors", entry)

    def texture(self, data: bytes, name: str, tiles: bool) -> int:
        mime = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        image = self.append("images", {"name": name, "mimeType": mime, "bufferView": self.view(data)})
        if "samplers" not in self.document:
            for wrap in (CLAMP_TO_EDGE, REPEAT):
                self.append("samplers", {"magFilter": 9729, "minFilter": 9987, "wrapS": wrap, "wrapT": wrap})
        return self.append("textures", {"source": image, "sampler": int(tiles)})

    def save(self, path: Path) -> None:
        self.document["buffers"] = [{"byteLength": len(self.buffer)}]
        text = json.dumps(self.document, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 4)
        binary = bytes(self.buffer) + b"\0" * (-len(self.buffer) % 4)
        total = 12 + 8 + len(text) + 8 + len(binary)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.write(struct.pack("<4sII", b"glTF", 2, total))
            out.write(struct.pack("<I4s", len(text), b"JSON") + text)
            out.write(struct.pack("<I4s", len(binary), b"BIN\0") + binary)


def add_material(glb: Glb, material: Material) -> int:
    """Write a material; its variants, if any, follow it directly."""
    pbr: dict[str, Any] = {
        "baseColorFactor": list(material.color),
        "roughnessFactor": material.roughness,
        "metallicFactor": material.metallic,
    }
    entry: dict[str, Any] = {"name": material.name, "pbrMetallicRoughness": pbr}
    if material.image:
        pbr["baseColorTexture"] = {"index": glb.texture(material.image, f"{material.name}_color", material.tiles)}
    if material.orm:
        orm = glb.texture(material.orm, f"{material.name}_orm", material.tiles)
        pbr |= {"metallicRoughnessTexture": {"index": orm}, "roughnessFactor": 1.0, "metallicFactor": 1.0}
        entry["occlusionTexture"] = {"index": orm}
    if material.normal:
        entry["normalTexture"] = {"index": glb.texture(material.normal, f"{material.name}_normal", material.tiles)}
    if material.alpha != "OPAQUE":
        entry["alphaMode"] = material.alpha
    if material.double_sided:
        entry["doubleSided"] = True
    index = glb.append("materials", entry)
    for name, image in material.variants.items():
        texture = {"index": glb.texture(image, f"{material.name}_{name}", material.tiles)}
        glb.append(
            "materials",
            entry | {"name": f"{material.name}_{name}", "pbrMetallicRoughness": pbr | {"baseColorTexture": texture}},
        )
    return index


def add_skeleton(glb: Glb, skeleton: Skeleton, anchors: dict[str, tuple[str, np.ndarray]]) -> list[int]:
    """Write joints and anchors (name to parent joint and place) as nodes; returns the joints' node indices."""
    nodes: list[int] = []
    for index, name in enumerate(skeleton.names):
        parent = skeleton.parents[index]
        origin = skeleton.positions[parent] if parent >= 0 else np.zeros(3)
        offset = (skeleton.positions[index] - origin).round(6).tolist()
        node = glb.append("nodes", {"name": name, "translation": offset})
        nodes.append(node)
        if parent >= 0:
            glb.document["nodes"][nodes[parent]].setdefault("children", []).append(node)
    for name, (bone, place) in anchors.items():
        parent = skeleton.index(bone)
        offset = (place - skeleton.positions[parent]).round(6).tolist()
        node = glb.append("nodes", {"name": name, "translation": offset})
        glb.document["nodes"][nodes[parent]].setdefault("children", []).append(node)
    return nodes


def add_primitive(glb: Glb, part: Part, material: int, morph_names: list[str]) -> dict[str, Any]:
    """One primitive with the named morph targets."""
    normals = part.normals if part.normals is not None else vertex_normals(part.positions, part.triangles, part.weld)
    joints, weights = four_strongest(part.weights)
    attributes = {
        "POSITION": glb.accessor(part.positions.astype("<f4"), FLOAT, "VEC3", ARRAY_BUFFER, bounds=True),
        "NORMAL": glb.accessor(normals.astype("<f4"), FLOAT, "VEC3", ARRAY_BUFFER),
        "TEXCOORD_0": glb.accessor(part.uvs.astype("<f4"), FLOAT, "VEC2", ARRAY_BUFFER),
        "JOINTS_0": glb.accessor(joints, UINT8, "VEC4", ARRAY_BUFFER),
        "WEIGHTS_0": glb.accessor(weights.astype("<f4"), FLOAT, "VEC4", ARRAY_BUFFER),
    }
    if part.light is not None:
        grey = np.repeat((np.clip(part.light, 0, 1) * 255 + 0.5).astype("u1")[:, None], 4, 1)
        grey[:, 3] = 255
        attributes["COLOR_0"] = glb.accessor(grey, UINT8, "VEC4", ARRAY_BUFFER, normalized=True)
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": glb.accessor(part.triangles.astype("<u2").ravel(), UINT16, "SCALAR", ELEMENT_ARRAY_BUFFER),
        "material": material,
    }
    if morph_names:
        primitive["targets"] = []
        for name in morph_names:
            offset = part.morphs.get(name, np.zeros_like(part.positions))
            turn = part.turns.get(name, np.zeros_like(part.positions))
            moving = np.linalg.norm(offset, axis=1) > STILL_M
            turning = np.linalg.norm(turn, axis=1) > STILL_TURN
            target = {"POSITION": glb.sparse(offset, moving, bounds=True), "NORMAL": glb.sparse(turn, turning, False)}
            primitive["targets"].append(target)
    return primitive


def four_strongest(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) joints and weights, normalised, of (n, J) dense weights."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(weights, joints, 1).astype("<f4")
    kept[kept < 1e-3] = 0
    kept /= kept.sum(1, keepdims=True)
    joints = np.where(kept > 0, joints, 0)
    return joints.astype("u1"), kept
