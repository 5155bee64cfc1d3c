"""Skinned and morphed vertices of a model, worked out once per picture and read by every pass.

Frames: a model's vertices at rest are in mesh space, the results in world space, metres. Numpy on the stage's
thread: on a processor that also draws, this costs less than the vertex shader would (`experiments/render-cpu.md`),
and the silhouettes need the positions anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from nightcast.gltf.records import F32, Mesh, Model, Primitive

#: A morph weight below this moves nothing that can be seen.
LEAST_WEIGHT = 1e-4


@dataclass(frozen=True, eq=False)
class _Morph:
    """One mesh's targets over one primitive's vertices, which lie at `start` in the moving block."""

    number: int | None  # by which a pose knows the mesh
    rest: F32  # (targets,) weights that the file gives
    start: int
    vertices: NDArray[np.intp]  # (k,) those that any target moves, counted from `start`
    positions: F32  # (targets, k, 3)
    normals: F32  # (targets, k, 3)


class Poser:
    """Poses the moving vertices of one model: those with a skin or with morph targets."""

    def __init__(self, model: Model, parts: list[tuple[int, Mesh, Primitive]]) -> None:
        """`parts` lists (node, mesh, primitive) of everything that moves, in the order of the vertices."""
        nodes: list[int] = []
        binds: list[F32] = []
        first_of_skin: dict[int, int] = {}
        for index, skin in enumerate(model.skins):
            first_of_skin[index] = len(nodes)
            nodes += skin.joints
            binds.append(skin.inverse_bind)
        rows, columns, weights = [], [], []
        self._morphs: list[_Morph] = []
        start = 0
        for node, mesh, primitive in parts:
            count = primitive.vertex_count
            skin_index = model.nodes[node].skin
            vertices = np.arange(start, start + count)
            if skin_index is not None and primitive.joints is not None and primitive.weights is not None:
                rows.append(np.repeat(vertices, 4))
                columns.append(primitive.joints.reshape(-1).astype(np.int64) + first_of_skin[skin_index])
                weights.append(primitive.weights.reshape(-1))
            else:
                rows.append(vertices)
                columns.append(np.full(count, len(nodes)))
                weights.append(np.ones(count, np.float32))
                nodes.append(node)
                binds.append(np.eye(4, dtype=np.float32)[None])
            if primitive.targets:
                self._morphs.append(_gather(model.nodes[node].mesh, mesh, start, primitive))
            start += count
        self.count = start
        self._starts = np.cumsum([0] + [primitive.vertex_count for _, _, primitive in parts[:-1]])
        self._nodes = np.array(nodes, np.intp)
        self._bind = np.concatenate(binds) if binds else np.zeros((0, 4, 4), np.float32)
        self._influence = scipy.sparse.csr_matrix(
            (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
            shape=(start, len(nodes)),
            dtype=np.float32,
        )
        primitives = [primitive for _, _, primitive in parts]
        self._rest = self._positions = np.concatenate([p.positions for p in primitives]).astype(np.float32)
        self._normals = np.concatenate([p.normals for p in primitives]).astype(np.float32)
        blank = np.array([1, 0, 0, 1], np.float32)
        self._tangents = (
            np.concatenate([_or_blank(p.tangents, p.vertex_count, blank) for p in primitives])
            if any(p.tangents is not None for p in primitives)
            else None
        )
        #: Results of the last `pose`: (n, 3), (n, 3) and (n, 4), world space; normals are not normalised.
        self.positions = np.empty_like(self._positions)
        self.normals = np.empty_like(self._normals)
        self.tangents = None if self._tangents is None else self._tangents.copy()
        #: Least and greatest corner of each part's posed positions, (parts, 3).
        self.low = np.zeros((len(parts), 3), np.float32)
        self.high = np.zeros((len(parts), 3), np.float32)

    def reshape(self, shift: F32 | None) -> None:
        """Pose from vertices moved by `shift` (n, 3), in their mesh's own space; None: as the file has them."""
        self._positions = self._rest if shift is None else self._rest + shift

    def pose(self, node_world: F32, world: F32, morph_weights: Mapping[int, F32]) -> None:
        """Fill the results from node matrices (nodes, 4, 4) in model space and the model's place (4, 4)."""
        matrices = (world @ node_world[self._nodes]) @ self._bind
        blended = self._influence @ matrices[:, :3, :].reshape(-1, 12)
        rows = np.ascontiguousarray(blended.T)
        positions, normals = self._morphed(morph_weights)
        x, y, z = np.ascontiguousarray(positions.T)
        for i in range(3):
            a, b, c, d = rows[4 * i : 4 * i + 4]
            self.positions[:, i] = moved = a * x + b * y + c * z + d
            self.low[:, i] = np.minimum.reduceat(moved, self._starts)
            self.high[:, i] = np.maximum.reduceat(moved, self._starts)
        _turn(rows, normals, self.normals)
        if self._tangents is not None and self.tangents is not None:
            _turn(rows, self._tangents, self.tangents)

    def _morphed(self, morph_weights: Mapping[int, F32]) -> tuple[F32, F32]:
        positions, normals = self._positions, self._normals
        copied = False
        for morph in self._morphs:
            weights = morph.rest if morph.number is None else morph_weights.get(morph.number, morph.rest)
            active = np.flatnonzero(np.abs(weights[: len(morph.positions)]) > LEAST_WEIGHT)
            if not len(active):
                continue
            if not copied:
                positions, normals, copied = positions.copy(), normals.copy(), True
            moved, bent = np.zeros_like(morph.positions[0]), np.zeros_like(morph.normals[0])
            for target in active:
                moved += weights[target] * morph.positions[target]
                bent += weights[target] * morph.normals[target]
            positions[morph.start + morph.vertices] += moved
            normals[morph.start + morph.vertices] += bent
        return positions, normals


def _turn(rows: F32, directions: F32, out: F32) -> None:
    """Directions (n, ≥3) by the upper 3×3 of the blended matrices, given as their rows (12, n)."""
    x, y, z = np.ascontiguousarray(directions[:, :3].T)
    for i in range(3):
        a, b, c = rows[4 * i : 4 * i + 3]
        out[:, i] = a * x + b * y + c * z


def _gather(number: int | None, mesh: Mesh, start: int, primitive: Primitive) -> _Morph:
    vertices = np.unique(np.concatenate([target.vertices for target in primitive.targets])).astype(np.intp)
    positions = np.zeros((len(primitive.targets), len(vertices), 3), np.float32)
    normals = np.zeros_like(positions)
    for i, target in enumerate(primitive.targets):
        at = np.searchsorted(vertices, target.vertices)
        positions[i, at] = target.positions
        normals[i, at] = target.normals
    return _Morph(number, mesh.weights, start, vertices, positions, normals)


def _or_blank(values: F32 | None, count: int, blank: F32) -> F32:
    return np.broadcast_to(blank, (count, len(blank))) if values is None else values


def moves(model: Model, node: int, mesh: Mesh) -> bool:
    """Whether the vertices of a node's mesh must be posed, rather than placed by one matrix."""
    return model.nodes[node].skin is not None or any(primitive.targets for primitive in mesh.primitives)
