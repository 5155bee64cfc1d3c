"""The lines along which a picture must be smoothed, for all models in it (see `topology`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import IDENTITY, Item
from nightcast.stage.frame import Instance
from nightcast.stage.topology import facing, on_screen


def visible_lines(items: Sequence[Item], clip: F32, shows_inside: Callable[[Item], bool]) -> F32:
    """(2n, 3) world positions of the ends of the edges that are seen, of all solid parts.

    `clip` is (4, 4) world to clip space, upside down (y grows downward); `shows_inside` says of a two-sided part
    whether its back faces are drawn.
    """
    by_model: dict[Instance, list[Item]] = {}
    for item in items:
        if not item.surface.look.blended and item.instance.kind != "occluder":
            by_model.setdefault(item.instance, []).append(item)
    found = [np.zeros((0, 3), np.float32)]
    for shown in by_model.values():
        geometry = shown[0].geometry
        topology = geometry.topology
        if not len(topology.edges):
            continue
        matrix = shown[0].matrix
        positions = geometry.positions
        if any(item.matrix is not matrix for item in shown):
            positions, matrix = placed(positions, shown), IDENTITY
        front = facing(on_screen(positions, clip @ matrix), topology.corners)
        drawn, two_sided = np.zeros((2, len(topology.faces)), bool)
        for item in shown:
            faces = slice(item.part.first // 3, (item.part.first + item.part.count) // 3)
            drawn[faces] = True
            two_sided[faces] = item.surface.record.double_sided and shows_inside(item)
            if item.mirrored:
                front[faces] = ~front[faces]
        seen = topology.seen(front, geometry.positions, both_sides=two_sided[topology.left])
        ends = topology.edges.take(seen[drawn[topology.left[seen]]], axis=0)
        found.append(positions.take(ends.reshape(-1), axis=0) @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(found)


def beside(lines: F32, clip: F32, at: float, *, left: bool) -> F32:
    """Those of `lines` (2n, 3) that lie on one side of a vertical line, `at` a share of the picture's width."""
    ends = lines @ clip[[0, 3], :3].T + clip[[0, 3], 3]
    across = (ends[:, 0] / np.maximum(ends[:, 1], 1e-6) * 0.5 + 0.5).reshape(-1, 2)
    kept = (across < at).all(axis=1) if left else (across >= at).all(axis=1)
    found: F32 = lines.reshape(-1, 2, 3)[kept].reshape(-1, 3)
    return found


def placed(positions: F32, items: Sequence[Item]) -> F32:
    """Positions (n, 3) with the vertices of parts that do not move brought to world space."""
    still = [item for item in items if not item.part.moving]
    if not still:
        return positions
    out = positions.copy()
    for item in still:
        vertices = slice(item.part.base, item.part.base + item.part.primitive.vertex_count)
        out[vertices] = positions[vertices] @ item.matrix[:3, :3].T + item.matrix[:3, 3]
    return out
