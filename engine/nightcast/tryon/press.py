"""Makes room under what is worn: hair under a hat, a foot in a shoe, is pressed inside of it.

The product is taken as star-shaped about a point inside of it: its inner radius is known for each direction. Host
space of the T-pose, metres. No GL.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.records import F32, Model
from nightcast.host.surface import strongest_nodes
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Pressed", "press"]

#: For each (node, primitive of its mesh) the shift (n, 3) of its vertices, in the mesh's own space.
Pressed = dict[tuple[int, int], F32]

_AROUND, _ABOVE = 48, 24
_CLEAR_M = 0.003
#: Vertices are pressed by this share near the opening, so that what comes out of it bends softly.
_SOFT_M = 0.02


def press(wearer: Wearer, nodes: set[int], shell: F64, middle: F64, up: F64) -> Pressed:
    """Move the vertices that `nodes` carry inside of `shell` (n, 3), points of the product's surface.

    `middle` (3,) lies inside of the product, `up` (3,) is the way from its opening to its closed end (a hat's crown).
    """
    inner = _inner_radius(shell - middle)
    rim = float(np.quantile((shell - middle) @ up, 0.02))
    world = wearer.rig.rest_world
    moved: Pressed = {}
    for node, index, points, owners, matrices in _vertices(wearer, world.astype(np.float32)):
        away = points - middle
        radius = np.linalg.norm(away, axis=1)
        limit = inner[_bins(away)] - _CLEAR_M
        inside = np.isin(owners, sorted(nodes)) & np.isfinite(limit) & (radius > limit) & (limit > 0.005)
        share = np.clip((away @ up - rim) / _SOFT_M + 0.5, 0.0, 1.0)
        step = np.where(inside, share * (np.nan_to_num(limit, posinf=0.0) / np.maximum(radius, 1e-9) - 1.0), 0.0)
        if not step.any():
            continue
        shift = away * step[:, None]
        moved[node, index] = np.einsum("nij,nj->ni", np.linalg.inv(matrices[:, :3, :3]), shift).astype(np.float32)
    return moved


def _bins(away: F64) -> NDArray[np.intp]:
    """The number of each direction (n, 3) among those that are told apart."""
    radius = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    around = np.arctan2(away[:, 0], away[:, 2]) / (2 * np.pi) + 0.5
    above = np.arccos(np.clip(away[:, 1] / radius, -1, 1)) / np.pi
    column = np.minimum((around * _AROUND).astype(np.intp), _AROUND - 1)
    row = np.minimum((above * _ABOVE).astype(np.intp), _ABOVE - 1)
    bins: NDArray[np.intp] = row * _AROUND + column
    return bins


def _inner_radius(shell: F64) -> F64:
    """(directions,) how far the product's inside is; infinite where it has an opening."""
    radius = np.full(_AROUND * _ABOVE, np.inf)
    np.minimum.at(radius, _bins(shell), np.linalg.norm(shell, axis=1))
    return radius


def _vertices(wearer: Wearer, world: F32) -> Iterable[tuple[int, int, F64, NDArray[np.intp], F64]]:
    """Node, primitive, places (n, 3), owners (n,) and matrices from the mesh's own space (n, 4, 4)."""
    model: Model = wearer.rig.model
    for i, node in enumerate(model.nodes):
        if node.mesh is None:
            continue
        for k, primitive in enumerate(model.meshes[node.mesh].primitives):
            points = posed_positions(model, world, i, primitive).astype(np.float64)
            owners = strongest_nodes(model, i, primitive)
            if node.skin is None or primitive.joints is None:
                matrices = np.broadcast_to(world[i].astype(np.float64), (len(points), 4, 4))
            else:
                skin = model.skins[node.skin]
                by_joint = world[list(skin.joints)].astype(np.float64) @ skin.inverse_bind
                rows = np.zeros(len(model.nodes), np.intp)
                rows[list(skin.joints)] = np.arange(len(skin.joints))
                matrices = by_joint[rows[owners]]
            yield i, k, points, owners, matrices
