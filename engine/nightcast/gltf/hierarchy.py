"""World matrices of a scene graph, level by level in numpy. No state but the order of the nodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, Model, Node, Primitive


def local_matrices(translation: F32, rotation: F32, scale: F32) -> F32:
    """(n, 4, 4) from (n, 3) translations, (n, 4) unit quaternions xyzw and (n, 3) scales."""
    x, y, z, w = rotation.T
    matrix = np.zeros((len(translation), 4, 4), np.float32)
    matrix[:, 0, 0] = 1 - 2 * (y * y + z * z)
    matrix[:, 0, 1] = 2 * (x * y - z * w)
    matrix[:, 0, 2] = 2 * (x * z + y * w)
    matrix[:, 1, 0] = 2 * (x * y + z * w)
    matrix[:, 1, 1] = 1 - 2 * (x * x + z * z)
    matrix[:, 1, 2] = 2 * (y * z - x * w)
    matrix[:, 2, 0] = 2 * (x * z - y * w)
    matrix[:, 2, 1] = 2 * (y * z + x * w)
    matrix[:, 2, 2] = 1 - 2 * (x * x + y * y)
    matrix[:, :3, :3] *= scale[:, None, :]
    matrix[:, :3, 3] = translation
    matrix[:, 3, 3] = 1
    return matrix


class Hierarchy:
    """The order in which parents come before children, as one index array per level."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        depth = np.full(len(nodes), -1, np.intp)
        for i in range(len(nodes)):
            above: list[int] = []  # up to a node whose depth is known
            node: int | None = i
            while node is not None and depth[node] < 0:
                above.append(node)
                node = nodes[node].parent
            known = -1 if node is None else int(depth[node])
            for number, below in enumerate(reversed(above), known + 1):
                depth[below] = number
        self.parents = np.array([-1 if node.parent is None else node.parent for node in nodes], np.intp)
        order = np.argsort(depth, kind="stable")
        deepest = int(depth.max()) if len(nodes) else 0
        self.levels = tuple(np.split(order, np.searchsorted(depth[order], np.arange(1, deepest + 1))))

    def world(self, local: F32) -> F32:
        """World matrices (n, 4, 4) from local ones (n, 4, 4)."""
        world = local.copy()
        self.carry(world, local, self.levels[1:])
        return world

    def carry(self, world: F32, local: F32, levels: Sequence[NDArray[np.intp]]) -> None:
        """Write the world matrices of the nodes in `levels`, parents before children."""
        for level in levels:
            parents = self.parents[level]
            world[level] = local[level] if parents[0] < 0 else world[parents] @ local[level]

    def below(self, nodes: NDArray[np.intp]) -> tuple[NDArray[np.intp], ...]:
        """These nodes and all that hangs on them, as levels for `carry`."""
        moved = np.zeros(len(self.parents), bool)
        moved[nodes] = True
        for level in self.levels[1:]:
            moved[level] |= moved[self.parents[level]]
        return tuple(part for level in self.levels if len(part := level[moved[level]]))


def rest_world(model: Model) -> F32:
    """World matrices (n, 4, 4) of the model as the file poses it."""
    if not model.nodes:
        return np.zeros((0, 4, 4), np.float32)
    translation, rotation, scale = (
        np.stack([getattr(node, part) for node in model.nodes]) for part in ("translation", "rotation", "scale")
    )
    return Hierarchy(model.nodes).world(local_matrices(translation, rotation, scale))


def posed_positions(model: Model, world: F32, node: int, primitive: Primitive) -> F32:
    """World positions (n, 3) of a primitive that hangs on `node`, skinned where the node has a skin."""
    owner = model.nodes[node]
    if owner.skin is None or primitive.joints is None or primitive.weights is None:
        return primitive.positions @ world[node, :3, :3].T + world[node, :3, 3]
    skin = model.skins[owner.skin]
    matrices = world[list(skin.joints)] @ skin.inverse_bind
    moved = np.zeros_like(primitive.positions)
    for k in range(4):
        matrix = matrices[primitive.joints[:, k]]
        point = np.einsum("nij,nj->ni", matrix[:, :3, :3], primitive.positions) + matrix[:, :3, 3]
        moved += primitive.weights[:, k : k + 1] * point
    return moved


def rest_bounds(model: Model) -> tuple[F32, F32]:
    """Least and greatest corner (3,), (3,) of all vertices at rest; zeros for a model that draws nothing."""
    world = rest_world(model)
    clouds = [
        posed_positions(model, world, i, primitive)
        for i, node in enumerate(model.nodes)
        if node.mesh is not None
        for primitive in model.meshes[node.mesh].primitives
        if primitive.vertex_count
    ]
    if not clouds:
        return np.zeros(3, np.float32), np.zeros(3, np.float32)
    points = np.concatenate(clouds)
    return points.min(axis=0), points.max(axis=0)
