"""Small GLB files made from numpy, so that no test needs a binary file."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}


class GlbBuilder:
    """Collects accessors and JSON; `save` writes the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blob = bytearray()
        self.document: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "accessors": [],
            "bufferViews": [],
            "meshes": [],
            "nodes": [],
        }

    def view(self, data: bytes, **extra: Any) -> int:
        self.blob += b"\0" * (-len(self.blob) % 4)
        view = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data), **extra}
        self.document["bufferViews"].append(view)
        self.blob += data
        return len(self.document["bufferViews"]) - 1

    def accessor(self, values: Any, dtype: str = "f4", **extra: Any) -> int:
        array = np.asarray(values, dtype="<" + dtype)
        array = array.reshape(len(array), -1)
        return self.accessor_on(self.view(array.tobytes()), len(array), array.shape[1], dtype, **extra)

    def accessor_on(self, view: int | None, count: int, width: int, dtype: str = "f4", **extra: Any) -> int:
        entry = {"componentType": _COMPONENTS[dtype], "count": count, "type": _TYPES[width], **extra}
        if view is not None:
            entry["bufferView"] = view
        self.document["accessors"].append(entry)
        return len(self.document["accessors"]) - 1

    def triangle(self, **primitive: Any) -> None:
        """A node with a mesh of one triangle."""
        position = self.accessor([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
        attributes = {"POSITION": position, **primitive.pop("attributes", {})}
        self.document["meshes"].append({"primitives": [{"attributes": attributes, **primitive}]})
        self.document["nodes"].append({"mesh": len(self.document["meshes"]) - 1})

    def to_bytes(self) -> bytes:
        document = {**self.document, "buffers": [{"byteLength": len(self.blob)}]}
        text = json.dumps(document).encode()
        text += b" " * (-len(text) % 4)
        blob = bytes(self.blob) + b"\0" * (-len(self.blob) % 4)
        head = struct.pack("<III", 0x46546C67, 2, 12 + 8 + len(text) + 8 + len(blob))
        return (
            head + struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(blob), 0x004E4942) + blob
        )

    def save(self, name: str = "model.glb") -> Path:
        path = self.folder / name
        path.write_bytes(self.to_bytes())
        return path


@pytest.fixture
def glb(tmp_path: Path) -> GlbBuilder:
    return GlbBuilder(tmp_path)


@pytest.fixture(scope="session")
def sample() -> Any:
    """Path of a sample file, or skip."""

    def find(name: str) -> Path:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"sample {name} is not here")
        return path

    return find


@pytest.fixture(scope="session")
def rich_glb(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A GLB that uses most of what the reader knows: skin, sparse, targets, material, animation, VRM."""
    glb = GlbBuilder(tmp_path_factory.mktemp("rich"))
    document = glb.document
    where = glb.view(np.array([1], "<u2").tobytes())
    what = glb.view(np.array([0, 0, 1], "<f4").tobytes())
    sparse = {
        "count": 1,
        "indices": {"bufferView": where, "componentType": 5123},
        "values": {"bufferView": what},
    }
    target = glb.accessor_on(None, 3, 3, sparse=sparse)
    glb.triangle(
        attributes={
            "TEXCOORD_0": glb.accessor([[0, 0], [255, 0], [0, 255]], "u1", normalized=True),
            "JOINTS_0": glb.accessor([[0, 0, 0, 0]] * 3, "u1"),
            "WEIGHTS_0": glb.accessor([[1, 0, 0, 0]] * 3),
        },
        indices=glb.accessor([0, 1, 2], "u2"),
        material=0,
        targets=[{"POSITION": target}],
    )
    document["meshes"][0]["extras"] = {"targetNames": ["smile"]}
    document["materials"] = [
        {"name": "skin", "normalTexture": {"index": 0}, "extensions": {"VRMC_materials_mtoon": {}}}
    ]
    document["textures"] = [{"source": 0, "sampler": 0}]
    document["samplers"] = [{"wrapS": 33071}]
    document["images"] = [{"bufferView": glb.view(b"not looked at"), "mimeType": "image/png"}]
    document["skins"] = [{"joints": [1, 2], "inverseBindMatrices": glb.accessor([np.eye(4).ravel()] * 2)}]
    document["nodes"][0]["skin"] = 0
    document["nodes"] += [{"name": "hips", "children": [2]}, {"name": "head", "translation": [0, 1, 0]}]
    document["animations"] = [
        {
            "channels": [{"sampler": 0, "target": {"node": 2, "path": "rotation"}}],
            "samplers": [{"input": glb.accessor([0, 1]), "output": glb.accessor([[0, 0, 0, 1]] * 2)}],
        }
    ]
    document["extensions"] = {
        "VRMC_vrm": {
            "meta": {"name": "tiny"},
            "humanoid": {"humanBones": {"hips": {"node": 1}, "head": {"node": 2}}},
            "expressions": {"preset": {"happy": {"morphTargetBinds": [{"node": 0, "index": 0, "weight": 1}]}}},
        },
        "VRMC_springBone": {
            "colliders": [{"node": 1, "shape": {"sphere": {"radius": 0.1}}}],
            "colliderGroups": [{"colliders": [0]}],
            "springs": [{"joints": [{"node": 1}, {"node": 2}], "colliderGroups": [0]}],
        },
    }
    return glb.to_bytes()
