"""Coarser levels of a model for smaller pictures, as MSFT_lod. `python -m sculpt.levels lan/host.vrm`

A level is other triangles between the same vertices, so morph targets, skins and makeup need nothing further; a file
grows by its index lists alone. How far a level is off counts in metres, and everything that a vertex carries counts: a
texture that slides, a normal that turns and a lip that moves differently are as much of an error as a lost bump.
https://github.com/KhronosGroup/glTF/tree/main/extensions/2.0/Vendor/MSFT_lod
"""

from __future__ import annotations

import argparse
import heapq
from pathlib import Path
from typing import Any

import numpy as np

from . import reading
from .reduce import Surface, border, quadrics
from .vrm import ELEMENT_ARRAY_BUFFER, UINT16, Glb

EXTENSION, COVERAGE = "MSFT_lod", "MSFT_screencoverage"

#: How far each level may be off, in metres.
TOLERANCES_M = (0.00035, 0.00075, 0.0015)

#: How far a level may be off in a picture of 1280×720 pixels.
TOLERANCE_PX, PICTURE_PX = 0.52, 1280 * 720

# How many metres off count the same: a rough surface's normal by one radian, light by all there is, another bone.
NORMAL_M, LIGHT_M, WEIGHT_M = 0.001, 0.005, 0.02
#: Shares of an offset that count: a texture that slides is seen less than an outline; few morphs are at their full
#: weight together.
SLIDE, MORPH = 0.25, 0.3
COMPONENTS = 20  # numbers for all morphs, and for all weights, of a vertex

#: A primitive that keeps more of its triangles than this is not worth a list of its own.
WORTH = 0.95


def compressed(columns: np.ndarray) -> np.ndarray:
    """(n, ≤ COMPONENTS) coordinates that keep the distances between rows (n, many) as well as so few can."""
    u, s, _ = np.linalg.svd(columns - columns.mean(0), full_matrices=False)
    return u[:, :COMPONENTS] * s[:COMPONENTS]


def measures(glb: reading.Glb, primitive: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) positions and (n, d) all that a primitive's vertices carry, in metres of error; positions come first."""
    attributes = {name: glb.accessor(index).astype(float) for name, index in primitive["attributes"].items()}
    positions, uv = attributes["POSITION"], attributes["TEXCOORD_0"]
    triangles = glb.accessor(primitive["indices"]).reshape(-1, 3)
    pbr = glb.document["materials"][primitive["material"]]["pbrMetallicRoughness"]
    sharpness = pbr.get("roughnessFactor", 1.0) ** -2  # the narrower a highlight, the more it jumps
    sides = np.linalg.norm(positions[triangles[:, 1]] - positions[triangles[:, 0]], axis=1)
    uv_sides = np.linalg.norm(uv[triangles[:, 1]] - uv[triangles[:, 0]], axis=1)
    columns = [
        positions,
        attributes["NORMAL"] * NORMAL_M * sharpness,
        uv * np.median(sides / np.maximum(uv_sides, 1e-9)) * SLIDE,
    ]
    if "JOINTS_0" in attributes:
        joints = attributes["JOINTS_0"].astype(int)
        weights = np.zeros((len(positions), joints.max() + 1))
        np.add.at(weights, (np.arange(len(positions))[:, None], joints), attributes["WEIGHTS_0"])
        columns.append(compressed(weights) * WEIGHT_M)
    if "COLOR_0" in attributes:
        columns.append(attributes["COLOR_0"][:, :1] / 255 * LIGHT_M)
    if primitive.get("targets"):
        offsets = [glb.accessor(target["POSITION"]).astype(float) for target in primitive["targets"]]
        columns.append(compressed(np.concatenate(offsets, axis=1)) * MORPH)
    return positions, np.concatenate(columns, axis=1)


