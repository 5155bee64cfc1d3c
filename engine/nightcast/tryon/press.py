"""Makes room under what is worn: hair under a hat, a foot in a shoe, is pressed inside of it.

The product is taken as star-shaped about a point inside of it: its inner radius is known for each direction. Host
space of the T-pose, metres. No GL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.records import F32, Model
from nightcast.host.surface import strongest_nodes
from nightcast.tryon.product import F64, pieces_of
from nightcast.tryon.wearer import Wearer

__all__ = ["Fate", "Pressed", "press"]

#: For each (node, primitive of its mesh) the shift (n, 3) of its vertices, in the mesh's own space.
Pressed = dict[tuple[int, int], F32]

#: A piece of the body's mesh is pressed where it is in the way, sunk into the opening as a whole, falls over it, or
#: stays.
Fate = Literal["press", "sink", "over", "stay"]

_AROUND, _ABOVE = 48, 24
#: A gap in a wall, in directions round about, that counts as a slit and not as its edge.
_NARROW = _AROUND // 4
_CLEAR_M = 0.005
_OVER_M = 0.003  #: cloth lies so far outside of what it falls over
#: Vertices are pressed by this share near the opening, so that what comes out of it bends softly.
_SOFT_M = 0.02


def press(
    wearer: Wearer,
    nodes: set[int],
    shell: F64,
    middle: F64,
    up: F64,
    *,
    fate: Callable[[F64], Fate] = lambda _piece: "press",
    closed: bool = False,
    clear_m: float = _CLEAR_M,
) -> Pressed:
    """Move the vertices that `nodes` carry inside of `shell` (n, 3), points of the product's surface.

    `middle` (3,) lies inside of the product, `up` (3,) is the way from its opening to its closed end (a hat's crown).
    `fate` says what becomes of a connected piece (n, 3) of the body's mesh. A `closed` product holds back what is under
    its slits and eyelets too. What is pressed lies `clear_m` inside of the shell.
    """
    inner, outer = _radii(shell - middle)
    outer = _rounded(outer)
    if closed:
        inner = _filled(inner)
    rim = float(np.quantile((shell - middle) @ up, 0.02))
    world = wearer.rig.rest_world
    moved: Pressed = {}
    for node, index, points, owners, matrices in _vertices(wearer, world.astype(np.float32)):
        mine = np.isin(owners, sorted(nodes))
        if not mine.any():
            continue
        fates = _fates(wearer.rig.model, node, index, points, fate)
        away = points - middle
        # What is sunk goes as deep as the opening first.
        sunk = np.where(fates == "sink", np.maximum(rim + _SOFT_M - away @ up, 0.0), 0.0)
        away = away + sunk[:, None] * up
        radius = np.linalg.norm(away, axis=1)
        bins = _bins(away)
        limit = inner[bins] - clear_m
        inside = mine & np.isin(fates, ("press", "sink")) & np.isfinite(limit) & (radius > limit) & (limit > 0.005)
        share = np.clip((away @ up - rim) / _SOFT_M + 0.5, 0.0, 1.0)
        step = np.where(inside, share * (np.nan_to_num(limit, posinf=0.0) / np.maximum(radius, 1e-9) - 1.0), 0.0)
        over = mine & (fates == "over")
        step = np.where(over, _widened(over, away, outer) / np.maximum(radius, 1e-9), step)
        shift = away * step[:, None] + np.where(mine, sunk, 0.0)[:, None] * up
        if shift.any():
            moved[node, index] = np.einsum("nij,nj->ni", np.linalg.inv(matrices[:, :3, :3]), shift).astype(np.float32)
    return moved


def _fates(model: Model, node: int, index: int, points: F64, fate: Callable[[F64], Fate]) -> NDArray[np.str_]:
    """(n,) what becomes of each vertex: its piece's, where pieces are told apart by the triangles that join them."""
    mesh = model.nodes[node].mesh
    assert mesh is not None
    pieces = pieces_of(points, model.meshes[mesh].primitives[index].indices)
    fates = np.empty(len(points), "<U5")
    for piece in np.unique(pieces):
        fates[pieces == piece] = fate(points[pieces == piece])
    return fates


def _filled(inner: F64) -> F64:
    """Directions without a wall get that of their neighbours round about, where the gap between these is narrow."""
    rows = inner.reshape(_ABOVE, _AROUND).copy()
    for row in rows:
        known = np.flatnonzero(np.isfinite(row))
        if not len(known):
            continue
        filled = np.interp(np.arange(_AROUND), known, row[known], period=_AROUND)
        for start, end in zip(known, np.append(known[1:], known[0] + _AROUND), strict=True):
            if end - start <= _NARROW:
                gap = np.arange(start, end) % _AROUND
                row[gap] = filled[gap]
    whole: F64 = rows.reshape(-1)
    return whole


def _places(away: F64) -> F64:
    """(2, n) where each direction (n, 3) lies in the grid of those that are told apart: row and column, with shares."""
    radius = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    around = np.arctan2(away[:, 0], away[:, 2]) / (2 * np.pi) + 0.5
    above = np.arccos(np.clip(away[:, 1] / radius, -1, 1)) / np.pi
    return np.stack([above * _ABOVE, around * _AROUND])


def _bins(away: F64) -> NDArray[np.intp]:
    """The number of each direction (n, 3) among those that are told apart."""
    row, column = np.minimum(_places(away).astype(np.intp), [[_ABOVE - 1], [_AROUND - 1]])
    bins: NDArray[np.intp] = row * _AROUND + column
    return bins


def _radii(shell: F64) -> tuple[F64, F64]:
    """(directions,) how far the product's inside and its outside are; infinite and zero where it has an opening."""
    inner, outer = np.full(_AROUND * _ABOVE, np.inf), np.zeros(_AROUND * _ABOVE)
    bins, radius = _bins(shell), np.linalg.norm(shell, axis=1)
    np.minimum.at(inner, bins, radius)
    np.maximum.at(outer, bins, radius)
    return inner, outer


def _rounded(outer: F64) -> F64:
    """An outside as cloth lies over it: without its edges, tabs and gaps."""
    from scipy import ndimage

    rows = outer.reshape(_ABOVE, _AROUND)
    highest = ndimage.maximum_filter(rows, size=3, mode=("nearest", "wrap"))
    soft: F64 = np.maximum(ndimage.uniform_filter(highest, size=3, mode=("nearest", "wrap")), rows).reshape(-1)
    return soft


def _widened(over: NDArray[np.bool_], away: F64, outer: F64) -> F64:
    """(n,) how far cloth goes outwards where the product is in its way: as far as what is about it, inside and outside
    alike, so that a hem keeps its thickness and falls in one curve.
    """
    from scipy import ndimage

    needed, bins = np.zeros(_AROUND * _ABOVE), _bins(away)
    met = over & (outer[bins] > 0)
    np.maximum.at(needed, bins[met], outer[bins[met]] + _OVER_M - np.linalg.norm(away[met], axis=1))
    rows = ndimage.maximum_filter(needed.reshape(_ABOVE, _AROUND), size=(5, 7), mode=("nearest", "wrap"))
    soft = ndimage.gaussian_filter(rows, 1.5, mode=("nearest", "wrap"))
    wide: F64 = ndimage.map_coordinates(soft, _places(away) - 0.5, order=1, mode="grid-wrap")
    return wide


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
