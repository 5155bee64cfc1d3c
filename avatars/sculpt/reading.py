"""Reading a GLB back, posed: for previews and checks of what was really written."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TYPES = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass
class Surface:
    """A posed primitive: `positions`, `normals` (n, 3), `uvs` (n, 2), `triangles` (m, 3), its material's index."""

    positions: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    material: int


class Glb:
    """A GLB file whose joints rest without rotation, as `vrm.py` writes it."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        length = struct.unpack_from("<I", data, 12)[0]
        self.document: dict[str, Any] = json.loads(data[20 : 20 + length])
        self.binary = data[20 + length + 8 :]
        self.nodes = self.document["nodes"]
        self.parent = {child: i for i, node in enumerate(self.nodes) for child in node.get("children", [])}
        self.by_name = {node["name"]: i for i, node in enumerate(self.nodes)}

    def view(self, index: int) -> bytes:
        view = self.document["bufferViews"][index]
        start = view.get("byteOffset", 0)
        return self.binary[start : start + view["byteLength"]]

    def accessor(self, index: int) -> np.ndarray:
        """An accessor's values, sparse ones filled in."""
        entry = self.document["accessors"][index]
        width, kind = WIDTHS[entry["type"]], TYPES[entry["componentType"]]
        if "bufferView" in entry:
            values = np.frombuffer(self.view(entry["bufferView"]), kind).reshape(-1, width)[: entry["count"]].copy()
        else:
            values = np.zeros((entry["count"], width), kind)
        if sparse := entry.get("sparse"):
            where = np.frombuffer(self.view(sparse["indices"]["bufferView"]), TYPES[sparse["indices"]["componentType"]])
            values[where] = np.frombuffer(self.view(sparse["values"]["bufferView"]), kind).reshape(-1, width)
        return values

    def world(self, rotations: dict[str, np.ndarray]) -> np.ndarray:
        """(nodes, 4, 4) world matrices with local rotations (3, 3) on the named nodes."""
        world = np.tile(np.eye(4), (len(self.nodes), 1, 1))
        for index in self._top_down():
            local = np.eye(4)
            local[:3, 3] = self.nodes[index].get("translation", (0, 0, 0))
            local[:3, :3] = rotations.get(self.nodes[index]["name"], np.eye(3))
            parent = self.parent.get(index)
            world[index] = local if parent is None else world[parent] @ local
        return world

    def _top_down(self) -> list[int]:
        order = [i for i in range(len(self.nodes)) if i not in self.parent]
        for index in order:
            order.extend(self.nodes[index].get("children", []))
        return order

    def expression(self, name: str, weight: float = 1.0) -> dict[int, float]:
        """Morph weights of a VRM expression, or of a single morph target by its name."""
        names = self.document["meshes"][0]["extras"]["targetNames"]
        if name in names:
            return {names.index(name): weight}
        expressions = self.document["extensions"]["VRMC_vrm"]["expressions"]
        entry = expressions["preset"].get(name) or expressions["custom"][name]
        return {bind["index"]: bind["weight"] * weight for bind in entry["morphTargetBinds"]}

    def surfaces(self, rotations: dict[str, np.ndarray], morphs: dict[int, float]) -> list[Surface]:
        """All primitives, morphed and skinned."""
        world = self.world(rotations)
        out = []
        for node in self.nodes:
            if "mesh" not in node:
                continue
            skin = self.document["skins"][node["skin"]]
            bind = self.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
            palette = world[skin["joints"]] @ bind
            for primitive in self.document["meshes"][node["mesh"]]["primitives"]:
                attributes = primitive["attributes"]
                points = self.accessor(attributes["POSITION"]).astype(float)
                normals = self.accessor(attributes["NORMAL"]).astype(float)
                for index, weight in morphs.items():
                    if primitive.get("targets"):
                        points += weight * self.accessor(primitive["targets"][index]["POSITION"])
                        normals += weight * self.accessor(primitive["targets"][index]["NORMAL"])
                joints = self.accessor(attributes["JOINTS_0"])
                weights = self.accessor(attributes["WEIGHTS_0"])
                matrix = np.einsum("nk,nkab->nab", weights, palette[joints])
                points = np.einsum("nab,nb->na", matrix[:, :3, :3], points) + matrix[:, :3, 3]
                normals = np.einsum("nab,nb->na", matrix[:, :3, :3], normals)
                triangles = self.accessor(primitive["indices"]).reshape(-1, 3).astype(int)
                out.append(
                    Surface(points, normals, self.accessor(attributes["TEXCOORD_0"]), triangles, primitive["material"])
                )
        return out