class Coarsening:
    """A primitive that loses one place after the other, the one first that is missed least.

    Vertices that share a place, where a seam runs between them, slide together, along the seam.
    """

    def __init__(self, positions: np.ndarray, measured: np.ndarray, triangles: np.ndarray, fixed: np.ndarray) -> None:
        """`positions` (n, 3) and `measured` (n, d) of vertices, `triangles` (k, 3); `fixed` (n,) vertices stay."""
        _, first, place = np.unique(positions.round(6), axis=0, return_index=True, return_inverse=True)
        place = place.ravel()
        self._measured = measured
        self._surface = Surface(positions[first], place[triangles])
        # Of each triangle, which vertex it has at each of its places.
        self._corners = {t: dict(zip(place[c].tolist(), c.tolist(), strict=True)) for t, c in enumerate(triangles)}
        error, size = quadrics(measured, triangles)
        edge_error, edge_size = quadrics(measured, border(triangles))
        self._error, self._size = error + edge_error, size + edge_size
        self._brink, self._held, self._gone = (np.zeros(len(first), bool) for _ in range(3))
        self._brink[border(place[triangles]).ravel()] = True
        self._held[place[fixed]] = True
        self._stamp = [0] * len(first)  # how often the ways of a place were weighed; what older ones say is void
        self._ways: list[tuple[float, int, int, int]] = []
        for v in range(len(first)):
            self._weigh(v)

    def until(self, tolerance_m: float) -> np.ndarray:
        """(k, 3) the triangles that are left when no place can go and be missed by less."""
        while self._ways and self._ways[0][0] < tolerance_m:
            _, stamp, v, n = heapq.heappop(self._ways)
            if stamp == self._stamp[v] and not self._gone[v] and not self._gone[n] and self._surface.allows(v, n):
                self._slide(v, n)
        return np.array([[self._corners[t][v] for v in places] for t, places in self._surface.triangles.items()])

    def _becomes(self, v: int, n: int) -> dict[int, int] | None:
        """Which vertex of `n` each vertex of `v` becomes; None where a seam or a border would be torn."""
        edge = self._surface.between(v, n)
        if self._brink[v] and len(edge) != 1:
            return None
        found: dict[int, int] = {}
        for t in edge:
            corner = self._corners[t]
            if found.setdefault(corner[v], corner[n]) != corner[n]:
                return None
        return found if all(self._corners[t][v] in found for t in self._surface.around[v]) else None

    def _weigh(self, v: int) -> None:
        """Note how far the surface would be off for each way that `v` may go."""
        if self._held[v] or self._gone[v]:
            return
        self._stamp[v] += 1
        for n in self._surface.neighbours(v):
            if (becomes := self._becomes(v, n)) is None:
                continue
            off = 0.0
            for old, new in becomes.items():
                h = np.append(self._measured[new], 1.0)
                off = max(off, h @ self._error[old] @ h / self._size[old])
            heapq.heappush(self._ways, (np.sqrt(off), self._stamp[v], v, n))

    def _slide(self, v: int, n: int) -> None:
        becomes = self._becomes(v, n)
        assert becomes is not None, "it was weighed, and nothing about it changed"
        self._gone[v] = True
        for t in self._surface.around[v]:
            self._corners[t][n] = becomes[self._corners[t].pop(v)]
        for old, new in becomes.items():
            self._error[new] += self._error[old]
            self._size[new] += self._size[old]
        self._surface.slide(v, n)
        for w in {n, *self._surface.neighbours(n)}:
            self._weigh(w)


def shared(places: list[np.ndarray]) -> list[np.ndarray]:
    """For each primitive's positions (n, 3) which lie where another's do, and so must stay for both to meet."""
    owners = np.repeat(np.arange(len(places)), [len(p) for p in places])
    _, place = np.unique(np.concatenate(places).round(5), axis=0, return_inverse=True)
    place = place.ravel()
    low, high = np.full(place.max() + 1, len(places)), np.full(place.max() + 1, -1)
    np.minimum.at(low, place, owners)
    np.maximum.at(high, place, owners)
    return np.split((low != high)[place], np.cumsum([len(p) for p in places])[:-1])


def coverage(points: np.ndarray) -> list[float]:
    """Below which share of a picture, taken by the circle of a node's bounding sphere, each look is to be drawn."""
    radius_m = np.linalg.norm(np.ptp(points, axis=0)) / 2
    shares = [np.pi * (radius_m * TOLERANCE_PX / far) ** 2 / PICTURE_PX for far in TOLERANCES_M]
    return [float(f"{share:.3g}") for share in shares] + [0.0]


def add_levels(path: Path) -> list[int]:
    """Write levels into a file; returns the triangles of all looks. Everything that it held stays where it is."""
    source = reading.Glb(path)
    document = source.document
    if EXTENSION in document.setdefault("extensionsUsed", []):
        raise SystemExit(f"{path} has levels already; take it as it was made")
    out = Glb(document, bytearray(source.binary))
    shown = [node for node in document["nodes"] if "mesh" in node]
    primitives = [document["meshes"][node["mesh"]]["primitives"] for node in shown]
    read = [[measures(source, primitive) for primitive in mesh] for mesh in primitives]
    stays = iter(shared([places for mesh in read for places, _ in mesh]))
    figures = np.zeros(1 + len(TOLERANCES_M), int)
    for node, fine, measured in zip(shown, primitives, read, strict=True):
        looks: list[list[dict[str, Any]]] = [[] for _ in TOLERANCES_M]
        for primitive, (places, carried) in zip(fine, measured, strict=True):
            triangles = source.accessor(primitive["indices"]).reshape(-1, 3).astype(int)
            last, indices = len(triangles), primitive["indices"]
            figures[0] += last
            coarsening = Coarsening(places, carried, triangles, next(stays))
            for level, tolerance_m in enumerate(TOLERANCES_M):
                coarse = coarsening.until(tolerance_m)
                if len(coarse) < WORTH * last:
                    last = len(coarse)
                    flat = coarse.astype("<u2").ravel()
                    indices = out.accessor(flat, UINT16, "SCALAR", ELEMENT_ARRAY_BUFFER)
                figures[1 + level] += last
                looks[level].append(primitive | {"indices": indices})
        ids = []
        mesh = document["meshes"][node["mesh"]]
        for level, look in enumerate(looks, 1):
            name = f"{mesh['name']} level {level}"
            number = out.append("meshes", mesh | {"name": name, "primitives": look})
            place = {key: value for key, value in node.items() if key not in ("children", "extensions", "extras")}
            ids.append(out.append("nodes", place | {"name": name, "mesh": number}))
        shares = coverage(np.concatenate([places for places, _ in measured]))
        node["extensions"] = node.get("extensions", {}) | {EXTENSION: {"ids": ids}}
        node["extras"] = node.get("extras", {}) | {COVERAGE: shares}
    document["extensionsUsed"].append(EXTENSION)
    out.save(path)
    return figures.tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    for path in parser.parse_args().files:
        print(path, "triangles", *add_levels(path), "bytes", path.stat().st_size)


if __name__ == "__main__":
    main()
